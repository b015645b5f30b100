"""What a campaign would do, before anything is sent: so many to send, so many held, by which gate and why.

In: the decisions about contacts, one by one. Out: a ``Plan`` whose numbers add up to the rows of the contact file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sender.ledger import HungRun, Pause, RelayAnswer
from sender.model import Campaign, Contact, Decision, Finding, Sums, Verdict
from sender.rates import Rate


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of the contact file that is no contact; ``reason`` is said without the row's content."""

    line: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a contact file held: rows = contacts + doubles + rejected."""

    rows: int
    contacts: int
    doubles: tuple[tuple[int, int], ...] = ()  # (line, line of the first)
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """How many contacts one gate holds for one reason; a contact that several gates hold is counted by each."""

    gate: str
    finding: Finding
    contacts: int


@dataclass(frozen=True, slots=True)
class Slow:
    """So many letters that go at a rate, to one receiver or, without a name, all; ``seconds``: what they take."""

    receiver: str | None
    letters: int
    rate: Rate
    seconds: float


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Mails of today from the sender's domain: ``left`` by the warm-up, None without one; ``best`` of a day so far."""

    domain: str
    best: int
    left: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The campaign judged. ``to_send``: contacts that every gate lets through and that have no letter yet.

    ``receivers``: how many of them have their mailbox at a receiver that is known by name, by its id. ``slow``: what
    makes it last, ``too_slow`` for its end; ``day``: None in practice.
    """

    campaign: Campaign
    verdicts: tuple[Verdict, ...]
    reading: Reading
    to_send: int
    held: tuple[Held, ...]
    held_contacts: int
    already: int
    erased: int = 0
    uncomposable: tuple[Held, ...] = ()
    probable_doubles: int = 0
    warnings: tuple[str, ...] = ()
    receivers: Mapping[str, int] = field(default_factory=dict)
    slow: tuple[Slow, ...] = ()
    too_slow: bool = False
    day: DayPlan | None = None

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The campaign gates that stop the whole run."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)

    @property
    def finished(self) -> bool:
        """Nothing is left to send, and something was sent or tried before."""
        return self.to_send == 0 and self.already > 0


ALREADY = "already_sent"


@dataclass(slots=True)
class Tally:
    """Counts decisions as they are made; holds no contact, so that its size does not grow with the audience.

    ``receiver_of``: from a contact's domain to what is counted of it, if anything.
    """

    receiver_of: Callable[[str], str | None] = lambda _domain: None
    to_send: int = 0
    held_contacts: int = 0
    already: int = 0
    erased: int = 0
    countries: set[str | None] = field(default_factory=set)
    all_consent_to_tracking: bool = True
    receivers: Counter[str] = field(default_factory=Counter)
    _reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    _examples: dict[tuple[str, str], Finding] = field(default_factory=dict)

    def count(self, contact: Contact, decision: Decision, *, tracking: bool = False) -> None:
        if decision.may_send:
            self.to_send += 1
            self.countries.add(contact.country)
            self.all_consent_to_tracking &= tracking
            self.receivers.update(filter(None, [self.receiver_of(contact.email.domain)]))
            return
        if decision.refused_by == (ALREADY,):
            self.already += 1
            return
        self.held_contacts += 1
        self._count_reasons(verdict for verdict in decision.verdicts if not verdict.passed)

    def _count_reasons(self, refusals: Iterable[Verdict]) -> None:
        for verdict in refusals:
            for finding in verdict.findings:
                key = (verdict.gate, finding.code)
                self._reasons[key] += 1
                self._examples.setdefault(key, finding)

    def held(self) -> tuple[Held, ...]:
        """By gate and reason, in the order in which the reasons were first met."""
        return tuple(Held(gate, self._examples[gate, code], n) for (gate, code), n in self._reasons.items())


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the campaign, after a run. ``words``: what a person has to know or do next.
    ``head``: the newest entry of the journal, ``N:HASH``. ``answers``: why letters stand refused or deferred.
    ``hung``: other runs that hold letters and give no sign of life. ``pauses``: what breakers have stopped.
    ``opens``: when the campaign's hours begin again, None while they last. ``ceiling``: of the mails of
    today, where the warm-up lets no more go.
    """

    campaign: str
    sums: Sums
    sent_now: int = 0
    seconds: float = 0.0
    practice: bool = False
    head: str = ""
    words: tuple[str, ...] = ()
    refused_now: int = 0
    deferred_now: int = 0
    answers: tuple[RelayAnswer, ...] = ()
    hung: tuple[HungRun, ...] = ()
    pauses: tuple[Pause, ...] = ()
    paused_now: bool = False
    opens: datetime | None = None
    ceiling: int | None = None

    @property
    def stopped(self) -> bool:
        """A breaker stopped the whole campaign."""
        return any(one.domain is None for one in self.pauses)

    @property
    def all_refused(self) -> bool:
        """The relay wanted nothing of this run; that is told about also where nobody watches."""
        return self.refused_now > 0 and self.sent_now == 0

    @property
    def old_news(self) -> bool:
        """Nothing but letters that an earlier run deferred, whose time has not come: whoever is to know was told."""
        return not (self.deferred_now or self.sums.unknown or self.hung or self.all_refused or self.paused_now)

    @property
    def rate(self) -> float:
        return self.sent_now / self.seconds if self.seconds else 0.0
