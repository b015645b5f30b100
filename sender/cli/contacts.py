"""``send-campaign contacts import``: a file into the base, and the report of what it brought."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

from cyclopts import Parameter

from sender.cli.options import Create, Json, Practice
from sender.errors import Exit, InputError, UsageError
from sender.model import SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sender.cli.words import Words
    from sender.contacts import ContactFile, Imported
    from sender.model import Audience
    from sender.settings import Settings
    from sender.steps.house import House

COMPLAINTS = {"SC-145": "The import says too little of where the file comes from"}

_ABOUT_COLUMNS = {"SC-303", "SC-304", "SC-306", "SC-307"}

ContactsFile = Annotated[Path, Parameter(help="CSV, XLSX, ODS or vCard.")]


def import_(
    file: ContactsFile,
    /,
    *,
    source: Annotated[SourceKind, Parameter(help="How the addresses came to you; rows may say otherwise.")],
    collected_on: Annotated[date, Parameter(help="When they were collected: 2026-03-12.")],
    notice: Annotated[str | None, Parameter(help="The version of the notice that people were given.")] = None,
    no_notice: Annotated[bool, Parameter(negative="", help="They were told nothing; such contacts are held.")] = False,
    record: Annotated[str | None, Parameter(help="What proves it: the fair, the form, the invoice.")] = None,
    notice_given_on: Annotated[date | None, Parameter(help="Where it was not on the day of collection.")] = None,
    objection_offered: Annotated[
        bool, Parameter(negative="--no-objection-offered", help="Whether the notice offered a way to object.")
    ] = True,
    country: Annotated[str | None, Parameter(help="Of rows without one: FR.")] = None,
    topic: Annotated[
        tuple[str, ...], Parameter(negative="", help="What they want to hear about; may be repeated.")
    ] = (),
    columns: Annotated[Path | None, Parameter(help="The file that says which column holds what.")] = None,
    rejects: Annotated[Path | None, Parameter(help="Write the rejected lines' numbers and reasons here.")] = None,
    language: Annotated[str | None, Parameter(help="Of the file: how its dates are read (fr, en).")] = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Say what an import would do; write nothing.")] = False,
    practice: Practice = False,
    create: Create = False,
    json: Json = False,
) -> Exit:
    """Bring a contact file into the base. Interrupted, the same command goes on where it stood."""
    from sender import contacts
    from sender.cli import wiring
    from sender.cli.terminal import print_json
    from sender.cli.words import Words
    from sender.model import Audience, Notice, Provenance

    _demand_source(source)
    told = _notice(notice, no_notice)
    _demand_past(collected_on, notice_given_on)
    given = Notice(True, notice, notice_given_on or collected_on, objection_offered) if told else Notice()
    settings = wiring.settings_for(None)
    words = Words(settings.language)
    audience = Audience(file, {}, Provenance(source, record, collected_on, given), country.upper() if country else None)
    table = _understood(audience, columns, settings, language or settings.language, words)
    opened = (
        wiring.opened_or_borrowed(settings, practice=practice)
        if dry_run
        else wiring.opened(settings, practice=practice, create=create or wiring.may_begin(settings, practice=practice))
    )
    with opened as house, _bar(file, words) as observe:
        if dry_run:
            result = contacts.try_import(house.store, table, hash_of=house.hash_of, observe=observe, topics=topic)
        else:
            result = _into(house, table, audience.default, rejects, observe, words, topic)
    if json:
        print_json("contacts-import/1", _as_json(result, dry_run=dry_run))
    else:
        _show(result, words, file.name, dry_run=dry_run)
    return Exit.AS_PLANNED


def _demand_source(source: SourceKind) -> None:
    if source is SourceKind.UNKNOWN:
        raise UsageError.of(
            "SC-145",
            "a source that is not known is none",
            why="Nobody may be written to whose address came from nobody knows where.",
            todo="Find out where the file comes from, then name it: --source trade_show, purchased, web_form ...",
        )


def _notice(version: str | None, none: bool) -> bool:
    if bool(version) != none:
        return not none
    raise UsageError.of(
        "SC-145",
        "either --notice VERSION or --no-notice is needed",
        why="Whether people were told what their address is used for decides whether they may be written to.",
        todo="Name the version of the notice they were given, or add --no-notice.",
    )


def _demand_past(*days: date | None) -> None:
    for day in days:
        if day is not None and day > date.today():  # noqa: DTZ011  the day as the person at this machine has it
            raise UsageError.of(
                "SC-145",
                f"{day.isoformat()} lies in the future",
                why="Periods are counted from this day; a mistyped year would hold everybody.",
                todo="Correct the date; check this machine's clock if the date is right.",
            )


# --- which column holds what


def _understood(
    audience: Audience, columns: Path | None, settings: Settings, language: str, words: Words
) -> ContactFile:
    from dataclasses import replace

    from sender import contacts
    from sender.cli.terminal import watched
    from sender.contacts import mapping

    file = audience.contacts
    where = columns or mapping.kept(file, settings.project)
    known = mapping.read_mapping(where) if where else {}
    try:
        return contacts.read(replace(audience, columns=known), campaign_language=language)
    except InputError as problem:
        if problem.complaints[0].code not in _ABOUT_COLUMNS:
            raise
        headers = contacts.headers_of(file)
        if not (watched() and headers):
            raise _unclear(problem, where or mapping.beside(file)) from None
    chosen = known | {"email": _asked(headers, words)}
    table = contacts.read(replace(audience, columns=chosen), campaign_language=language)
    mapping.keep(mapping.beside(file), chosen)
    return table


def _unclear(problem: InputError, where: Path) -> InputError:
    from dataclasses import replace

    told = (
        replace(each, todo=f'Say it in {where}, one line a field, like  email = "Adresse mail"')
        for each in problem.complaints
    )
    return InputError(*told)


def _asked(headers: tuple[str, ...], words: Words) -> str:
    """Which column holds the addresses; the answer is kept for the next time."""
    from sender.cli.terminal import answer_to, err

    console = err()
    for number, header in enumerate(headers, 1):
        console.print(f"  {number:>3}  {header}", markup=False)
    while True:
        answer = answer_to(f"{words('import.which_column')} ")
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(headers):
            return headers[int(answer) - 1]


# --- the import


def _into(
    house: House,
    table: ContactFile,
    provenance: Any,
    rejects: Path | None,
    observe: Callable[[int], None],
    words: Words,
    topic: tuple[str, ...],
) -> Imported:
    from sender import contacts, ledger
    from sender.cli.terminal import err
    from sender.steps.documents import keep_notice

    source = contacts.imports.FileRead.at(table.path, provenance)
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        warnings = keep_notice(connection, house, provenance.notice.version)
    for warning in warnings:
        err().print(warning, markup=False)
    try:
        with _written(rejects) as lines:
            result = contacts.import_file(
                house.store,
                table,
                source,
                hash_of=house.hash_of,
                record=ledger.journal.append,
                now=house.now,
                rejects=lines,
                observe=observe,
                topics=topic,
            )
    except KeyboardInterrupt:
        err().print(words("import.stopped"), markup=False)
        raise
    with house.store.read() as connection:
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return result


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    """For the owner's eyes, like all that the program writes about contacts."""
    if path is None:
        yield None
        return
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as lines:
        lines.write("line;code;reason\n")
        yield lines


