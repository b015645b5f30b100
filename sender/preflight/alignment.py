"""Whether envelope sender and signature speak for the From that the reader sees, as DMARC counts it."""

from __future__ import annotations

from sender.preflight.dmarc import walk
from sender.preflight.names import Names, Silent
from sender.preflight.remarks import Level, Remark

__all__ = ["check"]


async def check(author: str, envelope: str, signing: str | None, names: Names) -> list[Remark]:
    """``signing``: the domain of our signatures, None where the settings have none: the relay may sign."""
    try:
        policy = (await walk(author, names)).policy
        strict_spf = bool(policy and policy[1].strict_spf)
        strict_dkim = bool(policy and policy[1].strict_dkim)
        by_envelope = await _aligned(envelope, author, names, strict=strict_spf)
        by_signature = signing is not None and await _aligned(signing, author, names, strict=strict_dkim)
    except Silent as silent:
        return [Remark(Level.UNKNOWN, "alignment", "silent", silent.name)]
    remarks = [_of_envelope(author, envelope, aligned=by_envelope)]
    if signing is None:
        # nothing of ours is aligned, or only what breaks when a mail is forwarded
        level = Level.UNKNOWN if by_envelope else Level.WARNING
        return [*remarks, Remark(level, "alignment", "unsigned", author, {"author": author})]
    facts = {"signing": signing, "author": author}
    if by_signature:
        return [*remarks, Remark(Level.PASSED, "alignment", "signed", author, facts)]
    return [*remarks, Remark(Level.FAILED, "alignment", "signed_apart", author, facts)]


def _of_envelope(author: str, envelope: str, *, aligned: bool) -> Remark:
    level, code = (Level.PASSED, "envelope") if aligned else (Level.WARNING, "envelope_apart")
    return Remark(level, "alignment", code, author, {"envelope": envelope, "author": author})


async def _aligned(one: str, author: str, names: Names, *, strict: bool) -> bool:
    # Meets: RFC 9989 section 4.4 (strict: one name; relaxed: one organisational domain)
    if one == author or strict:
        return one == author
    return (await walk(one, names)).organisational == (await walk(author, names)).organisational
