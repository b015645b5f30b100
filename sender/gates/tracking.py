"""Refuses letters that report on their readers: remote or hidden images, receipts, anything that differs by person."""

from __future__ import annotations

import html as entities
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from functools import lru_cache
from hashlib import md5, sha1, sha256, sha512
from urllib.parse import unquote, urlsplit

from sender.gates.facts import CampaignFacts
from sender.gates.sight import Resource, sights
from sender.gates.verdicts import Findings, found, unless_found
from sender.gates.wording import REDIRECTORS
from sender.model import Finding, Part, Rendering, Verdict
from sender.off_switches import switches_on

FINDINGS: Findings = {
    "none": ("samples",),
    "consented": (),
    "too_few_samples": ("samples",),
    "link_differs": ("part",),
    "resource_differs": (),
    "header_differs": ("header",),
    "remote_resource": ("kind", "host"),
    "script": (),
    "form": (),
    "hidden_image": (),
    "read_receipt": ("header",),
    "relay_tracking": ("header",),
    "address_in_link": ("part",),
    "hash_in_link": ("part",),
    "redirector": ("host",),
}
_RULE = "Part B (CNIL 2026-042; loi Informatique et Libertés art. 82)"
_LEAST_SAMPLES = 3
_RECEIPTS = frozenset(
    {"disposition-notification-to", "return-receipt-to", "return-receipt-requested", "x-confirm-reading-to"}
    | {"read-receipt-to", "x-pmrqc", "notice-requested-upon-delivery-to", "generate-delivery-report", "x-receipt-to"}
)
# What has to differ: the recipient, the words to them, their own way out.
_PERSONAL = frozenset({"to", "subject", "list-unsubscribe", "message-id"})
_URL = re.compile(r"(?:https?|ftp|mailto|tel):[^\s<>\"'\])}]+|\bwww\.[^\s<>\"'\])}]+", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_HASH = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])", re.IGNORECASE)


def judge(facts: CampaignFacts) -> Verdict:
    # Meets: CNIL 2026-042; ePrivacy art. 5(3); FR F10 (opens are never known)
    if facts.consented_to_tracking:
        return unless_found("tracking", (), found("consented", _RULE))
    return unless_found("tracking", _findings(facts), found("none", _RULE, samples=len(facts.renderings)))


def _findings(facts: CampaignFacts) -> Iterator[Finding]:
    people = len({rendering.contact.email.spec for rendering in facts.renderings})
    if people < _LEAST_SAMPLES:
        yield found("too_few_samples", _RULE, samples=people)
    yield from _differences(facts)
    for rendering in facts.renderings:
        yield from _fetched(rendering, facts)
        yield from _receipts(rendering, facts)
        yield from _telling_links(rendering, facts)


def _differences(facts: CampaignFacts) -> Iterator[Finding]:
    """Differential rendering: letters to people who share nothing must link, show and fetch the same."""
    html, text = facts.campaign.place("message.html"), facts.campaign.place("message.text")
    if len({_html_links(rendering) for rendering in facts.renderings}) > 1:
        yield found("link_differs", _RULE, html, part="html")
    if len({_text_links(rendering) for rendering in facts.renderings}) > 1:
        yield found("link_differs", _RULE, text, part="text")
    if len({tuple((r.kind, r.url) for r in _resources(rendering)) for rendering in facts.renderings}) > 1:
        yield found("resource_differs", _RULE, html)
    names = dict.fromkeys(name for rendering in facts.renderings for name, _ in rendering.headers)
    for name in names:
        values = {tuple(v for n, v in rendering.headers if n == name) for rendering in facts.renderings}
        if name.lower() not in _PERSONAL and len(values) > 1:
            yield found("header_differs", _RULE, facts.campaign.place("message.headers"), header=name)


def _html_links(rendering: Rendering) -> tuple[str, ...]:
    sight = sights(rendering.html)[0]
    spoken = _URL.findall(_without_way_out(sight.text, rendering))
    return (*(link.url for link in sight.links if link.url != rendering.unsubscribe_url), *spoken)


