"""The proof of a person's consents as a page: for a terminal, as HTML in French or English, as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.cli.codes import code, label
from sender.cli.words import Words
from sender.errors import Place, Unreachable
from sender.model import Address, Consent, Contact, Sale

COMPLAINTS = {"SC-138": "The proof cannot be written"}

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ProofPage:
    """Everything that is held on one person's consents. ``texts``: what was shown, by version."""

    contact: Contact
    made_at: datetime
    words: tuple[contacts.Word, ...]
    texts: dict[str, str]
    sales: tuple[Sale, ...]
    stops: tuple[contacts.Stop, ...]
    entries: tuple[ledger.JournalEntry, ...]


def gather(connection: Connection, address: Address, now: datetime) -> ProofPage:
    contact = contacts.by_email(connection, address)
    if contact is None:
        raise LookupError  # the caller has asked before
    words = tuple(contacts.history(connection, contact.id))
    versions = {word.consent.wording_version for word in words if word.consent.wording_version}
    texts = {version: contacts.wording_text(connection, version) for version in sorted(versions)}
    return ProofPage(
        contact,
        now,
        words,
        {version: text for version, text in texts.items() if text is not None},
        tuple(contacts.all_sales(connection, contact.id)),
        tuple(contacts.stops_of(connection, contact.id)),
        tuple(ledger.journal.about(connection, contact.id)),
    )


# --- what stands on it, the same for every form


def _sections(page: ProofPage, words: Words) -> Iterator[tuple[str, list[list[Row]]]]:
    newest = {word.consent.scope: word for word in page.words}
    yield words("consent.now_title"), [_standing(scope, word, words) for scope, word in sorted(newest.items())]
    yield words("consent.history_title"), [_word(page, word, words) for word in page.words]
    yield words("consent.sales_title"), [_sale(sale, words) for sale in page.sales]
    yield words("consent.stops_title"), [_stop(stop, words) for stop in page.stops]
    yield (
        words("consent.journal_title"),
        [
            [(f"{one.seq}", f"{code('journal', 'kind', one.kind, words)}  {_moment(one.at)}  {one.hash}")]
            for one in page.entries
        ],
    )


def _standing(scope: str, word: contacts.Word, words: Words) -> list[Row]:
    consent, scope = word.consent, code("consents", "scope", scope, words)
    if consent.withdrawn_on:
        return [(scope, f"{words('consent.taken_back')} {words('consent.on')} {consent.withdrawn_on}")]
    return [(scope, f"{words('consent.given')} {words('consent.on')} {consent.given_on}")]


def _word(page: ProofPage, word: contacts.Word, words: Words) -> list[Row]:
    consent = word.consent
    what = "consent.taken_back" if consent.withdrawn_on else "consent.given"
    rows = [
        (words(what), str(consent.withdrawn_on or consent.given_on)),
        (words("consent.scope"), _scope(consent, words)),
        (words("consent.recorded"), _moment(word.recorded_at)),
        (words("consent.by"), code("consents", "by", consent.by, words)),
        (words("consent.channel"), code("consents", "channel", consent.channel or "", words)),
        (words("consent.proof"), code("consents", "proof", consent.proof, words)),
        *((label(name, words), value) for name, value in sorted(consent.details.items())),
        (words("consent.wording"), consent.wording_version or ""),
        (words("consent.shown"), page.texts.get(consent.wording_version or "") or words("consent.not_kept")),
    ]
    return [(label, value) for label, value in rows if value]


def _scope(consent: Consent, words: Words) -> str:
    scopes = (consent.scope, *(("tracking",) if consent.tracking and consent.scope != "tracking" else ()))
    return " + ".join(code("consents", "scope", scope, words) for scope in scopes)


def _sale(sale: Sale, words: Words) -> list[Row]:
    def said(flag: bool) -> str:
        return words("consent.yes") if flag else words("consent.no")

    rows = [
        (words("consent.on"), sale.sold_on.isoformat()),
        (words("consent.own_similar"), said(sale.own_similar)),
        (words("consent.refusal_offered"), said(sale.refusal_offered)),
        (words("consent.reference"), sale.reference or ""),
    ]
    return [(label, value) for label, value in rows if value]


