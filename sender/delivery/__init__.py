"""How does it leave? In come letters, one by one, from a desk; out goes one `Answer` for each, or the letter itself.

`deliver` proves the login on a first connection, then sends over several; `connect` gives one `Session`; a
`PracticeServer` is a relay on this machine that keeps what it takes in a Maildir. The room must not know what a letter
says, who may get it, or where answers are written down.
"""

from sender.delivery.access import RelayAccess, Timeouts
from sender.delivery.complaints import COMPLAINTS, RelayRefusesSender
from sender.delivery.connect import connect
from sender.delivery.loop import quick_loop
from sender.delivery.pool import Desk, Event, deliver
from sender.delivery.practice import PracticeServer
from sender.delivery.replies import Reply, Stage, classify
from sender.delivery.session import Session, Untouched

__all__ = [
    "COMPLAINTS",
    "Desk",
    "Event",
    "PracticeServer",
    "RelayAccess",
    "RelayRefusesSender",
    "Reply",
    "Session",
    "Stage",
    "Timeouts",
    "Untouched",
    "classify",
    "connect",
    "deliver",
    "quick_loop",
]
