"""What the breakers count in the base, what a pause stops, and how it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from sender import ledger
from sender.ledger import UNPACED, Lane, NotOpened, Opened, Pace, Reason, Run, State, Wanted
from sender.ledger.parking import PAUSED
from sender.ledger.pauses import sender_refused
from sender.model import Answer, LetterState, Outcome, Sums
from sender.rates import Limits
from sender.store import Store
from sender.store.schema import attempts, letters, suppressions
from tests.databases import overheard
from tests.unit.ledger.scene import (
    ACCEPTED,
    BOUNCED,
    DEFERRED,
    REFUSED,
    SEND,
    UNKNOWN,
    Scene,
    contact_id,
    die,
    domain,
    lives_at,
)

OTHER = Answer(Outcome.REFUSED, 550, "5.2.1", "mailbox disabled", "RCPT")


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    """Six people at each of four domains."""
    made = Scene.make(store, tmp_path / "state", audience=24)
    for which, name in enumerate(("a.example", "b.example", "c.example", "d.example")):
        lives_at(made, name, range(which * 6, which * 6 + 6))
    return made


def reasons(scene: Scene) -> list[tuple[str | None, Reason]]:
    with scene.store.read() as connection:
        return [(one.domain, one.reason) for one in ledger.pauses_of(connection, scene.campaign)]


def opened(scene: Scene, run: Run, numbers: range) -> list[Opened]:
    """The letters of these people alone are on the wire; the run's other claims go back."""
    claims = scene.claim(run)
    wanted = {contact_id(number) for number in numbers}
    with scene.store.write() as connection:
        ledger.release(connection, [one for one in claims if one.contact not in wanted])
    return scene.open(run, tuple(sorted((one for one in claims if one.contact in wanted), key=lambda one: one.contact)))


def answer(scene: Scene, run: Run, numbers: range, *answers: Answer) -> None:
    """One commit with an answer to each of them, in their order."""
    closings = [ledger.Closing(one, said) for one, said in zip(opened(scene, run, numbers), answers, strict=True)]
    with scene.store.write() as connection:
        ledger.close_attempts(connection, closings, scene.now)


def lift(scene: Scene, name: str | None = None, pace: Pace = UNPACED) -> bool:
    with scene.store.write() as connection:
        named, word = domain(name) if name else None, "talked to them"
        return bool(ledger.lift(connection, scene.campaign, named, scene.now, by="jane", why=word, pace=pace))


def test_three_noes_in_a_row_pause_their_domain_and_no_other(scene: Scene) -> None:
    """What waits for it stays waiting and is claimed by nobody; nobody is suppressed."""
    run = scene.start()
    answer(scene, run, range(2), REFUSED, REFUSED)
    before = reasons(scene)
    answer(scene, run, range(2, 3), REFUSED)

    assert (before, reasons(scene)) == ([], [("a.example", Reason.IN_A_ROW)])
    assert {one.contact for one in scene.claim(run)} == {contact_id(number) for number in range(6, 24)}
    assert scene.sums() == Sums(refused=3, waiting=21)
    with scene.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(suppressions)).scalar_one() == 0


@pytest.mark.parametrize(
    ("between", "expected"),
    [(ACCEPTED, []), (OTHER, [Reason.IN_A_ROW]), (DEFERRED, [Reason.IN_A_ROW]), (UNKNOWN, [Reason.IN_A_ROW])],
)
@pytest.mark.parametrize("commits", [1, 4])
def test_only_a_mail_that_is_taken_ends_the_row(
    scene: Scene, between: Answer, expected: list[Reason], commits: int
) -> None:
    """Whether the answers come in one commit or one by one."""
    run, said = scene.start(), (REFUSED, REFUSED, between, REFUSED)
    if commits == 1:
        answer(scene, run, range(4), *said)
    else:
        for number, one in enumerate(said):
            answer(scene, run, range(number, number + 1), one)

    assert [why for _, why in reasons(scene)] == expected


