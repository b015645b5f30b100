"""Who vouches for a letter? Signing keys and a letter's header fields go in, DKIM-Signature fields come out.

    signer = Signer((Identity(key, "eluard.example", "c2026"),))
    lines = signer.header(fields, body_hash, when)         the lines to put before the letter's own
    BodyMould(fixed).hash(between)                         a body's hash, what does not change hashed once

``record`` says what has to stand in the DNS, ``published`` what does stand there. This room knows neither campaigns
nor contacts nor settings, and writes no header but its own.
"""

from sender.dkim.alignment import aligned
from sender.dkim.body import BodyMould, body_hash
from sender.dkim.canonical import relaxed_body, relaxed_field
from sender.dkim.complaints import COMPLAINTS
from sender.dkim.fields import FIELDS, SignedField
from sender.dkim.keys import ADVISED_BITS, Kind, SigningKey, make_key, parse_key, read_key_file, write_key_file
from sender.dkim.published import Resolver, demand_published
from sender.dkim.record import Record, quoted, record_name, record_text
from sender.dkim.signer import Identity, Signer
from sender.dkim.verifying import Broken, broken

__all__ = [
    "ADVISED_BITS",
    "COMPLAINTS",
    "FIELDS",
    "BodyMould",
    "Broken",
    "Identity",
    "Kind",
    "Record",
    "Resolver",
    "SignedField",
    "Signer",
    "SigningKey",
    "aligned",
    "body_hash",
    "broken",
    "demand_published",
    "make_key",
    "parse_key",
    "quoted",
    "read_key_file",
    "record_name",
    "record_text",
    "relaxed_body",
    "relaxed_field",
    "write_key_file",
]
