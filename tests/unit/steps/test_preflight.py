"""When the DNS is asked, and about which domains."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.campaign import load as load_campaign
from sender.settings import load
from sender.steps.preflight import NotAsked, not_asked, sending

ROOT = Path(__file__).parents[3]
SPRING = load_campaign(ROOT / "campaigns" / "spring.yaml")


@pytest.mark.parametrize(
    ("written", "practice", "why"),
    [
        ('resolver = "127.0.0.1"', True, NotAsked.PRACTICE),
        ('resolver = "127.0.0.1"\npreflight = false', False, NotAsked.OFF),
        ("", False, NotAsked.INVENTED),
        ('resolver = "127.0.0.1"', False, None),
    ],
)
def test_when_nobody_is_asked(tmp_path: Path, written: str, practice: bool, why: NotAsked | None) -> None:
    """In practice, when it is off, and about an invented domain that no server of one's own knows."""
    (tmp_path / "sender.toml").write_text(written)

    assert not_asked(load(tmp_path), SPRING, practice=practice) is why


@pytest.mark.parametrize(
    ("relay", "name", "own"),
    [
        (None, None, False),
        ("smtp+plain://127.0.0.1", None, True),
        ("smtp+plain:///run/relay.socket", None, True),
        ("smtps://relay.example", "relay.example", False),
    ],
)
def test_what_is_asked_about(tmp_path: Path, relay: str | None, name: str | None, own: bool) -> None:
    """From, the envelope as the settings have it, Reply-To, and a relay elsewhere by its name."""
    lines = ['bounces = "back@bounces.eluard.example"', f'relay = "{relay}"' if relay else ""]
    (tmp_path / "sender.toml").write_text("\n".join(lines))

    asked = sending(load(tmp_path), SPRING)

    assert asked.read == ("eluard.example", "bounces.eluard.example")
    assert (asked.relay, asked.own_machine) == (name, own)
