"""``send-campaign dkim keygen``, ``dkim record``, ``dkim check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from sender.cli.options import Json
from sender.errors import Exit, SettingsError, UsageError

if TYPE_CHECKING:
    from sender.dkim import Identity
    from sender.settings import Settings

COMPLAINTS = {"SC-677": "A signing domain or selector cannot be used"}

Ed25519 = Annotated[
    bool, Parameter(negative="", show_default=False, help="An Ed25519 key, for a second signature beside RSA.")
]
Bits = Annotated[int, Parameter(validator=Number(gte=2048, lte=4096), help="Length of an RSA key.")]


def keygen(
    file: Annotated[Path, Parameter(help="The file to make; never one that is there.")],
    /,
    *,
    selector: Annotated[str, Parameter(help="The name under which the key is published; a new one for each key.")],
    domain: Annotated[str | None, Parameter(help="The domain that signs; else dkim_domain of the settings.")] = None,
    ed25519: Ed25519 = False,
    bits: Bits = 2048,
    json: Json = False,
) -> Exit:
    """Make a signing key in a file that only its owner can read, and print the DNS record to publish for it."""
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.dkim import Identity, make_key, write_key_file

    settings = wiring.settings_for(None, log_needed=False)
    prefix = "dkim_ed25519" if ed25519 else "dkim"
    signing, name = _checked(domain or settings.dkim_domain or "", selector)
    key = make_key("ed25519" if ed25519 else "rsa", bits)
    write_key_file(file, key)
    one = Identity(key, signing, name)
    if json:
        print_json("dkim-keygen/1", {"file": str(file), "record": _as_json(one)})
        return Exit.AS_PLANNED
    words = Words(settings.language)
    out().print(words("dkim.made", path=file), markup=False)
    out().print(words("dkim.publish"), markup=False)
    print(zone_line(one))
    out().print(words("dkim.set"), markup=False)
    print(f'dkim_domain = "{signing}"\n{prefix}_selector = "{name}"\n{prefix}_key_file = "{file.absolute()}"')
    return Exit.AS_PLANNED


def record(*, json: Json = False) -> Exit:
    """Print the DNS records of the signing keys, split into strings of 255 octets, as a zone file has them."""
    from sender.cli.terminal import print_json

    _, found = _configured()
    if json:
        print_json("dkim-record/1", {"records": [_as_json(one) for one in found]})
    else:
        print("\n".join(map(zone_line, found)))
    return Exit.AS_PLANNED


def check(*, json: Json = False) -> Exit:
    """Ask the DNS whether it publishes the signing keys; what it says instead, and what to do, where it does not."""
    from sender.cli.terminal import err, out, print_json
    from sender.cli.words import Words
    from sender.dkim import Resolver, demand_published, record_name

    settings, found = _configured()
    servers = [(server.address, server.port) for server in settings.resolver]
    testing = demand_published(found, Resolver(servers))
    names, words = [record_name(one) for one in found], Words(settings.language)
    if json:
        print_json("dkim-check/1", {"published": names, "testing": list(testing)})
        return Exit.AS_PLANNED
    for name in names:
        out().print(words("dkim.matches", name=name), markup=False)
    for name in testing:
        err().print(words("dkim.testing", name=name), markup=False)
    return Exit.AS_PLANNED


def zone_line(one: Identity) -> str:
    """One line of a zone file."""
    from sender.dkim import quoted, record_name, record_text

    return f"{record_name(one)}. IN TXT ( {quoted(record_text(one.key))} )"


def _as_json(one: Identity) -> dict[str, object]:
    from sender.dkim import record_name, record_text

    return {"name": record_name(one), "text": record_text(one.key), "kind": one.key.kind, "bits": one.key.bits}


def _configured() -> tuple[Settings, tuple[Identity, ...]]:
    """The settings and their keys. Raises SettingsError where there is none."""
    from sender.cli import wiring
    from sender.steps.signing import identities

    settings = wiring.settings_for(None, log_needed=False)
    found = identities(settings)
    if not found:
        raise SettingsError.of(
            "SC-670",
            "signing is not set: no letter is signed",
            why="There is no key to publish or to look for.",
            todo="Make one: send-campaign dkim keygen FILE --selector NAME --domain DOMAIN",
        )
    return settings, found


def _checked(domain: str, selector: str) -> tuple[str, str]:
    """Both by the rules of the settings. Raises UsageError."""
    from sender.settings import SettingFault, parse_domain, parse_selector

    try:
        return parse_domain(domain), parse_selector(selector)
    except SettingFault as fault:
        raise UsageError.of("SC-677", fault.what, why=fault.why, todo=fault.todo) from None
