"""Drafts of the papers that only people can write: the questions, in order, and the file that the answers make.

A question without an answer stays in the file as a question, so that nobody takes a gap for a text.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

__all__ = ["Draft", "DraftKind", "Question", "draft"]


class DraftKind(StrEnum):
    BALANCING_TEST = "balancing-test"
    NOTICE = "notice"
    PROCESSING = "processing"


@dataclass(frozen=True, slots=True)
class Question:
    """``key``: where the answer stands in a YAML file (``relay.region``), or a number in a text."""

    section: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    kind: DraftKind
    title: str
    introduction: str
    open: str  # what stands for an answer that is still to be given
    questions: tuple[Question, ...]

    def written(self, answers: Mapping[str, str], version: str) -> str:
        """The file. ``answers`` by key; what is missing or blank stays a question."""
        given = {key: text.strip() for key, text in answers.items() if text.strip()}
        if self.kind is DraftKind.PROCESSING:
            return "\n".join([f"# {self.title}", f"# {self.introduction}", *self._yaml(given), ""])
        return "\n".join([f"# {self.title}", "", f"Version: {version}", "", self.introduction, *self._text(given), ""])

    def _text(self, given: Mapping[str, str]) -> list[str]:
        lines, section = [], ""
        for question in self.questions:
            if question.section != section:
                section = question.section
                lines += ["", f"## {section}"]
            lines += ["", f"**{question.text}**", "", given.get(question.key, f"*{self.open}*")]
        return lines

    def _yaml(self, given: Mapping[str, str]) -> list[str]:
        """Each answer on its line as a quoted text, which YAML writes as JSON does; lists of one entry."""
        lines, path = [], []  # type: list[str], list[str]
        for question in self.questions:
            *parents, name = question.key.removesuffix("[]").split(".")
            for depth, parent in enumerate(parents):
                if path[: depth + 1] != parents[: depth + 1]:
                    lines.append(f"{'  ' * depth}{parent}:")
                    path = parents[: depth + 1]
            path, indent = parents, "  " * len(parents)
            answer = given.get(question.key)
            value = json.dumps(answer, ensure_ascii=False) if answer else ""
            if question.key.endswith("[]"):
                value = f"[{value}]"
            lines += [f"{indent}# {question.text}", f"{indent}{name}: {value}" if answer else f"{indent}# {name}:"]
        return lines


@cache
def draft(kind: DraftKind, language: str) -> Draft:
    """The questions of one kind of paper, in French or English."""
    said = tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    paper = said[kind.value]
    questions = tuple(
        Question(part["section"], key, text) for part in paper["parts"] for key, text in part["questions"].items()
    )
    return Draft(kind, paper["title"], paper["introduction"], said["open"], questions)
