"""Somebody says stop. That wins over everything, however it was said."""

from __future__ import annotations

import re
import signal
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project, Terminal

ANNE = "anne@cabinet-anne.example"


def held_by_objection(plan: dict[str, list[dict[str, object]]]) -> int:
    return sum(
        int(str(one["contacts"])) for one in plan["held"] if (one["gate"], one["code"]) == ("suppressed", "objected")
    )


def test_who_objected_is_held_and_the_plan_says_why(project: Project) -> None:
    """Before the first mail or between two runs; the address itself is in no output."""
    project.audience("anne", "boris")
    project.run(SPRING, "--practice", "--limit", "1", "--yes")
    (mailed,) = project.mails()
    other = ANNE if "boris" in str(mailed["To"]) else "boris@cabinet-boris.example"

    objected = project.here("person", "object", other, "--practice", "--json")
    result = project.practise("--json")

    assert (objected.status, result.status) == (0, 0)
    assert objected.json["in_base"] is True
    assert held_by_objection(result.json["plan"]) == 1
    assert len(project.mails()) == 1
    assert "@" not in objected.out + objected.err


def test_practice_knows_the_real_objections_and_gives_none_back(project: Project, relay: LocalRelay) -> None:
    """Who objected in earnest is held in practice too; who objected in practice still gets the real mail."""
    project.audience("carla")
    declined = project.run(SPRING, SENDER_RELAY=relay.url)
    project.audience("anne", "boris")
    project.here("person", "object", ANNE)
    practice = project.practise("--json")
    project.here("person", "object", "boris@cabinet-boris.example", "--practice")
    real = project.run(SPRING, "--json", SENDER_RELAY=relay.url)

    assert (declined.status, practice.status, real.status) == (0, 0, 0)
    assert held_by_objection(practice.json["plan"]) == 1
    assert [str(mail["To"]) for mail in project.mails()] == ["Boris Martin <boris@cabinet-boris.example>"]
    assert held_by_objection(real.json["plan"]) == 1
    assert real.json["summary"]["accepted_now"] == 1
    assert any("boris" in str(mail["To"]) for mail in project.mails(relay.mails))


def test_an_objection_between_plan_and_sending_wins(project: Project, relay: LocalRelay) -> None:
    """The plan was made and shown; before the answer somebody objects, and gets nothing."""
    project.audience("anne", "boris")

    with Terminal.of(project, SPRING, SENDER_RELAY=relay.url) as terminal:
        terminal.until("Send 2 mails now?")
        objected = project.here("person", "object", ANNE)
        terminal.type("y\n")
        result = terminal.end()
    told = project.run("report", SPRING, "--language", "en")

    assert (objected.status, result.status, told.status) == (0, 0, 0)
    assert "came in after the decision" in told.out
    assert [str(mail["To"]) for mail in project.mails(relay.mails)] == ["Boris Martin <boris@cabinet-boris.example>"]
    assert project.sums()["held"] == 1


def test_the_link_of_a_mail_stops_the_next_one(project: Project) -> None:
    """``serve`` answers it: a GET changes nothing, one POST without cookie or login is enough."""
    project.audience("anne", "boris")
    project.run(SPRING, "--practice", "--yes", "--limit", "1")
    (mail,) = project.mails()
    found = re.search(r"<(https://[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found
    path = urlsplit(found[1]).path
    serving = project.start("serve", "--practice", "--port", "0", cwd=project.folder / "campaigns", SENDER_LOG="stderr")
    try:
        assert serving.stderr
        address = re.search(r"http://127\.0\.0\.1:\d+", serving.stderr.readline())
        assert address
        base = address[0]
        with urlopen(f"{base}/health", timeout=10) as health:
            assert health.status == 200
        with urlopen(base + path, timeout=10) as page:
            assert page.status == 200
            assert "<form" in page.read().decode()
        project.replace(SPRING, "campaign: spring-2026", "campaign: autumn-2026")
        project.replace(SPRING, "what: Audit", "what: Nouvel audit")
        after_get = project.run("check", SPRING, "--practice", "--json")
        one_click = Request(base + path, data=b"List-Unsubscribe=One-Click", method="POST")
        with urlopen(one_click, timeout=10) as answer:
            assert answer.status == 200
        with pytest.raises(HTTPError) as forged:
            urlopen(Request(base + path[:-2] + "AA", data=b"", method="POST"), timeout=10)
        forged.value.close()
    finally:
        serving.send_signal(signal.SIGTERM)
        _, err = serving.communicate(timeout=30)

    after_post = project.practise("--json")

    assert forged.value.code == 404
    assert after_get.json["plan"]["to_send"] == 2
    assert held_by_objection(after_post.json["plan"]) == 1
    assert "cabinet-" not in err
