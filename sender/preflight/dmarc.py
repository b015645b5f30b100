"""DMARC: the policy that holds for a domain, and its organisational domain, both found by walking up the DNS.

No list of public suffixes: whoever is a registry says so with ``psd=y``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sender.preflight.names import Names, Silent
from sender.preflight.remarks import Level, Remark

__all__ = ["Policy", "Walk", "check", "parse", "targets", "walk"]

_ASKED = ("none", "quarantine", "reject")
_LABELS = 8  # RFC 9989 section 4.10: no walk asks more often
_GONE = frozenset({"pct", "rf", "ri"})


@dataclass(frozen=True, slots=True)
class Policy:
    """A record. ``p``: what is asked for letters that fail; ``sp``: the same below the domain, None where unsaid.

    ``wrong``: it names no policy that exists, and no address for reports, so that it counts for nothing.
    """

    p: str = "none"
    sp: str | None = None
    strict_dkim: bool = False
    strict_spf: bool = False
    psd: str = "u"
    testing: bool = False
    reports: bool = False
    gone: tuple[str, ...] = ()
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """``found``: domain and record, the longest name first. ``several``: domains with more than one, all void."""

    start: str
    found: tuple[tuple[str, Policy], ...] = ()
    several: tuple[str, ...] = ()

    @property
    def organisational(self) -> str:
        """The domain that decides who is aligned with whom."""
        # Meets: RFC 9989 section 4.10.2 (psd=n is the one; below psd=y lies the one; else the shortest name)
        for domain, policy in self.found:
            if policy.psd == "n":
                return domain
            if policy.psd == "y" and domain != self.start:
                return ".".join(self.start.split(".")[-domain.count(".") - 2 :])
        return self.found[-1][0] if self.found else self.start

    @property
    def policy(self) -> tuple[str, Policy] | None:
        """The record that holds for the start: its own, else of its organisational domain, else of the registry."""
        # Meets: RFC 9989 section 4.10.1
        records = dict(self.found)
        registry = [domain for domain, policy in self.found if policy.psd == "y"]
        for domain in (self.start, self.organisational, *registry):
            if domain in records:
                return domain, records[domain]
        return None

    @property
    def asked(self) -> str:
        """What receivers are asked to do with letters of the start that fail."""
        if self.policy is None:
            return "none"
        domain, policy = self.policy
        return policy.p if domain == self.start or policy.sp is None else policy.sp


def parse(text: str) -> Policy | None:
    """A TXT record as a DMARC record; None where it is none. Mistakes after the version count as not said."""
    pairs = [part.partition("=") for part in text.split(";")]
    tags = {name.strip().lower(): value.strip() for name, _, value in reversed(pairs)}
    version, _, number = pairs[0]
    # Meets: RFC 9989 section 4.7 (v=DMARC1 comes first, letter by letter)
    if version.strip().lower() != "v" or number.strip() != "DMARC1":
        return None
    p, sp = tags.get("p", "none").lower(), tags.get("sp", "").lower()
    reports = bool(re.search(r"mailto:[^\s,;@]+@[^\s,;@]+", tags.get("rua", ""), re.IGNORECASE))
    bad = p not in _ASKED or (bool(sp) and sp not in _ASKED)
    return Policy(
        p="none" if bad else p,
        sp=None if bad or not sp else sp,
        strict_dkim=tags.get("adkim", "").lower() == "s",
        strict_spf=tags.get("aspf", "").lower() == "s",
        psd=psd if (psd := tags.get("psd", "").lower()) in {"y", "n"} else "u",
        testing=tags.get("t", "").lower() == "y",
        reports=reports,
        gone=tuple(sorted(_GONE & tags.keys())),
        wrong=bad and not reports,
    )


def targets(domain: str) -> Iterator[str]:
    """The domains that a walk asks, the longest first: at most eight."""
    # Meets: RFC 9989 section 4.10 (the whole name, then seven labels of a longer one, then one less each time)
    labels = domain.split(".")
    yield domain
    for count in range(min(len(labels), _LABELS) - 1, 0, -1):
        yield ".".join(labels[-count:])


async def walk(domain: str, names: Names) -> Walk:
    """Walk up from ``domain``. All names are asked at once; what lies past the end of the walk is not read."""
    asked = list(targets(domain))
    answers = await asyncio.gather(*(names.texts(f"_dmarc.{one}") for one in asked), return_exceptions=True)
    found: list[tuple[str, Policy]] = []
    several = []
    for target, answer in zip(asked, answers, strict=True):
        if isinstance(answer, BaseException):
            raise answer
        policies = [policy for text in answer if (policy := parse(text))]
        if len(policies) > 1:
            several.append(target)
        elif policies:
            found.append((target, policies[0]))
            if policies[0].psd in {"y", "n"}:
                break
    return Walk(domain, tuple(found), tuple(several))


async def check(author: str, names: Names) -> list[Remark]:
    """``author``: the domain of From."""
    try:
        walked = await walk(author, names)
    except Silent as silent:
        return [Remark(Level.UNKNOWN, "dmarc", "silent", silent.name)]
    several = [Remark(Level.FAILED, "dmarc", "several", f"_dmarc.{one}") for one in walked.several]
    return [*several, *_about_policy(author, walked)]


def _about_policy(author: str, walked: Walk) -> Iterator[Remark]:
    where = f"_dmarc.{author}"
    if walked.policy is None:
        if not walked.several:
            yield Remark(Level.WARNING, "dmarc", "missing", where, {"domain": author})
        return
    domain, policy = walked.policy
    where = f"_dmarc.{domain}"
    if policy.wrong:
        yield Remark(Level.FAILED, "dmarc", "wrong", where)
        return
    yield Remark(Level.PASSED, "dmarc", "found", where, {"asked": walked.asked, "domain": author})
    if not policy.reports:
        yield Remark(Level.WARNING, "dmarc", "no_reports", where)
    if policy.testing:
        yield Remark(Level.WARNING, "dmarc", "testing", where)
    if policy.gone:
        yield Remark(Level.WARNING, "dmarc", "gone", where, {"tags": ", ".join(policy.gone)})
