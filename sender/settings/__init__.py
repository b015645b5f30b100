"""Every setting, declared once: environment ``SENDER_*``, then ``.env``, then ``sender.toml`` of the project folder.

In: a project folder and the environment. Out: one frozen ``Settings`` value, or everything that is wrong with it.
``describe`` is what the reference page and the sample files are printed from, ``shown`` what ``settings show`` says.
Passwords are fetched only when ``Settings.password`` is called, and never appear in a message.
This room opens no connection and no data base.
"""

from sender.settings.complaints import COMPLAINTS, SettingFault
from sender.settings.declared import Settings, spoken_language
from sender.settings.mailbox import MailboxUrl, parse_mailbox
from sender.settings.nameserver import Nameserver
from sender.settings.reader import find_project, load
from sender.settings.relay import RelayUrl, Timeouts
from sender.settings.scanner import ScannerUrl
from sender.settings.shown import SettingInfo, describe, shown
from sender.settings.signing import parse_domain, parse_selector

__all__ = [
    "COMPLAINTS",
    "MailboxUrl",
    "Nameserver",
    "RelayUrl",
    "ScannerUrl",
    "SettingFault",
    "SettingInfo",
    "Settings",
    "Timeouts",
    "describe",
    "find_project",
    "load",
    "parse_domain",
    "parse_mailbox",
    "parse_selector",
    "shown",
    "spoken_language",
]
