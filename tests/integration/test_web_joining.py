"""Opting in over a real base and a real relay, on both data bases: a form, a letter, a button, a proof."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import func, select

from sender import contacts
from sender.address import parse
from sender.cli.desks import letters_due
from sender.cli.letters_due import LettersDue
from sender.cli.wiring import PRACTICE_MAILBOX
from sender.contacts import Pending, pending
from sender.model import Consent, SourceKind
from sender.store import schema
from sender.web import Limits
from sender.web.limits import Bucket
from tests.pages import CLAIRE, LETTERS, Scene

SEND_DUE = LettersDue.send
NEW = "nadia@cabinet.example"
OFFER = """
topics = ["rgpd", "paie"]

[mail]
fr = "J’accepte de recevoir les conseils d’Éluard Conseil par e-mail."
en = "I agree to receive the advice of Éluard Conseil by e-mail."

[notice]
fr = "Vous pouvez retirer ce consentement à tout moment."
en = "You may withdraw this consent at any time."

[tracking]
fr = "J’accepte que l’ouverture des messages soit mesurée."
en = "I agree that openings of the messages are measured."
"""


@pytest.fixture
def scene(tmp_path: Path, store_url: str) -> Iterator[Scene]:
    (tmp_path / "opt-in.toml").write_text(OFFER, encoding="utf-8")
    url = store_url if "://" in store_url else f"sqlite:///{store_url}"
    more = f'{LETTERS}opt_in = "opt-in.toml"\ndatabase = "{url}"\n[topics]\nrgpd = "Données"\npaie = "Paie"\n'
    with Scene.open(tmp_path, more) as scene:
        scene.house = replace(scene.house, practice=True)  # its letters go to the practice mailbox
        yield scene


@pytest.fixture
def client(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient[Litestar]]:
    """Letters go out when ``post`` says so."""
    monkeypatch.setattr(LettersDue, "send", lambda _self, _stop: None)
    generous = Bucket(1000, 0.001)
    with scene.client(limits=Limits(newcomers=generous, confirmations=generous)) as client:
        yield client


def words(page: str) -> str:
    found = re.search(r'name="wording" value="([^"]+)"', page)
    assert found
    return found[1]


def sign_up(client: TestClient[Litestar], email: str = NEW, **more: object) -> str:
    """The answer's text."""
    form = client.get("/opt-in", headers={"accept-language": "fr"}).text
    answer = client.post("/opt-in", data={"email": email, "wording": words(form), "language": "fr", **more})
    assert answer.status_code == 200
    return answer.text


def post(scene: Scene) -> list[str]:
    """Hand over what is due; the text of every letter there is by now."""
    SEND_DUE(letters_due(scene.house))
    folder = scene.folder / PRACTICE_MAILBOX / "new"
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return [file.read_bytes().decode() for file in files]


def link_in(mail: str) -> str:
    text = BytesParser(policy=policy.default).parsebytes(mail.encode()).get_content()
    found = re.search(r"https://\S+/opt-in/\S+", text)
    assert found
    return urlsplit(found[0]).path


def consents(scene: Scene, email: str = NEW) -> list[Consent]:
    with scene.house.store.read() as connection:
        person = contacts.by_email(connection, parse(email))
        return contacts.all_consents(connection, person.id) if person else []


def waiting(scene: Scene) -> int:
    with scene.house.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(schema.pending)).scalar_one())


def rows(scene: Scene) -> list[list[object]]:
    """Every row of every table."""
    with scene.house.store.read() as connection:
        tables = schema.metadata.sorted_tables
        return [list(connection.execute(select(one).order_by(*one.primary_key)).all()) for one in tables]


def test_a_form_a_letter_a_button_a_proof(scene: Scene, client: TestClient[Litestar]) -> None:
    """The contact, a consent for each thing agreed to, each with its words, moment and address; nothing waits."""
    sign_up(client, topics=["rgpd"], tracking="yes")
    assert consents(scene) == []
    (mail,) = post(scene)
    link = link_in(mail)
    scene.clock.passes(hours=2)
    page = client.get(link, headers={"accept-language": "fr"}).text
    assert "J’accepte de recevoir les conseils d’Éluard Conseil par e-mail." in page
    assert "n•••@c•••.example" in page
    answer = client.post(link, data={"language": "fr"})

    given = consents(scene)
    assert (answer.status_code, waiting(scene)) == (200, 0)
    assert [(one.scope, one.proof, one.by, one.channel) for one in given] == [
        (scope, "double_opt_in", "person", "web form") for scope in ("mail", "topic:rgpd", "tracking")
    ]
    assert given[0].details["at"] == "2026-11-24T11:00:00+00:00"
    assert given[0].details["ip"] == "testclient"
    with scene.house.store.read() as connection:
        texts = [contacts.wording_text(connection, one.wording_version or "") or "" for one in given]
        person = contacts.by_email(connection, parse(NEW))
    assert person is not None
    assert (person.language, person.topics, person.provenance.kind) == ("fr", ("rgpd",), SourceKind.WEB_FORM)
    assert person.consent is not None
    assert person.consent.tracking
    assert "Vous pouvez retirer ce consentement" in texts[0]
    assert texts[2] == "J’accepte que l’ouverture des messages soit mesurée."


