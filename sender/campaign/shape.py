"""The campaign file as pydantic sees it: which keys there are and what each may hold.

Only what no gate could judge is needed here. Absent legal elements, notice, source or balancing test stay
absent, so that the gates find them missing.
"""

from __future__ import annotations

import os.path
import re
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sender.campaign import fields, schedule
from sender.campaign.complaints import FieldError, quoted, suggestion
from sender.model import LegalBasis, SourceKind
from sender.rates import Rate

# What letters/message.py, the relay or the standards write themselves. A read-receipt header is not among
# them: the tracking gate judges it.
_STRUCTURAL = re.compile(
    r"(from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references|return-path|received|mime-.*"
    r"|content-.*|resent-.*|list-.*|dkim-.*|domainkey-.*|arc-.*|authentication-.*|received-.*|auto-submitted|precedence)",
    re.IGNORECASE,
)


def known_functions() -> frozenset[str]:
    """The slugs of the controlled list; its file is read only once a campaign is loaded."""
    from sender.functions import FUNCTIONS

    return frozenset(FUNCTIONS)


def _path(value: object, info: ValidationInfo) -> Path:
    text = fields.written_line(value)
    if not text:
        raise FieldError("SC-220", "the value is empty", "A file is expected here.", "Write its path.")
    folder: Path = info.context["folder"] if info.context else Path()
    return folder / text


def _file(value: object, info: ValidationInfo) -> Path:
    path = _path(value, info)
    if not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises on names that are too long
        raise FieldError(
            "SC-221",
            f"there is no file {quoted(fields.plain_line(value))}",
            "Paths count from the folder of the campaign file.",
            "Check the path, capital letters too.",
        )
    return path


def _slug(value: object) -> str:
    text = fields.plain_line(value)
    if text not in (known := known_functions()):
        raise FieldError(
            "SC-218",
            f"{quoted(text)} is not a job function of the list",
            "The offer must concern the recipients' work, so their titles are matched to this list.",
            f"{suggestion(text, known)} The list: send-campaign functions list",
        )
    return text


def _header(value: object) -> str:
    text = fields.plain_line(value)
    if not re.fullmatch(r"[!-9;-~]{1,76}", text):  # Meets: RFC 5322 §2.2
        raise FieldError("SC-229", f"{quoted(text)} is not a header's name", "Relays refuse it.", "Use letters and -.")
    if _STRUCTURAL.fullmatch(text):
        raise FieldError(
            "SC-229",
            f"the header {quoted(text)} is not for the campaign file",
            "The program writes it from the sender, the message and the contact.",
            "Remove it; sender.from, sender.reply_to and message.subject are the keys for such things.",
        )
    return text


File = Annotated[Path, BeforeValidator(_file)]
AnyPath = Annotated[Path, BeforeValidator(_path)]
Slug = Annotated[str, BeforeValidator(_slug)]
HeaderName = Annotated[str, BeforeValidator(_header)]


class Block(BaseModel):
    """A block of keys; a known key without a value counts as not given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        known = cls.keys()
        return {key: value for key, value in data.items() if value is not None or key not in known}

    @classmethod
    def keys(cls) -> dict[str, Any]:
        """The keys as the file has them, with the type of what each holds."""
        return {info.alias or name: info.annotation for name, info in cls.model_fields.items()}


class LegalBlock(Block):
    form: fields.Line | None = None
    capital: fields.Capital | None = None
    siren: fields.Siren | None = None
    rcs: fields.Line | None = None
    registered_office: fields.Line | None = None
    postal_address: fields.Line | None = None


class SenderBlock(Block):
    name: fields.Line = ""
    from_: fields.Mailbox = Field(alias="from")
    reply_to: fields.Mailbox | None = None
    country: fields.Country | None = None
    legal: LegalBlock = LegalBlock()


class OfferBlock(Block):
    what: fields.Plain = ""
    functions: tuple[Slug, ...] = ()
    because: fields.Plain | None = None
    universal: fields.Flag = False
    override: fields.Line | None = None
    sector: fields.Line | None = None


class SourceBlock(Block):
    kind: Annotated[SourceKind, BeforeValidator(fields.word_of(SourceKind))] = SourceKind.UNKNOWN
    name: fields.Line | None = None
    record: fields.Line | None = None
    collected_on: fields.Day | None = None


class NoticeBlock(Block):
    version: fields.Line | None = None
    given_on: fields.Day | None = None
    objection_offered: fields.Flag = False


class SelectBlock(Block):
    functions: tuple[Slug, ...] = ()
    countries: tuple[fields.Country, ...] = ()
    languages: tuple[fields.Language, ...] = ()
    topics: tuple[fields.Topic, ...] = ()
    sources: tuple[Annotated[SourceKind, BeforeValidator(fields.word_of(SourceKind))], ...] = ()
    companies: tuple[fields.Needed, ...] = ()
    not_mailed_since: fields.Period | None = None


class AudienceBlock(Block):
    contacts: File | None = None
    select: SelectBlock | None = None
    country: fields.Country | None = None
    columns: dict[fields.Needed, fields.Needed] = {}
    source: SourceBlock = SourceBlock()
    notice: NoticeBlock = NoticeBlock()

    @model_validator(mode="before")
    @classmethod
    def _one_of_two(cls, data: object) -> object:
        if isinstance(data, dict):
            fields.demand_one_audience({key for key, value in data.items() if value is not None})
        return data


class ProcessingBlock(Block):
    record: fields.Line | None = None
    indirect_override: fields.Line | None = None
    officer: fields.Line | None = None
    transfers: fields.Line | None = None
    registries: dict[fields.Needed, fields.Day] = {}
    balancing_test: AnyPath | None = None  # whether it is there, and not empty, is for the register gate


class MessageBlock(Block):
    subject: fields.Needed
    html: File
    text: File | None = None
    attachments: tuple[File, ...] = ()
    headers: dict[HeaderName, fields.Needed] = {}


class ScheduleBlock(Block):
    zone: ZoneInfo
    not_before: datetime | None = None
    not_after: datetime | None = None
    weekdays: Annotated[frozenset[int], BeforeValidator(schedule.weekdays)] = schedule.EVERY_DAY
    hours: Annotated[tuple[time, time], BeforeValidator(schedule.hours)] = schedule.ALL_DAY
    rate: Annotated[Rate | None, PlainValidator(schedule.rate)] = None

    @field_validator("zone", mode="before")
    @classmethod
    def _zone(cls, value: object) -> ZoneInfo:
        return schedule.zone(fields.plain_line(value))

    @field_validator("not_before", "not_after", mode="wrap")
    @classmethod
    def _moment(cls, value: object, _: object, info: ValidationInfo) -> datetime | None:
        text = fields.plain_line(value)
        # Without a readable zone, that complaint is enough; the time's shape is still looked at.
        local = info.data.get("zone") or ZoneInfo("UTC")
        begins = info.field_name == "not_before"
        read = schedule.moment(text, local, later=begins)
        if not begins and (start := info.data.get("not_before")):
            schedule.check_order(start, read)
        return read


class CampaignFile(Block):
    campaign: fields.Name
    language: fields.Language
    sender: SenderBlock
    offer: OfferBlock = OfferBlock()
    audience: AudienceBlock
    basis: Annotated[LegalBasis, BeforeValidator(fields.word_of(LegalBasis))]
    processing: ProcessingBlock = ProcessingBlock()
    message: MessageBlock
    schedule: ScheduleBlock | None = None
    topics: tuple[fields.Topic, ...] = ()