@contextmanager
def _bar(file: Path, words: Words) -> Iterator[Callable[[int], None]]:
    """Rows on a terminal, of as many as there are lines; a workbook's and a card's lines are not rows."""
    from sender.cli.terminal import progress

    shown = sys.stderr.isatty()
    total = _lines_of(file) if shown else 0
    with progress(total, words("import.reading"), shown=shown) as advance:
        reached = 0

        def observe(line: int) -> None:
            nonlocal reached
            advance(max(0, line - reached))
            reached = max(reached, line)

        yield observe


def _lines_of(file: Path) -> int:
    with file.open("rb") if file.is_file() else nullcontext() as lines:
        return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b"")) if lines else 0


# --- the report


def _as_json(result: Imported, *, dry_run: bool) -> dict[str, Any]:
    counts = result.counts
    return {
        "dry_run": dry_run,
        "rows": counts.rows,
        "new": counts.new,
        "changed": counts.changed,
        "changed_fields": dict(sorted(result.fields.items())),
        "same": counts.same,
        "suppressed": counts.suppressed,
        "doubles": counts.doubles,
        "erased": counts.erased,
        "rejected": counts.rejected,
        "rejected_rows": [{"line": row.line, "code": row.code, "reason": row.why} for row in result.rejected],
        "rejected_left_out": counts.rejected - len(result.rejected),
        "went_on_at": result.went_on_at,
        "notes": list(result.notes),
    }


def _show(result: Imported, words: Words, name: str, *, dry_run: bool) -> None:
    from sender.cli.terminal import out, show_some

    console, counts = out(), result.counts
    console.print(words("import.rows", file=name, n=counts.rows), markup=False)
    if result.went_on_at:
        console.print(f"  {words('import.went_on', line=result.went_on_at)}")
    names = ("new", "changed", "same", "doubles", "rejected", "erased")
    labels = words.column(
        "import.new", "import.changed", "import.same", "import.doubles", "import.rejected", "import.erased"
    )
    for label, each in zip(labels, names, strict=True):
        fields = ", ".join(f"{field} {count}" for field, count in result.fields.most_common())
        console.print(
            f"  {label} {getattr(counts, each):>9}" + (f"  ({fields})" if each == "changed" and fields else ""),
            markup=False,
        )
    if counts.suppressed:
        console.print(f"  {words('import.suppressed', n=counts.suppressed)}")
    lines = [words("plan.rejected_row", line=row.line, reason=row.why) for row in result.rejected]
    show_some([*lines, *result.notes], console, words)
    if dry_run:
        console.print(words("import.dry_run"))
