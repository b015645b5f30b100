"""YAML in: the one home of ruamel.yaml, for files that people write.

It knows where every key stands, refuses whatever could mean two things, and speaks YAML 1.2: ``NO`` is a country.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeGuard, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from sender.errors import Complaint, InputError, MissingFile, Place

COMPLAINTS: dict[str, str] = {
    "SC-200": "The file is not there or cannot be read",
    "SC-201": "The file is not UTF-8",
    "SC-202": "The file is too large",
    "SC-203": "The file is not valid YAML",
    "SC-204": "A tab is used as indentation",
    "SC-205": "A key stands twice in one block",
    "SC-206": "The file repeats itself or nests without end",
    "SC-207": "The file holds more than one document",
    "SC-208": "The file does not consist of keys and values",
    "SC-209": "A key or value is of a kind that has no place here",
}

MAX_BYTES = 256 * 1024  # a campaign file is some 2 kB
MAX_VALUES = 10_000  # aliases counted as often as they are used
MAX_DEPTH = 24

Loc = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
# ruamel raises these too on hostile text (bad escapes, directives, tags); they mean the same to a reader.
_UNREADABLE = (
    YAMLError,
    ValueError,
    AttributeError,
    TypeError,
    LookupError,
    AssertionError,
    NotImplementedError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One file, read. ``data``: plain dictionaries (keys are text), lists and scalars."""

    data: dict[str, object]
    path: str
    places: Mapping[Loc, Place] = field(repr=False)

    def place(self, loc: Sequence[str | int]) -> Place:
        """Where the key ``loc`` stands, or its nearest parent."""
        for length in range(len(loc), 0, -1):
            if found := self.places.get(tuple(loc[:length])):
                return found
        return Place(self.path)


def read(path: Path, *, as_written: bool = False) -> YamlDocument:
    """The document in ``path``.

    With ``as_written`` every scalar but null is the text that stands in the file: ``siren: 012345678`` keeps
    its zero and ``version: 1.10`` its last digit. Otherwise what is not quoted becomes a number, bool or
    date.
    """
    node = _compose(_text(path), str(path))
    builder = _Builder(str(path), _written if as_written else _typed)
    if not isinstance(node, MappingNode):
        raise _wrong("SC-208", "the file does not consist of keys and values", Place(str(path), 1, 1))
    data = cast("dict[str, object]", builder.value(node, ()))
    InputError.unless_empty(builder.complaints)
    return YamlDocument(data, str(path), builder.places)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise MissingFile.of(
            "SC-200",
            f"cannot read the file: {reason}",
            why="Without it there is nothing to do.",
            todo="Check the path; it counts from the folder you are in.",
            place=Place(str(path)),
        ) from error
    if len(raw) > MAX_BYTES:
        raise _wrong("SC-202", f"the file is larger than {MAX_BYTES // 1024} kB", Place(str(path)))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong("SC-201", "the file is not UTF-8", _place_of_byte(path, raw, error.start)) from error


def _place_of_byte(path: Path, raw: bytes, position: int) -> Place:
    before = raw[:position]
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8-sig", "replace")) + 1
    return Place(str(path), before.count(b"\n") + 1, column)


def _compose(text: str, file: str) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor used again: the last one counts, as YAML 1.2 §7.1 says
            return YAML(typ="rt").compose(io.StringIO(text))
    except MarkedYAMLError as error:
        raise _syntax(error, file) from error
    except ReaderError as error:
        before = text[: error.position]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _wrong("SC-203", "a control character stands here", place) from error
    except RecursionError as error:
        raise _wrong("SC-206", "the file nests too deeply", Place(file)) from error
    except _UNREADABLE as error:
        raise _wrong("SC-203", "this is not valid YAML", Place(file)) from error


def _syntax(error: MarkedYAMLError, file: str) -> InputError:
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    problem = str(error.problem or "this is not valid YAML").splitlines()[0]
    if "'\\t'" in problem:
        return _wrong("SC-204", "a tab stands here as indentation", place)
    if "another document" in problem:
        return _wrong("SC-207", "a second document begins here", place)
    return _wrong("SC-203", problem, place)


