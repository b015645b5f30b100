"""How often the matcher is right on the labelled titles, and how often those who labelled them agree.

    python tests/functions/measure.py              agreement and figures
    python tests/functions/measure.py --errors     and each title of the development half that is not right

Right: exactly the functions of the label. Wrong: a function that the label does not have. Short: some of the label's
functions and no other. Unknown: none, where the label has one. Half of the titles, chosen by their hash, is for
development; the other half is measured only, and its errors are never listed. So with the titles of another hand in
``fresh.txt``; those in ``seen.txt`` are all for development, those in ``unseen.txt`` all measured only.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from sender.functions import match

Labels = dict[str, frozenset[str]]
_HERE = Path(__file__).parent


def read_labels(name: str) -> Labels:
    """Title -> functions, of one file of labels."""
    labels: Labels = {}
    for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
        title, _, functions = line.partition("#")[0].rpartition("|")
        if title:
            labels[title.strip()] = frozenset(functions.split()) - {"-"}
    return labels


def settled() -> Labels:
    """What the first two passes agree on, and what was settled where they do not."""
    first, second, decided = read_labels("labels_a.txt"), read_labels("labels_b.txt"), read_labels("settled.txt")
    return {title: decided.get(title, functions) for title, functions in first.items() if title in second}


def held_out(title: str) -> bool:
    """Whether a title belongs to the half that is measured only."""
    return hashlib.sha256(title.encode()).digest()[0] % 2 == 1


def kappa(first: Mapping[str, frozenset[str]], second: Mapping[str, frozenset[str]]) -> float:
    """Cohen's kappa, each set of functions being one category."""
    total = len(first)
    agreed = sum(first[title] == second[title] for title in first) / total
    ours, theirs = Counter(first.values()), Counter(second.values())
    chance = sum(ours[category] * theirs[category] for category in ours) / total**2
    return (agreed - chance) / (1 - chance)


def agreement(first: Labels, second: Labels) -> str:
    """How often two passes say the same."""
    agreed = sum(first[title] == second[title] for title in first)
    return f"{agreed} of {len(first)} titles ({agreed / len(first):.1%}), kappa {kappa(first, second):.3f}"


def outcome(title: str, functions: frozenset[str]) -> str:
    """right, wrong, short or unknown."""
    found = frozenset(match(title).functions)
    if found == functions:
        return "right"
    if not found <= functions:
        return "wrong"
    return "short" if found else "unknown"


def figures(labels: Labels) -> str:
    """One line of figures."""
    counts = Counter(outcome(title, functions) for title, functions in labels.items())
    names = ("right", "wrong", "short", "unknown")
    return f"{len(labels)} titles: " + ", ".join(
        f"{name} {counts[name]} ({counts[name] / len(labels):.1%})" for name in names
    )


def main() -> None:
    """Print all figures."""
    print("two passes of one hand agree on", agreement(read_labels("labels_a.txt"), read_labels("labels_b.txt")))
    own, fresh = settled(), read_labels("fresh.txt")
    seen, unseen = read_labels("seen.txt"), read_labels("unseen.txt")
    print("two hands agree on             ", agreement(own, read_labels("labels_c.txt")))
    for name, labels, more, measured in (("one hand", own, {}, {}), ("another hand", fresh, seen, unseen)):
        looked_at = {title: functions for title, functions in labels.items() if not held_out(title)} | more
        print(f"{name}, development:", figures(looked_at))
        print(
            f"{name}, held out:   ", figures({title: labels[title] for title in labels if held_out(title)} | measured)
        )
        if "--errors" in sys.argv:
            list_errors(looked_at)


def list_errors(labels: Labels) -> None:
    """Each title that is not right."""
    for title, functions in sorted(labels.items()):
        if (name := outcome(title, functions)) != "right":
            print(f"  {name:8}{title}: {' '.join(match(title).functions) or '-'}, not {' '.join(functions) or '-'}")


if __name__ == "__main__":
    main()
