"""The store: made, opened, refused, written in transactions."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, event, func, insert, select, text

from sender.errors import Exit, SenderError
from sender.store import Store, Writer, found, new_base_id, read_base
from sender.store.beginning import written
from sender.store.migrate import upgrade
from sender.store.place import refuse_network_drive
from sender.store.schema import VERSION, imports, metadata
from tests.databases import NOW

A_ROW = {"file_name": "a.csv", "file_digest": "0" * 64, "imported_at": NOW}


def count(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(imports)).scalar_one()


def fails(url: str, **how: bool) -> SenderError:
    with pytest.raises(SenderError) as caught:
        Store.open(url, **how)
    return caught.value


def test_what_is_written_is_read_back(store: Store) -> None:
    """A committed row is seen by the next transaction, its time unchanged."""
    with store.write() as connection:
        connection.execute(insert(imports).values(A_ROW))

    with store.read() as connection:
        assert connection.execute(select(imports.c.imported_at)).scalar_one() == NOW


def test_an_error_undoes_the_transaction(store: Store) -> None:
    """Nothing stays of a writing block that was left by an error."""
    with pytest.raises(KeyError), store.write() as connection:  # noqa: PT012
        connection.execute(insert(imports).values(A_ROW))
        raise KeyError

    assert count(store) == 0


def test_a_base_is_made_only_when_asked(empty_url: str) -> None:
    """Without ``create`` a missing or empty base is an error of the settings."""
    error = fails(empty_url)

    assert (error.exit, error.complaints[0].code) == (Exit.SETTINGS_WRONG, "SC-501")


def test_a_base_is_opened_again(empty_url: str) -> None:
    """The second opening finds the schema in place and needs no ``create``."""
    Store.open(empty_url, create=True).close()

    again = Store.open(empty_url)

    assert count(again) == 0
    again.close()


def test_whoever_makes_the_same_base_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base that another process begins in the same moment is opened once that one lets it go."""
    file = tmp_path / "s.db"
    file.touch(mode=0o600)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waited = []

    def let_go(seconds: float) -> None:
        waited.append(seconds)
        other.rollback()

    monkeypatch.setattr("sender.store.engine.time.sleep", let_go)
    opened = Store.open(str(file), create=True)
    other.close()

    assert count(opened) == 0
    assert waited
    opened.close()


def test_a_newer_base_is_refused(store: Store, store_url: str) -> None:
    """A base that a newer program migrated is not touched."""
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    error = fails(store_url, create=True)

    assert (error.exit, error.complaints[0].code) == (Exit.SETTINGS_WRONG, "SC-504")


def test_migrations_build_the_schema_of_the_metadata(store: Store) -> None:
    """Alembic finds no difference between the migrated base and ``schema.py``."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        built = MetaData()
        built.reflect(connection)

    assert differences == []
    for table in metadata.sorted_tables:
        have = {index.name: index for index in built.tables[table.name].indexes if not index.unique}
        assert {index.name for index in table.indexes} <= have.keys()
        for index in table.indexes:
            partial = have[index.name].dialect_options[store.dialect]["where"]
            assert (partial is None) == (index.dialect_options["sqlite"]["where"] is None)


def test_a_new_base_is_what_the_migrations_make(tmp_path: Path) -> None:
    """An SQLite base that is made in one go has each table, index, trigger and revision of one that was migrated."""
    with create_engine("sqlite://").connect() as connection:
        upgrade(connection)
        migrated = written(connection)
    begun = Store.open(str(tmp_path / "s.db"), create=True)

    with begun.read() as connection:
        assert written(connection) == migrated
    begun.close()


def test_the_version_is_that_of_the_newest_migration() -> None:
    """``schema.VERSION`` is what alembic calls head."""
    from alembic.script import ScriptDirectory

    from sender.store.migrate import _config

    assert ScriptDirectory.from_config(_config()).get_current_head() == VERSION


def test_the_files_are_private(tmp_path: Path) -> None:
    """The base, its log, its shared memory and its lock files can be read by nobody else."""
    opened = Store.open(str(tmp_path / "s.db"), create=True)
    with opened.write() as connection:
        connection.execute(insert(imports).values(A_ROW))

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    opened.close()

    assert set(modes.values()) == {0o600}
    assert {"s.db", "s.db-wal", "s.db-shm"} <= set(modes)


@pytest.mark.parametrize("content", [b"no data base at all, but long enough for a header" * 40, b"\0" * 4096])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is not SQLite's is not overwritten."""
    file = tmp_path / "letter.txt"
    file.write_bytes(content)

    error = fails(str(file), create=True)

    assert error.exit is Exit.SETTINGS_WRONG
    assert file.read_bytes() == content


def test_foreign_tables_are_refused(tmp_path: Path) -> None:
    """Another program's SQLite file is left alone."""
    file = tmp_path / "photos.db"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE photos (id)")
    other.close()

    assert fails(str(file), create=True).complaints[0].code == "SC-503"


def test_a_damaged_file_is_named_as_such(tmp_path: Path) -> None:
    """Overwritten pages give the word for damage, not a traceback."""
    file = tmp_path / "s.db"
    Store.open(str(file), create=True).close()
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xff" * 3996
    file.write_bytes(content)

    assert fails(str(file)).complaints[0].code in {"SC-503", "SC-505"}


