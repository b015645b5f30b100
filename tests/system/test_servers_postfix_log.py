"""Letters whose fate is unknown are settled from the log of a real Postfix, and nobody gets two or none."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from tests.project import Project, Result
from tests.system.servers import Server, until
from tests.system.servers_letters import demand_equal
from tests.system.servers_thief import Thief, thief

EXAMPLE = 41
RUN = ("campaigns/spring.yaml", "--yes", "--create", "--json")


def through(wire: Thief) -> dict[str, str]:
    """One connection and a window of one, so that letters go one after the other."""
    url = f"smtp+plain://127.0.0.1:{wire.port}"
    return {"SENDER_RELAY": url, "SENDER_CONNECTIONS": "1", "SENDER_WINDOW": "1"}


def settle(project: Project, postfix: Server, *more: str) -> Result:
    assert postfix.log
    return project.run("resolve", "campaigns/spring.yaml", "--postfix-log", str(postfix.log), "--json", *more)


def complete(since: datetime) -> tuple[str, ...]:
    """The operator's word that no line is missing; it has to reach beyond what may still have been on its way."""
    later = datetime.now(UTC) + timedelta(hours=1)
    return ("--log-from", since.isoformat(), "--log-until", later.isoformat())


def unknown_letter(result: Result, project: Project) -> str:
    assert result.status == 74, result.err
    (letter,) = project.run("resolve", "campaigns/spring.yaml", "--json").json["letters"]
    return str(letter["message_id"])


def counts(result: Result) -> tuple[int, int, int]:
    said = result.json
    return said["accepted"], said["waiting"], said["unknown"]


def test_a_letter_whose_reply_was_lost_is_found_accepted(postfix: Server, project: Project) -> None:
    """Postfix logs its Message-ID and that it is queued; nothing is sent again."""
    before = postfix.stored()
    with thief(postfix.plain, "reply") as wire:
        unknown_letter(project.run(*RUN, **through(wire)), project)
    stored = postfix.delivered(EXAMPLE, before)

    settled = settle(project, postfix)
    again = project.run(*RUN, **postfix.without_tls)

    assert settled.status == again.status == 0, settled.err + again.err
    assert counts(settled) == (1, 0, 0)
    assert again.json["summary"]["accepted_now"] == 0
    assert len(postfix.stored() - before) == EXAMPLE
    demand_equal(project, project.campaign, stored, postfix.trace)


def test_a_letter_on_the_wire_of_a_killed_sender_is_found_accepted(postfix: Server, project: Project) -> None:
    """Killed when Postfix had answered and the answer had not arrived; the next run sends the others."""
    before = postfix.stored()
    with thief(postfix.plain, "reply") as wire:
        killed = project.start(*RUN, **through(wire))
        wire.then = killed.kill
        killed.communicate(timeout=60)
    assert killed.returncode == -9
    postfix.delivered(wire.letter, before)

    settled = settle(project, postfix)
    again = project.run(*RUN, **postfix.without_tls)

    assert counts(settled)[0] == 1
    assert settled.status == again.status == 0, settled.err + again.err
    demand_equal(project, project.campaign, postfix.delivered(EXAMPLE, before), postfix.trace)


@pytest.mark.parametrize("lost", ["content", "dot"])
def test_a_letter_that_did_not_arrive_is_sent_again_where_the_log_is_complete(
    postfix: Server, project: Project, lost: str
) -> None:
    """Without that word it stays unknown: lines may have been rotated away.

    Where only the dot was lost the log knows the Message-ID, and that the connection broke off in the content.
    """
    began, before = datetime.now(UTC), postfix.stored()
    with thief(postfix.plain, lost) as wire:  # type: ignore[arg-type]
        name = unknown_letter(project.run(*RUN, **through(wire)), project)
    postfix.delivered(EXAMPLE - 1, before)
    assert postfix.log
    log = postfix.log
    assert (name in log.read_text()) == (lost == "dot")
    until(lambda: lost == "content" or log.read_text().count("lost connection after DATA (") > 0, log.read_text)

    unsettled = settle(project, postfix)
    settled = settle(project, postfix, *complete(began))
    again = project.run(*RUN, **postfix.without_tls)

    assert (unsettled.status, counts(unsettled)) == (74, (0, 0, 1))
    assert (settled.status, counts(settled)) == (0, (0, 1, 0)), settled.err
    assert again.json["summary"]["accepted_now"] == 1
    demand_equal(project, project.campaign, postfix.delivered(EXAMPLE, before), postfix.trace)


def test_a_restored_base_learns_from_the_log_who_had_the_mail(postfix: Server, project: Project) -> None:
    """The backup is older than the run; every letter is unknown until the log has spoken, then the rest goes out."""
    began, before = datetime.now(UTC), postfix.stored()
    base, backup = project.folder / "campaigns/sender.db", project.folder / "backup.db"
    first = project.run(*RUN, "--limit", "3", **postfix.without_tls)
    assert first.status == 0, first.err
    shutil.copy(base, backup)
    project.run(*RUN, "--limit", "10", **postfix.without_tls)
    postfix.delivered(13, before)
    for left in base.parent.glob("sender.db*"):
        left.unlink()
    shutil.copy(backup, base)

    refused = project.run(*RUN, **postfix.without_tls)
    project.run("resolve", "--restored", cwd=project.folder / "campaigns")
    settled = settle(project, postfix, *complete(began - timedelta(days=1)))
    again = project.run(*RUN, **postfix.without_tls)

    assert refused.status == 74
    assert settled.status == again.status == 0, settled.err + again.err
    assert counts(settled)[0] == 10
    demand_equal(project, project.campaign, postfix.delivered(EXAMPLE, before), postfix.trace)
