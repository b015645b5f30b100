"""One pack as a page that a lawyer can read and correct: every statement with its rule, its source and its mark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sender.law.pack import (
    OWN_KNOWLEDGE,
    AdLabel,
    Allowed,
    Frequency,
    Pack,
    Published,
    Retention,
    SoftOptIn,
    Statement,
    Tracking,
    Unsubscribe,
    Words,
    load,
)
from sender.law.rules import Permission
from sender.model import AddressClass

__all__ = ["page"]

_SAYS = {
    Permission.IN: "after consent",
    Permission.OUT: "until objection",
    Permission.EXEMPT: "neither consent nor objection asked for",
    Permission.DENY: "never",
}
_WHO = {
    AddressClass.NAMED: "named person at a firm",
    AddressClass.GENERIC_ENTITY: "generic address of a legal person",
    AddressClass.SINGLE_HOLDER_FUNCTION: "function that one person holds",
    AddressClass.SOLE_TRADER: "sole trader, or firm of unknown form",
    AddressClass.CONSUMER: "private person",
}
_MARKS = {"sourced": "sourced", "to_verify": "**to verify**"}
_SEPARATOR = "| --- | --- | --- | --- | --- |"


def page(pack_id: str) -> str:
    """Markdown, headed by the pack's name; no trailing line feed."""
    return "\n".join(_lines(load(pack_id))).rstrip()


def _lines(pack: Pack) -> Iterator[str]:
    yield from _head(pack)
    if pack.permission:
        yield from _table("To whom may one write without prior relation?", ("address", "allowed"), _permissions(pack))
    yield from _table("What else decides", ("subject", "rule"), _conditions(pack))
    yield from _table("What the sender must show", ("element", ""), _identity(pack))
    for title, words in (
        ("What each mail must say", pack.content),
        ("What must be kept and asked", (*pack.records, *pack.registries)),
        ("Traps", pack.traps),
    ):
        yield from _table(title, ("duty" if title != "Traps" else "trap", ""), _words(words))
    yield from _sources(pack)


def _head(pack: Pack) -> Iterator[str]:
    review = "reviewed by " + pack.review.by if pack.review.by else "**not reviewed by a lawyer**"
    unsure = sum(statement.mark == "to_verify" for statement in pack.statements())
    total = sum(1 for _ in pack.statements())
    yield f"## {pack.id}: {pack.name}"
    yield ""
    yield f"Version {pack.version.isoformat()}, {review}; {unsure} of {total} statements are still to be verified."
    yield ""
    yield pack.law
    yield ""
    if pack.layers:
        yield f"Applies together with: {', '.join(pack.layers)}."
        yield ""
    known = [said for said in (pack.authority, pack.penalty) if said]
    yield from _table("Authority and penalty", ("what", ""), ((said.what, None, said) for said in known))


_Row = tuple[str, str | None, Statement]  # subject; answer, None where there is nothing to keep; statement


def _table(title: str, heads: tuple[str, str], rows: Iterable[_Row]) -> Iterator[str]:
    body = [_row(*row) for row in rows]
    if body:
        yield from (f"### {title}", "", f"| {heads[0]} | {heads[1]} | rule | source | mark |", _SEPARATOR, *body, "")


def _row(subject: str, answer: str | None, said: Statement) -> str:
    source = "own knowledge" if said.source == OWN_KNOWLEDGE else said.source
    noted = ". ".join(
        part.rstrip(".") for part in (answer, said.note, "" if answer is None else enforced(said)) if part
    )
    return "| " + " | ".join(_cell(text) for text in (subject, noted, said.rule, source, _MARKS[said.mark])) + " |"


def enforced(said: Statement) -> str:
    """Who sees to it that the statement is kept: a gate by its name, the program, or the operator."""
    if isinstance(said, AdLabel):
        return "Gate: subject" if said.where == "subject" else _OPERATOR
    by = said.by if isinstance(said, Words) else _KEPT_BY.get(type(said), "")
    return {"": "", "operator": _OPERATOR, "program": "Kept by the program"}.get(by, f"Gate: {by}")


_OPERATOR = "Left to the operator"
_KEPT_BY = {
    Allowed: "basis",
    SoftOptIn: "basis",
    Published: "basis",
    Unsubscribe: "unsubscribe",
    Retention: "retention",
    Frequency: "frequency",
    Tracking: "tracking",
}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _permissions(pack: Pack) -> Iterator[_Row]:
    for address_class, who in _WHO.items():
        if said := pack.permission.get(address_class):
            yield who, _SAYS[said.value], said


def _identity(pack: Pack) -> Iterator[_Row]:
    for element, said in pack.identity.items():
        yield element.replace("_", " "), "Gate: identity", said


def _words(words: Iterable[Words]) -> Iterator[_Row]:
    for said in words:
        yield said.what, "", said


def _conditions(pack: Pack) -> Iterator[_Row]:
    if said := pack.soft_opt_in:
        needs = ", ".join(need.replace("_", " ") for need in said.needs)
        age = f"; sale at most {said.max_age_days} days old" if said.max_age_days else ""
        yield "customers (soft opt-in)", f"allowed: {needs}{age}" if said.allowed else "not allowed", said
    if published := pack.published_opens:
        yield "address published for such offers", f"opens: {', '.join(_WHO[c] for c in published.classes)}", published
    if label := pack.ad_label:
        where = "in the subject" if label.where == "subject" else "where the mail does not show it by itself"
        yield "marked as advertising", where, label
    yield from _deadlines(pack)
    for sector, banned in pack.banned_sectors.items():
        yield f"sector {sector.replace('_', ' ')}", "banned by e-mail. Gate: offer", banned


def _deadlines(pack: Pack) -> Iterator[_Row]:
    if stop := pack.unsubscribe:
        law = "at once" if stop.deadline == "P0D" else f"within {stop.deadline.strip('PD')} days by law, here at once"
        acknowledged = ", acknowledged (by the page that confirms it; by hand where it came otherwise)"
        acknowledged = acknowledged if stop.acknowledge else ""
        yield "objection", f"{law}{acknowledged}; link valid {stop.link_valid_days} days or longer", stop
    if kept := pack.retention:
        yield "details kept", f"{kept.prospect_days} days from the last contact coming from the person", kept
    if often := pack.frequency:
        yield "frequency", f"{often.max_per_year} mails in twelve months", often
    if tracking := pack.tracking:
        yield "tracking", f"opens: {tracking.open}; clicks: {tracking.click}", tracking


def _sources(pack: Pack) -> Iterator[str]:
    if pack.sources:
        yield from ("### Sources", "", *(f"- {key}: {_cell(text)}" for key, text in pack.sources.items()))