def test_a_file_held_by_a_stranger_is_out_of_reach(tmp_path: Path) -> None:
    """Where another program holds a transaction for too long the error says so and may be tried again."""
    opened = Store.open(str(tmp_path / "s.db"), create=True)
    opened.engine.dispose()
    event.listen(opened.engine, "connect", lambda driver, _: driver.execute("PRAGMA busy_timeout = 0"))
    holder = opened.engine.connect().execution_options(writing=True)

    with holder.begin(), pytest.raises(SenderError) as caught, opened.write():
        pass
    holder.close()
    opened.close()

    assert (caught.value.exit, caught.value.complaints[0].code) == (Exit.UNREACHABLE, "SC-508")


def test_an_unreachable_server_is_out_of_reach() -> None:
    """Nobody listens at that port."""
    error = fails("postgresql://nobody@127.0.0.1:9/none")

    assert (error.exit, error.complaints[0].code) == (Exit.UNREACHABLE, "SC-509")


@pytest.mark.parametrize("url", ["mysql://localhost/x", "postgresql://", "http://example.org/", "://"])
def test_other_addresses_are_refused(url: str) -> None:
    """Only SQLite and PostgreSQL can hold the base."""
    assert fails(url, create=True).complaints[0].code == "SC-510"


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_drive_is_refused(tmp_path: Path, kind: str) -> None:
    """The nearest mount above the file decides, blanks in its name included."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/x / ext4 rw 0 0\nserver:/x {tmp_path}/on\\040net {kind} rw 0 0\n")
    (tmp_path / "on net").mkdir()

    with pytest.raises(SenderError) as caught:
        refuse_network_drive(tmp_path / "on net" / "s.db", mounts)
    refuse_network_drive(tmp_path / "s.db", mounts)

    assert caught.value.complaints[0].code == "SC-502"


def test_the_base_row_is_written_once(store: Store) -> None:
    """A base has one identity; a second one is refused by the table."""
    with store.write() as connection:
        written = found(connection, base_id=new_base_id(), key_check="ab", practice=True, now=NOW)
    with store.read() as connection:
        assert read_base(connection) == written

    with pytest.raises(SenderError), store.write() as connection:
        found(connection, base_id=new_base_id(), key_check="ab", practice=True, now=NOW)


def test_a_second_writer_gets_in_beside_a_busy_one(tmp_path: Path) -> None:
    """Beside a process that commits without pause, twenty writes take less than two seconds together."""
    file = str(tmp_path / "s.db")
    busy, other = Store.open(file, create=True), Store.open(file)
    stop = threading.Event()

    def commit_for_ever() -> None:
        while not stop.is_set():
            with busy.write() as connection:
                connection.execute(insert(imports), [A_ROW] * 20)

    thread = threading.Thread(target=commit_for_ever)
    thread.start()
    begun = time.monotonic()
    try:
        for _ in range(20):
            with other.write() as connection:
                connection.execute(insert(imports).values(A_ROW))
    finally:
        took = time.monotonic() - begun
        stop.set()
        thread.join()
        busy.close()
        other.close()

    assert took < 2


def test_many_jobs_are_committed_together(store: Store) -> None:
    """Every job gets its own answer; fewer transactions than jobs."""
    commits = []
    event.listen(store.engine, "commit", lambda _connection: commits.append(1))
    writer = Writer(store)
    answers = [writer.submit(lambda c, n=n: (c.execute(insert(imports).values(A_ROW)), n)[1]) for n in range(300)]

    assert [answer.result(30) for answer in answers] == list(range(300))
    writer.close()
    assert count(store) == 300
    assert len(commits) < 300


def test_a_job_that_fails_undoes_itself_alone(store: Store) -> None:
    """Its neighbours in the group are kept."""

    def bad(connection) -> None:
        connection.execute(insert(imports).values(A_ROW))
        raise LookupError("mine")

    writer = Writer(store)
    first = writer.submit(lambda c: bool(c.execute(insert(imports).values(A_ROW))))
    second = writer.submit(bad)
    third = writer.submit(lambda c: bool(c.execute(insert(imports).values(A_ROW))))

    assert (first.result(30), third.result(30)) == (1, 1)
    assert isinstance(second.exception(30), LookupError)
    writer.close()
    assert count(store) == 2


def test_after_a_failure_of_the_base_the_writer_refuses_more(tmp_path: Path) -> None:
    """A disk that is full fails every waiting job, and those that come later."""
    opened = Store.open(str(tmp_path / "s.db"), create=True)

    def disk_full(_connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    writer = Writer(opened)
    answers = [writer.submit(disk_full), writer.submit(lambda c: 1)]
    codes = {answers[0].exception(30).complaints[0].code}
    later = writer.submit(lambda c: 1).exception(30)
    writer.close()
    opened.close()

    assert codes == {"SC-506"}
    assert later.complaints[0].code == "SC-506"


async def test_coroutines_wait_for_the_commit(store: Store) -> None:
    """``do`` answers with the job's result once it is on the disk."""
    writer = Writer(store)

    assert await writer.do(lambda c: bool(c.execute(insert(imports).values(A_ROW)))) == 1
    assert count(store) == 1
    writer.close()


def test_a_time_without_zone_is_a_mistake(store: Store) -> None:
    """It could mean anything, so it is never stored."""
    with pytest.raises(Exception, match="without zone"), store.write() as connection:
        connection.execute(insert(imports).values(A_ROW | {"imported_at": datetime(2026, 1, 1)}))  # noqa: DTZ001


def test_times_sort_as_they_are_written() -> None:
    """Fixed width, so that text order is time order."""
    from sender.store.schema import moment_text

    assert moment_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"
