"""What is asked of the base has one answer, whichever data base it lies in."""

from __future__ import annotations

from typing import Any

from tests.databases import new_database
from tests.project import Project

IMPORT = "contacts import spring-contacts.csv --source trade_show --collected-on 2026-03-12 --notice 2026-01"
LIST = "contacts list --country FR --consent none --json"
QUESTIONS = (
    "register --json",
    "audit --json",
    "audit spring.yaml --json",
    LIST,
    "contacts doubles --json",
    "contacts purge --yes --json",
    "person requests --json",
)


def answers(project: Project, database: str) -> dict[str, Any]:
    """After an import, an objection and a merge; ids are drawn at random, and lists go by them."""
    wire = {"SENDER_DATABASE": database}
    for command in (
        f"{IMPORT} --create",
        "person object anne@cabinet-anne.example",
        "contacts merge boris@cabinet-boris.example carla@cabinet-carla.example --yes",
    ):
        result = project.here(*command.split(), **wire)
        assert result.status == 0, (command, result)
    found = {question: project.here(*question.split(), **wire) for question in QUESTIONS}
    assert all(result.status == 0 for result in found.values()), found
    said = {question: result.json for question, result in found.items()}
    said[LIST]["contacts"].sort(key=lambda one: one["email"])
    return said


def test_register_audit_lists_and_purge_answer_alike(project: Project, postgresql: str) -> None:
    """Number for number."""
    project.audience("anne", "boris", "carla", "anne2")
    on_sqlite = answers(project, "one.db")
    with new_database(postgresql) as url:
        on_postgresql = answers(project, url)

    assert on_postgresql == on_sqlite
    assert on_sqlite["audit --json"]["contacts"] == 3
