"""What a reader sees of an HTML part, and what a mail program would fetch for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import tinycss2  # type: ignore[import-untyped]
from selectolax.lexbor import LexborHTMLParser, LexborNode

from sender.gates.shown import words
from sender.gates.styles import Declarations, Look, declarations, dressed, size_of, urls
from sender.model import Rendering

UNSEEN = frozenset({"head", "style", "script", "title", "template", "noscript", "object", "svg", "select", "datalist"})
_BLOCKS = frozenset({"p", "div", "td", "th", "tr", "table", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "address"})
_BLOCKS |= {"section", "footer", "header", "center", "body", "hr", "img", "blockquote"}
_FETCHED = (
    *("src", "srcset", "poster", "background", "data", "lowsrc", "dynsrc", "xlink:href", "imagesrcset", "longdesc"),
    *("action", "formaction", "ping", "manifest", "codebase", "classid", "archive", "icon", "profile"),
)
_LINKS = frozenset({"a", "area"})
_TINY = 2.0  # px; an image this small shows nothing (RULES part B, 3)
_CONDITIONAL = re.compile(r"^\s*\[if[^\]]*\]>(.*?)(?:<!\[endif\]\s*)?$", re.IGNORECASE | re.DOTALL)
_NOTHING = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff]+"
)


@dataclass(frozen=True, slots=True)
class Link:
    """``label``: the words, or an image's alternative text, that the reader sees. ``hidden``: these say nothing."""

    url: str
    label: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Resource:
    """Something a mail program fetches or shows: ``kind`` is the element and attribute, ``hidden``: nobody sees it."""

    kind: str
    url: str
    hidden: bool = False

    @property
    def remote(self) -> bool:
        """Anything but what travels in the mail itself; a relative address has no base in a mail, so it counts too."""
        url = _NOTHING.sub("", self.url).lower()
        drawn = url.startswith(("data:image/svg", "data:text"))  # may fetch in turn
        return bool(url) and (drawn or not url.startswith(("cid:", "data:", "#")))


@dataclass(frozen=True, slots=True)
class Sight:
    """One part, seen in one medium."""

    text: str
    links: tuple[Link, ...]
    resources: tuple[Resource, ...]


@dataclass(slots=True)
class _Open:
    url: str
    words: list[str] = field(default_factory=list)


_Sheet = dict[int, list[tuple[str, str, bool]]]


@lru_cache(maxsize=64)
def sights(html: str) -> tuple[Sight, ...]:
    """The part as seen without media rules, then under each media rule alone: what matters must be seen in all."""
    tree = LexborHTMLParser(html)
    sheets, imports = _sheets(tree)
    return tuple(_look(tree, sheet, imports) for sheet in sheets)


def seen_everywhere(text: str, letter: Rendering) -> bool:
    """Whoever reads the letter's text, or its HTML under whatever media rule, sees these words."""
    return words(text, letter.text) and all(words(text, sight.text) for sight in sights(letter.html))


def meaningful(text: str) -> str:
    """The text without spaces and characters that nobody sees."""
    return _NOTHING.sub("", text)


def says_something(text: str) -> bool:
    """There is a word or number: a lone dot or dash is seen, but nobody takes it for a link."""
    return any(map(str.isalnum, meaningful(text)))


def _look(tree: LexborHTMLParser, sheet: _Sheet, imports: tuple[Resource, ...]) -> Sight:
    walker = _Walker(sheet)
    if tree.root is not None:
        walker.walk(tree.root)
    links = tuple(
        Link(o.url, " ".join("".join(o.words).split()), not says_something("".join(o.words))) for o in walker.anchors
    )
    return Sight("".join(walker.words), links, (*walker.resources, *imports))


class _Walker:
    """Goes through the tree once; no recursion, since a template may nest as deep as it likes."""

    def __init__(self, sheet: _Sheet) -> None:
        self.sheet = sheet
        self.words: list[str] = []
        self.anchors: list[_Open] = []
        self.resources: list[Resource] = []

    def walk(self, root: LexborNode) -> None:
        stack: list[tuple[LexborNode, Look, _Open | None]] = [(root, Look(), None)]
        while stack:
            node, parent, anchor = stack.pop()
            if node.is_text_node:
                self._text(node.text_content or "", parent, anchor)
            elif node.is_comment_node:
                self._outlook(node.comment_content or "")
            elif node.is_element_node or node.is_document_node:
                look, anchor = self._element(node, parent, anchor)
                children = list(node.iter(include_text=True, skip_empty=False))
                stack.extend((child, look, anchor) for child in reversed(children))

    def _text(self, text: str, look: Look, anchor: _Open | None) -> None:
        if look.text_seen:
            self.words.append(text)
            if anchor:
                anchor.words.append(text)

    def _outlook(self, comment: str) -> None:
        """Conditional comments are comments to all but Outlook, which fetches what stands in them."""
        inside = _CONDITIONAL.match(comment)
        if inside:
            self.resources += [r for r in sights(inside[1])[0].resources if r.url]
            self.anchors += [_Open(link.url) for link in sights(inside[1])[0].links]

    def _element(self, node: LexborNode, parent: Look, anchor: _Open | None) -> tuple[Look, _Open | None]:
        tag, attributes = (node.tag or "").lower(), node.attributes
        style = (*_attribute_style(tag, attributes), *self.sheet.get(node.mem_id, ()))
        look = dressed(parent, (*style, *declarations(attributes.get("style") or "")))
        if tag in UNSEEN or "hidden" in attributes or (tag == "details" and "open" not in attributes):
            look = dressed(look, (("display", "none", True),))
        if tag in _BLOCKS:
            self.words.append(" ")
        if tag in _LINKS and attributes.get("href"):
            anchor = _Open((attributes["href"] or "").strip())
            self.anchors.append(anchor)
        tiny = tag == "img" and _tiny(attributes, style)
        self._fetched(tag, attributes, unseen=tag == "img" and (tiny or not look.box_seen))
        if tag == "img" and look.box_seen and not tiny:
            self._text(attributes.get("alt") or "", Look(), anchor)
        return look, anchor

    def _fetched(self, tag: str, attributes: dict[str, str | None], *, unseen: bool) -> None:
        for name, value in _references(tag, attributes):
            self.resources.append(Resource(f"{tag} {name}", value, unseen))
        for name, value, _ in declarations(attributes.get("style") or ""):
            self.resources += [Resource(f"css {name}", url) for url in urls(value)]
        for name, said in attributes.items():  # fill="url(...)" and its like, in drawings
            if name != "style" and said and "(" in said:
                self.resources += [Resource(f"{tag} {name}", url) for url in urls(said)]


