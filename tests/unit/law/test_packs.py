"""The packs as they come with the program, and what a wrong one is told."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from sender.errors import Fault
from sender.law import Permission, load, pack_ids
from sender.law.pack import read
from sender.law.page import page
from sender.model import AddressClass

COUNTRIES = ["AE", "AT", "AU", "BE", "CA", "CH", "CI", "DE", "ES", "FR", "GB", "IE", "IT", "LU", "MA", "NL"]
COUNTRIES += ["SN", "TN", "US"]
CLASSES = ["named", "generic_entity", "single_holder_function", "sole_trader", "consumer"]

# RULES A4, one letter for each of CLASSES: I consent, O until objection, E exempt.
MATRIX = dict.fromkeys(COUNTRIES, "IIIII") | {
    "FR": "OEOOI",
    "BE": "IOIII",
    "IE": "OOOOI",
    "GB": "OOOII",
    "US": "OOOOO",
    "DEFAULT": "IIIII",
}
LETTERS = {"I": Permission.IN, "O": Permission.OUT, "E": Permission.EXEMPT}
KNOWS_SOFT_OPT_IN = {"FR", "DE", "AT", "BE", "NL", "LU", "ES", "IT", "IE", "GB", "CH", "CA", "MA", "SN", "AU"}


def belgium() -> dict[str, object]:
    return tomllib.loads(files("sender.law").joinpath("packs", "BE.toml").read_text(encoding="utf-8"))


def test_there_is_a_pack_for_every_country_of_the_tables() -> None:
    """Nineteen countries, what the Union shares, and the strict default."""
    assert pack_ids() == ("DEFAULT", "EU", *COUNTRIES)


@pytest.mark.parametrize("pack_id", sorted(MATRIX))
def test_permissions_are_those_of_the_matrix(pack_id: str) -> None:
    """What the packs allow is what the table says, no more."""
    said = load(pack_id).permission
    assert [said[AddressClass(cls)].value for cls in CLASSES] == [LETTERS[letter] for letter in MATRIX[pack_id]]


@pytest.mark.parametrize("pack_id", sorted(MATRIX))
def test_the_soft_opt_in_is_known_where_it_was_found(pack_id: str) -> None:
    """Where the table has none, or could not verify it, a sale opens nothing."""
    said = load(pack_id).soft_opt_in
    assert said is not None
    assert said.allowed is (pack_id in KNOWS_SOFT_OPT_IN)


@pytest.mark.parametrize("pack_id", ["DEFAULT", "EU", *COUNTRIES])
def test_a_page_shows_every_statement_with_its_mark(pack_id: str) -> None:
    """A lawyer sees each rule and what is still to be verified, and no table is broken."""
    text, pack = page(pack_id), load(pack_id)
    assert text.startswith(f"## {pack_id}: ")
    assert all(statement.rule in text for statement in pack.statements())
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(row.count("|") == 6 for row in rows)
    marks = [row.rsplit("|", 2)[1].strip() for row in rows]
    assert marks.count("**to verify**") == sum(said.mark == "to_verify" for said in pack.statements())
    assert marks.count("sourced") == sum(said.mark == "sourced" for said in pack.statements())


def test_no_pack_claims_a_review_it_did_not_have() -> None:
    """Until a lawyer signs, every pack says so."""
    assert {load(pack_id).review.status for pack_id in pack_ids()} == {"unreviewed"}


@pytest.mark.parametrize("pack_id", ["DEFAULT", "EU", *COUNTRIES])
def test_every_source_listed_is_used(pack_id: str) -> None:
    """A list of sources that nothing rests on would look better than it is."""
    pack = load(pack_id)
    used = {part for statement in pack.statements() for part in statement.source.split(", ")}
    assert used - {"K"} == set(pack.sources)


def test_an_unknown_pack_is_no_pack() -> None:
    """Nobody can name a file that is not a pack."""
    with pytest.raises(KeyError):
        load("../secrets")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("permision", {}),
        ("version", "some day"),
        ("id", "FR"),
        ("id", "Belgium"),
        ("kind", "planet"),
        ("permission", {}),
        ("soft_opt_in", None),
        ("soft_opt_in", {"allowed": True, "rule": "XX", "source": "K", "mark": "sourced"}),
        ("soft_opt_in", {"allowed": True, "rule": "XX", "source": "S99", "mark": "sourced"}),
        ("soft_opt_in", {"allowed": True, "rule": "XX", "source": "K", "mark": "hearsay"}),
        ("soft_opt_in", {"allowed": True}),
        ("frequency", {"max_per_year": 0, "rule": "XX", "source": "K", "mark": "to_verify"}),
        ("identity", {"shoe_size": {"rule": "XX", "source": "K", "mark": "to_verify"}}),
    ],
)
def test_a_wrong_pack_is_refused(key: str, value: object) -> None:
    """What is unknown, missing or claims more than its source stops everything."""
    data = belgium() | {key: value}
    with pytest.raises(Fault) as caught:
        read(data, "BE")
    assert caught.value.complaints[0].code == "SC-903"


@pytest.mark.parametrize(
    ("address_class", "permission"),
    [("sole_trader", "out"), ("sole_trader", "exempt"), ("consumer", "deny"), ("invalid", "deny"), ("named", "deny")],
)
def test_a_firm_of_unknown_form_is_safe_in_every_pack(address_class: str, permission: str) -> None:
    """No pack may treat a sole trader more loosely than what a firm of unknown form could otherwise be."""
    data = belgium()
    said = {"is": permission, "rule": "XX", "source": "K", "mark": "to_verify"}
    data["permission"] = {**data["permission"], address_class: said}  # type: ignore[dict-item]
    if address_class == "consumer":
        assert read(data, "BE").permission[AddressClass.CONSUMER].value is Permission.DENY
    else:
        with pytest.raises(Fault):
            read(data, "BE")
