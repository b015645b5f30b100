"""Puts unknown titles into the file of reviewed ones, each once; what people wrote there stays as it is."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from sender.functions.assigned import Assigned, read_assigned, write_assigned, writing
from sender.functions.title import key_of

__all__ = ["add_titles"]


def add_titles(path: Path, titles: Iterable[str]) -> None:
    """Add a line for each title that the file does not have yet; its empty cell waits for somebody to look."""
    if not path.is_file():
        write_assigned(path, (Assigned(title, (), pending=True) for title in titles))
        return
    known = read_assigned(path)
    new = [title for title in titles if key_of(title) not in known]
    text = path.read_text(encoding="utf-8-sig")
    first = text.partition("\n")[0].rstrip("\r")
    delimiter = max(",;\t", key=first.count)
    names = next(csv.reader([first], delimiter=delimiter))
    with writing(path), path.open("a", encoding="utf-8", newline="") as file:
        if text and not text.endswith("\n"):
            file.write("\n")
        writer = csv.DictWriter(file, names, restval="", delimiter=delimiter, lineterminator="\n")
        writer.writerows({"title": title} for title in new)
