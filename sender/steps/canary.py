"""What became of a test letter on its way: the mail as it arrived is judged once more, beside the one that was sent.

Relays add pixels, lead links through their own servers, append lines, drop headers and break signatures; each of these
is in a campaign's letters only once it has left the house, where no gate looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import Message

from sender.dkim import Broken, Identity, broken, record_name
from sender.feedback.parts import content_of, parsed, text_of
from sender.gates import judge_campaign
from sender.model import Letter, Rendering, Verdict
from sender.steps.trial import Trial

__all__ = ["Change", "is_of", "judged"]

GATES = frozenset({"identity", "tracking", "unsubscribe"})
"""The gates whose word depends on what a reader gets."""

_WATCHED = ("From", "Reply-To", "Subject", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that no gate asks for. ``code``: ``gone``, ``changed``, ``missing``, ``body``, ``fields``.

    ``what``: the header, or the domain and selector of a signature.
    """

    code: str
    what: str


def is_of(letter: Letter, raw: bytes) -> bool:
    """Whether a mail is this letter as it arrived; some relays give letters a Message-ID of their own."""
    mail, sent = parsed(raw), parsed(letter.content)
    if text_of(mail, "Message-ID") == letter.message_id:
        return True
    return all(text_of(mail, name) == text_of(sent, name) for name in ("To", "Subject"))


def judged(trial: Trial, raw: bytes, signed_by: tuple[Identity, ...]) -> tuple[tuple[Verdict, ...], tuple[Change, ...]]:
    """What the gates refuse in the mail as it arrived, and what was changed that no gate asks for."""
    assert trial.letter is not None  # noqa: S101 - nothing arrives that was not sent
    assert trial.contact is not None  # noqa: S101
    arrived, sent = parsed(raw), parsed(trial.letter.content)
    judging = trial.judging
    own = judging.brief.templates.render(trial.contact, judging.house.links_for(trial.contact))
    added = tuple((name, text_of(arrived, name)) for name in arrived if name not in sent)
    others = [replace(one, headers=one.headers + added) for one in judging.samples()]
    facts = judging.facts((_as_arrived(own, arrived, sent, added), *others[1:]))
    refused = tuple(one for one in judge_campaign(facts) if one.gate in GATES and not one.passed)
    return refused, (*_headers(arrived, sent), *_signatures(signed_by, raw))


def _as_arrived(own: Rendering, arrived: Message, sent: Message, added: tuple[tuple[str, str], ...]) -> Rendering:
    """A header that came through as it was sent keeps the form in which the other samples have it."""
    headers = tuple(
        (name, value if text_of(arrived, name) == text_of(sent, name) else text_of(arrived, name))
        for name, value in own.headers
        if name in arrived
    )
    html, text = content_of(arrived, "text/html"), content_of(arrived, "text/plain")
    return replace(own, subject=text_of(arrived, "Subject"), html=html, text=text, headers=headers + added)


def _headers(arrived: Message, sent: Message) -> Iterator[Change]:
    for name in _WATCHED:
        if name in sent and name not in arrived:
            yield Change("gone", name)
        elif text_of(arrived, name) != text_of(sent, name):
            yield Change("changed", name)


def _signatures(signed_by: tuple[Identity, ...], raw: bytes) -> Iterator[Change]:
    for one in signed_by:
        wrong: Broken | None = broken(one, raw)
        if wrong:
            yield Change(wrong.value, record_name(one))
