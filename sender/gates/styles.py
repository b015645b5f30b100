"""What CSS declarations do to the eye: hide, shrink, paint in the colour of the ground."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import tinycss2  # type: ignore[import-untyped]
from tinycss2.color3 import RGBA, parse_color  # type: ignore[import-untyped]

SMALLEST = 6.0  # px; below, nobody reads it
LEAST_CONTRAST = 1.3  # WCAG ratio; 1 is the same colour, grey footers have 2 and more
_KEYWORDS = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0}
_LENGTH = re.compile(r"(-?[\d.]+)\s*(px|pt|em|rem|%|vw|vh|cm|mm|in)?$")
_PX = {"px": 1.0, "pt": 4 / 3, "cm": 37.8, "mm": 3.78, "in": 96.0, "rem": 16.0, "vw": 6.0, "vh": 8.0}
_FAR = -100.0  # px; moved this far up or left, it is off the page

BLACK, WHITE = RGBA(0.0, 0.0, 0.0, 1.0), RGBA(1.0, 1.0, 1.0, 1.0)

Declarations = tuple[tuple[str, str, bool], ...]  # name, value, important


@dataclass(frozen=True, slots=True)
class Look:
    """How an element is seen: what it inherits and what it sets. ``ground``: the colour behind it."""

    hidden: bool = False
    invisible: bool = False  # visibility, which a child may take back
    size: float = 16.0
    ink: RGBA = BLACK
    ground: RGBA = WHITE

    @property
    def box_seen(self) -> bool:
        """An image here is seen."""
        return not self.hidden and not self.invisible

    @property
    def text_seen(self) -> bool:
        return self.box_seen and self.size >= SMALLEST and _contrast(self.ink, self.ground) >= LEAST_CONTRAST


@lru_cache(maxsize=2048)
def declarations(style: str) -> Declarations:
    """The declarations of a style attribute or of a rule's body."""
    parsed = tinycss2.parse_declaration_list(style, skip_comments=True, skip_whitespace=True)
    return tuple(
        (item.lower_name, tinycss2.serialize(item.value).strip(), item.important)
        for item in parsed
        if item.type == "declaration"
    )


@lru_cache(maxsize=2048)
def urls(value: str) -> tuple[str, ...]:
    """The addresses that a piece of CSS refers to; escapes are read as CSS reads them."""
    return tuple(_urls(value))


def _urls(value: str) -> Iterator[str]:
    for token in _flat(tinycss2.parse_component_value_list(value, skip_comments=True)):
        if token.type == "url":
            yield token.value.strip()
        elif token.type == "function" and token.lower_name in {"url", "image-set", "-webkit-image-set", "src"}:
            yield from (part.value.strip() for part in token.arguments if part.type == "string")


def _flat(tokens: Iterable[tinycss2.ast.Node]) -> Iterator[tinycss2.ast.Node]:
    for token in tokens:
        yield token
        inner = getattr(token, "content", None) or getattr(token, "arguments", None)
        if isinstance(inner, list):
            yield from _flat(inner)


@lru_cache(maxsize=2048)
def dressed(parent: Look, style: Declarations) -> Look:
    """The look of a child of ``parent`` under these declarations."""
    wanted = dict(_cascaded(style))
    look = replace(parent, hidden=parent.hidden or _vanishes(wanted, parent.size))
    look = replace(look, size=_size(wanted.get("font-size") or _from_shorthand(wanted.get("font")), parent.size))
    visibility = wanted.get("visibility")
    if visibility:
        look = replace(look, invisible=visibility in {"hidden", "collapse"})
    ink, ground = _colour(wanted.get("color")), _ground(wanted)
    if ground:
        look = replace(look, ground=_over(ground, parent.ground))
    return replace(look, ink=ink) if ink else look


def _cascaded(style: Declarations) -> Iterator[tuple[str, str]]:
    for important in (False, True):
        yield from ((name, value.lower()) for name, value, weight in style if weight is important)


def _vanishes(wanted: dict[str, str], size: float) -> bool:
    if wanted.get("display") == "none" or wanted.get("mso-hide") == "all":
        return True
    if _number(wanted.get("opacity"), 1.0) < 0.1 or "opacity(0" in wanted.get("filter", ""):
        return True
    if wanted.get("content-visibility") == "hidden" or _number(wanted.get("zoom"), 1.0) == 0:
        return True
    least = SMALLEST if "hidden" in wanted.get("overflow", "") else 0.0  # a line's height, where the rest is cut off
    if any(
        _px(wanted.get(name), size, SMALLEST + 1) <= least for name in ("width", "height", "max-width", "max-height")
    ):
        return True
    if any(_px(wanted.get(name), size, 0.0) <= _FAR for name in ("left", "top", "text-indent", "margin-left")):
        return True
    shape = wanted.get("clip", "") + wanted.get("clip-path", "") + wanted.get("transform", "")
    return bool(re.search(r"rect\((\s*0\w*[,\s]*){4}\)|inset\((50|100)%|scale[xy]?\(0\)|circle\(0", shape))


def _size(value: str | None, parent: float) -> float:
    if not value:
        return parent
    if value in {"smaller", "larger"}:
        return parent * (0.83 if value == "smaller" else 1.2)
    return _KEYWORDS.get(value, _px(value, parent, parent))


def _from_shorthand(font: str | None) -> str | None:
    found = re.search(r"(?:^|\s)([\d.]+(?:px|pt|em|rem|%))", font or "")
    return found[1] if found else None


def _px(value: str | None, em: float, default: float = 1.0) -> float:
    found = _LENGTH.match(value or "")
    if not found:
        return default
    number, unit = _number(found[1], default), found[2]
    if unit in {"em", "%"}:
        return number * em / (100 if unit == "%" else 1)
    return number * _PX.get(unit or "px", 1.0)


def size_of(value: str) -> float:
    """A width or height in pixels, at the usual size of text; a percentage of what is unknown as its own number."""
    return _px(value.replace("%", "px"), 16.0, float("inf"))


def _number(value: str | None, default: float) -> float:
    try:
        return float(value) if value else default
    except ValueError:
        return default


@lru_cache(maxsize=1024)
def _colour(value: str | None) -> RGBA | None:
    parsed = parse_color(value) if value else None
    return parsed if isinstance(parsed, RGBA) else None


def _ground(wanted: dict[str, str]) -> RGBA | None:
    named = _colour(wanted.get("background-color"))
    if named or "background" not in wanted:
        return named
    return next(filter(None, map(_colour, re.findall(r"#\w+|rgba?\([^)]*\)|[a-z]+", wanted["background"]))), None)


def _over(top: RGBA, below: RGBA) -> RGBA:
    part = top.alpha
    mixed = [part * a + (1 - part) * b for a, b in zip(top[:3], below[:3], strict=True)]
    return RGBA(mixed[0], mixed[1], mixed[2], 1.0)


def _contrast(ink: RGBA, ground: RGBA) -> float:
    """WCAG 2.2 contrast ratio."""
    light: list[float] = sorted((_luminance(_over(ink, ground)), _luminance(ground)))
    return (light[1] + 0.05) / (light[0] + 0.05)


def _luminance(colour: RGBA) -> float:
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
