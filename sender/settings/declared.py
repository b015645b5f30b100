"""The settings themselves: name, type, default, description, each declared once."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote, urlsplit

from pydantic import AfterValidator, Field, PlainValidator, SecretStr, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from sender.address import AddressError, parse
from sender.errors import Complaint, SettingsError
from sender.model import Address
from sender.rates import Rate, WarmUp
from sender.settings.complaints import SettingFault
from sender.settings.mailbox import MailboxUrl, parse_mailbox
from sender.settings.nameserver import Nameserver, parse_nameserver
from sender.settings.pace import Paces, parse_paces, rate_of, warm_up_of
from sender.settings.relay import RelayUrl, Timeouts, parse_relay, parse_timeouts
from sender.settings.scanner import ScannerUrl, parse_scanner
from sender.settings.signing import parse_domain, parse_selector
from sender.settings.topics import Topics, parse_topics

PASSWORD_SECONDS = 20  # a command may wait for a key store, not for a person
SQLITE = "sqlite:///"


def _relay(value: object) -> RelayUrl:
    return value if isinstance(value, RelayUrl) else parse_relay(str(value))


def _mailboxes(value: object, info: ValidationInfo) -> tuple[MailboxUrl, ...]:
    project = Path(info.data["project"])
    return tuple(parse_mailbox(word, project) for word in _words(value))


def _timeouts(value: object) -> Timeouts:
    return value if isinstance(value, Timeouts) else parse_timeouts(value)


def _topics(value: object) -> Topics:
    topics = value if isinstance(value, Topics) else parse_topics(value)
    why = "Below [topics] every line is a topic that the public pages show, and the setting itself is not set."
    _demand_no_strays("topic", topics.names, why)
    return topics


def _demand_no_strays(kind: str, names: Iterable[object], why: str) -> None:
    """A line that was added below a table is no setting: it would be lost, and a topic's value made public."""
    if strays := [name for name in names if name in Settings.model_fields]:
        raise SettingFault(f"{strays[0]} is a setting and no {kind}", why, "Put the tables at the end of the file.")


def _paces(value: object) -> Paces:
    if isinstance(value, dict):
        why = "Below [pace] every line is a domain and its pace, and the setting itself is not set."
        _demand_no_strays("domain", value, why)
    return parse_paces(value)


def _nameservers(value: object) -> tuple[Nameserver, ...]:
    return tuple(parse_nameserver(word) for word in _words(value))


def _mailbox(value: object) -> Address:
    try:
        return value if isinstance(value, Address) else parse(str(value))
    except AddressError as error:
        why = "Mail to or from it would be lost."
        raise SettingFault(f"this is no e-mail address ({error.reason})", why, "Write the bare address.") from None


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(str(word).strip() for word in value)
    return tuple(word.strip() for word in str(value).split(",") if word.strip())


def _command(value: object) -> tuple[str, ...]:
    try:
        return tuple(map(str, value)) if isinstance(value, (list, tuple)) else tuple(shlex.split(str(value)))
    except ValueError:
        raise SettingFault("a quote is not closed", "The command cannot be run.", "Check its quotes.") from None


def _path(value: object, info: ValidationInfo) -> Path:
    text = str(value)
    if not text or not text.isprintable():
        raise SettingFault("this is no path", "It cannot be opened.", "Write a path.")
    return Path(info.data["project"], Path(text).expanduser())


def _log(value: object, info: ValidationInfo) -> str:
    return str(value) if value in ("journald", "stderr") else str(_path(value, info))


def _database(value: object, info: ValidationInfo) -> str:
    """A URL; a bare path is SQLite. Relative SQLite files count from the project folder."""
    text = str(value)
    if "://" not in text:
        return SQLITE + str(_path(text, info))
    if not text.startswith(SQLITE) or text == SQLITE or ":memory:" in text:
        return text
    return SQLITE + str(_path(text.removeprefix(SQLITE), info))


