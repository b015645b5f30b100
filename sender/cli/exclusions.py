"""``send-campaign contacts exclude | block | unblock | blocked``: whom no campaign reaches, whatever a file says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from sender.cli.options import Json, Practice
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from sender.cli.words import Words
    from sender.contacts import Exclusions
    from sender.steps.house import House

COMPLAINTS = {
    "SC-140": "This is not a domain",
    "SC-141": "This domain is not blocked",
    "SC-142": "The exclusion list has no origin",
}

ListReason = Literal["excluded", "objected", "complained", "bounced"]
Pattern = Annotated[str, Parameter(help="example.com, or *.example.com for it and everything below it.")]


def exclude(
    file: Annotated[Path, Parameter(help="The list: a text file, a CSV file or a workbook.")],
    /,
    *,
    origin: Annotated[str, Parameter(help='Where it comes from and of when: "Robinson ES 2026-11".')],
    reason: Annotated[
        ListReason, Parameter(help="What the people on it said or what became of their address.")
    ] = "excluded",
    column: Annotated[str | None, Parameter(help="The column to read, where several could be meant.")] = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Put everybody on a list on the suppression list, for good.

    A line holds an address, its MD5, SHA-1 or SHA-256, or a domain written @example.com or *.example.com.
    """
    from sender import contacts, ledger
    from sender.cli import wiring
    from sender.cli.terminal import counting, out, print_json
    from sender.cli.words import Words

    if not origin.strip():
        raise UsageError.of(
            "SC-142",
            "the list has no origin",
            why="Years later somebody will ask why these people are not written to.",
            todo='Say where it comes from: --origin "Robinson ES 2026-11"',
        )
    settings = wiring.settings_for(None)
    words = Words(settings.language)
    with wiring.opened(settings, practice=practice) as house:
        with counting(words("exclusions.reading"), shown=not json) as advance:
            report = contacts.exclude(
                house.store,
                file,
                reason=reason,
                origin=origin.strip(),
                column=column,
                hash_of=house.hash_of,
                record=ledger.journal.append,
                now=house.now(),
                observe=advance,
            )
        keep_head(house)
    if json:
        print_json("exclusions/1", as_json(report))
    else:
        for line in told(report, words):
            out().print(line, markup=False)
    return Exit.AS_PLANNED


def as_json(report: Exclusions) -> dict[str, object]:
    return {
        "lines": report.lines,
        "new": report.new,
        "rejected": report.rejected,
        "contacts_held": report.held,
        "kinds": dict(sorted(report.kinds.items())),
        "rejected_lines": [line for line, _ in report.rejected_lines],
    }


def told(report: Exclusions, words: Words) -> list[str]:
    """What became of the list, in a few lines."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.kinds.items()))
    lines = [words("exclusions.read", n=report.lines, kinds=kinds or "0"), words("exclusions.new", n=report.new)]
    lines.append(words("exclusions.held", n=report.held))
    if report.rejected:
        first = ", ".join(str(line) for line, _ in report.rejected_lines)
        more = ", ..." if report.rejected > len(report.rejected_lines) else ""
        lines.append(words("exclusions.rejected", n=report.rejected, lines=first + more))
    return lines


def block(
    pattern: Pattern,
    /,
    *,
    note: Annotated[str | None, Parameter(help="Why; kept in the journal.")] = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Send no campaign to a domain, until it is unblocked."""
    from sender import contacts, ledger
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        with house.store.write() as connection:
            try:
                count = contacts.block(
                    connection,
                    pattern,
                    hash_of=house.hash_of,
                    record=ledger.journal.append,
                    now=house.now(),
                    note=note,
                )
            except contacts.PatternError:
                raise no_domain() from None
        keep_head(house)
    if json:
        print_json("domain-block/1", {"contacts_held": count})
    else:
        out().print(Words(settings.language)("exclusions.blocked", n=count, pattern=pattern), markup=False)
    return Exit.AS_PLANNED


def unblock(pattern: Pattern, /, *, practice: Practice = False, json: Json = False) -> Exit:
    """Lift a block of your own. What people said about themselves is not lifted by it."""
    from sender import contacts, ledger
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        with house.store.write() as connection:
            try:
                done = contacts.unblock(
                    connection, pattern, hash_of=house.hash_of, record=ledger.journal.append, now=house.now()
                )
            except contacts.PatternError:
                raise no_domain() from None
        keep_head(house)
    if not done:
        raise UsageError.of(
            "SC-141",
            "this domain is not blocked",
            why="Only a block made with  contacts block  can be lifted; a list or an objection stays.",
            todo="See the blocks, as they are written, with: send-campaign contacts blocked",
        )
    if json:
        print_json("domain-block/1", {"contacts_held": 0})
    else:
        out().print(Words(settings.language)("exclusions.unblocked", pattern=pattern), markup=False)
    return Exit.AS_PLANNED


def blocked(*, practice: Practice = False, json: Json = False) -> Exit:
    """List the domains that are blocked."""
    from sender import contacts
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house, house.store.read() as connection:
        rows = contacts.blocked(connection)
    if json:
        print_json("domains-blocked/1", {"blocked": [{"pattern": p, "since": at.isoformat()} for p, at in rows]})
        return Exit.AS_PLANNED
    for name, at in rows:
        out().print(f"{at:%Y-%m-%d}  {name}", markup=False)
    if not rows:
        out().print(Words(settings.language)("exclusions.none_blocked"))
    return Exit.AS_PLANNED


def keep_head(house: House) -> None:
    from sender import ledger

    with house.store.read() as connection:
        head = ledger.journal.head(connection)
    house.keep_head(head)


def no_domain() -> Exception:
    return UsageError.of(
        "SC-140",
        "this is not a domain",
        why="Nothing was changed.",
        todo="Write  example.com  for one domain,  '*.example.com'  (in quotes) for it and everything below it.",
    )
