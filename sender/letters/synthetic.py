"""Invented recipients, alike in nothing, for renderings that the campaign gates compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sender.model import Address, Campaign, CompanyForm, Contact, ContactId

_PEOPLE = (
    ("a", "Aurélie", "Brissac", "Brissac Imprimerie", "SARL", "Directrice juridique"),
    ("b", "Ko", "Wu", "Wu & Fils", "SAS", "DPO"),
    ("c", "Maximilienne-Éléonore", "de Saint-Guilhem-le-Désert", "L’Atelier <Nord>", "SA", "Gérante"),
)


def synthetic_contacts(campaign: Campaign, columns: Iterable[str] = ()) -> tuple[Contact, ...]:
    """Three people who differ in every field, then variants of the first without what a row may leave out.

    ``columns``: other columns that the templates use (`Templates.columns`); all of them filled, then all empty.
    """
    columns = tuple(columns)
    full = tuple(_person(campaign, number, columns) for number in range(len(_PEOPLE)))
    return full + tuple(_variants(full[0], campaign))


def _person(campaign: Campaign, number: int, columns: tuple[str, ...]) -> Contact:
    letter, first, last, company, legal_form, title = _PEOPLE[number]
    local, domain = f"recipient-{letter}{number}", f"synthetic-{letter}.example"
    return Contact(
        id=ContactId(f"{number + 1:032x}"),
        email=Address(local, domain, f"{local}@{domain}"),
        first_name=first,
        last_name=last,
        company=company,
        legal_form=legal_form,
        form=CompanyForm.LEGAL_PERSON,
        title=title,
        country=campaign.audience.country or "FR",
        language=campaign.language,
        more={column: f"{column} {letter}{number}" for column in columns},
    )


def _variants(person: Contact, campaign: Campaign) -> Iterable[Contact]:
    bare = Contact(id=ContactId(f"{9:032x}"), email=person.email, company=person.company, title=person.title)
    yield replace(person, id=ContactId(f"{8:032x}"), first_name="", last_name="")
    yield replace(person, id=ContactId(f"{7:032x}"), company=None, title=None)
    yield replace(person, id=ContactId(f"{6:032x}"), more=dict.fromkeys(person.more, ""))
    yield bare
