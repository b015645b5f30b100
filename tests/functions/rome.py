"""How often the matcher agrees with ROME 4.0 on its own titles: python tests/functions/rome.py TITLES.csv

The file is France Travail's "unix_referentiel_appellation_...", which is no part of this project. Which functions
belong to which of its codes is ``sender/functions/words/rome.toml``; a sheet holds several trades, so that a difference
is often the sheet's ("Scrum Master" stands under software), and the figure is a floor.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

from sender.functions import match
from sender.functions.import_rome import functions_of_code


def compared(title: str, code: str) -> str:
    """What the matcher says about ``title``, held against its sheet."""
    wanted, found = set(functions_of_code(code)), set(match(title).functions)
    if not wanted:
        return "sheet without function, title read" if found else "sheet without function, title unknown"
    if not found:
        return "unknown"
    return "same" if found == wanted else "overlap" if found & wanted else "other"


def main() -> None:
    """Print the counts."""
    with Path(sys.argv[1]).open(encoding="utf-8-sig", newline="") as file:
        rows = [
            (row["libelle_appellation_long"], row["code_rome_parent"] or row["code_rome"])
            for row in csv.DictReader(file)
        ]
    counts = Counter(compared(title, code) for title, code in rows)
    print(f"{len(rows)} titles")
    for name, count in counts.most_common():
        print(f"{count:6}  {name}")
    said = counts["same"] + counts["overlap"] + counts["other"]
    print(f"of the {said} read under a sheet with a function, {(counts['same'] + counts['overlap']) / said:.1%} agree")


if __name__ == "__main__":
    main()
