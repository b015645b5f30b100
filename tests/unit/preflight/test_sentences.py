"""Every remark can be said, in both languages, with the facts that it carries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import sender.preflight
from sender.preflight import LANGUAGES, Level, Remark, say
from sender.preflight.sentences import catalogue

ROOM = Path(sender.preflight.__file__).parent
FAULTS = {"missing", "several", "syntax", "loop", "target_missing"}


def written() -> Iterator[tuple[str, str]]:
    """Check and code of each remark that the source writes out."""
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Remark":
                check, code = node.args[1], node.args[2]
                if isinstance(check, ast.Constant) and isinstance(code, ast.Constant):
                    yield check.value, code.value
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Blemish":
                if isinstance(node.args[0], ast.Constant):
                    yield "letter", node.args[0].value
            elif isinstance(node, ast.Constant) and str(node.value).startswith("link_"):
                yield "letter", str(node.value)


def test_every_code_has_its_sentence() -> None:
    """Those that the source names, and no section is in one language only."""
    said = catalogue("en")

    assert set(written()) > {("spf", "open"), ("mx", "null"), ("letter", "unclosed"), ("letter", "link_empty")}
    for check, code in written():
        assert code in said[check] or code in said["any"], f"{check}.{code}"
    assert said["spf"].keys() >= FAULTS


def test_both_languages_say_the_same() -> None:
    """The same codes, the same parts, the same facts; and three parts or one."""
    english, french = (catalogue(language) for language in ("en", "fr"))

    assert set(LANGUAGES) == {"en", "fr"}
    assert {key: set(section) for key, section in english.items()} == {k: set(s) for k, s in french.items()}
    for section, codes in english.items():
        if section == "demand":  # words, not sentences
            continue
        for code, parts in codes.items():
            other = french[section][code]
            assert set(parts) in ({"what"}, {"what", "why", "todo"}), f"{section}.{code}"
            assert facts(parts) == facts(other), f"{section}.{code}"


def facts(parts: dict[str, str]) -> set[str]:
    return {name for text in parts.values() for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(("language", "begin"), [("fr", "Le DNS"), ("en", "The DNS"), ("de", "The DNS")])
def test_silence_is_said_for_every_check(language: str, begin: str) -> None:
    """It has three parts, one of them that it is no pass."""
    said = say(Remark(Level.UNKNOWN, "mx", "silent", "eluard.example"), language)

    assert said.what.startswith(begin)
    assert len(str(said).splitlines()) == 3
