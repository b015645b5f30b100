"""A decision keeps the job title that it was taken on: titles change, and the reason must be readable later."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("title", sa.Text(), nullable=True))
