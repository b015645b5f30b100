"""Classes of addresses: first match wins, in doubt the stricter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.address import parse
from sender.law import classify, is_disposable, is_never_mail, load, pack_ids
from sender.law.addresses import listed
from sender.model import AddressClass, CompanyForm

FIRM = CompanyForm.LEGAL_PERSON


def class_of(
    local: str, domain: str = "entreprise.example", form: CompanyForm = FIRM, company: str | None = "E"
) -> str:
    return classify(parse(f"{local}@{domain}"), form, company).value


@pytest.mark.parametrize(
    "local",
    [
        *("contact", "info", "commande", "commandes", "accueil", "secretariat", "facturation", "achats", "mairie"),
        *("Contact", "CONTACT", "contact2", "contact-75", "info.paris", "info_lyon", "service-achats", "contact.fr"),
        *("serviceclient", "service.client", "contactparis", "réception", "comptabilité", "bonjour", "sales+spring"),
        *("sales", "support", "marketing", "enquiries", "hello", "customer.service", "accounts-payable"),
        *("kontakt", "vertrieb", "einkauf", "buchhaltung", "büro", "buero", "anfragen"),
        *("contacto", "ventas", "facturacion", "atencion.cliente", "pedidos"),
        *("contatti", "vendite", "segreteria", "amministrazione", "preventivi"),
        *("verkoop", "onthaal", "inkoop", "klantenservice", "boekhouding"),
        *("contato", "geral", "vendas", "atendimento", "encomendas"),
        *("hotline", "gestion", "laboratoire", "contact-us", "soporte", "suporte", "apoio", "redaktion", "auftrag"),
    ],
)
def test_a_role_that_names_nobody_is_generic(local: str) -> None:
    """In seven languages, also with a number, a place or a tag."""
    assert class_of(local) == "generic_entity"


@pytest.mark.parametrize(
    "local",
    [
        *("drh", "dg", "ceo", "president", "DG", "direction", "rh", "hr", "dpo", "daf", "gerant", "maire", "dsi"),
        *("dg.paris", "assistante-dg", "contact.drh", "président", "directeur.general", "directrice2"),
        *("cfo", "founder", "managing.director", "geschaeftsfuehrung", "geschäftsführung", "gf", "inhaber"),
        *("gerente", "director", "rrhh", "direttore", "titolare", "directie", "zaakvoerder", "diretor", "webmaster"),
    ],
)
def test_a_function_that_one_person_holds_is_as_a_name(local: str) -> None:
    """It identifies the person indirectly."""
    assert class_of(local) == "single_holder_function"


@pytest.mark.parametrize(
    "local",
    [
        *("claire.moreau", "cmoreau", "c.moreau", "moreau", "jean.contact", "contact.moreau", "info.martin"),
        *("marie.info", "salesforce", "infante", "contactor", "nancy.info", "info.florence", "x", "123", "zz9", "+"),
        *("paris", "paris.lyon", "contact.milan", "info.lorraine", "d.contact", "info.иван", "contact.øø"),
    ],
)
def test_whatever_else_is_a_named_person(local: str) -> None:
    """A role beside a word that may be a name exempts nobody."""
    assert class_of(local) == "named"


@pytest.mark.parametrize("domain", ["gmail.com", "orange.fr", "neuf.fr", "bbox.fr", "numericable.fr", "laposte.net"])
@pytest.mark.parametrize("local", ["contact", "drh", "claire.moreau"])
def test_private_mail_is_a_private_persons(local: str, domain: str) -> None:
    """Whatever the firm is said to be."""
    assert class_of(local, domain) == "consumer"


@pytest.mark.parametrize(
    "domain",
    [
        *("sfr.fr", "club-internet.fr", "aliceadsl.fr", "wanadoo.fr", "free.fr", "menara.ma", "topnet.tn", "web.de"),
        *("yahoo.de", "hotmail.co.uk", "live.nl", "outlook.com.br", "gmx.net", "libero.it", "skynet.be", "bluewin.ch"),
        *(
            "bouygtel.fr",
            "nerim.net",
            "legalmail.it",
            "privaterelay.appleid.com",
            "teksavvy.com",
            "maroctelecom.ma",
            "eir.ie",
        ),
        *("telenet.be", "ziggo.nl", "btinternet.com", "comcast.net", "bigpond.com", "qq.com", "mail.ru", "pt.lu"),
    ],
)
def test_free_mail_and_access_providers(domain: str) -> None:
    """National ones too."""
    assert class_of("contact", domain) == "consumer"


@pytest.mark.parametrize(
    "domain", ["orange.com", "free-mail.example", "yahoo-events.fr", "outlook-travel.com", "livefr.fr", "lafree.fr"]
)
def test_firms_with_such_names_are_firms(domain: str) -> None:
    """Only whole names count."""
    assert class_of("contact", domain) == "generic_entity"


@pytest.mark.parametrize("company", [None, "", "   "])
def test_no_known_employer_is_a_private_person(company: str | None) -> None:
    """Whatever the address looks like."""
    assert class_of("contact", company=company) == "consumer"


@pytest.mark.parametrize("form", [CompanyForm.SOLE_TRADER, CompanyForm.UNKNOWN])
@pytest.mark.parametrize("local", ["contact", "drh", "claire.moreau"])
def test_an_unknown_form_is_judged_as_a_sole_trader(local: str, form: CompanyForm) -> None:
    """contact@ of a sole trader is a natural person's."""
    assert class_of(local, form=form) == "sole_trader"


