"""The labelled titles: whole, agreed upon, and read as promised."""

from __future__ import annotations

from collections import Counter

from sender.functions import FUNCTIONS
from tests.functions.measure import held_out, kappa, outcome, read_labels, settled


def test_both_passes_label_the_same_titles_with_listed_functions() -> None:
    """At least 600 titles, each in both passes."""
    first, second = read_labels("labels_a.txt"), read_labels("labels_b.txt")

    assert first.keys() == second.keys()
    assert len(first) >= 600
    assert set().union(*first.values(), *second.values()) <= set(FUNCTIONS)


def test_every_difference_is_settled() -> None:
    """Where the passes differ somebody decided, and nowhere else."""
    first, second = read_labels("labels_a.txt"), read_labels("labels_b.txt")

    assert read_labels("settled.txt").keys() == {title for title in first if first[title] != second[title]}
    assert kappa(first, second) > 0.95


def test_the_held_out_half_is_read_as_promised() -> None:
    """At least 95 % right and at most 1 % wrong on titles whose errors nobody looked at."""
    titles = {title: functions for title, functions in settled().items() if held_out(title)}
    counts = Counter(outcome(title, functions) for title, functions in titles.items())

    assert counts["right"] >= 0.95 * len(titles)
    assert counts["wrong"] <= 0.01 * len(titles)


def test_two_hands_agree() -> None:
    """Another hand's pass over the bare titles, held against what was settled."""
    first, second = settled(), read_labels("labels_c.txt")

    assert first.keys() == second.keys()
    assert kappa(first, second) > 0.95


def test_titles_of_another_hand_are_read_as_published() -> None:
    """At least 95 % right and few wrong on titles that the vocabulary's author did not write."""
    fresh, unseen = read_labels("fresh.txt"), read_labels("unseen.txt")
    titles = {title: functions for title, functions in fresh.items() if held_out(title)} | unseen
    counts = Counter(outcome(title, functions) for title, functions in titles.items())

    assert counts["right"] >= 0.95 * len(titles)
    assert counts["wrong"] <= 0.02 * len(titles)


def test_no_title_stands_in_two_lists() -> None:
    """What was looked at is never measured; all functions are on the list."""
    lists = [settled(), *map(read_labels, ("fresh.txt", "seen.txt", "unseen.txt"))]

    assert sum(map(len, lists)) == len(set().union(*lists))
    assert {slug for labels in lists for functions in labels.values() for slug in functions} <= set(FUNCTIONS)
