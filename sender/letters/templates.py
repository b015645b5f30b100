"""A campaign's templates, read once: what they are made of, what they print, and how one letter is rendered."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from jinja2 import Template, TemplateError, TemplateSyntaxError
from markupsafe import Markup

from sender.errors import Complaint, InputError, MissingFile, Place
from sender.letters import first_contact
from sender.letters.context import CONTACT_FIELDS, common_values, contact_values
from sender.letters.environment import Sandbox, with_budget
from sender.letters.images import Image, image_sources, inline_images, load_image
from sender.letters.message import LetterHeaders
from sender.letters.plaintext import said_once, text_of
from sender.letters.reasons import CannotCompose
from sender.letters.shelf import Shelf
from sender.letters.styling import inline_styles
from sender.letters.syntax import SyntaxReader, column, culprit, syntax_error
from sender.model import Campaign, Contact, Links, Part, PartSyntax, Rendering

LARGEST_PART = 1024 * 1024
_SUBJECT = "message.subject"
_STYLE_LINK = re.compile(r"<link\b[^>]*\bstylesheet\b", re.IGNORECASE)
_MOST_NOTICES = 256
_SPACES = re.compile("[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class _Side:
    """One part's template, ready to render, with what its syntax says."""

    part: Part
    template: Template
    reader: SyntaxReader
    shelf: Shelf

    @property
    def syntax(self) -> PartSyntax:
        return PartSyntax(self.part, tuple(self.reader.uses))

    def render(self, values: Mapping[str, object]) -> str:
        try:
            text = with_budget(lambda: self.template.render(values))
        except CannotCompose:
            raise
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
            raise self._failed(error) from error
        if len(text) > LARGEST_PART:
            raise CannotCompose("too_large", {"limit": LARGEST_PART})
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _failed(self, error: Exception) -> InputError:
        # Jinja2 puts the template's own lines into the traceback; the message may hold a contact's value, so only
        # the sandbox's and Jinja2's words about names are shown.
        frames = traceback.extract_tb(error.__traceback__)
        known = {str(path) for path in self.shelf.files.values()} | {self.template.filename}
        place = next((Place(f.filename, f.lineno) for f in reversed(frames) if f.filename in known), None)
        if place and self.template.name == _SUBJECT and place.line:
            place = self.reader.place(_SUBJECT, place.line)
        what = str(error) if isinstance(error, TemplateError) else f"a {type(error).__name__} in an expression"
        why = "A mistake in a template concerns every letter, so the run stops."
        return InputError(Complaint("SC-408", what, why, "Correct this line.", place))


@dataclass(frozen=True, slots=True)
class Notices:
    """The first-contact notice of one contact, empty where none is owed."""

    html: Markup
    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What one contact reads."""

    subject: str
    html: str
    text: str


class Templates:
    """Subject, HTML and text of one campaign. `load` reads every file; afterwards nothing is read again."""

    def __init__(
        self, campaign: Campaign, subject: _Side, html: _Side, text: _Side | None, images: Mapping[str, Image]
    ) -> None:
        self.campaign = campaign
        self.images = images
        self._subject, self._html, self._text = subject, html, text
        self._common = common_values(campaign)
        self._notice_texts: dict[tuple[object, ...], str] = {}

    @classmethod
    def load(cls, campaign: Campaign) -> Templates:
        """Read, compile and check all parts.

        Raises MissingFile where the campaign names a file that is not there, InputError with every complaint otherwise.
        """
        message = campaign.message
        _demand_files(campaign)
        subject = _subject_side(campaign)
        html = _file_side(Part.HTML, message.html)
        text = _file_side(Part.TEXT, message.text) if message.text else None
        images, complaints = _images(html.shelf, campaign.sender.from_.domain)
        for side in (subject, html, text):
            complaints += side.reader.complaints if side else []
        complaints += list(_style_links(html.shelf))
        InputError.unless_empty(dict.fromkeys(complaints))
        return cls(campaign, subject, html, text, images)

    def syntax(self) -> tuple[PartSyntax, ...]:
        """What each part prints, for the campaign gates; a derived text prints what the HTML prints."""
        text = self._text.syntax if self._text else PartSyntax(Part.TEXT, self._html.syntax.uses, derived=True)
        return self._subject.syntax, self._html.syntax, text

    def files(self) -> tuple[Path, ...]:
        """Every template and image that was read, built-in partials too."""
        shelves = [side.shelf for side in self._sides()]
        read = [path for shelf in shelves for path in shelf.files.values()]
        return tuple(dict.fromkeys([*read, *(image.path for image in self.images.values())]))

    def sources(self) -> Mapping[str, str]:
        """The text of every template file that was read, by its path."""
        shelves = [side.shelf for side in self._sides()]
        return {str(shelf.path(name)): text for shelf in shelves for name, text in shelf.sources.items()}

    @property
    def columns(self) -> Mapping[str, Place]:
        """Columns of the contact file that templates use beside the known contact fields, and where."""
        return {name: place for side in self._sides() for name, place in side.reader.columns.items()}

    def check_columns(self, known: Collection[str]) -> None:
        """Raise InputError for each column used that is not in the contact file."""
        InputError.unless_empty(_unknown_column(n, p, known) for n, p in self.columns.items() if n not in known)

    @property
    def text_is_derived(self) -> bool:
        """The campaign has no text of its own: it is made from the HTML."""
        return self._text is None

    def notice_text(self, contact: Contact) -> str:
        """The notice in plain text, made once for all who were met together and read the same language."""
        met = contact.provenance
        asked = (met.kind, met.record, met.collected_on, contact.country, contact.language)
        if (known := self._notice_texts.get(asked)) is not None:
            return known
        if len(self._notice_texts) >= _MOST_NOTICES:
            self._notice_texts.clear()
        return self._notice_texts.setdefault(asked, first_contact.notice_text(self.campaign, contact))

    def notices(self, contact: Contact) -> Notices:
        return Notices(first_contact.notice_html(self.campaign, contact), self.notice_text(contact))

    def markup(self, own: Mapping[str, object], notices: Notices) -> str:
        """The HTML as the template writes it, its style sheets still apart."""
        return self._html.render({**self._common, **own, first_contact.NAME: notices.html})

    def parts(self, own: Mapping[str, object], notices: Notices, finish: Callable[[str], str] = said_once) -> Parts:
        """Subject, HTML and text for one contact's ``own`` values; ``finish``: see `text_of`."""
        values = {**self._common, **own}
        subject = _SPACES.sub(" ", self._subject.render(values)).strip(" ")
        html = inline_images(inline_styles(self.markup(own, notices)), self.images)
        if self._text:
            return Parts(subject, html, self._text.render({**values, first_contact.NAME: notices.text}))
        return Parts(subject, html, text_of(html, finish))

    def written(self, contact: Contact, links: Links) -> str:
        """The HTML of one contact's letter as the template writes it, line by line. Raises CannotCompose."""
        return self.markup(_own(contact, links), self.notices(contact))

    def render(self, contact: Contact, links: Links) -> Rendering:
        """The parts of one contact's letter. Raises CannotCompose where this one cannot be written."""
        parts = self.parts(_own(contact, links), self.notices(contact))
        for part, content in ((Part.SUBJECT, parts.subject), (Part.HTML, parts.html), (Part.TEXT, parts.text)):
            if not content.strip():
                raise CannotCompose("empty_part", {"part": part.value})
        headers = LetterHeaders(self.campaign).of(contact, parts.subject, links)
        return Rendering(contact, parts.subject, parts.text, parts.html, headers, links.shown)

    def _sides(self) -> tuple[_Side, ...]:
        return tuple(side for side in (self._subject, self._html, self._text) if side)


