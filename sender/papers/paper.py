"""What a paper is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

__all__ = [
    "MISSING",
    "Alarm",
    "Bars",
    "Block",
    "Facts",
    "Paper",
    "Prose",
    "Section",
    "Table",
    "joined",
    "missing_in",
    "number",
    "without_gaps",
]

MISSING = {"fr": "À COMPLÉTER", "en": "MISSING"}


@dataclass(frozen=True, slots=True)
class Prose:
    text: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that has to be seen before all else."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what is known under them; None where nothing is, which is said loudly."""

    rows: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers stand to the right."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """How a whole is shared out; ``total`` is the whole, which the rows need not add up to."""

    rows: tuple[tuple[str, int], ...]
    total: int

    def share(self, count: int) -> float:
        return count / self.total if self.total else 0.0


Block = Prose | Alarm | Facts | Table | Bars


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """``language``: ``fr`` or ``en``. ``made``: when, by what; stands at the foot."""

    title: str
    subtitle: str
    language: str
    sections: tuple[Section, ...]
    made: str = ""

    @property
    def missing(self) -> str:
        return MISSING[self.language]


def joined(papers: Iterable[Paper]) -> Paper:
    """Several papers as one: each begins with a section that has its title."""
    first, *others = papers
    added = (
        section for paper in others for section in (Section(paper.title, (Prose(paper.subtitle),)), *paper.sections)
    )
    return replace(first, sections=(*first.sections, *added))


def missing_in(paper: Paper) -> Iterator[str]:
    """The name of each fact that is missing."""
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Facts):
                yield from (name for name, value in block.rows if value is None)


def without_gaps(paper: Paper) -> Paper:
    """The paper without the facts that are missing: for readers who cannot supply them."""
    sections = (replace(one, blocks=tuple(map(_known, one.blocks))) for one in paper.sections)
    return replace(paper, sections=tuple(sections))


def _known(block: Block) -> Block:
    if not isinstance(block, Facts):
        return block
    return Facts(tuple((name, value) for name, value in block.rows if value is not None))


def number(value: int, language: str) -> str:
    """Thousands apart, as the language has it (French: a narrow space that does not break)."""
    return f"{value:,}".replace(",", "\u202f") if language == "fr" else f"{value:,}"
