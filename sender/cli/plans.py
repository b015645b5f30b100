"""What a person sees of a plan: the file, the gates, so many to send, so many held and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from sender.cli.terminal import show_some, title
from sender.cli.words import Words
from sender.gates import cited, sentence
from sender.rates import Limits
from sender.steps.reasons import reason as in_words

# Meets: C6 (Orange counts a sender as a large one from 1,000 a day on)
UNWARMED = 1000
"""Mails of a day for which no warm-up is asked."""
_RATES = {"second": "rates.second", "minute": "rates.minute", "hour": "rates.hour", "day": "rates.day"}

if TYPE_CHECKING:
    from rich.console import Console

    from sender.model import Finding, Verdict
    from sender.steps.plan import Held, Plan


def show_plan(plan: Plan, console: Console, language: str, *, practice: bool) -> None:
    """The plan as a person reads it: the file, the gates, so many to send, so many held and why."""
    words = Words(language)
    title(plan.campaign.name, words("plan.practice") if practice else "", console)
    show_reading(plan, console, words)
    for verdict in plan.refused:
        show_refusal(plan, verdict, console, language)
    show_counts(plan, console, words)
    show_held(plan.held, console, language)
    if not practice:
        show_pace(plan, console, words)
    if plan.uncomposable:
        console.print(f"  {words('plan.uncomposable')}", markup=False)
        show_held(plan.uncomposable, console, language)
    for warning in plan.warnings:
        console.print(f"  [yellow]{words('plan.warning')}[/yellow] {escape(warning)}")


def show_counts(plan: Plan, console: Console, words: Words) -> None:
    """How many get it, have it, and do not; rows of nobody are left out."""
    to_send, already, erased, held = words.column("plan.to_send", "plan.already", "plan.erased", "plan.held")
    console.print(f"  {to_send} {plan.to_send:>8}")
    if plan.already:
        console.print(f"  {already} {plan.already:>8}  {words('plan.already_why')}")
    if plan.erased:
        console.print(f"  {erased} {plan.erased:>8}  {words('plan.erased_why')}")
    console.print(f"  {held} {plan.held_contacts:>8}")


def show_pace(plan: Plan, console: Console, words: Words) -> None:
    """What makes the sending last, and what today is like for the sender's domain."""
    for one in plan.slow:
        receiver, rate = one.receiver or words("plan.everybody"), limits_in_words(Limits(one.rate), words)
        said = words("plan.slow", receiver=receiver, n=one.letters, rate=rate, time=lasting(one.seconds, words))
        console.print(f"  {said}", markup=False)
    if plan.too_slow:
        console.print(f"  [yellow]{words('plan.warning')}[/yellow] {words('plan.too_slow')}")
    if (day := plan.day) is None:
        return
    if day.left is not None and plan.to_send > day.left:
        console.print(f"  {words('plan.warm_up', domain=day.domain, n=day.left)}", markup=False)
    elif day.left is None and plan.to_send > max(day.best, UNWARMED):
        warning = words("plan.unwarmed", domain=day.domain, n=plan.to_send, best=day.best)
        console.print(f"  [yellow]{words('plan.warning')}[/yellow] {escape(warning)}")


def limits_in_words(limits: Limits, words: Words) -> str:
    """``100 an hour, 2 at once``."""
    said = []
    if rate := limits.rate:
        unit = rate.unit
        said.append(
            words(_RATES[unit], n=rate.mails) if unit else words("rates.apart", n=round(rate.interval.total_seconds()))
        )
    if limits.at_once:
        said.append(words("rates.at_once", n=limits.at_once))
    return ", ".join(said)


def lasting(seconds: float, words: Words) -> str:
    """A time to wait, in its largest unit."""
    if seconds >= 2 * 86400:
        return words("plan.days", n=round(seconds / 86400))
    if seconds >= 2 * 3600:
        return words("plan.hours", n=round(seconds / 3600))
    return words("plan.minutes", n=round(seconds / 60))


def show_reading(plan: Plan, console: Console, words: Words) -> None:
    reading = plan.reading
    counts = {
        "rows": words("plan.row", n=reading.rows),
        "contacts": words("plan.contact", n=reading.contacts),
        "doubles": words("plan.double", n=len(reading.doubles)),
        "rejected": words("plan.rejected", n=len(reading.rejected)),
    }
    audience = plan.campaign.audience
    file = words("plan.selection") if audience.select else audience.contacts.name
    console.print(f"  {words('plan.rows', file=file, **counts)}", markup=False)
    lines = [words("plan.same_address", line=line, first=first) for line, first in reading.doubles]
    lines += [words("plan.rejected_row", line=row.line, reason=row.reason) for row in reading.rejected]
    show_some([*lines, *reading.notes], console, words)
    if plan.probable_doubles:
        console.print(f"    {words('plan.probable_doubles', n=plan.probable_doubles)}", markup=False)


def show_refusal(plan: Plan, verdict: Verdict, console: Console, language: str) -> None:
    for finding in verdict.findings:
        place = finding.place or plan.campaign.place("")
        console.print(
            f"[red]{Words(language)('plan.refused')}[/red] {verdict.gate}.{finding.code}: {escape(str(place))}"
        )
        for line in sentence(verdict.gate, finding, language).splitlines():
            console.print(f"  {line}", markup=False)


def show_held(groups: tuple[Held, ...], console: Console, language: str) -> None:
    for group in sorted(groups, key=lambda held: -held.contacts):
        console.print(
            f"    {group.contacts:>6}  {group.gate:<12} {reason(group.gate, group.finding, language)}",
            markup=False,
        )


def reason(gate: str, finding: Finding, language: str) -> str:
    text = in_words(gate, finding, language)
    return f"{text} [{cited(finding, language)}]" if finding.rule else text
