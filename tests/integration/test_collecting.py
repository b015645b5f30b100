"""What comes back takes effect, on both data bases; what is forged, repeated or not ours changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from sender import contacts, feedback, ledger
from sender.address import parse
from sender.feedback import Kind, Mailbox
from sender.ledger import Closing, Opened, Wanted, journal
from sender.links import Purpose, sign
from sender.model import Answer, Contact, ContactId
from sender.steps import erasure
from sender.steps.collecting import Collected, collect, counted_by_hand, understood_alone
from sender.steps.house import House
from sender.store.schema import returns
from tests.databases import NOW, new_house
from tests.unit.feedback.samples import answer, complaint, failed, letter, mail
from tests.unit.ledger.scene import ACCEPTED, SEND, UNKNOWN

MAELLE, BORIS = parse("maelle@querouail.example"), parse("boris@martin.example")


@pytest.fixture
def house(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with new_house(store_url, tmp_path, monkeypatch) as opened:
        people = [Contact(ContactId(""), one) for one in (MAELLE, BORIS)]
        with opened.store.write() as connection:
            contacts.upsert(connection, people, hash_of=opened.hash_of, now=NOW)
        yield opened


def contact(house: House, address: object = MAELLE) -> Contact:
    with house.store.read() as connection:
        found = contacts.by_email(connection, address)  # type: ignore[arg-type]
    assert found is not None
    return found


def sent(house: House, campaign: str = "spring", answer: Answer = ACCEPTED) -> str:
    """A campaign to Maëlle; the Message-ID of her letter."""
    who, name = contact(house), f"<{campaign}-{'4f' * 14}@eluard.example>"
    with house.store.write() as connection:
        found = ledger.identify(connection, campaign, Path(f"/c/{campaign}.yaml"), {"offer": campaign}, NOW)
        reading = ledger.begin_reading(connection, found.id)
        ledger.enrol(connection, found.id, reading, [(who.id, SEND)])
    run = ledger.start(house.store, house.state, found.id, NOW)
    with house.store.write() as connection:
        claims = ledger.claim(connection, found.id, run.id, 10, NOW)
        opened = ledger.open_attempts(connection, house.state, [Wanted(one, name) for one in claims], NOW)
        run.opened_more(len(opened))
        ledger.close_attempts(connection, [Closing(one, answer) for one in opened if isinstance(one, Opened)], NOW)
    ledger.end(house.store, house.state, run, NOW)
    return name


def about(name: str, raw: bytes) -> bytes:
    """A sample that names this letter."""
    return raw.replace(f"<{'4f' * 16}@eluard.example>".encode(), name.encode())


def stops(house: House, address: object = MAELLE) -> list[str]:
    with house.store.read() as connection:
        return [stop.reason for stop in contacts.stops_of(connection, contact(house, address).id) if stop.in_force]


def token(house: House, address: object = MAELLE) -> str:
    who = contact(house, address)
    return sign(house.keys.ring, Purpose.OBJECT, who.id, house.hash_of(who.email))


def test_the_token_names_the_person_and_not_the_sender(house: House) -> None:
    """The mail comes from somebody else, as a forwarded one does; in the file apart, too, and journalled once."""
    raw = mail("", Subject=f"unsubscribe {token(house)}", From=str(BORIS))

    for _ in range(2):
        result = understood_alone(house, raw)
        assert (result.done[Kind.UNSUBSCRIBE], result.left) == (1, 0)

    assert (stops(house), stops(house, BORIS)) == (["objected"], [])
    assert house.hash_of(MAELLE).hex() in (house.state.folder / "objections").read_text()
    with house.store.read() as connection:
        assert len(list(journal.entries(connection, "objection"))) == 1
        assert journal.verify(connection, house.state.head()) is None


def test_a_forged_token_changes_nothing(house: House) -> None:
    """A person is to look at it."""
    good = token(house)
    forged = good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1]

    result = understood_alone(house, mail("", Subject=f"unsubscribe {forged}"))

    assert (result.left, result.suppressed, stops(house)) == (1, 0, [])
    assert not (house.state.folder / "objections").exists()


@pytest.mark.parametrize(
    ("raw", "reason", "kind"),
    [
        (answer("STOP"), "objected", None),
        (complaint(), "complained", "complaint"),
        (failed("5.1.1", "550 5.1.1 unknown"), "bounced", "hard"),
        (failed("5.2.2", "552 5.2.2 full"), None, "soft"),
        (failed("4.4.1", action="delayed"), None, None),
    ],
)
def test_what_names_a_letter_is_about_its_person(
    house: House, raw: bytes, reason: str | None, kind: str | None
) -> None:
    """Twice over it is one entry; the letter stays accepted."""
    name = sent(house)
    for _ in range(2):
        assert understood_alone(house, about(name, raw)).left == 0

    with house.store.read() as connection:
        rows = connection.execute(select(returns.c.kind)).scalars().all()
        assert ledger.mails_of(connection, contact(house).id) == (("spring", "accepted"),)
    assert (stops(house), rows) == ([reason] if reason else [], [kind] if kind else [])
    assert stops(house, BORIS) == []


@pytest.mark.parametrize("raw", [answer("STOP"), complaint(), failed("5.1.1")])
def test_addresses_in_words_count_for_nothing(house: House, raw: bytes) -> None:
    """A report that names Maëlle and a letter that was never sent is left for a person."""
    sent(house)

    result = understood_alone(house, raw + str(MAELLE).encode())

    assert (result.left, stops(house)) == (1, [])


def test_soft_bounces_of_three_campaigns_are_a_hard_one(house: House) -> None:
    """Several of one campaign are one."""
    full, after = failed("5.2.2", "552 5.2.2 full"), []
    for campaign in ("one", "two", "three"):
        name = sent(house, campaign)
        for _ in range(3):
            understood_alone(house, about(name, full))
        after.append(stops(house))

    assert after == [[], [], ["bounced"]]


@pytest.mark.parametrize("raw", [failed("5.1.1"), failed("4.4.1", action="delayed"), complaint()])
def test_a_report_settles_an_unknown_letter(house: House, raw: bytes) -> None:
    """Who reports on it has it from the relay."""
    name = sent(house, answer=UNKNOWN)

    result = understood_alone(house, about(name, raw))

    with house.store.read() as connection:
        assert ledger.mails_of(connection, contact(house).id) == (("spring", "accepted"),)
    assert result.settled == 1


def test_a_bounce_belongs_to_the_address_that_was_written_to(house: House) -> None:
    """It was corrected since: the new one lives."""
    name = sent(house)
    before = contact(house)
    with house.store.write() as connection:
        after = contacts.corrected(before, {"email": "maelle@new.example"})
        record = journal.append
        contacts.rectify(connection, before, after, hash_of=house.hash_of, record=record, now=NOW + timedelta(days=1))

    understood_alone(house, about(name, failed("5.1.1")))

    assert stops(house) == []
    with house.store.read() as connection:
        assert contacts.lookup(connection, [house.hash_of(MAELLE)])[house.hash_of(MAELLE)].reason == "bounced"


def test_what_comes_back_for_an_erased_person_brings_nobody_back(house: House) -> None:
    name = sent(house)
    erasure.erase(house, erasure.foresee(house, MAELLE))

    result = understood_alone(house, about(name, complaint()))

    assert result.left == 0
    with house.store.read() as connection:
        assert contacts.by_email(connection, MAELLE) is None


# --- mailboxes


def maildir(folder: Path, *mails: bytes) -> Mailbox:
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(mails):
        (folder / "new" / f"{number:04}.host").write_bytes(raw)
    return Mailbox(f"maildir:{folder}", str(folder))


def read(house: House, mailbox: Mailbox) -> Collected:
    result = Collected()
    with feedback.opened(mailbox, lambda: "") as mails:
        collect(house, mails, result)
    return result


def names(mailbox: Mailbox) -> list[str]:
    return sorted(f"{path.parent.name}/{path.name}" for path in Path(mailbox.folder).rglob("*.host*"))


def test_mails_that_were_dealt_with_are_seen_and_the_others_are_not(house: House, tmp_path: Path) -> None:
    """A second reading finds only what a person is to read."""
    question = answer("Quel est votre tarif ?")
    stop = mail("", Subject=f"unsubscribe {token(house)}")
    box = maildir(tmp_path / "stop", stop, question, stop)

    first, second = read(house, box), read(house, box)

    assert (first.done[Kind.UNSUBSCRIBE], first.left) == (2, 1)
    assert (second.mails, second.left) == (1, 1)
    assert names(box) == ["cur/0000.host:2,S", "cur/0002.host:2,S", "new/0001.host"]


def test_a_reading_that_ends_before_the_mails_are_marked_is_done_again(house: House, tmp_path: Path) -> None:
    """The objection is in force from the first time, and stands once."""
    box = maildir(tmp_path / "stop", mail("", Subject=f"unsubscribe {token(house)}"))
    with feedback.opened(box, lambda: "") as mails, pytest.raises(KeyboardInterrupt):
        collect(house, [feedback.Found(one.raw, _killed) for one in mails], Collected())

    assert stops(house) == ["objected"]
    assert read(house, box).done[Kind.UNSUBSCRIBE] == 1


def _killed() -> None:
    raise KeyboardInterrupt


def test_thousands_of_mails_are_read_batch_by_batch(house: House, tmp_path: Path) -> None:
    """Each in force; a large letter behind a report is not read to its end."""
    name = sent(house)
    large = about(name, failed("5.1.1", kind="message/rfc822", returned=f"{letter()}\n" + "x" * 3_000_000))
    stop = mail("", Subject=f"unsubscribe {token(house, BORIS)}")
    box = maildir(tmp_path / "stop", *[stop] * 250, large)

    result = read(house, box)

    assert (result.done[Kind.UNSUBSCRIBE], result.done[Kind.HARD], result.left) == (250, 1, 0)
    assert (stops(house), stops(house, BORIS)) == (["bounced"], ["objected"])


def test_complaints_and_bounces_stop_the_campaign_they_are_about(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, by report or by hand; a bounce that may pass is none."""
    monkeypatch.setattr("sender.ledger.breakers.MAILS", 1)
    monkeypatch.setattr("sender.ledger.breakers.EVENTS", 2)
    name, who, result = sent(house), contact(house).id, Collected()

    def by_hand(kind: Kind) -> bool:
        with house.store.write() as connection:
            return counted_by_hand(connection, who, kind, NOW)

    for raw in (failed(status="4.2.2"), complaint(), complaint()):
        collect(house, [feedback.Found(about(name, raw), lambda: None)], result)
    assert (result.stopped, by_hand(Kind.COMPLAINT), by_hand(Kind.HARD)) == (0, False, False)
    with house.store.write() as connection:
        spring = ledger.campaign_id_of(connection, "spring")
        stopped = ledger.count_return(connection, spring, complaint=False, now=NOW)
        (pause,) = ledger.pauses_of(connection, spring)

    assert (stopped, pause.domain, pause.reason, pause.events) == (True, None, ledger.Reason.BOUNCES, 2)