def _stop(stop: contacts.Stop, words: Words) -> list[Row]:
    rows = [
        (code("suppressions", "reason", stop.reason, words), f"{words('consent.since')} {_moment(stop.since)}"),
        (words("consent.origin"), stop.origin or ""),
    ]
    if stop.lifted_at:
        rows.append(
            (
                words("consent.lifted_on"),
                f"{_moment(stop.lifted_at)} ({code('suppressions', 'lifted_by', stop.lifted_by or '', words)})",
            )
        )
    if stop.renewed_at:
        rows.append((words("consent.renewed_on"), _moment(stop.renewed_at)))
    return [(label, value) for label, value in rows if value]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S %Z}".strip()


# --- forms


def as_text(page: ProofPage, words: Words) -> str:
    lines = [words("consent.title"), f"{words('consent.about')} {page.contact.email}", _made(page, words)]
    for title, blocks in _sections(page, words):
        lines += ["", title]
        lines += [] if blocks else [f"  {words('consent.none')}"]
        for number, rows in enumerate(blocks):
            lines += [""] if number and len(rows) > 1 else []
            width = max(len(label) for label, _ in rows)
            lines += [f"  {label.ljust(width)}  {value}" for label, value in rows]
    return "\n".join(lines)


def as_html(page: ProofPage, words: Words) -> str:
    """One file that needs nothing else, to print or to hand over."""
    parts = [f"<h1>{escape(words('consent.title'))}</h1>"]
    parts.append(f"<p>{escape(words('consent.about'))} <strong>{escape(str(page.contact.email))}</strong></p>")
    parts.append(f"<p>{escape(_made(page, words))}</p>")
    for title, blocks in _sections(page, words):
        parts.append(f"<h2>{escape(title)}</h2>")
        parts.append("".join(map(_table, blocks)) or f"<p>{escape(words('consent.none'))}</p>")
    return (
        f'<!doctype html>\n<html lang="{words.language}"><head><meta charset="utf-8">'
        f'<meta name="robots" content="noindex"><title>{escape(words("consent.title"))}</title>'
        "<style>body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "th{text-align:left;vertical-align:top;padding-right:1.5rem;font-weight:600;white-space:nowrap}"
        "td{overflow-wrap:anywhere;white-space:pre-wrap}table{margin:0 0 1.5rem}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _table(rows: list[Row]) -> str:
    cells = (f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>' for label, value in rows)
    return f"<table>{''.join(cells)}</table>"


def _made(page: ProofPage, words: Words) -> str:
    return words("consent.made_at", at=_moment(page.made_at))


def as_json(page: ProofPage) -> dict[str, object]:
    return {
        "contact": page.contact.id,
        "made_at": page.made_at.isoformat(),
        "history": [
            {
                "scope": word.consent.scope,
                "given_on": word.consent.given_on.isoformat(),
                "withdrawn_on": word.consent.withdrawn_on.isoformat() if word.consent.withdrawn_on else None,
                "recorded_at": word.recorded_at.isoformat(),
                "by": word.consent.by,
                "channel": word.consent.channel,
                "proof": word.consent.proof,
                "details": dict(word.consent.details),
                "tracking": word.consent.tracking,
                "wording_version": word.consent.wording_version,
                "wording_digest": word.consent.wording,
            }
            for word in page.words
        ],
        "texts": page.texts,
        "sales": [
            {
                "sold_on": sale.sold_on.isoformat(),
                "own_similar": sale.own_similar,
                "refusal_offered": sale.refusal_offered,
                "reference": sale.reference,
            }
            for sale in page.sales
        ],
        "suppressions": [
            {
                "reason": stop.reason,
                "origin": stop.origin,
                "since": stop.since.isoformat(),
                "renewed_at": stop.renewed_at.isoformat() if stop.renewed_at else None,
                "lifted_at": stop.lifted_at.isoformat() if stop.lifted_at else None,
                "in_force": stop.in_force,
            }
            for stop in page.stops
        ],
        "journal": [
            {"seq": one.seq, "kind": one.kind, "at": one.at.isoformat(), "hash": one.hash} for one in page.entries
        ],
    }


def write_private(path: Path, content: str) -> None:
    """For this user's eyes only, whatever the umask; an older page at the place is replaced."""
    try:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
    except OSError as problem:
        raise Unreachable.of(
            "SC-138",
            "the proof cannot be written",
            why=f"The system says: {problem.strerror or 'no reason'}.",
            todo="Name a file in a folder that this user may write.",
            place=Place(str(path)),
        ) from problem
