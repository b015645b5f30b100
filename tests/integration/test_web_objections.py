"""The link of every mail over a real base and a real file: a GET changes nothing, one POST is enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from sender import contacts, ledger
from sender.address import parse
from sender.cli.people import BasePeople
from sender.errors import Fault
from sender.keys import Keys
from sender.links import LinkTarget
from tests.pages import BEGUN, CLAIRE, ONE_CLICK, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Everything whole."""
    with Scene.open(tmp_path) as scene:
        yield scene


@pytest.fixture
def either(tmp_path: Path, store_url: str) -> Iterator[Scene]:
    """The same on each kind of data base: what may be taken back stands in triggers with two spellings."""
    with Scene.open(tmp_path, f'database = "{store_url}"\n') as scene:
        yield scene


@pytest.fixture
def client(scene: Scene) -> Iterator[TestClient[Litestar]]:
    with scene.client() as client:
        yield client


def undo_token(page: str) -> str:
    found = re.search(r'name="undo" value="([^"]+)"', page)
    assert found
    return found[1]


# --- looking


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_only_a_post_changes_anything(scene: Scene, method: str) -> None:
    """Scanners may follow the link as often as they like, with whatever in the query."""
    before = scene.kept()
    with scene.client() as client:
        for below in ("", "/undo", "/reason"):
            client.request(method, scene.page + below)
            client.request(method, scene.page + below, params=ONE_CLICK)

    assert scene.kept() == before


def test_head_answers_like_get(scene: Scene, client: TestClient[Litestar]) -> None:
    """The same status and headers, no body."""
    got, headed = client.get(scene.page), client.head(scene.page)

    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers == got.headers


def test_options_names_the_methods(scene: Scene, client: TestClient[Litestar]) -> None:
    """GET, HEAD, OPTIONS and POST."""
    answer = client.options(scene.page)

    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


def test_the_page_says_who_writes_to_whom_and_why(scene: Scene, client: TestClient[Litestar]) -> None:
    """The sender, the address so that only its holder knows it again, and where it was come by."""
    page = client.get(scene.page, headers={"accept-language": ""}).text

    assert '<html lang="fr">' in page
    assert "Éluard Conseil vous a écrit à l’adresse c•••@e•••.example." in page
    assert "lors d’un salon professionnel, le 2026-03-12" in page
    assert "claire" not in page


def test_the_reader_chooses_the_language(scene: Scene, client: TestClient[Litestar]) -> None:
    """English for an English browser, and for whoever follows the link to it; its button answers in English too."""
    english = client.get(scene.page, headers={"accept-language": "en-GB"})
    chosen = client.get(scene.page, params={"language": "en"}, headers={"accept-language": "fr"})
    done = client.post(scene.page, data={**ONE_CLICK, "language": "en"}, headers={"accept-language": "fr"})

    assert all('<html lang="en">' in answer.text for answer in (english, chosen, done))
    assert "?language=fr" in english.text


def test_of_an_erased_person_the_page_tells_nothing(scene: Scene, client: TestClient[Litestar]) -> None:
    """The same shape and length, without a name or an address; a POST is answered as always."""
    known, unknown = client.get(scene.page), client.get(scene.stranger)
    shape = re.compile(r"<(?!!)[^>\w]*\w+")

    assert "•••" not in unknown.text
    assert shape.findall(unknown.text) == shape.findall(known.text)
    assert (unknown.status_code, len(unknown.content)) == (known.status_code, len(known.content))
    assert client.post(scene.stranger, data=ONE_CLICK).status_code == 200


# --- stopping


