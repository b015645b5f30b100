"""``send-campaign draft``: the papers that only people can write, begun by the questions they answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from sender.cli.papers import PaperLanguage, language_of
from sender.errors import Exit, Place, UsageError

if TYPE_CHECKING:
    from sender.record import Draft, DraftKind

COMPLAINTS = {"SC-805": "The draft would overwrite a file"}


def draft(
    kind: Annotated[
        Literal["balancing-test", "notice", "processing"],
        Parameter(
            help="balancing-test: whether your interest outweighs; notice: what people are told when they give their"
            " address; processing: what the record of processing needs to be told."
        ),
    ],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="The file to write; by its kind and version otherwise.")] = None,
    version: Annotated[str | None, Parameter(help="The version that campaigns refer to; today otherwise.")] = None,
    language: PaperLanguage = None,
) -> Exit:
    """Ask what a paper must say, and write a draft of it. Without a terminal nobody is asked: the questions stay in."""
    from sender import record
    from sender.cli import wiring
    from sender.cli.terminal import err, watched
    from sender.cli.terminal import out as console
    from sender.cli.words import Words
    from sender.papers import write
    from sender.steps.house import utc_now

    settings = wiring.settings_for(None, log_needed=False)
    spoken, dated = language_of(language, settings.language), version or f"{utc_now():%Y-%m-%d}"
    paper, file = record.draft(record.DraftKind(kind), spoken), out or place_of(record.DraftKind(kind), dated)
    if file.exists():
        raise UsageError.of(
            "SC-805",
            COMPLAINTS["SC-805"],
            why="What somebody wrote there would be lost; a version is one text for ever.",
            todo="Name another file with --out, or another --version.",
            place=Place(str(file)),
        )
    words = Words(settings.language)
    if watched():
        err().print(words("draft.how"), markup=False)
    answers = asked(paper) if watched() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    write(file, paper.written(answers, dated))
    console().print(str(file), markup=False)
    left = sum(not answers.get(question.key, "").strip() for question in paper.questions)
    if left:
        err().print(words("draft.left", n=left), markup=False)
    return Exit.AS_PLANNED


def place_of(kind: DraftKind, version: str) -> Path:
    """Where campaigns and the record look for such a paper, below the folder in which the command is typed."""
    names = {"balancing-test": f"lia-{version}.md", "notice": f"notices/{version}.md", "processing": "processing.yaml"}
    return Path(names[kind.value])


def asked(paper: Draft) -> dict[str, str]:
    """One line for each question; an empty one leaves it open, the end of the input leaves the rest."""
    from sender.cli.terminal import answer_to

    answers: dict[str, str] = {}
    for question in paper.questions:
        try:
            answers[question.key] = answer_to(f"{question.text}\n  > ")
        except EOFError:
            break
    return answers
