"""From a title to job functions: what titles say, and what they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.functions import FUNCTIONS, match
from sender.model import FunctionMatch

KNOWN = {
    "Directrice des ressources humaines": {"human_resources"},
    "DIRECTRICE ADJOINTE DES RESSOURCES HUMAINES": {"human_resources"},
    "Responsable paie et administration du personnel": {"payroll", "human_resources"},
    "Responsable des achats": {"procurement"},
    "Responsable régionale des achats": {"procurement"},
    "Responsable achats et logistique": {"procurement", "logistics"},
    "Responsable de production": {"production"},
    "Responsable formation": {"training"},
    "Avocat collaborateur": {"law_practice"},
    "Avocate associée": {"law_practice"},
    "Avocat du DRH": {"law_practice"},
    "Chargée de recrutement (H/F)": {"recruitment"},
    "Chargé·e de communication": {"communication"},
    "Cheffe comptable": {"accounting"},
    "Directeur(trice) administratif(ve) et financier(ère) (H/F)": {"finance"},
    "Directeur/Directrice marketing": {"marketing"},
    "Directrice juridique et conformité": {"legal", "compliance"},
    "Directrice financière, RH et juridique": {"finance", "human_resources", "legal"},
    "Directeur des systèmes d’information et du numérique": {"it"},
    "Déléguée à la protection des données": {"data_protection"},
    "DAF": {"finance"},
    "D.R.H.": {"human_resources"},
    "DRH": {"human_resources"},
    "RSSI": {"information_security"},
    "DSI": {"it"},
    "PDG": {"general_management"},
    "DG": {"general_management"},
    "DPO": {"data_protection"},
    "RAF": {"finance"},
    "DRH chez Martin SAS": {"human_resources"},
    "Martin SAS - DRH": {"human_resources"},
    "DGA finances": {"general_management", "finance"},
    "Chargé de projet informatique": {"project_management", "it"},
    "IT Project Manager": {"project_management", "it"},
    "Head of Legal": {"legal"},
    "Purchasing Manager": {"procurement"},
    "Sales and Marketing Director": {"sales", "marketing"},
    "Responsable R&D": {"research_development"},
    "Responsable QHSE": {"quality", "health_safety_environment"},
    "Assistante du directeur financier": {"administration"},
    "Assistante de la direction financière": {"administration"},
    "Secrétaire du président": {"administration"},
    "Assistant to the CEO": {"administration"},
    "Assistante RH": {"human_resources"},
    "Professeur de marketing": {"education"},
    "Adjointe au maire": {"public_administration"},
    "Ressources humaines": {"human_resources"},
    "Directrice juridique": {"legal"},
    "Gérant": {"general_management"},
    "Directeur général": {"general_management"},
    "Juriste": {"legal"},
    "Responsable juridique": {"legal"},
    "Directeur général adjoint finances": {"general_management", "finance"},
    "Responsable communication et marketing": {"communication", "marketing"},
    "Directeur des ventes": {"sales"},
    "Chef de cuisine": {"food_service"},
    "Chef de chantier": {"construction"},
    "Responsable de magasin": {"retail"},
    "Notaire": {"notary"},
    "Expert-comptable": {"accounting"},
    "Commissaire aux comptes": {"audit"},
    "Gestionnaire de paie": {"payroll"},
    "Ingénieur logiciel": {"software_development"},
    "Kinésithérapeute": {"healthcare"},
    "Professeur des écoles": {"education"},
    "Maire": {"public_administration"},
    "Chauffeur poids lourd": {"transport"},
    "Office manager": {"administration"},
    "Agent immobilier": {"real_estate"},
    "Courtier en assurances": {"insurance"},
    "Traductrice": {"translation"},
    "Graphiste": {"design"},
    "Vigile": {"security_services"},
    "Éducatrice spécialisée": {"social_work"},
    "Électricienne": {"construction"},
    "Conducteur / Conductrice de travaux": {"construction"},
    "HR & Payroll Officer": {"human_resources", "payroll"},
    "Vice President, Human Resources": {"human_resources"},
    "Director - Procurement": {"procurement"},
    "Head of Sales Training": {"training"},
    "Teacher Training Manager": {"training"},
    "Legal and Financial Translator": {"translation"},
    "Legal Assistant": {"legal"},
    "Avocat en droit fiscal et immobilier": {"law_practice"},
    "Consultante RH": {"consulting", "human_resources"},
    "Responsable marketing communication": {"marketing", "communication"},
    "Responsable achats informatiques": {"procurement"},
    "Responsable administrative du personnel": {"human_resources"},
    "Ingénieur qualité": {"quality"},
    "Ingénieur hydraulicien": {"engineering"},
    "DRH | Transports Dupont": {"human_resources"},
    "Directeur marketing - Banque Martin": {"marketing"},
    "Sales Director, Insurance": {"sales"},
    "DGA - Finances": {"general_management", "finance"},
    "Vertriebsleiter (m/w/d)": {"sales"},
    "Geschäftsführerin": {"general_management"},
    "Directora de Recursos Humanos": {"human_resources"},
    "Responsabile acquisti": {"procurement"},
    "Inkoopmanager": {"procurement"},
    "Assistant to the HR Director": {"administration"},
    "PA to the Chief Marketing Officer": {"administration"},
    "Assistentin der Geschäftsführung": {"administration"},
    "Assistentin des Personalleiters": {"administration"},
    "Assistente del direttore commerciale": {"administration"},
    "Asistente del director general": {"administration"},
    "Assistant HR Director": {"human_resources"},  # a deputy
    "Assistante du service RH": {"human_resources"},
    "HR software sales": {"sales"},
    "Commercial logiciels de paie": {"sales"},
    "Directeur commercial logiciels RH": {"sales"},
    "Développeur SIRH": {"software_development"},
    "Payroll developer": {"software_development"},
    "Développeur commercial": {"sales"},
    "Directeur des opérations": {"general_management"},
    "Directeur des opérations RH": {"human_resources"},
    "Directeur des opérations logistiques": {"logistics"},
    "Chef de projet transformation digitale": {"project_management"},
    "DRH de transition": {"human_resources"},
    "Chef de projet en transition énergétique": {"project_management", "energy"},
    "Ingénieur en recherche et développement": {"research_development"},
    "Adjoint du DRH": {"human_resources"},
    "Sekretärin": {"administration"},
    "Personalreferentin": {"human_resources"},
    "Adminsys": {"it"},
    "Assistante directeur financier": {"administration"},
    "Mme la Directrice RH": {"human_resources"},
    "Directeur·ice RH": {"human_resources"},
    "Node.js Developer": {"software_development"},
    "Referentin Onlinemarketing": {"marketing"},
    "Einkaufsabteilung": {"procurement"},
    "Klavierlehrerin": {"education"},
    "Berufskraftfahrer": {"transport"},
    "Vorsitzender des Vorstandes": {"general_management"},
    "Ingénieur matériaux": {"engineering"},
    "Réceptionniste": {"administration"},
    "ASV": {"veterinary"},
    "Responsable infra et réseaux": {"it"},
    "Direcrice des achats": {"procurement"},
    "Reponsable qualité": {"quality"},
    "Dircteur admnistratif et financier": {"finance"},
}

UNKNOWN = [
    "",
    "   ",
    "Responsable",
    "Manager",
    "Directrice",
    "Chargé de mission",
    "Responsable sécurité",  # of computers, of premises or of workers
    "Responsable logiciel paie",
    "Wealth manager",
    "Conseiller du président",
    "Ancien DRH",
    "DRH en recherche d'opportunités",
    "DRH à l'écoute du marché",
    "Directeur financier en transition",
    "DAF disponible immédiatement",
    "Open to work - HR Director",
    "Personalleiter auf Jobsuche",
    "Directora de compras en búsqueda activa",
    "Bras droit du dirigeant",
    "Bureau du DRH",
    "Office of the CFO",
    "Chargé de mission du DRH",
    "Ingénieur",
    "Senior Engineer",
    "Conseiller du ministre",
    "Secrétaire générale du CSE",
    "Éditeur de logiciel RH",
    "Auto-entrepreneur",
    "Directeur de centre commercial",
    "Ingénieur Zyxos",  # a brand, or a firm
    "Zyxos Engineer",
    "Museumsdirektor",  # no "Rektor"
    "Brand Ambassador",
    "Member of the Advisory Board",
    "Développeur économique",
    "HR software",
    "Finance marketing",  # two fields side by side: which governs depends on the language
    "Stagiaire ressources humaines",
    "Futur directeur financier",
    "Épouse du notaire",
    "Associé",
    "Ninja",
    "Retraité",
    "Consultante",
    "Directeur technique",
    "Directrice de crèche",
    "Président du tribunal de commerce",
    "Directeur - Banque Martin",
    "Fournisseur des avocats",
    "Responsable relations avocats et notaires",
    "Architecte xyzzy",
    "Ingénieur de réalisation informatique",  # of software or of systems
    "Assistante",
    "CSR Manager",  # customer service, or social responsibility
    "Ambassadeur",  # of a state, or of a brand
    "Ambassadrice French Tech",
    "Ambassador",
    "Директор",
    "xyzzy",
    "12",
    "()/-,",
]


@pytest.mark.parametrize(("title", "functions"), KNOWN.items())
def test_what_a_title_says(title: str, functions: set[str]) -> None:
    """Gender, accents, case, abbreviations and complements are read; nothing is read into them."""
    found = match(title)

    assert set(found.functions) == functions
    assert found.evidence
    assert 0 < found.confidence <= 1


@pytest.mark.parametrize("title", UNKNOWN)
def test_unknown_rather_than_wrong(title: str) -> None:
    """A title that does not say what its holder does, or that is not held now, is unknown."""
    assert match(title) == FunctionMatch()


def test_no_title_is_unknown() -> None:
    """None is not a function."""
    assert match(None) == FunctionMatch()


def test_a_bare_department_is_less_sure_than_a_title() -> None:
    """Confidence falls from the whole title over head and field to the field alone."""
    assert match("DRH").confidence > match("Responsable paie").confidence > match("Paie").confidence


@given(st.text(max_size=400))
def test_hostile_titles_only_name_known_functions(title: str) -> None:
    """Whatever is in the cell, the answer is made of listed functions and never raises."""
    assert set(match(title).functions) <= set(FUNCTIONS)


@given(st.sampled_from(sorted(KNOWN)))
def test_case_and_accents_do_not_matter(title: str) -> None:
    """The same title in capitals says the same."""
    assert match(title.upper()).functions == match(title).functions


def names() -> Iterator[tuple[str, str]]:
    """Each name of the vocabulary with its function."""
    for function in FUNCTIONS.values():
        for name in function.names:
            yield name, function.slug


def test_every_listed_name_says_its_function() -> None:
    """No name of the vocabulary is hidden by the rules of reading."""
    deaf = [(name, slug) for name, slug in names() if slug not in match(name).functions]

    assert deaf == []


def test_every_listed_field_says_its_function_behind_a_head() -> None:
    """A head, of a language that has no longer phrase with it, and a field is the plainest title there is."""
    deaf = [
        (field, function.slug)
        for function in FUNCTIONS.values()
        for field in function.fields
        if function.slug not in match(f"Responsable {field}").functions + match(f"Superviseur {field}").functions
    ]

    assert deaf == []


def test_the_feminine_says_the_same() -> None:
    """Every French title whose feminine is made by an ending is known in both forms."""
    pairs = [
        ("teur ", "trice "),
        ("eur ", "euse "),
        ("ier ", "ière "),
        ("ien ", "ienne "),
        ("é ", "ée "),
        ("if ", "ive "),
    ]
    deaf = [
        (name, feminine)
        for name, slug in names()
        for masculine, ending in pairs
        if slug not in match(feminine := f"{name} ".replace(masculine, ending, 1).strip()).functions
    ]

    assert deaf == []


@given(
    st.lists(st.sampled_from([*sorted(KNOWN), "et", ",", "-", "(", ")", "/", "de", "adjoint", "Responsable", "xyz"]))
)
def test_titles_made_of_known_pieces_never_fail(pieces: list[str]) -> None:
    """However known pieces are put together, the answer is a set of listed functions without doubles."""
    found = match(" ".join(pieces)).functions

    assert len(set(found)) == len(found)
    assert set(found) <= set(FUNCTIONS)


def test_the_list_is_complete_and_tied_to_isco() -> None:
    """63 functions, each with names and with unit groups of ISCO-08 (four digits, major groups 1 to 9)."""
    codes = {code for function in FUNCTIONS.values() for code in function.isco}

    assert len(FUNCTIONS) == 63
    assert all(function.isco and function.names for function in FUNCTIONS.values())
    assert all(set(function.labels) == {"fr", "en"} for function in FUNCTIONS.values())
    assert all(re.fullmatch("[1-9][0-9]{3}", code) for code in codes)


def test_functions_cannot_be_changed() -> None:
    """The controlled list is controlled."""
    with pytest.raises(TypeError):
        FUNCTIONS["guru"] = FUNCTIONS["it"]  # type: ignore[index]
