"""Which spellings of an address name one mailbox: the normal forms, each version of them kept for ever.

Only what providers themselves say of their addresses: a rule too many would make two people one. A version is never
changed once a hash was made with it; better rules are a version of their own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sender.model import NORMALISATION

__all__ = ["normal_form"]


@dataclass(frozen=True, slots=True)
class _Provider:
    """How a provider tells mailboxes apart. ``domains``: all mean the same mailbox, the first names it.

    ``ignored``: signs that make no difference. ``below``: what stands left of the domain is the user's name.
    """

    domains: tuple[str, ...]
    tags: str = "+"
    ignored: str = ""
    below: bool = False


_MICROSOFT = ("com", "fr", "be", "de", "at", "es", "it", "ie", "nl", "ca", "co.uk", "com.au", "dk", "se", "no")
_MICROSOFT_TOO = ("ch", "pt", "pl", "cz", "gr", "hu", "ro", "sk", "fi", "com.br", "com.ar", "com.mx", "co.jp", "in")
_YAHOO = ("com", "fr", "de", "es", "it", "ie", "co.uk", "ca", "com.au", "com.br", "com.mx", "com.ar", "gr", "pl", "ro")
_YAHOO_TOO = ("se", "no", "dk", "nl", "be", "at", "ch", "fi", "pt", "co.in", "in", "co.jp")

_FIRST = (
    _Provider(("gmail.com", "googlemail.com"), ignored="."),  # "Dots don't matter"; the second: the old name in DE, GB
    _Provider(("icloud.com", "me.com", "mac.com")),  # one mailbox under three names
    _Provider(("proton.me", "protonmail.com", "protonmail.ch")),  # one user name under all
    _Provider(("pm.me",)),
    _Provider(("fastmail.com",)),
    *(
        _Provider((f"{name}.{end}",))  # plus addressing since 2013; each country's domain is a name of its own
        for name in ("outlook", "hotmail", "live")
        for end in _MICROSOFT
    ),
    _Provider(("msn.com",)),
)
_SECOND = (
    *(each for each in _FIRST if each.domains[0] not in {"proton.me", "pm.me", "fastmail.com"}),
    # The short pm.me belongs to the same user; dots, hyphens and underscores are for the eye.
    _Provider(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), ignored=".-_"),
    # ``anything@jean.fastmail.com`` reaches jean, as ``jean+anything`` does.
    _Provider(("fastmail.com",), below=True),
    _Provider(("fastmail.fm",), below=True),
    *(_Provider((f"{name}.{end}",)) for name in ("outlook", "hotmail", "live") for end in _MICROSOFT_TOO),
    # A user name holds no hyphen: what follows one is the word of a disposable address.
    *(_Provider((f"yahoo.{end}",), tags="+-") for end in (*_YAHOO, *_YAHOO_TOO)),
    *(_Provider((domain,), tags="+-") for domain in ("ymail.com", "rocketmail.com")),
    # The old name goes on as another spelling of the new one. No tags are known of orange.fr, free.fr, sfr.fr.
    _Provider(("orange.fr", "wanadoo.fr"), tags=""),
)
_VERSIONS: Mapping[int, Mapping[str, _Provider]] = {
    version: {domain: each for each in providers for domain in each.domains}
    for version, providers in ((1, _FIRST), (2, _SECOND))
}


def normal_form(local: str, domain: str, version: int = NORMALISATION) -> str:
    """The form under which doubles, objections and suppressions meet: one mailbox, one form."""
    name, providers = _plain(local), _VERSIONS[version]
    provider = providers.get(domain)
    if provider is None:
        user, _, parent = domain.partition(".")
        above = providers.get(parent)
        if above is None or not above.below:
            return f"{name}@{domain}"
        name, provider = user, above
    bare = name
    for tag in provider.tags:
        bare = bare.partition(tag)[0] or bare
    for sign in provider.ignored:
        bare = bare.replace(sign, "") or bare
    return f"{bare}@{provider.domains[0]}"


def _plain(local: str) -> str:
    if local.isascii():
        return local.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).casefold())
