"""The signer that the settings ask for. While signing is set, a key that cannot be read stops everything."""

from __future__ import annotations

from collections.abc import Iterator

from sender.dkim import Identity, Kind, Signer, SigningKey, aligned, parse_key, read_key_file
from sender.errors import Complaint, Place, SettingsError
from sender.model import Campaign
from sender.settings import Settings
from sender.steps.house import House

__all__ = ["identities", "signer_for", "signer_of"]

_PREFIXES: tuple[tuple[Kind, str], ...] = (("rsa", "dkim"), ("ed25519", "dkim_ed25519"))
_SET = ("selector", "key_file", "key_command")


def signer_of(house: House, campaign: Campaign) -> Signer | None:
    """For a campaign's letters; in practice too, so that practice shows what would be sent."""
    return signer_for(house.settings, campaign.sender.from_.domain)


def signer_for(settings: Settings, author: str) -> Signer | None:
    """For letters whose From has the domain ``author`` (ASCII); None where signing is not set. Raises SettingsError."""
    found = identities(settings)
    if not found:
        return None
    domain = found[0].domain
    # Meets: C3 (aligned DKIM)
    if not aligned(domain, author):
        raise SettingsError.of(
            "SC-675",
            f"dkim_domain is {domain}, and the letters are from {author}",
            why="A signature of another domain says nothing for yours: DMARC counts the letters as unsigned.",
            todo=f"Set dkim_domain to {author} or to its parent, and publish the key there.",
            place=Place("dkim_domain"),
        )
    return Signer(found)


def identities(settings: Settings) -> tuple[Identity, ...]:
    """The keys of the settings, fetched now, RSA first; none where signing is not set. Raises SettingsError."""
    if not any(getattr(settings, name) for name in ("dkim_domain", *_names("dkim"), *_names("dkim_ed25519"))):
        return ()
    SettingsError.unless_empty(_missing(settings))
    assert settings.dkim_domain is not None  # noqa: S101 - for the type checker
    return tuple(
        Identity(_key(settings, kind, prefix), settings.dkim_domain, getattr(settings, f"{prefix}_selector"))
        for kind, prefix in _PREFIXES
        if getattr(settings, f"{prefix}_selector")
    )


def _names(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for name in _SET)


def _missing(settings: Settings) -> Iterator[Complaint]:
    """Half a setting is none, and would let letters go unsigned."""
    if not settings.dkim_domain:
        yield _half("dkim_domain", "no domain signs")
    for _, prefix in _PREFIXES:
        selector, file, command = (getattr(settings, name) for name in _names(prefix))
        # Meets: RFC 8463 section 1 (Ed25519 beside RSA: a receiver need not know it)
        wanted = prefix == "dkim" or selector or file or command
        if wanted and not selector:
            yield _half(f"{prefix}_selector", "the key has no selector")
        if wanted and not (file or command):
            yield _half(f"{prefix}_key_file", "there is no key")
    if settings.dkim_selector and settings.dkim_selector == settings.dkim_ed25519_selector:
        yield _half("dkim_ed25519_selector", "both keys have one selector")


def _half(name: str, what: str) -> Complaint:
    why = "Signing that is half set would let letters go unsigned; nothing is sent."
    return Complaint("SC-670", what, why, f"Set {name}, or take every dkim_ setting out.", Place(name))


def _key(settings: Settings, kind: Kind, prefix: str) -> SigningKey:
    _, file, command = (getattr(settings, name) for name in _names(prefix))
    if file:
        return read_key_file(file, kind)
    printed = settings.signing_key_text(command).get_secret_value()
    return parse_key(printed.encode(), kind, Place(f"{prefix}_key_command"))