def test_a_mail_taken_by_another_domain_does_not_end_the_row(scene: Scene) -> None:
    run = scene.start()
    answer(scene, run, range(4, 8), REFUSED, REFUSED, ACCEPTED, ACCEPTED)
    answer(scene, run, range(3, 4), REFUSED)

    assert reasons(scene) == [("a.example", Reason.IN_A_ROW)]


def test_one_per_cent_of_a_domain_pauses_it(store: Store, tmp_path: Path) -> None:
    """The mails before the first refusal count, and those between the first and the second."""
    scene = Scene.make(store, tmp_path / "state", audience=260)
    lives_at(scene, "a.example", range(260))
    run = scene.start()
    for start in (0, 100):
        answer(scene, run, range(start, start + 100), *[ACCEPTED] * 100)
    answer(scene, run, range(200, 201), REFUSED)  # 1 of 201
    first = reasons(scene)
    answer(scene, run, range(201, 202), REFUSED)  # 2 of 202
    second = reasons(scene)
    answer(scene, run, range(202, 240), *[ACCEPTED] * 38)
    assert (first, second) == ([], [])
    answer(scene, run, range(240, 241), REFUSED)  # 3 of 241

    assert reasons(scene) == [("a.example", Reason.SHARE)]
    with store.read() as connection:
        (pause,) = ledger.pauses_of(connection, scene.campaign)
    assert (pause.events, pause.mails, pause.enhanced) == (3, 241, "5.7.1")


def test_a_claimed_letter_is_not_opened_past_the_pause(scene: Scene) -> None:
    """It goes back and waits; letters already on the wire are settled as usual."""
    run = scene.start()
    claims = sorted(scene.claim(run), key=lambda one: one.contact)
    flying = scene.open(run, tuple(claims[:4]))
    scene.close(flying[:3], REFUSED)

    with scene.store.write() as connection:
        wanted = [Wanted(one, f"<{one.contact}@example.org>") for one in claims[4:8]]
        results = ledger.open_attempts(connection, scene.state, wanted, scene.now)
    scene.close(flying[3:], ACCEPTED)

    assert [one.why if isinstance(one, NotOpened) else "" for one in results] == ["paused", "paused", "", ""]
    assert scene.sums() == Sums(accepted=1, refused=3, sending=2, waiting=18)


def test_the_third_domain_pauses_the_campaign(scene: Scene) -> None:
    """Nothing of it is claimed or opened any more, by this run or the next."""
    run = scene.start()
    for start in (0, 6):
        answer(scene, run, range(start, start + 3), *[REFUSED] * 3)
    claims = tuple(one for one in scene.claim(run) if one.contact >= contact_id(12))
    last = scene.open(run, claims[:3])
    scene.close([one for one in last if one.claim.contact < contact_id(18)], REFUSED)

    assert [why for _, why in reasons(scene)] == [Reason.DOMAINS, *[Reason.IN_A_ROW] * 3]
    assert reasons(scene)[0][0] is None
    assert scene.open(run, claims[3:]) == []
    assert scene.claim(run) == ()
    die(run)
    assert scene.claim(scene.start()) == ()


def test_a_no_to_the_sender_pauses_the_campaign(scene: Scene) -> None:
    """The letter was not judged: it waits as before. A login that is asked for is no judgement."""
    run = scene.start()
    flying = scene.open(run, scene.claim(run, 2))
    with scene.store.write() as connection:
        ledger.give_back(connection, flying[:1], scene.now, Answer(Outcome.REFUSED, 550, "5.1.8", stage="mail"))
    before = reasons(scene)
    with scene.store.write() as connection:
        ledger.give_back(connection, flying[1:], scene.now, Answer(Outcome.REFUSED, 550, "5.7.1", stage="mail"))

    assert (before, reasons(scene)) == ([], [(None, Reason.SENDER)])
    assert scene.sums() == Sums(waiting=24)
    assert scene.claim(run) == ()


