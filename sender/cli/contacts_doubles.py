"""``send-campaign contacts doubles``: contacts that seem to be one person, for somebody to look at."""

from __future__ import annotations

from sender.cli.options import Json, Practice
from sender.errors import Exit


def doubles(*, practice: Practice = False, json: Json = False) -> Exit:
    """List contacts with equal names and the same company or company number. Nothing is changed."""
    from sender import contacts
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.store import alike

    settings = wiring.settings_for(None, log_needed=False)
    with wiring.opened(settings, practice=practice) as house, house.store.read() as connection:
        groups = [contacts.page(connection, ids) for ids in alike(connection)]
    if json:
        found = [[{"id": one.id, "email": one.email.spec} for one in group] for group in groups]
        print_json("contacts-doubles/1", {"doubles": found})
        return Exit.AS_PLANNED
    words = Words(settings.language)
    for group in groups:
        first = group[0]
        out().print(f"{first.first_name} {first.last_name}, {first.company or first.company_number}", markup=False)
        for one in group:
            out().print(f"  {one.email.spec}  {one.id}", markup=False)
    out().print(words("doubles.found", n=len(groups)), markup=False)
    return Exit.AS_PLANNED