@pytest.mark.parametrize(
    "body",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff\x00 not a form", "headers": {"content-type": "multipart/form-data"}},
        {"data": {"undo": "yes", "reason": "other"}},
    ],
    ids=["urlencoded", "multipart", "empty", "garbage", "other fields"],
)
def test_one_post_stops(scene: Scene, body: dict[str, object]) -> None:
    """Whatever the mail program sends, a genuine link is enough: 200, no redirect, no cookie asked for or set."""
    with scene.client() as client:
        answer = client.post(scene.page, follow_redirects=False, **body)  # type: ignore[arg-type]
        (line,) = scene.lines()

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "C’est enregistré" in answer.text
    assert line.startswith(f"{scene.claire} ")
    assert scene.stops() == ["objected"]
    assert scene.journalled() == ["objection"]


def test_a_second_post_is_as_good_as_the_first(scene: Scene) -> None:
    """Asking again is answered the same, and journalled once."""
    with scene.client() as client:
        first, second = client.post(scene.page, data=ONE_CLICK), client.post(scene.page, data=ONE_CLICK)

    assert (first.status_code, len(first.text)) == (second.status_code, len(second.text))
    assert (scene.stops(), scene.journalled()) == (["objected"], ["objection"])


def test_a_sender_that_reads_the_file_first_journals_it(scene: Scene) -> None:
    """Whoever brings the objection into the base, the journal hears of it, and once."""
    scene.house.state.record_objection(scene.claire, scene.house.hash_of(parse(CLAIRE)), BEGUN)
    for _ in range(2):
        with scene.house.store.write() as connection:
            ledger.take_in(connection, scene.house.state)

    assert scene.journalled() == ["objection"]


def test_a_link_of_an_older_key_stops_for_ever(scene: Scene) -> None:
    """Keys rotate; whoever finds an old mail may still object, and a running server hears of new keys by itself."""
    old = scene.page
    with scene.client() as client:
        with (scene.folder / "keys" / "link").open("a") as ring:
            ring.write(f"2 {'ab' * 32}\n")
        scene.house = replace(scene.house, keys=Keys.load(scene.folder / "keys"))
        assert scene.page != old
        new_answer, old_answer = client.post(scene.page, data=ONE_CLICK), client.post(old, data=ONE_CLICK)

    assert (new_answer.status_code, old_answer.status_code) == (200, 200)


def test_a_base_that_does_not_answer_costs_no_objection(scene: Scene) -> None:
    """The page shows nobody, the POST is 200 and in the file; when the base is back, it learns of it."""
    database = Path(scene.house.store.where)
    away = database.with_suffix(".away")
    with scene.client() as client:
        database.rename(away)
        answer = client.post(scene.page, data=ONE_CLICK)
    away.rename(database)

    assert answer.status_code == 200
    assert len(scene.lines()) == 1
    assert scene.stops() == []
    assert any(trouble.startswith("base ") for trouble in scene.troubles)
    with scene.client():
        pass
    assert scene.stops() == ["objected"]


def test_a_base_that_others_hold_costs_no_objection(scene: Scene) -> None:
    """While somebody writes, the answer does not wait for the base."""
    with scene.client() as client, scene.house.store.write():
        answer = client.post(scene.page, data=ONE_CLICK)
        assert (answer.status_code, len(scene.lines())) == (200, 1)

    assert scene.stops() == ["objected"]


def test_a_file_that_cannot_be_written_costs_no_objection(scene: Scene) -> None:
    """Then the base takes it, before the answer leaves."""
    (scene.house.state.folder / "objections").mkdir()
    with scene.client() as client:
        answer = client.post(scene.page, data=ONE_CLICK)
        assert (answer.status_code, scene.stops()) == (200, ["objected"])


def test_nothing_kept_is_not_called_kept(scene: Scene) -> None:
    """With base and file both out of reach the reader is told, and told what to do instead."""
    (scene.house.state.folder / "objections").mkdir()
    Path(scene.house.store.where).unlink()
    with scene.client() as client:
        answer = client.post(scene.page, data=ONE_CLICK)

    assert answer.status_code == 503
    assert "STOP" in answer.text


# --- taking it back


