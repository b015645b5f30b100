"""Suppressions and consents only grow: the rule stands where the rows are, whoever writes them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NEWEST = "COALESCE(OLD.renewed_at, OLD.since)"  # the newest word for the suppression
_IN_FORCE = "(s.lifted_at IS NULL OR COALESCE(s.renewed_at, s.since) >= s.lifted_at)"

_OWN_CONSENT = f"""EXISTS (
    SELECT 1 FROM consents JOIN contacts ON contacts.id = consents.contact_id
    WHERE contacts.address_hash = OLD.hash AND consents.scope = 'mail' AND consents.withdrawn_on IS NULL
    AND consents.given_by = 'person' AND consents.recorded_at > {_NEWEST}
    AND consents.given_on >= {{newest_day}}
    AND (consents.proof = 'double_opt_in' OR (consents.proof = 'signed' AND OLD.reason <> 'bounced')))"""
_LIFTING = f"""NEW.lifted_at IS NOT NULL AND NEW.lifted_by IS NOT NULL AND NEW.lifted_at > {_NEWEST}
    AND (OLD.lifted_at IS NULL OR NEW.lifted_at > OLD.lifted_at)
    AND (OLD.reason IN ('domain', 'restricted')
    OR (OLD.reason IN ('objected', 'excluded', 'bounced') AND {_OWN_CONSENT}))"""
_WEAKER = f"""(NEW.hash {{differs}} OLD.hash OR NEW.reason {{differs}} OLD.reason OR NEW.since {{differs}} OLD.since
    OR NEW.normalisation {{differs}} OLD.normalisation
    OR (NEW.origin {{differs}} OLD.origin AND NOT NEW.renewed_at {{differs}} OLD.renewed_at)
    OR (NEW.renewed_at {{differs}} OLD.renewed_at AND (NEW.renewed_at IS NULL OR NEW.renewed_at < {_NEWEST}))
    OR (NEW.lifted_by {{differs}} OLD.lifted_by AND NOT NEW.lifted_at {{differs}} OLD.lifted_at)
    OR (NEW.lifted_at {{differs}} OLD.lifted_at AND NOT ({_LIFTING})))"""

_REAL_AND_THERE = (
    "EXISTS (SELECT 1 FROM contacts WHERE contacts.id = OLD.contact_id)"  # gone when the person was: erasure, purge
    " AND NOT EXISTS (SELECT 1 FROM base WHERE practice)"  # practice is a copy that is made anew
)
_ERASED = "EXISTS (SELECT 1 FROM suppressions s WHERE s.hash = NEW.address_hash AND s.reason = 'erased')"
_MAY_NOT_GET = f"""NOT EXISTS (SELECT 1 FROM contacts WHERE contacts.id = NEW.contact_id)
    OR EXISTS (SELECT 1 FROM contacts JOIN suppressions s ON s.hash = contacts.address_hash
        WHERE contacts.id = NEW.contact_id AND {_IN_FORCE})
    OR EXISTS (SELECT 1 FROM contacts JOIN suppressions s ON s.hash = contacts.domain_hash
        WHERE contacts.id = NEW.contact_id AND {_IN_FORCE})"""

# An address that is corrected does not shake off what its holder said; a bounce belongs to the address alone.
_CARRY = f"""INSERT INTO suppressions (hash, reason, normalisation, since, origin)
    SELECT NEW.address_hash, s.reason, s.normalisation, COALESCE(s.renewed_at, s.since), s.origin FROM suppressions s
    WHERE s.hash = OLD.address_hash AND s.reason NOT IN ('bounced', 'domain') AND {_IN_FORCE}
    ON CONFLICT (hash, reason) DO UPDATE SET renewed_at = excluded.since
    WHERE excluded.since > COALESCE(suppressions.renewed_at, suppressions.since)"""

_GUARDS = (
    # name, table, when, condition, what is said
    ("suppressions_stay", "suppressions", "DELETE", "{true}", "a suppression is never deleted"),
    ("suppressions_hold", "suppressions", "UPDATE", _WEAKER, "a suppression is lifted by the own consent only"),
    ("suppressions_begin", "suppressions", "INSERT", "NEW.lifted_at IS NOT NULL", "a suppression begins unlifted"),
    ("consents_stay", "consents", "DELETE", _REAL_AND_THERE, "a consent is never deleted"),
    ("consents_hold", "consents", "UPDATE", "{true}", "a consent is never changed"),
    ("sales_stay", "sales", "DELETE", _REAL_AND_THERE, "a sale is never deleted"),
    ("sales_hold", "sales", "UPDATE", "{true}", "a sale is never changed"),
    ("exclusion_digests_stay", "exclusion_digests", "DELETE", "{true}", "an exclusion is never deleted"),
    ("exclusion_digests_hold", "exclusion_digests", "UPDATE", "{true}", "an exclusion is never changed"),
    ("contacts_not_erased", "contacts", "INSERT", _ERASED, "this person was erased"),
    ("contacts_not_erased_anew", "contacts", "UPDATE OF address_hash", _ERASED, "this person was erased"),
    ("attempts_allowed", "attempts", "INSERT", _MAY_NOT_GET, "this person may not be mailed"),
)


def upgrade() -> None:
    op.add_column("suppressions", sa.Column("renewed_at", sa.String(27), nullable=True))
    op.add_column("base", sa.Column("normalisation", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "exclusion_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("entries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("imported_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion_lists")),
        comment="lists of people who are not to be mailed, as they were imported",
    )
    op.create_table(
        "exclusion_digests",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["exclusion_lists.id"], name=op.f("fk_exclusion_digests_list_id_exclusion_lists")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_exclusion_digests")),
        comment="keyed hashes of the digests on hashed lists; a contact is compared when it comes in",
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_sqlite() -> None:
    words = {"true": "1", "differs": "IS NOT", "newest_day": f"substr({_NEWEST}, 1, 10)"}
    for name, table, when, condition, said in _GUARDS:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN {_filled(condition, words)} "
            f"BEGIN SELECT RAISE(ABORT, 'send-campaign rule: {said}'); END"
        )
    for table in ("consents", "sales"):  # INSERT OR REPLACE deletes without a word
        op.execute(
            f"CREATE TRIGGER {table}_anew BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a row of {table} is never replaced'); END"
        )
    op.execute(
        "CREATE TRIGGER contacts_keep_suppressions AFTER UPDATE OF address_hash ON contacts "
        f"WHEN NEW.address_hash IS NOT OLD.address_hash BEGIN {_CARRY}; END"
    )


def _on_postgresql() -> None:
    words = {
        "true": "TRUE",
        "differs": "IS DISTINCT FROM",
        "newest_day": f"CAST(substr({_NEWEST}, 1, 10) AS date)",
    }
    for name, table, when, condition, said in _GUARDS:
        result = "OLD" if when == "DELETE" else "NEW"
        _function(
            name,
            f"IF {_filled(condition, words)} THEN RAISE EXCEPTION 'send-campaign rule: {said}' "
            f"USING ERRCODE = '23514'; END IF; RETURN {result};",
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    _function(
        "never_emptied", "RAISE EXCEPTION 'send-campaign rule: this table is never emptied' USING ERRCODE = '23514';"
    )
    for table in ("suppressions", "consents", "sales", "exclusion_digests"):
        op.execute(f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} EXECUTE FUNCTION never_emptied()")
    _function("contacts_keep_suppressions", f"{_CARRY}; RETURN NULL;")
    op.execute(
        "CREATE TRIGGER contacts_keep_suppressions AFTER UPDATE OF address_hash ON contacts FOR EACH ROW "
        "WHEN (NEW.address_hash IS DISTINCT FROM OLD.address_hash) EXECUTE FUNCTION contacts_keep_suppressions()"
    )


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")


def _filled(condition: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        condition = condition.replace(f"{{{name}}}", word)
    return condition
