"""What a mail that came back can be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Kind", "Return"]


class Kind(StrEnum):
    """``hard``: no mail will ever arrive there. ``soft``: this one did not. The last three change nothing."""

    UNSUBSCRIBE = "unsubscribe"  # with the token of a link
    STOP = "stop"  # in words, as an answer to a letter
    COMPLAINT = "complaint"
    HARD = "hard"
    SOFT = "soft"
    ON_ITS_WAY = "on_its_way"  # delayed, relayed, delivered, expanded: no failures
    ABSENT = "absent"  # an answer of a machine
    OTHER = "other"  # for a person to read


@dataclass(frozen=True, slots=True)
class Return:
    """``tokens``: what may be the token of a link. ``message_ids``: of the letter that it is about, with brackets.

    ``status``: enhanced status code of a report (RFC 3463).
    """

    kind: Kind
    tokens: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    status: str | None = None
