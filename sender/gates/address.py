"""Refuses addresses that cannot receive, that are thrown away, and roles that are never to be mailed."""

from __future__ import annotations

from sender.address import is_reserved
from sender.gates.facts import ContactFacts
from sender.gates.verdicts import Findings, allow, refuse
from sender.law import is_disposable, is_never_mail
from sender.model import AddressClass, Verdict

FINDINGS: Findings = {"mailable": ("address_class",), "invalid": (), "never_mail": (), "disposable": (), "reserved": ()}


def judge(facts: ContactFacts) -> Verdict:
    address = facts.contact.email
    # Meets: RFC 2142 (abuse@, postmaster@ and their like serve the domain, not offers)
    if is_never_mail(address):
        return refuse("address", "never_mail", "RFC 2142")
    if is_disposable(address):
        return refuse("address", "disposable", "A0 3")
    if facts.address_class is AddressClass.INVALID:
        return refuse("address", "invalid", "A0 3")
    # Meets: RFC 2606 §2, §3; RFC 6761 §6 (such names belong to nobody)
    if not facts.reserved_allowed and is_reserved(address):
        return refuse("address", "reserved", "RFC 2606")
    return allow("address", "mailable", "A0 3", ("address_class", AddressClass(facts.address_class).value))
