"""Probable doubles of the whole base, on both data bases."""

from __future__ import annotations

from dataclasses import replace

from sender import contacts
from sender.address import parse
from sender.model import Contact, ContactId
from sender.store import Store, alike
from tests.databases import NOW
from tests.integration.test_provenance import hash_of


def test_equal_names_in_one_company_or_under_one_number_are_shown(store: Store) -> None:
    """Letter case aside, of letters with accents too; neither namesakes elsewhere nor contacts without a name."""
    anne = Contact(ContactId(""), parse("a@a.example"), first_name="Anne", last_name="Martin", company="Éluard")
    number = "732829320"
    people = [
        anne,
        replace(anne, email=parse("b@a.example"), last_name="MARTIN", company="ÉLUARD"),
        replace(anne, email=parse("c@a.example"), company="Other"),
        replace(anne, email=parse("d@a.example"), first_name="Jo", company="One", company_number=number),
        replace(anne, email=parse("e@a.example"), first_name="jo", company=None, company_number=number),
        replace(anne, email=parse("f@a.example"), first_name="", last_name=""),
        replace(anne, email=parse("g@a.example"), first_name="", last_name=""),
    ]
    with store.write() as connection:
        contacts.upsert(connection, people, hash_of=hash_of, now=NOW)
    with store.read() as connection:
        groups = [contacts.page(connection, ids) for ids in alike(connection)]

    assert {frozenset(one.email.local for one in group) for group in groups} == {frozenset("ab"), frozenset("de")}
