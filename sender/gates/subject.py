"""Refuses subjects that mislead: fake answers, shouting, nothing in common with the offer, no ad label where asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from sender.gates.facts import CampaignFacts
from sender.gates.shown import folded
from sender.gates.sight import meaningful
from sender.gates.verdicts import Findings, found, unless_found
from sender.gates.wording import (
    AD_LABELS,
    CONCEPTS,
    NO_PRETEXTS,
    PRETEXT_MARKS,
    PRETEXT_OPENINGS,
    PRETEXTS,
    REPLY_MARKS,
    STOP_WORDS,
)
from sender.model import Finding, Rendering, Verdict

FINDINGS: Findings = {
    "honest": (),
    "no_rendering": (),
    "empty": (),
    "fake_reply": (),
    "pretext": (),
    "shouting": (),
    "unrelated": (),
    "no_ad_label": (),
}
_RULE = "FR F6 (CPCE L34-5 §5)"
# Letters of other alphabets that look like those of Re, Fwd and Tr.
_LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТХаеорсухіѕԝғΑΒΕΗΙΚΜΝΟΡΤΧερтгɪʀᴇᴛғ", "ABEKMHOPCTXaeopcyxiswfABEHIKMNOPTXeptrirETF"
)
_COLONS = str.maketrans(dict.fromkeys("：﹕∶꞉ː˸։׃܃᠄⁚", ":"))
_BREAKS = re.compile(r"\s[-–—|•·]\s|[»>\]\)]\s*|(?<=:)\s+")
_MARK = re.compile(r"^[^\w]*([^\W\d_]+(?:[. ][^\W\d_]+)?)\.?\s*(?:[\[\(]?\d+[\]\)]?|\^\d+|\*\d+)?\s*:")
# The plainest marks without a colon: "[RE] ...", "RE - ...", "RE logiciel"; "RE 2020" is a building code. Anything
# longer is a word of somebody's subject.
_DRESSED = re.compile(
    r"^\W*(?i:[\[(]\s*(?:re|fwd?|tr|aw|wg)\.?\s*[\])]|(?:re|fwd?|tr|aw|wg)\.?\s*[–—>|]|(?:re|fwd?|tr|aw|wg)\.?\s+-+\s*)"
    r"|^\W*(?:R[Ee]|F[Ww][Dd]?|T[Rr]|A[Ww]|W[Gg])\.?\s+(?=[^\W\d_])"
)
# "Réf. 2026/114", "Dossier n° 12": the number of a case that there is not.
_NUMBERED = re.compile(
    r" (?:ref|reference|dossier|ticket|commande|devis|order|case|bestellung|pedido) (?:n |no |nr |num |numero )?\d"
)
_LOUD = re.compile(r"[!?！？]\s*[!！]|[!！]\s*[?？]|[$€£]{3}|([!！].*){3}|‼|⁉")
_COMPOUNDING = {"de", "nl"}
_SHORTEST_PART = 5
_SHORTEST_LOUD = 8  # letters; "RGPD" alone is an abbreviation


def judge(facts: CampaignFacts) -> Verdict:
    # Meets: FR F6; ePrivacy art. 13(4); A5 (AT, SN, CI: advertising recognisable in the subject)
    return unless_found("subject", _findings(facts), found("honest", _RULE))


def _findings(facts: CampaignFacts) -> Iterator[Finding]:
    place = facts.campaign.place("message.subject")
    offer = facts.campaign.offer
    stated = f"{offer.what} {offer.because or ''}"
    wanted, meant = list(_telling(stated)), concepts(stated)
    label = next((rules.ad_label for rules in facts.content if rules.ad_label.value), None)
    if not facts.renderings:
        yield found("no_rendering", _RULE, place)
    for rendering in facts.renderings:
        own = _own_words(rendering)
        if not folded(rendering.subject):
            yield found("empty", _RULE, place)
        if is_fake_reply(rendering.subject) or is_fake_reply(own):
            yield found("fake_reply", _RULE, place)
        if is_pretext(own):
            yield found("pretext", _RULE, place)
        if is_shouting(own):
            yield found("shouting", _RULE, place)
        compounds = facts.campaign.language in _COMPOUNDING
        if concepts(own).isdisjoint(meant) and not any(
            akin(word, other) or (compounds and is_part(word, other)) for word in _telling(own) for other in wanted
        ):
            yield found("unrelated", _RULE, place)
        if label is not None and not _labelled(own):
            yield found("no_ad_label", label.rule, place)


def _own_words(rendering: Rendering) -> str:
    """The subject without what the contact brought in: a company's name is no link with the offer, nor our shouting."""
    contact, subject = rendering.contact, rendering.subject
    brought = (contact.company, contact.first_name, contact.last_name, contact.title, *contact.more.values())
    for value in sorted(filter(None, brought), key=len, reverse=True):
        if len(value) > 1:
            subject = subject.replace(value, " ")
    return subject


