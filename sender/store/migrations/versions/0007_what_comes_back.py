"""What came back for letters that were taken, and when the mailboxes were read."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "returns",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_returns_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "contact_id", "kind", name=op.f("pk_returns")),
        comment="what came back for a letter that the relay had taken: a bounce, a complaint",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_returns_contact_id"), "returns", ["contact_id"])
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("read_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailboxes")),
        comment="when each mailbox was last read to its end",
    )