def _own(contact: Contact, links: Links) -> dict[str, object]:
    """What a template may print of one contact."""
    return {"contact": contact_values(contact), "unsubscribe_url": links.shown}


def _demand_files(campaign: Campaign) -> None:
    named = [("html", campaign.message.html), ("text", campaign.message.text)]
    MissingFile.unless_empty(
        Complaint(
            "SC-401",
            f"the template {path} is not there",
            "Without it there is nothing to send.",
            f"Correct message.{key}; the path counts from the campaign file.",
            campaign.place(f"message.{key}"),
        )
        for key, path in named
        if path is not None and not path.is_file()
    )


def _subject_side(campaign: Campaign) -> _Side:
    place = campaign.place(_SUBJECT)
    shelf = Shelf(campaign.path.parent)
    environment = Sandbox(shelf, autoescape=False)
    offsets = {_SUBJECT: (place.file, (place.line or 1) - 1)}
    reader = SyntaxReader(environment, shelf, offsets)
    source = campaign.message.subject

    def compiled() -> Template:
        reader.read(_SUBJECT, environment.parse(source, _SUBJECT, place.file))
        code = environment.compile(source, _SUBJECT, place.file)
        return Template.from_code(environment, code, environment.make_globals(None))

    return _Side(Part.SUBJECT, _at_place(reader, compiled), reader, shelf)


def _file_side(part: Part, path: Path) -> _Side:
    shelf = Shelf(path.parent)
    environment = Sandbox(shelf, autoescape=part is Part.HTML)
    reader = SyntaxReader(environment, shelf)

    def compiled() -> Template:
        reader.read(path.name)
        template = environment.get_template(path.name)
        for name in tuple(shelf.files):
            environment.get_template(name)  # an unknown filter shows only when a file is compiled
        return template

    return _Side(part, _at_place(reader, compiled), reader, shelf)


def _at_place(reader: SyntaxReader, compiled: Callable[[], Template]) -> Template:
    try:
        return compiled()
    except TemplateSyntaxError as error:
        place = reader.place(error.name or _SUBJECT, error.lineno, culprit(error))
        raise syntax_error(error, place) from error


def _images(shelf: Shelf, domain: str) -> tuple[dict[str, Image], list[Complaint]]:
    images: dict[str, Image] = {}
    complaints: list[Complaint] = []
    for path in shelf.files.values():
        source = path.read_text(encoding="utf-8-sig")
        for name, line in image_sources(source):
            place = Place(str(path), line, column(source.split("\n")[line - 1], name))
            found = load_image(name, dict.fromkeys([shelf.folders[0], path.parent]), domain, place)
            if isinstance(found, Complaint):
                complaints.append(found)
            else:
                images.setdefault(name, found)
    return images, complaints


def _style_links(shelf: Shelf) -> Iterator[Complaint]:
    for path in shelf.files.values():
        source = path.read_text(encoding="utf-8-sig")
        for match in _STYLE_LINK.finditer(source):
            yield Complaint(
                "SC-414",
                "the template links to an external style sheet",
                "It would not be inlined, and fetching it would tell its server who reads the mail.",
                "Copy its rules into a <style> element.",
                Place(
                    str(path),
                    source.count("\n", 0, match.start()) + 1,
                    match.start() - source.rfind("\n", 0, match.start()),
                ),
            )


def _unknown_column(name: str, place: Place, known: Collection[str]) -> Complaint:
    near = get_close_matches(name, [*CONTACT_FIELDS, *known], n=1, cutoff=0.5)
    return Complaint(
        "SC-405",
        f"the contact file has no column {name}",
        "The letter of every contact would be held.",
        f"Did you mean contact.{near[0]}?" if near else "Correct the name, or add the column.",
        place,
    )
