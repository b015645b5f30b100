"""One row of a contact file becomes a contact, or the reason why it cannot.

What a cell does not clearly say is missing from the contact (the gates then hold it), and the row says so. A row's own
provenance wins over the campaign's, field by field; but where a row names another kind of source than the campaign,
nothing of the campaign's is carried over: what people were told at a fair says nothing about a bought address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeVar

from sender.address import AddressError, parse
from sender.contacts import values
from sender.contacts.forms import form_in_name, meaning
from sender.contacts.headers import Columns
from sender.contacts.values import Cell, UnclearError, text_of
from sender.model import Address, Audience, CompanyForm, Contact, ContactId, Notice, Provenance

T = TypeVar("T")

_NEITHER: tuple[date | bool | None, date | bool | None] = (None, False)
_LONGEST = 1000  # characters of one value; names, titles and companies are far shorter
# Controls and lone surrogates, what turns the order of letters round (UAX #9), and what an encoding could not read.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffd-\uffff]")
# Most cells: words with one space between them, in which nothing can be wrong and nothing is to be tidied.
_PLAIN = re.compile(r"\w[\w.,'’&@/()-]*(?: [\w.,'’&@/()-]+)*")
_FORMULA = re.compile(r"[=+@]|-(?=[A-Za-z(=+@])")
_SIGNS = frozenset("=+@-")
_CALCULATES = re.compile(r"=|[+@-][A-Za-z.]+\(")  # no name of a person or firm begins so
_GREETED_WITH = ("first_name", "last_name", "company", "title")
_PROVENANCE = frozenset(
    (
        "source_kind",
        "source_record",
        "collected_on",
        "notice_given",
        "notice_given_on",
        "notice_version",
        "objection_offered",
    )
)
_ADDRESSES = re.compile(r"[^\s<>,;\"'()]+@[^\s<>,;\"'()]+")
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]+)>")  # Meets: RFC 5322 §3.4 (name-addr)
TOO_MANY_CELLS = "too_many_cells"


class UnusableError(Exception):
    """A row that is no contact, by its ``code``; neither it nor a fact has anything of the row in it."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one file."""

    columns: Columns
    audience: Audience
    language: str
    _unclear: list[tuple[str, str]] = field(default_factory=list)

    def read(self, cells: Sequence[Cell]) -> tuple[Contact, tuple[tuple[str, str], ...]]:
        """The contact, and what was unclear: (code, header). Raises UnusableError."""
        self._unclear = []
        self._refuse_shifted(cells)
        self._note_short(cells)
        email = _address(self._text(cells, "email"))
        self._refuse_formulas(cells)
        contact = self._contact(cells, email)
        return contact, tuple(dict.fromkeys(self._unclear))

    def _contact(self, cells: Sequence[Cell], email: Address) -> Contact:
        company = self._text(cells, "company") or None
        legal_form, form = self._form(cells, company)
        return Contact(
            id=ContactId(""),
            email=email,
            first_name=self._text(cells, "first_name"),
            last_name=self._text(cells, "last_name"),
            company=company,
            legal_form=legal_form,
            form=form,
            title=self._text(cells, "title") or None,
            country=self._country(cells),
            language=self._value(cells, "language", values.language),
            provenance=self._provenance(cells),
            last_inbound_on=self._value(cells, "last_inbound_on", self._day),
            published_for_this=self._value(cells, "published_for_this", values.flag) or False,
            company_number=self._value(cells, "company_number", values.company_number),
            topics=self._value(cells, "topics", values.topics) or (),
            more={name: text for name, at in self.columns.more.items() if (text := self._text_at(cells, at))},
        )

    # --- provenance

    def _provenance(self, cells: Sequence[Cell]) -> Provenance:
        # Meets: FR F3(a), FR F14 (what one source proves proves nothing for another)
        default = self.audience.default
        if _PROVENANCE.isdisjoint(self.columns.fields):
            return default
        kind = self._own(cells, "source_kind", values.source, default.kind, Provenance().kind)
        if kind is not default.kind:
            default = Provenance()
        return Provenance(
            kind=kind,
            record=self._own(cells, "source_record", _words, default.record, None),
            collected_on=self._own(cells, "collected_on", self._day, default.collected_on, None),
            notice=self._notice(cells, default.notice),
        )

    def _notice(self, cells: Sequence[Cell], default: Notice) -> Notice:
        """A date under "Information donnée le" says that it was given; "non" there, that it was not."""
        given = self._own(cells, "notice_given", values.flag, None, False)
        on = self._own(cells, "notice_given_on", self._day_or_flag, *_NEITHER)
        if given is False or on is False:
            return Notice()
        return Notice(
            given=bool(given or on or default.given),
            version=self._own(cells, "notice_version", _words, default.version, None),
            given_on=on if isinstance(on, date) else default.given_on,
            objection_offered=self._own(cells, "objection_offered", values.flag, default.objection_offered, False),
        )

    # --- company and country

    def _form(self, cells: Sequence[Cell], company: str | None) -> tuple[str | None, CompanyForm]:
        """As the file says; only where it says nothing, as the company's name ends."""
        if written := self._text(cells, "legal_form"):
            form = meaning(written)
            if form is CompanyForm.UNKNOWN:
                self._say("form", "legal_form")
            return written, form
        found = form_in_name(company) if company else None
        if found is None:
            return None, CompanyForm.UNKNOWN
        self._say("form_from_name", "company")
        return found.written, found.form

    def _country(self, cells: Sequence[Cell]) -> str | None:
        return self._own(cells, "country", values.country, self.audience.country, None)

    # --- cells

    def _day(self, cell: Cell) -> date:
        return values.day(cell, self.language)

    def _day_or_flag(self, cell: Cell) -> date | bool | None:
        try:
            return self._day(cell)
        except UnclearError as no_day:
            try:
                return values.flag(cell)
            except UnclearError:
                raise no_day from None

    def _value(self, cells: Sequence[Cell], name: str, read: Callable[[Cell], T]) -> T | None:
        return self._own(cells, name, read, None, None)

    def _own(self, cells: Sequence[Cell], name: str, read: Callable[[Cell], T], default: T, unclear: T) -> T:
        """The row's own value; ``default`` where the cell is empty, ``unclear`` where it cannot be understood."""
        at = self.columns.fields.get(name)
        if at is None:
            return default
        text = self._text_at(cells, at)
        if not text:
            return unclear if self._is_error(cells, at) else default
        cell = cells[at]
        try:
            return read(text if isinstance(cell, str) else cell)
        except UnclearError as problem:
            self._say(str(problem), name)
            return unclear

    def _text(self, cells: Sequence[Cell], name: str) -> str:
        at = self.columns.fields.get(name)
        return "" if at is None else self._text_at(cells, at)

    def _text_at(self, cells: Sequence[Cell], at: int) -> str:
        if at >= len(cells):
            return ""
        cell = cells[at]
        if isinstance(cell, str) and len(cell) <= _LONGEST and _PLAIN.fullmatch(cell):
            return cell
        text = text_of(cell)
        if not text:
            return ""
        if values.is_error(text):
            self._unclear.append(("error", self.columns.headers[at]))
            return ""
        _refuse_unprintable(text)
        if _FORMULA.match(text) and not text[1:2].isdigit():
            self._unclear.append(("formula", self.columns.headers[at]))
        return " ".join(text.split())

    def _is_error(self, cells: Sequence[Cell], at: int) -> bool:
        return at < len(cells) and values.is_error(text_of(cells[at]))

    def _say(self, code: str, name: str) -> None:
        self._unclear.append((code, self.columns.headers[self.columns.fields[name]]))

    def _note_short(self, cells: Sequence[Cell]) -> None:
        if len(cells) < len(self.columns.headers) and any(self.columns.headers[len(cells) :]):
            self._unclear.append(("short", ""))

    def _refuse_formulas(self, cells: Sequence[Cell]) -> None:
        """Nobody is greeted with one, and whoever wrote it into a form meant it for a spreadsheet."""
        for name in _GREETED_WITH:
            at = self.columns.fields.get(name, len(cells))
            text = text_of(cells[at]) if at < len(cells) else ""
            if text[:1] in _SIGNS and _CALCULATES.match(text):
                raise UnusableError("formula", header=self.columns.headers[at])

    def _refuse_shifted(self, cells: Sequence[Cell]) -> None:
        if len(cells) > (width := len(self.columns.headers)) and any(map(text_of, cells[width:])):
            raise UnusableError(TOO_MANY_CELLS)


