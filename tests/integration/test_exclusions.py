"""Exclusion lists as they come, and blocked domains: whoever is on one is held, whenever the contact comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import md5, sha1, sha256
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from sender import contacts
from sender.address import parse
from sender.contacts import Exclusions
from sender.errors import InputError, MissingFile
from sender.keys import Keys
from sender.ledger import history
from sender.links import LinkKey
from sender.model import Consent, Contact, ContactId, Provenance, SourceKind
from sender.store import Store, schema
from tests.databases import NOW

hash_of = Keys((LinkKey(1, b"l" * 32),), b"s" * 32).suppression_hash
ANNE, BORIS = "Anne.Leroy@Cabinet.example", "boris@other.example"


@dataclass
class Entries:
    kinds: list[str] = field(default_factory=list)

    def __call__(
        self,
        connection: Connection,
        kind: str,
        payload: Mapping[str, str | int | bool | None],
        contact: ContactId | None,
        at: datetime,
    ) -> None:
        assert not any("anne" in str(value).lower() for value in payload.values())
        self.kinds.append(kind)


def put(store: Store, *emails: str) -> list[Contact]:
    people = [
        replace(
            Contact(ContactId(""), parse(email)), provenance=Provenance(SourceKind.TRADE_SHOW, "x", date(2026, 1, 1))
        )
        for email in emails
    ]
    with store.write() as connection:
        return list(contacts.upsert(connection, people, hash_of=hash_of, now=NOW).contacts)


def read_list(store: Store, path: Path, text: str | bytes, *, now: datetime = NOW, **how: str | None) -> Exclusions:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    options: dict[str, str | None] = {"reason": "excluded", "origin": "Robinson ES 2026-11", "column": None}
    options |= how
    return contacts.exclude(store, path, hash_of=hash_of, record=Entries(), now=now, **options)  # type: ignore[arg-type]


def held(store: Store, email: str = ANNE) -> str | None:
    """As the gates see it: the reason, if there is one."""
    with store.read() as connection:
        contact = contacts.by_email(connection, parse(email))
        assert contact is not None
        found = history(connection, None, [contact.id], NOW.date())[contact.id].suppression
        return found.reason if found else None


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "shouted": str.upper,
    "in brackets": lambda text: f"<{text}>;",
    "as a link": lambda text: f"mailto:{text}",
    "with a dot behind it": lambda text: f"{text}.",
    "md5": lambda text: md5(text.lower().encode()).hexdigest(),
    "sha1, shouted": lambda text: sha1(text.lower().encode()).hexdigest().upper(),
    "sha256": lambda text: f"  {sha256(text.lower().encode()).hexdigest()}  ",
    "sha256 as written": lambda text: sha256(b"Anne.Leroy@cabinet.example").hexdigest(),
    "sha256 in capitals": lambda text: sha256(text.upper().encode()).hexdigest(),
    "md5 of echo": lambda text: md5(f"{text.lower()}\n".encode()).hexdigest(),
    "domain": lambda text: "@cabinet.example",
    "wildcard": lambda text: "*.example",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("first", ["contact", "list"])
def test_whoever_is_on_a_list_is_held(store: Store, tmp_path: Path, form: str, first: str) -> None:
    """However the list names them, and whichever comes in first."""
    line = FORMS[form](ANNE)
    if first == "contact":
        put(store, ANNE, BORIS)
    report = read_list(store, tmp_path / "list.txt", f"{line}\n")
    if first == "list":
        put(store, ANNE, BORIS)

    assert held(store) == "excluded"
    assert held(store, BORIS) == ("excluded" if form == "wildcard" else None)
    assert (report.lines, report.new, report.rejected) == (1, 1, 0)
    if first == "contact":
        assert report.held == (2 if form == "wildcard" else 1)


@pytest.mark.parametrize(
    "content",
    [
        f"nom;adresse;ville\nLeroy;{ANNE};Lyon\n".encode(),
        f"\ufeffnom,adresse\r\nLéroy,{ANNE}\r\n".encode(),
        f"nom;adresse\nLéroy;{ANNE}\n".encode("cp1252"),
        f'hash\n"{sha256(ANNE.lower().encode()).hexdigest()}"\n'.encode(),
        f"\n\n{ANNE}".encode(),
    ],
)
def test_the_column_is_found_in_any_table(store: Store, tmp_path: Path, content: bytes) -> None:
    """With or without a header, in the encodings of French spreadsheets."""
    put(store, ANNE)

    assert read_list(store, tmp_path / "list.csv", content).rejected == 0
    assert held(store) == "excluded"


def test_a_named_column_is_read(store: Store, tmp_path: Path) -> None:
    """Where two columns hold addresses; one that is not there is an error and nothing is read."""
    put(store, ANNE, BORIS)
    text = f"mail;contact\n{BORIS};{ANNE}\n"

    with pytest.raises(InputError):
        read_list(store, tmp_path / "list.csv", text, column="adresse")
    read_list(store, tmp_path / "list.csv", text, column="Contact")

    assert (held(store), held(store, BORIS)) == ("excluded", None)


def test_what_is_no_list_is_refused(store: Store, tmp_path: Path) -> None:
    """Nothing in it names anybody; or it is not there at all."""
    with pytest.raises(InputError):
        read_list(store, tmp_path / "list.csv", "hello\nworld\n")
    with pytest.raises(MissingFile):
        contacts.exclude(
            store,
            tmp_path / "no",
            reason="excluded",
            origin="x",
            column=None,
            hash_of=hash_of,
            record=Entries(),
            now=NOW,
        )


def test_lines_that_name_nobody_are_told(store: Store, tmp_path: Path) -> None:
    """With their numbers; the others count."""
    report = read_list(store, tmp_path / "list.csv", f"{ANNE}\nnobody\n\nd41d8cd98f00\n{BORIS}\n")

    assert (report.lines, report.new, report.rejected) == (4, 2, 2)
    assert [line for line, _ in report.rejected_lines] == [2, 4]


def test_reading_a_list_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    """Interrupted or of next month: what stands keeps its day."""
    text = f"{ANNE}\n{md5(BORIS.encode()).hexdigest()}\n"
    read_list(store, tmp_path / "list.csv", text)
    again = read_list(store, tmp_path / "list.csv", text, now=NOW + timedelta(days=30))

    assert again.new == 0
    with store.read() as connection:
        assert connection.execute(select(schema.suppressions.c.since, schema.suppressions.c.renewed_at)).all() == [
            (NOW, None)
        ]


def test_the_next_edition_of_a_list_does_not_undo_a_consent(store: Store, tmp_path: Path) -> None:
    """Whoever consented since stands on the new edition as on the first; an objection of their own does undo it."""
    (anne,) = put(store, ANNE)
    for digest in (ANNE, sha256(ANNE.lower().encode()).hexdigest()):
        read_list(store, tmp_path / "list.csv", digest)
    at = NOW + timedelta(days=3)
    consent = Consent(at.date(), "v1", "form", proof="double_opt_in", details={"at": at.isoformat()})
    with store.write() as connection:
        contacts.grant(connection, anne.id, consent, record=Entries(), now=at)
        assert contacts.lift_by_consent(connection, anne.id, consent, record=Entries(), now=at).ended == ("excluded",)
    for digest in (ANNE, sha256(ANNE.lower().encode()).hexdigest()):
        read_list(store, tmp_path / "list.csv", digest, now=at + timedelta(days=9))
    put(store, ANNE)
    assert held(store) is None

    read_list(store, tmp_path / "list.csv", ANNE, now=at + timedelta(days=10), reason="objected")
    assert held(store) == "objected"


def test_no_plain_hash_of_a_person_stays(store: Store, store_url: str, tmp_path: Path) -> None:
    """Neither the digest of the list nor anything that could be compared with one, in any byte of the data base."""
    digests = [kind(ANNE.lower().encode()) for kind in (md5, sha1, sha256)]
    read_list(store, tmp_path / "list.csv", "\n".join(each.hexdigest() for each in digests))

    rows: list[object] = []
    with store.read() as connection:
        for table in schema.metadata.sorted_tables:
            rows += [value for row in connection.execute(select(table)) for value in row]
    bytes_held = b"\0".join(v if isinstance(v, bytes) else str(v).encode() for v in rows)
    if store.dialect == "sqlite":
        bytes_held += b"".join(file.read_bytes() for file in tmp_path.glob("sender.db*"))
    for each in digests:
        assert each.digest() not in bytes_held
        assert each.hexdigest().encode() not in bytes_held


@pytest.mark.parametrize("first", ["contact", "block"])
@pytest.mark.parametrize("pattern", ["cabinet.example", "@Cabinet.Example", "*.example", "*.cabinet.example"])
def test_a_blocked_domain_is_held_and_let_go(store: Store, pattern: str, first: str) -> None:
    """The operator's own word, both ways."""
    entries = Entries()
    if first == "contact":
        put(store, ANNE)
    with store.write() as connection:
        contacts.block(connection, pattern, hash_of=hash_of, record=entries, now=NOW)
    put(store, ANNE)
    assert held(store) == "domain"

    with store.write() as connection:
        assert contacts.unblock(connection, pattern, hash_of=hash_of, record=entries, now=NOW + timedelta(days=1))
        assert contacts.blocked(connection) == []
    assert held(store) is None

    with store.write() as connection:
        contacts.block(connection, pattern, hash_of=hash_of, record=entries, now=NOW + timedelta(days=2))
    assert held(store) == "domain"
    assert entries.kinds == ["domain_blocked", "domain_unblocked", "domain_blocked"]


