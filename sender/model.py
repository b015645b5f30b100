"""The nouns of the house: frozen, typed, without input or output.

What travels between rooms is one of these, never a dictionary and never a data base row. The words are those of
docs/explanation/glossary.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NewType
from zoneinfo import ZoneInfo

from sender.errors import Place
from sender.rates import Rate

ContactId = NewType("ContactId", str)
"""32 hexadecimal digits drawn at random on the day the address first entered the base."""

Fact = str | int | bool | None | tuple[str, ...]
Facts = Mapping[str, Fact]


class LegalBasis(StrEnum):
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONSENT = "consent"
    CUSTOMER = "customer"  # soft opt-in
    NONE = "none"


class SourceKind(StrEnum):
    """How an address came to us."""

    DIRECT = "direct"
    TRADE_SHOW = "trade_show"
    BUSINESS_CARD = "business_card"
    WEB_FORM = "web_form"
    CUSTOMER = "customer"
    PUBLIC_PAGE = "public_page"
    PURCHASED = "purchased"
    PARTNER = "partner"
    SCRAPED = "scraped"
    GUESSED = "guessed"
    UNKNOWN = "unknown"

    @property
    def indirect(self) -> bool:
        """Not collected from the person (GDPR art. 14)."""
        return self in {SourceKind.PUBLIC_PAGE, SourceKind.PURCHASED, SourceKind.PARTNER}


class CompanyForm(StrEnum):
    LEGAL_PERSON = "legal_person"
    SOLE_TRADER = "sole_trader"
    UNKNOWN = "unknown"


class AddressClass(StrEnum):
    """RULES A0 3, in the order in which the first match wins."""

    INVALID = "invalid"
    CONSUMER = "consumer"
    SOLE_TRADER = "sole_trader"
    SINGLE_HOLDER_FUNCTION = "single_holder_function"
    GENERIC_ENTITY = "generic_entity"
    NAMED = "named"


class Outcome(StrEnum):
    """What became of one attempt. No word here claims that a mail was delivered: only the relay's word is known."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


class LetterState(StrEnum):
    """Where one contact stands in one campaign. All but SENDING add up to the audience once no run lives."""

    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class Part(StrEnum):
    SUBJECT = "subject"
    TEXT = "text"
    HTML = "html"


# --- who may be written to -------------------------------------------------------------------------------------


NORMALISATION = 2
"""Version of the rules that make ``Address.key``; stored with every hash."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that ``sender.address.parse`` accepted.

    ``local`` as written (NFC); ``domain`` lower case, IDN as A-labels; ``key`` the normal form under which doubles,
    objections and suppressions meet, made by the rules of version ``normalisation``.
    """

    local: str
    domain: str
    key: str
    normalisation: int = NORMALISATION

    @property
    def spec(self) -> str:
        return f"{self.local}@{self.domain}"

    def __str__(self) -> str:
        return self.spec


@dataclass(frozen=True, slots=True)
class Notice:
    """What the person was told when the address was collected (GDPR art. 13, 14)."""

    given: bool = False
    version: str | None = None
    given_on: date | None = None
    objection_offered: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where, when and how an address was collected. ``record``: the reference that proves it (fair, form, invoice)."""

    kind: SourceKind = SourceKind.UNKNOWN
    record: str | None = None
    collected_on: date | None = None
    notice: Notice = Notice()


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it was given, or its withdrawal. ``by``: person, third_party; ``proof``: double_opt_in, signed,
    log_only, none.

    ``scope``: mail, tracking, ``topic:NAME``. ``wording``: digest of the text shown. ``details``: what proves it, by
    name (time, address of the request, paper). ``tracking``: it covers tracking, too.
    """

    given_on: date
    wording_version: str | None = None
    channel: str | None = None
    by: str = "person"
    proof: str = "none"
    tracking: bool = False
    withdrawn_on: date | None = None
    scope: str = "mail"
    wording: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sale:
    """The sale that carries a soft opt-in (ePrivacy art. 13(2))."""

    sold_on: date
    own_similar: bool = False
    refusal_offered: bool = False
    reference: str | None = None


