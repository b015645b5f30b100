"""``contacts purge`` as cron runs it."""

from __future__ import annotations

from tests.project import Project


def test_without_a_yes_nothing_is_deleted_and_with_it_there_is_quiet(project: Project) -> None:
    """The example holds one contact whose term is over."""
    project.practise()
    run = project.here

    seen = run("contacts", "purge", "--practice")
    assert seen.status == 0
    assert "1  to be deleted  FR  since collection" in seen.out
    assert "Nothing was deleted" in seen.err
    assert "@" not in seen.out
    assert run("contacts", "purge", "--practice", "--json").json["due"] == 1

    done = run("contacts", "purge", "--practice", "--yes")
    assert "1 contact deleted." in done.out
    again = run("contacts", "purge", "--practice", "--yes")
    assert (again.status, again.out, again.err) == (0, "", "")
