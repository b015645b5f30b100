"""The topics that the public pages name: what people may take, or refuse, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sender.model import as_topic
from sender.settings.complaints import SettingFault
from sender.settings.tables import pairs_of

__all__ = ["Topics", "parse_topics"]

_LONGEST = 80  # characters: a line on a telephone


@dataclass(frozen=True, slots=True)
class Topics:
    """``names``: of each topic, by language; the empty language is for all. In the order in which they are shown."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(f"{topic}={self.in_language(topic, '')}" for topic in self.names)

    def in_language(self, topic: str, language: str) -> str:
        """The name for people; in another language where this one has none."""
        said = self.names[topic]
        return said.get(language) or said.get("") or next(iter(said.values()))

    def shown(self, language: str) -> dict[str, str]:
        return {topic: self.in_language(topic, language) for topic in self.names}


def parse_topics(value: object) -> Topics:
    """``rgpd=Data protection, paie=Payroll``, or a table of the same; a name may be one for each language."""
    names: dict[str, Mapping[str, str]] = {}
    for word, said in pairs_of(value):
        topic = as_topic(word)
        by_language = said if isinstance(said, dict) else {"": said}
        spoken = {str(language).lower(): " ".join(str(name).split()) for language, name in by_language.items()}
        usable = spoken and all(name and len(name) <= _LONGEST and name.isprintable() for name in spoken.values())
        if not topic or len(topic) > _LONGEST or not topic.isprintable() or topic in names or not usable:
            raise _bad(word)
        names[topic] = spoken
    return Topics(names)


def _bad(word: str) -> SettingFault:
    return SettingFault(
        f"the topic {word[:20]!r} has no name that can be shown, or stands there twice",
        "People choose topics by their names on the public pages.",
        'Write it like  rgpd = "Data protection"  below  [topics] , or  rgpd = {fr = "...", en = "..."}',
    )