def test_an_unticked_box_is_no_consent_to_tracking(scene: Scene, client: TestClient[Litestar]) -> None:
    """It stands unticked on the page, and mail comes without it."""
    assert " checked" not in client.get("/opt-in").text
    sign_up(client)
    (mail,) = post(scene)
    client.post(link_in(mail))

    assert [one.scope for one in consents(scene)] == ["mail"]


def test_looking_changes_nothing(scene: Scene, client: TestClient[Litestar]) -> None:
    """Scanners follow the letter's link as often as they like; only the button confirms."""
    sign_up(client)
    (mail,) = post(scene)
    before = rows(scene)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        client.request(method, link_in(mail), params={"confirm": "yes"})
        client.request(method, "/opt-in", params={"email": NEW})

    assert rows(scene) == before


def test_the_letter_advertises_nothing_and_names_nobody(scene: Scene, client: TestClient[Litestar]) -> None:
    """Plain text, who writes with all that the law asks for, a link without an address, no image."""
    sign_up(client)
    (mail,) = post(scene)
    letter = BytesParser(policy=policy.default).parsebytes(mail.encode())

    assert letter.get_content_type() == "text/plain"
    assert "RCS Paris 123 456 782" in letter.get_content()
    assert "nadia" not in letter.get_content()
    assert letter["To"].addresses[0].addr_spec == NEW
    assert (letter["Auto-Submitted"], letter["List-Unsubscribe"]) == ("auto-generated", None)


def test_nobody_finds_out_who_is_known(scene: Scene, client: TestClient[Litestar]) -> None:
    """Known, unknown, objected, complained, asked too often: one answer, byte for byte."""
    with scene.house.store.write() as connection:
        for email, reason in (("o@x.example", "objected"), ("c@x.example", "complained"), ("e@x.example", "erased")):
            contacts.suppress(connection, scene.house.hash_of(parse(email)), reason, scene.clock())
    people = (NEW, CLAIRE, "o@x.example", "c@x.example", "e@x.example", *[NEW] * 5)
    answers = {sign_up(client, email) for email in people}
    written = {str(BytesParser(policy=policy.default).parsebytes(one.encode())["To"]) for one in post(scene)}

    assert len(answers) == 1
    assert written == {f"<{NEW}>", f"<{CLAIRE}>", "<o@x.example>"} or written == {NEW, CLAIRE, "o@x.example"}


def test_nobody_is_flooded(scene: Scene, client: TestClient[Litestar]) -> None:
    """Three letters to one address in seven days, whoever asks how often; afterwards the rows are gone."""
    for _ in range(10):
        sign_up(client)
    assert len(post(scene)) == 3
    scene.clock.passes(days=7, minutes=1)
    sign_up(client, "other@cabinet.example")

    assert waiting(scene) == 1


def test_one_firm_is_not_flooded_under_a_thousand_names(scene: Scene) -> None:
    """All of them may reach one mailbox; at a provider of mailboxes they do not, and data letters are not typed."""

    def entered(kind: str, domain: str) -> int:
        emails = [parse(f"name{number}-{scene.clock():%d}@{domain}") for number in range(25)]
        with scene.house.store.write() as connection:
            wishes = [Pending(kind, email, scene.house.hash_of(email), scene.clock()) for email in emails]
            return sum(pending.asked(connection, wish) for wish in wishes)

    assert entered("opt_in", "cabinet.example") == 20
    scene.clock.passes(days=1, minutes=1)
    assert entered("opt_in", "cabinet.example") == 20  # twenty-five others, all with letters of their own
    assert entered("opt_in", "gmail.com") == 25
    assert entered(pending.DATA, "cabinet.example") == 25


