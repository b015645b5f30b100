"""A relay that misbehaves at every point, seen through the installed command: the ledger says what the relay took."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.project import Project, Result
from tests.smtp_script import CHUNKING, CLOSE, ENDLESS, OFFERS, SILENCE, Script, ScriptedRelay
from tests.system.kill_campaign import Book, local_only, seed
from tests.system.size_project import make_project

AUDIENCE = 40
MANY = range(10, 301, 10)
POINTS = ("rset", "mail", "rcpt", "data", "content", "dot", "after")
TEMPORARY, PERMANENT, GOING = b"451 4.3.0 later\r\n", b"554 5.7.1 no\r\n", b"421 4.3.2 going\r\n"
HOSTILE = (
    b"grmbl\r\n",
    b"\x00\xff\xfe\r\n",
    b"250-begun and never\r\n250 ended\r\n250 250 250\r\n",
    b"999 what\r\n",
    b"250 " + b"x" * 100_000 + b"\r\n",
    b"250 \x1b[2Jp1@societe-0.example\r\n",
)
DEEDS = (CLOSE, SILENCE, ENDLESS, *HOSTILE, TEMPORARY, PERMANENT, GOING)
WITHOUT_REFUSALS = DEEDS[:-3]  # a relay that says no in the content and takes the letter all the same is out of reach
AS_TOLD = {0, 69, 74, 75, 76, 78}
"""As planned, out of reach, unknowns, deferred, a breaker, settings: nothing else can come of a relay."""


@pytest.mark.parametrize("point", POINTS)
async def test_each_misbehaviour_at_one_point(tmp_path: Path, point: str) -> None:
    """Every third letter meets another deed there, with good ones between; then a good relay gets the rest."""
    chosen = WITHOUT_REFUSALS if point == "content" else DEEDS
    deeds = {3 * (number + 1): deed for number, deed in enumerate(chosen)}
    await played(tmp_path, lambda where, letter: deeds.get(letter) if where == point else None)


@pytest.mark.parametrize("offers", [OFFERS, (*OFFERS, CHUNKING)], ids=["commands together", "content sent ahead"])
@pytest.mark.parametrize("drawing", range(4))
async def test_drawn_misbehaviour_anywhere(tmp_path: Path, drawing: int, offers: tuple[str, ...]) -> None:
    """One reply in fifteen is a drawn deed."""
    chosen = seed() + drawing
    draw = random.Random(chosen)
    answered = set[int]()

    def script(point: str, letter: int) -> bytes | None:
        if point not in POINTS or draw.random() > 1 / 15:
            return None
        deed = draw.choice(fitting("content" if point == "dot" and letter in answered else point))
        if point in {"rcpt", "content"} and deed.startswith(b"250"):
            answered.add(letter)  # a relay that says yes before the dot, and no to it, is out of reach, too
        return deed

    try:
        await played(tmp_path, script, offers=offers)
    except AssertionError as failure:
        raise AssertionError(f"seed {chosen - drawing}") from failure


async def test_one_letter_in_ten_meets_something_else(tmp_path: Path) -> None:
    """300 letters: each tenth is refused, put off, cut off, left without an answer, or answered with nonsense."""
    draw = random.Random(chosen := seed())
    fates = {number: draw.choice([(point, deed) for point in POINTS for deed in fitting(point)]) for number in MANY}

    def script(point: str, letter: int) -> bytes | None:
        where, deed = fates.get(letter, ("", b""))
        return deed if where == point else None

    try:
        await played(tmp_path, script, audience=300)
    except AssertionError as failure:
        raise AssertionError(f"seed {chosen}") from failure


async def test_a_relay_that_refuses_one_in_ten(tmp_path: Path) -> None:
    """Thirty of 300 are refused for good, and only they; nobody is asked about again. No domain is paused for it."""
    project, refusal = project_in(tmp_path, 300), b"550 5.2.1 disabled\r\n"
    async with ScriptedRelay(lambda point, letter: refusal if (point, letter % 10) == ("rcpt", 0) else None) as relay:
        first = await run(project, relay)
        asked = relay.messages
        second = await run(project, relay)

    assert (first.status, second.status) == (0, 0)
    assert asked == relay.messages == 300
    book = Book.read(f"sqlite:///{project.folder}/campaigns/sender.db")
    assert len(book.sent("refused")) == 30
    assert book.sent("accepted") == set(relay.taken)
    assert len(relay.taken) == 270


def fitting(point: str) -> tuple[bytes, ...]:
    return WITHOUT_REFUSALS if point == "content" else DEEDS


@pytest.mark.parametrize(
    ("point", "deed"),
    [(point, deed) for point in ("greeting", "ehlo") for deed in DEEDS if (point, deed) != ("ehlo", HOSTILE[2])],
    ids=lambda value: repr(value[:12]),
)
async def test_a_relay_that_misbehaves_before_any_letter(tmp_path: Path, point: str, deed: bytes) -> None:
    """Nobody is marked, and the command says what is wrong with the relay."""
    project = project_in(tmp_path)
    async with ScriptedRelay(lambda where, _: deed if where == point else None) as relay:
        result = await run(project, relay)

    demand_words(result)
    assert not relay.taken or result.status == 0  # an odd greeting in order may be believed
    if result.status:
        assert "error SC-6" in result.err
        book = Book.read(f"sqlite:///{project.folder}/campaigns/sender.db")
        assert book.ids == {}


async def played(folder: Path, script: Script, audience: int = AUDIENCE, offers: tuple[str, ...] = OFFERS) -> None:
    """Run against the script, then against a good relay; what both took is held against the ledger."""
    project = project_in(folder, audience)
    async with ScriptedRelay(script, offers) as bad:
        await through(project, bad)
    hold_against(project, bad)
    async with ScriptedRelay(offers=offers) as good:
        last = await through(project, good)
    hold_against(project, bad, good)
    assert bad.messages > 0
    assert last.status in {0, 74, 75}


async def through(project: Project, relay: ScriptedRelay) -> Result:
    """Run on past every breaker, as an operator does who knows that these noes mean nothing."""
    result = await run(project, relay)
    for _ in range(len(DEEDS)):
        demand_words(result)
        if not is_paused(result):
            break
        resumed = await asyncio.to_thread(project.run, "resume", "campaigns/spring.yaml")
        assert resumed.status == 0, resumed
        result = await run(project, relay)
    return result


def is_paused(result: Result) -> bool:
    return result.status == 76 or bool(result.json.get("summary", {}).get("paused"))


async def run(project: Project, relay: ScriptedRelay) -> Result:
    return await asyncio.to_thread(
        project.run, "campaigns/spring.yaml", "--yes", "--json",
        SENDER_RELAY=f"smtp+plain://127.0.0.1:{relay.port}",
        SENDER_CONNECTIONS="2",
        SENDER_TIMEOUTS="connect=2,greeting=2,command=1,data=1,content=2,dot=1",
    )  # fmt: skip


def hold_against(project: Project, *relays: ScriptedRelay) -> None:
    """``taken``: the relay said yes. ``can_have_taken``: it had the dot and did not say no."""
    book = Book.read(f"sqlite:///{project.folder}/campaigns/sender.db")
    taken = Counter(name for relay in relays for name in relay.taken)
    perhaps = Counter(name for relay in relays for name in relay.can_have_taken)
    assert [name for name, times in perhaps.items() if times > 1] == [], "somebody may have got it twice"
    assert book.sent("accepted") <= set(perhaps)
    assert set(taken) <= book.sent("accepted") | book.sent("unknown")
    assert set(perhaps) <= book.sent("accepted") | book.sent("unknown")
    assert book.sent("sending") == set()


def demand_words(result: Result) -> None:
    assert result.status in AS_TOLD, result
    assert "Traceback" not in result.err
    assert "\x1b[2J" not in result.out + result.err
    assert "p1@" not in result.err


def project_in(folder: Path, audience: int = AUDIENCE) -> Project:
    project = make_project(folder, audience, held_every=0)
    local_only(project)
    return project
