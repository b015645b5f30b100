"""A campaign whose audience is selected in the base."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from datetime import date
from pathlib import Path

import pytest
from smtp_script import CLOSE, ScriptedRelay, at
from sqlalchemy import update

from sender import contacts, ledger, pipeline
from sender.address import parse
from sender.cli import wiring
from sender.delivery import RelayAccess, Timeouts
from sender.errors import InputError
from sender.functions import match
from sender.model import (
    CompanyForm,
    Consent,
    Contact,
    ContactId,
    Notice,
    Provenance,
    Selection,
    SourceKind,
    Sums,
)
from sender.record import Words
from sender.settings import load
from sender.steps.house import House
from sender.store import schema

ROOT = Path(__file__).parents[2]
Relays = Callable[..., AbstractAsyncContextManager[ScriptedRelay]]
FAIR = Provenance(
    SourceKind.TRADE_SHOW, "Salon 2026", date(2026, 3, 12), Notice(True, "2026-01", date(2026, 3, 12), True)
)


def someone(number: int, title: str = "DPO", country: str = "FR", topics: tuple[str, ...] = ()) -> Contact:
    return Contact(
        ContactId(""),
        parse(f"p{number}@firm{number}.example"),
        first_name="Ana",
        last_name=f"Roy {number}",
        company=f"Firm {number}",
        legal_form="SAS",
        form=CompanyForm.LEGAL_PERSON,
        title=title,
        country=country,
        provenance=FAIR,
        topics=topics,
        more={"effectif": "12"},
    )


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A base of ten who are selected, and of three who are not."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, tmp_path / "project" / name, ignore=shutil.ignore_patterns("practice*", "*.db*"))
    with wiring.opened(load(tmp_path / "project" / "campaigns"), practice=False, create=True) as opened:
        people = [someone(number) for number in range(10)]
        people += [someone(10, title="Boulanger"), someone(11, country="BE"), someone(12, topics=("paie",))]
        with opened.store.write() as connection:
            contacts.upsert(connection, people, hash_of=opened.hash_of, now=opened.now())
        select_in(opened, "functions: [data_protection], countries: [FR], not_mailed_since: 90d")
        yield opened


def select_in(house: House, selection: str, name: str = "spring-2026") -> Path:
    text = (ROOT / "campaigns" / "spring.yaml").read_text(encoding="utf-8")
    before, after = text.index("audience:"), text.index("basis:")
    text = f"{text[:before]}audience:\n  select: {{{selection}}}\n{text[after:]}".replace("spring-2026", name)
    path = house.project / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def planned(house: House, name: str = "spring-2026") -> tuple[pipeline.Brief, pipeline.Planned]:
    brief = pipeline.read(house.project / f"{name}.yaml")
    return brief, pipeline.plan(house, brief, reserved_allowed=True)


async def sent(house: House, relay: ScriptedRelay, name: str = "spring-2026") -> Sums:
    brief, plan = planned(house, name)
    access = RelayAccess("127.0.0.1", relay.port, tls="none", timeouts=Timeouts(command=5, data=5, content=5, dot=5))
    return (await pipeline.send(house, brief, plan, access, stop=asyncio.Event())).sums


async def test_who_had_this_campaign_neither_leaves_it_nor_gets_it_again(house: House, scripted_relay: Relays) -> None:
    """``not_mailed_since`` means other campaigns: the second run finds all eleven, and they are done."""
    async with scripted_relay() as relay:
        first = await sent(house, relay)
        second = await sent(house, relay)
        taken = len(relay.taken)

    assert first.accepted == first.audience == taken == 11
    assert second == first
    assert planned(house)[1].plan.already == 11


async def test_who_had_another_campaign_is_left_out(house: House, scripted_relay: Relays) -> None:
    """That is what the period is for; its letters of the new campaign do not exist."""
    other = select_in(house, "topics: [paie]", "summer-2026")
    other.write_text(other.read_text(encoding="utf-8").replace("Audit", "Grand audit"), encoding="utf-8")
    async with scripted_relay() as relay:
        assert (await sent(house, relay, "summer-2026")).accepted == 1
        assert (await sent(house, relay)).audience == 10


async def test_sums_stay_right_when_the_relay_dies_on_the_way(house: House, scripted_relay: Relays) -> None:
    """What was on the wire is unknown, the others get it in the next run, nobody twice."""
    async with scripted_relay(at("dot", CLOSE, 4)) as relay:
        with suppress(Exception):
            await sent(house, relay)
        sums = await sent(house, relay)
        recipients = list(relay.taken)

    assert sums.audience == sums.accepted + sums.unknown == 11
    assert sums.withdrawn == 0
    assert len(set(recipients)) == len(recipients)


def test_who_no_longer_meets_the_selection_is_withdrawn(house: House) -> None:
    """Before a letter was tried; the contact keeps its id and comes back under it."""
    _, plan = planned(house)
    with house.store.write() as connection:
        moved = schema.contacts.c.email_key == "p3@firm3.example"
        connection.execute(update(schema.contacts).where(moved).values(country="BE"))
    planned(house)
    with house.store.read() as connection:
        sums = ledger.sums(connection, plan.campaign_id)
    assert (sums.waiting, sums.withdrawn) == (10, 1)

    with house.store.write() as connection:
        connection.execute(update(schema.contacts).where(moved).values(country="FR"))
    planned(house)
    with house.store.read() as connection:
        assert ledger.sums(connection, plan.campaign_id) == Sums(waiting=11)


def test_a_selection_that_meets_nobody_says_so(house: House) -> None:
    """Not an empty plan that looks like success."""
    select_in(house, "topics: [pay]")
    _, plan = planned(house)

    assert plan.plan.reading.notes == (Words(house.settings.language)("audience.nobody"),)
    assert plan.plan.to_send == 0


def test_practice_says_whose_mails_it_counts(house: House) -> None:
    """It does not know what really went out; the selection of practice may be larger."""
    brief = pipeline.read(house.project / "spring-2026.yaml")
    with wiring.opened(house.settings, practice=True, create=True) as practice:
        told = pipeline.check(practice, brief, reserved_allowed=True).reading.notes

    assert Words(house.settings.language)("audience.practice") in told
    assert pipeline.check(house, brief, reserved_allowed=True).reading.notes == ()


def test_contacts_are_told_by_the_newest_word_on_their_consent(house: House) -> None:
    """Given, withdrawn or none; a consent to tracking is none to mail, and one given again counts."""
    record, now = ledger.journal.append, house.now()
    with house.store.write() as connection:
        known = (contacts.by_email(connection, parse(f"p{number}@firm{number}.example")) for number in range(4))
        gave, took_back, again, tracked = filter(None, known)
        for one in (gave, took_back, again):
            contacts.grant(connection, one.id, Consent(date(2026, 3, 12), "1"), record=record, now=now)
        for one in (took_back, again):
            contacts.withdraw(connection, one.id, on=date(2026, 3, 13), record=record, now=now)
        contacts.grant(connection, again.id, Consent(date(2026, 3, 14), "1"), record=record, now=now)
        contacts.grant(connection, tracked.id, Consent(date(2026, 3, 14), scope="tracking"), record=record, now=now)

    def found(consent: str) -> set[str]:
        chosen = contacts.selected(house.store, Selection(consent=consent), matcher=match, now=now)
        return {one.id for one in chosen}

    with house.store.read() as connection:
        everybody = {one.id for one in contacts.walk(connection)}
    assert found("given") == {gave.id, again.id}
    assert found("withdrawn") == {took_back.id}
    assert found("none") == everybody - {gave.id, again.id, took_back.id}


@pytest.mark.parametrize(
    ("audience", "code"),
    [
        ("select: {function: [legal]}", "SC-210"),
        ("select: {functions: [legl]}", "SC-218"),
        ("select: {countries: [France]}", "SC-227"),
        ("select: {not_mailed_since: 90 jours}", "SC-231"),
        ("{contacts: spring-contacts.csv, select: {functions: [legal]}}", "SC-232"),
        ("{select: {functions: [legal]}, country: FR}", "SC-232"),
        ("{}", "SC-211"),
    ],
)
def test_a_selection_that_cannot_be_meant_is_refused_with_its_place(house: House, audience: str, code: str) -> None:
    """File, line and column, as everywhere in a campaign file."""
    path = select_in(house, "")
    text = path.read_text(encoding="utf-8")
    block = f"audience: {audience}" if audience.startswith("{") else f"audience:\n  {audience}"
    path.write_text(text.replace("audience:\n  select: {}", block), encoding="utf-8")

    with pytest.raises(InputError) as caught:
        pipeline.read(path)
    assert [each.code for each in caught.value.complaints] == [code]
    assert all(each.place and each.place.line for each in caught.value.complaints)