def test_a_relay_that_says_nothing_holds_up_no_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The letter on the wire has some seconds once the pages are to end; it is due again afterwards."""
    monkeypatch.setattr("sender.cli.letters_due._FAREWELL", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with Scene.open(tmp_path, f'{LETTERS}relay = "smtp://127.0.0.1:{port}"\n') as scene:
            email, house = parse(NEW), scene.house
            with house.store.write() as connection:
                said = {"language": "fr"}
                pending.asked(connection, Pending("opt_in", email, house.hash_of(email), scene.clock(), said))
            began = time.monotonic()
            SEND_DUE(letters_due(house), lambda: time.monotonic() - began > 1)
            took = time.monotonic() - began
            with house.store.read() as connection:
                later = pending.due(connection, scene.clock() + timedelta(hours=1))

    assert 1 < took < 20  # the relay would have five minutes
    assert [one.email for one in later] == [email]


def test_a_link_is_good_for_seven_days(scene: Scene, client: TestClient[Litestar]) -> None:
    """Then it says so, and nothing is confirmed."""
    sign_up(client)
    (mail,) = post(scene)
    scene.clock.passes(days=7, minutes=1)

    assert client.get(link_in(mail)).status_code == client.post(link_in(mail)).status_code == 410
    assert consents(scene) == []


def test_a_base_that_is_away_is_not_the_end_of_a_link(scene: Scene, client: TestClient[Litestar]) -> None:
    """Neither looking nor pressing says that it is worth nothing; afterwards it is worth what it was."""
    sign_up(client)
    link = link_in(post(scene)[-1])
    with scene.away() as lost:
        answers = [lost.get(link).status_code, lost.post(link).status_code]
    looked = client.get(link).status_code

    assert answers == [503, 503]
    assert looked == 200


def test_nobody_is_asked_where_no_offer_may_go(scene: Scene, client: TestClient[Litestar]) -> None:
    """Those who see to a domain's running, and mailboxes that are thrown away; the answer is the same."""
    # Meets: RFC 2142
    emails = ("abuse@cabinet.example", "noreply@cabinet.example", "a@mailinator.com", NEW)
    answers = {sign_up(client, email) for email in emails}

    assert len(answers) == 1
    assert len(post(scene)) == 1


def test_pressed_twice_is_as_good_as_once(scene: Scene, client: TestClient[Litestar]) -> None:
    sign_up(client)
    (mail,) = post(scene)
    first, second = client.post(link_in(mail)), client.post(link_in(mail))

    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert len(consents(scene)) == 1


def test_pressed_again_after_an_objection_it_promises_nothing(scene: Scene, client: TestClient[Litestar]) -> None:
    sign_up(client)
    link = link_in(post(scene)[-1])
    first = client.post(link)
    with scene.house.store.write() as connection:
        contacts.suppress(connection, scene.house.hash_of(parse(NEW)), "objected", scene.clock())
    second = client.post(link)

    assert (first.status_code, second.status_code) == (200, 409)


@pytest.mark.parametrize(
    ("reason", "ended"), [("objected", True), ("excluded", True), ("bounced", True), ("complained", False)]
)
def test_what_a_confirmation_lifts(scene: Scene, client: TestClient[Litestar], reason: str, ended: bool) -> None:
    """What a later consent may lift, and no more; what came up after the letter went out stays, too."""
    sign_up(client, CLAIRE)
    (mail,) = post(scene)
    with scene.house.store.write() as connection:
        contacts.suppress(connection, scene.house.hash_of(parse(CLAIRE)), reason, scene.clock())
    scene.clock.passes(minutes=5)
    answer = client.post(link_in(mail))

    assert answer.status_code == (200 if ended else 409)
    assert (scene.stops() == []) is ended


def test_a_confirmed_topic_ends_its_refusal(scene: Scene, client: TestClient[Litestar]) -> None:
    """Refused on the choices page, asked for again in the form and confirmed."""
    client.post(f"{scene.page}/choices", data={"refused": ["rgpd", "paie"]})
    scene.clock.passes(days=1)
    sign_up(client, CLAIRE, topics=["rgpd"])
    (mail,) = post(scene)
    client.post(link_in(mail))
    with scene.house.store.read() as connection:
        (claire,) = contacts.page(connection, [scene.claire])

    assert claire.choices.refused == ("paie",)


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "x" * 300 + "@cabinet.example", "a@b.example\nBcc: c@d.example"]
)
def test_what_is_no_address_is_told_beside_its_field(scene: Scene, client: TestClient[Litestar], email: str) -> None:
    """Nothing is kept, and nothing of what was typed comes back."""
    form = client.get("/opt-in").text
    answer = client.post("/opt-in", data={"email": email, "wording": words(form), "language": "fr"})

    assert answer.status_code == 422
    assert 'aria-invalid="true" aria-describedby="email-error"' in answer.text
    assert waiting(scene) == 0


def test_old_words_agree_to_nothing(scene: Scene, client: TestClient[Litestar]) -> None:
    """A form of another site that was copied before the words changed gets the page with those of today."""
    answer = client.post("/opt-in", data={"email": NEW, "wording": "0123456789abcdef", "language": "en"})

    assert answer.status_code == 409
    assert "I agree to receive the advice" in answer.text
    assert waiting(scene) == 0


def test_a_program_that_fills_in_everything_gets_no_letter(scene: Scene, client: TestClient[Litestar]) -> None:
    """The field that no person sees is filled in; the answer is the same as always."""
    assert sign_up(client, website="https://spam.example") == sign_up(client, "other@cabinet.example")
    assert waiting(scene) == 1


def test_one_network_may_not_ask_without_end(scene: Scene) -> None:
    """The eleventh form of a minute is refused, whatever addresses it names."""
    with scene.client() as client:
        digest = words(client.get("/opt-in").text)
        data = {"wording": digest, "language": "fr"}
        answers = [client.post("/opt-in", data={**data, "email": f"n{n}@x.example"}).status_code for n in range(11)]

    assert answers == [200] * 10 + [429]
