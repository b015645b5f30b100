"""``send-campaign law``: the rules of each country, who answers for them, and what they mean for one contact."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import CampaignFile, Create, Json, Practice
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from sender.law import Pack
    from sender.steps.acceptance import Acceptance
    from sender.steps.explanation import Explanation
    from sender.steps.house import House

COMPLAINTS = {
    "SC-108": "No country has this rule pack",
    "SC-109": "The contact is neither in the campaign's file nor in the base",
}

PAGE_WIDTH = 110  # a page's tables have five columns

PackName = Annotated[str, Parameter(help="The country: IE, FR ...")]


def list_(*, practice: Practice = False, json: Json = False) -> Exit:
    """List the rule packs, and which are accepted."""
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json

    with wiring.opened_or_borrowed(wiring.settings_for(None), practice=practice) as house:
        rows = [pack_as_json(house, pack, words) for pack, words in packs_of(house)]
    if json:
        print_json("law-list/1", {"packs": rows})
        return Exit.AS_PLANNED
    for row in rows:
        unsure = f"{row['to_verify']} of {row['statements']} to verify"
        out().print(f"{row['id']:<8}{row['version']}  {row['name']:<24} {unsure:<20} {row['standing']}", markup=False)
    return Exit.AS_PLANNED


def packs_of(house: House) -> list[tuple[Pack, Acceptance | None]]:
    from sender.law import load, pack_ids

    return [(load(pack), house.recorded.get(pack)) for pack in pack_ids()]


def pack_as_json(house: House, pack: Pack, word: Acceptance | None) -> dict[str, object]:
    statements = list(pack.statements())
    return {
        "id": pack.id,
        "version": pack.version.isoformat(),
        "name": pack.name.partition(" (")[0],
        "review": pack.review.status,
        "statements": len(statements),
        "to_verify": sum(statement.mark == "to_verify" for statement in statements),
        "accepted": is_accepted(house, pack),
        "standing": standing(house, pack, word),
    }


def is_accepted(house: House, pack: Pack) -> bool:
    from sender.law import accepted_by

    return pack.kind == "country" and accepted_by(pack, house.accepted)


def standing(house: House, pack: Pack, word: Acceptance | None) -> str:
    """In words: whether the pack may allow anything, and on whose word."""
    from sender.steps.acceptance import Word

    if pack.kind != "country":
        return "applies by itself"
    if word is not None and word.word is Word.REVOKED:
        return f"revoked: {word.reviewed_by}, {word.at:%Y-%m-%d}"
    if word is not None and word.altered:
        return f"ALTERED: version {word.version} says something else than when it was accepted; nothing rests on it"
    if is_accepted(house, pack):
        named = word is None or word.word is Word.NAMED
        return (
            "accepted by the settings" if named or word is None else f"accepted: {word.reviewed_by}, {word.at:%Y-%m-%d}"
        )
    if word is not None and word.looser_now:
        return f"to be accepted again: version {word.version} was, this one is looser ({', '.join(word.looser_now)})"
    return "not accepted"


def show(
    pack: PackName,
    /,
    *,
    markdown: Annotated[bool, Parameter(negative="", help="Print the page as Markdown.")] = False,
) -> Exit:
    """Show one rule pack as a page that a lawyer can read: every statement with its rule, source and mark."""
    from sender.law.page import page

    text = page(known(pack).id)
    if markdown:
        print(text)
        return Exit.AS_PLANNED
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(highlight=False)
    wide = console if console.is_terminal else Console(highlight=False, width=PAGE_WIDTH)
    wide.print(Markdown(text))
    return Exit.AS_PLANNED


def known(name: str) -> Pack:
    from sender.law import load, pack_ids

    wanted = {"UK": "GB"}.get(name.upper(), name.upper())
    if wanted in pack_ids():
        return load(wanted)
    raise UsageError.of(
        "SC-108",
        f"there is no rule pack {name!r}",
        why="Countries without a pack are judged by DEFAULT: nothing without consent.",
        todo=f"There are: {', '.join(pack_ids())}",
    )


def accept(
    pack: PackName,
    /,
    *,
    reviewed_by: Annotated[str, Parameter(help="Who read the pack and answers for it.")],
    note: Annotated[str, Parameter(help="What they looked at, what they corrected.")] = "",
    practice: Practice = False,
    create: Create = False,
    json: Json = False,
) -> Exit:
    """Accept a rule pack, in the version that is installed: from then on it may allow more than the default."""
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.steps import acceptance

    wanted, who = country(pack), named(reviewed_by, "--reviewed-by")
    with wiring.opened(wiring.settings_for(None), practice=practice, create=create or practice) as house:
        with house.store.write() as connection:
            head = acceptance.accept(connection, wanted, reviewed_by=who, note=note.strip(), now=house.now())
        house.keep_head(head)
    if json:
        print_json("law-accept/1", {"pack": wanted.id, "version": wanted.version.isoformat(), "head": str(head)})
    else:
        out().print(f"{wanted.label} is accepted, on the word of {who}. Journal head {head}", markup=False)
    return Exit.AS_PLANNED


def revoke(
    pack: PackName,
    /,
    *,
    by: Annotated[str, Parameter(help="Who takes the word back.")],
    note: Annotated[str, Parameter(help="Why.")] = "",
    practice: Practice = False,
    create: Create = False,
    json: Json = False,
) -> Exit:
    """Take the acceptance of a rule pack back: from then on its country is judged by the strict default again.

    What the settings name is revoked, too, until somebody accepts the pack again.
    """
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.steps import acceptance

    wanted, who = country(pack), named(by, "--by")
    with wiring.opened(wiring.settings_for(None), practice=practice, create=create or practice) as house:
        with house.store.write() as connection:
            head = acceptance.revoke(connection, wanted, revoked_by=who, note=note.strip(), now=house.now())
        house.keep_head(head)
    if json:
        print_json("law-revoke/1", {"pack": wanted.id, "version": wanted.version.isoformat(), "head": str(head)})
    else:
        out().print(f"{wanted.id} is revoked, on the word of {who}. Journal head {head}", markup=False)
    return Exit.AS_PLANNED


def country(name: str) -> Pack:
    found = known(name)
    if found.kind == "country":
        return found
    raise UsageError.of("SC-108", f"{found.id} applies by itself", why="Nothing was changed.", todo="Name a country.")


def named(who: str, option: str) -> str:
    if who.strip():
        return who.strip()
    raise UsageError.of(
        "SC-101", f"{option} is empty", why="A pack is accepted, or not, on somebody's word.", todo="Give their name."
    )


def explain(
    email: Annotated[str, Parameter(help="The contact's address.")],
    campaign: CampaignFile,
    /,
    *,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Say, gate by gate, why a contact may or may not be written to; nothing is written down or sent."""
    from sender.address import AddressError, parse
    from sender.cli import wiring
    from sender.cli.terminal import print_json
    from sender.pipeline import read
    from sender.steps.explanation import explained

    try:
        address = parse(email)
    except AddressError:
        raise UsageError.of(
            "SC-105", "this is not an e-mail address", why="Nothing was judged.", todo="Check how it is written."
        ) from None
    brief, settings = read(campaign), wiring.settings_for(campaign)
    with wiring.opened_or_borrowed(settings, practice=practice) as house:
        reserved = practice or settings.relay is None or wiring.relay_is_local(settings)
        found = explained(house, brief, address, reserved_allowed=reserved)
    if found is None:
        raise UsageError.of(
            "SC-109",
            "this contact is neither in the campaign's file nor in the base",
            why="Nothing can be said about somebody of whom nothing is known.",
            todo="Check how the address is written.",
        )
    if json:
        print_json("law-explain/1", explanation_as_json(found, settings.language))
    else:
        print_explanation(found, settings.language, campaign)
    return Exit.AS_PLANNED