def test_a_wildcard_reaches_below_and_not_beside(store: Store) -> None:
    """``*.b.example`` is b.example and a.b.example, neither ab.example nor example."""
    put(store, "x@b.example", "x@a.b.example", "x@ab.example", "x@c.example")
    with store.write() as connection:
        contacts.block(connection, "*.b.example", hash_of=hash_of, record=Entries(), now=NOW)
    put(store, "x@z.y.b.example")

    said = {name: held(store, f"x@{name}.example") for name in ("b", "a.b", "z.y.b", "ab", "c")}
    assert said == {"b": "domain", "a.b": "domain", "z.y.b": "domain", "ab": None, "c": None}


def test_lifting_one_of_two_blocks_leaves_the_other(store: Store) -> None:
    """Whichever was laid first."""
    put(store, ANNE)
    clock = (NOW + timedelta(minutes=number) for number in range(100))
    for order in (("*.example", "cabinet.example"), ("cabinet.example", "*.example")):
        for pattern in order:
            with store.write() as connection:
                contacts.block(connection, pattern, hash_of=hash_of, record=Entries(), now=next(clock))
        for pattern, left in zip(order, ("domain", None), strict=True):
            with store.write() as connection:
                contacts.unblock(connection, pattern, hash_of=hash_of, record=Entries(), now=next(clock))
            assert held(store) == left, order


def test_an_unblocking_does_not_touch_what_others_said(store: Store, tmp_path: Path) -> None:
    """A list that names the domain, an objection of the person."""
    put(store, ANNE)
    read_list(store, tmp_path / "list.csv", "@cabinet.example")
    with store.write() as connection:
        contacts.block(connection, "cabinet.example", hash_of=hash_of, record=Entries(), now=NOW)
        contacts.unblock(connection, "cabinet.example", hash_of=hash_of, record=Entries(), now=NOW + timedelta(days=1))

    assert held(store) == "excluded"


@pytest.mark.parametrize("text", ["", "a b", "cabinet", "jean@cabinet.example", "*", "*.", "ex_ample..com"])
def test_what_is_no_domain_is_refused(store: Store, text: str) -> None:
    with pytest.raises(contacts.PatternError), store.write() as connection:
        contacts.block(connection, text, hash_of=hash_of, record=Entries(), now=NOW)
