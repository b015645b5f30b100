"""The public pages over a real data base and a real file: a GET changes nothing, one POST is enough."""

from __future__ import annotations

import http.client
import os
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from sender.errors import UsageError
from sender.links import LinkTarget, Purpose, sign
from sender.model import Address, ContactId
from sender.web import ObjectionDesk, Person, create_app, serve
from sender.web.app import server

RING = ((1, b"a" * 32), (2, b"b" * 32))
CONTACT = ContactId("ab" * 16)
HASH = b"h" * 32
TOKEN = sign(RING, Purpose.OBJECT, CONTACT, HASH)
PAGE = f"/u/{TOKEN}"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class ObjectionsFile:
    """Appends one line an objection and syncs it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def record_objection(self, contact: ContactId, address_hash: bytes, at: datetime) -> None:
        with self.path.open("a", encoding="ascii") as file:
            file.write(f"{contact} {address_hash.hex()} {at.isoformat()}\n")
            file.flush()
            os.fsync(file.fileno())


class SqlitePeople:
    """The port over a plain SQLite file."""

    def __init__(self, path: Path) -> None:
        self.url = f"{path.as_uri()}?mode=rw"

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.url, uri=True, timeout=0)

    def find(self, target: LinkTarget) -> Person | None:
        with closing(self._connect()) as base:
            row = base.execute(
                "SELECT local, domain FROM contacts WHERE id = ? AND hash = ?", (target.contact, target.address_hash)
            ).fetchone()
        return Person("Éluard & Fils", Address(row[0], row[1], key=""), "fr") if row else None

    def object(self, target: LinkTarget, at: datetime) -> None:
        with closing(self._connect()) as base, base:
            base.execute("INSERT OR IGNORE INTO suppressions VALUES (?, ?)", (target.address_hash, at.isoformat()))

    def ping(self) -> None:
        with closing(self._connect()) as base:
            base.execute("SELECT 1").fetchone()


class House:
    """A base with one contact, an objections file, and the pages before them."""

    def __init__(self, folder: Path) -> None:
        self.base = folder / "sender.db"
        self.file = folder / "objections"
        self.troubles: list[tuple[str, str]] = []
        with closing(sqlite3.connect(self.base)) as base, base:
            base.execute("CREATE TABLE contacts (id TEXT, hash BLOB, local TEXT, domain TEXT)")
            base.execute("CREATE TABLE suppressions (hash BLOB PRIMARY KEY, since TEXT)")
            base.execute("INSERT INTO contacts VALUES (?, ?, 'claire', 'entreprise.example')", (CONTACT, HASH))

    def app(self) -> Litestar:
        trouble: Callable[[str, str], None] = lambda where, kind: self.troubles.append((where, kind))  # noqa: E731
        desk = ObjectionDesk(RING, ObjectionsFile(self.file), SqlitePeople(self.base), lambda: NOW, trouble)
        return create_app(desk)

    def suppressed(self) -> list[bytes]:
        with closing(sqlite3.connect(self.base)) as base:
            return [row[0] for row in base.execute("SELECT hash FROM suppressions")]

    def lines(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []

    def state(self) -> tuple[list[bytes], list[str]]:
        return self.suppressed(), self.lines()


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Everything whole."""
    return House(tmp_path)


@pytest.fixture
def client(house: House) -> Iterator[TestClient[Litestar]]:
    """Asks the pages without a network."""
    with TestClient(house.app(), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_only_a_post_changes_anything(house: House, client: TestClient[Litestar], method: str) -> None:
    """Scanners may follow the link as often as they like, with whatever in the query."""
    client.request(method, PAGE)
    client.request(method, PAGE, params=ONE_CLICK)

    assert house.state() == ([], [])


def test_head_answers_like_get(client: TestClient[Litestar]) -> None:
    """The same status and headers, no body."""
    got, headed = client.get(PAGE), client.head(PAGE)

    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers == got.headers


def test_options_names_the_methods(client: TestClient[Litestar]) -> None:
    """GET, HEAD, OPTIONS and POST."""
    answer = client.options(PAGE)

    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize(
    "body",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff\x00 not a form", "headers": {"content-type": "multipart/form-data"}},
    ],
    ids=["urlencoded", "multipart", "empty", "garbage"],
)
def test_one_post_stops(house: House, client: TestClient[Litestar], body: dict[str, object]) -> None:
    """Whatever the mail program sends, a genuine link is enough: 200, no redirect, no cookie asked for or set."""
    answer = client.post(PAGE, follow_redirects=False, **body)  # type: ignore[arg-type]

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "C’est enregistré" in answer.text
    assert house.state() == ([HASH], [f"{CONTACT} {HASH.hex()} {NOW.isoformat()}"])


