"""Facts that every gate lets through, to be changed one at a time; rules that no pack file can move under the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sender.errors import Place
from sender.gates import CampaignFacts, Channels, ContactFacts, Documents
from sender.gates.order import Gate
from sender.law import Permission
from sender.model import (
    Address,
    AddressClass,
    Audience,
    Campaign,
    CompanyForm,
    Consent,
    Contact,
    ContactId,
    FunctionMatch,
    History,
    LegalBasis,
    LegalIdentity,
    Message,
    Notice,
    Offer,
    Part,
    PartSyntax,
    Processing,
    Provenance,
    Rendering,
    Sale,
    Sender,
    SourceKind,
    VariableUse,
    Verdict,
)

TODAY = date(2026, 11, 23)
COLLECTED = date(2026, 3, 12)
ELEMENTS = ("name", "legal_form", "capital", "siren", "rcs", "registered_office", "postal_address")
OFFICE = "12 rue de la Paix, 75002 Paris, France"


def ruling(value: object) -> Any:
    return SimpleNamespace(value=value, rule="a rule", pack="")


@dataclass(frozen=True)
class StubRules:
    """Rules as the law room gives them, with every answer in the test's hands."""

    permitted: Permission = Permission.OUT
    soft: bool = True
    label: str | None = None
    days: int = 1095
    most: int | None = None
    sale_age: int | None = None
    packs: tuple[str, ...] = ("XX@2026-11-23",)
    published_opens: frozenset[AddressClass] = frozenset()
    identity: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(ELEMENTS, "FR F8"))
    banned_sectors: Mapping[str, str] = field(default_factory=dict)
    registries: Mapping[str, Any] = field(default_factory=dict)

    def permission(self, _: AddressClass) -> Any:
        return ruling(self.permitted)

    soft_opt_in = property(lambda self: ruling(self.soft))
    ad_label = property(lambda self: ruling(self.label))
    retention_days = property(lambda self: ruling(self.days))
    sale_max_age_days = property(lambda self: ruling(self.sale_age))
    max_mails_per_year = property(lambda self: ruling(self.most))


def rules(**changes: Any) -> Any:
    return StubRules(**changes)


CONSENT = Consent(COLLECTED, "v3", "web_form", "person", "double_opt_in")
SALE = Sale(COLLECTED, own_similar=True, refusal_offered=True)
OFFER = Offer("Logiciel de paie", ("human_resources", "payroll"), "Ces fonctions choisissent l'outil de paie.")
CONTACT = Contact(
    id=ContactId("0" * 32),
    email=Address("claire.moreau", "entreprise.example", "claire.moreau@entreprise.example"),
    company="Entreprise Exemple",
    form=CompanyForm.LEGAL_PERSON,
    title="DRH",
    country="FR",
    provenance=Provenance(SourceKind.TRADE_SHOW, "SALON-2026", COLLECTED, Notice(True, "2026-01", COLLECTED, True)),
)


def contact_facts(
    *, contact: Mapping[str, Any] = {}, provenance: Mapping[str, Any] = {}, **changes: Any
) -> ContactFacts:
    """Facts about one contact; ``contact`` and ``provenance`` change theirs."""
    person = replace(CONTACT, provenance=replace(CONTACT.provenance, **provenance))
    facts = ContactFacts(
        today=TODAY,
        contact=replace(person, **contact),
        address_class=AddressClass.NAMED,
        functions=FunctionMatch(("human_resources",), ("drh",), 1.0),
        offer=OFFER,
        basis=LegalBasis.LEGITIMATE_INTEREST,
        rules=rules(),
        history=History(),
        frequency_cap=12,
    )
    return replace(facts, **changes)


