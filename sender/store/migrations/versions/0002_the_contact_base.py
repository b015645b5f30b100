"""What the contact base keeps to answer for itself: history of provenance, proofs, requests, documents, exports."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NO = sa.text("(false)")


def upgrade() -> None:
    _widen(
        "imports",
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("source_record", sa.Text(), nullable=True),
        sa.Column("collected_on", sa.Date(), nullable=True),
        sa.Column("notice_version", sa.Text(), nullable=True),
        sa.Column("imported_by", sa.Text(), nullable=True),
        sa.Column("new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("same", sa.Integer(), server_default="0", nullable=False),
        sa.Column("suppressed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lines_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("finished_at", sa.String(27), nullable=True),
    )
    _widen(
        "contacts",
        sa.Column("company_number", sa.String(14), nullable=True),
        sa.Column("topics", sa.Text(), server_default="[]", nullable=False),
        sa.Column("functions", sa.Text(), nullable=True),
    )
    _widen(
        "consents",
        sa.Column("scope", sa.Text(), server_default="mail", nullable=False),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("proof_details", sa.Text(), server_default="{}", nullable=False),
    )
    _widen("sales", sa.Column("reference", sa.Text(), nullable=True))
    _widen(
        "suppressions",
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.String(27), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
    )
    _widen(
        "campaigns",
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("basis", sa.String(24), nullable=True),
    )
    _widen("attempts", sa.Column("subject", sa.Text(), nullable=True))
    op.create_table(
        "provenances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("source_kind", sa.String(length=16), nullable=False),
        sa.Column("source_record", sa.Text(), nullable=True),
        sa.Column("collected_on", sa.Date(), nullable=True),
        sa.Column("notice_given", sa.Boolean(), server_default=_NO, nullable=False),
        sa.Column("notice_version", sa.Text(), nullable=True),
        sa.Column("notice_given_on", sa.Date(), nullable=True),
        sa.Column("objection_offered", sa.Boolean(), server_default=_NO, nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_provenances_contact_id_contacts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_provenances_import_id_imports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provenances")),
        comment="append-only: every word the base was given on where a contact comes from; the newest holds",
    )
    op.create_index(op.f("ix_provenances_contact_id"), "provenances", ["contact_id"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=True),
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extension_reason", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.String(27), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        comment="what people asked for by right, and until when it is due; names nobody",
    )
    op.create_index(op.f("ix_requests_contact_id"), "requests", ["contact_id"], unique=False)
    op.create_index(op.f("ix_requests_due_on"), "requests", ["due_on"], unique=False)
    op.create_table(
        "documents",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "version", name=op.f("pk_documents")),
        comment="notices, wordings of consent, balancing tests: each version as it was when it was first used",
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        comment="files that were written about one person, so that erasure finds them",
    )
    op.create_index(op.f("ix_exports_contact_id"), "exports", ["contact_id"], unique=False)


def _widen(table: str, *columns: sa.Column[object]) -> None:
    for column in columns:
        op.add_column(table, column)
