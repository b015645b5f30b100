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
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.steps import rights

    address = typed_address(email)
    settings = wiring.settings_for(None, log_needed=False)
    with wiring.opened(settings, practice=practice) as house:
        now = house.now()
        known = rights.stop(house, address, channel="command") is not None
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
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.steps import rights

    address = typed_address(email)
    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        if lift:
            known, changed = rights.lift_restriction(house, address)
        else:
            known, changed = rights.restrict(house, address, channel="command"), True
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
    from sender.steps import rights

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
        for copy in copies:  # practice has people of its own; one whom it does not know needs no correction there
            rights.correct(copy, address, said, channel="command")
    derived = derived_anew(before, after)
    if json:
        print_json("rectify/1", {"contact": before.id, "changed": list(changed), "derived": derived})
    else:
        tell_corrections(changed, derived, Words(settings.language))
    return Exit.AS_PLANNED


def corrected_in(house: House, address: Address, said: dict[str, str]) -> tuple[Contact, Contact, tuple[str, ...]]:
    from sender.steps import rights

    done = rights.correct(house, address, said, channel="command")
    if done is None:
        raise UsageError.of(
            "SC-183",
            "the base does not know this address",
            why="There is nothing to correct; nothing was changed.",
            todo="Check how it is written; a person may be in the base under another address.",
        )
    return done


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
