"""The server over real sockets: how it begins, ends, and whom it does not wait for."""

from __future__ import annotations

import http.client
import os
import select
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sender.errors import UsageError
from sender.web import Bucket, Doors, Limits, Logo, Look, door_at, door_on, guard, inherited_doors
from sender.web.server import server
from tests.pages import ONE_CLICK, Scene

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BODY = "List-Unsubscribe=One-Click"
OFFER = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with Scene.open(tmp_path_factory.mktemp("pages")) as scene:
        yield scene


@contextmanager
def serving(scene: Scene, doors: Doors, **parts: Any) -> Iterator[Callable[[], None]]:
    """Answers in a thread; gives what asks it to end."""
    running = server(scene.app(**parts))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [door.dup() for door in doors.sockets]})
    thread.start()

    def end() -> None:
        running.should_exit = True

    try:
        yield end
    finally:
        end()
        thread.join(timeout=30)
        doors.close()
        assert not thread.is_alive()


@contextmanager
def wire(doors: Doors) -> Iterator[socket.socket]:
    door = doors.sockets[0]
    with socket.socket(door.family, socket.SOCK_STREAM) as ours:
        ours.settimeout(30)
        ours.connect(door.getsockname())
        yield ours


def ask(doors: Doors, text: str) -> bytes:
    """Everything that comes back until the other side closes."""
    with wire(doors) as ours:
        ours.sendall(text.replace("\n", "\r\n").encode("latin-1"))
        return b"".join(iter(lambda: ours.recv(65536), b""))


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_over_a_real_socket(scene: Scene) -> None:
    """The page is served and the one click taken on one connection; no version of the server is told."""
    doors = door_on("127.0.0.1", 0)
    with serving(scene, doors):
        connection = http.client.HTTPConnection("127.0.0.1", doors.sockets[0].getsockname()[1], timeout=30)
        connection.request("GET", scene.page)
        page = connection.getresponse()
        page.read()
        connection.request("POST", scene.page, BODY, FORM)
        answer = connection.getresponse()
        answer.read()
        connection.close()

    assert (page.status, answer.status) == (200, 200)
    assert page.getheader("server") is None
    assert scene.stops() == ["objected"]


def test_on_a_unix_socket_the_files_mode_is_the_trust(scene: Scene, tmp_path: Path) -> None:
    """Nobody but those of the mode may write to it, at no moment; it is gone when the server is."""
    path = tmp_path / "pages.sock"
    doors = door_at(path, 0o600)
    with serving(scene, doors):
        mode = stat.S_IMODE(path.stat().st_mode)
        answer = ask(doors, f"GET {scene.page} HTTP/1.1\nHost: x\nConnection: close\n\n")

    assert (mode, status_of(answer)) == (0o600, 200)
    assert not path.exists()


def test_a_socket_that_was_left_behind_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    """After a kill the server comes up again; beside another one it does not."""
    path = tmp_path / "pages.sock"
    door_at(path, 0o600).sockets[0].close()
    again = door_at(path, 0o600)

    with pytest.raises(UsageError, match="SC-612"):
        door_at(path, 0o600)
    again.close()


def test_a_place_that_cannot_be_listened_on_is_told(tmp_path: Path) -> None:
    """A port that is taken, a folder that is not there, a file that is no socket."""
    (tmp_path / "file").write_text("mine")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="SC-160"):
        door_on("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(UsageError, match="SC-611"):
        door_at(tmp_path / "nowhere" / "pages.sock", 0o600)
    with pytest.raises(UsageError, match="SC-611"):
        door_at(tmp_path / "file", 0o600)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(("process", "count"), [("", "1"), ("1", "1"), ("own", "0"), ("own", "x")])
def test_sockets_of_others_are_not_taken(monkeypatch: pytest.MonkeyPatch, process: str, count: str) -> None:
    """What systemd left for another process, or in no number, is not ours."""
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()) if process == "own" else process)
    monkeypatch.setenv("LISTEN_FDS", count)

    assert inherited_doors() is None


