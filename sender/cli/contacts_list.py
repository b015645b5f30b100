"""``send-campaign contacts list`` and ``show``: whom the base holds, and what it holds of one of them."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from sender.cli.options import Email, Json, Practice, typed_address
from sender.errors import Exit, SenderError, UsageError
from sender.model import SourceKind

if TYPE_CHECKING:
    from sender.cli.words import Words
    from sender.functions import Matcher
    from sender.model import Contact
    from sender.settings import Settings
    from sender.steps.house import House

COMPLAINTS = {"SC-146": "The base has no such contact", "SC-147": "A job function is not on the list"}

_SHOWN = ("email", "first_name", "last_name", "company", "title", "functions", "country", "source", "collected_on")

Several = tuple[str, ...]


def list_(
    *,
    function: Annotated[Several, Parameter(negative="", help="A job function (functions list).")] = (),
    country: Annotated[Several, Parameter(negative="", help="FR, BE ...")] = (),
    language: Annotated[Several, Parameter(negative="", help="fr, en ...")] = (),
    topic: Annotated[Several, Parameter(negative="", help="A topic.")] = (),
    source: Annotated[tuple[SourceKind, ...], Parameter(negative="", help="How the address came to you.")] = (),
    company: Annotated[Several, Parameter(negative="", help="A company's whole name; case does not count.")] = (),
    not_mailed_days: Annotated[PositiveInt | None, Parameter(help="Had no mail for so many days.")] = None,
    suppressed: Annotated[
        bool | None, Parameter(negative="--not-suppressed", help="Only those who get no mail.")
    ] = None,
    consent: Annotated[
        Literal["given", "withdrawn", "none"] | None, Parameter(help="What was said last on a consent to mail.")
    ] = None,
    limit: Annotated[PositiveInt | None, Parameter(help="Show at most so many.")] = None,
    as_csv: Annotated[bool, Parameter(name="--csv", negative="", help="Print a table for a spreadsheet.")] = False,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """List the contacts that meet every filter; of one filter given several times, one of its words."""
    from itertools import islice

    from sender import contacts
    from sender.cli import wiring
    from sender.cli.terminal import print_json
    from sender.model import Selection

    wanted = Selection(
        functions=_known_functions(function),
        countries=tuple(code.upper() for code in country),
        languages=tuple(code.lower() for code in language),
        topics=tuple(word.lower() for word in topic),
        sources=source,
        companies=company,
        not_mailed_since=timedelta(days=not_mailed_days) if not_mailed_days else None,
        suppressed=suppressed,
        consent=consent,
    )
    settings = wiring.settings_for(None, log_needed=False)
    matcher = _matcher(settings)
    with wiring.opened(settings, practice=practice) as house:
        people = contacts.selected(house.store, wanted, matcher=matcher, now=house.now())
        rows = (_row(one, matcher) for one in islice(people, limit))
        if json:
            print_json("contacts-list/1", {"contacts": list(rows)})
        else:
            _print(rows, as_csv=as_csv)
    return Exit.AS_PLANNED


def show(
    email: Email,
    /,
    *,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Show what the base holds of one contact, and why it is or is not written to."""
    from sender.cli import wiring
    from sender.cli.terminal import print_json
    from sender.cli.words import Words

    address = typed_address(email)
    settings = wiring.settings_for(None, log_needed=False)
    with wiring.opened(settings, practice=practice) as house:
        held = _held(house, address, _matcher(settings))
    if held is None:
        raise no_such_contact()
    if json:
        print_json("contacts-show/1", held)
        return Exit.AS_PLANNED
    _tell(held, Words(settings.language))
    return Exit.AS_PLANNED


def _tell(held: dict[str, Any], words: Words) -> None:
    """Field by field, in the words of the reader; JSON keeps the names."""
    from sender.cli.codes import label
    from sender.cli.terminal import out

    shown = {label(name, words): (name, value) for name, value in held.items() if value not in (None, "", [], {})}
    width = max(map(len, shown))
    for title, (name, value) in shown.items():
        lines = value if isinstance(value, list) and value and isinstance(value[0], dict) else [value]
        for number, line in enumerate(lines):
            out().print(f"{title if number == 0 else '':<{width}}  {_worded(name, line, words)}", markup=False)


def _worded(name: str, value: object, words: Words) -> str:
    from sender.cli.codes import label, spelled

    if not isinstance(value, dict):
        return spelled("contacts", name, value, words)
    table = {"suppressed": "suppressions", "mails": "letters"}.get(name, name)
    pairs = ((each, one) for each, one in value.items() if one not in (None, ""))
    return ", ".join(f"{label(each, words)} {spelled(table, each, one, words)}" for each, one in pairs)


