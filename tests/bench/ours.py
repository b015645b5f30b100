"""Our own part of the comparison: a project with the bench's mail, sent as a whole and by its last step alone.

As a child: python -m tests.bench.ours CAMPAIGN, which plans first and prints what sending alone took.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from sender import pipeline
from sender.cli import wiring
from sender.delivery import quick_loop
from sender.steps.house import House
from sender.steps.plan import Summary
from sender.steps.workers import Workers
from tests.bench import mail
from tests.bench.measuring import CONNECTIONS, ROOT, Spent, child
from tests.project import COMMAND, SPRING, Project
from tests.system.kill_campaign import local_only

_TEXT_FOOT = '{% include "partials/objection.txt" %}\n{% include "partials/legal-footer.txt" %}'
_HTML_FOOT = '{% include "partials/objection.html" %}\n{% include "partials/legal-footer.html" %}'


def lay_out(folder: Path, messages: int) -> Project:
    """The example project with the mail and the people of the bench."""
    project = Project.example(folder)
    local_only(project)
    place = project.folder / "templates" / "spring"
    (place / "mail.txt").write_text(mail.text("{{{{ contact.{} }}}}".format, _TEXT_FOOT), encoding="utf-8")
    (place / "mail.html").write_text(mail.html("{{{{ contact.{} }}}}".format, _HTML_FOOT), encoding="utf-8")
    mail.write_people(project.folder / "campaigns" / "spring-contacts.csv", messages)
    return project


def whole(folder: Path, port: int, messages: int) -> Spent:
    """From command to prompt, with contacts that nobody has seen before."""
    project = lay_out(folder, messages)
    words = [COMMAND, SPRING, "--yes", "--create", "--json"]
    spent = child(words, cwd=project.folder, env=environment(project, port))
    assert json.loads(spent.out)["summary"]["accepted_now"] == messages
    return spent


def alone(folder: Path, port: int, messages: int, *, connections: int = CONNECTIONS) -> Spent:
    """From the first connection to the last answer on the disk."""
    project = lay_out(folder, messages)
    surroundings = environment(project, port, connections) | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "tests.bench.ours", str(project.campaign)]
    told = json.loads(child(words, cwd=project.folder, env=surroundings).out)
    assert told["accepted"] == messages
    return Spent(told["seconds"], told["cpu"])


def environment(project: Project, port: int, connections: int = CONNECTIONS) -> dict[str, str]:
    relay = {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{port}", "SENDER_CONNECTIONS": str(connections)}
    return project.environment | relay


def main(campaign: Path) -> None:
    brief = pipeline.read(campaign)
    with wiring.opened(wiring.settings_for(campaign), practice=False, create=True) as house:
        with pipeline.workers(house, brief, wiring.relay_access(house.settings)) as crew:
            planned = pipeline.plan(house, brief, reserved_allowed=True)
            begun, spent = time.perf_counter(), _spent()
            with asyncio.Runner(loop_factory=quick_loop) as runner:
                summary = runner.run(_send(house, brief, planned, crew))
        told = {"accepted": summary.sent_now, "seconds": time.perf_counter() - begun, "cpu": _spent() - spent}
    print(json.dumps(told))


async def _send(house: House, brief: pipeline.Brief, planned: pipeline.Planned, crew: Workers | None) -> Summary:
    async with wiring.relay(house) as access:
        return await pipeline.send(house, brief, planned, access, stop=asyncio.Event(), crew=crew)


def _spent() -> float:
    """Processor seconds, those of children that have ended included."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
