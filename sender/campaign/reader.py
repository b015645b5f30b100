"""Reads a campaign file and ties what pydantic objects to the place where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from sender import yamlfile
from sender.campaign import shape
from sender.campaign.complaints import FieldError, nearest, quoted, suggestion
from sender.errors import Complaint, InputError, Place
from sender.model import (
    Audience,
    Campaign,
    LegalIdentity,
    Message,
    Notice,
    Offer,
    Processing,
    Provenance,
    Schedule,
    Selection,
    Sender,
)
from sender.yamlfile import YamlDocument


def load(path: Path) -> Campaign:
    """The campaign in ``path``; raises ``InputError`` with everything that is wrong, ``MissingFile``
    without the file.

    Files that the campaign names are looked for from its folder. The balancing test alone may be missing
    here: the ``register`` gate refuses then, and says why it matters.
    """
    document = yamlfile.read(path, as_written=True)
    try:
        file = shape.CampaignFile.model_validate(document.data, context={"folder": path.parent})
    except ValidationError as error:
        found = {_complaint(document, dict(detail)) for detail in error.errors(include_url=False)}
        raise InputError(*sorted(found, key=_in_file_order)) from error
    return _campaign(path, file, document)


def demand_past(campaign: Campaign, today: date) -> None:
    """Raise InputError where addresses were collected, or people told, after ``today``: a year mistyped, most often."""
    told = campaign.audience.default
    days = {"audience.source.collected_on": told.collected_on, "audience.notice.given_on": told.notice.given_on}
    InputError.unless_empty(
        Complaint(
            "SC-230",
            f"{key}: {day.isoformat()} lies in the future",
            "Periods are counted from this day, so everybody in the file would be held.",
            "Correct the date; check this machine's clock if the date is right.",
            campaign.place(key),
        )
        for key, day in days.items()
        if day is not None and day > today
    )


def _in_file_order(complaint: Complaint) -> tuple[int, int, str, str]:
    place = complaint.place
    return (
        (place.line or 0) if place else 0,
        (place.column or 0) if place else 0,
        complaint.code,
        complaint.what,
    )


# --- complaints
# ------------------------------------------------------------------------------------------------


def _complaint(document: YamlDocument, detail: Mapping[str, Any]) -> Complaint:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    place = document.place(loc)
    if place.line is None:  # a key that should stand at the top
        place = Place(document.path, 1, 1)
    wrong = detail.get("ctx", {}).get("error")
    if isinstance(wrong, FieldError):
        return Complaint(wrong.code, f"{_dotted(loc)}: {wrong.what}", wrong.why, wrong.todo, place)
    if detail["type"] == "extra_forbidden":
        return Complaint("SC-210", *_unknown_key(loc), place)
    if detail["type"] == "missing":
        what = f"{_dotted(loc)} is missing"
        return Complaint("SC-211", what, "The campaign cannot do without it.", f"Add it: {_example(loc)}", place)
    what = f"{_dotted(loc)}: {_KINDS.get(detail['type'], 'something else')} is expected here"
    return Complaint("SC-212", what, "What stands there cannot be read.", f"Write it like  {_example(loc)}", place)


_KINDS = {
    "model_type": "a block of keys",
    "dict_type": "a block of keys",
    "tuple_type": "a list",
}

_EXAMPLES = {
    "campaign": "campaign: spring-2026",
    "language": "language: fr",
    "sender": "sender: {name: ..., from: ..., legal: {...}}",
    "sender.from": "from: conseil@eluard.example",
    "sender.legal": "legal: {form: SAS, ...}",
    "offer": "offer: {what: ..., functions: [legal], because: ...}",
    "offer.functions": "functions: [legal, data_protection]",
    "audience": "audience: {contacts: contacts.csv, source: {...}, notice: {...}}",
    "audience.contacts": "contacts: contacts.csv",
    "audience.select": "select: {functions: [legal], countries: [FR], not_mailed_since: 90d}",
    "audience.select.functions": "functions: [legal, data_protection]",
    "audience.select.countries": "countries: [FR, BE]",
    "audience.select.languages": "languages: [fr]",
    "audience.select.topics": "topics: [rgpd]",
    "audience.select.sources": "sources: [trade_show]",
    "audience.select.companies": "companies: [Éluard Conseil]",
    "audience.columns": "columns: {company: Raison sociale}",
    "audience.source": "source: {kind: trade_show, name: ..., collected_on: 2026-03-12}",
    "audience.notice": 'notice: {version: "2026-01", given_on: 2026-03-12, objection_offered: true}',
    "basis": "basis: legitimate_interest",
    "processing": "processing: {record: PROSP-01, balancing_test: lia.md}",
    "message": "message: {subject: ..., html: mail.html}",
    "message.subject": "subject: ...",
    "message.html": "html: mail.html",
    "message.attachments": "attachments: [brochure.pdf]",
    "message.headers": "headers: {X-Reference: ...}",
    "schedule": "schedule: {zone: Europe/Paris, not_before: 2026-04-02T09:00}",
    "schedule.zone": "zone: Europe/Paris",
    "schedule.weekdays": "weekdays: mon-fri",
    "schedule.hours": "hours: 09:00-18:00",
    "schedule.rate": "rate: 500/hour",
    "topics": "topics: [rgpd]",
}


def _example(loc: Sequence[str | int]) -> str:
    return _EXAMPLES.get(".".join(str(part) for part in loc if isinstance(part, str)), f"{_dotted(loc[-1:])}: ...")


def _unknown_key(loc: Sequence[str | int]) -> tuple[str, str, str]:
    key = str(loc[-1])
    parents = [str(part) for part in loc[:-1]]
    known = _keys_of(parents)
    todo = suggestion(key, known)
    homes = [".".join(home) for home, keys in _blocks() if key in keys]
    if homes and not nearest(key, known):
        todo = f"It belongs under  {homes[0]}" if homes[0] else "It belongs at the top, without indentation."
    where = f" under {'.'.join(parents)}" if parents else ""
    return (
        f"the key {quoted(key)} is not known{where}",
        "A mistyped key would be overlooked in silence.",
        todo,
    )


def _keys_of(parents: list[str]) -> list[str]:
    return next((list(keys) for home, keys in _blocks() if list(home) == parents), [])


def _blocks(
    block: type[shape.Block] = shape.CampaignFile, home: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Every block of the file with its keys, from the top down."""
    keys = block.keys()
    yield home, list(keys)
    for key, annotation in keys.items():
        for inner in (annotation, *get_args(annotation)):
            if isinstance(inner, type) and issubclass(inner, shape.Block):
                yield from _blocks(inner, (*home, key))