def no_such_contact() -> SenderError:
    return UsageError.of(
        "SC-146",
        "the base has no such contact",
        why="There is nothing to show or to change.",
        todo="Check how the address is written; all contacts: send-campaign contacts list",
    )


def _held(house: House, address: Any, matcher: Matcher) -> dict[str, Any] | None:
    from sender import contacts, ledger

    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
    with house.store.read() as connection:
        one = contacts.by_email(connection, address)
        against = contacts.standing_against(connection, [address], hash_of=house.hash_of).get(address, [])
        history = contacts.origins(connection, one.id) if one else ()
        mails = ledger.mails_of(connection, one.id) if one else ()
        former = contacts.former_addresses(connection, [one.id]) if one else ()
    objected = next((each.entry.since for each in against if each.entry.reason == "objected"), None)
    if one is None:
        return None
    return {
        **_row(one, matcher),
        "id": one.id,
        "formerly": [address.spec for address in former],
        "legal_form": one.legal_form,
        "form": one.form.value,
        "company_number": one.company_number,
        "language": one.language,
        "topics": list(one.topics),
        "more": dict(one.more),
        "last_inbound_on": one.last_inbound_on.isoformat() if one.last_inbound_on else None,
        "objected": objected.date().isoformat() if objected else None,
        "suppressed": [{"reason": each.entry.reason, "since": each.entry.since.isoformat()} for each in against],
        "consent": _consent(one),
        "provenance": [_origin(each) for each in history],
        "mails": [{"campaign": name, "state": state} for name, state in mails],
    }


def _consent(contact: Contact) -> dict[str, Any] | None:
    consent = contact.consent
    if consent is None:
        return None
    return {
        "given_on": consent.given_on.isoformat(),
        "wording": consent.wording_version,
        "proof": consent.proof,
        "withdrawn_on": consent.withdrawn_on.isoformat() if consent.withdrawn_on else None,
    }


def _origin(each: Any) -> dict[str, Any]:
    said, notice = each.provenance, each.provenance.notice
    return {
        "source": said.kind.value,
        "record": said.record,
        "collected_on": said.collected_on.isoformat() if said.collected_on else None,
        "notice": notice.version,
        "notice_given_on": notice.given_on.isoformat() if notice.given_on else None,
        "objection_offered": notice.objection_offered,
        "recorded_at": each.recorded_at.isoformat(),
        "file": each.file_name,
        "imported_by": each.imported_by,
    }


def _row(one: Contact, matcher: Matcher) -> dict[str, Any]:
    collected_on = one.provenance.collected_on
    return {
        "email": one.email.spec,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "company": one.company,
        "title": one.title,
        "functions": list(matcher(one.title).functions),
        "country": one.country,
        "source": one.provenance.kind.value,
        "collected_on": collected_on.isoformat() if collected_on else None,
    }


def _print(rows: Iterator[dict[str, Any]], *, as_csv: bool) -> None:
    """A spreadsheet calculates what begins like a formula, so such text is marked as text."""
    flat = ([_cell(row[name]) for name in _SHOWN] for row in rows)
    if as_csv or not sys.stdout.isatty():
        writer = csv.writer(sys.stdout, delimiter=";")
        writer.writerow(_SHOWN)
        writer.writerows([f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell for cell in row] for row in flat)
        return
    from rich.table import Table
    from rich.text import Text

    from sender.cli.terminal import out

    table = Table(*_SHOWN, box=None, pad_edge=False)
    for row in flat:
        table.add_row(*map(Text, row))
    out().print(table)


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _matcher(settings: Settings) -> Matcher:
    """With the titles that people assigned in the project's folder."""
    from sender.functions import IMPORTED, REVIEWED, with_reviewed

    reviewed, imported = (settings.project / name for name in (REVIEWED, IMPORTED))
    return with_reviewed(reviewed if reviewed.is_file() else None, imported if imported.is_file() else None)


def _known_functions(words: Several) -> Several:
    from sender.functions import FUNCTIONS

    for word in words:
        if word not in FUNCTIONS:
            raise _no_such_function(word, FUNCTIONS)
    return words


def _no_such_function(word: str, known: Iterable[str]) -> SenderError:
    from sender.campaign.complaints import suggestion

    return UsageError.of(
        "SC-147",
        f"{word!r} is not a job function of the list",
        why="Nobody would be found.",
        todo=f"{suggestion(word, known)} The list: send-campaign functions list",
    )
