"""Every word on where a contact comes from is kept, and the data base itself writes it down."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WORDS = (
    "source_kind",
    "source_record",
    "collected_on",
    "notice_given",
    "notice_version",
    "notice_given_on",
    "objection_offered",
)
_COLUMNS = f"contact_id, import_id, {', '.join(_WORDS)}, recorded_at"
_OF_NEW = f"NEW.id, NEW.import_id, {', '.join(f'NEW.{word}' for word in _WORDS)}, NEW.updated_at"
_OF_CONTACT = f"id, import_id, {', '.join(_WORDS)}, created_at"
_KEPT = f"INSERT INTO provenances ({_COLUMNS}) VALUES ({_OF_NEW})"

_REAL_AND_THERE = (
    "EXISTS (SELECT 1 FROM contacts WHERE contacts.id = OLD.contact_id)"  # gone when the person was: erasure, purge
    " AND NOT EXISTS (SELECT 1 FROM base WHERE practice)"
)
_GUARDS = (
    ("provenances_stay", "DELETE", _REAL_AND_THERE, "a provenance is never deleted"),
    ("provenances_hold", "UPDATE", "{true}", "a provenance is never changed"),
)


def upgrade() -> None:
    op.add_column("imports", sa.Column("changed_fields", sa.Text(), server_default="{}", nullable=False))
    op.execute(
        f"INSERT INTO provenances ({_COLUMNS}) SELECT {_OF_CONTACT} FROM contacts "
        "WHERE NOT EXISTS (SELECT 1 FROM provenances WHERE provenances.contact_id = contacts.id)"
    )
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_sqlite() -> None:
    differs = " OR ".join(f"NEW.{word} IS NOT OLD.{word}" for word in _WORDS)
    op.execute(f"CREATE TRIGGER contacts_come_from AFTER INSERT ON contacts BEGIN {_KEPT}; END")
    op.execute(
        f"CREATE TRIGGER contacts_come_from_anew AFTER UPDATE OF {', '.join(_WORDS)} ON contacts "
        f"WHEN {differs} BEGIN {_KEPT}; END"
    )
    for name, when, condition, said in _GUARDS:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON provenances WHEN {condition.replace('{true}', '1')} "
            f"BEGIN SELECT RAISE(ABORT, 'send-campaign rule: {said}'); END"
        )
    op.execute(
        "CREATE TRIGGER provenances_anew BEFORE INSERT ON provenances "
        "WHEN EXISTS (SELECT 1 FROM provenances WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a row of provenances is never replaced'); END"
    )


def _on_postgresql() -> None:
    differs = " OR ".join(f"NEW.{word} IS DISTINCT FROM OLD.{word}" for word in _WORDS)
    _function("contacts_come_from", f"{_KEPT}; RETURN NULL;")
    op.execute(
        "CREATE TRIGGER contacts_come_from AFTER INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION contacts_come_from()"
    )
    op.execute(
        f"CREATE TRIGGER contacts_come_from_anew AFTER UPDATE OF {', '.join(_WORDS)} ON contacts "
        f"FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION contacts_come_from()"
    )
    for name, when, condition, said in _GUARDS:
        result = "OLD" if when == "DELETE" else "NEW"
        _function(
            name,
            f"IF {condition.replace('{true}', 'TRUE')} THEN RAISE EXCEPTION 'send-campaign rule: {said}' "
            f"USING ERRCODE = '23514'; END IF; RETURN {result};",
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {when} ON provenances FOR EACH ROW EXECUTE FUNCTION {name}()")
    op.execute(
        "CREATE TRIGGER provenances_never_emptied BEFORE TRUNCATE ON provenances EXECUTE FUNCTION never_emptied()"
    )


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
