"""A contact keeps the addresses it had: whoever objects under one of them is stopped under all, whoever writes it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A bounce belongs to an address alone, a block to a domain.
_OF_THE_PERSON = "NOT IN ('bounced', 'domain')"
_IN_FORCE = "(s.lifted_at IS NULL OR COALESCE(s.renewed_at, s.since) >= s.lifted_at)"
_AGAIN = """ON CONFLICT (hash, reason) DO UPDATE SET renewed_at = excluded.since
    WHERE excluded.since > COALESCE(suppressions.renewed_at, suppressions.since) AND excluded.reason <> 'excluded'"""

_OTHER_NAMES = """SELECT c.address_hash AS hash FROM aliases a JOIN contacts c ON c.id = a.contact_id
        WHERE a.address_hash = NEW.hash
    UNION SELECT b.address_hash FROM aliases a JOIN aliases b ON b.contact_id = a.contact_id
        WHERE a.address_hash = NEW.hash
    UNION SELECT a.address_hash FROM aliases a JOIN contacts c ON c.id = a.contact_id
        WHERE c.address_hash = NEW.hash"""
_SPREAD = f"""INSERT INTO suppressions (hash, reason, normalisation, since, origin)
    SELECT other.hash, NEW.reason, NEW.normalisation, COALESCE(NEW.renewed_at, NEW.since), NEW.origin
    FROM ({_OTHER_NAMES}) other WHERE other.hash <> NEW.hash {_AGAIN}"""

_ALL_NAMES = """SELECT c.address_hash AS hash FROM contacts c WHERE c.id = NEW.contact_id
    UNION SELECT a.address_hash FROM aliases a WHERE a.contact_id = NEW.contact_id"""
_SHARE = f"""INSERT INTO suppressions (hash, reason, normalisation, since, origin)
    SELECT other.hash, s.reason, MIN(s.normalisation), MAX(COALESCE(s.renewed_at, s.since)), MAX(s.origin)
    FROM ({_ALL_NAMES}) said JOIN suppressions s ON s.hash = said.hash
    JOIN ({_ALL_NAMES}) other ON other.hash <> s.hash
    WHERE s.reason {_OF_THE_PERSON} AND {_IN_FORCE} GROUP BY other.hash, s.reason {_AGAIN}"""

_REAL_AND_THERE = (
    "EXISTS (SELECT 1 FROM contacts WHERE contacts.id = OLD.contact_id)"  # gone when the person was: erasure, purge
    " AND NOT EXISTS (SELECT 1 FROM base WHERE practice)"
)


def upgrade() -> None:
    op.create_table(
        "aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("former_id", sa.String(length=32), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_aliases_contact_id_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aliases")),
        comment="addresses a contact had, and the ids of doubles that became it; what is said of one is said of all",
    )
    for column in ("contact_id", "former_id", "email_key", "address_hash"):
        op.create_index(op.f(f"ix_aliases_{column}"), "aliases", [column])
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_sqlite() -> None:
    for name, when in (("spread", "INSERT"), ("spread_anew", "UPDATE OF renewed_at")):
        op.execute(
            f"CREATE TRIGGER suppressions_{name} AFTER {when} ON suppressions "
            f"WHEN NEW.reason {_OF_THE_PERSON} BEGIN {_SPREAD}; END"
        )
    op.execute(f"CREATE TRIGGER aliases_share AFTER INSERT ON aliases BEGIN {_SHARE}; END")
    op.execute(
        f"CREATE TRIGGER aliases_stay BEFORE DELETE ON aliases WHEN {_REAL_AND_THERE} "
        "BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a former address is never forgotten'); END"
    )


def _on_postgresql() -> None:
    _function("suppressions_spread", f"IF NEW.reason {_OF_THE_PERSON} THEN {_SPREAD}; END IF; RETURN NULL;")
    for name, when in (("spread", "INSERT"), ("spread_anew", "UPDATE OF renewed_at")):
        op.execute(
            f"CREATE TRIGGER suppressions_{name} AFTER {when} ON suppressions "
            "FOR EACH ROW EXECUTE FUNCTION suppressions_spread()"
        )
    _function("aliases_share", f"{_SHARE}; RETURN NULL;")
    op.execute("CREATE TRIGGER aliases_share AFTER INSERT ON aliases FOR EACH ROW EXECUTE FUNCTION aliases_share()")
    _function(
        "aliases_stay",
        f"IF {_REAL_AND_THERE} THEN RAISE EXCEPTION 'send-campaign rule: a former address is never forgotten' "
        "USING ERRCODE = '23514'; END IF; RETURN OLD;",
    )
    op.execute("CREATE TRIGGER aliases_stay BEFORE DELETE ON aliases FOR EACH ROW EXECUTE FUNCTION aliases_stay()")


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
