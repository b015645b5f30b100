"""``send-campaign functions``: job functions, and what titles say about them."""

from __future__ import annotations

import json as json_
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from sender.cli.options import CampaignFile, Json, Practice
from sender.errors import Exit

if TYPE_CHECKING:
    from sender.cli.words import Words
    from sender.model import FunctionMatch


def list_(*, json: Json = False) -> Exit:
    """List the job functions with their ISCO-08 codes."""
    from sender.cli.terminal import out, print_json
    from sender.functions import FUNCTIONS
    from sender.settings import spoken_language

    if json:
        content = [
            {
                "slug": f.slug,
                "isco": list(f.isco),
                "labels": dict(f.labels),
                "names": list(dict.fromkeys((*f.examples("fr"), *f.examples("en"), *f.names))),
            }
            for f in FUNCTIONS.values()
        ]
        print_json("functions-list/1", {"functions": content})
        return Exit.AS_PLANNED
    language = spoken_language()
    for function in FUNCTIONS.values():
        examples = ", ".join(function.examples(language)[:3])
        line = f"{function.slug:<26} {function.labels[language]:<32} {' '.join(function.isco):<40} {examples}"
        out().print(line.rstrip(), markup=False)
    return Exit.AS_PLANNED


def match(
    *titles: Annotated[str, Parameter(help="Titles; without any they are read from standard input, one a line.")],
    json: Annotated[bool, Parameter(negative="", help="Print one JSON object a line.")] = False,
) -> Exit:
    """Say what titles mean. Each answer is written as soon as its title is read; an unknown title has no functions."""
    from sender.cli.words import Words
    from sender.functions import match as functions_of
    from sender.settings import spoken_language

    write = as_json if json else partial(as_words, words=Words(spoken_language()))
    for title in titles or lines_of(sys.stdin.buffer):
        sys.stdout.write(write(title, functions_of(title)))
        sys.stdout.flush()
    return Exit.AS_PLANNED


def lines_of(stream: Iterable[bytes]) -> Iterator[str]:
    """The lines of a text in UTF-8, with its mark or without; a line that is not UTF-8 is read as Windows writes it."""
    for number, line in enumerate(stream):
        text = line.rstrip(b"\r\n")
        try:
            yield text.decode("utf-8" if number else "utf-8-sig")
        except UnicodeDecodeError:
            yield text.decode("cp1252", errors="replace")


def as_json(title: str, found: FunctionMatch) -> str:
    answer = {
        "title": title,
        "functions": found.functions,
        "confidence": found.confidence,
        "evidence": found.evidence,
    }
    return f"{json_.dumps(answer, ensure_ascii=False)}\n"


def as_words(title: str, found: FunctionMatch, words: Words) -> str:
    if not found.functions:
        return f"{title}: {words('functions.unknown')}\n"
    return f"{title}: {', '.join(found.functions)}  ({found.confidence:.2f}; {', '.join(found.evidence)})\n"


def review(campaign: CampaignFile, /, *, practice: Practice = False, json: Json = False) -> Exit:
    """List the titles of a campaign's contacts that nobody understands, by frequency, into a file beside it.

    Name the functions of each in functions-reviewed.csv; the next check or run judges by them.
    """
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.functions import REVIEWED, unknown_titles
    from sender.functions.review import add_titles
    from sender.settings import spoken_language
    from sender.steps.brief import Rows, read

    brief = read(campaign)
    with wiring.opened_or_borrowed(wiring.settings_for(campaign, log_needed=False), practice=practice) as house:
        people = (contact for batch in Rows(house, brief).batches() for contact in batch)
        found = unknown_titles((contact.title for contact in people), brief.matcher)
    file = brief.campaign.path.parent / REVIEWED
    if found:
        add_titles(file, (title for title, _ in found))
    if json:
        rows = [{"title": title, "contacts": count} for title, count in found]
        print_json("functions-review/1", {"file": str(file), "unknown": rows})
        return Exit.AS_PLANNED
    for title, count in found:
        out().print(f"{count:>7}  {title}", markup=False)
    words = Words(spoken_language())
    said = words("functions.waiting", n=len(found), file=file) if found else words("functions.all_known")
    out().print(said, markup=False)
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
    from sender import yamlfile
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.functions import IMPORTED, read_esco, read_rome, write_assigned
    from sender.settings import spoken_language

    yamlfile.read(campaign)  # titles beside a campaign that is not there would serve nobody
    target = campaign.absolute().parent / IMPORTED
    rows = read_rome(file) if kind == "rome" else read_esco(file)
    today = datetime.now(UTC).date().isoformat()
    count = write_assigned(target, (replace(row, on=today) for row in rows))
    if json:
        print_json("functions-import/1", {"file": str(target), "titles": count})
    else:
        out().print(Words(spoken_language())("functions.imported", n=count, file=target), markup=False)
    return Exit.AS_PLANNED
