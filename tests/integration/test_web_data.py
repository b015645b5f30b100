"""My data, on both data bases: a letter to the address on file, and what may be asked behind its link."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from json import loads
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import insert, select

from sender import contacts, ledger
from sender.address import parse
from sender.cli.rights import OwnData
from sender.contacts import Pending, Request, pending
from sender.dkim import make_key, record_text, write_key_file
from sender.links import LinkTarget
from sender.model import Contact, ContactId
from sender.steps import erasure
from sender.store import schema
from sender.web import Claim, Done
from tests.integration.test_web_joining import client, post, rows, scene
from tests.integration.test_web_moving import ELSEWHERE
from tests.pages import CLAIRE, LETTERS, Scene
from tests.signatures import verdicts_of

__all__ = ["client", "scene"]
STEPS = ("see", "download", "fields", "correct", "restrict", "object", "delete")


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


def test_the_letter_is_signed_where_signing_is_set(tmp_path: Path) -> None:
    """Like every letter of the sender's, and by the key in the settings."""
    key = make_key("rsa")
    write_key_file(tmp_path / "rsa.pem", key)
    signing = 'dkim_domain = "eluard.example"\ndkim_selector = "c2026"\ndkim_key_file = "rsa.pem"\n'
    with Scene.open(tmp_path, LETTERS + signing) as scene:
        scene.house = replace(scene.house, practice=True)
        with scene.house.store.write() as connection:
            wish = Pending(pending.DATA, parse(CLAIRE), b"x" * 32, scene.clock.now, {"language": "fr"})
            pending.asked(connection, wish)
        (mail,) = post(scene)

    assert verdicts_of(mail.encode(), {"c2026._domainkey.eluard.example": record_text(key)}) == [True]


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
    assert "an e-mail to “My data”" in everything
    assert all(section in everything for section in ("What for", "Who receives them", "For how long"))
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
    assert {press(client, link, step, sure="yes", shown="yes")[0] for step in STEPS} == {410}
    assert register(scene) == []


def test_a_link_of_a_mail_shows_no_data(scene: Scene, client: TestClient[Litestar]) -> None:
    """Nor does one by which something else is confirmed; and this one stops and confirms nothing."""
    link = asked(scene, client)
    token = link.rpartition("/")[2]

    assert client.get(f"/my-data/{scene.token}").status_code == 404
    assert {press(client, f"/my-data/{scene.token}", step)[0] for step in STEPS} == {404}
    assert client.post(f"/u/{token}").status_code == 404
    assert client.post(f"/opt-in/{token}").status_code == client.post(f"/address/{token}").status_code == 404


def test_no_letter_to_an_address_that_a_link_moved_to(scene: Scene, client: TestClient[Litestar]) -> None:
    """A forwarded mail's holder may have had the mails moved to themselves; that nobody said no is no proof."""
    before = asked(scene, client)
    client.post(f"{scene.page}/address", data={"email": ELSEWHERE, "language": "en"})
    client.post(dict(links(scene, "address"))[ELSEWHERE])
    assert client.get(before).status_code == 410
    page = ask(scene, client)
    assert len(links(scene)) == 1
    scene.clock.passes(days=30)

    assert ask(scene, client) == page
    assert [to for to, _ in links(scene)] == [CLAIRE]


def test_a_correction_stands_whatever_a_file_says_afterwards(scene: Scene, client: TestClient[Litestar]) -> None:
    """The firm's spreadsheet still has what was wrong; what it says besides is taken over."""
    # Meets: GDPR art. 16
    link = asked(scene, client)
    press(client, link, "correct", **form(client, link) | {"new_last_name": "Dupont", "new_company": "Dupont SAS"})
    row = replace(claire(scene), id=ContactId(""), last_name="Moreau", company="Ancien SAS", first_name="Claire-Marie")
    with scene.house.store.write() as connection:
        contacts.upsert(connection, [row], hash_of=scene.house.hash_of, now=scene.clock())
    after = claire(scene)

    assert (after.last_name, after.company, after.first_name) == ("Dupont", "Dupont SAS", "Claire-Marie")