def is_fake_reply(subject: str) -> bool:
    """Looks like an answer or a forwarded mail, whatever letters it is written in."""
    plain = meaningful_spaces(unicodedata.normalize("NFKC", subject.translate(_COLONS)))
    for text in (plain, plain.translate(_LOOKALIKES)):
        for segment in (text, *_BREAKS.split(text)):
            mark = _MARK.match(segment or "")
            if mark and folded(mark[1]).replace(" ", "") in REPLY_MARKS:
                return True
        if _DRESSED.match(text):
            return True
    return False


def is_pretext(subject: str) -> bool:
    """Pretends a bill, an order, a talk or a warning, so as to be opened."""
    text = f" {folded(subject)} "
    if any(f" {phrase} " in text for phrase in NO_PRETEXTS):
        return False
    mark, colon, _ = subject.translate(_COLONS).partition(":")
    return (
        bool(colon and folded(mark) in PRETEXT_MARKS)
        or _NUMBERED.match(text) is not None
        or any(text.startswith(f" {phrase} ") for phrase in PRETEXT_OPENINGS)
        or any(f" {phrase} " in text for phrase in PRETEXTS)
    )


def meaningful_spaces(text: str) -> str:
    """Words without the characters that nobody sees."""
    return " ".join(filter(None, map(meaningful, re.split(r"\s+", text))))


def is_shouting(subject: str) -> bool:
    """Mostly capitals, or several exclamation marks."""
    if _LOUD.search(subject):
        return True
    letters = [c for c in unicodedata.normalize("NFKC", subject) if c.isalpha()]
    capitals = sum(map(str.isupper, letters))
    return len(letters) >= _SHORTEST_LOUD and capitals > 0.6 * len(letters)


def _telling(text: str) -> Iterator[str]:
    return (word for word in folded(text).split() if len(word) > 2 and not word.isdigit() and word not in STOP_WORDS)


def akin(one: str, other: str) -> bool:
    """Two words of one stem: alike but for a plural or an ending (``conformité``, ``conformes``)."""
    if _singular(one) == _singular(other):
        return True
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared >= 5 and max(len(one), len(other)) - shared <= 5


def is_part(one: str, other: str) -> bool:
    """One of the two ends the other's compound: "Wartung", "Maschinenwartung"; beginnings are akin already."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _SHORTEST_PART and longer.endswith(shorter)


@lru_cache(maxsize=1024)
def concepts(text: str) -> frozenset[str]:
    """The things that a text names, in whichever of the languages."""
    said = f" {folded(text)} "
    return frozenset(
        name for name, beginnings in CONCEPTS.items() if any(beginning in said for beginning in beginnings)
    )


def _singular(word: str) -> str:
    return re.sub(r"(?<=\w{3})(?:es|s|x|e)$", "", word)


def _labelled(subject: str) -> bool:
    said: Iterable[str] = folded(subject).split()
    text = f" {' '.join(said)} "
    return any(f" {label} " in text for label in AD_LABELS)
