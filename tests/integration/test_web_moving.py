"""Another address, on both data bases: the new mailbox confirms, the old one is told and may keep itself."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from sender import contacts
from sender.address import parse
from tests.integration.test_web_joining import client, link_in, post, rows, scene, sign_up
from tests.pages import CLAIRE, ONE_CLICK, Scene

__all__ = ["client", "scene"]
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
    told = len(post(scene))
    ask(scene, client, "third@party.example")
    assert len(post(scene)) == told  # for as long as it is remembered that the address stays
    scene.clock.passes(days=7, minutes=1)
    ask(scene, client)
    assert len(post(scene)) == told + 2


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("days", [0, 8])
def test_who_had_the_mails_moved_consents_for_nobody_else(
    scene: Scene, client: TestClient[Litestar], kept: bool, days: int
) -> None:
    """Claire objects; whoever reads the other mailbox opts in: her objection stands, and no consent is hers."""
    ask(scene, client)
    letters = links(scene)
    assert client.post(letters[ELSEWHERE]).status_code == 200
    if kept:
        assert client.post(letters[CLAIRE]).status_code == 200
    client.post(scene.page, data=ONE_CLICK)
    scene.clock.passes(days=days)
    before = set(post(scene))
    sign_up(client, email=ELSEWHERE)
    mail = [one for one in post(scene) if one not in before]
    answers = [client.post(link_in(one)).status_code for one in mail]

    assert "objected" in scene.stops()
    with scene.house.store.read() as connection:
        (claire,) = contacts.page(connection, [scene.claire])
        assert contacts.all_consents(connection, claire.id) == []
        assert contacts.standing_against(connection, [parse(CLAIRE)], hash_of=scene.house.hash_of)
    assert answers == [409]


def test_a_former_address_gives_no_consent(scene: Scene, client: TestClient[Litestar]) -> None:
    """Who reads a mailbox that was Claire's once need not be Claire."""
    ask(scene, client)
    client.post(links(scene)[ELSEWHERE])
    before = set(post(scene))
    sign_up(client, email=CLAIRE)
    (mail,) = [one for one in post(scene) if one not in before]

    assert client.post(link_in(mail)).status_code == 409
    with scene.house.store.read() as connection:
        assert contacts.all_consents(connection, scene.claire) == []


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
