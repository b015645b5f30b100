"""``send-campaign contacts merge``: two contacts that are one person become one, on somebody's word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Json, Practice, Yes, typed_address
from sender.errors import Exit

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sender.cli.words import Words
    from sender.model import Contact
    from sender.steps.house import House

Name = Annotated[str, Parameter(allow_leading_hyphen=True, help="Its address, or its id from: contacts doubles.")]

_ID = re.compile(r"[0-9a-f]{32}")


def merge(keep: Name, gone: Name, /, *, yes: Yes = False, practice: Practice = False, json: Json = False) -> Exit:
    """Make one contact of two. KEEP has its address and fields, and those of GONE where it has none.

    Provenance, consents and sales of both are kept, and what stands against either address stands against both.
    Whoever is met under the other address from now on, in a file or on a link, is the contact that was kept.
    """
    from sender.cli import wiring
    from sender.cli.person_erase import confirm, houses
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    settings = wiring.settings_for(None)
    words = Words(settings.language)
    with houses(settings, practice=practice) as (house, *copies):
        with house.store.read() as connection:
            pair = _named(connection, keep), _named(connection, gone)
        if not json:
            _show(*pair, words)
        confirm(words("merge.question"), words, yes=yes)
        changed = _merged(house, pair)
        for copy in copies:
            _merge_copy(copy, pair)
    if json:
        print_json("contacts-merge/1", {"id": pair[0].id, "former_id": pair[1].id, "changed": list(changed)})
        return Exit.AS_PLANNED
    out().print(words("merge.done"), markup=False)
    return Exit.AS_PLANNED


def _named(connection: Connection, name: str) -> Contact:
    """Two spellings of one mailbox may be two contacts of an old base: those are told apart by their ids."""
    from sender import contacts
    from sender.cli.contacts_list import no_such_contact
    from sender.model import ContactId

    if _ID.fullmatch(name):
        found = contacts.by_id(connection, ContactId(name))
    else:
        found = contacts.by_email(connection, typed_address(name))
    if found is None:
        raise no_such_contact()
    return found


def _show(kept: Contact, gone: Contact, words: Words) -> None:
    """Both, field by field, and what will hold."""
    from rich.table import Table
    from rich.text import Text

    from sender import contacts
    from sender.cli.codes import label
    from sender.cli.terminal import err

    left = contacts.merged(kept, gone)
    table = Table("", words("merge.kept"), words("merge.gone"), words("merge.left"), box=None, pad_edge=False)
    for name in _FIELDS:
        cells = [_cell(getattr(one, name)) for one in (kept, gone, left)]
        if any(cells):
            table.add_row(label(name, words), *map(Text, cells))
    err().print(table)


_FIELDS = (
    *("email", "first_name", "last_name", "company", "legal_form", "company_number"),
    *("title", "country", "language", "topics", "last_inbound_on"),
)


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def _merged(house: House, pair: tuple[Contact, Contact]) -> tuple[str, ...]:
    from sender import contacts, ledger

    kept, gone = pair
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        ledger.leave_to(connection, kept.id, gone.id)
        kept, gone = (contacts.page(connection, [one.id])[0] for one in (kept, gone))
        changed = contacts.merge_doubles(
            connection, kept, gone, hash_of=house.hash_of, record=ledger.journal.append, now=house.now()
        )
        house.state.record_same(kept.id, house.hash_of(gone.email), house.hash_of(kept.email), house.now())
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return changed


def _merge_copy(practice: House, pair: tuple[Contact, Contact]) -> None:
    """Practice has people of its own, under ids of its own; what it does not know as two needs no merging there."""
    from sender import contacts

    with practice.store.read() as connection:
        here = [contacts.by_email(connection, one.email) for one in pair]
    kept, gone = here
    if kept and gone and kept.id != gone.id:
        _merged(practice, (kept, gone))
