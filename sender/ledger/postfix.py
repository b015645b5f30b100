"""Reads Postfix's log: which Message-IDs the relay took.

``cleanup`` logs the Message-ID when the content has arrived; ``qmgr`` logs ``queue active`` once the message is in the
queue, which is when the sender gets its 250. A cleanup line alone may be a message that was refused after the dot
(milter, content check), so both are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

__all__ = ["LogFindings", "read_log"]

_DAEMON = r"postfix[-\w]*/(?:[-\w]+/)?"  # syslog_name may be postfix-out, or postfix/submission
_CLEANUP = re.compile(_DAEMON + r"cleanup\[\d+\]: (\w+): (?:resent-)?message-id=(<[^<>\s]+>)")
_QUEUED = re.compile(_DAEMON + r"qmgr\[\d+\]: (\w+): from=<[^>]*>, .*\(queue active\)")
_TRIED = re.compile(_DAEMON + r"(?:smtp|lmtp|local|virtual|pipe|error)\[\d+\]: (\w+): to=<.*status=")


@dataclass(frozen=True, slots=True)
class LogFindings:
    """``seen``: in a cleanup line. ``queued``: taken for certain. Between the two times no line is missing."""

    seen: frozenset[str]
    queued: frozenset[str]
    complete_from: datetime | None = None
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Only on the operator's word: absence from a log that was rotated away proves nothing."""
        return self.complete_from is not None and self.until is not None and self.complete_from <= at <= self.until


def read_log(
    lines: Iterable[str], *, complete_from: datetime | None = None, until: datetime | None = None
) -> LogFindings:
    """Lines in any order: syslog may mix those of different daemons."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for line in lines:
        if met := _CLEANUP.search(line):
            ids[met[1]] = met[2]
        elif met := _QUEUED.search(line) or _TRIED.search(line):
            taken.add(met[1])
    queued = frozenset(name for queue_id, name in ids.items() if queue_id in taken)
    return LogFindings(frozenset(ids.values()), queued, complete_from, until)
