"""Where a paper goes: into a file of the kind its name says, or onto the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.errors import Place, UsageError

if TYPE_CHECKING:
    from sender.papers import Paper

COMPLAINTS = {"SC-802": "The name of the file does not say how it is to be written"}

Out = Annotated[
    Path | None, Parameter(help="The file to write: .html, .md, .xlsx or .txt; onto the terminal otherwise.")
]
PaperLanguage = Annotated[str | None, Parameter(help="fr or en; as the settings say otherwise.")]
KINDS = (".html", ".md", ".xlsx", ".txt")


def language_of(asked: str | None, otherwise: str) -> str:
    if asked in {None, "fr", "en"}:
        return asked or otherwise
    raise UsageError.of(
        "SC-101", "--language is fr or en", why="Nothing was written.", todo="Leave it out, or name one of them."
    )


def demand_kind(out: Path | None) -> None:
    """Before the work is done, not after."""
    if out is not None and out.suffix.lower() not in KINDS:
        raise UsageError.of(
            "SC-802",
            COMPLAINTS["SC-802"],
            why="Nothing was written.",
            todo=f"Let it end in one of: {', '.join(KINDS)}",
            place=Place(str(out)),
        )


def hand_over(papers: Mapping[str, Paper], out: Path | None) -> None:
    """Write the papers into one file, or print them. ``papers``: by the name of the sheet that each would be."""
    from sender.cli.terminal import out as console
    from sender.papers import as_text, write

    if out is None:
        console().print("\n\n".join(as_text(paper) for paper in papers.values()).rstrip(), markup=False)
        return
    write(out, content(papers, out.suffix.lower()))
    console().print(str(out), markup=False)


def content(papers: Mapping[str, Paper], kind: str) -> str | bytes:
    from sender.papers import as_html, as_markdown, as_text, as_xlsx, joined

    match kind:
        case ".xlsx":
            return as_xlsx(papers)
        case ".html":
            return as_html(joined(papers.values()))
        case ".md":
            return as_markdown(joined(papers.values()))
        case _:
            return as_text(joined(papers.values()))