def test_what_somebody_else_practised_stops_no_deletion(tmp_path: Path) -> None:
    """Their base cannot be opened: everything of ours is deleted, and the request stands open for the rest."""
    with Scene.open(tmp_path, LETTERS) as scene:
        (tmp_path / "practice.db").write_bytes(b"another user's")
        own = scene.house.hash_of(parse(CLAIRE))
        said = {"language": "fr"}
        wish = Pending(pending.DATA, parse(CLAIRE), own, scene.clock.now, said, None, scene.claire)
        with scene.house.store.write() as connection:
            pending.asked(connection, wish)
        settled = OwnData(scene.house).settle(LinkTarget(wish.id, own), Claim.DELETE, {}, scene.clock.now)
        open_ones = [(one.kind, one.closed_at) for one in register(scene) if one.closed_at is None]
        with scene.house.store.read() as connection:
            left = contacts.page(connection, [scene.claire])

    assert settled.done is Done.PARTLY
    assert settled.due_on is not None
    assert left == []
    assert open_ones == [("erasure", None)]


def test_a_company_number_that_was_corrected_stands_too(scene: Scene) -> None:
    """Whatever ``person rectify`` takes, not only what people correct by themselves."""
    with scene.house.store.write() as connection:
        stored, more = claire(scene), {"company_number": "732829320"}
        after, record = contacts.corrected(stored, more), ledger.journal.append
        contacts.rectify(connection, stored, after, hash_of=scene.house.hash_of, record=record, now=scene.clock())
        row = replace(stored, id=ContactId(""), company_number="552100554")
        contacts.upsert(connection, [row], hash_of=scene.house.hash_of, now=scene.clock())

    assert claire(scene).company_number == "732829320"


# --- what is asked behind the letter


def form(client: TestClient[Litestar], link: str) -> dict[str, str]:
    """The fields that may be corrected, as they stand."""
    status, page = press(client, link, "fields")
    assert status == 200
    inputs = re.findall(r'<input[^>]* name="((?:new_|shown)[a-z_]*)"[^>]*>', page)
    values = dict(re.findall(r'name="((?:new_|shown)[a-z_]*)"[^>]* value="([^"]*)"', page))
    return {name: values.get(name, "") for name in inputs}


def claire(scene: Scene) -> Contact:
    with scene.house.store.read() as connection:
        (found,) = contacts.page(connection, [scene.claire])
    return found


def test_fields_are_corrected(scene: Scene, client: TestClient[Litestar]) -> None:
    """What was typed holds, what was emptied is gone, the rest stays; the register has it."""
    link = asked(scene, client)
    typed = form(client, link) | {"new_first_name": " Claire  Anne", "new_country": "be", "new_language": ""}
    status, _ = press(client, link, "correct", **typed)
    found = claire(scene)

    assert status == 200
    assert (found.first_name, found.country, found.language) == ("Claire Anne", "BE", None)
    assert form(client, link)["new_first_name"] == "Claire Anne"
    assert in_short(scene) == [("rectification", "page", "rectified")]


@pytest.mark.parametrize(
    ("field", "text"), [("country", "Atlantis"), ("title", "x" * 300), ("company", "a\x00b"), ("language", "??")]
)
def test_what_is_not_understood_is_told_beside_its_field(
    scene: Scene, client: TestClient[Litestar], field: str, text: str
) -> None:
    """Nothing of the form is taken then."""
    link, before = asked(scene, client), claire(scene)
    typed = form(client, link) | {"new_first_name": "Claire", f"new_{field}": text}
    status, page = press(client, link, "correct", **typed)

    assert status == 422
    assert re.search(rf'id="new_{field}"[^>]* aria-invalid="true" aria-describedby="new_{field}-error"', page)
    assert claire(scene) == before
    assert register(scene) == []


def test_a_bare_post_corrects_nothing(scene: Scene, client: TestClient[Litestar]) -> None:
    """An emptied field deletes what stood there, so only the form's own POST is taken."""
    link, before = asked(scene, client), claire(scene)

    assert press(client, link, "correct")[0] == 422
    assert claire(scene) == before