def _dotted(loc: Sequence[str | int]) -> str:
    return quoted(".".join(map(str, loc))).strip('"')


# --- the campaign
# ----------------------------------------------------------------------------------------------


def _campaign(path: Path, file: shape.CampaignFile, document: YamlDocument) -> Campaign:
    message = file.message
    return Campaign(
        name=file.campaign,
        path=path,
        language=file.language,
        sender=_sender(file.sender),
        offer=Offer(**_values(file.offer)),
        audience=_audience(file.audience),
        basis=file.basis,
        processing=Processing(**_values(file.processing)),
        message=Message(message.subject, message.html, message.text, message.attachments, message.headers),
        schedule=Schedule(**_values(file.schedule)) if file.schedule else None,
        topics=file.topics or (file.audience.select.topics if file.audience.select else ()),
        places={".".join(map(str, loc)): place for loc, place in document.places.items()},
    )


def _values(block: BaseModel) -> dict[str, Any]:
    """The block's values; empty text counts as not given where None is possible."""
    optional = {name for name, info in type(block).model_fields.items() if info.default is None}
    return {name: None if value == "" and name in optional else value for name, value in block}


def _sender(block: shape.SenderBlock) -> Sender:
    legal = LegalIdentity(**_values(block.legal))
    # A SIREN is given to firms in France only; abroad, the country is asked for by the identity gate.
    country = block.country or ("FR" if legal.siren else None)
    return Sender(block.name, block.from_, block.reply_to, country, legal)


def _audience(block: shape.AudienceBlock) -> Audience:
    if block.select is not None:
        return Audience(Path(), {}, Provenance(), select=Selection(**_values(block.select)))
    assert block.contacts is not None  # noqa: S101 - the shape demands one of the two
    return Audience(block.contacts, block.columns, _provenance(block), block.country)


def _provenance(block: shape.AudienceBlock) -> Provenance:
    """Where the file's rows come from, unless they say otherwise.

    A name ("Salon du droit 2026") is proof enough of what happened between the firm and the person. For
    addresses that came from others, only ``record`` is: the name of a broker proves nothing.
    """
    source, notice = block.source, block.notice
    record = source.record or (None if source.kind.indirect else source.name)
    told = Notice(notice.given_on is not None, notice.version or None, notice.given_on, notice.objection_offered)
    return Provenance(source.kind, record or None, source.collected_on, told)
