"""Who may be written to: contact files in, the base of contacts, their consents, objections and suppressions.

In comes a file (CSV or workbook, as French firms have them) or an address; out come ``Contact`` values with ids that
never change. Every row of a file is a contact, a double or a rejected row. Nothing here undoes an objection or
a consent, and nothing here decides whether anybody is written to: that is for the gates.
"""

from sender.contacts.base import (
    HashOf,
    Upserted,
    by_email,
    by_id,
    by_key,
    by_keys,
    count,
    merge,
    page,
    upsert,
    walk,
)
from sender.contacts.complaints import COMPLAINTS
from sender.contacts.consents import Record, all_consents, grant, latest_consents, latest_sales, sold, withdraw
from sender.contacts.intake import ContactFile, Double, Rejected, Report, Row, read
from sender.contacts.meeting import Against, domain_as_address, meet, standing_against
from sender.contacts.practice import carry_over, copy_people
from sender.contacts.renewal import renew_forms
from sender.contacts.suppression import REASONS, erased, is_suppressed, lookup, object_to_mail, suppress

__all__ = [
    "COMPLAINTS",
    "REASONS",
    "Against",
    "ContactFile",
    "Double",
    "HashOf",
    "Record",
    "Rejected",
    "Report",
    "Row",
    "Upserted",
    "all_consents",
    "by_email",
    "by_id",
    "by_key",
    "by_keys",
    "carry_over",
    "copy_people",
    "count",
    "domain_as_address",
    "erased",
    "grant",
    "is_suppressed",
    "latest_consents",
    "latest_sales",
    "lookup",
    "meet",
    "merge",
    "object_to_mail",
    "page",
    "read",
    "renew_forms",
    "sold",
    "standing_against",
    "suppress",
    "upsert",
    "walk",
    "withdraw",
]
