"""My data, on both data bases: a letter to the address on file, and what may be asked behind its link."""

from __future__ import annotations

import re
from io import BytesIO
from json import loads
from urllib.parse import urlsplit
from zipfile import ZipFile

from litestar import Litestar
from litestar.testing import TestClient

from sender import contacts
from sender.address import parse
from sender.contacts import Request
from tests.databases import postgresql, store_url
from tests.integration.test_web_joining import client, post, rows, scene
from tests.integration.test_web_moving import ELSEWHERE
from tests.pages import CLAIRE, Scene

__all__ = ["client", "postgresql", "scene", "store_url"]


def ask(scene: Scene, client: TestClient[Litestar], page: str | None = None) -> str:
    answer = client.post(f"{page or scene.page}/data", data={"language": "en"})
    assert answer.status_code == 200
    return answer.text


def links(scene: Scene, room: str = "my-data") -> list[tuple[str, str]]:
    """To whom each letter about data went, and the path in it."""
    found = []
    for mail in post(scene):
        plain = re.sub(r"=\r?\n", "", mail)
        to, link = re.search(r"^To: <?([^>\s]+)", plain, re.MULTILINE), re.search(rf"https://\S+/{room}/\S+", plain)
        if to and link:
            found.append((to[1], urlsplit(link[0]).path))
    return found


def asked(scene: Scene, client: TestClient[Litestar]) -> str:
    """The path in Claire's letter."""
    ask(scene, client)
    ((to, link),) = links(scene)
    assert to == CLAIRE
    return link


def press(client: TestClient[Litestar], link: str, step: str, **fields: str) -> tuple[int, str]:
    answer = client.post(f"{link}/{step}", data={"language": "en", **fields})
    return answer.status_code, answer.text


def register(scene: Scene) -> list[Request]:
    with scene.house.store.read() as connection:
        return contacts.all_requests(connection, closed=True)


def in_short(scene: Scene) -> list[tuple[str, str | None, str | None]]:
    return [(one.kind, one.channel, one.outcome) for one in register(scene)]


def test_everything_is_seen_behind_the_letter_only(scene: Scene, client: TestClient[Litestar]) -> None:
    """The link of a mail shows nothing, the letter's link neither; its button does, and the register has it once."""
    with scene.house.store.write() as connection:
        (claire,) = contacts.page(connection, [scene.claire])
        said = contacts.corrected(claire, {"title": "Directrice <financière>"})
        record = lambda *_: None  # noqa: E731
        contacts.rectify(connection, claire, said, hash_of=scene.house.hash_of, record=record, now=scene.clock())
    pages = ask(scene, client) + client.get(f"{scene.page}/data").text
    ((_, link),) = links(scene)
    looked = client.get(link, headers={"accept-language": "en"}).text
    status, everything = press(client, link, "see")
    press(client, link, "see")

    assert not re.search("claire|Directrice", pages + looked)
    assert "c•••@e•••.example" in looked
    assert status == 200
    assert CLAIRE in everything
    assert "Directrice &lt;financière&gt;" in everything
    assert "trade show" in everything
    assert in_short(scene) == [("access", "page", "exported")]
    assert register(scene)[0].due_on.isoformat() == "2026-12-24"


def test_everything_is_downloaded(scene: Scene, client: TestClient[Litestar]) -> None:
    """One archive, which no cache keeps."""
    link = asked(scene, client)
    answer = client.post(f"{link}/download", data={"language": "en"})
    with ZipFile(BytesIO(answer.content)) as archive:
        data, page = loads(archive.read("data.json")), archive.read("data.html").decode()

    assert data["held"]["contacts"][0]["email"] == CLAIRE
    assert CLAIRE in page
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "attachment" in answer.headers["content-disposition"]
    assert "set-cookie" not in answer.headers


def test_looking_changes_nothing(scene: Scene, client: TestClient[Litestar]) -> None:
    """Scanners follow every link and try every method but the one that counts."""
    link = asked(scene, client)
    before, lines = rows(scene), scene.lines()
    paths = [f"{scene.page}/data", link, *(f"{link}/{step}" for step in STEPS)]
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        for path in paths:
            answer = client.request(method, path, params={"sure": "yes"})
            assert "claire@" not in answer.text

    assert (rows(scene), scene.lines()) == (before, lines)


def test_nobody_finds_out_who_is_known(scene: Scene, client: TestClient[Litestar]) -> None:
    """Known, unknown, suppressed, asked too often: one answer, byte for byte; a letter only where there is somebody."""
    answers = {ask(scene, client, scene.stranger)}
    with scene.house.store.write() as connection:
        contacts.suppress(connection, scene.house.hash_of(parse(CLAIRE)), "objected", scene.clock())
    answers |= {ask(scene, client) for _ in range(4)}

    assert len(answers) == 1
    assert [to for to, _ in links(scene)] == [CLAIRE] * 3


def test_more_letters_on_another_day(scene: Scene, client: TestClient[Litestar]) -> None:
    """Three in twenty-four hours, counted in the data base."""
    for _ in range(4):
        ask(scene, client)
    assert len(links(scene)) == 3
    scene.clock.passes(hours=24, minutes=1)
    ask(scene, client)

    assert len(links(scene)) == 4


def test_a_link_is_good_for_a_day(scene: Scene, client: TestClient[Litestar]) -> None:
    link = asked(scene, client)
    scene.clock.passes(hours=24, minutes=1)

    assert client.get(link).status_code == 410
    assert {press(client, link, step, sure="yes")[0] for step in STEPS} == {410}
    assert register(scene) == []


def test_a_link_of_a_mail_shows_no_data(scene: Scene, client: TestClient[Litestar]) -> None:
    """Nor does one by which something else is confirmed; and this one stops and confirms nothing."""
    link = asked(scene, client)
    token = link.rpartition("/")[2]

    assert client.get(f"/my-data/{scene.token}").status_code == 404
    assert {press(client, f"/my-data/{scene.token}", step)[0] for step in STEPS} == {404}
    assert client.post(f"/u/{token}").status_code == 404
    assert client.post(f"/opt-in/{token}").status_code == client.post(f"/address/{token}").status_code == 404


def test_no_letter_to_an_address_of_a_few_days(scene: Scene, client: TestClient[Litestar]) -> None:
    """A forwarded mail's holder may have had the mails moved to themselves; the one of before has a week to say so."""
    before = asked(scene, client)
    client.post(f"{scene.page}/address", data={"email": ELSEWHERE, "language": "en"})
    client.post(dict(links(scene, "address"))[ELSEWHERE])
    assert client.get(before).status_code == 410
    page = ask(scene, client)
    assert len(links(scene)) == 1
    scene.clock.passes(days=7, minutes=1)

    assert ask(scene, client) == page
    assert [to for to, _ in links(scene)][1:] == [ELSEWHERE]


STEPS = ("see", "download")
