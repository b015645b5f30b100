"""Measures the program beside others and beside yardsticks of the same minutes; elsewhere only ratios say something.

python tests/bench/run.py [--messages N] [--audience N] [--many N] [--gates N] [--json FILE]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import far, gates, ours, pages, signing, sizes, wire  # noqa: E402  (the path must stand first)
from tests.bench.measuring import (  # noqa: E402
    HEADING,
    ROUNDS,
    Figure,
    Spent,
    child,
    median,
    quickest,
    smtp_sink,
    tool,
)
from tests.bench.peers import Peer, peers  # noqa: E402
from tests.project import COMMAND, SPRING, Project  # noqa: E402
from tests.system.kill_campaign import local_only  # noqa: E402
from tests.system.size_project import make_project  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--audience", type=int, default=20_000, help="contacts from command to prompt")
    parser.add_argument("--many", type=int, default=1_000_000, help="contacts of a large campaign, beside 10,000")
    parser.add_argument("--gates", type=int, default=1_000_000, help="contacts for the gates alone")
    parser.add_argument("--json", type=Path, default=ROOT / "test-artefacts" / "bench.json")
    given = parser.parse_args()
    sections = [
        lambda: sending(given.messages, given.audience),
        lambda: far_away(given.messages // 3),
        starting,
        lambda: signed(given.messages),
        lambda: pressing(given.messages),
        lambda: judging(given.messages),
        lambda: gating(given.gates),
        lambda: growing(given.many),
    ]
    figures = []
    print(HEADING)
    for section in sections:
        for one in section():
            print(one, flush=True)
            figures.append(one)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    written = {"cores": os.cpu_count(), "figures": [asdict(one) for one in figures]}
    given.json.write_text(json.dumps(written, indent=1), encoding="utf-8")
    print(f"\nAs JSON: {given.json}")
    return 0


WHOLE = "send-campaign, from command to prompt"
MORE = 40  # connections, for whoever has a relay that takes them


# --- sending: the same mail by several programs, in turn, each round in fresh folders


def sending(messages: int, audience: int) -> list[Figure]:
    if not tool("smtp-sink") or not tool("smtp-source"):
        return [Figure("messages a second", None, note="smtp-sink and smtp-source (postfix) are missing")]
    floor = tuple(
        Peer(
            f"our sessions alone, {count} process{'es' if count > 1 else ''}",
            "constant bytes: nothing composed, nothing written down",
            partial(wire.wire_alone, processes=count),
        )
        for count in sorted({1, os.cpu_count() or 1})
    )
    us = (
        Peer("send-campaign, sending alone", "planned before; attempt and answer in SQLite, synced", ours.alone),
        Peer(
            f"send-campaign, sending alone, {MORE} connections",
            "more letters share a commit",
            partial(ours.alone, connections=MORE),
        ),
        Peer(WHOLE, f"{audience:,} contacts never seen before", ours.whole, share=audience / messages),
    )
    with smtp_sink() as port, peers() as others:
        taken = in_turn((*others, *floor, *us), port, messages)
    limit = taken["smtp-source"]
    shown = [
        Figure(one.name, 1 / spent.seconds, spent.cpu, limit.seconds / spent.seconds, one.note)
        for one in (*others, *floor, *us)
        if (spent := taken.get(one.name))
    ]
    missing = [Figure(one.name, None, note=one.missing) for one in others if one.missing]
    return [*shown, *missing, *beside(taken, us)]


def in_turn(senders: tuple[Peer, ...], port: int, messages: int) -> dict[str, Spent]:
    """Of each sender that is there: seconds and processor seconds for one message, the medians of the rounds."""
    spent: dict[str, list[Spent]] = {one.name: [] for one in senders if not one.missing}
    for _ in range(ROUNDS):
        for one in senders:
            if one.name in spent:
                with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                    count = int(messages * one.share)
                    took = one.send(Path(folder), port, count)
                spent[one.name].append(Spent(took.seconds / count, took.cpu / count))
    return {name: median(rounds) for name, rounds in spent.items()}


def beside(taken: dict[str, Spent], us: tuple[Peer, ...]) -> list[Figure]:
    """How many times as many messages a second; the processor's part in the note."""
    pairs = [(one.name, name) for one in us for name in taken if not name.startswith(("send-campaign", "our"))]
    return [
        Figure(
            f"{own} / {name}",
            None,
            ratio=taken[name].seconds / taken[own].seconds,
            note=f"{taken[own].cpu / taken[name].cpu:.3g} times its processor time",
        )
        for own, name in pairs
    ]


# --- a relay far away: round trips count, not processors; aimed at x 3 with DATA, x 10 with BDAT


def far_away(messages: int) -> list[Figure]:
    if not tool("smtp-sink"):
        return [Figure("messages a second to a relay far away", None, note="smtp-sink (postfix) is missing")]
    figures = []
    for verb, found in far.measure(messages).items():
        us, peer, distance = found.ours, found.aiosmtplib, f"{far.EACH_WAY * 1000:.0f} ms each way"
        figures += [
            Figure(f"aiosmtplib's sendmail, far away: {verb}", 1 / peer.seconds, peer.cpu, None, distance),
            Figure(f"send-campaign, sending alone, far away: {verb}", 1 / us.seconds, us.cpu, found.ratio, distance),
        ]
    return figures


