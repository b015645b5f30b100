"""The complaints about the relay: codes, and the errors that carry them.

No error repeats what the relay said in words: it may name a person or the login.
"""

from __future__ import annotations

from sender.errors import Fault, SettingsError, Unreachable
from sender.model import Answer

COMPLAINTS: dict[str, str] = {
    "SC-601": "The relay cannot be reached",
    "SC-602": "The relay refuses the login",
    "SC-603": "The relay's certificate cannot be trusted",
    "SC-604": "The relay offers no STARTTLS",
    "SC-605": "The login would go over the network in clear text",
    "SC-606": "The relay offers no way to log in that is known here",
    "SC-607": "The relay refuses to talk to this machine",
    "SC-608": "The relay refuses the sender",
    "SC-609": "The relay breaks off every conversation",
    "SC-902": "A letter is not fit for the wire",
}

_NOBODY = "Nothing was sent by this connection and nobody was marked."


RelayError = SettingsError | Unreachable


class RelayRefusesSender(SettingsError):  # noqa: N818  named like its siblings in errors.py
    """The relay takes no mail from this sender: no recipient is to blame. ``judgement``: its 5.7.x to MAIL."""

    judgement: Answer | None = None


def unreachable(relay: object, how: str) -> Unreachable:
    return Unreachable.of(  # type: ignore[return-value]
        "SC-601",
        f"the relay {relay} cannot be reached: {how}",
        why="Without the relay no mail goes out. What was not sent stays waiting.",
        todo="Look whether the relay runs and its name and port are right, then run the same command again.",
    )


def breaks_off(relay: object) -> Unreachable:
    return Unreachable.of(  # type: ignore[return-value]
        "SC-609",
        f"the relay {relay} opens, then breaks off one conversation after the other",
        why="Going on would leave more and more mails deferred or unknown.",
        todo="Read the relay's log, then run the same command again.",
    )


def login_refused(relay: object, code: int) -> SettingsError:
    return _wrong(
        "SC-602",
        f"the relay {relay} refuses the login (answer {code})",
        "Check the user in SENDER_RELAY and the password in SENDER_RELAY_PASSWORD, _FILE or _COMMAND.",
    )


def bad_certificate(relay: object, how: str) -> SettingsError:
    return _wrong(
        "SC-603",
        f"TLS with the relay {relay} fails: {how}",
        "Use the name that stands in the certificate; for a private authority name its file in SENDER_RELAY_CA_FILE.",
    )


def no_starttls(relay: object) -> SettingsError:
    return _wrong(
        "SC-604",
        f"the relay {relay} offers no STARTTLS, or cannot begin it",
        "Somebody between may have taken it out. Use  smtps://...:465  if the relay has it, or ask its administrator.",
    )


def clear_text_login(relay: object) -> SettingsError:
    return _wrong(
        "SC-605",
        f"the login at {relay} would cross the network in clear text",
        "Use  smtp://  or  smtps://  in SENDER_RELAY, or a relay on this machine.",
    )


def no_mechanism(relay: object) -> SettingsError:
    return _wrong(
        "SC-606",
        f"the relay {relay} offers neither PLAIN, LOGIN nor CRAM-MD5",
        "Leave the user out of SENDER_RELAY if the relay asks for no login; else ask its administrator.",
    )


def refuses_us(relay: object, code: int) -> SettingsError:
    return _wrong(
        "SC-607",
        f"the relay {relay} refuses to talk to this machine (answer {code})",
        "Check SENDER_RELAY and SENDER_HELO, and ask the relay's administrator whether this machine may send.",
    )


def refuses_sender(relay: object, code: int, stage: str, judgement: Answer | None = None) -> RelayRefusesSender:
    error = RelayRefusesSender.of(
        "SC-608",
        f"the relay {relay} refuses the sender (answer {code} at {stage.upper()})",
        why="It would refuse every mail of this run in the same way. No recipient is to blame; nobody was marked.",
        todo="Check whether SENDER_RELAY names the user of the login (smtp://user@host), then SENDER_BOUNCES and"
        " sender.from, and whether this user may send under this address.",
    )
    assert isinstance(error, RelayRefusesSender)  # noqa: S101 - for the type checker
    error.judgement = judgement
    return error


def unfit(what: str) -> Fault:
    return Fault.of(  # type: ignore[return-value]
        "SC-902",
        f"a letter is not fit for the wire: {what}",
        why="Sent as it is it could be read as two messages. Nothing of it was sent.",
        todo="This is a fault of the program; please report it.",
    )


def _wrong(code: str, what: str, todo: str) -> SettingsError:
    return SettingsError.of(code, what, why=_NOBODY, todo=todo)  # type: ignore[return-value]
