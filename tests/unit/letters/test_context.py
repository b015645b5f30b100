"""What templates print of sender and contact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sender.letters import COMPLAINTS, REASONS, CannotCompose
from sender.letters.context import contact_values
from sender.letters.legal_line import legal_line
from sender.letters.plaintext import text_of
from sender.model import Campaign, Contact, LegalIdentity


def test_the_legal_line_is_written_as_french_papers_have_it(spring: Campaign) -> None:
    """Name, form and capital, registry and number, office; amounts and numbers are not cut by a line end."""
    # Meets: FR F8
    expected = (
        "Éluard Conseil, SAS au capital de 50\u00a0000\u00a0€, RCS Paris 123\u00a0456\u00a0782,"
        " siège social : 12 rue de la Paix, 75002 Paris, France"
    )
    assert legal_line(spring.sender, "fr") == expected
    assert "registered office: 12 rue" in legal_line(spring.sender, "en")
    sole = replace(spring.sender, legal=LegalIdentity(form="EI", siren="123456782"))
    assert legal_line(sole, "fr") == "Éluard Conseil, EI, SIREN 123\u00a0456\u00a0782"


@pytest.mark.parametrize("value", ["a\0b", "a\ud800b", "a\u202eb", "a\u2066b", "a\x85b", "a\x1bb"])
def test_a_value_that_could_make_a_text_lie_holds_the_letter(value: str, contact: Contact) -> None:
    """Controls, surrogates and direction overrides are refused, and the reason names the field only."""
    with pytest.raises(CannotCompose) as held:
        contact_values(replace(contact, company=value)).field("company")
    assert held.value.finding.facts == {"field": "contact.company"}


def test_line_ends_in_a_cell_become_a_space(contact: Contact) -> None:
    """A company written over two lines of a cell prints on one."""
    assert contact_values(replace(contact, company="A\r\n  B")).field("company") == "A B"


def test_a_derived_text_shows_where_links_lead() -> None:
    """Each link is followed by its address, unless it shows that already; pictures and styles are left out."""
    html = (
        '<style>p{}</style><p>Lire <a href="https://a.example/?b=1&amp;c=2">ici</a>.</p>'
        '<a href="mailto:x@a.example">x@a.example</a>'
    )
    assert text_of(html) == "Lire ici <https://a.example/?b=1&c=2>.\n\nx@a.example\n"


def test_every_code_has_words() -> None:
    """Complaints and reasons are said in full."""
    assert all(code.startswith("SC-4") and title for code, title in COMPLAINTS.items())
    assert all(set(sentences) == {"fr", "en"} for sentences in REASONS.values())