@pytest.mark.parametrize(
    ("step", "reason", "entered"),
    [("restrict", "restricted", ("restriction", "restricted")), ("object", "objected", ("objection", "stopped"))],
)
def test_mails_stop_at_once(
    scene: Scene, client: TestClient[Litestar], step: str, reason: str, entered: tuple[str, str]
) -> None:
    """In the objections file first; and what is held may still be seen."""
    link = asked(scene, client)
    status, _ = press(client, link, step)

    assert status == 200
    assert scene.stops() == [reason]
    assert [line for line in scene.lines() if reason in line or reason == "objected"]
    assert [(one.kind, one.outcome) for one in register(scene)] == [entered]
    assert press(client, link, "see")[0] == 200


def test_mails_stop_while_the_base_is_away(scene: Scene, client: TestClient[Litestar]) -> None:
    """Into the objections file, as from the link of any mail; what needs the base says that it cannot be done now."""
    link = asked(scene, client)
    with scene.away() as lost:
        answers = [lost.post(f"{link}/{step}", data={"language": "en"}).status_code for step in ("object", "restrict")]
        looked = lost.get(link).status_code
    with scene.house.store.write() as connection:
        ledger.take_in(connection, scene.house.state)
        wanted = select(schema.journal.c.contact_id).where(schema.journal.c.kind == "objection")
        named = connection.execute(wanted).scalars().all()

    assert answers == [200, 503]
    assert looked == 503
    assert scene.stops() == ["objected"]
    assert named == [scene.claire]


def test_everything_is_deleted(scene: Scene, client: TestClient[Litestar]) -> None:
    """Only with the box ticked; then no row and no file names the person, and the link is worth nothing."""
    link = asked(scene, client)
    assert press(client, link, "delete")[0] == 422
    assert claire(scene).email.spec == CLAIRE
    status, page = press(client, link, "delete", sure="yes")
    own = scene.house.hash_of(parse(CLAIRE))

    assert status == 200
    assert "claire" not in page
    assert "claire" not in repr(rows(scene))
    assert post(scene) == []
    assert scene.stops() == ["erased"]
    assert in_short(scene) == [("erasure", "page", "erased")]
    assert {press(client, link, step, sure="yes")[0] for step in STEPS[:3]} == {410}
    assert client.get(link).status_code == 410
    ask(scene, client)
    assert links(scene) == []
    with scene.house.store.read() as connection:
        assert contacts.is_suppressed(connection, own)


def test_a_list_of_the_firm_keeps_the_request_open(scene: Scene, client: TestClient[Litestar]) -> None:
    """The program deletes what is its own at once, and changes no spreadsheet: the page says by when, the log where."""
    source = scene.folder / "salon.csv"
    source.write_text(f"email;prenom\n{CLAIRE};Claire\n", encoding="utf-8")
    with scene.house.store.write() as connection:
        connection.execute(
            insert(schema.imports).values(
                file_name="salon.csv", file_digest="0" * 64, imported_at=scene.clock(), path=str(source)
            )
        )
    link = asked(scene, client)
    status, page = press(client, link, "delete", sure="yes")
    waiting = [one for one in register(scene) if one.closed_at is None]

    assert status == 200
    assert "2026-12-24" in page
    assert [(one.kind, one.due_on.isoformat()) for one in waiting] == [("erasure", "2026-12-24")]
    assert "claire" not in repr(rows(scene)[0]) + "".join(scene.lines())


def test_what_fails_stands_open(scene: Scene, client: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch) -> None:
    """A deletion that cannot be carried out is in the register with its day, and the page says so."""

    def broken(*_: object) -> bool:
        raise OSError

    link = asked(scene, client)
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "erase", broken)
        answers = [press(client, link, "delete", sure="yes") for _ in range(2)]
    waiting = [(one.kind, one.channel, one.outcome) for one in register(scene)]

    assert [status for status, _ in answers] == [202, 202]
    assert "2026-12-24" in answers[0][1]
    assert waiting == [("erasure", "page", None)]
    assert press(client, link, "delete", sure="yes")[0] == 200
    assert in_short(scene) == [("erasure", "page", "erased")]
