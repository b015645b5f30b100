"""One pack as its file has it, checked strictly: what is not known here is an error, never ignored.

TOML, as all data that come with the program: a campaign asks three or four packs, and the standard library reads each
in a millisecond.

A pack is a country's law (``kind: country``), a layer that several countries share (``kind: layer``), or the strict
default. Each statement carries the rule cited to people, the source it was read in and how sure that is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sender.errors import Complaint, Fault
from sender.law.rules import Permission
from sender.model import AddressClass

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["COMPLAINTS", "Pack", "Statement", "fingerprint", "load", "pack_ids"]

COMPLAINTS: dict[str, str] = {"SC-903": "A rule pack that comes with the program is wrong"}

OWN_KNOWLEDGE = "K"
"""A statement that was not looked up; it can only be marked ``to_verify``."""

Element = Literal["name", "legal_form", "capital", "siren", "rcs", "registered_office", "postal_address"]
Enforcer = Literal[
    "operator",
    "program",
    "identity",
    "unsubscribe",
    "subject",
    "tracking",
    "register",
    "source",
    "notice",
    "basis",
]
_JUDGED = frozenset(AddressClass) - {AddressClass.INVALID}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # most commands read no pack


class Statement(_Strict):
    """Something the law says. ``source``: a key of the pack's sources."""

    rule: str = Field(min_length=2)
    source: str = Field(min_length=1)
    mark: Literal["sourced", "to_verify"]
    note: str | None = None


class Allowed(Statement):
    value: Permission = Field(alias="is")


class Words(Statement):
    """A duty or a trap, said in words. ``by``: the gate that sees to it, or the program, or the operator alone."""

    what: str = Field(min_length=3)
    by: Enforcer = "operator"


class SoftOptIn(Statement):
    allowed: bool
    needs: tuple[Literal["sale", "own_similar", "refusal_at_collection", "refusal_each_mail", "notice_twice"], ...] = ()
    max_age_days: int | None = None


class Published(Statement):
    classes: tuple[AddressClass, ...]


class AdLabel(Statement):
    where: Literal["subject", "if_not_obvious"]


class Unsubscribe(Statement):
    deadline: str = "P0D"
    hard_max: str = "PT48H"
    link_valid_days: int = Field(60, ge=30)
    acknowledge: bool = False


class Retention(Statement):
    prospect_days: int = Field(gt=0)
    since: Literal["last_inbound_contact"] = Field(alias="from")


class Frequency(Statement):
    max_per_year: int = Field(gt=0)


class Tracking(Statement):
    open: Literal["consent", "free"]
    click: Literal["consent", "free"]


class Registry(Words):
    """A public list of people who refuse advertising. ``days``: how long an answer may be relied on."""

    id: str
    by: Enforcer = "register"
    days: int = Field(gt=0)


class Review(_Strict):
    status: Literal["unreviewed", "reviewed"]
    by: str | None = None
    on: date | None = None


