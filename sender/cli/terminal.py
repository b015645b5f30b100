"""What a person sees: plan, question, progress, summary. Results go to stdout, all else to stderr.

Colour only on a terminal; NO_COLOR and FORCE_COLOR are obeyed (by rich). A run that nobody watches and that went as
planned prints nothing, so that cron mails nobody.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from sender.gates import sentence
from sender.letters import REASONS
from sender.steps.plan import Held, Plan, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sender.ledger import CampaignStanding, UnknownLetter
    from sender.model import Finding, Sums, Verdict

ROWS_SHOWN = 10  # enough to see a pattern; --json has them all


def out() -> Console:
    return _Console(highlight=False, soft_wrap=True)


def err() -> Console:
    return _Console(stderr=True, highlight=False, soft_wrap=True)


class _Console(Console):
    """A reader who goes away (``| head``) must not change the exit status, which says what became of the mails."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        to_nowhere(self.file)


def to_nowhere(stream: IO[str]) -> None:
    """From now on what is written goes to nobody, also what Python flushes when it ends."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def watched() -> bool:
    """Somebody can read a question and answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def number(count: int, thing: str, things: str | None = None) -> str:
    """``1 mail``, ``2 mails``."""
    return f"{count} {thing if count == 1 else things or thing + 's'}"


def ask(question: str) -> bool:
    err().print(f"{question} [y/N] ", end="", markup=False)
    try:
        return input().strip().lower() in {"y", "yes", "o", "oui"}
    except EOFError:
        return False


def show_plan(plan: Plan, console: Console, language: str, *, practice: bool) -> None:
    """The plan as a person reads it: the file, the gates, so many to send, so many held and why."""
    console.print(
        f"[bold]{plan.campaign.name}[/bold]" + ("  (practice: nothing leaves this machine)" if practice else "")
    )
    show_reading(plan, console)
    for verdict in plan.refused:
        show_refusal(plan, verdict, console, language)
    console.print(f"  to send {plan.to_send:>8}")
    if plan.already:
        console.print(f"  already {plan.already:>8}  sent, refused for good, or unknown in an earlier run")
    if plan.erased:
        console.print(f"  erased  {plan.erased:>8}  asked to be erased; nothing of their rows was stored")
    console.print(f"  held    {plan.held_contacts:>8}")
    show_held(plan.held, console, language)
    if plan.uncomposable:
        console.print("  of those to send, letters that cannot be composed:")
        show_held(plan.uncomposable, console, language)
    for warning in plan.warnings:
        console.print(f"  [yellow]warning[/yellow] {escape(warning)}")


def show_reading(plan: Plan, console: Console) -> None:
    reading = plan.reading
    console.print(
        f"  {plan.campaign.audience.contacts.name}: {number(reading.rows, 'row')} ="
        f" {number(reading.contacts, 'contact')} + {number(len(reading.doubles), 'double')}"
        f" + {len(reading.rejected)} rejected",
        markup=False,
    )
    lines = [f"line {line}: the same address as line {first}" for line, first in reading.doubles]
    lines += [f"line {row.line}: {row.reason}" for row in reading.rejected]
    lines += list(reading.notes)
    for line in lines[:ROWS_SHOWN]:
        console.print(f"    {line}", markup=False)
    if len(lines) > ROWS_SHOWN:
        console.print(f"    ... and {len(lines) - ROWS_SHOWN} more; --json lists them all")
    if plan.probable_doubles:
        console.print(
            f"    {number(plan.probable_doubles, 'person seems', 'people seem')} to be there twice"
            " (same name and company, two addresses)"
        )


def show_refusal(plan: Plan, verdict: Verdict, console: Console, language: str) -> None:
    for finding in verdict.findings:
        place = finding.place or plan.campaign.place("")
        console.print(f"[red]refused[/red] {verdict.gate}.{finding.code}: {escape(str(place))}")
        for line in sentence(verdict.gate, finding, language).splitlines():
            console.print(f"  {line}", markup=False)


def show_held(groups: tuple[Held, ...], console: Console, language: str) -> None:
    for group in sorted(groups, key=lambda held: -held.contacts):
        console.print(
            f"    {group.contacts:>6}  {group.gate:<12} {reason(group.gate, group.finding, language)}",
            markup=False,
        )


def reason(gate: str, finding: Finding, language: str) -> str:
    text = (
        REASONS[finding.code][language].format_map(finding.facts)
        if gate == "letter"
        else sentence(gate, finding, language)
    )
    text = " ".join(text.split())
    return f"{text} [{finding.rule}]" if finding.rule else text


def show_summary(summary: Summary, console: Console) -> None:
    """What became of the campaign; the numbers add up to the audience, and the line says so."""
    sums = summary.sums
    console.print(f"[bold]{summary.campaign}[/bold]" + ("  (practice)" if summary.practice else ""))
    console.print(added_up(sums))
    if summary.sent_now:
        console.print(f"  {summary.sent_now} accepted in this run, {summary.rate:.0f} a second")
    for line in summary.words:
        console.print(f"  {line}", markup=False)


def added_up(sums: Sums) -> str:
    parts = [f"{getattr(sums, name)} {name}" for name in ORDER if getattr(sums, name)]
    return f"  {sums.audience} in the audience = " + (" + ".join(parts) or "nobody")


def show_standing(standing: CampaignStanding, unknown: Sequence[UnknownLetter], console: Console) -> None:
    """One campaign of the ledger: its numbers, its living runs, its letters of unknown fate."""
    sums = standing.sums
    console.print(f"[bold]{standing.name}[/bold]  {escape(standing.path)}")
    console.print(added_up(sums))
    if standing.live_runs:
        console.print(f"  {number(standing.live_runs, 'run')} at work")
    if sums.unknown:
        console.print(f"  {sums.unknown} unknown; settle them with: send-campaign resolve {escape(standing.path)}")
        show_unknown(unknown, console)


def show_unknown(letters: Sequence[UnknownLetter], console: Console) -> None:
    for letter in letters[:ROWS_SHOWN]:
        when = f"{letter.opened_at:%Y-%m-%d %H:%M:%S} UTC" if letter.opened_at else "lost with a backup"
        console.print(f"    {when}  {letter.message_id or letter.contact}", markup=False)
    if len(letters) > ROWS_SHOWN:
        console.print(f"    ... and {len(letters) - ROWS_SHOWN} more; --json lists them all")


ORDER = ("accepted", "held", "refused", "deferred", "unknown", "waiting", "withdrawn", "sending")


@contextmanager
def progress(total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left on stderr; the caller advances it letter by letter."""
    if not shown or not sys.stderr.isatty():
        yield lambda _n: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as bar:
        task = bar.add_task("sending", total=total, rate="")

        def advance(count: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, advance=count, rate=f"{speed:.0f}/s" if speed else "")

        yield advance


def print_json(schema: str, content: dict[str, Any]) -> None:
    """One JSON object on stdout; ``schema`` names its shape, docs/reference/json.md describes it."""
    text = json.dumps({"schema": f"send-campaign/{schema}", **content}, ensure_ascii=False, indent=2)
    try:
        print(text, flush=True)
    except BrokenPipeError:
        to_nowhere(sys.stdout)
