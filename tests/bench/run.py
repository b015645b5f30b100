"""Measures the program against yardsticks of the same minute; only the ratios say something on another machine.

python tests/bench/run.py [--contacts N] [--json FILE]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from socket import create_connection, create_server

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import gates, pages, signing  # noqa: E402
from tests.project import Project  # noqa: E402  (the path must stand first)
from tests.system.kill_campaign import local_only  # noqa: E402
from tests.system.size_project import make_project  # noqa: E402

CONNECTIONS = 10
REPEATS = 3
LONGEST = 600  # seconds for one command
TOOLS = ("smtp-sink", "smtp-source")

Figure = dict[str, float | str | None]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=3000)
    parser.add_argument("--gates", type=int, default=1_000_000, help="contacts for the gates alone")
    parser.add_argument("--json", type=Path, default=ROOT / "test-artefacts" / "bench.json")
    given = parser.parse_args()
    figures = [
        *sending(given.contacts),
        *signed(given.contacts),
        *pressing(given.contacts),
        *judging(given.contacts),
        *gating(given.gates),
        *starting(),
    ]
    show(figures)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"cores": os.cpu_count(), "figures": figures}, indent=1))
    print(f"\nAs JSON: {given.json}")
    return 0


# --- sending: the whole run against a sink, beside a sender in C that renders nothing and writes nothing down


def sending(contacts: int) -> list[Figure]:
    if not all(map(tool, TOOLS)):
        return [
            figure("letters a second", None, "messages a second", "smtp-sink and smtp-source (postfix) are missing")
        ]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = make_project(Path(folder), contacts, held_every=0)
        local_only(project)
        port = free_port()
        sink = subprocess.Popen([tool("smtp-sink") or "", "-u", "nobody", f"127.0.0.1:{port}", "100"])
        try:
            wait_for(port)
            yardstick = smtp_source(port, contacts)
            ours = campaign_rate(project, port)
        finally:
            sink.terminate()
            sink.wait(10)
    return [
        figure("smtp-source: messages a second", yardstick, "", "10 kB, 10 connections, nothing rendered or kept"),
        figure("letters a second", ours, ratio(ours, yardstick), "rendered, attempt and answer in SQLite, synced"),
    ]


def smtp_source(port: int, messages: int) -> float:
    words = [tool("smtp-source") or "", "-d", "-s", str(CONNECTIONS), "-l", "10000", "-m", str(messages)]
    begun = time.monotonic()
    subprocess.run([*words, f"127.0.0.1:{port}"], check=True, timeout=LONGEST)
    return messages / (time.monotonic() - begun)


def campaign_rate(project: Project, port: int) -> float:
    """By the program's own summary: from the first connection to the last answer."""
    relay = {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{port}", "SENDER_CONNECTIONS": str(CONNECTIONS)}
    done = project.run("campaigns/spring.yaml", "--yes", "--json", timeout=LONGEST, **relay)
    assert done.status == 0, done.err
    summary = done.json["summary"]
    return float(summary["accepted_now"]) / float(summary["seconds"])


# --- signing: letters composed and signed, one process a core, beside signatures alone; aimed at x 0.7


def signed(letters: int) -> list[Figure]:
    found = signing.measure(letters)
    if found.openssl is None:
        return [figure("signed letters a second", found.rsa, "", "openssl is missing")]
    beside = f"{found.cores} cores"
    return [
        figure("openssl speed rsa2048: signs a second", found.openssl, "", beside),
        figure("letters composed a second, unsigned", found.unsigned, ratio(found.unsigned, found.openssl), beside),
        figure("letters signed a second, RSA-2048", found.rsa, ratio(found.rsa, found.openssl), beside),
        figure("letters signed a second, and Ed25519", found.both, ratio(found.both, found.openssl), beside),
    ]


# --- pressing: one-click objections, each on the disk before its answer, alone and beside a campaign


def pressing(contacts: int) -> list[Figure]:
    if not tool("smtp-sink"):
        return [figure("objections a second", None, "", "smtp-sink (postfix) is missing")]
    port = free_port()
    sink = subprocess.Popen([tool("smtp-sink") or "", "-u", "nobody", f"127.0.0.1:{port}", "100"])
    try:
        wait_for(port)
        found = pages.measure(contacts, contacts, port)
    finally:
        sink.terminate()
        sink.wait(10)
    return [
        *phase("objections alone", found.pressed, found, "32 connections, each synced before its answer"),
        *phase("a campaign alone", found.sent, found, ""),
        *phase("both", found.beside, found, "as many as the machine gives"),
        *phase(f"campaign, {pages.STEADY} objections", found.steady, found, f"{pages.STEADY} asked for each second"),
    ]


def phase(name: str, one: pages.Phase, all_of_them: pages.Measured, note: str) -> list[Figure]:
    """What was measured in it: rates a second, and milliseconds."""
    parts = [
        ("objections a second", one.posts, 1, all_of_them.pressed.posts, note),
        ("objection answered, ms", one.answer, 1000, None, "median"),
        ("processor for one, server, ms", one.server, 1000, None, ""),
        ("processor for one, crowd, ms", one.crowd, 1000, None, "this is the load generator's part"),
        ("letters a second", one.letters, 1, all_of_them.sent.letters, ""),
        ("any writer waits, ms", one.wait, 1000, None, "median, door to door"),
    ]
    return [
        figure(f"{name}: {what}", value * unit, ratio(value, alone) if alone and value != alone else "", said)
        for what, value, unit, alone, said in parts
        if value is not None
    ]


# --- judging: every gate for every contact, beside reading the file with the standard library


def judging(contacts: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        spent = {}
        for audience in (contacts // 10, contacts):
            place = Path(folder) / str(audience)
            place.mkdir()
            project = make_project(place, audience, held_every=1)
            local_only(project)
            spent[audience] = quickest(lambda: project.run("check", "campaigns/spring.yaml", timeout=LONGEST))  # noqa: B023
            read = quickest(lambda: read_plainly(project.folder / "campaigns" / "spring-contacts.csv"))  # noqa: B023
    each = (spent[contacts] - spent[contacts // 10]) / (contacts - contacts // 10)
    plain = read / contacts
    return [
        figure("csv.reader: microseconds a row", plain * 1e6, "", "rows as lists"),
        figure("read and judged: microseconds a contact", each * 1e6, ratio(each, plain), "all are held: no letters"),
    ]


def read_plainly(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as text:
        for _ in csv.reader(text, delimiter=";"):
            pass


def gating(contacts: int) -> list[Figure]:
    """The gates and their facts alone, without intake, base and letters; at most 60 times ``csv.reader``."""
    judged, read, _ = gates.measure(contacts)
    each = judged / contacts * 1e6
    return [figure("gates alone: microseconds a contact", each, ratio(judged, read), f"{contacts:,} contacts")]


# --- starting up, beside an interpreter that does nothing


def starting() -> list[Figure]:
    bare = quickest(lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    figures = [figure("python -c '': seconds", bare, "", "")]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = make_project(Path(folder), 40)
        local_only(project)
        for words in (("--version",), ("--help",), ("status",), ("check", "campaigns/spring.yaml")):
            cwd = project.folder / "campaigns" if words == ("status",) else project.folder
            assert words == ("status",) or project.run(*words, cwd=cwd).status == 0
            seconds = quickest(lambda: project.run(*words, cwd=cwd))  # noqa: B023
            figures.append(figure(f"send-campaign {words[0]}: seconds", seconds, ratio(seconds, bare), ""))
    return figures


# --- measuring and showing


def quickest(work: Callable[[], object]) -> float:
    """Of a few tries the quickest: what other programs take away is not ours."""
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def figure(name: str, value: float | None, against: str, note: str) -> Figure:
    return {"name": name, "value": value, "ratio": against, "note": note}


def ratio(ours: float, yardstick: float) -> str:
    return f"x {ours / yardstick:.3g}"


def show(figures: list[Figure]) -> None:
    for one in figures:
        value = one["value"]
        shown = (
            "-" if value is None else f"{value:,.3g}" if isinstance(value, float) and value < 100 else f"{value:,.0f}"
        )
        print(f"{one['name']:<54} {shown:>9}  {one['ratio']:<9} {one['note']}")


def tool(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the sink does not listen")


if __name__ == "__main__":
    sys.exit(main())