LEGAL = LegalIdentity("SAS", "50 000 €", "123456782", "Paris", OFFICE)
_ADDRESS = Address("conseil", "eluard.example", "conseil@eluard.example")
CAMPAIGN = Campaign(
    name="spring",
    path=Path("spring.yaml"),
    language="fr",
    sender=Sender("Éluard Conseil", _ADDRESS, _ADDRESS, "FR", LEGAL),
    offer=OFFER,
    audience=Audience(Path("contacts.csv"), {}, Provenance(), "FR"),
    basis=LegalBasis.LEGITIMATE_INTEREST,
    processing=Processing("PROSP-01", Path("lia.md")),
    message=Message("Votre logiciel de paie", Path("mail.html"), Path("mail.txt")),
    places={"sender.legal": Place("spring.yaml", 6, 3), "message.html": Place("spring.yaml", 30, 3)},
)
LINE = "Éluard Conseil, SAS au capital de 50 000 €, RCS Paris 123 456 782, siège social : " + OFFICE
HTML = f'<p>Bonjour {{name}}</p><p>{LINE}</p><p><a href="{{url}}">Ne plus recevoir</a></p>'
TEXT = f"Bonjour {{name}}\n{LINE}\nNe plus recevoir : {{url}}\n"
SUBJECT = "{company} : votre logiciel de paie"
PEOPLE = (("anna", "Brissac"), ("bertrand", "Wu & Fils"), ("caroline", "ATELIER DU NORD"))
PAGES = "https://courrier.eluard.example"


def renderings(
    *,
    html: str = HTML,
    text: str = TEXT,
    subject: str = SUBJECT,
    pages: str = PAGES,
    headers: Mapping[str, str] = {},
) -> tuple[Rendering, ...]:
    """Letters to three people; ``{name}``, ``{company}``, ``{url}`` and ``{n}`` are filled in."""
    made = []
    for n, (name, company) in enumerate(PEOPLE):
        values = {"name": name, "company": company, "url": f"{pages}/u/token{n}", "n": n}
        person = replace(CONTACT, email=Address(f"{name}.x", f"{name}.example", name), company=company, first_name=name)
        fill = {key: _filled(value, values) for key, value in headers.items()}
        parts = (_filled(part, values) for part in (subject, text, html))
        made.append(Rendering(person, *parts, tuple(fill.items()), str(values["url"])))
    return tuple(made)


def _filled(template: str, values: Mapping[str, object]) -> str:
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


def syntax(*, html: bool | None = False, text: bool | None = False) -> tuple[PartSyntax, ...]:
    """Parts that use the link: False plainly, True behind a condition, None not at all."""
    parts = []
    for part, conditional in ((Part.HTML, html), (Part.TEXT, text)):
        use = VariableUse("unsubscribe_url", Place(f"mail.{part.value}", 3), bool(conditional))
        parts.append(PartSyntax(part, () if conditional is None else (use,)))
    return tuple(parts)


def campaign_facts(*, campaign: Mapping[str, Any] = {}, **changes: Any) -> CampaignFacts:
    """Facts about one campaign; ``campaign`` changes the file."""
    facts = CampaignFacts(
        today=TODAY,
        campaign=replace(CAMPAIGN, **campaign),
        content=(rules(),),
        syntax=syntax(),
        renderings=renderings(),
        channels=Channels(PAGES),
        documents=Documents("PROSP-01", "ab" * 32, True, False),
    )
    return replace(facts, **changes)


def codes(gate: Gate[Any], facts: Any) -> list[str]:
    """What a gate says, having made sure that each code is declared with the facts it carries."""
    verdict: Verdict = gate.judge(facts)
    assert verdict.gate == gate.name
    assert verdict.findings
    for finding in verdict.findings:
        assert set(gate.findings[finding.code]) == set(finding.facts)
    return [("" if verdict.passed else "-") + finding.code for finding in verdict.findings]


def letters(**parts: Any) -> dict[str, Any]:
    return {"renderings": renderings(**parts)}


def html(addition: str) -> dict[str, Any]:
    return letters(html=HTML + addition)


def link(style: str, around: str = "<p>{}</p>") -> dict[str, Any]:
    return letters(html=f"<p>{LINE}</p>" + around.replace("{}", f'<a href="{{url}}" style="{style}">Stop</a>'))
