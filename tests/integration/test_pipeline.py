"""Plan and send in one process, against relays that misbehave: what the ledger says is what the relay took."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from smtp_script import CLOSE, ScriptedRelay, at
from sqlalchemy import select

from sender import ledger, pipeline
from sender.cli import wiring
from sender.delivery import RelayAccess, RelayRefusesSender, Timeouts
from sender.errors import Unreachable
from sender.model import Sums
from sender.preflight import Level
from sender.settings import Nameserver, ScannerUrl, load
from sender.steps import judging
from sender.steps.house import House
from sender.steps.preflight import preflight
from sender.store.schema import runs
from tests.name_server import name_server
from tests.project import in_thread

ROOT = Path(__file__).parents[2]
Relays = Callable[..., AbstractAsyncContextManager[ScriptedRelay]]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    for name in ("campaigns", "templates"):
        ignored = shutil.ignore_patterns("practice*", "*.db*", "*.log")
        shutil.copytree(ROOT / name, tmp_path / "project" / name, ignore=ignored)
    with wiring.opened(load(tmp_path / "project" / "campaigns"), practice=False, create=True) as opened:
        yield opened


async def sent(house: House, relay: ScriptedRelay, connections: int = 3) -> tuple[Sums, int]:
    brief = pipeline.read(house.project / "spring.yaml")
    planned = pipeline.plan(house, brief, reserved_allowed=True)
    access = RelayAccess("127.0.0.1", relay.port, tls="none", timeouts=Timeouts(command=5, data=5, content=5, dot=5))
    settled = house.settings.model_copy(update={"connections": connections})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sender.delivery.patience.SECONDS", 0.1)
        summary = await pipeline.send(replace(house, settings=settled), brief, planned, access, stop=asyncio.Event())
    return summary.sums, planned.campaign_id


def sums_now(house: House) -> Sums:
    with house.store.read() as connection:
        return ledger.standings(connection)[0].sums


@pytest.mark.parametrize("answer", [b"550 5.1.8 not you\r\n", b"530 5.7.0 log in first\r\n"])
async def test_what_was_answered_before_a_fatal_refusal_stays_written_down(
    house: House, scripted_relay: Relays, answer: bytes
) -> None:
    """The relay refuses our sender at the twentieth letter: the answers of all before are in the ledger."""
    async with scripted_relay(at("mail", answer, 20)) as relay:
        with pytest.raises(RelayRefusesSender):
            await sent(house, relay)

    sums = sums_now(house)
    assert sums.accepted == len(relay.taken) >= 15
    assert sums.unknown == sums.refused == sums.deferred == sums.sending == 0
    assert sums.waiting == 41 - sums.accepted


@pytest.mark.parametrize("point", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize(
    "deed", [b"451 4.3.0 later\r\n", b"554 5.0.0 no\r\n", b"421 4.3.2 going\r\n", CLOSE, b"grmbl\r\n"]
)
async def test_the_ledger_says_what_the_relay_took(
    house: House, scripted_relay: Relays, point: str, deed: bytes
) -> None:
    """One misbehaviour at one point of some letters; then the campaign is run again against a relay in good order."""
    async with scripted_relay(at(point, deed, 3, 11, 12, 13)) as relay:
        with suppress(RelayRefusesSender, Unreachable):
            await sent(house, relay)
    first = sums_now(house)
    assert first.audience == 58
    assert first.accepted == len(relay.taken)
    assert first.unknown == len(set(relay.can_have_taken) - set(relay.taken))

    later = replace(house, now=lambda: house.now() + timedelta(hours=1))
    async with scripted_relay() as calm:
        again, _ = await sent(later, calm)

    assert not set(calm.taken) & set(relay.can_have_taken)
    assert len(calm.taken) == len(set(calm.taken))
    assert again.waiting == again.deferred == again.sending == 0
    assert again.accepted == len(relay.taken) + len(calm.taken)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # Paris goes from UTC+1 to UTC+2 on 29 March 2026: nine o'clock there is seven o'clock in UTC.
        ("2026-03-29T06:59:59", pipeline.Occasion.EARLY),
        ("2026-03-29T07:00:00", pipeline.Occasion.OPEN),
        # And back on 25 October: nine o'clock is eight o'clock in UTC again.
        ("2026-10-25T07:59:59", pipeline.Occasion.OPEN),
        ("2026-10-25T08:00:00", pipeline.Occasion.OVER),
    ],
)
def test_a_window_keeps_to_the_clock_on_the_wall(house: House, now: str, expected: pipeline.Occasion) -> None:
    """``not_before`` and ``not_after`` mean the zone's own time, whatever daylight saving does in between."""
    file = house.project / "spring.yaml"
    window = "{zone: Europe/Paris, not_before: 2026-03-29T09:00, not_after: 2026-10-25T09:00}"
    file.write_text(f"{file.read_text(encoding='utf-8')}schedule: {window}\n", encoding="utf-8")
    then = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert pipeline.occasion(replace(house, now=lambda: then), pipeline.read(file).campaign) is expected


async def test_a_run_gives_signs_of_life_while_it_sends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease is prolonged while the relay takes its time over one letter; other machines judge by nothing else."""
    monkeypatch.setattr("sender.steps.clerk.LEASE", timedelta(milliseconds=60))
    leases: list[datetime] = []

    def lease() -> datetime:
        with house.store.read() as connection:
            return connection.execute(select(runs.c.lease_until)).scalar_one()

    def script(point: str, number: int) -> None:
        if (point, number) == ("dot", 2):
            until = monotonic() + 20
            leases.append(lease())
            while lease() == leases[0] and monotonic() < until:
                sleep(0.01)  # the sender works in another thread
            leases.append(lease())

    with in_thread(ScriptedRelay(script)) as relay:
        sums, _ = await sent(house, relay)

    assert sums.accepted == 41
    assert leases[1] > leases[0]


def test_what_a_provider_and_a_filter_say(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters to a provider's mailboxes are counted as they are judged; a filter that is not there is not known."""
    monkeypatch.setattr(judging, "receiver_of", lambda _: lambda domain: "orange" if len(domain) % 2 else None)
    brief = pipeline.read(house.project / "spring.yaml")
    plan = pipeline.check(house, brief, reserved_allowed=True)
    with name_server({"eluard.example": ["v=spf1 -all"]}) as (address, port):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            filtered = ScannerUrl("spamd", "127.0.0.1", closed.getsockname()[1])
        told = {"resolver": (Nameserver(address, port),), "spam_check": filtered}
        settings = house.settings.model_copy(update=told)
        found = preflight(replace(house, settings=settings), brief, plan.receivers, practice=False)

    (orange,) = (one for one in found.remarks if one.code == "unmet")
    assert 0 < plan.receivers["orange"] < plan.to_send
    assert orange.facts["letters"] == plan.receivers["orange"]
    assert orange.facts["demands"] == "dmarc"
    assert [one.level for one in found.remarks if one.check == "spam"] == [Level.UNKNOWN]
    assert found.failed
