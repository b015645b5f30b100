"""Combines the packs that apply to one pair of countries: of each rule the strictest, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType

from sender.law.pack import Pack, load, pack_ids
from sender.law.rules import NO_SALE_LIMIT, Permission, Rules, Ruling
from sender.model import AddressClass

DEFAULT = "DEFAULT"


@lru_cache(maxsize=4096)
def resolve(sender_country: str | None, recipient_country: str | None, accepted: frozenset[str]) -> Rules:
    """The rules for mail from one country to another.

    ``accepted``: pack ids, with or without the version that was accepted (``FR``, ``FR@2026-11-23``). Both countries'
    packs apply, the stricter wins (A0 1). A country that is unknown or not accepted is judged by DEFAULT; a pack that
    was not accepted may still ask for more than DEFAULT does, never for less. A pack of another version than the one
    accepted counts as not accepted; whether a newer one may be taken for it is the caller's to say.
    """
    return combine(tuple(_packs(sender_country, recipient_country, accepted)), sender_country)


def _packs(sender: str | None, recipient: str | None, accepted: frozenset[str]) -> Iterator[Pack]:
    ids: dict[str, None] = {}
    for country in (recipient, sender):
        for pack_id in _for_country(country, accepted):
            ids.setdefault(pack_id)
    yield from map(load, ids)


def _for_country(country: str | None, accepted: frozenset[str]) -> Iterator[str]:
    known = country is not None and country in pack_ids() and load(country).kind == "country"
    if country is not None and known:
        yield country
        yield from load(country).layers
    if country is None or not known or not accepted_by(load(country), accepted):
        yield DEFAULT


def accepted_by(pack: Pack, accepted: frozenset[str]) -> bool:
    """Whether the operator's word (``FR``, ``FR@2026-11-23``) covers this version of the pack."""
    for entry in accepted:
        pack_id, _, version = entry.partition("@")
        if pack_id == pack.id and version in {"", pack.version.isoformat()}:
            return True
    return False


def combine(packs: tuple[Pack, ...], sender_country: str | None) -> Rules:
    """The strictest of each rule; what a sender must show comes from the sender's own country."""
    sectors = {sector: said.rule for pack in packs for sector, said in pack.banned_sectors.items()}
    return Rules(
        packs=tuple(pack.label for pack in packs),
        permissions=MappingProxyType({cls: _permission(packs, cls) for cls in AddressClass}),
        soft_opt_in=_soft_opt_in(packs),
        identity=MappingProxyType(_identity(packs, sender_country)),
        ad_label=_ad_label(packs),
        retention_days=_retention(packs),
        max_mails_per_year=_frequency(packs),
        tracking_needs_consent=_tracking(packs),
        published_opens=_published_opens(packs),
        banned_sectors=MappingProxyType(sectors),
        sale_max_age_days=_sale_age(packs),
        registries=MappingProxyType(_registries(packs)),
    )


def _permission(packs: tuple[Pack, ...], cls: AddressClass) -> Ruling[Permission]:
    if cls is AddressClass.INVALID:
        return Ruling(Permission.DENY, "A0 3 (invalid or disposable address)")
    answers = [(pack, pack.permission[cls]) for pack in packs if cls in pack.permission]
    if not answers:
        return Ruling(Permission.DENY, "A0 3 (no rule for this class of address)")
    pack, said = max(answers, key=lambda answer: answer[1].value.strictness)
    return Ruling(said.value, said.rule, pack.label)


def _soft_opt_in(packs: tuple[Pack, ...]) -> Ruling[bool]:
    found = [(pack, pack.soft_opt_in) for pack in packs if pack.soft_opt_in is not None]
    if not found:
        return Ruling(False, "A0 5 (no pack knows it)")
    pack, said = min(found, key=lambda answer: answer[1].allowed)
    return Ruling(said.allowed, said.rule, pack.label)


def _sale_age(packs: tuple[Pack, ...]) -> Ruling[int | None]:
    limits = [
        (pack.soft_opt_in.max_age_days, pack.soft_opt_in.rule, pack.label)
        for pack in packs
        if pack.soft_opt_in is not None and pack.soft_opt_in.max_age_days is not None
    ]
    return Ruling(*min(limits)) if limits else NO_SALE_LIMIT


def _identity(packs: tuple[Pack, ...], sender_country: str | None) -> dict[str, str]:
    """Business papers are the law of the sender's own country; name and postal address are everybody's."""
    wanted: dict[str, str] = {}
    for pack in packs:
        for element, said in pack.identity.items():
            if element in {"name", "postal_address"} or pack.id == sender_country:
                wanted.setdefault(element, said.rule)
    return wanted


def _ad_label(packs: tuple[Pack, ...]) -> Ruling[str | None]:
    for pack in packs:
        if pack.ad_label is not None and pack.ad_label.where == "subject":
            return Ruling("subject", pack.ad_label.rule, pack.label)
    return Ruling(None, "no pack asks for a label in the subject")


def _retention(packs: tuple[Pack, ...]) -> Ruling[int]:
    found = [(pack, pack.retention) for pack in packs if pack.retention is not None]
    if not found:
        return Ruling(0, "no pack lets details be kept")
    pack, said = min(found, key=lambda answer: answer[1].prospect_days)
    return Ruling(said.prospect_days, said.rule, pack.label)


def _frequency(packs: tuple[Pack, ...]) -> Ruling[int | None]:
    found = [(pack, pack.frequency) for pack in packs if pack.frequency is not None]
    if not found:
        return Ruling(None, "no pack sets a limit")
    pack, said = min(found, key=lambda answer: answer[1].max_per_year)
    return Ruling(said.max_per_year, said.rule, pack.label)


def _tracking(packs: tuple[Pack, ...]) -> Ruling[bool]:
    for pack in packs:
        if pack.tracking is not None and "consent" in {pack.tracking.open, pack.tracking.click}:
            return Ruling(True, pack.tracking.rule, pack.label)
    return Ruling(True, "Part B (no tracking without consent, whatever the country)")


def _registries(packs: tuple[Pack, ...]) -> dict[str, Ruling[int]]:
    """Every list that a pack asks to be consulted, for the shortest time."""
    found: dict[str, Ruling[int]] = {}
    for pack in packs:
        for said in pack.registries:
            if said.id not in found or said.days < found[said.id].value:
                found[said.id] = Ruling(said.days, said.rule, pack.label)
    return found


def _published_opens(packs: tuple[Pack, ...]) -> frozenset[AddressClass]:
    """Classes that every pack which asks for consent opens to published addresses; one that does not closes it."""
    asking = [pack for pack in packs if pack.permission]
    listed = {cls for pack in asking if pack.published_opens for cls in pack.published_opens.classes}
    return frozenset(cls for cls in listed if all(_opens(pack, cls) for pack in asking))


def _opens(pack: Pack, cls: AddressClass) -> bool:
    said = pack.permission.get(cls)
    if said is None or said.value in {Permission.OUT, Permission.EXEMPT}:
        return True
    return said.value is Permission.IN and pack.published_opens is not None and cls in pack.published_opens.classes
