"""What providers ask for, from which number on, against what the DNS says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

import sender.providers
from sender.preflight import LANGUAGES, Level, Remark, compare, say
from sender.preflight.demands import DEMANDS, State, states
from sender.preflight.sentences import catalogue
from sender.providers import provider_of, providers

PASSED, WARNING, FAILED, UNKNOWN = Level.PASSED, Level.WARNING, Level.FAILED, Level.UNKNOWN
GOOD: Mapping[str, tuple[Level, str]] = {
    "spf": (PASSED, "read"),
    "dkim": (PASSED, "found"),
    "dmarc": (PASSED, "found"),
    "alignment": (PASSED, "signed"),
    "reverse": (PASSED, "found"),
}


def said(**changes: tuple[Level, str]) -> list[Remark]:
    return [Remark(level, check, code, "eluard.example") for check, (level, code) in {**GOOD, **changes}.items()]


def test_the_data_are_whole() -> None:
    """Every demand is known and has its words, every provider a source and a date, no domain two providers."""
    written = tomllib.loads((Path(sender.providers.__file__).parent / "providers.toml").read_text(encoding="utf-8"))
    domains = [domain for one in providers() for domain in one.domains]

    assert len(domains) == len(set(domains))
    for one in written["provider"]:
        assert one["source"]
        assert one["read_on"].year >= 2026
        assert {demand for tier in one["tiers"] for demand in tier["demands"]} <= {*DEMANDS}
    assert all(catalogue(language)["demand"].keys() == {*DEMANDS} for language in LANGUAGES)
    assert set(states([], one_click=True)) == {*DEMANDS}
    assert (provider_of("gmail.com"), provider_of("eluard.example")) == ("gmail", None)


@pytest.mark.parametrize(
    ("letters", "remark", "level", "code"),
    [
        ({"microsoft": 1}, {}, PASSED, "met"),
        ({"microsoft": 4999}, {"dmarc": (WARNING, "missing")}, WARNING, "unmet_above"),
        ({"microsoft": 5000}, {"dmarc": (WARNING, "missing")}, FAILED, "unmet"),
        ({"microsoft": 5000}, {"dmarc": (UNKNOWN, "silent")}, UNKNOWN, "unseen"),
        ({"orange": 1}, {"dmarc": (WARNING, "missing")}, FAILED, "unmet"),
        ({"orange": 1}, {"spf": (FAILED, "several")}, FAILED, "unmet"),
        ({"yahoo": 1}, {"dkim": (FAILED, "revoked")}, WARNING, "unmet_mildly"),
        ({"laposte": 1}, {"dmarc": (WARNING, "no_reports")}, WARNING, "unmet_mildly"),
        ({"laposte": 1}, {"spf": (WARNING, "relay_not_named")}, UNKNOWN, "unseen"),
        ({"laposte": 1}, {"reverse": (UNKNOWN, "own_machine")}, UNKNOWN, "unseen"),
    ],
)
def test_what_is_held_against_a_campaign(
    letters: Mapping[str, int], remark: Mapping[str, tuple[Level, str]], level: Level, code: str
) -> None:
    """By number and provider; what the DNS did not say is neither met nor unmet."""
    found = list(compare(said(**remark), letters, one_click=True))

    assert (level, code) in [(one.level, one.code) for one in found]
    assert FAILED not in {one.level for one in found} - {level}
    assert all(say(one, language).what for one in found for language in LANGUAGES)


def test_whoever_gets_no_letter_asks_for_nothing() -> None:
    """An audience of firms with their own domains hears nothing of mailbox providers."""
    assert list(compare([], {"gmail": 0}, one_click=False)) == []


def test_demands_are_said_in_words() -> None:
    """A person reads what is asked for; the facts keep the codes."""
    (remark, *_) = compare(said(dmarc=(WARNING, "missing")), {"orange": 3}, one_click=True)

    assert remark.facts["demands"] == "dmarc"
    assert "une politique DMARC" in say(remark, "fr").what


@pytest.mark.parametrize(
    ("signature", "envelope", "state"),
    [
        ("signed", "envelope_apart", State.MET),
        ("unsigned", "envelope", State.MET),
        ("unsigned", "envelope_apart", State.UNSEEN),
        ("signed_apart", "envelope_apart", State.UNMET),
    ],
)
def test_one_that_speaks_for_from_is_enough(signature: str, envelope: str, state: State) -> None:
    """DMARC passes with SPF or DKIM in the name of From; a relay may sign unseen."""
    remarks = [Remark(PASSED, "alignment", code, "eluard.example") for code in (signature, envelope)]

    assert states(remarks, one_click=True)["aligned"] is state
