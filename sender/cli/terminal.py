"""What a person sees: question, progress, summary, standing. Results go to stdout, all else to stderr.

Colour only on a terminal; NO_COLOR and FORCE_COLOR are obeyed (by rich). A run that nobody watches and that went as
planned prints nothing, so that cron mails nobody.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from sender.cli.signals import typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sender.cli.words import Words
    from sender.ledger import CampaignStanding, HungRun, RelayAnswer, UnknownLetter
    from sender.model import Sums
    from sender.steps.plan import Summary

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


def command(*arguments: str | Path, practice: bool = False) -> str:
    """A command to paste into a shell, whatever the paths hold."""
    return shlex.join(["send-campaign", *map(str, arguments), *(["--practice"] if practice else [])])


def ask(question: str, words: Words) -> bool:
    """Both languages' yes is one, whatever the question's language."""
    try:
        return answer_to(f"{question} {words('question.choice')} ").lower() in {"y", "yes", "o", "oui"}
    except EOFError:
        return False


def answer_to(question: str) -> str:
    """The line that is typed behind a question, without blanks around it. Raises EOFError."""
    return typed(lambda: err().print(question, end="", markup=False)).strip()


def title(name: str, note: str, console: Console) -> None:
    console.print(f"[bold]{escape(name)}[/bold]" + (f"  {escape(note)}" if note else ""))


def show_some(lines: Sequence[str], console: Console, words: Words) -> None:
    for line in lines[:ROWS_SHOWN]:
        console.print(f"    {line}", markup=False)
    if len(lines) > ROWS_SHOWN:
        console.print(f"    {words('plan.more', n=len(lines) - ROWS_SHOWN)}", markup=False)


def show_summary(summary: Summary, console: Console, words: Words) -> None:
    """What became of the campaign; the numbers add up to the audience, and the line says so."""
    title(summary.campaign, words("summary.practice") if summary.practice else "", console)
    console.print(added_up(summary.sums, words))
    show_answers(summary.answers, console, words)
    if summary.sent_now:
        console.print(f"  {words('summary.accepted_now', n=summary.sent_now, rate=f'{summary.rate:.0f}')}")
    for line in summary.words:
        console.print(f"  {line}", markup=False)


def added_up(sums: Sums, words: Words) -> str:
    parts = [words(f"sums.{name}", n=getattr(sums, name)) for name in ORDER if getattr(sums, name)]
    return f"  {words('sums.audience', n=sums.audience, parts=' + '.join(parts) or words('sums.nobody'))}"


def show_answers(answers: Sequence[RelayAnswer], console: Console, words: Words) -> None:
    """Why the relay refused or put off; its codes only, since its own words may name people."""
    for one in answers:
        letters = words(f"sums.{one.state.value}", n=one.letters)
        answer = " ".join(str(part) for part in (one.code, one.enhanced, one.stage and f"({one.stage})") if part)
        console.print(f"    {words('summary.answer', letters=letters, answer=answer)}", markup=False)


def show_standing(
    standing: CampaignStanding,
    unknown: Sequence[UnknownLetter],
    hung: Sequence[HungRun],
    console: Console,
    words: Words,
    *,
    practice: bool,
) -> None:
    """One campaign of the ledger: its numbers, its living runs, its letters of unknown fate."""
    sums = standing.sums
    title(standing.name, standing.path, console)
    console.print(added_up(sums, words))
    if standing.live_runs:
        console.print(f"  {words('status.runs', n=standing.live_runs)}")
    for run in hung:
        console.print(f"  {hung_words(run, words)}", markup=False)
    if sums.unknown:
        resolve = command("resolve", standing.path, practice=practice)
        console.print(f"  {words('status.unknown', n=sums.unknown, command=resolve)}", markup=False)
        show_unknown(unknown, console, words)


def hung_words(run: HungRun, words: Words) -> str:
    """What to do about a process that holds letters and does nothing with them."""
    since = f"{run.silent_since:%Y-%m-%d %H:%M:%S} UTC"
    return words("status.hung", n=run.letters, process=run.process or "?", since=since)


def show_unknown(letters: Sequence[UnknownLetter], console: Console, words: Words) -> None:
    def line(letter: UnknownLetter) -> str:
        when = f"{letter.opened_at:%Y-%m-%d %H:%M:%S} UTC" if letter.opened_at else words("status.lost")
        return f"{when}  {letter.message_id or letter.contact}"

    show_some([line(letter) for letter in letters], console, words)


ORDER = ("accepted", "held", "refused", "deferred", "unknown", "waiting", "withdrawn", "sending")


@contextmanager
def progress(total: int, what: str, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left on stderr; the caller advances it letter by letter."""
    if not shown or not sys.stderr.isatty():
        yield lambda _n: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as bar:
        task = bar.add_task(what, total=total, rate="")

        def advance(count: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, advance=count, rate=f"{speed:.0f}/s" if speed else "")

        yield advance


@contextmanager
def counting(what: str, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """How many lines were read so far, of a file whose length is not known; on stderr."""
    if not shown or not sys.stderr.isatty():
        yield lambda _n: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn

    with Progress(
        SpinnerColumn(), TextColumn("{task.description} {task.completed:.0f}"), console=err(), transient=True
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda count: bar.update(task, advance=count)


def print_json(schema: str, content: dict[str, Any]) -> None:
    """One JSON object on stdout; ``schema`` names its shape, docs/reference/json.md describes it."""
    text = json.dumps({"schema": f"send-campaign/{schema}", **content}, ensure_ascii=False, indent=2)
    try:
        print(text, flush=True)
    except BrokenPipeError:
        to_nowhere(sys.stdout)
