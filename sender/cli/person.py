"""``send-campaign person``: what the law lets a person ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Email, Json, Practice, typed_address
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from sender.cli.words import Words
    from sender.model import Address, Contact
    from sender.steps.house import House

COMPLAINTS = {"SC-183": "The base does not know this address"}

Field = Annotated[str | None, Parameter(help="The correct value; an empty text takes it away.")]


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


def restrict(
    email: Email,
    /,
    *,
    lift: Annotated[
        bool, Parameter(negative="", show_default=False, help="End the restriction; the person must be told first.")
    ] = False,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Keep a person's data and do not use them: no mail, until the restriction is lifted."""
    from sender import contacts, ledger
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    # Meets: GDPR art. 18(1), 18(3)
    address = typed_address(email)
    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        now, hashed, record = house.now(), house.hash_of(address), ledger.journal.append
        if not lift:
            house.state.record_objection(wiring.NOBODY, hashed, now, "restricted")
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            known = contacts.by_email(connection, address)
            contact = known.id if known else None
            if lift:
                names = contacts.addresses_of(connection, known) if known else ()
                lifted = [
                    contacts.lift(connection, one, "restricted", by="operator", record=record, now=now)
                    for one in sorted({hashed, *map(house.hash_of, names)})
                ]
                changed = any(lifted)
            else:
                changed = True
                record(connection, "restricted", {"address_hash": hashed.hex()}, contact, now)
                contacts.answered(
                    connection, contact, hashed, "restriction", "restricted", today=house.today, record=record, now=now
                )
            head = ledger.journal.head(connection)
        house.keep_head(head)
    word = "restricted" if not lift else "lifted" if changed else "not_restricted"
    if json:
        print_json("restriction/1", {"in_base": known is not None, "restricted": not lift, "changed": changed})
    else:
        out().print(Words(settings.language)(f"restriction.{word}"))
    return Exit.AS_PLANNED


def rectify(
    email: Email,
    /,
    *,
    new_email: Annotated[str | None, Parameter(name="--email", help="The correct address.")] = None,
    first_name: Field = None,
    last_name: Field = None,
    company: Field = None,
    legal_form: Field = None,
    title: Field = None,
    country: Field = None,
    language: Field = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Correct what the base says of a person; the journal keeps what stood before, until the person is erased."""
    from sender.cli import wiring
    from sender.cli.person_erase import houses
    from sender.cli.terminal import print_json
    from sender.cli.words import Words

    given = {
        "email": new_email,
        "first_name": first_name,
        "last_name": last_name,
        "company": company,
        "legal_form": legal_form,
        "title": title,
        "country": country,
        "language": language,
    }
    said = {name: text for name, text in given.items() if text is not None}
    address = typed_address(email)
    if not said:
        raise UsageError.of(
            "SC-101",
            "nothing to correct is named",
            why="Nothing was done.",
            todo='Write what is right:  send-campaign person rectify EMAIL --title "..."',
        )
    settings = wiring.settings_for(None)
    with houses(settings, practice=practice) as (real, *copies):
        before, after, changed = corrected_in(real, address, said)
        for copy in copies:
            corrected_copy(copy, address, said)
    derived = derived_anew(before, after)
    if json:
        print_json("rectify/1", {"contact": before.id, "changed": list(changed), "derived": derived})
    else:
        tell_corrections(changed, derived, Words(settings.language))
    return Exit.AS_PLANNED


def corrected_in(house: House, address: Address, said: dict[str, str]) -> tuple[Contact, Contact, tuple[str, ...]]:
    from sender import contacts, ledger

    record, now = ledger.journal.append, house.now()
    with house.store.write() as connection:
        stored = contacts.by_email(connection, address)
        if stored is None:
            raise UsageError.of(
                "SC-183",
                "the base does not know this address",
                why="There is nothing to correct; nothing was changed.",
                todo="Check how it is written; a person may be in the base under another address.",
            )
        after = contacts.corrected(stored, said)
        changed = contacts.rectify(connection, stored, after, hash_of=house.hash_of, record=record, now=now)
        if stored.email.key != after.email.key:
            house.state.record_same(stored.id, house.hash_of(stored.email), house.hash_of(after.email), now)
        asked = (connection, stored.id, house.hash_of(address), "rectification", "rectified")
        contacts.answered(*asked, today=house.today, record=record, now=now)
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return stored, after, changed


def corrected_copy(practice: House, address: Address, said: dict[str, str]) -> None:
    """Practice has people of its own; one whom it does not know needs no correction there."""
    from sender import contacts

    with practice.store.read() as connection:
        known = contacts.by_email(connection, address)
    if known is not None:
        corrected_in(practice, address, said)


def derived_anew(before: Contact, after: Contact) -> dict[str, list[str]]:
    """What the program concludes from the fields, where it concludes something else now: before, after."""
    from sender.functions import match
    from sender.law import classify

    def concluded(contact: Contact) -> dict[str, str]:
        return {
            "address_class": classify(contact.email, contact.form, contact.company).value,
            "functions": ", ".join(match(contact.title).functions),
            "legal_form": contact.form.value,
            "country": contact.country or "",
        }

    old, new = concluded(before), concluded(after)
    derived = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    if before.email.key != after.email.key:
        derived["address_hash"] = []  # its value says nothing to anybody
    return derived


def tell_corrections(changed: tuple[str, ...], derived: dict[str, list[str]], words: Words) -> None:
    from sender.cli.codes import label
    from sender.cli.terminal import out

    console = out()
    if not changed:
        console.print(words("rectify.same"))
    for name in changed:
        if name not in {"email_key", "form"}:
            console.print(words("rectify.changed", field=label(name, words)), markup=False)
    for name, pair in derived.items():
        said = " -> ".join(concluded(name, value, words) for value in pair) or words("rectify.hash")
        console.print(f"  {words(f'derived.{name}')} : {said}", markup=False)


def concluded(name: str, value: str, words: Words) -> str:
    from sender.cli.codes import code

    column = {"legal_form": "form"}.get(name, name)
    return ", ".join(code("contacts", column, each, words) for each in value.split(", ")) if value else "?"