# --- starting up, beside an interpreter that does nothing


def starting() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = Project.example(Path(folder))
        local_only(project)
        assert project.practise().status == 0
        bare = _started(project, sys.executable, "-c", "pass")
        figures = [Figure("python -c pass: seconds", bare.seconds, bare.cpu)]
        for words in (("--version",), ("--help",), ("status", SPRING, "--practice"), ("check", SPRING)):
            spent = _started(project, COMMAND, *words)
            name = f"send-campaign {' '.join(words)}: seconds"
            figures.append(Figure(name, spent.seconds, spent.cpu, spent.cpu / bare.cpu, "ratio of processor time"))
    return figures


def _started(project: Project, *words: str | Path) -> Spent:
    return quickest(lambda: child(words, cwd=project.folder, env=project.environment))


# --- signing: letters composed and signed, one process a core, beside signatures alone; aimed at x 0.7


def signed(letters: int) -> list[Figure]:
    found = signing.measure(letters)
    if found.openssl is None:
        return [Figure("signed letters a second", found.rsa, note="openssl is missing")]
    yardstick, beside = found.openssl, f"{found.cores} cores"
    ways = (
        ("letters composed a second, unsigned", found.unsigned),
        ("letters signed a second, RSA-2048", found.rsa),
        ("letters signed a second, and Ed25519", found.both),
    )
    return [
        Figure("openssl speed rsa2048: signs a second", yardstick, note=beside),
        *(Figure(name, rate, ratio=rate / yardstick, note=beside) for name, rate in ways),
    ]


# --- pressing: one-click objections, each on the disk before its answer, alone and beside a campaign


def pressing(contacts: int) -> list[Figure]:
    if not tool("smtp-sink"):
        return [Figure("objections a second", None, note="smtp-sink (postfix) is missing")]
    with smtp_sink() as port:
        found = pages.measure(contacts, contacts, port)
    return [
        *phase("objections alone", found.pressed, found, "32 connections, each synced before its answer"),
        *phase("a campaign alone", found.sent, found, ""),
        *phase("both", found.beside, found, "as many as the machine gives"),
        *phase(f"campaign, {pages.STEADY} objections", found.steady, found, f"{pages.STEADY} asked for each second"),
    ]


def phase(name: str, one: pages.Phase, all_of_them: pages.Measured, note: str) -> list[Figure]:
    """What was measured in it: rates a second, and milliseconds."""
    parts = [
        ("objections a second", one.posts, 1, one.server, all_of_them.pressed.posts, note),
        ("objection answered, ms", one.answer, 1000, None, None, "median"),
        ("the load generator for one, ms", one.crowd, 1000, None, None, "processor"),
        ("letters a second", one.letters, 1, None, all_of_them.sent.letters, ""),
        ("any writer waits, ms", one.wait, 1000, None, None, "median, door to door"),
    ]
    return [
        Figure(f"{name}: {what}", value * unit, cpu, value / alone if alone and value != alone else None, said)
        for what, value, unit, cpu, alone, said in parts
        if value is not None
    ]


# --- judging: every gate for every contact, beside reading the file with the standard library


def judging(contacts: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        few, many = (_judged(Path(folder), audience) for audience in (contacts // 10, contacts))
        read = _read_plainly(Path(folder, str(contacts), "project", "campaigns", "spring-contacts.csv"))
    each = (many - few) / (contacts - contacts // 10)
    plain = read / contacts
    return [
        Figure("csv.reader: microseconds a row", plain * 1e6, note="rows as lists"),
        Figure("read and judged: microseconds a contact", each * 1e6, ratio=each / plain, note="all held: no letters"),
    ]


def _judged(folder: Path, audience: int) -> float:
    place = folder / str(audience)
    place.mkdir()
    project = make_project(place, audience, held_every=1)
    local_only(project)
    return quickest(lambda: child([COMMAND, "check", SPRING], cwd=project.folder, env=project.environment)).cpu


def _read_plainly(file: Path) -> float:
    def once() -> float:
        begun = time.process_time()
        with file.open(encoding="utf-8", newline="") as text:
            for _ in csv.reader(text, delimiter=";"):
                pass
        return time.process_time() - begun

    return min(once() for _ in range(ROUNDS))


def gating(contacts: int) -> list[Figure]:
    """The gates and their facts alone, without intake, base and letters; at most 60 times ``csv.reader``."""
    judged, read, _ = gates.measure(contacts)
    each = judged / contacts * 1e6
    return [Figure("gates alone: microseconds a contact", each, ratio=judged / read, note=f"{contacts:,} contacts")]


# --- growing: what a message costs of a large campaign, and the memory of all its processes


def growing(many: int) -> list[Figure]:
    """Aimed at: at most 1.1 times the processor time a message of 10,000, and 400 MB."""
    if not tool("smtp-sink"):
        return [Figure("a large campaign", None, note="smtp-sink (postfix) is missing")]
    few, large = sizes.measure(FEW), sizes.measure(many)
    return [
        Figure(f"{FEW:,} messages: a second", FEW / few.seconds, few.cpu, note=few.memory),
        Figure(f"{many:,} messages: a second", many / large.seconds, large.cpu, large.cpu / few.cpu, large.memory),
    ]


FEW = 10_000

if __name__ == "__main__":
    sys.exit(main())
