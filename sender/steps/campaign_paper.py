"""The report on one campaign, as it can be shown to an authority: sums, grounds, answers, rules, hashes.

In: the ledger and the journal. Out: a ``Paper`` without personal data, but for the list of letters where it is asked
for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from sender import __version__, ledger
from sender.gates import cited
from sender.ledger import Account, Decided
from sender.model import Finding, LetterState, Sums
from sender.papers import Alarm, Bars, Block, Facts, Paper, Prose, Section, Table
from sender.record import Words
from sender.steps.acceptance import recorded
from sender.steps.house import House
from sender.steps.reasons import reason

__all__ = ["PEOPLE_SHOWN", "CampaignAccount", "Ground", "account_of", "campaign_paper"]

PEOPLE_SHOWN = 20_000
"""Letters that a page lists one by one at most; a browser would not open many more."""

_SHORT = 8  # digits of a digest: enough to tell the sets of one campaign apart
_TRIED = frozenset({LetterState.ACCEPTED, LetterState.REFUSED, LetterState.DEFERRED, LetterState.UNKNOWN})
_STATES = ("accepted", "held", "refused", "deferred", "unknown", "waiting", "withdrawn", "sending")


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason that a gate gave, and for how many letters."""

    gate: str
    finding: Finding
    letters: int


@dataclass(frozen=True, slots=True)
class CampaignAccount:
    """Everything that the report says, before it is put into words."""

    account: Account
    sums: Sums
    answers: tuple[ledger.RelayAnswer, ...]
    unknown: tuple[ledger.UnknownLetter, ...]
    head: ledger.JournalHead
    flaw: ledger.journal.Alteration | None
    packs: tuple[tuple[str, str | None], ...]
    people: tuple[ledger.LetterLine, ...] = ()

    def held(self) -> tuple[Ground, ...]:
        return grounds((one for one in self.account.decided if one.state is LetterState.HELD), passed=False)

    def lawful(self) -> tuple[Ground, ...]:
        return grounds((one for one in self.account.decided if one.state in _TRIED), passed=True)

    @property
    def tried(self) -> int:
        return sum(one.letters for one in self.account.decided if one.state in _TRIED)


def account_of(house: House, name: str, *, with_people: bool = False) -> CampaignAccount:
    """What the ledger knows of the campaign ``name``. Raises UsageError where it was never run."""
    with house.store.read() as connection:
        campaign_id = ledger.campaign_id_of(connection, name)
        account = ledger.account(connection, campaign_id)
        return CampaignAccount(
            account=account,
            sums=ledger.sums(connection, campaign_id),
            answers=ledger.answers(connection, campaign_id),
            unknown=ledger.unknowns(connection, campaign_id),
            head=ledger.journal.head(connection),
            flaw=ledger.journal.verify(connection, house.state.head()),
            packs=tuple(_packs(connection, house, account)),
            people=tuple(ledger.letter_lines(connection, campaign_id, PEOPLE_SHOWN)) if with_people else (),
        )


