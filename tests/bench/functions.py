"""How fast titles are read: python tests/bench/functions.py [CSV with a column of titles, and its name]

Start-up is measured in a fresh process; the rate on distinct titles, with the words known and no title cached.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

from sender.functions import match

_START = (
    "import time; a = time.process_time(); import sender.functions as f; f.match('DRH'); print(time.process_time() - a)"
)
_HEADS = (
    "Directeur",
    "Directrice adjointe",
    "Responsable",
    "Chargée",
    "Head of",
    "Cheffe de projet",
    "Assistante",
    "VP",
)
_FIELDS = ("achats", "ressources humaines", "paie et RH", "IT", "juridique", "marketing", "qualité", "xyzzy", "finance")
_TAILS = ("", " France", " (H/F)", " - Groupe Martin", " et communication", " chez Durand SA", " Europe du Sud")


def own_titles() -> list[str]:
    """Distinct titles of heads, fields and tails, each with a word of its own, so that no two are read alike."""
    made = [f"{head} {field}{tail}" for head, field, tail in product(_HEADS, _FIELDS, _TAILS)]
    return [f"{title} {one}{two}x" for one, two in product("bcdfghkl", "aeiou") for title in made]


def titles_of(path: Path, column: str) -> list[str]:
    """The distinct titles of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(dict.fromkeys(row[column] for row in csv.DictReader(file)))


def main() -> None:
    """Print start-up time and titles a second."""
    started = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
    print(f"loading, index and the first title: {float(started.stdout) * 1000:.0f} ms of processor time")
    titles = titles_of(Path(sys.argv[1]), sys.argv[2]) if len(sys.argv) == 3 else own_titles()
    for title in titles[:2000]:
        match(f"{title} ii")
    begun = time.process_time()
    for title in titles:
        match(title)
    print(f"{len(titles)} distinct titles: {len(titles) / (time.process_time() - begun):,.0f} a second")


if __name__ == "__main__":
    main()
