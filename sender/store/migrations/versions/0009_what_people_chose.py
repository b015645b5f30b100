"""What people chose for themselves: fewer mails, another language, and subjects that they want to hear nothing of."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SAID = "send-campaign rule: a topic that somebody refused is never forgotten"
_WEAKER = """NEW.hash {differs} OLD.hash OR NEW.topic {differs} OLD.topic OR NEW.since {differs} OLD.since
    OR NEW.renewed_at IS NULL OR NEW.renewed_at < COALESCE(OLD.renewed_at, OLD.since)"""
_REAL = "NOT EXISTS (SELECT 1 FROM base WHERE practice)"


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("most_per_year", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_choices_contact_id_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_choices")),
        comment="what a person asked of our mails, as it holds: how many in twelve months, in which language",
    )
    op.create_table(
        "topic_refusals",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("since", sa.String(27), nullable=False),
        sa.Column("renewed_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("hash", "topic", name=op.f("pk_topic_refusals")),
        comment="objections to one subject, under the keyed hash of the address; a later consent to it counts more",
    )
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_sqlite() -> None:
    weaker = _WEAKER.replace("{differs}", "IS NOT")
    for name, when, condition in (("hold", "UPDATE", f"({weaker})"), ("stay", "DELETE", _REAL)):
        op.execute(
            f"CREATE TRIGGER topic_refusals_{name} BEFORE {when} ON topic_refusals WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
        )


def _on_postgresql() -> None:
    weaker = _WEAKER.replace("{differs}", "IS DISTINCT FROM")
    for name, when, condition, kept in (("hold", "UPDATE", weaker, "NEW"), ("stay", "DELETE", _REAL, "OLD")):
        op.execute(
            f"CREATE FUNCTION topic_refusals_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{_SAID}' USING ERRCODE = '23514'; END IF; RETURN {kept}; END $$"
        )
        op.execute(
            f"CREATE TRIGGER topic_refusals_{name} BEFORE {when} ON topic_refusals "
            f"FOR EACH ROW EXECUTE FUNCTION topic_refusals_{name}()"
        )