def test_whoever_pressed_by_mistake_takes_it_back_on_the_page(either: Scene) -> None:
    """Mails go on; objection, word and lifting are journalled, and what was agreed to is kept as it was worded."""
    with either.client() as client:
        done = client.post(either.page, data=ONE_CLICK).text
        either.clock.passes(minutes=5)
        answer, again = (client.post(f"{either.page}/undo", data={"undo": undo_token(done)}) for _ in range(2))

    assert (answer.status_code, either.stops()) == (200, [])
    assert (again.status_code, again.text) == (200, answer.text)  # a button may be pressed twice
    assert either.journalled() == ["objection", "consent_granted", "suppression_lifted"]
    with either.house.store.read() as connection:
        (word,) = contacts.all_consents(connection, either.claire)
        assert (word.scope, word.proof, word.by) == ("undo", "link", "person")
        assert "continuez" in str(contacts.wording_text(connection, str(word.wording_version)))
        assert contacts.latest_consents(connection, [either.claire]) == {}


def test_undone_is_not_said_twice_where_something_else_stands_by_then(scene: Scene) -> None:
    """Restricted, lifted, and restricted again after the undo."""

    def restrict() -> None:
        with scene.house.store.write() as connection:
            contacts.suppress(connection, scene.house.hash_of(parse(CLAIRE)), "restricted", scene.clock())

    def lift() -> None:
        with scene.house.store.write() as connection:
            address_hash, record = scene.house.hash_of(parse(CLAIRE)), ledger.journal.append
            contacts.lift(connection, address_hash, "restricted", by="operator", record=record, now=scene.clock())

    restrict()
    scene.clock.passes(minutes=1)
    lift()
    with scene.client() as client:
        token = undo_token(client.post(scene.page, data=ONE_CLICK).text)
        scene.clock.passes(minutes=1)
        first = client.post(f"{scene.page}/undo", data={"undo": token})
        scene.clock.passes(minutes=1)
        restrict()
        second = client.post(f"{scene.page}/undo", data={"undo": token})

    assert (first.status_code, second.status_code) == (200, 409)
    assert scene.stops() == ["restricted"]


def test_after_half_an_hour_the_objection_stands(scene: Scene) -> None:
    """The page says so, and what to do instead."""
    with scene.client() as client:
        done = client.post(scene.page, data=ONE_CLICK).text
        scene.clock.passes(minutes=31)
        answer = client.post(f"{scene.page}/undo", data={"undo": undo_token(done)})

    assert (answer.status_code, scene.stops()) == (409, ["objected"])


def test_after_that_the_base_itself_refuses(either: Scene) -> None:
    """Whatever the program might say: half an hour is the rule of the rows, to the second."""
    target = LinkTarget(either.claire, either.house.hash_of(parse(CLAIRE)))
    with either.client() as client:
        client.post(either.page, data=ONE_CLICK)

    with pytest.raises(Fault, match="SC-515"):
        BasePeople(either.house).undo(target, BEGUN, BEGUN + timedelta(minutes=30, seconds=10), "on")
    assert either.stops() == ["objected"]
    assert BasePeople(either.house).undo(target, BEGUN, BEGUN + timedelta(minutes=29, seconds=50), "on")
    assert either.stops() == []


def test_an_earlier_objection_is_not_taken_back(scene: Scene) -> None:
    """Whoever holds a forwarded mail can press both buttons, and changes nothing of what the person had said."""
    with scene.client() as client:
        client.post(scene.page, data=ONE_CLICK)
        scene.clock.passes(minutes=1)
        second = client.post(scene.page, data=ONE_CLICK).text
        answer = client.post(f"{scene.page}/undo", data={"undo": undo_token(second)})

    assert (answer.status_code, scene.stops()) == (409, ["objected"])


