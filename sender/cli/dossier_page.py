"""What is held about a person, as a page that the person can read, in French or English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Literal

from sender.catalogue import spoken
from sender.cli.as_json import verdict_as_json
from sender.cli.codes import HIDDEN, label, spelled, unpacked
from sender.cli.words import Words
from sender.papers import Paper, as_fragment
from sender.steps.dossier import Dossier, Mail

__all__ = ["INTERNAL", "SHOWN", "body", "language_of", "page"]

Asking = Literal["dossier.by_answer", "dossier.on_page"]

SHOWN = (
    *(
        "contacts",
        "aliases",
        "provenances",
        "imports",
        "documents",
        "consents",
        "sales",
        "choices",
        "topic_refusals",
        "suppressions",
        "exclusion_digests",
    ),
    *("requests", "pending", "exports", "returns"),
)
"""Tables of the page; letters, attempts, campaigns and reasons are told mail by mail, the journal entry by entry.

The JSON holds them all.
"""

INTERNAL = frozenset(
    {
        *(
            "id",
            "contact_id",
            "campaign_id",
            "number",
            "former_id",
            "import_id",
            "list_id",
            "seq",
            "email_key",
            "normalisation",
            "lines_done",
        ),
        *("address_hash", "domain_hash", "hash", "previous", "payload_hash", "salt", "digest", "file_digest", "path"),
        "wording",
        "imported_by",  # who works for the sender is nothing about the person
        # counts of a whole file
        *("rows", "contacts", "doubles", "rejected", "erased", "new", "changed", "same", "suppressed"),
        "changed_fields",
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
        return spoken(contact.language)
    if contact.country:
        return "fr" if contact.country in _FRENCH else "en"
    return otherwise


def page(dossiers: Sequence[Dossier], language: str, notice: Paper | None, asking: Asking) -> str:
    """A whole page; see ``body``."""
    title, inner = escape(Words(language)("dossier.title")), body(dossiers, language, notice, asking)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n{inner}\n</body></html>\n"
    )


def body(dossiers: Sequence[Dossier], language: str, notice: Paper | None, asking: Asking) -> str:
    """What stands below the heading of the page, whichever page it is.

    ``notice``: the privacy notice of today, in ``language``; ``asking``: how its reader asks for more than to see it.
    """
    return "\n".join(_body(dossiers, Words(language), notice, asking))


def _body(dossiers: Sequence[Dossier], words: Words, notice: Paper | None, asking: Asking) -> Iterator[str]:
    real = dossiers[0]
    yield f"<p>{escape(words('dossier.about', email=real.who.address.spec, on=real.made_at.date().isoformat()))}</p>"
    for dossier in dossiers:
        if dossier is not real:
            if dossier.empty:
                continue
            yield f"<h2>{escape(words('dossier.practice'))}</h2>"
        yield from _sections(dossier, words)
    # Meets: GDPR art. 15(1)(e), 15(1)(f)
    yield f"<h2>{escape(words('dossier.rights_title'))}</h2>"
    yield f"<p>{escape(words('dossier.rights'))} {escape(words(asking))}</p>"
    yield f"<p>{escape(words('dossier.complaint'))}</p>"
    if notice:
        # Meets: GDPR art. 15(1)(a), (c), (d): purposes, recipients and terms, each in its section
        yield f"<h2>{escape(words('dossier.notice'))}</h2>\n<p>{escape(words('dossier.notice_about'))}</p>"
        yield as_fragment(notice)


def _sections(dossier: Dossier, words: Words) -> Iterator[str]:
    told, *others = SHOWN
    yield from _section(told, dossier.rows[told], words)
    yield f"<h2>{escape(words('dossier.mails'))}</h2>"
    if not dossier.mails:
        yield f"<p>{escape(words('dossier.no_mails'))}</p>"
    for mail in dossier.mails:
        yield from _mail(mail, words)
    for table in others:
        yield from _section(table, dossier.rows[table], words)
    yield from _entries(dossier.rows, words)


def _section(table: str, rows: Sequence[Mapping[str, Any]], words: Words) -> Iterator[str]:
    if not rows:
        return
    yield _heading(table, words)
    shown = [_table(table, ((name, row[name]) for name in row if name not in INTERNAL), words) for row in rows]
    yield from (each for each in shown if each)
    if not any(shown):
        yield f"<p>{escape(words('dossier.entries', n=len(rows)))}</p>"


def _entries(rows: Mapping[str, Sequence[Mapping[str, Any]]], words: Words) -> Iterator[str]:
    """Each entry of the proof with what it says, as long as that was not erased."""
    said = {row["seq"]: unpacked(row["payload"]) for row in rows["journal_payloads"]}
    if rows["journal"]:
        yield _heading("journal", words)
    for row in rows["journal"]:
        content = {name: value for name, value in said.get(row["seq"], {}).items() if name not in HIDDEN}
        lines = (
            *_lines("journal", (("at", row["at"]), ("kind", row["kind"])), words),
            *_lines(row["kind"], content.items(), words),
        )
        yield f"<table>{''.join(lines)}</table>"


def _heading(table: str, words: Words) -> str:
    title = words(f"held.{table}")
    return f"<h2>{escape(title[:1].upper() + title[1:])}</h2>"


def _mail(mail: Mail, words: Words) -> Iterator[str]:
    yield f"<h3>{escape(words('dossier.mail', campaign=mail.campaign, sender=mail.sender))}</h3>"
    yield _table("letters", (("state", mail.state), ("basis", mail.basis)), words)
    for one in mail.attempts:
        shown = ("subject", "opened_at", "outcome", "code", "enhanced", "answer")
        yield _table("attempts", ((name, one[name]) for name in shown), words)
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


def _table(table: str, pairs: Iterable[tuple[str, Any]], words: Words) -> str:
    lines = "".join(_lines(table, pairs, words))
    return f"<table>{lines}</table>" if lines else ""


def _lines(table: str, pairs: Iterable[tuple[str, Any]], words: Words) -> Iterator[str]:
    for name, value in pairs:
        if value not in (None, "", "{}", "[]"):
            said = escape(spelled(table, name, value, words)).replace("\n", "<br>")
            yield f"<tr><th>{escape(label(name, words))}</th><td>{said}</td></tr>"
