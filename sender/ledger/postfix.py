"""Reads Postfix's log: which Message-IDs the relay took.

``cleanup`` logs the Message-ID when the content has arrived; ``qmgr`` logs ``queue active`` once the message is in the
queue, which is when the sender gets its 250. A cleanup line alone may be a message that was refused after the dot
(milter, content check) or broke off before it, so both are asked for; of those two Postfix logs that they were turned
away. A message that is neither queued nor turned away may wait for room in the active queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["LogFindings", "read_log"]

_DAEMON = r"postfix[-\w]*/(?:[-\w]+/)?"  # syslog_name may be postfix-out, or postfix/submission
_CLEANUP = re.compile(_DAEMON + r"cleanup\[\d+\]: (\w+): (?:resent-)?message-id=(<[^<>\s]+>)")
_QUEUED = re.compile(_DAEMON + r"qmgr\[\d+\]: (\w+): from=<[^>]*>, .*\(queue active\)")
_TRIED = re.compile(_DAEMON + r"(?:smtp|lmtp|local|virtual|pipe|error)\[\d+\]: (\w+): to=<.*status=")
_BEGUN = re.compile(_DAEMON + r"smtpd\[(\d+)\]: (\w+): client=")
_BROKEN_OFF = re.compile(_DAEMON + r"smtpd\[(\d+)\]: (?:lost connection|timeout) after DATA \(")
_REJECTED = re.compile(_DAEMON + r"cleanup\[\d+\]: (\w+): (?:milter-reject: END-OF-MESSAGE|reject: \S+) ")

# The content, then the ten minutes that a relay may think about it (RFC 5321 §4.5.3.2.5 and 6)
ON_ITS_WAY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class LogFindings:
    """``seen``: in a cleanup line, and not turned away. ``queued``: taken for certain.

    Between the two times no line is missing.
    """

    seen: frozenset[str]
    queued: frozenset[str]
    complete_from: datetime | None = None
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Only on the operator's word: absence from a log that was rotated away proves nothing.

        Nor does absence from one that ends while a letter sent ``at`` that time may still be on its way.
        """
        if self.complete_from is None or self.until is None:
            return False
        return self.complete_from <= at <= self.until - ON_ITS_WAY


def read_log(
    lines: Iterable[str], *, complete_from: datetime | None = None, until: datetime | None = None
) -> LogFindings:
    """Lines of different daemons in any order, as syslog may mix them; those of one process in their own."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    turned_away: set[str] = set()
    begun: dict[str, str] = {}
    for line in lines:
        if met := _CLEANUP.search(line):
            ids[met[1]] = met[2]
        elif met := _QUEUED.search(line) or _TRIED.search(line):
            taken.add(met[1])
        elif met := _BEGUN.search(line):
            begun[met[1]] = met[2]
        elif met := _BROKEN_OFF.search(line):
            turned_away.add(begun.pop(met[1], ""))
        elif met := _REJECTED.search(line):
            turned_away.add(met[1])
    queued = frozenset(name for queue_id, name in ids.items() if queue_id in taken)
    seen = frozenset(name for queue_id, name in ids.items() if queue_id in taken or queue_id not in turned_away)
    return LogFindings(seen, queued, complete_from, until)
