"""Pace as it is set."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.errors import SettingsError
from sender.settings import load, shown


def settings(folder: Path, text: str):
    (folder / "sender.toml").write_text(text, encoding="utf-8")
    return load(folder)


def test_a_table_and_a_line_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the file a table, in the environment one line; shown as the line."""
    table = settings(
        tmp_path,
        'rate = "20/second"\nwarm_up = "50"\n[pace]\n"orange.fr" = "500/hour 2 at once"\n"Müller.example" = "none"\n',
    )
    monkeypatch.setenv("SENDER_PACE", "orange.fr=500/hour 2 at once, Müller.example=none")
    line = settings(tmp_path, "")

    said = {one.name: one.value for one in shown(table)}
    assert table.pace == line.pace
    assert said["pace"] == "orange.fr=500/hour 2 at once, xn--mller-kva.example=none"
    assert (said["rate"], said["warm_up"]) == ("20/second", "50 +50%")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('rate = "fast"', "this is no rate"),
        ('warm_up = "slowly"', "this is no warm-up"),
        ('[pace]\n"orange" = "2/hour"', "'orange' is no domain"),
        ('[pace]\n"orange.fr" = "2"', "what is said of orange.fr is no pace"),
        ('[pace]\n"orange.fr" = "2/hour"\nconnections = 3', "connections is a setting and no domain"),
        ('[pace]\n"orange.fr" = "2/hour"\n"ORANGE.fr" = "3/hour"', "orange.fr stands there twice"),
    ],
)
def test_what_cannot_be_a_pace(tmp_path: Path, text: str, what: str) -> None:
    """Named with what is wrong; nothing is guessed."""
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, text)

    assert [what in one.what for one in caught.value.complaints] == [True]