def _address(text: str) -> Address:
    if not text:
        raise UnusableError("no_address")
    try:
        return parse(text)
    except AddressError as problem:
        bare = _bare(text)
        if bare is None:
            raise UnusableError(f"address_{problem.reason}") from None
    try:
        return parse(bare)
    except AddressError as problem:
        raise UnusableError(f"address_{problem.reason}") from None


def _bare(text: str) -> str | None:
    """The one address in ``mailto:a@x`` or ``Jean <a@x>``, as spreadsheets and mail programs copy them; else None."""
    bracketed = _IN_BRACKETS.fullmatch(text)
    inner = (bracketed[1] if bracketed else text).strip()
    linked = inner[:7].lower() == "mailto:"
    if linked:
        inner = inner[7:].partition("?")[0]
    addresses = {found.lower() for found in _ADDRESSES.findall(text.replace("mailto:", " "))}
    if len(addresses) > 1:
        raise UnusableError("several_addresses")
    return inner if bracketed or linked else None


def _words(cell: Cell) -> str:
    return " ".join(text_of(cell).split())


@lru_cache(maxsize=4096)
def _refuse_unprintable(text: str) -> None:
    if len(text) > _LONGEST:
        raise UnusableError("too_long", limit=_LONGEST)
    if _FORBIDDEN.search(text):
        raise UnusableError("unprintable")
