"""Turns a case into a campaign with real templates, a contact and the facts, and asks all gates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any

from sender.address import AddressError, parse
from sender.functions import match
from sender.gates import CampaignFacts, Channels, ContactFacts, Documents, judge_campaign, judge_contact
from sender.gates.standing import consents_to_tracking
from sender.law import classify, load, pack_ids, resolve
from sender.letters import CannotCompose, Links, Templates, synthetic_contacts
from sender.model import (
    Address,
    AddressClass,
    Audience,
    Campaign,
    CompanyForm,
    Consent,
    Contact,
    ContactId,
    History,
    LegalBasis,
    LegalIdentity,
    LetterState,
    Message,
    Notice,
    Offer,
    Processing,
    Provenance,
    Rendering,
    Sale,
    Sender,
    SourceKind,
    Suppression,
)

Fields = dict[str, Any]
CAP = 12  # the default of the setting frequency_cap

_PAGES = {
    "login": "https://courrier.eluard.example/compte/connexion",
    "http": "http://courrier.eluard.example",
}
_HTML_LINK = '<p><a href="{{ unsubscribe_url }}">Ne plus recevoir ces messages</a></p>'
_TEXT_LINK = "Ne plus recevoir ces messages : {{ unsubscribe_url }}"
_WAYS_OUT = {  # html, text
    "ok": (_HTML_LINK, _TEXT_LINK),
    "login": (_HTML_LINK, _TEXT_LINK),
    "http": (_HTML_LINK, _TEXT_LINK),
    "none": ("", ""),
    "html_only": (_HTML_LINK, ""),
    "conditional": (f"{{% if contact.company %}}{_HTML_LINK}{{% endif %}}", _TEXT_LINK),
    "hidden": (f'<div style="display:none">{_HTML_LINK}</div>', _TEXT_LINK),
}
_TRACKERS = {  # html
    "none": "",
    "read_receipt": "",
    "pixel": '<img src="https://suivi.eluard.example/o.gif?c={{ contact.email }}" width="1" height="1" alt="">',
    "link_ids": '<p><a href="https://www.eluard.example/paie?id={{ contact.email }}">En savoir plus</a></p>',
    "remote_image": '<img src="https://www.eluard.example/logo.png" width="120" height="40" alt="Éluard">',
}


def judge(case: Fields, folder: Path) -> set[str]:
    """The names of the gates that refuse."""
    campaign = _campaign(case, folder)
    contact_facts = _contact_facts(case, campaign)
    verdicts = judge_campaign(_campaign_facts(case, campaign, contact_facts))
    faults = [v for v in (*verdicts, *judge_contact(contact_facts).verdicts) if v.findings[0].code == "fault"]
    assert not faults
    return {verdict.gate for verdict in verdicts if not verdict.passed} | {*judge_contact(contact_facts).refused_by}


# --- the campaign ---


def _campaign(case: Fields, folder: Path) -> Campaign:
    html, text = folder / "mail.html", folder / "mail.txt"
    _write_templates(case, html, text)
    message, register = case["message"], case["register"]
    sender = _sender(case["sender"])
    label = message["ad_label"]
    subject = message["subject"]
    receipt = {"Disposition-Notification-To": "conseil@eluard.example"} if message["tracking"] == "read_receipt" else {}
    return Campaign(
        name="case",
        path=folder / "case.yaml",
        language="fr",
        sender=sender,
        offer=Offer(**{**case["offer"], "functions": tuple(case["offer"]["functions"])}),
        audience=Audience(folder / "contacts.csv", {}, Provenance(), case["contact"]["country"]),
        basis=LegalBasis(case["basis"]),
        processing=Processing(
            register["record"],
            _balancing_test(register["balancing_test"], folder),
            registries={name.id: case["today"] for pack in pack_ids() for name in load(pack).registries},
        ),
        message=Message(f"{label} : {subject}" if label and label not in subject else subject, html, text, (), receipt),
    )


def _balancing_test(reference: str | None, folder: Path) -> Path | None:
    if reference is None:
        return None
    path = folder / "balancing-test.md"
    path.write_text(f"{reference}: weighed", encoding="utf-8")
    return path


def _sender(said: Fields) -> Sender:
    missing = set(said["missing"])
    values = {
        "form": "SAS",
        "capital": "50 000 €",
        "siren": "123456782",
        "rcs": "Paris",
        "registered_office": "12 rue de la Paix, 75002 Paris, France",
    }
    names = {"form": "legal_form"}
    given = {key: None if names.get(key, key) in missing else value for key, value in values.items()}
    if "postal_address" in missing and given["registered_office"]:
        given["registered_office"] = "Paris"  # the town of the office is known, no address that a letter would reach
    unknown = missing - {"name", "postal_address", "legal_form", *values}
    assert not unknown
    postal = None if "postal_address" in missing else "12 rue de la Paix, 75002 Paris, France"
    address = parse("conseil@eluard.example")
    name = "" if "name" in missing else "Éluard Conseil"
    return Sender(name, address, address, said["country"], LegalIdentity(**given, postal_address=postal))


def _write_templates(case: Fields, html: Path, text: Path) -> None:
    message, shown = case["message"], set(case["sender"]["shown_in"])
    html_out, text_out = _WAYS_OUT[message["unsubscribe"]]
    identity = "{{ sender.legal_line }}"
    html.write_text(
        f"<html><body><p>Bonjour,</p><p>{{{{ offer.what }}}}</p>{_TRACKERS[message['tracking']]}"
        f"<p>{identity if 'html' in shown else ''}</p>{html_out}</body></html>",
        encoding="utf-8",
    )
    text.write_text(
        f"Bonjour,\n\n{{{{ offer.what }}}}\n\n{identity if 'text' in shown else ''}\n{text_out}\n", encoding="utf-8"
    )


def _campaign_facts(case: Fields, campaign: Campaign, contact: ContactFacts) -> CampaignFacts:
    pages = _PAGES.get(case["message"]["unsubscribe"], "https://courrier.eluard.example")
    accepted = frozenset(case["accepted_packs"])
    home = case["sender"]["country"]
    templates = Templates.load(campaign)
    return CampaignFacts(
        today=case["today"],
        campaign=campaign,
        content=(resolve(home, home, accepted), contact.rules),
        syntax=templates.syntax(),
        renderings=tuple(_letters(campaign, templates, pages)),
        channels=Channels(pages_url=pages),
        documents=_documents(campaign.processing),
        consented_to_tracking=consents_to_tracking(contact),
    )


def _letters(campaign: Campaign, templates: Templates, pages: str) -> Iterator[Rendering]:
    """As the pipeline has them: who lacks what the template must print has no letter."""
    for number, person in enumerate(synthetic_contacts(campaign)):
        with suppress(CannotCompose):
            yield templates.render(person, Links(unsubscribe_url=f"{pages}/u/token{number}"))


def _documents(processing: Processing) -> Documents:
    content = processing.balancing_test.read_bytes() if processing.balancing_test else None
    digest = sha256(content).hexdigest() if content else None
    return Documents(processing.record, digest, content is not None, content == b"")


# --- the contact ---


def _contact_facts(case: Fields, campaign: Campaign) -> ContactFacts:
    said = case["contact"]
    email, valid = _address(said["email"])
    form = CompanyForm(said["company_form"])
    return ContactFacts(
        today=case["today"],
        contact=_contact(case, email, form),
        address_class=classify(email, form, said["company"]) if valid else AddressClass.INVALID,
        functions=match(said["title"]),
        offer=campaign.offer,
        basis=campaign.basis,
        rules=resolve(case["sender"]["country"], said["country"], frozenset(case["accepted_packs"])),
        history=_history(case["state"]),
        frequency_cap=CAP,
        collection_notice=case["message"]["collection_notice"],
    )


def _address(text: str) -> tuple[Address, bool]:
    try:
        return parse(text), True
    except AddressError:
        local, _, domain = text.rpartition("@")
        return Address(local, domain, text), False


def _contact(case: Fields, email: Address, form: CompanyForm) -> Contact:
    said, notice = case["contact"], case["contact"]["notice"]
    told = Notice(notice["given"], "2026-01" if notice["given"] else None, notice["date"], notice["objection_offered"])
    sale = case["sale"]
    return Contact(
        id=ContactId("0" * 32),
        email=email,
        company=said["company"],
        form=form,
        title=said["title"],
        country=said["country"],
        provenance=Provenance(SourceKind(said["source"]), said["source_record"], said["collected_on"], told),
        last_inbound_on=said["last_inbound_on"],
        published_for_this=said["published_for_this"],
        consent=_consent(case["consent"]),
        sale=Sale(sale["date"], sale["own_similar"], sale["refusal_offered"]) if sale and sale["date"] else None,
    )


def _consent(said: Fields | None) -> Consent | None:
    """The base keeps no consent and no sale without a date."""
    if not said or said["date"] is None:
        return None
    return Consent(given_on=said["date"], **{key: value for key, value in said.items() if key != "date"})


def _history(state: Fields) -> History:
    known = ((reason, state[reason]) for reason in ("erased", "objected", "complained", "bounced"))
    suppressions = [Suppression(r, datetime.combine(day, time(), UTC)) for r, day in known if day is not None]
    already = None if state["already"] == "none" else LetterState(state["already"])
    return History(suppressions[0] if suppressions else None, state["mails_last_12_months"], already)
