"""Who may be written to: contact files in, the base of contacts, their consents, objections and suppressions.

In comes a file (CSV or workbook, as French firms have them) or an address; out come ``Contact`` values with ids that
never change. Every row of a file is a contact, a double or a rejected row. Nothing here undoes an objection or
a consent, and nothing here decides whether anybody is written to: that is for the gates.
"""

from sender.contacts import imports, pending
from sender.contacts.aliases import addresses_of, as_of_today, former_addresses, keys_of_today
from sender.contacts.base import (
    HashOf,
    Upserted,
    by_email,
    by_id,
    by_key,
    by_keys,
    count,
    differences,
    merge,
    page,
    upsert,
    walk,
)
from sender.contacts.choices import caps_of, choices_of, choose, refuse_topics, refused_by, refused_under
from sender.contacts.complaints import COMPLAINTS
from sender.contacts.consents import (
    OtherWordingError,
    Record,
    Word,
    all_consents,
    all_sales,
    consent_of_request,
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
from sender.contacts.corrections import corrections
from sender.contacts.domains import PatternError, block, blocked, pattern_as_address, unblock
from sender.contacts.exclusions import LIST_REASONS, Exclusions, exclude
from sender.contacts.importing import Imported, import_file, try_import
from sender.contacts.intake import ContactFile, Double, Rejected, Report, Row, headers_of, read
from sender.contacts.lifting import Lifting, lift, lift_by_consent, take_back
from sender.contacts.meeting import Against, domain_as_address, forms_of, hashes_of, meet, standing_against
from sender.contacts.merging import merge_doubles, merged
from sender.contacts.pending import Pending
from sender.contacts.practice import carry_over, copy_people
from sender.contacts.provenance import Origin, copy_origins, origins
from sender.contacts.rectification import corrected, rectify, with_topics
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
from sender.contacts.selection import selected
from sender.contacts.suppression import (
    REASONS,
    Stop,
    erased,
    is_suppressed,
    lookup,
    object_to_mail,
    stops_of,
    suppress,
)
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
    "Imported",
    "Lifting",
    "Origin",
    "OtherWordingError",
    "PatternError",
    "Pending",
    "Record",
    "Rejected",
    "Report",
    "Request",
    "Row",
    "Stop",
    "Upserted",
    "Word",
    "addresses_of",
    "all_consents",
    "all_requests",
    "all_sales",
    "answered",
    "as_of_today",
    "block",
    "blocked",
    "by_email",
    "by_id",
    "by_key",
    "by_keys",
    "caps_of",
    "carry_over",
    "choices_of",
    "choose",
    "consent_of_request",
    "copy_history",
    "copy_origins",
    "copy_people",
    "corrected",
    "corrections",
    "count",
    "differences",
    "domain_as_address",
    "due_on",
    "erased",
    "exclude",
    "extend",
    "former_addresses",
    "forms_of",
    "grant",
    "hashes_of",
    "headers_of",
    "history",
    "import_file",
    "imports",
    "is_suppressed",
    "keep_wording",
    "keys_of_today",
    "latest_consents",
    "latest_sales",
    "lift",
    "lift_by_consent",
    "lines_naming",
    "lookup",
    "meet",
    "merge",
    "merge_doubles",
    "merged",
    "object_to_mail",
    "origins",
    "page",
    "pattern_as_address",
    "pending",
    "read",
    "receive",
    "rectify",
    "refuse_topics",
    "refused_by",
    "refused_under",
    "renew_forms",
    "requests_of",
    "selected",
    "sold",
    "standing_against",
    "standing_consents",
    "stops_of",
    "suppress",
    "take_back",
    "try_import",
    "unblock",
    "upsert",
    "valid_scope",
    "walk",
    "with_topics",
    "withdraw",
    "wording_text",
]
