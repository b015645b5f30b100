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
from sender.contacts.consents import (
    OtherWordingError,
    Record,
    Word,
    all_consents,
    all_sales,
    copy_history,
    grant,
    history,
    keep_wording,
    latest_consents,
    latest_sales,
    sold,
    standing_consents,
    valid_scope,
    withdraw,
    wording_text,
)
from sender.contacts.domains import PatternError, block, blocked, pattern_as_address, unblock
from sender.contacts.exclusions import LIST_REASONS, Exclusions, exclude
from sender.contacts.intake import ContactFile, Double, Rejected, Report, Row, read
from sender.contacts.lifting import Lifting, lift, lift_by_consent
from sender.contacts.meeting import Against, domain_as_address, hashes_of, meet, standing_against
from sender.contacts.practice import carry_over, copy_people
from sender.contacts.renewal import renew_forms
from sender.contacts.requests import (
    CHANNELS,
    KINDS,
    OUTCOMES,
    Request,
    all_requests,
    answered,
    due_on,
    extend,
    receive,
    requests_of,
)
from sender.contacts.suppression import REASONS, erased, is_suppressed, lookup, object_to_mail, suppress
from sender.contacts.traces import lines_naming

__all__ = [
    "CHANNELS",
    "COMPLAINTS",
    "KINDS",
    "LIST_REASONS",
    "OUTCOMES",
    "REASONS",
    "Against",
    "ContactFile",
    "Double",
    "Exclusions",
    "HashOf",
    "Lifting",
    "OtherWordingError",
    "PatternError",
    "Record",
    "Rejected",
    "Report",
    "Request",
    "Row",
    "Upserted",
    "Word",
    "all_consents",
    "all_requests",
    "all_sales",
    "answered",
    "block",
    "blocked",
    "by_email",
    "by_id",
    "by_key",
    "by_keys",
    "carry_over",
    "copy_history",
    "copy_people",
    "count",
    "domain_as_address",
    "due_on",
    "erased",
    "exclude",
    "extend",
    "grant",
    "hashes_of",
    "history",
    "is_suppressed",
    "keep_wording",
    "latest_consents",
    "latest_sales",
    "lift",
    "lift_by_consent",
    "lines_naming",
    "lookup",
    "meet",
    "merge",
    "object_to_mail",
    "page",
    "pattern_as_address",
    "read",
    "receive",
    "renew_forms",
    "requests_of",
    "sold",
    "standing_against",
    "standing_consents",
    "suppress",
    "unblock",
    "upsert",
    "valid_scope",
    "walk",
    "withdraw",
    "wording_text",
]