_HELP: dict[str, tuple[str, str]] = {
    "SC-201": (
        "Accents would come out wrong in every mail.",
        "Save the file as UTF-8 (in most editors: Save with encoding).",
    ),
    "SC-202": (
        "A campaign file is some 2 kB: this is probably another file.",
        "Name the campaign's YAML file.",
    ),
    "SC-203": (
        "What cannot be read for certain is not guessed.",
        'Mend this line or the one above it; text that holds ": " or " #" or begins with "{" needs quotes.',
    ),
    "SC-204": (
        "YAML takes spaces only; editors show a tab at different widths.",
        "Replace the tab by spaces.",
    ),
    "SC-205": (
        "Only one of the two could count, and which one is not for us to guess.",
        "Remove one of them.",
    ),
    "SC-206": (
        "Such a file could fill the machine's memory.",
        "Write the values out, without anchors and aliases.",
    ),
    "SC-207": ("One file holds one campaign.", 'Remove the line "---" and what follows, or make two files.'),
    "SC-208": ("A campaign file is a list of lines  key: value.", "Begin with:  campaign: NAME"),
    "SC-209": ("It could mean more than one thing.", "Write plain text, a list or a block of keys."),
}


def _complaint(code: str, what: str, place: Place) -> Complaint:
    why, todo = _HELP[code]
    return Complaint(code, what, why, todo, place)


def _wrong(code: str, what: str, place: Place) -> InputError:
    return InputError(_complaint(code, what, place))


class _Builder:
    """Makes plain data of ruamel's nodes, notes where each key stands, and collects what is wrong."""

    def __init__(self, file: str, scalar: Callable[[ScalarNode], object]) -> None:
        self.places: dict[Loc, Place] = {}
        self.complaints: list[Complaint] = []
        self._file = file
        self._scalar = scalar
        self._count = 0

    def value(self, node: object, loc: Loc) -> object:
        self._count += 1
        if len(loc) > MAX_DEPTH or self._count > MAX_VALUES:
            # Stop at once: going on is what such a file wants.
            raise InputError(*self.complaints, self._at("SC-206", "the file repeats itself or nests too deeply", node))
        if isinstance(node, MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, SequenceNode):
            return self._sequence(node, loc)
        return self._leaf(node, loc)

    def _mapping(self, node: MappingNode, loc: Loc) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or not _is_text(name := key.value):
                self.complaints.append(self._at("SC-209", "a key must be plain text", key))
            elif name in made:
                self.complaints.append(self._at("SC-205", f'the key "{name[:40]}" stands twice', key))
            else:
                self.places[*loc, name] = self._place(key)
                made[name] = self.value(value, (*loc, name))
        return made

    def _sequence(self, node: SequenceNode, loc: Loc) -> list[object]:
        made: list[object] = []
        for index, value in enumerate(node.value):
            self.places[*loc, index] = self._place(value)
            made.append(self.value(value, (*loc, index)))
        return made

    def _leaf(self, node: object, loc: Loc) -> object:
        if isinstance(node, ScalarNode) and _is_text(node.value) and node.tag in _PLAIN_TAGS:
            try:
                return self._scalar(node)
            except ValueError:
                pass
        self.complaints.append(self._at("SC-209", "this value is of no kind that is known here", node))
        return None

    def _at(self, code: str, what: str, node: object) -> Complaint:
        return _complaint(code, what, self._place(node))

    def _place(self, node: Any) -> Place:
        mark = node.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1)


def _is_text(value: object) -> TypeGuard[str]:
    """Half a surrogate pair ("\\ud800") is not text: it cannot be encoded, and would fail late."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def _written(node: ScalarNode) -> str | None:
    return None if node.tag == _TAG + "null" else cast(str, node.value)


def _typed(node: ScalarNode) -> object:
    return _PLAIN_TAGS[str(node.tag)](node.value)


def _integer(text: str) -> int:
    return int(text.replace("_", ""), 0) if text.lstrip("+-").startswith(("0x", "0o", "0b")) else int(text)


def _float(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan").replace(".Inf", "inf").replace(".NaN", "nan"))


def _timestamp(text: str) -> object:
    """A day as ``date``; whoever wants a time reads the text, since YAML's own times have no zone."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


_PLAIN_TAGS: dict[str, Callable[[str], object]] = {
    _TAG + "str": str,
    _TAG + "null": lambda _: None,
    _TAG + "bool": lambda text: text.lower() == "true",
    _TAG + "int": _integer,
    _TAG + "float": _float,
    _TAG + "timestamp": _timestamp,
}
