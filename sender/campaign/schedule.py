"""The times between which a campaign may run, and how fast.

Times without an offset are local times of the schedule's zone. One that the change to summer time leaves
out is refused. One that occurs twice when winter time comes is read so that the window is the shorter:
``not_before`` is the later of the two, ``not_after`` the earlier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from sender.campaign.complaints import FieldError, quoted, suggestion
from sender.model import Schedule
from sender.rates import Rate, parse_rate

EVERY_DAY = frozenset(range(7))
ALL_DAY = (time(), time())
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")

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


def weekdays(value: object) -> object:
    """``mon-fri``, or a list of days; Monday is 0."""
    words = value if isinstance(value, list) else str(value).split(",")
    found: set[int] = set()
    for word in words:
        ends = [part.strip().lower() for part in str(word).split("-")]
        if len(ends) > 2 or not all(end in _DAYS for end in ends):
            raise _unreadable(f"{quoted(word)} is no weekday", "Write  mon-fri  or  [mon, tue, thu]")
        begin, end = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        found |= {day % 7 for day in range(begin, end + 1 + 7 * (end < begin))}
    if not found:
        raise _unreadable("there is no weekday", "Write  mon-fri  or  [mon, tue, thu]")
    return frozenset(found)


def hours(value: object) -> object:
    """``09:00-18:00``; the end may be 24:00."""
    read = _HOURS.fullmatch(str(value).strip())
    if read is None:
        raise _unreadable(f"{quoted(value)} are no hours", "Write them like  09:00-18:00")
    begin = time(int(read[1]), int(read[2]))
    end = time(int(read[3]), int(read[4])) if read[3] else time()
    if (end <= begin and end != time()) or (begin == end and read[3]):
        raise FieldError(
            "SC-225", "the hours end before they begin", "No letter could ever leave.", "Write them like  09:00-18:00"
        )
    return begin, end


def rate(value: object) -> Rate:
    """``500/hour``."""
    try:
        return parse_rate(str(value))
    except ValueError:
        why = "A pace that is not understood would be no pace."
        todo = "Write mails in a time, like  500/hour  (second, minute, hour, day)"
        raise FieldError("SC-234", f"{quoted(value)} is no rate", why, todo) from None


def _unreadable(what: str, todo: str) -> FieldError:
    return FieldError("SC-233", what, "A campaign must not run at a guessed hour.", todo)


# --- the window


@dataclass(frozen=True, slots=True)
class Window:
    """``opens``: when letters may leave again, None while they may; ``closes``: until when they may, None for ever."""

    opens: datetime | None = None
    closes: datetime | None = None


def window(schedule: Schedule, now: datetime) -> Window:
    """By weekdays and hours alone, in the schedule's zone."""
    if schedule.weekdays == EVERY_DAY and schedule.hours == ALL_DAY:
        return Window()
    closes: datetime | None = None
    for begin, end in _spells(schedule, now):
        if closes is None and now < begin:
            return Window(opens=begin)
        if closes is not None and begin > closes:
            break
        if now < end:
            closes = end
    return Window(closes=closes)


def _spells(schedule: Schedule, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From and until, in UTC, of today and the week after."""
    today = now.astimezone(schedule.zone).date()
    begin, end = schedule.hours
    for day in (today + timedelta(days=number) for number in range(8)):
        if day.weekday() in schedule.weekdays:
            last = day if end != time() else day + timedelta(days=1)
            yield (
                datetime.combine(day, begin, schedule.zone).astimezone(UTC),
                datetime.combine(last, end, schedule.zone).astimezone(UTC),
            )
