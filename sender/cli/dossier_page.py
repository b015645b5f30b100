"""What is held about a person, as JSON for machines and as a page for the person, in French or English."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from sender.cli.as_json import verdict_as_json
from sender.cli.words import Words, catalogue
from sender.steps.dossier import Dossier, Mail

__all__ = ["INTERNAL", "SHOWN", "as_json", "language_of", "page"]

SHOWN = (
    *("contacts", "provenances", "imports", "documents", "consents", "sales", "suppressions", "exclusion_digests"),
    *("requests", "exports", "journal", "journal_payloads"),
)
"""Tables of the page; letters, attempts, campaigns and reasons are told mail by mail. The JSON holds them all."""

INTERNAL = frozenset(
    {
        *("id", "contact_id", "import_id", "list_id", "seq", "email_key", "normalisation", "lines_done"),
        *("address_hash", "domain_hash", "hash", "previous", "payload_hash", "salt", "digest", "file_digest", "path"),
        *(
            "rows",
            "contacts",
            "doubles",
            "rejected",
            "erased",
            "new",
            "changed",
            "same",
            "suppressed",
            "changed_fields",
        ),  # of a whole file
    }
)
"""Numbers and hashes of the data base: in the JSON, and of no use to a reader."""

_FRENCH = frozenset({"FR", "BE", "LU", "MC"})
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;margin:0 0 1.5rem;width:100%}"
    "th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}th{background:#eee}"
    "@media(prefers-color-scheme:dark){body{background:#17171b;color:#f1f1f4}th{background:#333}}"
)


def language_of(dossier: Dossier, otherwise: str) -> str:
    """The person's language where we speak it; French in countries that do; else the settings'."""
    # Meets: GDPR art. 12(1) (intelligible to the person)
    contact = dossier.who.contact
    if contact is None:
        return otherwise
    if contact.language:
        return "fr" if contact.language.lower().startswith("fr") else "en"
    if contact.country:
        return "fr" if contact.country in _FRENCH else "en"
    return otherwise


# --- for machines


def as_json(dossiers: Sequence[Dossier], language: str) -> str:
    real, *practice = dossiers
    content = {
        "schema": "send-campaign/dossier/1",
        "made_at": real.made_at.isoformat(),
        "email": real.who.address.spec,
        **_content(real, language),
        "practice": [_content(one, language) for one in practice],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=_plain)


def _content(dossier: Dossier, language: str) -> dict[str, Any]:
    mails = [
        {
            "campaign": mail.campaign,
            "sender": mail.sender,
            "basis": mail.basis,
            "state": mail.state,
            "decision": [verdict_as_json(verdict, language) for verdict in mail.verdicts],
            "attempts": [dict(row) for row in mail.attempts],
        }
        for mail in dossier.mails
    ]
    held = {
        table: [{name: _unpacked(value) for name, value in row.items()} for row in rows]
        for table, rows in dossier.rows.items()
    }
    return {"mails": mails, "held": held}


def _plain(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _unpacked(value: Any) -> Any:
    """Columns that hold JSON are JSON here too, not text in quotation marks."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


# --- for the person


def page(dossiers: Sequence[Dossier], language: str) -> str:
    words = Words(language)
    body = "\n".join(_body(dossiers, words))
    title = escape(words("dossier.title"))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n{body}\n</body></html>\n"
    )


def _body(dossiers: Sequence[Dossier], words: Words) -> Iterator[str]:
    real = dossiers[0]
    yield f"<p>{escape(words('dossier.about', email=real.who.address.spec, on=real.made_at.date().isoformat()))}</p>"
    for dossier in dossiers:
        if dossier is not real:
            if dossier.empty:
                continue
            yield f"<h1>{escape(words('dossier.practice'))}</h1>"
        yield from _sections(dossier, words)
    # Meets: GDPR art. 15(1)(e), 15(1)(f)
    yield f"<h2>{escape(words('dossier.rights_title'))}</h2>\n<p>{escape(words('dossier.rights'))}</p>"
    yield f"<p>{escape(words('dossier.complaint'))}</p>"


def _sections(dossier: Dossier, words: Words) -> Iterator[str]:
    for table in SHOWN[:1]:
        yield from _section(table, dossier.rows[table], words)
    yield f"<h2>{escape(words('dossier.mails'))}</h2>"
    if not dossier.mails:
        yield f"<p>{escape(words('dossier.no_mails'))}</p>"
    for mail in dossier.mails:
        yield from _mail(mail, words)
    for table in SHOWN[1:]:
        yield from _section(table, dossier.rows[table], words)


def _section(table: str, rows: Sequence[Mapping[str, Any]], words: Words) -> Iterator[str]:
    if not rows:
        return
    yield f"<h2>{escape(words(f'held.{table}').capitalize())}</h2>"
    for row in rows:
        yield _table((label(name, words), value) for name, value in row.items() if name not in INTERNAL)


def _mail(mail: Mail, words: Words) -> Iterator[str]:
    yield f"<h3>{escape(words('dossier.mail', campaign=mail.campaign, sender=mail.sender))}</h3>"
    for one in mail.attempts:
        shown = ("subject", "opened_at", "outcome", "code", "enhanced", "answer")
        yield _table((label(name, words), one[name]) for name in shown)
    if not mail.attempts:
        yield f"<p>{escape(words('dossier.not_sent'))}</p>"
    yield f"<p>{escape(words('dossier.why'))}</p>"
    reasons = [
        (f"{finding['sentence']}", verdict["passed"])
        for verdict in (verdict_as_json(each, words.language) for each in mail.verdicts)
        for finding in verdict["findings"]
    ]
    marks = {True: "✓", False: "✗"}
    yield "<ul>" + "".join(f"<li>{marks[passed]} {escape(said)}</li>" for said, passed in reasons) + "</ul>"


def _table(pairs: Iterable[tuple[str, Any]]) -> str:
    lines = [
        f"<tr><th>{escape(name)}</th><td>{escape(_shown(value))}</td></tr>"
        for name, value in pairs
        if value not in (None, "", "{}", "[]")
    ]
    return f"<table>{''.join(lines)}</table>"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return _plain(value)


def label(name: str, words: Words) -> str:
    """The column in words; a column that has none yet is better named than left out."""
    return words(f"column.{name}") if f"column.{name}" in catalogue(words.language) else name
