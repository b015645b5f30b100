"""``send-campaign person request`` and ``requests``: what people asked for, and until when it is due."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from sender.cli.options import Email, Json, Practice, typed_address
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from sender.contacts import Request
    from sender.steps.house import House

COMPLAINTS = {"SC-184": "A request cannot have come in on that day"}

SOON_DAYS = 7

Kind = Literal["access", "rectification", "erasure", "restriction", "objection", "portability"]
Channel = Literal["mail", "letter", "telephone", "page", "in_person"]


def request(
    email: Email,
    /,
    *,
    kind: Annotated[Kind, Parameter(help="What is asked for.")],
    received_on: Annotated[date | None, Parameter(help="The day it came in; today otherwise.")] = None,
    channel: Annotated[Channel, Parameter(help="How it came in.")] = "mail",
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Enter a request into the register; one month from the day it came in, it is due."""
    from sender import contacts, ledger
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    address = typed_address(email)
    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        day = received_on or house.today
        if day > house.today:
            raise UsageError.of(
                "SC-184",
                "a request cannot have come in tomorrow",
                why="The month in which it must be answered begins on the day it came in; nothing was entered.",
                todo="Write the day as 2026-04-02.",
            )
        with house.store.write() as connection:
            known = contacts.by_email(connection, address)
            entered = contacts.receive(
                connection,
                known.id if known else None,
                house.hash_of(address),
                kind,
                received_on=day,
                channel=channel,
                record=ledger.journal.append,
                now=house.now(),
            )
            head = ledger.journal.head(connection)
        house.keep_head(head)
        if json:
            print_json("request/1", {**as_json(entered, house.today), "in_base": known is not None})
        else:
            words = Words(settings.language)
            out().print(words("request.entered", id=entered.id, due=entered.due_on.isoformat()))
            out().print(words("request.in_base" if known else "request.not_in_base"))
    return Exit.AS_PLANNED


def requests(
    *,
    extend: Annotated[int | None, Parameter(help="Give this request two further months; needs --reason.")] = None,
    reason: Annotated[str | None, Parameter(help="Why; the person must be told within the first month.")] = None,
    due: Annotated[
        bool,
        Parameter(negative="", show_default=False, help="For cron: only what is overdue or due within seven days."),
    ] = False,
    every: Annotated[
        bool, Parameter(name="--all", negative="", show_default=False, help="Those that are closed too.")
    ] = False,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """List the open requests, overdue ones first; with --due prints nothing, and ends with 0, while none presses."""
    from sender import contacts
    from sender.cli import wiring
    from sender.cli.terminal import print_json
    from sender.cli.words import Words

    if (extend is None) != (reason is None) or (reason is not None and not reason.strip()):
        raise UsageError.of(
            "SC-101",
            "--extend needs --reason, and the other way round",
            why="The law lets a request wait longer only for a reason (GDPR art. 12(3)).",
            todo='Write:  send-campaign person requests --extend 3 --reason "..."',
        )
    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        if extend is not None and reason is not None:
            extended(house, extend, reason.strip())
        with house.store.read() as connection:
            listed = contacts.all_requests(connection, closed=every)
        today = house.today
    if due:
        listed = [one for one in listed if one.closed_at is None and (one.due_on - today).days <= SOON_DAYS]
    if json:
        print_json("requests/1", {"requests": [as_json(one, today) for one in listed]})
    elif listed or not due:
        show(listed, today, Words(settings.language))
    return Exit.OVERDUE if due and any(one.overdue(today) for one in listed) else Exit.AS_PLANNED


def extended(house: House, number: int, reason: str) -> None:
    from sender import contacts, ledger

    with house.store.write() as connection:
        contacts.extend(connection, number, reason, today=house.today, record=ledger.journal.append, now=house.now())
        head = ledger.journal.head(connection)
    house.keep_head(head)


def show(listed: list[Request], today: date, words: Any) -> None:
    from sender.cli.terminal import out

    if not listed:
        out().print(words("request.none"))
    for one in listed:
        if one.closed_at is not None:
            state = words(
                "request.closed", on=one.closed_at.date().isoformat(), outcome=words(f"outcome.{one.outcome}")
            )
        elif one.overdue(today):
            state = words("request.overdue", n=(today - one.due_on).days)
        else:
            state = words("request.days_left", n=(one.due_on - today).days)
        line = f"{one.id:>5}  {one.due_on}  {words(f'kind.{one.kind}'):<16} {state}"
        note = "  " + words("request.extended", reason=one.extension_reason) if one.extension_reason else ""
        out().print(line + note, markup=False)


def as_json(one: Request, today: date) -> dict[str, Any]:
    return {
        "id": one.id,
        "contact": one.contact,
        "kind": one.kind,
        "channel": one.channel,
        "received_on": one.received_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "overdue": one.overdue(today),
        "extension_reason": one.extension_reason,
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
        "outcome": one.outcome,
    }
