"""``send-campaign contacts edit``: what the base says of a contact, changed on the operator's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Email, Json, Practice, typed_address
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from sender.model import Address
    from sender.steps.house import House

COMPLAINTS = {"SC-148": "An edit names nothing to change"}

Field = Annotated[str | None, Parameter(help='What is right; "" takes it away.')]


def edit(
    email: Email,
    /,
    *,
    first_name: Field = None,
    last_name: Field = None,
    company: Field = None,
    company_number: Annotated[str | None, Parameter(help="SIREN or SIRET.")] = None,
    legal_form: Field = None,
    title: Field = None,
    country: Field = None,
    language: Field = None,
    topic: Annotated[
        tuple[str, ...], Parameter(negative="", allow_leading_hyphen=True, help="+rgpd adds it, -rgpd takes it away.")
    ] = (),
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Change fields of a contact. The journal keeps what stood before, until the person is erased.

    Its address, its provenance, its consents and its objections are not changed here.
    """
    from sender.cli import wiring
    from sender.cli.codes import label
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    fields = {
        "first_name": first_name,
        "last_name": last_name,
        "company": company,
        "company_number": company_number,
        "legal_form": legal_form,
        "title": title,
        "country": country,
        "language": language,
    }
    said = {name: text for name, text in fields.items() if text is not None}
    if not said and not topic:
        raise UsageError.of(
            "SC-148",
            "nothing to change is named",
            why="Nothing was done.",
            todo='Write what is right:  send-campaign contacts edit EMAIL --title "..." --topic +rgpd',
        )
    address = typed_address(email)
    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        changed = _edited(house, address, said, topic)
    if json:
        print_json("contacts-edit/1", {"changed": list(changed)})
        return Exit.AS_PLANNED
    words = Words(settings.language)
    names = ", ".join(label(name, words) for name in changed if name not in {"email_key", "form"})
    out().print(words("edit.changed", names=names) if changed else words("edit.same"), markup=False)
    return Exit.AS_PLANNED


def _edited(house: House, address: Address, said: dict[str, str], topic: tuple[str, ...]) -> tuple[str, ...]:
    from sender import contacts, ledger
    from sender.cli.contacts_list import no_such_contact

    record = ledger.journal.append
    with house.store.write() as connection:
        stored = contacts.by_email(connection, address)
        if stored is None:
            raise no_such_contact()
        after = contacts.with_topics(contacts.corrected(stored, said), topic)
        changed = contacts.rectify(
            connection, stored, after, hash_of=house.hash_of, record=record, now=house.now(), kind="edited"
        )
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return changed
