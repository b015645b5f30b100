"""The notice that people get in the first mail when their address came from others (GDPR art. 14, 21(4)).

Whose data, for what, on which basis, which data, from where, to whom, for how long, which rights, where to complain.
The right to object stands in a partial of its own, apart from this text.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from sender.letters.context import clean
from sender.letters.legal_line import legal_line
from sender.model import Campaign, Contact, LegalBasis, SourceKind

__all__ = ["NAME", "notice_html", "notice_text"]

NAME = "first_contact_notice"

_SOURCES: Mapping[str, Mapping[SourceKind, str]] = {
    "fr": {
        SourceKind.PUBLIC_PAGE: "une page accessible au public",
        SourceKind.PURCHASED: "un fichier acheté",
        SourceKind.PARTNER: "un partenaire",
    },
    "en": {
        SourceKind.PUBLIC_PAGE: "a page open to the public",
        SourceKind.PURCHASED: "a file that we bought",
        SourceKind.PARTNER: "a partner",
    },
}
_BASES: Mapping[str, Mapping[LegalBasis, str]] = {
    "fr": {
        LegalBasis.LEGITIMATE_INTEREST: "notre intérêt légitime à présenter une offre qui concerne votre fonction",
        LegalBasis.CONSENT: "votre consentement, que vous pouvez retirer à tout moment",
        LegalBasis.CUSTOMER: "notre intérêt légitime à informer nos clients de produits semblables",
        LegalBasis.NONE: "notre intérêt légitime à écrire à une adresse générale d’entreprise",
    },
    "en": {
        LegalBasis.LEGITIMATE_INTEREST: "our legitimate interest in presenting an offer that concerns your work",
        LegalBasis.CONSENT: "your consent, which you may withdraw at any time",
        LegalBasis.CUSTOMER: "our legitimate interest in telling customers of similar products",
        LegalBasis.NONE: "our legitimate interest in writing to a company's general address",
    },
}
_HEADS = {"fr": "Pourquoi vous recevez ce message", "en": "Why you get this message"}
_WORDS: Mapping[str, tuple[str, ...]] = {
    "fr": (
        "Responsable de vos données : {sender} ; pour toute question ou demande : {reply_to}.",
        "Finalité : vous présenter par courriel notre offre ({what}).",
        "Base légale : {basis}.",
        "Données : adresse, nom, fonction et entreprise, pour autant que nous les connaissions.",
        "Source : {source}{record}{on}.",
        "Destinataires : nous-mêmes et les prestataires qui acheminent nos messages.",
        "Durée : trois ans après la collecte ou après votre dernier contact, puis suppression.",
        "Vos droits : accès, copie, rectification, effacement, limitation, opposition à tout moment et sans frais.",
        "Réclamation : {authority}.",
    ),
    "en": (
        "Controller of your data: {sender}; for any question or request: {reply_to}.",
        "Purpose: to present our offer to you by e-mail ({what}).",
        "Legal basis: {basis}.",
        "Data: your address, name, job title and company, as far as we know them.",
        "Source: {source}{record}{on}.",
        "Recipients: ourselves and the providers that carry our messages.",
        "Kept for: three years from collection or from your last contact, then deleted.",
        "Your rights: access, copy, rectification, erasure, restriction, objection at any time and free of charge.",
        "Complaint: {authority}.",
    ),
}
_AUTHORITIES = {
    "fr": ("la CNIL (cnil.fr)", "l’autorité de protection des données de votre pays"),
    "en": ("the CNIL (cnil.fr)", "the data protection authority of your country"),
}


def notice_text(campaign: Campaign, contact: Contact) -> str:
    """Plain text; empty for people who gave us their address themselves."""
    # Meets: GDPR art. 14(1), 14(2), 14(3)(b)
    if not contact.provenance.kind.indirect:
        return ""
    language = _language(campaign, contact)
    return "\n".join([_HEADS[language].upper(), *_sentences(campaign, contact, language)])


def notice_html(campaign: Campaign, contact: Contact) -> Markup:
    """The same as a block of HTML."""
    if not contact.provenance.kind.indirect:
        return Markup()
    language = _language(campaign, contact)
    body = Markup("<br>\n").join(map(escape, _sentences(campaign, contact, language)))
    return Markup('<p class="first-contact"><strong>{}</strong><br>\n{}</p>').format(_HEADS[language], body)


def _language(campaign: Campaign, contact: Contact) -> str:
    """The person's own language (FR F14), as far as the notice is written in it; else the campaign's."""
    # Meets: FR F14 (notice in the person's language)
    for spoken in (contact.language, campaign.language):
        if spoken and spoken.lower()[:2] in _HEADS:
            return spoken.lower()[:2]
    return "en"


def _sentences(campaign: Campaign, contact: Contact, language: str) -> list[str]:
    provenance, sender = contact.provenance, campaign.sender
    record, on = clean(provenance.record or "", "source"), provenance.collected_on
    values = {
        "sender": legal_line(sender, language),
        "reply_to": (sender.reply_to or sender.from_).spec,
        "what": campaign.offer.what,
        "basis": _BASES[language][campaign.basis],
        "source": _SOURCES[language][provenance.kind],
        "record": f" ({record})" if record else "",
        "on": f", {on:%d.%m.%Y}" if on else "",
        "authority": _AUTHORITIES[language][(contact.country or "") != "FR"],
    }
    return [sentence.format_map(values) for sentence in _WORDS[language]]
