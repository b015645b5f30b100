"""``send-campaign collect`` and ``feedback``: what comes back for the mails that went out."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Email, Json, Practice, typed_address
from sender.errors import Exit, SettingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sender.cli.words import Words
    from sender.settings import MailboxUrl, Settings
    from sender.steps.collecting import Collected
    from sender.steps.house import House

COMPLAINTS = {"SC-652": "No mailbox is named"}


def collect(
    mailboxes: Annotated[
        tuple[str, ...],
        Parameter(
            allow_leading_hyphen=True,
            help="maildir:PATH or imaps://user@host/FOLDER, instead of SENDER_COLLECT; - reads one mail.",
        ),
    ] = (),
    /,
    *,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Read the mailboxes and apply what they hold: requests to stop, bounces, complaints, answers that say stop.

    Mails that were dealt with are marked as seen; those that only a person can read are left as they are.
    """
    from sender.cli import wiring
    from sender.cli.terminal import print_json
    from sender.cli.words import Words

    settings = wiring.settings_for(None)
    alone = mailboxes == ("-",)
    named = () if alone else _named(settings, mailboxes)
    with wiring.opened(settings, practice=practice) as house:
        result = _of_pipe(house) if alone else _of_mailboxes(house, named)
    if json:
        done = {kind.value: count for kind, count in sorted(result.done.items())}
        print_json("collect/1", {"mails": result.mails, "done": done, **_numbers(result)})
    else:
        _tell(result, Words(settings.language))
    return Exit.AS_PLANNED


def _named(settings: Settings, typed: Sequence[str]) -> tuple[MailboxUrl, ...]:
    """Raises SettingsError where none is: a mailbox that nobody reads stops nobody's mail."""
    found = tuple(typed_mailbox(settings, word) for word in typed) or settings.collect
    if not found:
        raise SettingsError.of(
            "SC-652",
            "no mailbox is named",
            why="Requests to stop that come by mail would not be read.",
            todo='Set SENDER_COLLECT (or collect = "maildir:/var/mail/stop" in sender.toml), or name one.',
        )
    return found


def typed_mailbox(settings: Settings, word: str) -> MailboxUrl:
    """Raises UsageError for what names no mailbox."""
    from sender.settings import SettingFault, parse_mailbox

    try:
        return parse_mailbox(word, settings.project)
    except SettingFault as fault:
        raise UsageError.of(fault.code, fault.what, why=fault.why, todo=fault.todo) from None


def _of_mailboxes(house: House, named: Sequence[MailboxUrl]) -> Collected:
    """One after the other: what was read before one that fails is in force."""
    from sender import feedback, ledger
    from sender.cli import wiring
    from sender.steps.collecting import Collected
    from sender.steps.collecting import collect as apply

    result = Collected()
    for url in named:
        mailbox = feedback.Mailbox(str(url), **asdict(url))
        with feedback.opened(mailbox, lambda: wiring.mailbox_password(house.settings)) as mails:
            apply(house, mails, result)
        with house.store.write() as connection:
            ledger.mailbox_read(connection, str(url), house.now())
    return result


def _of_pipe(house: House) -> Collected:
    from sender.feedback import LARGEST
    from sender.steps.collecting import understood_alone

    return understood_alone(house, sys.stdin.buffer.read(LARGEST))


def _numbers(result: Collected) -> dict[str, int]:
    names = ("left", "settled", "suppressed", "stopped")
    return {name: getattr(result, name) for name in names}


def _tell(result: Collected, words: Words) -> None:
    from sender.cli.terminal import out

    console = out()
    console.print(words("collect.mails", n=result.mails), markup=False)
    for kind, count in sorted(result.done.items()):
        console.print(f"  {count:>6}  {words(f'collect.{kind.value}')}", markup=False)
    for name, count in _numbers(result).items():
        if count:
            console.print(words(f"collect.{name}", n=count), markup=False)


# --- by hand, or from a program that knows


def bounce(email: Email, /, *, practice: Practice = False, json: Json = False) -> Exit:
    """Note that no mail reaches an address any more: no campaign writes to it."""
    return _said("bounced", email, practice=practice, json=json)


def complaint(email: Email, /, *, practice: Practice = False, json: Json = False) -> Exit:
    """Note that somebody called a mail unwanted, to their provider or to you: no campaign writes to them."""
    return _said("complained", email, practice=practice, json=json)


def _said(reason: str, email: str, *, practice: bool, json: bool) -> Exit:
    from sender import contacts
    from sender.cli import wiring
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.feedback import Kind
    from sender.ledger import NOBODY, journal
    from sender.steps.collecting import complained, counted_by_hand

    address = typed_address(email)
    settings = wiring.settings_for(None, log_needed=False)
    with wiring.opened(settings, practice=practice) as house:
        now, hashed = house.now(), house.hash_of(address)
        if reason == "complained":
            house.state.record_objection(NOBODY, hashed, now, reason)
        with house.store.write() as connection:
            known = contacts.by_email(connection, address)
            if reason == "complained":
                complained(connection, known.id if known else None, hashed, now)
            else:
                contacts.suppress(connection, hashed, reason, now, origin="hand")
            kind = Kind.COMPLAINT if reason == "complained" else Kind.HARD
            stopped = known is not None and counted_by_hand(connection, known.id, kind, now)
            head = journal.head(connection)
        house.keep_head(head)
    words = Words(settings.language)
    if json:
        print_json("feedback/1", {"in_base": known is not None, "reason": reason, "stopped": int(stopped)})
    else:
        out().print(words(f"feedback.{reason}_{'in' if known else 'out'}"), markup=False)
        if stopped:
            out().print(words("collect.stopped", n=1), markup=False)
    return Exit.AS_PLANNED
