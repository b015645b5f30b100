"""The times between which a campaign may run.

Times without an offset are local times of the schedule's zone. One that the change to summer time leaves
out is refused. One that occurs twice when winter time comes is read so that the window is the shorter:
``not_before`` is the later of the two, ``not_after`` the earlier.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from sender.campaign.complaints import FieldError, quoted, suggestion

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")


def zone(name: str) -> ZoneInfo:
    """The zone of that name in the IANA data base."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise FieldError(
            "SC-226",
            f"{quoted(name)} is not a time zone",
            "Without it, the times of the schedule could be any hour.",
            f"{suggestion(name, available_timezones())} Names are like  Europe/Paris",
        ) from error


def moment(text: str, local: ZoneInfo, *, later: bool) -> datetime:
    """The time that ``text`` names, in the zone ``local``; ``later``: which of two where it occurs twice."""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        read = datetime.fromisoformat(text)
        if read.tzinfo is not None:
            return read.astimezone(local)
        named = read.replace(tzinfo=local, fold=int(later))
        again = named.astimezone(UTC).astimezone(local)
    except (ValueError, OverflowError) as error:
        raise FieldError(
            "SC-223",
            f"{quoted(text)} is not a time",
            "A campaign must not start or end at a guessed hour.",
            "Write day and time, like  2026-04-02T09:00",
        ) from error
    if again.replace(tzinfo=None) != read:
        raise FieldError(
            "SC-224",
            f"{quoted(text)} does not exist in {local.key}",
            "The clocks go forward that night and leave this hour out.",
            "Choose an hour earlier or later.",
        )
    return named


def check_order(not_before: datetime, not_after: datetime) -> None:
    """Refuse a window that closes before it opens."""
    if not_after.astimezone(UTC) <= not_before.astimezone(UTC):
        raise FieldError(
            "SC-225",
            "not_after is not later than not_before",
            "Such a campaign could never run.",
            "Check the two times, above all the year.",
        )
