"""What breakers count and what they paused."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counts = ("mails", "mails_before", "refused", "in_a_row", "bounces", "complaints")
    op.create_table(
        "troubles",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("domain_hash", sa.LargeBinary(length=32), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in counts),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_troubles_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "domain_hash", name=op.f("pk_troubles")),
        comment="what breakers count: of domains that refused and, without a hash, of a campaign; anew after a pause",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pauses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("domain_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("enhanced", sa.String(length=16), nullable=True),
        sa.Column("paused_at", sa.String(27), nullable=False),
        sa.Column("lifted_at", sa.String(27), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_pauses_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pauses")),
        comment="what breakers stopped, a domain or, without a hash, a whole campaign, until somebody lifts it",
    )
    op.create_index(op.f("ix_pauses_campaign_id"), "pauses", ["campaign_id"])
    op.create_index(op.f("ix_contacts_domain_hash"), "contacts", ["domain_hash"])