def as_topic(text: str) -> str:
    """A topic as it is compared, wherever it was written: small letters, single spaces."""
    return " ".join(text.split()).lower()


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person asked of our mails. ``most_per_year``: mails in twelve months; ``refused``: topics, sorted."""

    most_per_year: int | None = None
    language: str | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """One person or company address, as the base or a row of a contact file has it.

    ``legal_form`` as written (``SARL``); ``form`` what it means. ``more``: the file's other columns, for templates.
    ``company_number``: SIREN or SIRET, digits only. ``topics``: what the person wants to hear about. ``language``: the
    one that the person chose, where they did. ``corrected``: what stands as the person had it corrected,
    known where a file is merged with the base.
    """

    id: ContactId
    email: Address
    first_name: str = ""
    last_name: str = ""
    company: str | None = None
    legal_form: str | None = None
    form: CompanyForm = CompanyForm.UNKNOWN
    title: str | None = None
    country: str | None = None
    language: str | None = None
    provenance: Provenance = Provenance()
    last_inbound_on: date | None = None
    published_for_this: bool = False
    consent: Consent | None = None
    sale: Sale | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    company_number: str | None = None
    topics: tuple[str, ...] = ()
    choices: Choices = Choices()
    corrected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why an address is not to be mailed: objected, erased, complained, restricted, excluded, domain, bounced."""

    reason: str
    since: datetime
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger and the suppression list know of a contact when a campaign is judged."""

    suppression: Suppression | None = None
    mails_last_12_months: int = 0
    already: LetterState | None = None


# --- the campaign ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LegalIdentity:
    """What French business papers must show (C. com. R123-237); other countries ask for parts of it."""

    form: str | None = None
    capital: str | None = None
    siren: str | None = None  # nine digits, no spaces
    rcs: str | None = None  # town of registry
    registered_office: str | None = None
    postal_address: str | None = None  # where it is not the registered office


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    from_: Address
    reply_to: Address | None
    country: str | None
    legal: LegalIdentity

    @property
    def postal_address(self) -> str | None:
        return self.legal.postal_address or self.legal.registered_office


@dataclass(frozen=True, slots=True)
class Offer:
    what: str
    functions: tuple[str, ...]
    because: str | None
    universal: bool = False
    override: str | None = None
    sector: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Contacts of the base: those that meet every condition, and of each condition one of its words.

    ``consent``: what the newest word on a consent to mail is: ``given``, ``withdrawn``, ``none``.
    """

    functions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    sources: tuple[SourceKind, ...] = ()
    companies: tuple[str, ...] = ()
    not_mailed_since: timedelta | None = None
    suppressed: bool | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """A contact file, or a selection on the base: then ``select`` says which and ``contacts`` names no file.

    ``columns``: field name -> header in the file. ``default``: provenance of rows that carry none of their own.
    """

    contacts: Path
    columns: Mapping[str, str]
    default: Provenance
    country: str | None = None
    select: Selection | None = None


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    html: Path
    text: Path | None
    attachments: tuple[Path, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Processing:
    """``record``: the entry in the record of processing (GDPR art. 30). ``balancing_test``: a file.

    ``indirect_override``: who answers for mailing people whose address came from others and who were told nothing.
    ``officer``: how to reach the data protection officer; ``transfers``: where data go outside the EEA, and on which
    basis. Both are told to these people, where there is such a thing (GDPR art. 14(1)(b), 14(1)(f)). ``registries``:
    public lists of people who refuse advertising (``lista-robinson``), and when this audience was compared with them.
    """

    record: str | None
    balancing_test: Path | None
    indirect_override: str | None = None
    officer: str | None = None
    transfers: str | None = None
    registries: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``weekdays``: Monday is 0; ``hours``: from, and until, where midnight at the end of the day is 00:00."""

    zone: ZoneInfo
    not_before: datetime | None
    not_after: datetime | None
    weekdays: frozenset[int] = frozenset(range(7))
    hours: tuple[time, time] = (time(), time())
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign file, read and checked. ``places`` maps dotted keys (``sender.legal.siren``) to where they stand.

    ``topics``: what it is about; those that its audience is selected by, where the file names none.
    """

    name: str
    path: Path
    language: str
    sender: Sender
    offer: Offer
    audience: Audience
    basis: LegalBasis
    processing: Processing
    message: Message
    schedule: Schedule | None = None
    topics: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)

    def place(self, key: str) -> Place:
        """Where ``key`` stands in the file, or its nearest parent."""
        while key and key not in self.places:
            key = key.rpartition(".")[0]
        return self.places.get(key, Place(str(self.path)))