def explanation_as_json(found: Explanation, language: str) -> dict[str, object]:
    from sender.cli.as_json import verdict_as_json

    facts = found.facts
    return {
        "may_send": found.may_send,
        "country": facts.contact.country,
        "address_class": facts.address_class.value,
        "basis": facts.basis.value,
        "because": facts.offer.because,
        "packs": list(facts.rules.packs),
        "title": facts.contact.title,
        "functions": list(facts.functions.functions),
        "evidence": list(facts.functions.evidence),
        "confidence": facts.functions.confidence,
        "verdicts": [verdict_as_json(verdict, language) for verdict in found.verdicts],
    }


def print_explanation(found: Explanation, language: str, campaign: Path) -> None:
    from sender.cli.plans import reason
    from sender.cli.terminal import out

    facts, console = found.facts, out()
    refusing = ", ".join(verdict.gate for verdict in found.verdicts if not verdict.passed)
    console.print("may be written to" if found.may_send else f"is held by: {refusing}", style="bold")
    for name, value in (
        ("address", facts.contact.email.spec),
        ("class", facts.address_class.value),
        ("country", facts.contact.country or "unknown"),
        ("rules of", ", ".join(facts.rules.packs)),
        ("basis", facts.basis.value),
        ("title", facts.contact.title or "none"),
        ("functions", ", ".join(facts.functions.functions) or "unknown"),
        ("read from", ", ".join(facts.functions.evidence) or "nothing"),
        ("sure to", f"{facts.functions.confidence:.0%}"),
        ("offer", f"{facts.offer.what}: {facts.offer.because or 'no reason given'}"),
    ):
        console.print(f"  {name:<10} {value}", markup=False)
    for verdict in sorted(found.verdicts, key=lambda verdict: verdict.passed):  # what refuses, first
        for finding in verdict.findings:
            word = "pass  " if verdict.passed else "REFUSE"
            console.print(f"  {word} {verdict.gate:<12} {reason(verdict.gate, finding, language)}", markup=False)
