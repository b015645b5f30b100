"""Whoever objected on the public page may take it back there, soon and once; the rows know how far that goes."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NEWEST = "COALESCE(OLD.renewed_at, OLD.since)"  # the newest word for the suppression
_GIVEN = """EXISTS (
    SELECT 1 FROM consents JOIN contacts ON contacts.id = consents.contact_id
    WHERE contacts.address_hash = OLD.hash AND consents.withdrawn_on IS NULL AND consents.given_by = 'person'
    AND {said})"""
_OWN_CONSENT = _GIVEN.replace(
    "{said}",
    f"""consents.scope = 'mail' AND consents.recorded_at > {_NEWEST} AND consents.given_on >= {{newest_day}}
    AND (consents.proof = 'double_opt_in' OR (consents.proof = 'signed' AND OLD.reason <> 'bounced'))""",
)
_TAKEN_BACK = _GIVEN.replace(
    "{said}", "consents.scope = 'undo' AND consents.proof = 'link' AND consents.recorded_at > OLD.since"
)
_UNDONE = f"""OLD.reason = 'objected' AND OLD.renewed_at IS NULL AND OLD.lifted_at IS NULL
    AND NEW.lifted_by = 'undone' AND {{within_half_an_hour}} AND {_TAKEN_BACK}"""
_LIFTING = f"""NEW.lifted_at IS NOT NULL AND NEW.lifted_by IS NOT NULL AND NEW.lifted_at > {_NEWEST}
    AND (OLD.lifted_at IS NULL OR NEW.lifted_at > OLD.lifted_at)
    AND (OLD.reason IN ('domain', 'restricted')
    OR ({_UNDONE})
    OR (OLD.reason IN ('objected', 'excluded', 'bounced') AND {_OWN_CONSENT}))"""
_WEAKER = f"""(NEW.hash {{differs}} OLD.hash OR NEW.reason {{differs}} OLD.reason OR NEW.since {{differs}} OLD.since
    OR NEW.normalisation {{differs}} OLD.normalisation
    OR (NEW.origin {{differs}} OLD.origin AND NOT NEW.renewed_at {{differs}} OLD.renewed_at)
    OR (NEW.renewed_at {{differs}} OLD.renewed_at AND (NEW.renewed_at IS NULL OR NEW.renewed_at < {_NEWEST}))
    OR (NEW.lifted_by {{differs}} OLD.lifted_by AND NOT NEW.lifted_at {{differs}} OLD.lifted_at)
    OR (NEW.lifted_at {{differs}} OLD.lifted_at AND NOT ({_LIFTING})))"""
_SAID = "send-campaign rule: a suppression is lifted by the own consent only"

_SQLITE = {
    "differs": "IS NOT",
    "newest_day": f"substr({_NEWEST}, 1, 10)",
    "within_half_an_hour": "julianday(NEW.lifted_at) - julianday(OLD.since) < 0.0209",
}
_POSTGRESQL = {
    "differs": "IS DISTINCT FROM",
    "newest_day": f"CAST(substr({_NEWEST}, 1, 10) AS date)",
    "within_half_an_hour": (
        "CAST(NEW.lifted_at AS timestamptz) - CAST(OLD.since AS timestamptz) <= interval '30 minutes 5 seconds'"
    ),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION suppressions_hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {_filled(_POSTGRESQL)} THEN RAISE EXCEPTION '{_SAID}' USING ERRCODE = '23514'; END IF; "
            "RETURN NEW; END $$"
        )
        return
    op.execute("DROP TRIGGER suppressions_hold")
    op.execute(
        f"CREATE TRIGGER suppressions_hold BEFORE UPDATE ON suppressions WHEN {_filled(_SQLITE)} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    )


def _filled(words: dict[str, str]) -> str:
    condition = _WEAKER
    for name, word in words.items():
        condition = condition.replace(f"{{{name}}}", word)
    return condition