# --- what we write ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VariableUse:
    """One use of a variable in a template. ``conditional``: inside an if, a loop, or what may not be rendered."""

    name: str  # dotted: "contact.company", "unsubscribe_url"
    place: Place
    conditional: bool


@dataclass(frozen=True, slots=True)
class PartSyntax:
    """What a template's syntax tree shows, includes followed. ``derived``: the text part is made from the HTML."""

    part: Part
    uses: tuple[VariableUse, ...]
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Links:
    """The ways out of one letter. ``unsubscribe_mailto`` is a whole URI (``mailto:stop@...?subject=...``)."""

    unsubscribe_url: str | None = None
    unsubscribe_mailto: str | None = None

    @property
    def shown(self) -> str:
        """What ``{{ unsubscribe_url }}`` prints: the page, or else the mailbox."""
        return self.unsubscribe_url or self.unsubscribe_mailto or ""


@dataclass(frozen=True, slots=True)
class Rendering:
    """The parts of one letter before they become bytes; ``headers`` without those that the transport adds."""

    contact: Contact
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What one contact would receive: ``content`` is the message as RFC 5322 bytes, CRLF, not dot-stuffed.

    ``subject``: in clear, for the ledger, so that a person can be told what was written to them.
    """

    contact: ContactId
    sender: str  # envelope
    recipient: str  # envelope
    message_id: str  # with angle brackets
    content: bytes
    smtputf8: bool = False
    subject: str = ""


# --- may we? ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FunctionMatch:
    """What a title says its holder does. No ``functions``: unknown, never a guess. ``evidence``: the words used."""

    functions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason in a verdict: a code that the sentence catalogues know, the facts it was judged on, the rule.

    ``facts`` hold nothing that names a person: they are stored once for all contacts that share them.
    """

    code: str
    facts: Facts = field(default_factory=dict)
    rule: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one gate said."""

    gate: str
    passed: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What all contact gates said about one contact in one campaign. No verdict at all means no mail."""

    verdicts: tuple[Verdict, ...]

    @property
    def may_send(self) -> bool:
        return bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)

    @property
    def refused_by(self) -> tuple[str, ...]:
        return tuple(verdict.gate for verdict in self.verdicts if not verdict.passed)


# --- what became of it -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """The relay's word on one letter, as ``delivery.replies`` reads it.

    ``code``, ``enhanced`` and ``text`` are those of the reply that decided; ``stage`` the command it answered.
    ``hard_bounce``: the address does not exist (5.1.1, 5.1.2, 5.1.10).
    """

    outcome: Outcome
    code: int | None = None
    enhanced: str | None = None
    text: str = ""
    stage: str = ""
    hard_bounce: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """How many letters of a campaign stand where."""

    waiting: int = 0
    held: int = 0
    sending: int = 0
    accepted: int = 0
    refused: int = 0
    deferred: int = 0
    unknown: int = 0
    withdrawn: int = 0

    @property
    def audience(self) -> int:
        return sum(getattr(self, state.value) for state in LetterState)
