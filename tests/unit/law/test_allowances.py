"""When a newer pack has to be accepted again: as soon as it allows more in anything."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import pytest

from sender.law import allowances, load, loosened, pack_ids
from sender.law.pack import read


def changed(pack: str, change: Any) -> dict[str, int]:
    """What the pack would allow after ``change`` of its data."""
    data: Any = tomllib.loads(files("sender.law").joinpath("packs", f"{pack}.toml").read_text(encoding="utf-8"))
    change(data)
    return allowances(read(data, pack))


@pytest.mark.parametrize("pack", pack_ids())
def test_the_same_pack_is_no_looser(pack: str) -> None:
    """An acceptance outlives a reinstallation."""
    assert loosened(allowances(load(pack)), allowances(load(pack))) == ()


@pytest.mark.parametrize(
    ("pack", "change", "names"),
    [
        ("DE", lambda d: d["permission"]["generic_entity"].update({"is": "out"}), ["permission.generic_entity"]),
        ("IE", lambda d: d["soft_opt_in"].update({"max_age_days": 730}), ["soft_opt_in"]),
        ("IE", lambda d: d["soft_opt_in"].update({"max_age_days": None}), ["soft_opt_in"]),
        ("NL", lambda d: d["published_opens"]["classes"].append("named"), ["published_opens.named"]),
        ("ES", lambda d: d["frequency"].update({"max_per_year": 4}), ["frequency"]),
        ("ES", lambda d: d.pop("frequency"), ["frequency"]),
        ("ES", lambda d: d.pop("registries"), ["registries.lista-robinson"]),
        ("AT", lambda d: d["ad_label"].update({"where": "if_not_obvious"}), ["ad_label"]),
        ("FR", lambda d: d["identity"].pop("siren"), ["identity.siren"]),
        ("FR", lambda d: d["banned_sectors"].pop("cpf_training"), ["banned_sectors.cpf_training"]),
        ("FR", lambda d: d["retention"].update({"prospect_days": 1825}), ["retention"]),
        ("FR", lambda d: d["tracking"].update({"open": "free"}), ["tracking.open"]),
    ],
)
def test_what_allows_more_is_named(pack: str, change: Any, names: list[str]) -> None:
    """Each loosening is seen, and the way back is none."""
    now, then = changed(pack, change), allowances(load(pack))

    assert list(loosened(then, now)) == names
    assert loosened(now, then) == ()