def _pages(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in {"https", "http"} or not url.hostname or url.query or url.fragment or "@" in url.netloc:
        raise SettingFault(
            "this is not the address of a web page",
            "The links to stop the mails begin with it.",
            "Write it like  https://courrier.eluard.example",
        )
    return text.rstrip("/")


def _line(text: str) -> str:
    if not text.isprintable():
        raise SettingFault("this is more than a line", "It stands in the head of pages and letters.", "Write one line.")
    return text


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        raise SettingFault("this is no colour", "The buttons of the pages have it.", "Write it like  #14459c")
    return text.lower()


def _helo(text: str) -> str:
    # Meets: RFC 5321 §4.1.1.1 (a domain or an address literal)
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[[0-9A-Za-z:.]+\]", text):
        raise SettingFault("this is no host name", "Relays refuse it.", "Write a name like  mail.eluard.example")
    return text


def _packs(packs: tuple[str, ...]) -> tuple[str, ...]:
    if not all(re.fullmatch(r"(?:[A-Z]{2}|DEFAULT)(?:@[0-9]{4}-[0-9]{2}-[0-9]{2})?", pack) for pack in packs):
        why = "A pack that is not known cannot be accepted."
        raise SettingFault("this is no list of rule packs", why, "Write it like  FR,IE  or  FR@2026-11-23")
    return packs


def _own_name() -> str:
    """The machine's name, cleaned: it may hold characters that no relay takes."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()).strip(".-") or "localhost"


def spoken_language() -> Literal["fr", "en"]:
    """French where the locale says so, else English; POSIX: the first that is not empty wins."""
    spoken = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "fr" if spoken.lower().startswith("fr") else "en"


File = Annotated[Path | None, PlainValidator(_path)]
Mailbox = Annotated[Address | None, PlainValidator(_mailbox), NoDecode]


class Settings(BaseSettings):
    """What the program was told. Relative paths count from ``project``, wherever they were set."""

    model_config = SettingsConfigDict(
        env_prefix="SENDER_",
        validate_default=False,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    project: Path = Field(description="the project folder, found by sender.toml", exclude=True)
    relay: Annotated[RelayUrl | None, PlainValidator(_relay), NoDecode] = Field(
        None,
        description="the server that takes the mails: smtp:// (STARTTLS demanded), smtps://, or smtp+plain://"
        " (loopback and unix sockets only, unless ?insist=plain)",
    )
    relay_password: SecretStr | None = Field(None, description="the relay's password; better one of the next two")
    relay_password_file: File = Field(None, description="a file whose first line is the password")
    relay_password_command: Annotated[tuple[str, ...], PlainValidator(_command), NoDecode] = Field(
        (), description="a command that prints the password; it is run without a shell"
    )
    relay_ca_file: File = Field(None, description="certificates that sign the relay's, instead of the system's")
    resolver: Annotated[tuple[Nameserver, ...], PlainValidator(_nameservers), NoDecode] = Field(
        (),
        description="DNS servers to ask instead of the system's: 192.0.2.53, [2001:db8::53]:5353",
    )
    preflight: bool = Field(True, description="`check` asks the DNS what receivers will ask; false: it asks nothing")
    spam_check: Annotated[ScannerUrl | None, PlainValidator(parse_scanner), NoDecode] = Field(
        None, description="a spam filter that `check` shows a letter to: spamd://HOST:PORT or rspamd://HOST:PORT"
    )
    dkim_domain: Annotated[str | None, AfterValidator(lambda text: text and parse_domain(text))] = Field(
        None, description="the domain that signs the letters (DKIM); with it nothing leaves unsigned"
    )
    dkim_selector: Annotated[str | None, AfterValidator(lambda text: text and parse_selector(text))] = Field(
        None, description="the name under which the RSA key is published"
    )
    dkim_key_file: File = Field(None, description="a file with the private RSA key (PEM), its owner's alone")
    dkim_key_command: Annotated[tuple[str, ...], PlainValidator(_command), NoDecode] = Field(
        (), description="a command that prints the private RSA key; it is run without a shell"
    )
    dkim_ed25519_selector: Annotated[str | None, AfterValidator(lambda text: text and parse_selector(text))] = Field(
        None, description="the name under which an Ed25519 key is published, for a second signature"
    )
    dkim_ed25519_key_file: File = Field(None, description="a file with the private Ed25519 key (PEM)")
    dkim_ed25519_key_command: Annotated[tuple[str, ...], PlainValidator(_command), NoDecode] = Field(
        (), description="a command that prints the private Ed25519 key"
    )
    helo: Annotated[str, AfterValidator(_helo)] = Field(
        default_factory=_own_name, description="the name we greet the relay with"
    )
    timeouts: Annotated[Timeouts, PlainValidator(_timeouts), NoDecode] = Field(
        Timeouts(), description="seconds to wait for the relay"
    )
    bounces: Mailbox = Field(None, description="envelope sender, where bounces go; else sender.from of the campaign")
    connections: int = Field(10, ge=1, le=1000, description="connections to the relay at once")
    window: int = Field(
        8,
        ge=1,
        le=100,
        description="letters on their way at once in one connection, at most; a kill leaves no more of them unknown."
        " More than four only where the relay is far away or answers late."
        " Relays without CHUNKING use two, without PIPELINING one; with two or one, content waits to be asked for",
    )
    rate: Annotated[Rate | None, PlainValidator(rate_of), NoDecode] = Field(
        None,
        description="mails to the relay in a time, at most, of all campaigns: 500/hour (second, minute, hour, day)",
    )
    pace: Annotated[Paces, PlainValidator(_paces), NoDecode] = Field(
        Paces(),
        description='limits by the domain of the receiver: "100/hour", "2 at once", both, or "none"; what is not named'
        " has those that the program knows of big providers",
    )
    warm_up: Annotated[WarmUp | None, PlainValidator(warm_up_of), NoDecode] = Field(
        None,
        description="a ceiling of mails a day for a domain of yours that receivers do not know yet: mails of the first"
        " day, and the growth above the best day so far",
    )
    workers: int | None = Field(
        None,
        ge=1,
        le=256,
        description="processes that compose and send beside the one that keeps the ledger, which with 1 does all by"
        " itself; they share the connections. By default one a core, and one for each 500 letters at most",
    )
    database: Annotated[str, PlainValidator(_database)] = Field(
        "sender.db", validate_default=True, repr=False, description="the data base: a path (SQLite) or a URL"
    )
    pages_url: Annotated[str | None, AfterValidator(lambda text: text and _pages(text))] = Field(
        None, description="where the public pages are reached, https"
    )
    pages_name: Annotated[str | None, AfterValidator(lambda text: text and _line(text))] = Field(
        None,
        description="the sender's name at the head of the public pages, and in From of the letters asked for there",
    )
    pages_logo: File = Field(None, description="a small picture at the head of the public pages, instead of the name")
    pages_colour: Annotated[str, AfterValidator(_colour)] = Field(
        "#14459c", description="colour of the buttons of the public pages, #rrggbb"
    )
    pages_from: Mailbox = Field(
        None, description="who writes the letters that people ask for there; without it nobody can ask for one"
    )
    pages_signature: str | None = Field(
        None, description="the end of these letters: what the law of your country wants under business letters"
    )
    topics: Annotated[Topics, PlainValidator(_topics), NoDecode] = Field(
        Topics(), description="topics of the campaigns by the names that the public pages show, in their order"
    )
    opt_in: File = Field(None, description="a file with the words of the opt-in page; without it there is no such page")
    unsubscribe_mailbox: Mailbox = Field(None, description="an address that is read for requests to stop")
    collect: Annotated[tuple[MailboxUrl, ...], PlainValidator(_mailboxes), NoDecode] = Field(
        (), description="the mailboxes that `collect` reads: maildir:PATH or imaps://user@host/FOLDER"
    )
    collect_password: SecretStr | None = Field(None, description="their IMAP password; better one of the next two")
    collect_password_file: File = Field(None, description="a file whose first line is the IMAP password")
    collect_password_command: Annotated[tuple[str, ...], PlainValidator(_command), NoDecode] = Field(
        (), description="a command that prints the IMAP password; it is run without a shell"
    )
    keys: File = Field(None, description="folder of the two keys; else by the base's id in the configuration folder")
    keys_command: Annotated[tuple[str, ...], PlainValidator(_command), NoDecode] = Field(
        (), description="a command that prints both keys, `link` then `suppression`, instead of the folder"
    )
    state: File = Field(None, description="folder of objections and journal head; else by the base's id")
    log: Annotated[str, PlainValidator(_log)] = Field(
        "send-campaign.log", validate_default=True, description="a file, journald, or stderr"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what is worth a log line")
    accepted_packs: Annotated[tuple[str, ...], PlainValidator(_words), AfterValidator(_packs), NoDecode] = Field(
        (), description="rule packs that the operator accepts, with or without version; besides `law accept`"
    )
    language: Literal["fr", "en"] = Field(default_factory=spoken_language, description="of messages and reports")
    frequency_cap: int = Field(12, ge=1, description="mails to one person in twelve months, over all campaigns")

    @field_validator("relay_password", "collect_password", mode="after")
    @classmethod
    def _not_blank(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value and value.get_secret_value() else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        project = init_settings()["project"]
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            TomlConfigSettingsSource(settings_cls, project / "sender.toml"),
        )

    def keys_folder(self, base_id: str) -> Path:
        """Where the two keys of the base ``base_id`` lie."""
        return self.keys or _xdg("XDG_CONFIG_HOME", ".config") / "send-campaign" / base_id

    def keys_text(self) -> str | None:
        """Both keys as the operator's command prints them; None where none is set."""
        return _printed_by(self.keys_command, self.project, "keys", _no_keys) if self.keys_command else None

    def state_folder(self, base_id: str) -> Path:
        """Where objections and the journal's head lie, apart from the base ``base_id``."""
        return self.state or _xdg("XDG_STATE_HOME", ".local/state") / "send-campaign" / base_id

    def password(self, whose: Literal["relay", "collect"] = "relay") -> SecretStr | None:
        """The password of the relay or of the mailboxes, fetched now from file or command; None where none is set."""
        plain, file, command = (getattr(self, f"{whose}_password{form}") for form in ("", "_file", "_command"))
        if file:
            return _from_file(file)
        return _from_command(command, self.project) if command else plain

    def signing_key_text(self, command: tuple[str, ...]) -> SecretStr:
        """A signing key as the operator's command prints it. Raises SettingsError."""
        return SecretStr(_printed_by(command, self.project, "signing key", _no_signing_key))

    def secrets(self) -> tuple[str, ...]:
        """The secret texts known without fetching any, for the log's redaction; quoted forms too."""
        written = urlsplit(self.database).password if "://" in self.database else None
        own = [one.get_secret_value() for one in (self.relay_password, self.collect_password) if one]
        plain = [text for text in (*own, written) if text]
        return tuple(dict.fromkeys(form for text in plain for form in (text, unquote(text), quote(text, safe=""))))


def _xdg(variable: str, fallback: str) -> Path:
    """The XDG base directory; a relative one is to be ignored, says its specification."""
    named = Path(os.environ.get(variable, ""))
    return named if named.is_absolute() else Path.home() / fallback


def _from_file(path: Path) -> SecretStr:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_password(f"the file of the password cannot be read: {path}") from error
    return _first_line(text, f"the file of the password is empty: {path}")


def _from_command(command: tuple[str, ...], project: Path) -> SecretStr:
    return _first_line(_printed_by(command, project, "password", _no_password), "the password command printed nothing")


def _printed_by(command: tuple[str, ...], project: Path, secret: str, refuse: Callable[[str], SettingsError]) -> str:
    """Nothing that the command says is shown, and no exception of its run is chained: both may hold the secret."""
    trouble, printed = "", b""
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, without a shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PASSWORD_SECONDS, cwd=project
        )
        printed = done.stdout
        if done.returncode:
            trouble = f"ended with status {done.returncode}"
    except subprocess.TimeoutExpired:
        trouble = f"gave no answer within {PASSWORD_SECONDS} s"
    except (OSError, ValueError) as error:
        trouble = f"cannot be run ({type(error).__name__})"
    if trouble:
        raise refuse(f"the {secret} command {trouble}")
    return printed.decode("utf-8", "replace")


def _first_line(text: str, otherwise: str) -> SecretStr:
    first = text.partition("\n")[0].rstrip("\r")
    if not first:
        raise _no_password(otherwise)
    return SecretStr(first)


def _no_keys(what: str) -> SettingsError:
    why, todo = "Without its keys the program cannot tell who objected.", "Try it by hand, as the user that sends."
    return SettingsError(Complaint("SC-157", what, why, todo))


def _no_signing_key(what: str) -> SettingsError:
    why, todo = "While signing is set no letter leaves unsigned.", "Try it by hand, as the user that sends."
    return SettingsError(Complaint("SC-671", what, why, todo))


def _no_password(what: str) -> SettingsError:
    why, todo = "Without its password the server lets nobody in.", "Try it by hand, as the user that sends."
    return SettingsError(Complaint("SC-118", what, why, todo))


def fields() -> dict[str, Any]:
    """The settings that can be set, by name."""
    return {name: info for name, info in Settings.model_fields.items() if name != "project"}
