"""What comes back: requests to stop, reports of the relays between, complaints, answers of people and of machines.

In comes a mail as bytes; out goes a ``Return``: what it says, and which letters of ours it names. Nothing here knows a
person or decides anything. What a mail says of itself is believed no further than it names something that only its
recipient can know: the token of a letter, or its Message-ID.
"""

from sender.feedback.mailboxes import COMPLAINTS, Found, Mailbox, opened, watched
from sender.feedback.parts import LARGEST
from sender.feedback.reading import understood
from sender.feedback.returns import Kind, Return

__all__ = ["COMPLAINTS", "LARGEST", "Found", "Kind", "Mailbox", "Return", "opened", "understood", "watched"]
