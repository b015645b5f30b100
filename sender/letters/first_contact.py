"""The notice that people get in the first mail when their address came from others (GDPR art. 14, 21(4)).

Whose data, for what, on which basis, which data, from where, to whom, whither, for how long, which rights, where to
complain; the words stand in ``notices.toml``. The right to object stands in a partial of its own, apart from this text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from sender.law import resolve
from sender.letters.context import clean
from sender.letters.legal_line import legal_line
from sender.model import Campaign, Contact, LegalBasis

__all__ = ["NAME", "notice_html", "notice_languages", "notice_sentences", "notice_text", "understood"]

NAME = "first_contact_notice"

_SPOKEN_IN: Mapping[str, str] = {
    **dict.fromkeys(("FR", "MA", "TN", "SN", "CI"), "fr"),
    **dict.fromkeys(("DE", "AT"), "de"),
    **dict.fromkeys(("GB", "IE", "US", "AU"), "en"),
    **{"ES": "es", "IT": "it", "NL": "nl"},
}
"""Countries where one of the languages goes without asking."""
_SPOKEN_BY_SOME: Mapping[str, frozenset[str]] = {
    "BE": frozenset({"nl", "fr", "de"}),
    "LU": frozenset({"fr", "de"}),
    "CH": frozenset({"de", "fr", "it"}),
    "CA": frozenset({"en", "fr"}),
}
"""Countries where it depends on the person; who has not said is written to in the campaign's language, if it is one."""
_EMPTY = " \x00"  # a sentence that holds it says nothing: its value was not given


def notice_text(campaign: Campaign, contact: Contact) -> str:
    """Plain text; empty for people who gave us their address themselves."""
    # Meets: GDPR art. 14(1), 14(2), 14(3)(b)
    return "\n\n".join(
        "\n".join([_words(language)["head"].upper(), *sentences])
        for language, sentences in notice_sentences(campaign, contact).items()
    )


def notice_html(campaign: Campaign, contact: Contact) -> Markup:
    """The same as blocks of HTML."""
    blocks = []
    for language, sentences in notice_sentences(campaign, contact).items():
        body = Markup("<br>\n").join(map(escape, sentences))
        block = Markup('<p class="first-contact" lang="{}"><strong>{}</strong><br>\n{}</p>')
        blocks.append(block.format(language, _words(language)["head"], body))
    return Markup("\n").join(blocks)


def notice_sentences(campaign: Campaign, contact: Contact) -> Mapping[str, list[str]]:
    """What is told, by language; empty for people who gave us their address themselves."""
    if not contact.provenance.kind.indirect:
        return {}
    return {language: _sentences(campaign, contact, language) for language in notice_languages(campaign, contact)}


def notice_languages(campaign: Campaign, contact: Contact) -> tuple[str, ...]:
    """The person's own language, then that of their country; where it is written in neither, the campaign's."""
    # Meets: FR F14 (notice in the person's language), A5 FR (notice in French)
    own = _known(contact.language), _SPOKEN_IN.get(contact.country or "")
    return tuple(dict.fromkeys(filter(None, own))) or (_known(campaign.language) or "en",)


def understood(campaign: Campaign, contact: Contact) -> bool:
    """The notice is written in the contact's own language, or else in one of their country's."""
    if contact.language:
        return _known(contact.language) is not None
    country = contact.country or ""
    return country in _SPOKEN_IN or _known(campaign.language) in _SPOKEN_BY_SOME.get(country, ())


def _known(language: str | None) -> str | None:
    """``fr`` of ``fr-BE``, where the notice is written in it."""
    code = (language or "").lower()[:2]
    return code if code in _catalogue() else None


@cache
def _catalogue() -> Mapping[str, Any]:
    return tomllib.loads(files("sender.letters").joinpath("notices.toml").read_text(encoding="utf-8"))


def _words(language: str) -> Mapping[str, Any]:
    words: Mapping[str, Any] = _catalogue()[language]
    return words


def _sentences(campaign: Campaign, contact: Contact, language: str) -> list[str]:
    provenance, sender, processing, words = contact.provenance, campaign.sender, campaign.processing, _words(language)
    record, on = clean(provenance.record or "", "source"), provenance.collected_on
    values = {
        "sender": legal_line(sender, language),
        "reply_to": (sender.reply_to or sender.from_).spec,
        "officer": processing.officer or _EMPTY,
        "what": campaign.offer.what,
        "basis": words["bases"][campaign.basis.value],
        "source": words["sources"][provenance.kind.value],
        "record": f" ({record})" if record else "",
        "on": f", {on:%d.%m.%Y}" if on else "",
        "transfers": processing.transfers or _EMPTY,
        "kept": _span(_kept_days(sender.country, contact.country), language),
        "portable": words["portable"] if campaign.basis is LegalBasis.CONSENT else "",
        "authority": words["authority_fr" if contact.country == "FR" else "authority"],
    }
    written = (sentence.format_map(values) for sentence in words["sentences"])
    return [sentence for sentence in written if _EMPTY not in sentence]


@lru_cache(maxsize=4096)
def _kept_days(sender: str | None, recipient: str | None) -> int:
    """As the gate `retention` has it; to accept a pack does not lengthen it (under test)."""
    return resolve(sender, recipient, frozenset()).retention_days.value


def _span(days: int, language: str) -> str:
    """In years or months where it is whole ones; packs say 1095 days for three years."""
    unit, number = next(((u, days // n) for u, n in (("year", 365), ("month", 30)) if days % n == 0), ("day", days))
    *few, many = _words(language)[unit]
    return str(few[number - 1] if number <= len(few) else many.format(number))
