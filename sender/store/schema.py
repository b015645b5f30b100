"""The tables: who may be written to, what was decided, tried and answered.

Times are text, ``2026-04-02T09:00:00.000000Z``: always UTC, always the same width, so that they sort as they stand
in both data bases and read the same in each. Dates are dates. Letters and attempts name a contact by its random id
without a foreign key, because they outlive the contact's erasure.

``migrations/`` makes the tables. Which rows a partial index holds is said here in SQLite's words only: PostgreSQL's
would load its dialect wherever SQLite is used.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    func,
    or_,
    text,
)

__all__ = [
    "VERSION",
    "Moment",
    "aliases",
    "attempts",
    "base",
    "campaigns",
    "choices",
    "claimable",
    "consents",
    "contacts",
    "days",
    "documents",
    "exclusion_digests",
    "exclusion_lists",
    "exports",
    "imports",
    "in_force",
    "intakes",
    "journal",
    "journal_payloads",
    "lanes",
    "letters",
    "mailboxes",
    "metadata",
    "moment_text",
    "pauses",
    "pending",
    "provenances",
    "requests",
    "returns",
    "runs",
    "sales",
    "suppressions",
    "topic_refusals",
    "troubles",
    "verdict_sets",
]

VERSION = "0012"
"""The newest revision in ``migrations/versions``; a test compares."""


@lru_cache(64)  # the statements of a transaction mostly say the same moment
def moment_text(at: datetime) -> str:
    """``at`` as it stands in the base; a time without zone is a mistake of ours."""
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


class Moment(TypeDecorator[datetime]):
    """A point in time, kept as text in UTC."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

