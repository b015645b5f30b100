"""How fast mails may leave."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lanes",
        sa.Column("name", sa.String(length=27), nullable=False),
        sa.Column("domain_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("due", sa.String(27), nullable=True),
        sa.Column("level", sa.Integer(), server_default="0", nullable=False),
        sa.Column("slowed_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lanes")),
        comment="how fast mails may leave: when the next one of a lane is due, and how often its domain asked for"
        " patience",
    )
    op.create_table(
        "days",
        sa.Column("from_domain", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mails", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("from_domain", "day", name=op.f("pk_days")),
        comment="mails of each day from a domain of ours",
        sqlite_with_rowid=False,
    )
