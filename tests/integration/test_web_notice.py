"""The privacy notice over a real base: what the record says, what the person was given, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from sender import contacts, record
from sender.address import parse
from sender.cli.notices import RecordedNotices
from sender.links import LinkTarget
from sender.model import Contact, ContactId, Notice, Provenance, SourceKind
from sender.web import Given, NoticeBoard
from tests.databases import new_house
from tests.pages import BEGUN, CLAIRE, Scene

PROCESSING = """
controller:
  name: "Éluard Conseil SARL"
  address: "12 rue des Lilas, 69003 Lyon"
  country: FR
  contact: "vosdonnees@eluard.example"
relay:
  provider: "Poste Exemple"
processings:
  R-07:
    title: "prospection <b>B2B</b>"
    purposes: ["présenter nos formations"]
"""
TEXT = "# Notice 2026-01\n\nNous gardons *votre adresse* trois ans.\n\n<script>alert(1)</script> ![x](http://far.example/y)\n"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    (tmp_path / "processing.yaml").write_text(PROCESSING, encoding="utf-8")
    with Scene.open(tmp_path) as scene:
        yield scene


@pytest.fixture
def client(scene: Scene) -> Iterator[TestClient[Litestar]]:
    with scene.client() as client:
        yield client


def give_notice(scene: Scene, version: str, text: str | None) -> None:
    """Claire was given the notice at the trade fair, and its text was kept."""
    notice = Notice(True, version, date(2026, 3, 12), objection_offered=True)
    where = Provenance(SourceKind.TRADE_SHOW, "Salon", date(2026, 3, 12), notice)
    told = Contact(ContactId(""), parse(CLAIRE), language="fr", provenance=where)
    with scene.house.store.write() as connection:
        contacts.upsert(connection, [told], hash_of=scene.house.hash_of, now=BEGUN)
        if text:
            record.keep(connection, "notice", f"{version}.md", text, BEGUN)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            [
                "Qui répond de vos données",
                "légitime",
                "3 ans",
                "CNIL",
                "salon",
                "adresse électronique",
                "Poste Exemple",
            ],
        ),
        ("en", ["Who answers for your data", "legitimate", "3 years", "CNIL", "trade show", "Poste Exemple"]),
    ],
)
def test_anybody_may_read_what_is_done_with_data(client: TestClient[Litestar], language: str, words: list[str]) -> None:
    """Controller, purposes, basis, data and sources that really occur, recipients, terms, rights, authority."""
    answer = client.get("/privacy", headers={"accept-language": language})

    assert answer.status_code == 200
    for word in ["Éluard Conseil SARL", "vosdonnees@eluard.example", "présenter nos formations", *words]:
        assert word in answer.text, word
    assert "prospection &lt;b&gt;B2B&lt;/b&gt;" in answer.text
    assert "entreprise.example" not in answer.text


def test_the_link_of_a_mail_shows_what_its_person_was_given(scene: Scene, client: TestClient[Litestar]) -> None:
    """The version, the day, the text as it was kept, harmless; below it what holds today."""
    give_notice(scene, "2026-01", TEXT)
    page = client.get(f"{scene.page}/privacy", headers={"accept-language": "fr"}).text

    assert "le 2026-03-12" in page
    assert "version 2026-01" in page
    assert "<em>votre adresse</em>" in page
    assert "<h3>Notice 2026-01</h3>" in page
    assert "<script>" not in page
    assert "<img" not in page
    assert page.index("votre adresse") < page.index("Qui répond de vos données")
    assert f'href="../{scene.token}"' in page
    assert CLAIRE not in page


def test_a_version_without_its_text_is_named(scene: Scene, client: TestClient[Litestar]) -> None:
    give_notice(scene, "papier-7", None)

    assert "version papier-7" in client.get(f"{scene.page}/privacy").text


@pytest.mark.parametrize("path", ["stranger", "page"])
def test_who_was_given_nothing_sees_what_all_see(scene: Scene, client: TestClient[Litestar], path: str) -> None:
    """Erased, or never told: the page of everybody; a forged link has none."""
    page = client.get(f"{getattr(scene, path)}/privacy", headers={"accept-language": "en"}).text

    assert "What you were told" not in page
    assert "Who answers for your data" in page
    assert client.get("/u/forged/privacy").status_code == 404


def test_the_pages_lead_to_it(scene: Scene, client: TestClient[Litestar]) -> None:
    assert f'href="{scene.token}/privacy"' in client.get(scene.page).text


def test_facts_that_nobody_declared_are_left_out(tmp_path: Path) -> None:
    """The public cannot supply them: no gap is shown, and the operator is told elsewhere."""
    with Scene.open(tmp_path) as scene, scene.client() as client:
        answer = client.get("/privacy", headers={"accept-language": "fr"})

    assert answer.status_code == 200
    assert "COMPLÉTER" not in answer.text
    assert "courriel" in answer.text


def test_what_hung_there_stays_while_the_base_is_away(scene: Scene) -> None:
    """Written anew every ten minutes; a failure is told by its class and leaves the notice of before."""
    minutes, troubles = [0.0], []
    board = NoticeBoard(RecordedNotices(scene.house), lambda *what: troubles.append(what), lambda: minutes[0] * 60)
    with TestClient(scene.app()) as client:
        client.app.state.reception = replace(client.app.state.reception, board=board)
        first = client.get("/privacy").text
        (scene.folder / "processing.yaml").write_text("controller: [", encoding="utf-8")
        minutes[0] = 11
        second = client.get("/privacy").text
        (scene.folder / "processing.yaml").write_text(PROCESSING.replace("Lilas", "Roses"), encoding="utf-8")
        minutes[0] = 12
        third = client.get("/privacy").text
    board.close()

    assert first == second
    assert troubles == [("notice", "InputError")]
    assert "Roses" in third


def test_without_any_notice_the_page_says_so(scene: Scene) -> None:
    (scene.folder / "processing.yaml").write_text("controller: [", encoding="utf-8")
    with scene.client() as client:
        answer = client.get("/privacy", headers={"accept-language": "en"})

    assert answer.status_code == 503
    assert "answer one of our mails" in answer.text


def test_both_data_bases_know_it(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_house(store_url, tmp_path, monkeypatch) as house:
        notice = Notice(True, "2026-01", date(2026, 3, 12))
        told = Contact(ContactId(""), parse(CLAIRE), provenance=Provenance(SourceKind.TRADE_SHOW, notice=notice))
        with house.store.write() as connection:
            (claire,) = contacts.upsert(connection, [told], hash_of=house.hash_of, now=BEGUN).contacts
            record.keep(connection, "notice", "2026-01.md", TEXT, BEGUN)
        notices = RecordedNotices(house)

        given = notices.given(LinkTarget(claire.id, house.hash_of(parse(CLAIRE))))
        assert given == Given("2026-01", date(2026, 3, 12), TEXT)
        assert notices.given(LinkTarget(claire.id, house.hash_of(parse("other@entreprise.example")))) is None
        assert [section.title for section in notices.present("en").sections][-1] == "Your rights"