def test_bounces_stop_the_campaign_once_500_mails_are_out(store: Store, tmp_path: Path) -> None:
    """10 of 500; at 9 of 499 and at 10 of 499 not yet. The addresses are suppressed all the same."""
    scene = Scene.make(store, tmp_path / "state", audience=510)
    run = scene.start()
    for count, said in ((9, BOUNCED), (489, ACCEPTED), (1, BOUNCED)):
        scene.send(run, said, count)
    before = reasons(scene)
    scene.send(run, BOUNCED, 1)

    assert (before, reasons(scene)) == ([], [(None, Reason.BOUNCES)])
    assert scene.claim(run) == ()
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(suppressions)).scalar_one() == 11


def test_complaints_that_come_back_stop_the_campaign(store: Store, tmp_path: Path) -> None:
    """Two are chance, the third is not."""
    scene = Scene.make(store, tmp_path / "state", audience=502)
    run = scene.start()
    scene.send(run, ACCEPTED, 250)
    scene.send(run, ACCEPTED, 250)
    found = []
    for _ in range(3):
        with store.write() as connection:
            ledger.count_return(connection, scene.campaign, complaint=True, now=scene.now)
        found.append([why for _, why in reasons(scene)])

    assert found == [[], [], [Reason.COMPLAINTS]]


def test_after_a_lift_the_rest_goes_out_and_counts_begin_anew(scene: Scene) -> None:
    """Two more noes do not trip it, a third does; a letter that was deferred keeps its time."""
    run = scene.start()
    answer(scene, run, range(1), DEFERRED)
    answer(scene, run, range(1, 4), *[REFUSED] * 3)
    scene.later(minutes=10)
    assert len(scene.claim(run)) == 18
    assert not lift(scene, "b.example")
    assert lift(scene, "a.example")
    assert not lift(scene)

    assert scene.claim(run) == ()  # they are met, and put where they wait for their turn
    asked = []
    for expected in ([], [], [("a.example", Reason.IN_A_ROW)]):
        scene.later(minutes=1)
        asked += scene.send(run, REFUSED)
        assert reasons(scene) == expected
    assert {one.claim.contact for one in asked} == {contact_id(number) for number in (0, 4, 5)}


@pytest.mark.parametrize("minutes", [0.1, 600])
@pytest.mark.parametrize("lanes", [(), ("a.example", "b.example")], ids=["a domain", "a provider's"])
def test_after_a_lift_a_domain_gets_one_mail_at_a_time_for_a_while(
    scene: Scene, minutes: float, lanes: tuple[str, ...]
) -> None:
    """From the first one on, however late that goes: few are on the wire should its receiver say no again."""
    scene.pace = Pace((Lane("provider", Limits(), frozenset(map(domain, lanes))),) if lanes else ())
    run = scene.start()
    answer(scene, run, range(3), *[REFUSED] * 3)
    scene.send(run, ACCEPTED)
    assert lift(scene, pace=scene.pace)

    scene.claim(run)  # they are met, and put where they wait for their turn
    scene.later(minutes=minutes)
    first = scene.open(run, scene.claim(run))
    scene.later(minutes=0.1)
    meanwhile = scene.claim(run)
    scene.close(first, ACCEPTED)
    scene.later(minutes=6)

    assert (len(first), meanwhile) == (1, ())
    assert len(scene.claim(run)) == 2


def test_lifts_one_after_the_other_do_not_add_up(scene: Scene) -> None:
    """A domain is no slower for having been lifted three times."""
    run = scene.start()
    answer(scene, run, range(3), *[REFUSED] * 3)
    for _ in range(3):
        assert lift(scene)
        with scene.store.write() as connection:
            sender_refused(connection, scene.campaign, "5.7.1", scene.now)
    assert lift(scene)
    run = scene.start()
    scene.claim(run)

    with scene.store.read() as connection:
        assert [str(one.limits) for one in ledger.in_lanes(connection, scene.campaign, scene.now)] == [
            "1/second 1 at once"
        ]


