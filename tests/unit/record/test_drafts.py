"""Drafts: the same questions in both languages, open ones stay visible, and what is written can be read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.record import DraftKind, declared_in, draft, version_of

KINDS = list(DraftKind)


@pytest.mark.parametrize("kind", KINDS)
def test_both_languages_ask_the_same(kind: DraftKind) -> None:
    """Key for key, in the same order."""
    english, french = draft(kind, "en"), draft(kind, "fr")

    assert [question.key for question in english.questions] == [question.key for question in french.questions]
    assert all(
        question.text.endswith("?") or ")" in question.text or "." in question.text for question in english.questions
    )


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", [DraftKind.BALANCING_TEST, DraftKind.NOTICE])
def test_a_text_says_its_version_and_what_is_open(kind: DraftKind, language: str) -> None:
    """Each question stands in it, the answered ones with their answer, the others marked."""
    paper = draft(kind, language)
    first, *rest = paper.questions

    text = paper.written({first.key: "  An answer.  ", rest[0].key: " "}, "2026-11-26")

    assert version_of(text) == "2026-11-26"
    assert all(question.text in text for question in paper.questions)
    assert f"**{first.text}**\n\nAn answer.\n" in text
    assert text.count(paper.open) == len(rest)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_drafted_processing_file_is_read_by_the_record(tmp_path: Path, language: str) -> None:
    """Without answers, and with awkward ones."""
    paper = draft(DraftKind.PROCESSING, language)
    file = tmp_path / "processing.yaml"

    file.write_text(paper.written({}, "2026-11-26"), encoding="utf-8")
    empty = declared_in(tmp_path)
    awkward = {question.key: 'Éluard: "SAS", #1 {a} - é' for question in paper.questions}
    file.write_text(paper.written(awkward | {"controller.country": "FR"}, "2026-11-26"), encoding="utf-8")
    full = declared_in(tmp_path)

    assert (empty.controller.name, empty.security, empty.processings["PROSP-01"].purposes) == (None, (), ())
    assert full.controller.name == full.relay.region == 'Éluard: "SAS", #1 {a} - é'
    assert full.security == full.processings["PROSP-01"].purposes == ('Éluard: "SAS", #1 {a} - é',)
