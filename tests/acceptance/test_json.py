"""What ``--json`` prints is what docs/reference/json.md says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.conftest import Practised
from tests.project import ROOT, SPRING, Project, Result

SUMS = {"waiting", "held", "sending", "accepted", "refused", "deferred", "unknown", "withdrawn"}
COMMANDS = {
    "check/1": ("check", SPRING, "--practice", "--json"),
    "status/1": ("status", SPRING, "--practice", "--json"),
    "resolve/1": ("resolve", SPRING, "--practice", "--json"),
    "report/1": ("report", SPRING, "--practice", "--json"),
    "settings/1": ("settings", "show", SPRING, "--json"),
}


def documented() -> dict[str, set[str]]:
    """The keys of each section of the page."""
    page = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    return {
        section.split("\n")[0].strip("`").removeprefix("send-campaign/"): {
            *re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE)
        }
        for section in sections
    }


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Dotted paths of all keys; what the facts of a finding are called depends on its code."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}{key}"
            if key != "facts":
                yield from keys(inner, f"{path}{key}.")
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner, path)


def undocumented(schema: str, printed: dict[str, Any]) -> set[str]:
    page = documented()
    findings = {f"plan.{of}.{key}" for of in ("held", "uncomposable", "verdicts.findings") for key in page["Finding"]}
    known = (
        page[schema]
        | {"plan.reading"}
        | page["Plan"]
        | page["Preflight"]
        | findings
        | {f"campaigns.sums.{state}" for state in SUMS}
    )
    return {*keys(printed)} - known


def shape(result: Result) -> dict[str, Any]:
    printed: dict[str, Any] = result.json
    assert result.err == ""
    return printed


@pytest.mark.parametrize("schema", COMMANDS)
def test_every_key_is_documented(practised: Practised, schema: str) -> None:
    printed = shape(practised.project.run(*COMMANDS[schema]))

    assert printed["schema"] == f"send-campaign/{schema}"
    if schema == "settings/1":
        printed = next(value for key, value in printed.items() if key != "schema")
    assert undocumented(schema, printed) == set()


@pytest.mark.parametrize(
    ("schema", "command"),
    [
        ("journal/1", ("journal", "verify", "--practice", "--json")),
        ("objection/1", ("person", "object", "nobody@nowhere.example", "--practice", "--json")),
    ],
)
def test_every_key_of_commands_without_a_campaign_is_documented(
    practised: Practised, schema: str, command: tuple[str, ...]
) -> None:
    printed = shape(practised.project.here(*command))

    assert printed["schema"] == f"send-campaign/{schema}"
    assert undocumented(schema, printed) == set()


def test_every_key_of_a_run_is_documented_and_every_documented_one_printed(practised: Practised) -> None:
    """The example holds by many gates, has doubles and rejected rows: all keys of a run are there."""
    printed = practised.first.json

    assert printed["schema"] == "send-campaign/send/1"
    assert undocumented("send/1", printed) == set()
    page = documented()
    answers = {key for key in page["send/1"] if key.startswith("summary.answers.")}  # the practice relay refuses nobody
    absent = answers | {"plan.uncomposable.gate", "plan.uncomposable.contacts"}
    absent |= {key for key in page["Plan"] if key.startswith(("plan.slow.", "plan.day."))}  # practice has no pace
    assert page["send/1"] | page["Plan"] <= {*keys(printed)} | absent


def test_an_error_is_one_object_beside_its_words(empty: Project) -> None:
    """A script never reads an empty document; the words stay on stderr."""
    result = empty.run("check", "gone.yaml", "--json")

    assert result.status == result.json["exit"] == 66
    assert result.json["schema"] == "send-campaign/error/1"
    assert result.json["errors"][0]["code"] in result.err
    assert {*keys(result.json)} == documented()["error/1"]


def test_a_mistyped_option_is_an_object_too(empty: Project) -> None:
    """Also what is wrong with the command line itself."""
    result = empty.run("status", "--jsno", "--json")

    assert (result.status, result.json["exit"]) == (64, 64)
    assert [error["code"] for error in result.json["errors"]] == ["SC-101"]
