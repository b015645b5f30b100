"""A contact file into the base, batch by batch: nothing doubled, nothing lost, wherever it is interrupted.

In: a ``ContactFile`` and where it comes from. Out: ``Imported``, in which rows = new + changed + same + doubles +
rejected + erased. Each batch and its counts are one transaction; the same command, run again after a kill, goes on
behind the last batch that is on the disk. What was done by hand in between is not undone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TextIO

from sqlalchemy import Connection

from sender.contacts import imports
from sender.contacts.aliases import as_of_today, keys_of_today
from sender.contacts.base import Upserted, by_keys, differences, merge, upsert
from sender.contacts.consents import Record
from sender.contacts.imports import Counts, FileRead, Import
from sender.contacts.intake import ContactFile, Double, Rejected, Row
from sender.contacts.meeting import HashOf, standing_against
from sender.model import Contact
from sender.store import Store

__all__ = ["REJECTED_NAMED", "Imported", "import_file", "try_import"]

_BATCH = 1000
REJECTED_NAMED = 1000  # rows named in the report; a file that is asked for names all of them


@dataclass(slots=True)
class Imported:
    """What became of a file. ``fields``: how often each field changed. ``went_on_at``: the line it went on behind."""

    counts: Counts = field(default_factory=Counts)
    fields: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()
    went_on_at: int = 0

    def reject(self, row: Rejected) -> None:
        self.reasons[row.why] += 1
        if len(self.rejected) < REJECTED_NAMED:
            self.rejected.append(row)


@dataclass(slots=True)
class _Reading:
    """The rows of the file in batches; what is no contact goes into the report and, where one is wanted, a file."""

    file: ContactFile
    report: Imported
    rejects: TextIO | None
    observe: Callable[[int], None]

    def batches(self) -> Iterator[list[Row]]:
        batch: list[Row] = []
        for row in self.file:
            match row:
                case Row():
                    batch.append(row)
                case Double():
                    pass  # counted by the file
                case Rejected():
                    self._reject(row)
            if len(batch) == _BATCH:
                yield batch
                batch = []
            if self.file.report.rows % _BATCH == 0:
                self.observe(row.line)
        if batch:
            yield batch

    def _reject(self, row: Rejected) -> None:
        self.report.reject(row)
        if self.rejects:
            self.rejects.write(f"{row.line};{row.code};{row.why}\n")

    def close(self, counts: Counts, fields: Counter[str]) -> Imported:
        seen = self.file.report
        self.report.counts = replace(counts, doubles=seen.doubles, rejected=seen.rejected)
        self.report.fields = fields
        self.report.notes = seen.notes
        return self.report


def import_file(
    store: Store,
    file: ContactFile,
    source: FileRead,
    *,
    hash_of: HashOf,
    record: Record,
    now: Callable[[], datetime],
    rejects: TextIO | None = None,
    observe: Callable[[int], None] = lambda _line: None,
    topics: tuple[str, ...] = (),
) -> Imported:
    """Enter every row. ``observe`` hears the line that was reached; ``topics`` are added to each contact's own."""
    with store.write() as connection:
        one = imports.begin(connection, source, now())
        file.known_as = keys_of_today(connection)
    reading = _Reading(file, Imported(went_on_at=one.lines_done), rejects, observe)
    for batch in reading.batches():
        if rows := [row for row in batch if row.line > one.lines_done]:
            with store.write() as connection:
                people = [_about(row.contact, topics) for row in rows]
                entered = upsert(connection, people, hash_of=hash_of, now=now(), import_id=one.id)
                one = _advanced(one, entered, rows[-1].line)
                imports.keep(connection, one)
    result = reading.close(one.counts, one.fields)
    with store.write() as connection:
        imports.finish(connection, replace(one, counts=result.counts), now())
        record(connection, "contacts_imported", _payload(source, result.counts), None, now())
    return result


def try_import(
    store: Store,
    file: ContactFile,
    *,
    hash_of: HashOf,
    observe: Callable[[int], None] = lambda _line: None,
    topics: tuple[str, ...] = (),
) -> Imported:
    """What an import would do; nothing is written."""
    with store.read() as connection:
        file.known_as = keys_of_today(connection)
    reading = _Reading(file, Imported(), None, observe)
    one = Import(0)
    for batch in reading.batches():
        with store.read() as connection:
            would = _tried(connection, [_about(row.contact, topics) for row in batch], hash_of)
        one = _advanced(one, would, batch[-1].line)
    return reading.close(one.counts, one.fields)


def _tried(connection: Connection, people: Sequence[Contact], hash_of: HashOf) -> Upserted:
    """As ``upsert`` would answer. New contacts have no ids yet: their addresses' keys stand in for them."""
    people = as_of_today(connection, people)
    against = standing_against(connection, [contact.email for contact in people], hash_of=hash_of)
    erased = {email.key for email, each in against.items() if any(one.entry.reason == "erased" for one in each)}
    stopped = {email.key for email in against} - erased
    stored = by_keys(connection, [contact.email.key for contact in people])
    merged = tuple(
        replace(merge(stored[key], contact) if key in stored else contact, id=key)  # type: ignore[arg-type]
        for contact in people
        if (key := contact.email.key) not in erased
    )
    changed = {
        one.id: what
        for one in merged
        if (before := stored.get(one.id)) and (what := differences(before, replace(one, id=before.id)))
    }
    return Upserted(
        merged,
        tuple(map(str.encode, erased)),
        frozenset(one.id for one in merged if one.id not in stored),
        changed,
        frozenset(one.id for one in merged if one.id in stopped),
    )


def _about(contact: Contact, topics: tuple[str, ...]) -> Contact:
    return replace(contact, topics=tuple(dict.fromkeys((*contact.topics, *topics)))) if topics else contact


def _advanced(one: Import, entered: Upserted, line: int) -> Import:
    before, new, changed = one.counts, len(entered.new), len(entered.changed)
    counts = replace(
        before,
        new=before.new + new,
        changed=before.changed + changed,
        same=before.same + len(entered.contacts) - new - changed,
        erased=before.erased + len(entered.erased),
        suppressed=before.suppressed + len(entered.suppressed),
    )
    fields = one.fields + Counter(name for names in entered.changed.values() for name in names)
    return replace(one, counts=counts, fields=fields, lines_done=line)


def _payload(source: FileRead, counts: Counts) -> dict[str, str | int | bool | None]:
    """Numbers and digests; a file's name may be a person's."""
    collected_on = source.provenance.collected_on
    return {
        "file_digest": source.digest,
        "source": source.provenance.kind.value,
        "collected_on": collected_on.isoformat() if collected_on else None,
        "notice": source.provenance.notice.version,
        "by": imports.whoever_runs(),
        "rows": counts.rows,
        "new": counts.new,
        "changed": counts.changed,
    }
