"""``send-campaign consent``: what people agreed to, what they took back, and the proof of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from sender.cli.options import Email, Json, Practice, typed_address
from sender.errors import Exit, MissingFile, Place, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sender.cli.words import Words
    from sender.contacts import Lifting
    from sender.model import Address, Consent, ContactId
    from sender.steps.house import House

COMPLAINTS = {
    "SC-132": "The base does not have this address",
    "SC-133": "The proof of the consent is not whole",
    "SC-134": "The consent or the sale lies in the future",
    "SC-135": "This version of the wording is known with another text",
    "SC-136": "The scope is not understood",
    "SC-137": "The text of the wording cannot be read",
}

Proof = Literal["double_opt_in", "signed", "log_only", "none"]
Scopes = Annotated[
    tuple[str, ...], Parameter(negative="", help="mail, tracking or topic:NAME; may be given several times.")
]


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it was typed. ``at``: the moment, where it is known."""

    proof: str
    channel: str | None
    wording: str | None
    on: date
    at: datetime | None = None
    details: dict[str, str] = field(default_factory=dict)


def grant(
    email: Email,
    /,
    *,
    proof: Annotated[Proof, Parameter(help="double_opt_in (with --at) and signed (with --reference) are proofs.")],
    wording: Annotated[str | None, Parameter(help="The version of the text that was agreed to.")] = None,
    text: Annotated[Path | None, Parameter(help="The text itself; kept under its version.")] = None,
    channel: Annotated[str | None, Parameter(help="Where: web form, fair, contract ...")] = None,
    at: Annotated[datetime | None, Parameter(help="When it was confirmed, with its time.")] = None,
    on: Annotated[datetime | None, Parameter(help="The day, where no time is known.")] = None,
    ip: Annotated[str | None, Parameter(help="The address that the request came from.")] = None,
    reference: Annotated[str | None, Parameter(help="Where the signed paper or the record of the form lies.")] = None,
    scope: Scopes = ("mail",),
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Record a consent as the person gave it.

    One that is proved and newer than what stands against the address lifts an objection or an exclusion list, and, by
    double opt-in, a bounce. It never lifts a complaint, an erasure or a blocked domain.
    """
    from sender.cli import wiring

    address = typed_address(email)
    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        details = {"ip": ip, "reference": reference}
        given = given_as(
            house, proof, channel, wording, at, on, {name: value for name, value in details.items() if value}
        )
        demand_scopes(scope)
        lifting = record_grant(house, address, given, scope, read_text(text))
    return tell_granted(settings.language, given, scope, lifting, json=json)


def given_as(
    house: House,
    proof: str,
    channel: str | None,
    wording: str | None,
    at: datetime | None,
    on: datetime | None,
    details: dict[str, str],
) -> Given:
    """What was typed, whole and not of tomorrow."""
    moment = at.astimezone(UTC) if at else None  # a time without zone is this machine's
    day = moment.date() if moment else (on.date() if on else house.today)
    if proof == "double_opt_in" and (moment is None or not wording):
        raise incomplete("double_opt_in", '--at "2026-11-26 09:30" --wording VERSION')
    if proof == "signed" and (not details.get("reference") or not wording):
        raise incomplete("signed", '--reference "binder 14, sheet 3" --wording VERSION')
    if day > house.today or (moment and moment > house.now()):
        raise UsageError.of(
            "SC-134",
            "the consent lies in the future",
            why="Nobody has given it yet.",
            todo="Correct the date; a time without a zone is taken for this machine's.",
        )
    said = details | ({"at": moment.isoformat()} if moment else {})
    return Given(proof, channel, wording, day, moment, said)


def incomplete(proof: str, options: str) -> Exception:
    # Meets: GDPR art. 7(1) (able to demonstrate)
    return UsageError.of(
        "SC-133",
        f"the proof of the consent is not whole: {proof} needs more",
        why="A consent that cannot be shown later is none: who, when, to which words.",
        todo=f"Add {options}; or say --proof log_only for what cannot be proved, which lets nothing be sent.",
    )


def demand_scopes(scopes: tuple[str, ...]) -> None:
    from sender import contacts

    for scope in scopes:
        if not contacts.valid_scope(scope):
            raise UsageError.of(
                "SC-136",
                f"the scope {scope!r} is not understood",
                why="Nothing was recorded: what somebody agreed to must be clear.",
                todo="Write mail, tracking or topic:NAME, each with its own --scope.",
            )


def read_text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        raise MissingFile.of(
            "SC-137",
            "the text of the wording cannot be read",
            why="The proof would lack what the person was shown.",
            todo="Name a text file in UTF-8.",
            place=Place(str(path)),
        ) from None


def record_grant(house: House, address: Address, given: Given, scopes: tuple[str, ...], text: str | None) -> Lifting:
    """Write it down and lift what it lifts, in one transaction that knows every objection up to now."""
    from sender import contacts, ledger

    lifting = contacts.Lifting()
    now, record = house.now(), ledger.journal.append
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        contact = contact_of(connection, address)
        digest = keep_text(connection, given.wording, text, now)
        for scope in scopes:
            consent = consent_of(given, scope, digest)
            contacts.grant(connection, contact, consent, record=record, now=now)
            if scope == "mail":
                lifting = contacts.lift_by_consent(connection, contact, consent, record=record, now=now)
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return lifting


def contact_of(connection: Connection, address: Address) -> ContactId:
    from sender import contacts

    found = contacts.by_email(connection, address)
    if found is None:
        raise UsageError.of(
            "SC-132",
            "the base does not have this address",
            why="A consent belongs to a person whose origin is known; an erased one does not come back by it.",
            todo="Bring the person in with the file or form they come from, then record the consent.",
        )
    return found.id


def keep_text(connection: Connection, version: str | None, text: str | None, now: datetime) -> str | None:
    from sender import contacts

    if not version or text is None:
        return None
    try:
        return contacts.keep_wording(connection, version, text, now)
    except contacts.OtherWordingError:
        raise UsageError.of(
            "SC-135",
            f"the wording {version} is known with another text",
            why="Who agreed to the one has not agreed to the other; nothing was recorded.",
            todo="Give the new text a version of its own.",
        ) from None


def consent_of(given: Given, scope: str, digest: str | None) -> Consent:
    from sender.model import Consent

    return Consent(
        given_on=given.on,
        wording_version=given.wording,
        channel=given.channel,
        proof=given.proof,
        scope=scope,
        wording=digest,
        details=given.details,
    )


def scopes_in(words: Words, scopes: Iterable[str]) -> str:
    from sender.cli.codes import code

    return ", ".join(code("consents", "scope", one, words) for one in scopes)


def stops_in(words: Words, reasons: Iterable[str]) -> str:
    from sender.cli.codes import code

    return ", ".join(code("suppressions", "reason", one, words) for one in reasons)


def tell_granted(language: str, given: Given, scopes: tuple[str, ...], lifting: Lifting, *, json: bool) -> Exit:
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    if json:
        content = {"scopes": list(scopes), "lifted": list(lifting.ended), "standing": list(lifting.standing)}
        print_json("consent/1", content)
        return Exit.AS_PLANNED
    words = Words(language)
    lines = [words("consent.granted", scopes=scopes_in(words, scopes))]
    if given.proof not in {"double_opt_in", "signed"}:
        lines.append(words("consent.unproven"))
    if lifting.ended:
        lines.append(words("consent.lifted", reasons=stops_in(words, lifting.ended)))
    if lifting.standing:
        lines.append(words("consent.standing", reasons=stops_in(words, lifting.standing)))
    for line in lines:
        out().print(line, markup=False)
    return Exit.AS_PLANNED


def withdraw(
    email: Email,
    /,
    *,
    scope: Scopes = ("mail",),
    on: Annotated[datetime | None, Parameter(help="The day, where it is not today.")] = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Record that a consent was taken back. Who takes back the one to mail gets none, on other grounds either."""
    # Meets: GDPR art. 7(3), 21(3)
    from sender import contacts, ledger
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    address = typed_address(email)
    demand_scopes(scope)
    settings = wiring.settings_for(None, log_needed=False)
    with wiring.opened(settings, practice=practice) as house:
        now, hashed, record = house.now(), house.hash_of(address), ledger.journal.append
        day = on.date() if on else house.today
        if "mail" in scope:
            house.state.record_objection(ledger.NOBODY, hashed, now)  # first: it holds though the base may fail
        with house.store.write() as connection:
            known = contacts.by_email(connection, address)
            done = [
                one
                for one in scope
                if known and contacts.withdraw(connection, known.id, on=day, record=record, now=now, scope=one)
            ]
            if "mail" in scope:
                contacts.object_to_mail(connection, address, hashed, record=record, now=now, origin="withdrawal")
            head = ledger.journal.head(connection)
        house.keep_head(head)
    if json:
        print_json("consent-withdrawal/1", {"withdrawn": done, "stopped": "mail" in scope})
        return Exit.AS_PLANNED
    words = Words(settings.language)
    missed = [one for one in scope if one not in done]
    if done:
        out().print(words("consent.withdrawn", scopes=scopes_in(words, done)), markup=False)
    if missed:
        out().print(words("consent.nothing_held", scopes=scopes_in(words, missed)), markup=False)
    if "mail" in scope:
        out().print(words("consent.stopped"), markup=False)
    return Exit.AS_PLANNED


def sale(
    email: Email,
    /,
    *,
    on: Annotated[datetime, Parameter(help="The day of the sale.")],
    own_similar: Annotated[
        bool, Parameter(negative="", show_default=False, help="Campaigns offer the firm's own, similar goods.")
    ] = False,
    refusal_offered: Annotated[
        bool, Parameter(negative="", show_default=False, help="The person could refuse when the address was taken.")
    ] = False,
    reference: Annotated[str | None, Parameter(help="The invoice or order that proves it.")] = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Record a sale, which may carry a soft opt-in (ePrivacy art. 13(2))."""
    from sender import contacts, ledger
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.model import Sale

    address = typed_address(email)
    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        if on.date() > house.today:
            raise UsageError.of(
                "SC-134", "the sale lies in the future", why="It was not made yet.", todo="Correct the date."
            )
        sold = Sale(on.date(), own_similar, refusal_offered, reference)
        with house.store.write() as connection:
            contact = contact_of(connection, address)
            contacts.sold(connection, contact, sold, record=ledger.journal.append, now=house.now())
            head = ledger.journal.head(connection)
        house.keep_head(head)
    if json:
        print_json("sale/1", {"sold_on": on.date().isoformat()})
    else:
        out().print(Words(settings.language)("consent.sale"))
    return Exit.AS_PLANNED


def proof(
    email: Email,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="Write the page as HTML; the file holds personal data.")] = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Print what a person agreed to, when, to which words, with what proof, and what was taken back."""
    # Meets: GDPR art. 7(1)
    from sender.cli import terminal, wiring
    from sender.cli.proof import as_html, as_json, as_text, gather, write_private
    from sender.cli.words import Words

    address = typed_address(email)
    settings = wiring.settings_for(None)
    words = Words(settings.language)
    with wiring.opened(settings, practice=practice) as house, house.store.read() as connection:
        contact_of(connection, address)
        page = gather(connection, address, house.now())
    if out is not None:
        write_private(out, as_html(page, words))
    if json:
        terminal.print_json("consent-proof/1", as_json(page))
    elif out is not None:
        terminal.out().print(words("consent.written", path=out), markup=False)
    else:
        terminal.out().print(as_text(page, words), markup=False)
    return Exit.AS_PLANNED
