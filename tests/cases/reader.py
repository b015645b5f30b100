"""Reads case files: defaults merged, twins made, every field known or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sender.gates import CAMPAIGN_GATES, CONTACT_GATES

Fields = dict[str, Any]
OTHER_ERRORS = (ValueError,)

_FIELDS: Mapping[str, frozenset[str] | None] = {
    "today": None,
    "accepted_packs": None,
    "sender": frozenset({"country", "missing", "shown_in"}),
    "offer": frozenset({"what", "functions", "because", "universal", "override", "sector"}),
    "message": frozenset(
        {"subject", "unsubscribe", "tracking", "asks_only_for_consent", "ad_label", "collection_notice"}
    ),
    "register": frozenset({"record", "balancing_test"}),
    "contact": frozenset(
        {"email", "title", "company", "company_form", "country", "source", "source_record", "collected_on"}
        | {"notice", "last_inbound_on", "published_for_this"}
    ),
    "contact.notice": frozenset({"given", "objection_offered", "date"}),
    "basis": None,
    "consent": frozenset({"date", "wording_version", "channel", "by", "proof", "tracking", "withdrawn_on"}),
    "sale": frozenset({"date", "own_similar", "refusal_offered"}),
    "state": frozenset({"objected", "complained", "bounced", "erased", "mails_last_12_months", "already"}),
}
_ABOUT = frozenset({"id", "about", "decision", "rule", "expect", "twin"})
_GATES = frozenset(gate.name for gate in (*CAMPAIGN_GATES, *CONTACT_GATES))


@dataclass(frozen=True)
class Case:
    """One campaign to one contact, with the verdict that must come out."""

    id: str
    fields: Fields
    send: bool
    refused_by: tuple[str, ...] = ()


def read_folder(folder: Path) -> list[Case]:
    """Every case, and every twin, of every ``*.yaml`` in a folder."""
    cases = [case for path in sorted(folder.glob("*.yaml")) for case in _read(path)]
    ids = [case.id for case in cases]
    doubles = {name for name in ids if ids.count(name) > 1}
    if doubles:
        raise ValueError(f"ids given twice: {sorted(doubles)}")
    return cases


def _read(path: Path) -> Iterator[Case]:
    document = YAML(typ="safe", pure=True).load(path)
    if not isinstance(document, dict):
        raise ValueError(f"{path.name}: no mapping")
    _known(document, frozenset({"defaults", "cases"}), path.name)
    defaults = document.get("defaults") or {}
    _check(defaults, f"{path.name}: defaults")
    for entry in document.get("cases") or []:
        yield from _cases(entry, defaults)


def _cases(entry: Fields, defaults: Fields) -> Iterator[Case]:
    name = entry["id"]
    fields = _merged(defaults, {key: value for key, value in entry.items() if key not in _ABOUT})
    _check(fields, name)
    expect = entry["expect"]
    _known(expect, frozenset({"send", "refused_by"}), name)
    refused_by = tuple(expect.get("refused_by") or ())
    _known(refused_by, _GATES, f"{name}: refused_by")
    yield Case(name, fields, _boolean(expect["send"], name), refused_by)
    if entry.get("twin"):
        _known(entry["twin"], frozenset({"change"}), name)
        changed = _changed(fields, entry["twin"]["change"])
        _check(changed, f"{name}-twin")
        yield Case(f"{name}-twin", changed, send=True)


def _merged(below: Fields, above: Fields) -> Fields:
    merged = deepcopy(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else deepcopy(value)
    return merged


def _changed(fields: Fields, change: Fields) -> Fields:
    changed = deepcopy(fields)
    for path, value in change.items():
        *parents, last = path.split(".")
        place = changed
        for parent in parents:
            place = place[parent]
        place[last] = deepcopy(value)
    return changed


def _check(fields: Fields, name: str) -> None:
    _known(fields, frozenset(key for key in _FIELDS if "." not in key), name)
    for key, allowed in _FIELDS.items():
        value: Any = fields
        for step in key.split("."):
            value = (value or {}).get(step)
        if allowed is not None and value is not None:
            _known(value, allowed, f"{name}: {key}")


def _known(given: Any, allowed: frozenset[str], where: str) -> None:
    unknown = set(given) - allowed
    if unknown:
        raise ValueError(f"{where}: unknown {sorted(unknown)}")


def _boolean(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{where}: send is true or false")
    return value
