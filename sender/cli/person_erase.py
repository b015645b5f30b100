"""``send-campaign person erase``: a person leaves everything that this program keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sender.cli.options import Email, Json, Practice, Yes, typed_address
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from sender.cli.words import Words
    from sender.settings import Settings
    from sender.steps.erasure import Foreseen, Trace
    from sender.steps.house import House

COMPLAINTS = {"SC-180": "A command that cannot be undone was not confirmed"}


def erase(
    email: Email,
    /,
    *,
    yes: Yes = False,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Remove a person everywhere: base, ledger's texts, proof's payloads, practice, previews, exports. For good.

    A keyed hash of the address stays, so that no import brings the person back; the journal still verifies. Your own
    spreadsheets are not touched: the lines that hold the person are named.
    """
    from sender.cli import wiring
    from sender.cli.terminal import print_json
    from sender.cli.words import Words
    from sender.steps import erasure

    address = typed_address(email)
    settings = wiring.settings_for(None)
    words = Words(settings.language)
    with houses(settings, practice=practice) as opened:
        foreseen = [erasure.foresee(house, address) for house in opened]
        traces = erasure.spreadsheets(opened[0], foreseen[0].who)
        if not json:
            show(foreseen, traces, words)
        confirm(words("erase.question"), words, yes=yes)
        done = [erasure.erase(house, one) for house, one in zip(opened, foreseen, strict=True)]
    if json:
        rows = {table: sum(one.rows.get(table, 0) for one in foreseen) for one in foreseen for table in one.rows}
        files = [str(path) for one in foreseen for path in one.files]
        named = [{"path": str(trace.path), "lines": list(trace.lines)} for trace in traces]
        known = any(one.who.contact for one in foreseen)
        print_json("erase/1", {"in_base": known, "rows": rows, "files": files, "named_in": named, "clean": all(done)})
    else:
        tell(traces, words, clean=all(done))
    return Exit.AS_PLANNED


@contextmanager
def houses(settings: Settings, *, practice: bool) -> Iterator[list[House]]:
    """The real base and, where somebody has practised, the practice base; with ``--practice`` that one alone."""
    from sender.cli import wiring

    with wiring.opened(settings, practice=practice) as house:
        if practice or not (settings.project / wiring.PRACTICE_BASE).exists():
            yield [house]
            return
        with wiring.opened(settings, practice=True) as other:
            yield [house, other]


def confirm(question: str, words: Words, *, yes: bool) -> None:
    """Go on only on somebody's word; where nobody can be asked, ``--yes`` must have said it."""
    from sender.cli.terminal import ask, watched

    if yes or (watched() and ask(question, words)):
        return
    raise UsageError.of(
        "SC-180",
        "this was not confirmed",
        why="It cannot be undone; nothing was done.",
        todo="Answer on a terminal, or add --yes.",
    )


def show(foreseen: list[Foreseen], traces: list[Trace], words: Words) -> None:
    """What will go, before anything goes. Says no more of somebody than that the base knows the address, or not."""
    from sender.cli.terminal import err

    console = err()
    known = any(one.who.contact for one in foreseen)
    console.print(words("erase.in_base" if known else "erase.not_in_base"))
    for one in foreseen:
        for table, count in one.rows.items():
            console.print(f"  {count:>6}  {words(f'held.{table}')}", markup=False)
        for path in one.files:
            console.print(f"          {path}", markup=False)


def tell(traces: list[Trace], words: Words, *, clean: bool) -> None:
    from sender.cli.terminal import out

    console = out()
    console.print(words("erase.done"))
    if not clean:
        console.print(words("erase.not_clean"))
    if traces:
        console.print(words("erase.spreadsheets"))
    for trace in traces:
        lines = ", ".join(map(str, trace.lines))
        said = words("erase.lines", lines=lines) if lines else words("erase.unreadable")
        console.print(f"  {trace.path}: {said}", markup=False)
    console.print(words("erase.backups"))
