"""The letter itself: is it too long, can its HTML be read, do its links lead anywhere, can its pictures be heard?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from sender.preflight.markup import Blemish, blemishes
from sender.preflight.remarks import Level, Remark

__all__ = ["CLIP", "check"]

# Gmail shows so much of a letter's HTML and hides the rest behind a link, the way to unsubscribe with it
CLIP = 102 * 1024


def check(sources: Mapping[str, str], written: Sequence[str], sent: Sequence[str]) -> tuple[Remark, ...]:
    """``sources``: templates by path; ``written``: HTML of some letters as the templates write it; ``sent``: as sent.

    Each thing is said once, however many letters have it, at its line and column of the template where that is known.
    """
    remarks: dict[tuple[str, str], Remark] = {}
    for text in written:
        for one in blemishes(text):
            remark = _remark(one, sources, text)
            remarks.setdefault((remark.code, remark.where), remark)
    size = max((len(html.encode()) for html in sent), default=0)
    return (*_of_size(size, next(iter(sources), "")), *remarks.values())


def _of_size(size: int, where: str) -> Iterator[Remark]:
    facts = {"size": size, "limit": CLIP}
    if size > CLIP:
        yield Remark(Level.WARNING, "letter", "clipped", where, facts)
    elif size:
        yield Remark(Level.PASSED, "letter", "size", where, facts)


def _remark(one: Blemish, sources: Mapping[str, str], text: str) -> Remark:
    return Remark(Level.WARNING, "letter", one.code, _place(one, sources, text), {"what": one.what})


def _place(one: Blemish, sources: Mapping[str, str], text: str) -> str:
    """``file:line:column`` of the tag in the template that wrote it; else the line of the letter as it was rendered.

    A tag that stands there as often as in the letter is the same by its number; with values inside, a shorter beginning
    of it is looked for.
    """
    for chunk in _beginnings(one.tag):
        spots = [(path, at) for path, source in sources.items() for at in _all(chunk, source)]
        shown = list(_all(chunk, text))
        if len(spots) == 1:
            return _spot(*spots[0], sources)
        number = bisect_right(shown, one.at) - 1
        if len(spots) == len(shown) and len({path for path, _ in spots}) == 1 and number >= 0:
            return _spot(*spots[number], sources)
    return f"{next(iter(sources), '')} (letter, line {text.count(chr(10), 0, one.at) + 1})"


def _beginnings(tag: str) -> Iterator[str]:
    yield tag
    words = tag.split(" ")
    for count in range(len(words) - 1, 0, -1):
        yield " ".join(words[:count])


def _all(chunk: str, text: str) -> Iterator[int]:
    at = text.find(chunk)
    while at >= 0:
        yield at
        at = text.find(chunk, at + 1)


def _spot(path: str, at: int, sources: Mapping[str, str]) -> str:
    source = sources[path]
    return f"{path}:{source.count(chr(10), 0, at) + 1}:{at - source.rfind(chr(10), 0, at)}"
