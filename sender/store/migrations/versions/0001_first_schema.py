"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "base",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base_id", sa.String(length=32), nullable=False),
        sa.Column("key_check", sa.String(length=64), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_base")),
        comment="one row: which base this is, and which keys belong to it",
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("digests", sa.Text(), server_default="{}", nullable=False),
        sa.Column("reading", sa.Integer(), server_default="0", nullable=False),
        sa.Column("complete_reading", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_attempt_at", sa.String(27), nullable=True),
        sa.Column("doubtful_since", sa.String(27), nullable=True),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
        comment="doubtful since: a restored base cannot tell who was mailed from then on until it was resolved",
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("source_kind", sa.String(length=16), nullable=True),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("contacts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("doubles", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("erased", sa.Integer(), server_default="0", nullable=False),
        sa.Column("imported_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        comment="every reading of a contact file; counts only, no row's content",
    )
    op.create_table(
        "intakes",
        sa.Column("host", sa.String(length=32), nullable=False),
        sa.Column("objections_offset", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_intakes")),
        comment="how far each machine's objections file has been taken in",
    )
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=True),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_contact_id"), "journal", ["contact_id"], unique=False)
    op.create_table(
        "suppressions",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("normalisation", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("hash", "reason", name=op.f("pk_suppressions")),
        comment="keyed hashes of addresses (or domains) never to be mailed; outlive erasure",
    )
    op.create_table(
        "verdict_sets",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_verdict_sets")),
        comment="equal sets of verdicts, stored once for all contacts that share them",
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("legal_form", sa.Text(), nullable=True),
        sa.Column("form", sa.String(length=16), server_default="unknown", nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("source_kind", sa.String(length=16), nullable=False),
        sa.Column("source_record", sa.Text(), nullable=True),
        sa.Column("collected_on", sa.Date(), nullable=True),
        sa.Column("notice_given", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("notice_version", sa.Text(), nullable=True),
        sa.Column("notice_given_on", sa.Date(), nullable=True),
        sa.Column("objection_offered", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("last_inbound_on", sa.Date(), nullable=True),
        sa.Column("published_for_this", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("more", sa.Text(), server_default="{}", nullable=False),
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("domain_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("updated_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_contacts_import_id_imports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("email_key", name=op.f("uq_contacts_email_key")),
    )
    op.create_index(op.f("ix_contacts_address_hash"), "contacts", ["address_hash"], unique=False)
    op.create_table(
        "journal_payloads",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["journal.seq"], name=op.f("fk_journal_payloads_seq_journal")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_payloads")),
        comment="what an entry says; erasable without breaking the chain",
    )
    op.create_table(
        "letters",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("reading", sa.Integer(), nullable=False),
        sa.Column("verdicts", sa.String(length=64), nullable=False),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deferrals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_try", sa.String(27), nullable=True),
        sa.Column("next_try", sa.String(27), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'held', 'sending', 'accepted', 'refused', 'deferred', 'unknown', 'withdrawn')",
            name=op.f("ck_letters_state"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_letters_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["verdicts"], ["verdict_sets.digest"], name=op.f("fk_letters_verdicts_verdict_sets")),
        sa.PrimaryKeyConstraint("campaign_id", "contact_id", name=op.f("pk_letters")),
        comment="where one contact stands in one campaign",
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_letters_claimable",
        "letters",
        ["campaign_id", "next_try"],
        unique=False,
        sqlite_where=sa.text("claimed_by IS NULL AND state IN ('waiting', 'deferred')"),
        postgresql_where=sa.text("claimed_by IS NULL AND state IN ('waiting', 'deferred')"),
    )
    op.create_index(
        "ix_letters_claimed",
        "letters",
        ["claimed_by"],
        unique=False,
        sqlite_where=sa.text("claimed_by IS NOT NULL"),
        postgresql_where=sa.text("claimed_by IS NOT NULL"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=5), nullable=False),
        sa.Column("started_at", sa.String(27), nullable=False),
        sa.Column("lease_until", sa.String(27), nullable=False),
        sa.Column("ended_at", sa.String(27), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_runs_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_campaign_id"), "runs", ["campaign_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.String(27), nullable=False),
        sa.Column("closed_at", sa.String(27), nullable=True),
        sa.Column("outcome", sa.String(length=9), nullable=True),
        sa.Column("settled_by", sa.String(length=8), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("enhanced", sa.String(length=16), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'refused', 'deferred', 'unknown', 'untouched')", name=op.f("ck_attempts_outcome")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_attempts_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_attempts_run_id_runs")),
        sa.PrimaryKeyConstraint("campaign_id", "contact_id", "number", name=op.f("pk_attempts")),
        comment="append-only: one try to hand one letter to the relay; no outcome while it is on the wire",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_attempts_contact_id", "attempts", ["contact_id", "opened_at"], unique=False)
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["run_id"],
        unique=False,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index("ix_attempts_run_id", "attempts", ["run_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("wording_version", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("given_by", sa.String(length=16), nullable=False),
        sa.Column("proof", sa.String(length=32), nullable=False),
        sa.Column("tracking", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_consents_contact_id_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        comment="append-only: the newest row of a contact is what holds",
    )
    op.create_index(op.f("ix_consents_contact_id"), "consents", ["contact_id"], unique=False)
    op.create_table(
        "sales",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("own_similar", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("refusal_offered", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_sales_contact_id_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales")),
    )
    op.create_index(op.f("ix_sales_contact_id"), "sales", ["contact_id"], unique=False)
