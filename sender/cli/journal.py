"""``send-campaign journal verify``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sender.cli.options import Json, Practice
from sender.errors import Exit, InputError, UsageError

COMPLAINTS = {"SC-106": "This is not a journal head"}


def verify(
    *,
    head: Annotated[str | None, Parameter(help="A head that a run printed, N:HASH; finds a cut off tail.")] = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Check that no entry of the journal was changed, taken out or cut off; the head kept apart is looked for too."""
    from sender import ledger
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    try:
        known = ledger.JournalHead.parse(head) if head else None
    except ValueError:
        raise UsageError.of(
            "SC-106", "a journal head is written N:HASH", why="Nothing was checked.", todo="Copy it whole."
        ) from None
    settings = wiring.settings_for(None, log_needed=False)
    with wiring.opened(settings, practice=practice) as house, house.store.read() as connection:
        heads = [one for one in (known, house.state.head()) if one is not None]
        flaw = next(filter(None, (ledger.journal.verify(connection, one) for one in heads)), None)
        now_head = ledger.journal.head(connection)
    if flaw is not None:
        raise InputError.of(
            "SC-525",
            ledger.COMPLAINTS["SC-525"],
            why=f"Entry {flaw.seq}: {flaw.kind}. What stands after it proves nothing.",
            todo="Compare with a backup, and with the heads that runs have printed.",
        )
    if json:
        print_json("journal/1", {"entries": now_head.seq, "head": str(now_head)})
    else:
        out().print(Words(settings.language)("journal.whole", n=now_head.seq, head=now_head), markup=False)
    return Exit.AS_PLANNED
