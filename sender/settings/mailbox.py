"""The mailboxes that ``collect`` reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from sender.settings.complaints import SettingFault
from sender.settings.urls import is_loopback, password_in_url

__all__ = ["MailboxUrl", "parse_mailbox"]

Tls = Literal["implicit", "starttls", "none"]

_SCHEMES: dict[str, tuple[Tls, int]] = {
    "imaps": ("implicit", 993),  # RFC 8314 §3.2
    "imap": ("starttls", 143),
    "imap+plain": ("none", 143),
}


@dataclass(frozen=True, slots=True)
class MailboxUrl:
    """A Maildir, whose ``host`` is empty, or a folder on an IMAP server."""

    folder: str
    host: str = ""
    port: int = 0
    user: str = ""
    tls: Tls = "implicit"

    def __str__(self) -> str:
        if not self.host:
            return f"maildir:{self.folder}"
        scheme = next(name for name, (tls, _) in _SCHEMES.items() if tls == self.tls)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{quote(self.user, safe='')}@{host}:{self.port}/{quote(self.folder)}"


def parse_mailbox(text: str, project: Path) -> MailboxUrl:
    """``maildir:PATH``, ``imaps://user@host/FOLDER`` (INBOX where none is named). Raises SettingFault.

    A path counts from ``project``.
    """
    if text.startswith("maildir:"):
        folder = text.removeprefix("maildir:")
        if not folder or not folder.isprintable():
            raise _bad("no folder is named")
        return MailboxUrl(str(project / Path(folder).expanduser()))
    try:
        url = urlsplit(text)
        port, host = url.port, url.hostname or ""
    except ValueError:
        raise _bad("it is not a URL") from None
    if url.password is not None:
        raise password_in_url("imaps://user@host", "SENDER_COLLECT_PASSWORD")
    if url.scheme not in _SCHEMES or not host or not url.username or url.query or url.fragment:
        raise _bad("it is neither  maildir:PATH  nor  imaps://user@host/FOLDER")
    tls, usual = _SCHEMES[url.scheme]
    # Meets: RFC 8314 §3 (TLS unless the mail stays on the machine)
    if tls == "none" and not is_loopback(host):
        raise _bad("imap+plain:// goes to this machine only, since password and mails could be read on the way")
    return MailboxUrl(unquote(url.path.strip("/")) or "INBOX", host, port or usual, unquote(url.username), tls)


def _bad(what: str) -> SettingFault:
    return SettingFault(
        f"this names no mailbox: {what}",
        "Requests to stop would not be read.",
        "Write it like  maildir:/var/mail/stop  or  imaps://stop@mail.eluard.example/INBOX",
    )
