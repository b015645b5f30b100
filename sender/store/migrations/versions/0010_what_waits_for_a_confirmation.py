"""What somebody asked for on a public page, and has yet to confirm from their mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=True),
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), server_default="{}", nullable=False),
        sa.Column("network", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.String(27), nullable=False),
        sa.Column("good_until", sa.String(27), nullable=False),
        sa.Column("next_try", sa.String(27), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending")),
        comment="asked for on a public page and not yet confirmed; next try: when its letter is to go out, if at all",
    )
    for column in ("contact_id", "address_hash", "good_until", "next_try"):
        op.create_index(op.f(f"ix_pending_{column}"), "pending", [column])
