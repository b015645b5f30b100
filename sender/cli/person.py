"""``send-campaign person``: what the law lets a person ask."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sender.cli.options import Json, Practice, typed_address
from sender.errors import Exit


def object_(
    email: Annotated[
        str,
        Parameter(
            allow_leading_hyphen=True, help="The address that is to get no more mail; - reads it from standard input."
        ),
    ],
    /,
    *,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Stop all mail to an address, at once and for good; it need not be in the base."""
    from sender import contacts, ledger
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    address = typed_address(email)
    settings = wiring.settings_for(None, log_needed=False)
    with wiring.opened(settings, practice=practice) as house:
        now, hashed = house.now(), house.hash_of(address)
        house.state.record_objection(wiring.NOBODY, hashed, now)  # first: it holds though the base may fail
        with house.store.write() as connection:
            record = ledger.journal.append
            contact = contacts.object_to_mail(connection, address, hashed, record=record, now=now)
            contacts.answered(
                connection, contact, hashed, "objection", "stopped", today=house.today, record=record, now=now
            )
            head = ledger.journal.head(connection)
        house.keep_head(head)
    known = contact is not None
    if json:
        print_json("objection/1", {"in_base": known, "objected_at": now.isoformat()})
    else:
        out().print(Words(settings.language)("person.objected_in" if known else "person.objected_out"))
    return Exit.AS_PLANNED