class Pack(_Strict):
    """One file of sender/law/packs. ``identity``: what a sender of this country must show, wherever the mail goes."""

    id: str = Field(pattern=r"^([A-Z]{2}|DEFAULT|EU)$")
    kind: Literal["country", "layer", "default"]
    name: str
    version: date
    review: Review
    layers: tuple[str, ...] = ()
    law: str
    authority: Words | None = None
    penalty: Words | None = None
    permission: dict[AddressClass, Allowed] = {}
    soft_opt_in: SoftOptIn | None = None
    published_opens: Published | None = None
    identity: dict[Element, Statement] = {}
    content: tuple[Words, ...] = ()
    ad_label: AdLabel | None = None
    unsubscribe: Unsubscribe | None = None
    records: tuple[Words, ...] = ()
    retention: Retention | None = None
    registries: tuple[Registry, ...] = ()
    frequency: Frequency | None = None
    tracking: Tracking | None = None
    banned_sectors: dict[str, Statement] = {}
    traps: tuple[Words, ...] = ()
    sources: dict[str, str]

    @property
    def label(self) -> str:
        """For the record: ``FR@2026-11-23``."""
        return f"{self.id}@{self.version.isoformat()}"

    def statements(self) -> Iterator[Statement]:
        """Every statement of the pack."""
        for name in type(self).model_fields:
            yield from _statements_in(getattr(self, name))

    @model_validator(mode="after")
    def _sourced(self) -> Pack:
        """A mark claims no more than its source: what was not looked up is to be verified."""
        for statement in self.statements():
            known = all(part in self.sources for part in statement.source.split(", "))
            if statement.source != OWN_KNOWLEDGE and not known:
                raise ValueError(f"source {statement.source} of {statement.rule!r} is not listed")
            if statement.source == OWN_KNOWLEDGE and statement.mark == "sourced":
                raise ValueError(f"{statement.rule!r} is marked as sourced without a source")
        return self

    @model_validator(mode="after")
    def _whole(self) -> Pack:
        """A pack that stands for a country answers everything by itself; a layer only adds."""
        if self.kind != "layer":
            missing = _JUDGED - set(self.permission)
            if missing or self.soft_opt_in is None:
                raise ValueError(f"no answer for {', '.join(sorted(missing)) or 'soft_opt_in'}")
        if AddressClass.INVALID in self.permission:
            raise ValueError("invalid addresses are denied everywhere")
        return self

    @model_validator(mode="after")
    def _ordered(self) -> Pack:
        """A company of unknown form is judged as a sole trader: nothing that it could be may be stricter."""
        if self.kind != "layer":
            strict = {cls: allowed.value.strictness for cls, allowed in self.permission.items()}
            trader, consumer = strict[AddressClass.SOLE_TRADER], strict[AddressClass.CONSUMER]
            if any(value > trader for cls, value in strict.items() if cls is not AddressClass.CONSUMER):
                raise ValueError("a sole trader is treated more loosely than another address of a firm")
            if trader > consumer:
                raise ValueError("a consumer is treated more loosely than a sole trader")
        return self


def _statements_in(value: object) -> Iterator[Statement]:
    if isinstance(value, Statement):
        yield value
    elif isinstance(value, tuple):
        yield from (item for item in value if isinstance(item, Statement))
    elif isinstance(value, dict):
        yield from (item for item in value.values() if isinstance(item, Statement))


@cache
def pack_ids() -> tuple[str, ...]:
    """Every pack there is: DEFAULT and the layers first, then countries by their code."""
    names = (entry.name for entry in files("sender.law").joinpath("packs").iterdir())
    found = (name.removesuffix(".toml") for name in names if name.endswith(".toml"))
    return tuple(sorted(found, key=lambda name: (name != "DEFAULT", name != "EU", name)))


@cache
def load(pack_id: str) -> Pack:
    """The pack ``pack_id``, read once."""
    if pack_id not in pack_ids():
        raise KeyError(pack_id)
    return read(tomllib.loads(_file_of(pack_id).read_text(encoding="utf-8")), pack_id)


@cache
def fingerprint(pack_id: str) -> str:
    """SHA-256 of the pack's file: a version says what a pack calls itself, this what it says."""
    return sha256(_file_of(pack_id).read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def _file_of(pack_id: str) -> Traversable:
    return files("sender.law").joinpath("packs", f"{pack_id}.toml")


def read(data: object, pack_id: str) -> Pack:
    """The pack that ``data`` describes; whatever is unknown or missing in it is an error."""
    try:
        pack = Pack.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise _wrong(pack_id, f"{where}: {first['msg']}") from error
    if pack.id != pack_id:
        raise _wrong(pack_id, f"the file says that it is {pack.id}")
    return pack


def _wrong(pack_id: str, what: str) -> Fault:
    return Fault(
        Complaint(
            "SC-903",
            f"rule pack {pack_id}: {what}",
            "Without its rules nothing can be judged, so nothing is sent.",
            "Install the program again; if it stays, report it.",
        )
    )
