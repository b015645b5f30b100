"""Fewer mails instead of none, over a real base: only less may be asked for, and nothing that is known is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from sender import contacts, ledger
from sender.model import Choices, Contact
from tests.pages import BEGUN, Scene

TOPICS = """
[topics]
rgpd = {fr = "Protection des données", en = "Data protection"}
paie = "Paie"
"""


@pytest.fixture
def scene(tmp_path: Path, store_url: str) -> Iterator[Scene]:
    with Scene.open(tmp_path, f'database = "{store_url}"\n{TOPICS}') as scene:
        yield scene


@pytest.fixture
def client(scene: Scene) -> Iterator[TestClient[Litestar]]:
    with scene.client() as client:
        yield client


def chosen(scene: Scene) -> Choices:
    with scene.house.store.read() as connection:
        (claire,) = contacts.page(connection, [scene.claire])
    return claire.choices


def test_the_objection_page_leads_to_the_choices(scene: Scene, client: TestClient[Litestar]) -> None:
    """By a link that works under whatever path a proxy has put before it; and the choices lead back."""
    first = client.get(scene.page, headers={"accept-language": "en"}).text
    (there,) = re.findall(r'<a href="([^"?]+)">Fewer messages instead', first)
    page = client.get(f"/u/{there}", headers={"accept-language": "en"}).text
    (back,) = re.findall(r'<a href="([^"?]+)">No more messages at all', page)

    assert (there, back) == (f"{scene.token}/choices", f"../{scene.token}")
    assert "Data protection" in page
    assert "Paie" in page


def test_what_is_chosen_holds_and_is_said(scene: Scene, client: TestClient[Litestar]) -> None:
    """Topics, a cap and a language in one POST; the journal has them, and the answer says what was chosen."""
    body = {"refused": ["rgpd", "paie"], "most": "4", "spoken": "en", "language": "fr"}
    answer = client.post(f"{scene.page}/choices", data=body)

    assert answer.status_code == 200
    assert "Plus rien sur : Protection des données, Paie." in answer.text
    assert "Quatre par an" in answer.text
    assert chosen(scene) == Choices(4, "en", ("paie", "rgpd"))
    assert scene.journalled() == ["topics_refused", "topics_refused", "choices"]


def test_nobody_learns_what_was_chosen_before(scene: Scene, client: TestClient[Litestar]) -> None:
    """The page and its answer are the same before and after; a cap that is raised is answered alike, and stays."""
    path, body = f"{scene.page}/choices", {"most": "12"}
    asked, answered = client.get(path).text, client.post(path, data=body).text
    client.post(path, data={"most": "1", "refused": "paie", "spoken": "en"})

    assert client.get(path).text == asked
    assert client.post(path, data=body).text == answered
    assert chosen(scene).most_per_year == 1


@pytest.mark.parametrize(
    "body", [{}, {"most": "99"}, {"most": "0"}, {"refused": "unheard"}, {"spoken": "xx"}, {"List-Unsubscribe": "x"}]
)
def test_what_is_no_choice_changes_nothing(scene: Scene, client: TestClient[Litestar], body: dict[str, str]) -> None:
    """The form comes again with an error that is tied to its field."""
    before = scene.kept()
    answer = client.post(f"{scene.page}/choices", data=body)

    assert answer.status_code == 422
    assert 'aria-describedby="most-error"' in answer.text
    assert 'id="most-error"' in answer.text
    assert scene.kept() == before


def test_a_stranger_chooses_nothing(scene: Scene, client: TestClient[Litestar]) -> None:
    """A forged link is a page that is not there; looking changes nothing."""
    before = scene.kept()
    forged = client.post(f"/u/{scene.token[:-2]}AA/choices", data={"most": "1"})
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        client.request(method, f"{scene.page}/choices", params={"most": "1", "refused": "paie"})

    assert forged.status_code == 404
    assert scene.kept() == before


def test_a_refused_topic_holds_for_an_address_that_the_base_has_forgotten(scene: Scene) -> None:
    """The same page and answer as for everybody; nothing is kept but the keyed hash and the topic."""
    with scene.client() as client:
        unknown = client.post(f"{scene.stranger}/choices", data={"refused": "paie", "most": "2"})
        known = client.post(f"{scene.page}/choices", data={"refused": "paie", "most": "2"})

    assert (unknown.status_code, len(unknown.content)) == (known.status_code, len(known.content))
    assert unknown.text.replace(scene.stranger[3:], "T") == known.text.replace(scene.token, "T")


def test_a_refused_topic_outlives_the_base_that_heard_it(scene: Scene) -> None:
    """It stands in the objections file: a base that does not know it yet, or no more, hears of it, and once."""
    with scene.client() as client:
        client.post(f"{scene.page}/choices", data={"refused": "paie"})
    (line,) = scene.lines()
    where = " ON topic_refusals" if scene.house.store.dialect == "postgresql" else ""
    with scene.house.store.write() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER topic_refusals_stay{where}")
        connection.exec_driver_sql("DELETE FROM topic_refusals")
        connection.exec_driver_sql("DELETE FROM intakes")
    assert chosen(scene).refused == ()
    for _ in range(2):
        with scene.house.store.write() as connection:
            ledger.take_in(connection, scene.house.state)

    assert line.endswith(" topic:paie")
    assert chosen(scene).refused == ("paie",)
    assert scene.stops() == []
    assert scene.journalled() == ["topics_refused", "topics_refused"]


def test_a_language_outlives_the_next_file(scene: Scene, client: TestClient[Litestar]) -> None:
    """The file says French; the person said English."""
    client.post(f"{scene.page}/choices", data={"spoken": "en"})
    with scene.house.store.write() as connection:
        (known,) = contacts.page(connection, [scene.claire])
        row = Contact(known.id, known.email, language="fr")
        again = contacts.upsert(connection, [row], hash_of=scene.house.hash_of, now=BEGUN)

    assert again.contacts[0].language == "en"
