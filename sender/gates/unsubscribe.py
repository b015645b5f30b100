"""Refuses letters without a way to stop: a link seen by everybody in both parts, over https, without a login."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from sender.gates.facts import CampaignFacts
from sender.gates.shown import folded
from sender.gates.sight import Link, sights
from sender.gates.verdicts import Findings, found, unless_found
from sender.gates.wording import LOGIN_PHRASES, LOGIN_WORDS
from sender.model import Finding, Part, Rendering, Verdict

FINDINGS: Findings = {
    "present": ("channel",),
    "no_rendering": (),
    "no_channel": (),
    "mailbox_unread": (),
    "no_url": (),
    "not_https": (),
    "login": (),
    "missing": ("part",),
    "conditional": ("part",),
    "hidden": (),
    "one_click_without_https": (),
}
_RULE = "FR F5, F6 (CPCE L34-5); GDPR art. 21(4)"
_NAME = "unsubscribe_url"


def judge(facts: CampaignFacts) -> Verdict:
    # Meets: FR F5, FR F6; GDPR art. 21(4), 7(3); RFC 8058 §3.1; A5 (IT, US: no login)
    channel = "page" if facts.channels.pages_url else "mailbox"
    return unless_found("unsubscribe", _findings(facts), found("present", _RULE, channel=channel))


def _findings(facts: CampaignFacts) -> Iterator[Finding]:
    place = facts.campaign.place("message")
    if not facts.renderings:
        yield found("no_rendering", _RULE, place)
    yield from _channel_findings(facts)
    yield from _syntax_findings(facts)
    for rendering in facts.renderings:
        yield from _seen_findings(rendering, facts)


def _channel_findings(facts: CampaignFacts) -> Iterator[Finding]:
    pages, mailbox = facts.channels.pages_url, facts.channels.mailbox
    if not pages and not mailbox:
        yield found("no_channel", _RULE)
    if mailbox and not pages and not facts.channels.mailbox_read:
        yield found("mailbox_unread", "GDPR art. 12(2), 21(3); C6 (48 h)")
    if pages and not _is_https(pages):
        yield found("not_https", "RFC 8058 §3.1")
    if pages and asks_for_login(pages):
        yield found("login", "A5 (IT; 16 CFR 316.5)")


def _is_https(url: str) -> bool:
    return urlsplit(url).scheme == "https" and bool(urlsplit(url).hostname)


def asks_for_login(url: str) -> bool:
    """The address speaks of an account. Long pieces are tokens, in which any letters may stand."""
    parts = urlsplit(unquote(url))
    pieces = [
        piece for piece in re.split(r"[/.?&=;:#]+", f"{parts.netloc}/{parts.path}?{parts.query}") if len(piece) < 40
    ]
    for piece in pieces:
        said = folded(piece)
        if LOGIN_WORDS & {said.replace(" ", ""), *said.split()} or any(phrase in said for phrase in LOGIN_PHRASES):
            return True
    return False


def _syntax_findings(facts: CampaignFacts) -> Iterator[Finding]:
    """A link behind a condition is there for the people of the sample, perhaps not for the next."""
    for part in (Part.TEXT, Part.HTML):
        place = facts.template_place(part)
        uses = [use for syntax in facts.syntax if syntax.part is part for use in syntax.uses if use.name == _NAME]
        if not uses:
            yield found("missing", _RULE, place, part=part.value)
        elif all(use.conditional for use in uses):
            yield found("conditional", _RULE, uses[0].place, part=part.value)


def _seen_findings(rendering: Rendering, facts: CampaignFacts) -> Iterator[Finding]:
    url = rendering.unsubscribe_url
    html = facts.template_place(Part.HTML, name=_NAME)
    if not url:
        yield found("no_url", _RULE)
        return
    if not (_is_https(url) or (url.startswith("mailto:") and not facts.channels.pages_url)):
        yield found("not_https", "RFC 8058 §3.1")
    if url not in rendering.text:
        yield found("missing", _RULE, facts.template_place(Part.TEXT, name=_NAME), part=Part.TEXT.value)
    for sight in sights(rendering.html):
        links = [link for link in sight.links if link.url == url]
        if not links:
            yield found("missing", _RULE, html, part=Part.HTML.value)
        elif all(link.hidden for link in links):
            yield found("hidden", _RULE, html)
        elif asks_for_login(url) or all(map(_label_asks_for_login, links)):
            yield found("login", "A5 (IT; 16 CFR 316.5)", html)
    headers = {name.lower(): value for name, value in rendering.headers}
    if "list-unsubscribe-post" in headers and "<https://" not in headers.get("list-unsubscribe", "").lower():
        yield found("one_click_without_https", "RFC 8058 §3.1")


def _label_asks_for_login(link: Link) -> bool:
    label = folded(link.label)
    return any(phrase in label for phrase in LOGIN_PHRASES) or bool({"login", "connexion"} & set(label.split()))
