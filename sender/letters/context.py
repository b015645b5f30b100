"""What a template may print: contact, sender, offer, campaign, unsubscribe_url, first_contact_notice.

A value that is not there is falsy, so that a template can ask for it (``{% if contact.first_name %}``) or replace it
(``{{ contact.first_name|default("Madame, Monsieur") }}``). Printing it unasked holds the letter: "Bonjour ," is
never sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NoReturn

from jinja2 import Undefined

from sender.letters.legal_line import legal_line
from sender.letters.reasons import CannotCompose
from sender.model import Campaign, Contact

CONTACT_FIELDS = (
    "first_name",
    "last_name",
    "name",
    "company",
    "title",
    "country",
    "language",
    "email",
    "company_number",
)
SENDER_FIELDS = ("name", "from", "reply_to", "legal", "legal_line", "postal_address")
LEGAL_FIELDS = ("form", "capital", "siren", "rcs", "registered_office", "postal_address")
OFFER_FIELDS = ("what", "because", "functions", "sector")

KNOWN: Mapping[str, tuple[str, ...]] = {
    "contact": CONTACT_FIELDS,
    "sender": SENDER_FIELDS,
    "sender.legal": LEGAL_FIELDS,
    "offer": OFFER_FIELDS,
    "campaign": (),
    "unsubscribe_url": (),
    "first_contact_notice": (),
}
"""Every name with its fields; ``contact`` has the columns of its file besides."""

# C0 and C1 controls, lone surrogates, non-characters, and the embeddings, overrides and isolates of Unicode UAX #9:
# they show a text in another order than it is written. The plain marks U+200E and U+200F belong to real names.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LINE_BREAKS = re.compile("[ ]*[\t\r\n\u2028\u2029]+[ ]*")


class Absent(Undefined):
    """A value that is known but not there: false when asked, an error when printed."""

    __slots__ = ()

    def _fail_with_undefined_error(self, *args: object, **kwargs: object) -> NoReturn:
        raise CannotCompose("absent_value", {"field": self._undefined_name or ""})

    __str__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _fail_with_undefined_error
    __mod__ = __rmod__ = __call__ = __getitem__ = __int__ = __float__ = _fail_with_undefined_error
    __lt__ = __le__ = __gt__ = __ge__ = _fail_with_undefined_error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Absent) or other is None or other == ""

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash("")


class Fields:
    """Named values for a template; nothing but these names can be reached through it."""

    __slots__ = ("_more", "_path", "_values")

    def __init__(self, path: str, values: Mapping[str, object], more: Mapping[str, str] | None = None) -> None:
        self._path = path
        self._values = values
        self._more = more

    def field(self, name: object) -> object:
        """The value of a field, cleaned; an `Absent` where it has none; KeyError where there is no such field."""
        if not isinstance(name, str):
            raise KeyError(name)
        value = self._values[name] if name in self._values else self._column(name)
        if value is None or value == "":
            return Absent(name=f"{self._path}.{name}")
        return clean(value, f"{self._path}.{name}") if isinstance(value, str) else value

    def texts(self, names: Iterable[str]) -> list[str] | None:
        """These values at once, where each is there and needs no cleaning, as most do; None: ask for each."""
        values, more = self._values, self._more or {}
        found = [values[name] if name in values else more.get(name) for name in names]
        texts = [one for one in found if isinstance(one, str) and one]
        return texts if len(texts) == len(found) and "".join(texts).isprintable() else None

    def _column(self, name: str) -> str:
        if self._more is None:
            raise KeyError(name)
        return self._more.get(name, "")


def clean(value: str, field: str) -> str:
    """On one line, without what no reader can see; refuses what could make a text lie."""
    if value.isascii() and value.isprintable():
        return value
    if UNPRINTABLE.search(value):
        raise CannotCompose("unprintable", {"field": field})
    return _LINE_BREAKS.sub(" ", value)


def common_values(campaign: Campaign) -> dict[str, object]:
    """What all letters of a campaign share."""
    sender, legal = campaign.sender, campaign.sender.legal
    legal_fields = Fields("sender.legal", {name: getattr(legal, name) for name in LEGAL_FIELDS})
    return {
        "campaign": campaign.name,
        "offer": Fields("offer", {name: getattr(campaign.offer, name) for name in OFFER_FIELDS}),
        "sender": Fields(
            "sender",
            {
                "name": sender.name,
                "from": sender.from_.spec,
                "reply_to": (sender.reply_to or sender.from_).spec,
                "legal": legal_fields,
                "legal_line": legal_line(sender, campaign.language),
                "postal_address": sender.postal_address,
            },
        ),
    }


def contact_values(contact: Contact) -> Fields:
    """What is one contact's own."""
    values = {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "name": f"{contact.first_name} {contact.last_name}".strip(),
        "company": contact.company,
        "title": contact.title,
        "country": contact.country,
        "language": contact.language,
        "email": contact.email.spec,
        "company_number": contact.company_number,
        "more": Fields("contact", {}, contact.more),
    }
    return Fields("contact", values, contact.more)
