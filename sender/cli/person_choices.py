"""``send-campaign person choices``: what a person asked for by other ways than the public pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Email, Json, Practice, typed_address
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from sender.model import Address, Choices
    from sender.steps.house import House

COMPLAINTS = {"SC-643": "A choice cannot be meant so"}


def choices(
    email: Email,
    /,
    *,
    most: Annotated[int | None, Parameter(help="Mails in twelve months, at most.")] = None,
    no_limit: Annotated[bool, Parameter(negative="", help="They no longer want a limit of their own.")] = False,
    language: Annotated[str | None, Parameter(help="The language that they want, like fr.")] = None,
    refuse: Annotated[tuple[str, ...], Parameter(negative="", help="A topic of which they want nothing more.")] = (),
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Note what a person asked for by telephone or mail, and show what holds.

    Unlike the public page, this may raise a limit: you have the person's word. A topic is allowed again by their
    consent to it (consent grant --scope topic:NAME).
    """
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    address = typed_address(email)
    spoken = _language(language)
    if (most is not None and most < 1) or (most and no_limit):
        raise _not_so("a limit is one mail in twelve months at least, and --no-limit stands alone")
    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        held = _noted(house, address, most, no_limit, spoken, refuse)
    if json:
        content = {"most_per_year": held.most_per_year, "language": held.language, "refused": list(held.refused)}
        print_json("person-choices/1", content)
        return Exit.AS_PLANNED
    words = Words(settings.language)
    nothing = words("choices.nothing")
    out().print(words("choices.most", n=held.most_per_year or nothing), markup=False)
    out().print(words("choices.language", language=held.language or nothing), markup=False)
    out().print(words("choices.refused", topics=", ".join(held.refused) or nothing), markup=False)
    return Exit.AS_PLANNED


def _noted(
    house: House, address: Address, most: int | None, no_limit: bool, language: str | None, refuse: tuple[str, ...]
) -> Choices:
    from sender import contacts, ledger
    from sender.cli.contacts_list import no_such_contact
    from sender.model import as_topic

    record, now = ledger.journal.append, house.now()
    topics = tuple(as_topic(one) for one in refuse if one.strip())
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        contact = contacts.by_email(connection, address)
        if contact is None:
            raise no_such_contact()
        contacts.choose(
            connection,
            contact.id,
            most_per_year=most,
            language=language,
            may_raise=True,
            no_cap=no_limit,
            record=record,
            now=now,
        )
        house.state.record_refusals(contact.id, house.hash_of(contact.email), topics, now)
        ledger.take_in(connection, house.state)
        held = contacts.choices_of(connection, [contact.id]).get(contact.id, contact.choices)
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return held


def _language(text: str | None) -> str | None:
    if text is None:
        return None
    word = text.strip().lower()
    if not (word.isascii() and word.isalpha() and len(word) in {2, 3}):
        raise _not_so("the language is not understood")
    return word


def _not_so(what: str) -> Exception:
    return UsageError.of(
        "SC-643", what, why="Nothing was noted.", todo="Write it like  --most 4 --language fr --refuse paie"
    )