def _packs(connection: Connection, house: House, account: Account) -> Iterator[tuple[str, str | None]]:
    """Each pack and version that decided, with who answers for it; "" where the settings accept it, None: nobody."""
    words = recorded(connection)
    used = {pack for _, word in account.decisions for pack in _strings(word.get("packs"))}
    for one in account.decided:
        for verdict in one.verdicts:
            used |= {pack for finding in verdict.findings for pack in _strings(finding.facts.get("packs"))}
    for label in sorted(used):
        pack = label.partition("@")[0]
        if label in house.accepted or pack in house.accepted:
            word = words.get(pack)
            yield label, f"{word.reviewed_by}, {word.at:%Y-%m-%d}" if word else ""
        else:
            yield label, None


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def grounds(decided: Iterable[Decided], *, passed: bool) -> tuple[Ground, ...]:
    """By gate in the order of the gates, the most frequent reason first. Facts that no sentence says do not divide."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    examples: dict[tuple[str, str, str, str], Finding] = {}
    gates: dict[str, int] = {}
    for one in decided:
        for verdict in one.verdicts:
            gates.setdefault(verdict.gate, len(gates))
            for finding in verdict.findings if verdict.passed is passed else ():
                facts = {name: fact for name, fact in finding.facts.items() if name != "packs"}
                key = (verdict.gate, finding.code, finding.rule, repr(sorted(facts.items())))
                counted[key] += one.letters
                examples.setdefault(key, finding)
    ordered = sorted(counted.items(), key=lambda item: (gates[item[0][0]], -item[1], item[0]))
    return tuple(Ground(key[0], examples[key], count) for key, count in ordered)


# --- in words


def campaign_paper(found: CampaignAccount, language: str, now: datetime, *, practice: bool, resolve: str) -> Paper:
    """``resolve``: the command that settles unknown letters."""
    words = Words(language)
    return Paper(
        title=words("campaign.title", name=found.account.name),
        subtitle=words("campaign.subtitle"),
        language=language,
        sections=tuple(_sections(found, words, practice=practice, resolve=resolve)),
        made=words("paper.made", version=__version__, at=_time(now)),
    )


def _sections(found: CampaignAccount, words: Words, *, practice: bool, resolve: str) -> Iterator[Section]:
    warned: tuple[Block, ...] = (Alarm(words("campaign.practice")),) if practice else ()
    yield Section(words("campaign.glance"), (*warned, _glance(found, words)))
    yield Section(words("campaign.sums"), tuple(_sums(found.sums, words)))
    yield Section(words("campaign.held"), tuple(_held(found, words)))
    yield Section(words("campaign.lawful"), tuple(_lawful(found, words)))
    if found.answers:
        yield Section(words("campaign.answers"), (_answers(found, words),))
    yield Section(words("campaign.unknowns"), tuple(_unknown(found, words, resolve)))
    yield Section(words("campaign.law"), (_law(found, words),))
    yield Section(words("campaign.documents"), (_documents(found.account, words),))
    yield Section(words("campaign.readings"), (_readings(found.account, words),))
    if found.people:
        yield Section(words("campaign.people"), tuple(_people(found, words)))


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _glance(found: CampaignAccount, words: Words) -> Facts:
    account, flaw = found.account, found.flaw
    first, last = account.first_attempt, account.last_attempt
    rows: list[tuple[str, str | None]] = [
        (words("campaign.name"), account.name),
        (words("campaign.path"), account.path),
        (words("campaign.sender"), account.sender or None),
        (words("campaign.basis"), words(f"basis.{account.basis}") if account.basis else None),
        (words("campaign.record"), account.record),
        (words("campaign.first"), _time(first) if first else words("campaign.never")),
        (words("campaign.last"), _time(last) if last else words("campaign.never")),
        (words("campaign.runs"), str(account.runs)),
        (words("campaign.attempts"), str(account.attempts)),
        (words("campaign.head"), str(found.head)),
    ]
    whole = words("campaign.is_broken", seq=flaw.seq, kind=flaw.kind) if flaw else words("campaign.is_whole")
    return Facts((*rows, (words("campaign.whole"), whole)))


def _sums(sums: Sums, words: Words) -> Iterator[Block]:
    shown = [(name, getattr(sums, name)) for name in _STATES if getattr(sums, name)]
    parts = " + ".join(f"{count} {words(f'state.{name}')}" for name, count in shown) or "0"
    yield Prose(words("campaign.adds_up", n=sums.audience, parts=parts))
    yield Bars(tuple((words(f"state.{name}"), count) for name, count in shown), sums.audience)
    yield Prose(words("campaign.accepted_means"))


def _grounds(found: Iterable[Ground], words: Words, counted: str) -> Table:
    heads = (words("paper.gate"), words("paper.reason"), words("paper.rule"), words(counted))
    return Table(
        heads,
        tuple(
            (
                one.gate,
                reason(one.gate, one.finding, words.language),
                cited(one.finding, words.language) or words("paper.no_rule"),
                one.letters,
            )
            for one in found
        ),
    )


def _held(found: CampaignAccount, words: Words) -> Iterator[Block]:
    held = found.held()
    if not held:
        yield Prose(words("campaign.none_held"))
        return
    yield Prose(words("campaign.held_note"))
    yield _grounds(held, words, "paper.contacts")


def _lawful(found: CampaignAccount, words: Words) -> Iterator[Block]:
    if not found.tried:
        yield Prose(words("campaign.none_tried"))
        return
    yield Prose(words("campaign.lawful_note", n=found.tried))
    yield _grounds(found.lawful(), words, "paper.letters")


def _answers(found: CampaignAccount, words: Words) -> Table:
    heads = ("campaign.answer_state", "campaign.answer_code", "campaign.answer_stage", "paper.letters")
    rows = (
        (words(f"state.{one.state.value}"), f"{one.code} {one.enhanced or ''}".strip(), one.stage or "", one.letters)
        for one in found.answers
    )
    return Table(tuple(map(words, heads)), tuple(rows))


def _unknown(found: CampaignAccount, words: Words, resolve: str) -> Iterator[Block]:
    count = found.sums.unknown
    if not count:
        yield Prose(words("campaign.unknowns_none"))
        return
    yield Alarm(words("campaign.unknowns_todo", n=count, command=resolve))
    rows = ((one.message_id or one.contact, _time(one.opened_at) if one.opened_at else "") for one in found.unknown)
    yield Table((words("campaign.message_id"), words("campaign.opened")), tuple(rows))


def _law(found: CampaignAccount, words: Words) -> Table:
    said = {"": words("campaign.by_settings"), None: words("campaign.not_accepted")}
    rows = tuple((label, said.get(word, word)) for label, word in found.packs)
    return Table((words("campaign.pack"), words("campaign.accepted_by")), rows)


def _documents(account: Account, words: Words) -> Facts:
    newest = account.decisions[-1][1] if account.decisions else {}
    rows = [(words("campaign.content", part=part), digest) for part, digest in sorted(account.digests.items())]
    test = str(newest.get("balancing_test") or "") or None
    if test or account.basis == "legitimate_interest":
        rows.append((words("campaign.content", part=words("campaign.balancing_test")), test or ""))
    overrides = ("override", "indirect_override")
    rows += [(words(f"campaign.{name}"), str(newest[name])) for name in overrides if newest.get(name)]
    return Facts(tuple((name, value or None) for name, value in rows))


def _readings(account: Account, words: Words) -> Table:
    heads = ("reading", "at", "to_send", "held_count", "already", "packs")
    rows = tuple(_reading(at, word) for at, word in account.decisions)
    return Table(tuple(words(f"campaign.{head}") for head in heads), rows)


def _reading(at: datetime, word: Mapping[str, object]) -> tuple[str | int | None, ...]:
    counts = (_count(word.get(name)) for name in ("to_send", "held", "already"))
    return (str(word.get("reading")), _time(at), *counts, ", ".join(_strings(word.get("packs"))))


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _people(found: CampaignAccount, words: Words) -> Iterator[Block]:
    """Each letter names the set of verdicts it was decided on; the sets are spelled out once, above."""
    if found.sums.audience > len(found.people):
        yield Alarm(words("campaign.people_more", n=len(found.people)))
    met = {one.verdicts for one in found.people}
    sets = {one.digest: one for one in found.account.decided if one.digest in met}
    spelled = tuple((digest[:_SHORT], _spelled(one, words.language)) for digest, one in sorted(sets.items()))
    yield Table((words("campaign.grounds"), words("paper.reason")), spelled)
    heads = ("email", "person", "company", "state", "at", "answer", "grounds")
    rows = tuple(_person(one, words) for one in found.people)
    yield Table(tuple(words(f"campaign.{head}") for head in heads), rows)


def _spelled(one: Decided, language: str) -> str:
    """Every gate's word; where some refused, theirs alone."""
    refused = [verdict for verdict in one.verdicts if not verdict.passed]
    said = [(verdict.gate, finding) for verdict in refused or one.verdicts for finding in verdict.findings]
    return "\n".join(
        f"{gate}: {reason(gate, finding, language)} [{cited(finding, language)}]" for gate, finding in said
    )


def _person(one: ledger.LetterLine, words: Words) -> tuple[str, ...]:
    return (
        one.email or f"{one.contact} {words('campaign.erased')}",
        one.person,
        one.company or "",
        words(f"state.{one.state.value}"),
        _time(one.at) if one.at else "",
        str(one.code or ""),
        one.verdicts[:_SHORT],
    )
