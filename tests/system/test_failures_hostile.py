"""Templates that want to run for ever or to get out, through the installed command: bounded, and said in words."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest

from tests.project import COMMAND, Project, Result
from tests.system.kill_campaign import local_only
from tests.system.size_project import make_project

SECONDS = 60  # of the processor's time; a template that is not bounded would use them up and be killed
LOOP = "{% for a in range(1000) %}"
ENDLESS = {
    "loops in loops": f"{LOOP * 4}x{'{% endfor %}' * 4}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "a string that doubles": "{% set n = namespace(s='x') %}" + LOOP + "{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}",
    "a great power": "{{ 10 ** 10 ** 10 }}",
    "a long repetition": "{{ 'x' * 10 ** 10 }}",
    "a wide format": "{{ '%1000000000d' % 1 }}",
    "a great range": "{% for a in range(10 ** 12) %}x{% endfor %}",
    "a file that includes itself": "{% include 'mail.txt' %}",
    "the way out by classes": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "the way out by a filter": "{{ contact|attr('__init__') }}",
    "another folder's file": "{% include '../../../../../../etc/passwd' %}",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_hostile_template_is_refused(tmp_path: Path, name: str) -> None:
    """The campaign is refused with the place in the template, or no letter of it can be written; nothing is sent."""
    project = make_project(tmp_path, 3, held_every=0)
    local_only(project)
    text = project.folder / "templates" / "spring" / "mail.txt"
    text.write_text(text.read_text(encoding="utf-8") + ENDLESS[name] + "\n", encoding="utf-8")

    result = checked(project)

    assert result.status in {65, 77}, result
    assert "Traceback" not in result.err
    assert "root:" not in result.out + result.err


def checked(project: Project) -> Result:
    """``check`` with a limit on its time and on its memory."""
    process = subprocess.Popen(
        [COMMAND, "check", "campaigns/spring.yaml"],
        cwd=project.folder,
        env=project.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limited,
    )
    out, err = process.communicate(timeout=300)
    return Result(process.returncode, out, err)


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
