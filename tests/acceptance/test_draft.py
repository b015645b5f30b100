"""Papers that people write are begun by questions."""

from __future__ import annotations

from tests.project import Project, Terminal


def test_on_a_terminal_each_question_is_asked(project: Project) -> None:
    """The answers stand in the file, an empty line leaves its question open."""
    project = Project(project.folder / "campaigns", project.home)
    with Terminal.of(project, "draft", "notice", "--version", "2026-11", "--language", "en") as terminal:
        terminal.until("Who collects")
        terminal.type("Éluard Conseil, donnees@eluard.example\n")
        terminal.until("For what")
        for _ in range(8):
            terminal.type("\n")
        result = terminal.end()
    text = (project.folder / "notices" / "2026-11.md").read_text(encoding="utf-8")

    assert result.status == 0
    assert result.out.strip() == "notices/2026-11.md"
    assert "8 questions are still open" in result.err
    assert "\nÉluard Conseil, donnees@eluard.example\n" in text
    assert text.count("(still to be answered)") == 8


def test_without_a_terminal_the_questions_are_written(project: Project) -> None:
    """Nobody is asked; a second time nothing is overwritten."""
    first = project.here("draft", "balancing-test", "--language", "fr", "--version", "2026-11")
    second = project.here("draft", "balancing-test", "--version", "2026-11")

    assert (first.status, first.out) == (0, "lia-2026-11.md\n")
    assert second.status == 64
    assert "SC-805" in second.err