def test_who_says_little_is_cut_off(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither half a header nor half a body holds a connection; nothing is kept of it."""
    monkeypatch.setattr(guard, "_REQUEST_SECONDS", 0.2)
    doors = door_on("127.0.0.1", 0)
    before = scene.lines()
    with serving(scene, doors):
        for begun in ("", "POST /u/x HT", f"POST {scene.page} HTTP/1.1\nHost: x\nContent-Length: 9\n\nabc"):
            with wire(doors) as ours:
                ours.sendall(begun.replace("\n", "\r\n").encode())
                with suppress(ConnectionResetError):
                    assert ours.recv(1) == b""

    assert scene.lines() == before


@pytest.mark.parametrize(
    "begun",
    ["X: ", "Transfer-Encoding: chunked\n\n3\nabc\n0\nX: ", "Transfer-Encoding: chunked\n\n3;x="],
    ids=["header", "trailer", "what describes a piece of the body"],
)
def test_what_is_no_body_has_a_bound(scene: Scene, begun: str) -> None:
    """16 kB and no more. Who is cut off while still sending may lose the answer: TCP then resets the connection."""
    doors, answer, before = door_on("127.0.0.1", 0), b"", scene.lines()
    with serving(scene, doors), suppress(ConnectionResetError, BrokenPipeError), wire(doors) as ours:
        ours.sendall(f"POST {scene.page} HTTP/1.1\nHost: x\n{begun}".replace("\n", "\r\n").encode())
        for _ in range(40):
            ours.sendall(b"x" * 1000)
        answer = b"".join(iter(lambda: ours.recv(65536), b""))

    assert answer == b"" or status_of(answer) == 400
    assert scene.lines() == before


def test_who_does_not_take_the_answer_is_cut_off(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even an answer that was handed over whole holds the connection; a picture is longer than any buffer."""
    monkeypatch.setattr(guard, "_ANSWER_SECONDS", 0.2)
    doors = door_at(tmp_path / "pages.sock", 0o600)
    look = Look(logo=Logo(b"x" * 3_000_000, "image/png"))
    with serving(scene, doors, look=look), wire(doors) as ours:
        ours.sendall(b"GET /logo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        hung_up = select.poll()
        hung_up.register(ours, 0)  # of that alone one hears unasked
        told = hung_up.poll(30_000)

    assert [event for _, event in told] == [select.POLLHUP]


def test_requests_that_wait_for_each_other_have_a_bound(scene: Scene) -> None:
    """A few sent at once are answered in their order; whoever sends a thousand is cut off."""
    doors = door_on("127.0.0.1", 0)
    once = f"GET {scene.page} HTTP/1.1\nHost: x\n\n"
    last = "GET /nothing HTTP/1.1\nHost: x\nConnection: close\n\n"
    with serving(scene, doors):
        few = ask(doors, once * 3 + last)
        many = b""
        with suppress(ConnectionResetError, BrokenPipeError):
            many = ask(doors, once * 200 + last)

    assert [status_of(b"HTTP/1.1" + part) for part in few.split(b"HTTP/1.1")[1:]] == [200, 200, 200, 404]
    assert many.count(b"HTTP/1.1 200 ") < 20


@pytest.mark.parametrize(
    "request_line",
    ["GET", "GET /u/\x80 HTTP/1.1", "GET http://x HTTP/1.1", "CONNECT x:1 HTTP/1.1", "GET / HTTP/9.9", "\x00\x01\x02"],
)
def test_what_is_no_request_is_refused(scene: Scene, request_line: str) -> None:
    """And the next one is answered."""
    doors = door_on("127.0.0.1", 0)
    with serving(scene, doors):
        answer = ask(doors, f"{request_line}\nHost: x\nConnection: close\n\n")
        next_one = ask(doors, f"GET {scene.page} HTTP/1.1\nHost: x\nConnection: close\n\n")

    assert status_of(answer) in {400, 404, 405}
    assert status_of(next_one) == 200


@pytest.mark.parametrize(
    "lengths", ["Content-Length: 26\nTransfer-Encoding: chunked", "Content-Length: 26\nContent-Length: 0"]
)
def test_a_request_with_two_lengths_is_refused(scene: Scene, lengths: str) -> None:
    """A proxy in front might see another end of it, and whose the next request is would be uncertain."""
    # Meets: RFC 9112 section 6.3
    doors, before = door_on("127.0.0.1", 0), scene.lines()
    with serving(scene, doors):
        answer = ask(doors, f"POST {scene.page} HTTP/1.1\nHost: x\n{lengths}\nConnection: close\n\n{BODY}")

    assert status_of(answer) == 400
    assert scene.lines() == before


def test_whoever_offers_another_protocol_is_answered_in_this_one(scene: Scene) -> None:
    """curl offers HTTP/2 with its first request; the objection in it counts, and the next one."""
    doors, before = door_on("127.0.0.1", 0), len(scene.lines())
    with serving(scene, doors):
        connection = http.client.HTTPConnection("127.0.0.1", doors.sockets[0].getsockname()[1], timeout=30)
        statuses = []
        for headers in (FORM | OFFER, FORM):
            connection.request("POST", scene.page, BODY, headers)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()

    assert statuses == [200, 200]
    assert len(scene.lines()) == before + 2


def test_what_was_begun_is_finished_when_the_end_comes(scene: Scene) -> None:
    """The body comes after the end was asked for; the objection is kept and answered."""
    doors = door_on("127.0.0.1", 0)
    before = len(scene.lines())
    with serving(scene, doors) as end, wire(doors) as ours:
        ours.sendall(
            f"POST {scene.page} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert ours.recv(100).startswith(b"HTTP/1.1 100")  # it waits for the body by now
        end()
        ours.sendall(BODY.encode())
        answer = b"".join(iter(lambda: ours.recv(65536), b""))

    assert status_of(answer) == 200
    assert len(scene.lines()) == before + 1


def test_a_mail_provider_speaks_for_many(scene: Scene) -> None:
    """However many objections come from one address, each is taken; pages and guesses are counted."""
    few = Limits(strangers=Bucket(2, 1000), addresses=Bucket(3, 1000), pages=Bucket(100, 1000))
    with scene.client(limits=few) as client:
        pages = [client.get(scene.page).status_code for _ in range(4)]
        guesses = [client.get("/u/guess").status_code for _ in range(3)]
        posts = [client.post(scene.page, data=ONE_CLICK).status_code for _ in range(10)]

    assert pages == [200, 200, 200, 429]
    assert guesses == [404, 404, 429]
    assert posts == [200] * 10


def test_one_link_is_not_pressed_without_end(scene: Scene) -> None:
    """Beyond some twenty objections by one link the file grows no more; they are told when to come again."""
    before = len(scene.lines())
    with scene.client(limits=Limits(objections=Bucket(2, 1000))) as client:
        answers = [client.post(scene.page, data=ONE_CLICK) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) <= 1000
    assert len(scene.lines()) == before + 2


# --- for those who run it


def test_health_says_what_is_wrong(tmp_path: Path) -> None:
    """200 while objections can be kept, base or no base; 503 when they cannot. No path and no message is told."""
    with Scene.open(tmp_path) as scene, scene.client() as client:
        whole = client.get("/health")
        Path(scene.house.store.where).unlink()
        without = client.get("/health")
        (scene.house.state.folder / "objections").symlink_to("/proc/version")
        failing = client.get("/health")

    assert (whole.status_code, whole.json()) == (200, {"status": "ok", "objections": "ok", "base": "ok"})
    assert (without.status_code, without.json()["base"]) in {(200, "ok"), (200, "out of reach")}
    if os.geteuid():  # root may write anything
        assert failing.status_code == 503


def test_a_full_disk_is_ill_health(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next objection could not be kept, so traffic should go elsewhere."""
    real = os.statvfs(scene.folder)
    full = os.statvfs_result((*real[:4], 0, *real[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    with scene.client() as client:
        answer = client.get("/health")

    assert (answer.status_code, answer.json()["objections"]) == (503, "cannot be kept")


def test_metrics_are_for_those_who_run_the_server(scene: Scene) -> None:
    """They hold counts and no person, and through a proxy there is no such page."""
    doors = door_on("127.0.0.1", 0)
    request = "GET /metrics HTTP/1.1\nHost: x\nConnection: close\n"
    with serving(scene, doors):
        ask(doors, f"POST {scene.page} HTTP/1.1\nHost: x\nContent-Length: 0\nConnection: close\n\n")
        metrics = ask(doors, f"{request}\n")
        proxied = ask(doors, f"{request}X-Forwarded-For: 127.0.0.1\n\n")

    assert status_of(metrics) == 200
    assert b"send_campaign_pages_objections_total 1.0" in metrics
    assert scene.claire.encode() not in metrics
    assert b"@" not in metrics
    assert status_of(proxied) == 404


def test_without_a_fault_no_fault_is_told(scene: Scene) -> None:
    """Readers who hang up, ask too often or come with half a request are none: the log would fill with them."""
    assert not [trouble for trouble in scene.troubles if trouble.startswith("fault")]