@pytest.mark.parametrize("undo", ["", "x", "other", "the link itself"])
def test_only_its_own_page_takes_an_objection_back(scene: Scene, undo: str) -> None:
    """No invented token does, nor that of another person, nor the link of the mail."""
    with scene.client() as client:
        client.post(scene.page, data=ONE_CLICK)
        others = undo_token(client.post(scene.stranger, data=ONE_CLICK).text)
        tried = {"other": others, "the link itself": scene.token}.get(undo, undo)
        answer = client.post(f"{scene.page}/undo", data={"undo": tried})

    assert (answer.status_code, len(scene.stops())) == (409, 2)


def test_an_undo_token_is_no_link(scene: Scene, client: TestClient[Litestar]) -> None:
    """It opens no page and stops nothing: a token of one purpose is worth nothing for another."""
    token = undo_token(client.post(scene.page, data=ONE_CLICK).text)

    assert client.get(f"/u/{token}").status_code == 404


def test_without_the_base_nothing_is_taken_back(scene: Scene) -> None:
    """The page says that the objection stands for now."""
    with scene.client() as client:
        done = client.post(scene.page, data=ONE_CLICK).text
        Path(scene.house.store.where).unlink()
        answer = client.post(f"{scene.page}/undo", data={"undo": undo_token(done)})

    assert answer.status_code == 503


@pytest.mark.parametrize(("given", "kept"), [("too_often", "too_often"), ("Anne Martin <a@b.example>", "other")])
def test_a_reason_is_one_of_a_list(scene: Scene, given: str, kept: str) -> None:
    """It is journalled; free words are not."""
    with scene.client() as client:
        answer = client.post(f"{scene.page}/reason", data={"reason": given})

    assert answer.status_code == 200
    with scene.house.store.read() as connection:
        assert [said for _, said in ledger.journal.entries(connection, "objection_reason")] == [{"reason": kept}]


# --- strangers


@pytest.mark.parametrize("below", ["A", "x", "", "/undo", "/reason", "/more"])
def test_strangers_learn_nothing(scene: Scene, below: str) -> None:
    """A forged link and a page that never was are one and the same, by GET and by POST."""
    before = scene.kept()
    forged = f"{scene.token[:-3]}{'B' if scene.token[-3] == 'A' else 'A'}{scene.token[-2:]}"
    path = f"/u/{forged}{below}" if below != "/more" else f"{scene.page}/more"
    with scene.client() as client:
        unknown = client.get("/never-was")
        got, posted = client.get(path), client.post(path, data=ONE_CLICK)

    assert unknown.status_code == 404
    assert posted.status_code == 404
    assert posted.text == unknown.text
    if below not in {"/undo", "/reason"}:  # where nothing is to be looked at, GET is refused for everybody
        assert (got.status_code, got.text, got.headers) == (404, unknown.text, unknown.headers)
    assert scene.kept() == before


@pytest.mark.parametrize("below", ["/undo", "/reason"])
def test_a_get_of_a_button_tells_nobody_apart(scene: Scene, client: TestClient[Litestar], below: str) -> None:
    """405 for a genuine link as for a forged one."""
    genuine, forged = client.get(scene.page + below), client.get(f"/u/{'A' * 90}{below}")

    assert (genuine.status_code, genuine.text, genuine.headers) == (405, forged.text, forged.headers)


def test_an_oversized_body_is_refused(scene: Scene, client: TestClient[Litestar]) -> None:
    """No more than 16 kB are read of anybody."""
    answer = client.post(scene.page, content=b"x" * 20_000)

    assert answer.status_code == 413
    assert scene.lines() == []


@pytest.mark.parametrize("path", ["the link", "/nowhere", "/health"])
def test_every_answer_is_locked_down(scene: Scene, client: TestClient[Litestar], path: str) -> None:
    """No script, no frame, no cookie, no cache, no index, no referrer that would carry the token away."""
    headers = client.get(scene.page if path == "the link" else path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def test_an_address_that_changed_is_not_shown(scene: Scene, client: TestClient[Litestar]) -> None:
    """A link of an older mail shows no newer address."""
    other = scene.token_of(scene.claire, "claire@ancienne.example")

    assert "•••" not in client.get(f"/u/{other}").text