def test_a_second_post_is_as_good_as_the_first(house: House, client: TestClient[Litestar]) -> None:
    """Asking again changes nothing and is answered the same."""
    first, second = client.post(PAGE, data=ONE_CLICK), client.post(PAGE, data=ONE_CLICK)

    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert house.suppressed() == [HASH]


def test_a_missing_base_costs_no_objection(house: House, client: TestClient[Litestar]) -> None:
    """The page shows nobody, the POST is 200, and the objection is in the file."""
    house.base.unlink()

    page = client.get(PAGE)
    answer = client.post(PAGE, data=ONE_CLICK)

    assert (page.status_code, answer.status_code) == (200, 200)
    assert "•••" not in page.text
    assert len(house.lines()) == 1
    assert house.troubles == [("page", "OperationalError"), ("base", "OperationalError")]


def test_a_read_only_base_costs_no_objection(house: House, client: TestClient[Litestar]) -> None:
    """A base that another program holds for writing is no reason to lose an objection."""
    with closing(sqlite3.connect(house.base, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = client.post(PAGE, data=ONE_CLICK)
        other.execute("ROLLBACK")

    assert answer.status_code == 200
    assert (house.suppressed(), len(house.lines())) == ([], 1)


def test_nothing_kept_is_not_called_kept(house: House, client: TestClient[Litestar]) -> None:
    """With base and file both out of reach the reader is told, and told what to do instead."""
    house.base.unlink()
    house.file.mkdir()

    answer = client.post(PAGE, data=ONE_CLICK)

    assert answer.status_code == 503
    assert "STOP" in answer.text


@pytest.mark.parametrize("path", [f"/u/{TOKEN[:-1]}A", f"/u/{TOKEN}x", "/u/x", "/u/", "/", "/schema", f"{PAGE}/more"])
def test_strangers_learn_nothing(house: House, client: TestClient[Litestar], path: str) -> None:
    """A forged link and a page that never was are one and the same, by GET and by POST."""
    unknown = client.get("/never-was")
    got, posted = client.get(path), client.post(path, data=ONE_CLICK)

    assert unknown.status_code == 404
    assert (got.status_code, got.text, got.headers) == (404, unknown.text, unknown.headers)
    assert posted.status_code == 404
    assert house.state() == ([], [])


def test_an_oversized_body_is_refused(house: House, client: TestClient[Litestar]) -> None:
    """No more than 16 kB are read of anybody."""
    answer = client.post(PAGE, content=b"x" * 20_000)

    assert answer.status_code == 413
    assert house.state() == ([], [])


@pytest.mark.parametrize("path", [PAGE, "/nowhere", "/health"])
def test_every_answer_is_locked_down(client: TestClient[Litestar], path: str) -> None:
    """No script, no frame, no cookie, no cache, no index, no referrer that would carry the token away."""
    headers = client.get(path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def test_the_page_speaks_the_readers_language(client: TestClient[Litestar]) -> None:
    """English for an English browser; French, the contact's, for one that says nothing."""
    english = client.get(PAGE, headers={"accept-language": "en-GB"})
    silent = client.get(PAGE, headers={"accept-language": ""})

    assert '<html lang="en">' in english.text
    assert "Éluard &amp; Fils vous a écrit à l’adresse c•••@e•••.example." in silent.text


def test_health_says_whether_the_base_is_in_reach(house: House, client: TestClient[Litestar]) -> None:
    """200 in both cases: objections can be taken without the base. No path and no message is told."""
    with_base = client.get("/health")
    house.base.unlink()
    without = client.get("/health")

    assert (with_base.status_code, with_base.json()) == (200, {"status": "ok", "base": "ok"})
    assert (without.status_code, without.json()) == (200, {"status": "ok", "base": "out of reach"})


def test_over_a_real_socket(house: House) -> None:
    """uvicorn serves the page and takes the one click, tells no version of itself, and logs nothing."""
    running = server(house.app())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            wire = http.client.HTTPConnection("127.0.0.1", listening.getsockname()[1], timeout=30)
            wire.request("GET", PAGE)
            page = wire.getresponse()
            page.read()
            wire.request(
                "POST", PAGE, "List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"}
            )
            answer = wire.getresponse()
            answer.read()
            wire.close()
        finally:
            running.should_exit = True
            thread.join(timeout=30)

    assert (page.status, answer.status) == (200, 200)
    assert page.getheader("server") is None
    assert house.suppressed() == [HASH]


def test_a_port_that_is_taken_is_told(house: House) -> None:
    """The error names the place and what to do; nothing is served."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="SC-160"):
        serve(house.app(), "127.0.0.1", taken.getsockname()[1])
