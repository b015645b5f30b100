"""Another address, on both data bases: the new mailbox confirms, the old one is told and may keep itself."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from sender import contacts
from sender.address import parse
from tests.databases import postgresql, store_url
from tests.integration.test_web_joining import client, post, rows, scene, waiting
from tests.pages import CLAIRE, Scene

__all__ = ["client", "postgresql", "scene", "store_url"]

ELSEWHERE = "claire.moreau@neuf.example"


def ask(scene: Scene, client: TestClient[Litestar], email: str = ELSEWHERE) -> str:
    answer = client.post(f"{scene.page}/address", data={"email": email, "language": "en"})
    assert answer.status_code == 200
    return answer.text


def links(scene: Scene) -> dict[str, str]:
    """By the address that the letter went to, the path in it."""
    found = {}
    for mail in post(scene):
        plain = re.sub(r"=\r?\n", "", mail)
        to, link = re.search(r"^To: <?([^>\s]+)", plain, re.MULTILINE), re.search(r"https://\S+/address/\S+", plain)
        assert to
        assert link
        found[to[1]] = urlsplit(link[0]).path
    return found


def address(scene: Scene) -> str:
    with scene.house.store.read() as connection:
        (claire,) = contacts.page(connection, [scene.claire])
    return claire.email.spec


def test_the_new_mailbox_confirms(scene: Scene, client: TestClient[Litestar]) -> None:
    """Looking changes nothing; its button does, once, and the register has it."""
    ask(scene, client)
    letters = links(scene)
    before = rows(scene)
    assert ELSEWHERE[:1] + "•••@n•••.example" in client.get(letters[ELSEWHERE]).text
    assert rows(scene) == before
    answer = client.post(letters[ELSEWHERE])

    assert set(letters) == {ELSEWHERE, CLAIRE}
    assert answer.status_code == 200
    assert address(scene) == ELSEWHERE
    assert client.post(letters[ELSEWHERE]).status_code == 410
    with scene.house.store.read() as connection:
        requests = contacts.all_requests(connection, closed=True)
    assert [(one.kind, one.channel, one.outcome) for one in requests] == [("rectification", "page", "rectified")]


def test_an_objection_follows_the_person(scene: Scene, client: TestClient[Litestar]) -> None:
    """Said under the old address before the move, it stops the new one."""
    ask(scene, client)
    with scene.house.store.write() as connection:
        contacts.suppress(connection, scene.house.hash_of(parse(CLAIRE)), "objected", scene.clock())
    client.post(links(scene)[ELSEWHERE])
    with scene.house.store.read() as connection:
        new = parse(ELSEWHERE)
        against = contacts.standing_against(connection, [new], hash_of=scene.house.hash_of)

    assert [one.entry.reason for one in against[new]] == ["objected"]


@pytest.mark.parametrize("moved", [False, True])
def test_the_old_address_may_keep_itself(scene: Scene, client: TestClient[Litestar], moved: bool) -> None:
    """Before the new one confirmed, and for seven days after: what a stranger with a forwarded link asked is void."""
    ask(scene, client)
    letters = links(scene)
    if moved:
        client.post(letters[ELSEWHERE])
    kept = client.post(letters[CLAIRE])

    assert kept.status_code == 200
    assert address(scene) == CLAIRE
    assert client.post(letters[ELSEWHERE]).status_code == 410
    assert address(scene) == CLAIRE
    assert waiting(scene) == 0


def test_one_answer_for_all_and_no_letter_where_nothing_can_come_of_it(
    scene: Scene, client: TestClient[Litestar]
) -> None:
    """Somebody else's address, one that is suppressed, the own one: answered alike, and nothing is sent."""
    with scene.house.store.write() as connection:
        contacts.suppress(connection, scene.house.hash_of(parse("o@x.example")), "objected", scene.clock())
    answers = {ask(scene, client, email) for email in ("o@x.example", CLAIRE)}
    assert links(scene) == {}
    answers.add(ask(scene, client))

    assert len(answers) == 1
    assert client.post(f"{scene.stranger}/address", data={"email": ELSEWHERE, "language": "en"}).text in answers
    assert client.post(f"{scene.page}/address", data={"email": "nobody"}).status_code == 422