def _text_links(rendering: Rendering) -> tuple[str, ...]:
    return tuple(_URL.findall(_without_way_out(rendering.text, rendering)))


def _without_way_out(text: str, rendering: Rendering) -> str:
    """The text without the link that has to differ, where it stands by itself and is no part of another."""
    if not rendering.unsubscribe_url:
        return text
    return re.sub(rf"(?<![\w=&?/%#-]){re.escape(rendering.unsubscribe_url)}(?![\w=&?/%#-])", " ", text)


def _resources(rendering: Rendering) -> tuple[Resource, ...]:
    return sights(rendering.html)[0].resources


def _fetched(rendering: Rendering, facts: CampaignFacts) -> Iterator[Finding]:
    for resource in _resources(rendering):
        tag, _, name = resource.kind.partition(" ")
        if tag == "script":
            yield found("script", _RULE, facts.template_place(Part.HTML, "<script"))
        elif name in {"action", "formaction"} and resource.remote:
            yield found("form", _RULE, facts.template_place(Part.HTML, resource.url))
        elif resource.remote:
            place = facts.template_place(Part.HTML, resource.url)
            yield found("remote_resource", _RULE, place, kind=resource.kind, host=_host(resource.url))
        if resource.hidden:
            yield found("hidden_image", _RULE, facts.template_place(Part.HTML, _as_written(resource.url)))


def _host(url: str) -> str:
    """Whom the reader's program would ask; a relative address has none."""
    try:
        return urlsplit(unquote(url)).hostname or "?"
    except ValueError:
        return "?"


def _as_written(url: str) -> str:
    """An image that travels in the letter has another address there than in its template."""
    return "" if url.lower().startswith(("cid:", "data:")) else url


def _receipts(rendering: Rendering, facts: CampaignFacts) -> Iterator[Finding]:
    for name, value in rendering.headers:
        place = facts.campaign.place(f"message.headers.{name}")
        if name.strip().lower() in _RECEIPTS:
            yield found("read_receipt", _RULE, place, header=name)
        if switches_on(name, value):
            yield found("relay_tracking", _RULE, place, header=name)


def _telling_links(rendering: Rendering, facts: CampaignFacts) -> Iterator[Finding]:
    for part, links in ((Part.HTML, _html_links(rendering)), (Part.TEXT, _text_links(rendering))):
        for link in links:
            place = facts.template_place(part, link)
            yield from (Finding(f.code, f.facts, f.rule, place) for f in _told_by(link, rendering, part.value))


def _told_by(link: str, rendering: Rendering, part: str) -> Iterator[Finding]:
    url = urlsplit(unquote(unquote(entities.unescape(link))))
    if url.scheme.lower() in {"mailto", "tel"}:
        return
    behind = f"{url.path}?{url.query}#{url.fragment}"
    if _ADDRESS.search(behind) or _names(rendering, behind):
        yield found("address_in_link", _RULE, part=part)
    disguised = any(form in behind or form in behind.lower() for form in _disguises(rendering.contact.email.spec))
    if disguised or _HASH.search(f"{url.query}#{url.fragment}"):
        yield found("hash_in_link", _RULE, part=part)
    host = (url.hostname or "").lower()
    if any(host == domain or host.endswith(f".{domain}") for domain in REDIRECTORS):
        yield found("redirector", _RULE, host=host)


@lru_cache(maxsize=64)
def _disguises(address: str) -> frozenset[str]:
    """What an address is turned into before it is put into a link: Base64, hexadecimal, the usual hashes."""
    found: set[str] = set()
    for plain in {address.encode(), address.lower().encode()}:
        digests = [new(plain, usedforsecurity=False).digest() for new in (md5, sha1, sha256, sha512)]
        for raw in (plain, *digests):
            found |= {raw.hex(), b64encode(raw).decode().rstrip("="), urlsafe_b64encode(raw).decode().rstrip("=")}
    return frozenset(found)


def _names(rendering: Rendering, behind: str) -> bool:
    local = rendering.contact.email.local.lower()
    return len(local) > 5 and local in behind.lower()  # shorter ones stand in ordinary words
