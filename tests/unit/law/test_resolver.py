"""Two countries in, the strictest of each rule out, and whose it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.law import Permission, Rules, load, pack_ids, resolve
from sender.model import AddressClass

IDS = [pack_id for pack_id in pack_ids() if load(pack_id).kind == "country"]
COUNTRY = st.sampled_from([None, "XX", "UK", "DEFAULT", "EU", "fr", *IDS])
ACCEPTED = st.frozensets(st.sampled_from(IDS))
ALL = frozenset(IDS)


def no_looser(one: Rules, other: Rules) -> bool:
    """``one`` allows nothing that ``other`` does not."""
    return (
        all(
            one.permission(cls).value.strictness >= other.permission(cls).value.strictness
            and (opened(one, cls) <= opened(other, cls))
            for cls in AddressClass
        )
        and one.soft_opt_in.value <= other.soft_opt_in.value
        and one.retention_days.value <= other.retention_days.value
        and (one.max_mails_per_year.value or 999) <= (other.max_mails_per_year.value or 999)
        and (one.sale_max_age_days.value or 9999) <= (other.sale_max_age_days.value or 9999)
        and one.tracking_needs_consent.value >= other.tracking_needs_consent.value
        and set(one.identity) >= set(other.identity)
        and set(one.banned_sectors) >= set(other.banned_sectors)
        and (other.ad_label.value is None or one.ad_label.value == other.ad_label.value)
    )


def opened(rules: Rules, cls: AddressClass) -> bool:
    """May an address of this class that was published for such offers be written to?"""
    value = rules.permission(cls).value
    return value in {Permission.OUT, Permission.EXEMPT} or (value is Permission.IN and cls in rules.published_opens)


@given(COUNTRY, COUNTRY, ACCEPTED)
def test_mail_abroad_is_no_freer_than_mail_at_home(
    sender: str | None, recipient: str | None, ok: frozenset[str]
) -> None:
    """Both countries apply: the pair allows nothing that the recipient's country alone would not."""
    assert no_looser(resolve(sender, recipient, ok), alone(recipient, ok))


def alone(country: str | None, accepted: frozenset[str]) -> Rules:
    """The recipient's rules without what only senders of that country must show."""
    rules = resolve(country, country, accepted)
    everywhere = {element: rule for element, rule in rules.identity.items() if element in {"name", "postal_address"}}
    fields = {name: getattr(rules, name) for name in rules.__dataclass_fields__}
    return Rules(**fields | {"identity": everywhere})


@given(COUNTRY, COUNTRY, ACCEPTED)
def test_the_senders_own_law_applies_too(sender: str | None, recipient: str | None, ok: frozenset[str]) -> None:
    """Whatever the recipient's country allows, the sender's own is kept."""
    assert no_looser(resolve(sender, recipient, ok), resolve(sender, sender, ok))


@given(COUNTRY, COUNTRY, ACCEPTED, ACCEPTED)
def test_accepting_a_pack_never_makes_anything_stricter(
    sender: str | None, recipient: str | None, few: frozenset[str], more: frozenset[str]
) -> None:
    """To accept less is to be allowed less."""
    assert no_looser(resolve(sender, recipient, few), resolve(sender, recipient, few | more))


@given(COUNTRY, COUNTRY)
def test_nothing_is_looser_than_default_unless_accepted(sender: str | None, recipient: str | None) -> None:
    """Without an accepted pack the strict default holds, for known countries too."""
    assert no_looser(resolve(sender, recipient, frozenset()), resolve(None, None, frozenset()))


@given(COUNTRY, COUNTRY, ACCEPTED)
def test_every_answer_says_whose_it_is(sender: str | None, recipient: str | None, ok: frozenset[str]) -> None:
    """A permission names its rule, and a pack that is on record."""
    rules = resolve(sender, recipient, ok)
    for cls in AddressClass:
        ruling = rules.permission(cls)
        assert ruling.rule
        assert ruling.pack in {"", *rules.packs}