def _references(tag: str, attributes: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    for name in _FETCHED:
        value = attributes.get(name)
        if value:
            parts = (
                [part.split()[0] for part in value.split(",") if part.split()] if name.endswith("srcset") else [value]
            )
            yield from ((name, part.strip()) for part in parts)
    if tag not in _LINKS and attributes.get("href"):
        yield "href", (attributes["href"] or "").strip()
    if tag == "script":
        yield "script", attributes.get("src") or "script:"
    if tag == "iframe" and attributes.get("srcdoc"):
        yield "srcdoc", "about:srcdoc"
    if tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
        yield "refresh", attributes.get("content") or ""


def _attribute_style(tag: str, attributes: dict[str, str | None]) -> Declarations:
    """What presentational attributes say in the words of CSS; old mail templates live on them."""
    said: list[tuple[str, str, bool]] = []
    for name, meaning in (("bgcolor", "background-color"), ("text", "color"), ("color", "color")):
        if attributes.get(name):
            said.append((meaning, attributes[name] or "", False))
    if tag in {"td", "th", "table", "div", "tr", "p"}:
        said += [
            (n, "0", False) for n in ("width", "height") if re.fullmatch(r"\s*0(px|%)?\s*", attributes.get(n) or "")
        ]
    if tag == "a" and attributes.get("href"):
        said.append(("color", "#0000ee", False))  # what browsers paint links in
    return tuple(said)


def _tiny(attributes: dict[str, str | None], sheet: Declarations) -> bool:
    """An image so small that it shows nothing, by its attributes, its own style or the sheet's."""
    style = {name: value for name, value, _ in (*sheet, *declarations(attributes.get("style") or ""))}
    for name in ("width", "height"):
        for value in (attributes.get(name), style.get(name), style.get(f"max-{name}")):
            if value and size_of(value.strip().lower()) <= _TINY:
                return True
    return False


def _sheets(tree: LexborHTMLParser) -> tuple[list[_Sheet], tuple[Resource, ...]]:
    """The style elements' rules by element: those for every medium, then with each medium's own rules after them."""
    base: list[tinycss2.ast.QualifiedRule] = []
    media: list[list[tinycss2.ast.QualifiedRule]] = []
    fetched: list[Resource] = []
    for element in tree.css("style"):
        source = element.text(deep=True)
        fetched += [Resource("css style", url) for url in urls(source)]
        for rule in tinycss2.parse_stylesheet(source, skip_comments=True, skip_whitespace=True):
            if rule.type == "qualified-rule":
                base.append(rule)
            elif rule.type == "at-rule" and rule.lower_at_keyword == "import":
                fetched.append(Resource("css import", tinycss2.serialize(rule.prelude).strip()))
            elif rule.type == "at-rule" and rule.content and rule.lower_at_keyword in {"media", "supports", "layer"}:
                inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
                media.append([r for r in inner if r.type == "qualified-rule"])
    return [_matched(tree, base), *(_matched(tree, [*base, *rules]) for rules in media)], tuple(fetched)


def _matched(tree: LexborHTMLParser, rules: list[tinycss2.ast.QualifiedRule]) -> _Sheet:
    sheet: _Sheet = {}
    for rule in sorted(rules, key=lambda rule: _specificity(tinycss2.serialize(rule.prelude))):
        said = declarations(tinycss2.serialize(rule.content))
        try:
            nodes = tree.css(tinycss2.serialize(rule.prelude))
        except Exception:  # noqa: S112  (a selector that lexbor cannot read dresses nobody: mail programs differ)
            continue
        for node in nodes:
            sheet.setdefault(node.mem_id, []).extend(said)
    return sheet


def _specificity(selector: str) -> tuple[int, int]:
    return selector.count("#"), len(re.findall(r"[.:\[]", selector))