@pytest.mark.parametrize("pack_id", [pack_id for pack_id in pack_ids() if load(pack_id).kind != "layer"])
@pytest.mark.parametrize("local", ["contact", "drh", "claire.moreau"])
def test_an_unknown_form_is_never_the_looser(local: str, pack_id: str) -> None:
    """Whatever the firm turns out to be, and wherever, it was judged at least as strictly."""
    permission = load(pack_id).permission
    unknown = permission[AddressClass(class_of(local, form=CompanyForm.UNKNOWN))].value
    for form in (FIRM, CompanyForm.SOLE_TRADER):
        assert unknown.strictness >= permission[AddressClass(class_of(local, form=form))].value.strictness


@pytest.mark.parametrize(
    "domain", ["mailinator.com", "yopmail.fr", "10minutemail.com", "x.guerrillamail.com", "jetable.org"]
)
def test_addresses_to_throw_away_are_invalid(domain: str) -> None:
    """Below such a domain too, and before anything else is asked."""
    assert class_of("contact", domain, company=None) == "invalid"
    assert is_disposable(parse(f"contact@{domain}"))


def test_a_firms_domain_is_not_disposable() -> None:
    """The list names whole domains."""
    assert not is_disposable(parse("contact@entreprise.example"))


@pytest.mark.parametrize(
    "local",
    [
        *("abuse", "postmaster", "noc", "security", "hostmaster", "Abuse", "abuse2", "abuse+x", "no-reply", "noreply"),
        *("no.reply", "do_not_reply", "noreply-orders", "ne-pas-repondre", "mailer-daemon", "root", "bounce", "dmarc"),
        *("unsubscribe", "désabonnement", "abuse.paris"),
    ],
)
def test_roles_that_are_never_mailed(local: str) -> None:
    """They serve the domain, or nobody reads them (RFC 2142)."""
    assert is_never_mail(parse(f"{local}@entreprise.example"))


@pytest.mark.parametrize("local", ["contact", "john.root", "securite", "claire.moreau", "info", "nocturne", "12"])
def test_other_roles_may_be_mailed(local: str) -> None:
    """A surname is no role."""
    assert not is_never_mail(parse(f"{local}@entreprise.example"))


@given(st.from_regex(r"[a-z0-9.é+_-]{1,30}", fullmatch=True), st.sampled_from(CompanyForm), st.booleans())
def test_generic_is_the_only_way_out(local: str, form: CompanyForm, employed: bool) -> None:
    """The exempt class needs a legal person, an employer and words that are all known."""
    try:
        address = parse(f"{local}@entreprise.example")
    except ValueError:
        return
    if classify(address, form, "E" if employed else None) is AddressClass.GENERIC_ENTITY:
        assert form is FIRM
        assert employed


def test_no_word_is_both_generic_and_one_persons() -> None:
    """A word cannot exempt and identify."""
    assert not listed("generic") & listed("single-holder")
    assert not listed("generic") & listed("never-mail")
    assert not (listed("qualifiers") | listed("places")) & listed("single-holder")


def test_lists_are_written_as_they_are_looked_up() -> None:
    """Lower case, no accents, no duplicates of a domain in two kinds."""
    for name in ("generic", "single-holder", "qualifiers", "places", "families"):
        assert all(word.isascii() and word.isalnum() and word == word.lower() for word in listed(name)), name
    assert not listed("disposable") & listed("free-mail")
    assert all("." in domain and parse(f"a@{domain}").domain == domain for domain in listed("free-mail"))
    assert all("." in domain and parse(f"a@{domain}").domain == domain for domain in listed("disposable"))
