"""``send-campaign functions``: job functions, and what titles say about them."""

from __future__ import annotations

import json as json_
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from sender.cli.options import CampaignFile, Json
from sender.errors import Exit

if TYPE_CHECKING:
    from sender.model import FunctionMatch


def list_(*, json: Json = False) -> Exit:
    """List the job functions with their ISCO-08 codes."""
    from sender.cli.terminal import out, print_json
    from sender.functions import FUNCTIONS

    if json:
        content = [{"slug": f.slug, "isco": list(f.isco), "names": list(f.names)} for f in FUNCTIONS.values()]
        print_json("functions-list/1", {"functions": content})
        return Exit.AS_PLANNED
    for function in FUNCTIONS.values():
        names = ", ".join(function.names[:4])
        out().print(f"{function.slug:<28} {', '.join(function.isco):<28} {names}", markup=False)
    return Exit.AS_PLANNED


def match(
    *titles: Annotated[str, Parameter(help="Titles; without any they are read from standard input, one a line.")],
    json: Annotated[bool, Parameter(negative="", help="Print one JSON object a line.")] = False,
) -> Exit:
    """Say what titles mean. Each answer is written as soon as its title is read; an unknown title has no functions."""
    from sender.functions import match as functions_of

    write = as_json if json else as_words
    for title in titles or lines_of(sys.stdin):
        sys.stdout.write(write(title, functions_of(title)))
        sys.stdout.flush()
    return Exit.AS_PLANNED


def lines_of(stream: Iterable[str]) -> Iterable[str]:
    return (line.rstrip("\r\n") for line in stream)


def as_json(title: str, found: FunctionMatch) -> str:
    answer = {
        "title": title,
        "functions": found.functions,
        "confidence": found.confidence,
        "evidence": found.evidence,
    }
    return f"{json_.dumps(answer, ensure_ascii=False)}\n"


def as_words(title: str, found: FunctionMatch) -> str:
    if not found.functions:
        return f"{title}: unknown\n"
    return f"{title}: {', '.join(found.functions)}  ({found.confidence:.2f}; {', '.join(found.evidence)})\n"


def review(campaign: CampaignFile, /, *, json: Json = False) -> Exit:
    """List the titles of a campaign's contacts that nobody understands, by frequency, into a file beside it.

    Name the functions of each in functions-reviewed.csv; the next check or run judges by them.
    """
    from sender.cli.terminal import out, print_json
    from sender.functions import REVIEWED, unknown_titles
    from sender.functions.review import add_titles
    from sender.steps.brief import Rows, read

    brief = read(campaign)
    people = (contact for batch in Rows.of(brief.file).batches() for contact in batch)
    found = unknown_titles((contact.title for contact in people), brief.matcher)
    file = brief.campaign.path.parent / REVIEWED
    add_titles(file, (title for title, _ in found))
    if json:
        rows = [{"title": title, "contacts": count} for title, count in found]
        print_json("functions-review/1", {"file": str(file), "unknown": rows})
        return Exit.AS_PLANNED
    for title, count in found:
        out().print(f"{count:>7}  {title}", markup=False)
    out().print(f"{len(found)} unknown titles are in {file}: name their functions there.", markup=False)
    return Exit.AS_PLANNED


def import_(
    kind: Annotated[Literal["rome", "esco"], Parameter(help="Which classification the file is.")],
    file: Annotated[Path, Parameter(help="ROME titles (France Travail) or ESCO occupations, CSV.")],
    campaign: CampaignFile,
    /,
    *,
    json: Json = False,
) -> Exit:
    """Widen the vocabulary by a classification of your own, kept in functions-imported.csv beside the campaign."""
    from sender.cli.terminal import out, print_json
    from sender.functions import IMPORTED, read_esco, read_rome, write_assigned

    target = campaign.absolute().parent / IMPORTED
    count = write_assigned(target, read_rome(file) if kind == "rome" else read_esco(file))
    if json:
        print_json("functions-import/1", {"file": str(target), "titles": count})
    else:
        out().print(f"{count} titles are in {target}.", markup=False)
    return Exit.AS_PLANNED
