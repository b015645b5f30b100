"""The pool: every letter settled or given back, once; fatal errors stop all; nothing taken before the login holds."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from smtp_script import CHUNKING, CLOSE, OFFERS, SILENCE, ScriptedRelay, at

from sender.delivery import Event, RelayAccess, RelayRefusesSender, Timeouts, deliver
from sender.delivery.session import WINDOW
from sender.errors import SettingsError, Unreachable
from sender.model import Answer, Letter, Outcome

QUICK = Timeouts(connect=5, greeting=5, command=2, data=2, content=2, dot=2)


class ListDesk:
    """A desk over a list; what is given back is offered again."""

    def __init__(self, letters: list[Letter], stop: asyncio.Event | None = None, stop_after: int = 10**9) -> None:
        self.waiting = list(letters)
        self.settled: list[tuple[Letter, Answer]] = []
        self.returned: list[Letter] = []
        self.taken = 0
        self._stop, self._stop_after = stop, stop_after

    async def take(self) -> Letter | None:
        await asyncio.sleep(0)
        if not self.waiting:
            return None
        self.taken += 1
        return self.waiting.pop(0)

    def settle(self, letter: Letter, answer: Answer) -> None:
        self.settled.append((letter, answer))
        if self._stop and len(self.settled) >= self._stop_after:
            self._stop.set()

    def give_back(self, letter: Letter, judgement: Answer | None = None) -> None:
        self.returned.append(letter)
        self.waiting.append(letter)

    def outcomes(self) -> Counter[Outcome]:
        return Counter(answer.outcome for _, answer in self.settled)


def access(relay: ScriptedRelay) -> RelayAccess:
    return RelayAccess("127.0.0.1", relay.port, "none", timeouts=QUICK)


async def test_everything_goes_out_once(letter: Callable[..., Letter]) -> None:
    """300 letters over several connections: each accepted once, and no more connections than allowed at once."""
    desk = ListDesk([letter(n) for n in range(300)])
    async with ScriptedRelay() as relay:
        await deliver(access(relay), desk, connections=4, stop=asyncio.Event(), letters_per_connection=20)
    assert desk.outcomes() == {Outcome.ACCEPTED: 300}
    assert sorted(relay.taken) == sorted(f"<{n}@test.example>" for n in range(300))
    assert relay.most_at_once <= 4
    assert relay.connections >= 300 // 20


async def test_one_in_ten_refused(letter: Callable[..., Letter]) -> None:
    """Refusals are settled as such and disturb no other letter."""
    tenth = at("rcpt", b"550 5.1.1 no\r\n", *range(10, 201, 10))
    desk = ListDesk([letter(n) for n in range(200)])
    async with ScriptedRelay(tenth) as relay:
        await deliver(access(relay), desk, connections=3, stop=asyncio.Event())
    assert desk.outcomes()[Outcome.REFUSED] + desk.outcomes()[Outcome.ACCEPTED] == 200
    assert desk.outcomes()[Outcome.ACCEPTED] == len(relay.taken)


async def test_lost_connection_is_opened_again(letter: Callable[..., Letter]) -> None:
    """A connection lost after the dot costs one unknown; the rest goes on over a new one."""
    events: list[Event] = []
    desk = ListDesk([letter(n) for n in range(20)])
    async with ScriptedRelay(at("dot", CLOSE, 5)) as relay:
        await deliver(access(relay), desk, connections=1, stop=asyncio.Event(), on_event=events.append)
    assert desk.outcomes() == {Outcome.ACCEPTED: 19, Outcome.UNKNOWN: 1}
    assert [event.kind for event in events] == ["connected", "lost", "connected"]


async def test_a_relay_that_ends_each_connection_early_costs_one_window(letter: Callable[..., Letter]) -> None:
    """With content sent ahead each hang-up leaves letters unknown; after the first one no content is sent ahead."""
    desk = ListDesk([letter(n) for n in range(60)])
    async with ScriptedRelay(at("after", CLOSE, *range(5, 200, 5)), (*OFFERS, CHUNKING)) as relay:
        await deliver(access(relay), desk, connections=1, stop=asyncio.Event())
    assert set(desk.outcomes()) == {Outcome.ACCEPTED, Outcome.UNKNOWN}
    assert 2 <= desk.outcomes()[Outcome.UNKNOWN] <= WINDOW
    assert desk.outcomes()[Outcome.ACCEPTED] == len(relay.taken)


async def test_idle_hang_up_touches_no_letter(letter: Callable[..., Letter]) -> None:
    """A relay that hangs up after every 250 costs connections, not letters."""
    desk = ListDesk([letter(n) for n in range(20)])
    async with ScriptedRelay(at("after", CLOSE)) as relay:
        await deliver(access(relay), desk, connections=1, stop=asyncio.Event())
    accepted = desk.outcomes()[Outcome.ACCEPTED]
    assert accepted == len(relay.taken) == 20


async def test_nothing_is_taken_before_login(letter: Callable[..., Letter]) -> None:
    """A relay that refuses the login: no letter leaves the desk."""
    desk = ListDesk([letter(1)])
    async with ScriptedRelay(at("greeting", b"554 no\r\n")) as relay:
        with pytest.raises(SettingsError):
            await deliver(access(relay), desk, connections=3, stop=asyncio.Event())
    assert desk.taken == 0


@pytest.mark.parametrize(
    ("stage", "reply"), [("mail", b"550 5.7.1 not you"), ("rcpt", b"554 5.7.1 Relay access denied")]
)
async def test_refused_sender_marks_nobody(letter: Callable[..., Letter], stage: str, reply: bytes) -> None:
    """A no to the sender stops the run; every letter taken is given back."""
    desk = ListDesk([letter(n) for n in range(50)])
    stop = asyncio.Event()
    async with ScriptedRelay(at(stage, reply + b"\r\n")) as relay:
        with pytest.raises(RelayRefusesSender):
            await deliver(access(relay), desk, connections=4, stop=stop)
    assert desk.settled == []
    assert len(desk.returned) == desk.taken
    assert stop.is_set()


async def test_a_relay_that_took_others_refuses_this_one(letter: Callable[..., Letter]) -> None:
    """The same words about relaying, later and on another connection, are about the recipient."""
    desk = ListDesk([letter(n) for n in range(9)])
    async with ScriptedRelay(at("rcpt", b"554 5.7.1 Relay access denied\r\n", 5)) as relay:
        await deliver(access(relay), desk, connections=1, stop=asyncio.Event(), letters_per_connection=4)
    assert desk.outcomes() == {Outcome.ACCEPTED: 8, Outcome.REFUSED: 1}


async def test_stop_finishes_what_is_on_the_wire(letter: Callable[..., Letter]) -> None:
    """After stop every letter taken is settled or given back."""
    stop = asyncio.Event()
    desk = ListDesk([letter(n) for n in range(500)], stop, 50)
    async with ScriptedRelay() as relay:
        await deliver(access(relay), desk, connections=4, stop=stop)
    assert len(desk.settled) + len(desk.returned) == desk.taken < 500
    assert len(relay.taken) == len(desk.settled)


async def test_relay_that_breaks_everything_stops_the_run(letter: Callable[..., Letter]) -> None:
    """Five conversations broken in a row end the run before all letters are unknown."""
    desk = ListDesk([letter(n) for n in range(100)])
    async with ScriptedRelay(at("dot", CLOSE)) as relay:
        with pytest.raises(Unreachable) as caught:
            await deliver(access(relay), desk, connections=1, stop=asyncio.Event())
    assert caught.value.complaints[0].code == "SC-609"
    assert desk.outcomes() == {Outcome.UNKNOWN: 5}


BUSY = b"421 4.7.0 try again later\r\n"


async def test_one_receiver_that_asks_for_patience_ends_nothing(letter: Callable[..., Letter]) -> None:
    """However often it hangs up on us meanwhile: each of its letters is put off, and the run goes on."""
    desk = ListDesk([letter(n) for n in range(12)])
    async with ScriptedRelay(at("rcpt", BUSY)) as relay:
        await deliver(access(relay), desk, connections=1, stop=asyncio.Event())
    assert desk.outcomes() == {Outcome.DEFERRED: 12}


async def test_a_relay_that_sends_everybody_away_stops_the_run(letter: Callable[..., Letter]) -> None:
    """Five receivers in a row: then it is the relay that wants nothing, and no more letters are put off."""
    desk = ListDesk([replace(letter(n), recipient=f"a@client{n}.example") for n in range(12)])
    async with ScriptedRelay(at("rcpt", BUSY)) as relay:
        with pytest.raises(Unreachable) as caught:
            await deliver(access(relay), desk, connections=1, stop=asyncio.Event())
    assert caught.value.complaints[0].code == "SC-609"
    assert desk.outcomes() == {Outcome.DEFERRED: 5}


async def test_patience_has_an_end(letter: Callable[..., Letter]) -> None:
    """A relay that goes away for good is knocked at, then the run ends loudly and the letter is given back."""
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)

    def gone(point: str, number: int) -> bytes | None:
        if point == "dot":
            relay.script = at("greeting", CLOSE)
            return CLOSE
        return None

    desk = ListDesk([letter(n) for n in range(5)])
    async with ScriptedRelay(gone) as relay:
        with pytest.raises(Unreachable) as caught:
            await deliver(access(relay), desk, connections=1, stop=asyncio.Event(), sleep=sleep)
    assert caught.value.complaints[0].code == "SC-601"
    assert len(naps) >= 4
    assert sum(naps) <= 120
    assert (len(desk.settled), len(desk.waiting)) == (1, 4)


async def test_relay_with_a_limit_of_connections(letter: Callable[..., Letter]) -> None:
    """A relay that takes one connection only gets all letters over that one."""

    def one_only(point: str, number: int) -> bytes | None:
        return b"421 too many\r\n" if point == "greeting" and relay.connections > 1 else None

    desk = ListDesk([letter(n) for n in range(60)])
    events: list[Event] = []
    async with ScriptedRelay(one_only) as relay:
        await deliver(access(relay), desk, connections=3, stop=asyncio.Event(), on_event=events.append)
    assert desk.outcomes() == {Outcome.ACCEPTED: 60}
    assert len(desk.returned) == 2
    assert [event.kind for event in events].count("fewer") == 2


async def test_desk_failure_stops_the_run(letter: Callable[..., Letter]) -> None:
    """When an answer cannot be written down the run ends with that error."""

    class Full(ListDesk):
        def settle(self, letter: Letter, answer: Answer) -> None:
            raise Unreachable()

    desk = Full([letter(n) for n in range(50)])
    async with ScriptedRelay() as relay:
        with pytest.raises(Unreachable):
            await deliver(access(relay), desk, connections=2, stop=asyncio.Event())
    assert len(relay.taken) <= 4


async def test_fault_in_mid_letter_is_not_given_back(
    letter: Callable[..., Letter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an error that nobody foresaw the relay may have the letter: its attempt stays open."""

    def fault(*_: object) -> Answer:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("sender.delivery.flight.classify", fault)
    desk = ListDesk([letter(1)])
    async with ScriptedRelay() as relay:
        with pytest.raises(RuntimeError):
            await deliver(access(relay), desk, connections=1, stop=asyncio.Event())
    assert relay.taken == ["<1@test.example>"]
    assert (desk.settled, desk.returned) == ([], [])


async def test_cancelled_run_settles_what_is_on_the_wire(letter: Callable[..., Letter]) -> None:
    """Cancelling the run loses no answer."""
    stop = asyncio.Event()
    desk = ListDesk([letter(n) for n in range(500)], stop, 20)
    async with ScriptedRelay() as relay:
        run = asyncio.create_task(deliver(access(relay), desk, connections=3, stop=stop))
        await stop.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert len(desk.settled) + len(desk.returned) == desk.taken
    assert len(relay.taken) == len(desk.settled)


async def test_a_stop_ends_the_wait_for_a_relay_that_never_greets(letter: Callable[..., Letter]) -> None:
    """Nothing was taken from the desk yet, so there is nothing to wait for."""
    desk, stop = ListDesk([letter()]), asyncio.Event()
    async with ScriptedRelay(at("greeting", SILENCE)) as relay:
        patient = RelayAccess("127.0.0.1", relay.port, "none")
        sending = asyncio.create_task(deliver(patient, desk, connections=2, stop=stop))
        while not relay.connections:
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(sending, 5)
    assert (desk.taken, relay.taken) == (0, [])
