"""What the addresses of relays and of mailboxes have in common."""

from __future__ import annotations

import ipaddress

from sender.settings.complaints import SettingFault

__all__ = ["is_loopback", "password_in_url"]


def is_loopback(host: str) -> bool:
    """What goes there does not leave this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def password_in_url(right: str, setting: str) -> SettingFault:
    """``right``: how the URL is written without one; ``setting``: whose file or command is the place for it."""
    return SettingFault(
        "a password stands in the URL",
        "URLs are shown in messages and lists of processes; passwords must not be.",
        f"Write  {right}  and put the password into {setting}_FILE or {setting}_COMMAND.",
        "SC-116",
    )