@pytest.mark.parametrize("country", [None, "XX", "UK", "DEFAULT", "EU", ""])
def test_an_unknown_country_is_judged_by_default(country: str | None) -> None:
    """No country, no exemption."""
    rules = resolve("FR", country, ALL)
    assert rules.packs[0].startswith("DEFAULT@")
    assert rules.permission(AddressClass.GENERIC_ENTITY).value is Permission.IN
    assert not rules.soft_opt_in.value


def test_a_country_that_was_not_accepted_is_judged_by_default() -> None:
    """Ireland would allow it, but nobody has accepted its pack."""
    assert resolve("FR", "IE", frozenset({"FR"})).permission(AddressClass.NAMED).value is Permission.IN
    assert resolve("FR", "IE", frozenset({"FR", "IE"})).permission(AddressClass.NAMED).value is Permission.OUT


def test_a_sender_whose_own_country_was_not_accepted_is_judged_by_default() -> None:
    """The sender's side is closed by default like the recipient's."""
    assert resolve("DE", "FR", frozenset({"FR"})).permission(AddressClass.GENERIC_ENTITY).value is Permission.IN


def test_a_pack_that_was_not_accepted_may_still_ask_for_more() -> None:
    """Spain's limit and Austria's label hold whether or not anybody accepted them."""
    assert resolve("FR", "ES", frozenset({"FR"})).max_mails_per_year.value == 3
    assert resolve("FR", "AT", frozenset({"FR"})).ad_label.value == "subject"


@pytest.mark.parametrize(
    ("entry", "permission"),
    [("FR", "exempt"), ("FR@2026-11-23", "exempt"), ("FR@2026-11-22", "in"), ("FR@2027-01-01", "in"), ("fr", "in")],
)
def test_a_version_accepted_covers_no_newer_pack(entry: str, permission: str) -> None:
    """What has changed since must be accepted again."""
    assert resolve("FR", "FR", frozenset({entry})).permission(AddressClass.GENERIC_ENTITY).value == permission


def test_france_at_home() -> None:
    """The base pack: named until objection, generic exempt, private persons after consent."""
    rules = resolve("FR", "FR", frozenset({"FR"}))
    assert rules.packs == ("FR@2026-11-23", "EU@2026-11-23")
    assert rules.permission(AddressClass.NAMED).rule == "FR F3 (CPCE L34-5; CNIL)"
    assert rules.permission(AddressClass.INVALID).value is Permission.DENY
    assert rules.retention_days.value == 1095
    assert set(rules.banned_sectors) == {"energy_renovation", "home_adaptation", "cpf_training"}


def test_only_a_french_sender_shows_french_business_papers() -> None:
    """Name and postal address are everybody's, the SIREN is not."""
    assert set(resolve("US", "FR", ALL).identity) == {"name", "postal_address"}
    assert "siren" in resolve("FR", "US", ALL).identity
    assert "siren" in resolve("FR", "US", frozenset()).identity


@pytest.mark.parametrize(
    ("country", "opened_classes"),
    [
        ("NL", {AddressClass.GENERIC_ENTITY}),
        ("CA", {AddressClass.NAMED, AddressClass.SINGLE_HOLDER_FUNCTION, AddressClass.SOLE_TRADER}),
        ("AU", {AddressClass.NAMED, AddressClass.SINGLE_HOLDER_FUNCTION, AddressClass.SOLE_TRADER}),
        ("DE", set()),
    ],
)
def test_published_addresses(country: str, opened_classes: set[AddressClass]) -> None:
    """Opened from France, and from nowhere whose own law stays closed."""
    assert resolve("FR", country, ALL).published_opens == opened_classes
    assert resolve("DE", country, ALL).published_opens == frozenset()
    assert resolve("FR", country, frozenset({"FR"})).published_opens == frozenset()


def test_permissions_by_strictness() -> None:
    """Deny is the strictest, exempt the loosest."""
    ordered = [Permission.EXEMPT, Permission.OUT, Permission.IN, Permission.DENY]
    assert sorted(Permission, key=lambda permission: permission.strictness) == ordered
