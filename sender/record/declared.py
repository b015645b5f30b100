"""What only the operator knows about the processing: ``processing.yaml`` in the project folder.

Every entry may be left out; the papers then say that it is missing. What is not known here is an error.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sender import yamlfile
from sender.errors import Complaint, InputError

__all__ = ["COMPLAINTS", "FILE", "Controller", "Declared", "Entry", "Relay", "declared_in"]

COMPLAINTS: dict[str, str] = {"SC-803": "The file about the processing is wrong"}

FILE = "processing.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_yet(cls, data: Any) -> Any:
        """A block of which every line is still a question."""
        return {} if data is None else data


class Controller(_Strict):
    """Who answers for the processing (GDPR art. 30(1)(a))."""

    name: str | None = None
    address: str | None = None
    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    contact: str | None = None
    representative: str | None = None
    dpo: str | None = None


class Relay(_Strict):
    """Who carries the mails: a processor (art. 28), perhaps abroad (art. 44-49)."""

    provider: str | None = None
    contract: str | None = None
    region: str | None = None
    transfer_basis: str | None = None


class Entry(_Strict):
    """One processing, as the record has it."""

    title: str | None = None
    purposes: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    created: str | None = None
    reviewed: str | None = None


class Declared(_Strict):
    controller: Controller = Controller()
    relay: Relay = Relay()
    security: tuple[str, ...] = ()
    processings: dict[str, Entry] = {}


def declared_in(project: Path) -> Declared:
    """What the project's file says; nothing where there is none. Raises InputError with every complaint."""
    path = project / FILE
    if not path.is_file():
        return Declared()
    document = yamlfile.read(path, as_written=True)
    try:
        return Declared.model_validate(document.data)
    except ValidationError as error:
        raise InputError(*(_complaint(document, detail) for detail in error.errors(include_url=False))) from None


_KNOWN = sorted({name for model in (Controller, Relay, Entry, Declared) for name in model.model_fields})


def _complaint(document: yamlfile.YamlDocument, detail: object) -> Complaint:
    assert isinstance(detail, dict)  # noqa: S101 - for the type checker
    loc = detail["loc"]
    name, unknown = ".".join(map(str, loc)), detail["type"] == "extra_forbidden"
    near = get_close_matches(str(loc[-1]), _KNOWN, n=1) if unknown else []
    what = f"there is no key {name!r}" if unknown else f"{name}: {detail['msg'].lower()}"
    todo = f"Did you mean {near[0]!r}?" if near else "See docs/how-to/prepare-for-an-inspection.md for what there is."
    why = "What is overlooked here would be missing in the record."
    return Complaint("SC-803", what, why, todo, document.place(loc))