def test_a_lift_of_the_campaign_lifts_its_domains_and_counts_only_new_mails(store: Store, tmp_path: Path) -> None:
    scene = Scene.make(store, tmp_path / "state", audience=1010)
    run = scene.start()
    scene.send(run, BOUNCED, 20)
    for _ in range(5):
        scene.send(run, ACCEPTED)
    scene.send(run, BOUNCED, 1)
    assert [why for _, why in reasons(scene)] == [Reason.BOUNCES]

    assert lift(scene)
    scene.send(run, BOUNCED, 3)

    assert reasons(scene) == []
    assert [entry for entry in kinds(scene) if entry in {"paused", "resumed"}] == ["paused", "resumed"]


def kinds(scene: Scene) -> list[str]:
    from sender.store.schema import journal

    with scene.store.read() as connection:
        return list(connection.execute(select(journal.c.kind).order_by(journal.c.seq)).scalars())


def test_letters_put_aside_come_back_for_who_has_another_domain_now(scene: Scene) -> None:
    """At the next run; those of the paused domain stay aside, and one that the file drops is withdrawn."""
    run = scene.start()
    answer(scene, run, range(3), *[REFUSED] * 3)
    scene.claim(run)
    lives_at(scene, "b.example", range(3, 4))
    scene.read_audience({number: SEND for number in range(24) if number != 4})
    die(run)

    assert contact_id(3) in {one.contact for one in scene.claim(scene.start())}
    with scene.store.read() as connection:
        aside = select(letters.c.contact_id).where(letters.c.claimed_by == PAUSED)
        assert connection.execute(aside).scalars().all() == [contact_id(5)]
        gone = select(letters.c.state).where(letters.c.contact_id == contact_id(4))
        assert connection.execute(gone).scalar_one() == LetterState.WITHDRAWN


def test_a_second_process_sees_the_pause(scene: Scene, tmp_path: Path) -> None:
    """Letters that another machine had claimed are not opened, and are counted together with this one's."""
    there = Scene(scene.store, State(tmp_path / "there"), scene.campaign)
    one, other = scene.start(), there.start()
    answer(scene, one, range(2), REFUSED, REFUSED)
    claims = there.claim(other)
    mine = tuple(each for each in claims if each.contact in {contact_id(2), contact_id(3)})
    there.close(there.open(other, mine[:1]), REFUSED)

    assert reasons(scene) == [("a.example", Reason.IN_A_ROW)]
    assert there.open(other, mine[1:]) == []
    assert there.open(other, tuple(each for each in claims if each.contact == contact_id(9))) != []


def test_a_pause_is_in_the_commit_of_the_answer_that_tripped_it(scene: Scene) -> None:
    """Undone together, there together."""
    run = scene.start()
    flying = opened(scene, run, range(3))

    def lost() -> None:
        with scene.store.write() as connection:
            ledger.close_attempts(connection, [ledger.Closing(each, REFUSED) for each in flying], scene.now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        lost()

    assert (reasons(scene), scene.sums().sending) == ([], 3)
    scene.close(flying, REFUSED)
    assert len(reasons(scene)) == 1


@pytest.mark.parametrize("answered", [1, 20])
def test_where_nothing_fails_counting_is_one_statement_a_commit(scene: Scene, answered: int) -> None:
    """However many letters the commit holds."""
    run = scene.start()
    flying = scene.open(run, scene.claim(run, answered))
    said = overheard(scene.store)
    scene.close(flying, ACCEPTED)

    (asked,) = [each for each in said if "troubles" in each or "pauses" in each]
    assert asked.startswith("SELECT")
    with scene.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(attempts)).scalar_one() == answered