base = Table(
    "base",
    metadata,
    Column("only", Integer, CheckConstraint("only = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("base_id", String(32), nullable=False),
    Column("key_check", String(64), nullable=False),
    Column("practice", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("normalisation", Integer, nullable=False, server_default="1"),
    comment="one row: which base this is, and which keys belong to it",
)

# --- who may be written to

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("email_key", Text, nullable=False, unique=True),
    Column("email", Text, nullable=False),
    Column("first_name", Text, nullable=False, server_default=""),
    Column("last_name", Text, nullable=False, server_default=""),
    Column("company", Text),
    Column("legal_form", Text),
    Column("form", String(16), nullable=False, server_default="unknown"),
    Column("title", Text),
    Column("country", String(2)),
    Column("language", String(8)),
    Column("source_kind", String(16), nullable=False),
    Column("source_record", Text),
    Column("collected_on", Date),
    Column("notice_given", Boolean, nullable=False, server_default=text("false")),
    Column("notice_version", Text),
    Column("notice_given_on", Date),
    Column("objection_offered", Boolean, nullable=False, server_default=text("false")),
    Column("last_inbound_on", Date),
    Column("published_for_this", Boolean, nullable=False, server_default=text("false")),
    Column("more", Text, nullable=False, server_default="{}"),
    Column("company_number", String(14)),
    Column("topics", Text, nullable=False, server_default="[]"),
    Column("functions", Text),
    Column("address_hash", LargeBinary(32), nullable=False, index=True),
    Column("domain_hash", LargeBinary(32), index=True),
    Column("import_id", Integer, ForeignKey("imports.id")),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

aliases = Table(
    "aliases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", String(32), ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("former_id", String(32), index=True),
    Column("email_key", Text, nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("address_hash", LargeBinary(32), nullable=False, index=True),
    Column("recorded_at", Moment, nullable=False),
    comment="addresses a contact had, and the ids of doubles that became it; what is said of one is said of all",
)

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("file_digest", String(64), nullable=False),
    Column("source_kind", String(16)),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("contacts", Integer, nullable=False, server_default="0"),
    Column("doubles", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("erased", Integer, nullable=False, server_default="0"),
    Column("imported_at", Moment, nullable=False),
    Column("path", Text),
    Column("source_record", Text),
    Column("collected_on", Date),
    Column("notice_version", Text),
    Column("imported_by", Text),
    Column("new", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("same", Integer, nullable=False, server_default="0"),
    Column("suppressed", Integer, nullable=False, server_default="0"),
    Column("lines_done", Integer, nullable=False, server_default="0"),
    Column("finished_at", Moment),
    Column("changed_fields", Text, nullable=False, server_default="{}"),
    comment="every reading of a contact file; counts only, no row's content",
)

provenances = Table(
    "provenances",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", String(32), ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("import_id", Integer, ForeignKey("imports.id")),
    Column("source_kind", String(16), nullable=False),
    Column("source_record", Text),
    Column("collected_on", Date),
    Column("notice_given", Boolean, nullable=False, server_default=text("false")),
    Column("notice_version", Text),
    Column("notice_given_on", Date),
    Column("objection_offered", Boolean, nullable=False, server_default=text("false")),
    Column("recorded_at", Moment, nullable=False),
    comment="append-only: every word the base was given on where a contact comes from; the newest holds",
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", String(32), ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("given_on", Date, nullable=False),
    Column("wording_version", Text),
    Column("channel", Text),
    Column("given_by", String(16), nullable=False),
    Column("proof", String(32), nullable=False),
    Column("tracking", Boolean, nullable=False, server_default=text("false")),
    Column("withdrawn_on", Date),
    Column("recorded_at", Moment, nullable=False),
    Column("scope", Text, nullable=False, server_default="mail"),
    Column("wording", Text),
    Column("proof_details", Text, nullable=False, server_default="{}"),
    comment="append-only: the newest row of a contact is what holds",
)

sales = Table(
    "sales",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", String(32), ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sold_on", Date, nullable=False),
    Column("own_similar", Boolean, nullable=False, server_default=text("false")),
    Column("refusal_offered", Boolean, nullable=False, server_default=text("false")),
    Column("recorded_at", Moment, nullable=False),
    Column("reference", Text),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("reason", String(16), primary_key=True),
    Column("normalisation", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("origin", Text),
    Column("lifted_at", Moment),
    Column("lifted_by", Text),
    Column("renewed_at", Moment),
    comment="keyed hashes of addresses (or domains) never to be mailed; outlive erasure",
)

in_force = or_(
    suppressions.c.lifted_at.is_(None),
    func.coalesce(suppressions.c.renewed_at, suppressions.c.since) >= suppressions.c.lifted_at,
)
"""Not lifted, or said again since. ``since`` is when it was said first, ``renewed_at`` when it was said last."""

topic_refusals = Table(
    "topic_refusals",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("renewed_at", Moment),
    comment="objections to one subject, under the keyed hash of the address; a later consent to it counts more",
)

choices = Table(
    "choices",
    metadata,
    Column("contact_id", String(32), ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("most_per_year", Integer),
    Column("language", String(8)),
    Column("recorded_at", Moment, nullable=False),
    comment="what a person asked of our mails, as it holds: how many in twelve months, in which language",
)

exclusion_lists = Table(
    "exclusion_lists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("entries", Integer, nullable=False, server_default="0"),
    Column("imported_at", Moment, nullable=False),
    comment="lists of people who are not to be mailed, as they were imported",
)

exclusion_digests = Table(
    "exclusion_digests",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("list_id", Integer, ForeignKey("exclusion_lists.id"), nullable=False),
    sqlite_with_rowid=False,
    comment="keyed hashes of the digests on hashed lists; a contact is compared when it comes in",
)

requests = Table(
    "requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", String(32), index=True),
    Column("address_hash", LargeBinary(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("channel", Text),
    Column("received_on", Date, nullable=False),
    Column("due_on", Date, nullable=False, index=True),
    Column("extension_reason", Text),
    Column("closed_at", Moment),
    Column("outcome", Text),
    Column("recorded_at", Moment, nullable=False),
    comment="what people asked for by right, and until when it is due; names nobody",
)

pending = Table(
    "pending",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("contact_id", String(32), index=True),
    Column("address_hash", LargeBinary(32), nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("said", Text, nullable=False, server_default="{}"),
    Column("network", Text),
    Column("asked_at", Moment, nullable=False),
    Column("good_until", Moment, nullable=False, index=True),
    Column("next_try", Moment, index=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    comment="asked for on a public page and not yet confirmed; next try: when its letter is to go out, if at all",
)

exports = Table(
    "exports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", String(32), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    comment="files that were written about one person, so that erasure finds them",
)

documents = Table(
    "documents",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    comment="notices, wordings of consent, balancing tests: each version as it was when it was first used",
)

# --- what was decided, tried and answered

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("path", Text, nullable=False),
    Column("sender", Text, nullable=False, server_default=""),
    Column("digests", Text, nullable=False, server_default="{}"),
    Column("reading", Integer, nullable=False, server_default="0"),
    Column("complete_reading", Integer, nullable=False, server_default="0"),
    Column("first_attempt_at", Moment),
    Column("doubtful_since", Moment),
    Column("created_at", Moment, nullable=False),
    Column("record", Text),
    Column("basis", String(24)),
    comment="doubtful since: a restored base cannot tell who was mailed from then on until it was resolved",
)

verdict_sets = Table(
    "verdict_sets",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("verdicts", Text, nullable=False),
    comment="equal sets of verdicts, stored once for all contacts that share them",
)

letters = Table(
    "letters",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), primary_key=True),
    Column("contact_id", String(32), primary_key=True),
    Column("state", String(9), nullable=False),
    Column("reading", Integer, nullable=False),
    Column("verdicts", String(64), ForeignKey("verdict_sets.digest"), nullable=False),
    Column("claimed_by", String(32)),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("deferrals", Integer, nullable=False, server_default="0"),
    Column("first_try", Moment),
    Column("next_try", Moment),
    Column("reason", String(16)),
    Column("title", Text),
    CheckConstraint(
        "state IN ('waiting', 'held', 'sending', 'accepted', 'refused', 'deferred', 'unknown', 'withdrawn')",
        name="state",
    ),
    sqlite_with_rowid=False,
    comment="where one contact stands in one campaign",
)

claimable = text("claimed_by IS NULL AND state IN ('waiting', 'deferred')")
"""Letters that a run may claim. Words, not parameters: SQLite uses a partial index only when it can read the words."""

Index(
    "ix_letters_claimable",
    letters.c.campaign_id,
    letters.c.next_try,
    sqlite_where=claimable,
)
Index(
    "ix_letters_claimed",
    letters.c.claimed_by,
    sqlite_where=text("claimed_by IS NOT NULL"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("host", String(32), nullable=False),
    Column("state", String(5), CheckConstraint("state IN ('live', 'ended', 'dead')", name="state"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("lease_until", Moment, nullable=False),
    Column("ended_at", Moment),
)

attempts = Table(
    "attempts",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), primary_key=True),
    Column("contact_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run_id", String(32), ForeignKey("runs.id"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("outcome", String(9)),
    Column("settled_by", String(8)),
    Column("stage", String(16)),
    Column("code", Integer),
    Column("enhanced", String(16)),
    Column("answer", Text),
    Column("subject", Text),
    CheckConstraint(
        "outcome IN ('accepted', 'refused', 'deferred', 'unknown', 'untouched')",
        name="outcome",
    ),
    sqlite_with_rowid=False,
    comment="append-only: one try to hand one letter to the relay; no outcome while it is on the wire",
)

Index("ix_attempts_contact_id", attempts.c.contact_id, attempts.c.opened_at)
Index("ix_attempts_run_id", attempts.c.run_id)
Index(
    "ix_attempts_open",
    attempts.c.run_id,
    sqlite_where=text("outcome IS NULL"),
)

returns = Table(
    "returns",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), primary_key=True),
    Column("contact_id", String(32), primary_key=True, index=True),
    Column("kind", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("status", String(16)),
    Column("recorded_at", Moment, nullable=False),
    sqlite_with_rowid=False,
    comment="what came back for a letter that the relay had taken: a bounce, a complaint",
)

troubles = Table(
    "troubles",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), primary_key=True),
    Column("domain_hash", LargeBinary(32), primary_key=True),
    Column("mails", Integer, nullable=False, server_default="0"),
    Column("mails_before", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("in_a_row", Integer, nullable=False, server_default="0"),
    Column("bounces", Integer, nullable=False, server_default="0"),
    Column("complaints", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
    comment="what breakers count: of domains that refused and, without a hash, of a campaign; anew after a pause",
)

pauses = Table(
    "pauses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("domain_hash", LargeBinary(32)),
    Column("reason", String(16), nullable=False),
    Column("events", Integer, nullable=False),
    Column("mails", Integer, nullable=False),
    Column("enhanced", String(16)),
    Column("paused_at", Moment, nullable=False),
    Column("lifted_at", Moment),
    comment="what breakers stopped, a domain or, without a hash, a whole campaign, until somebody lifts it",
)

lanes = Table(
    "lanes",
    metadata,
    Column("name", String(27), primary_key=True),
    Column("domain_hash", LargeBinary(32)),
    Column("due", Moment),
    Column("level", Integer, nullable=False, server_default="0"),
    Column("slowed_at", Moment),
    comment="how fast mails may leave: when the next one of a lane is due, and how often its domain asked for patience",
)

days = Table(
    "days",
    metadata,
    Column("from_domain", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("mails", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
    comment="mails of each day from a domain of ours",
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("read_at", Moment, nullable=False),
    comment="when each mailbox was last read to its end",
)

intakes = Table(
    "intakes",
    metadata,
    Column("host", String(32), primary_key=True),
    Column("objections_offset", Integer, nullable=False),
    comment="how far each machine's objections file has been taken in",
)

# --- the proof

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("contact_id", String(32), index=True),
    Column("payload_hash", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

journal_payloads = Table(
    "journal_payloads",
    metadata,
    Column("seq", Integer, ForeignKey("journal.seq"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary(16), nullable=False),
    Column("payload", Text, nullable=False),
    comment="what an entry says; erasable without breaking the chain",
)
