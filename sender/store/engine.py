"""The data base as the rooms see it: a reading and a writing transaction, and nothing else."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from sender.errors import Fault, SettingsError, Unreachable
from sender.store.beginning import begin
from sender.store.complaints import complain, in_words
from sender.store.identity import Base, read_base
from sender.store.kept import tell
from sender.store.place import file_of, make_private_file, refuse_network_drive, understand
from sender.store.schema import VERSION, metadata
from sender.store.turnstile import Turnstile

__all__ = ["Store"]

_BUSY_SECONDS = 10  # how long a stranger (a backup, a browser of tables) may hold the file
_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # a commit that came back survives a power cut
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}",
    "PRAGMA cache_size = -8000",  # 8 MB for each connection; the kernel keeps the rest of the file at hand
    "PRAGMA temp_store = FILE",  # what sorts a million names goes to a file without a name beyond those 8 MB
)
_PAUSE = 0.01  # seconds; a new base is another's for some milliseconds
_IDLE_SECONDS = 60  # how long a sender may stand still in a transaction: as long as it is believed to live
_SERVER = {  # of libpq; a server that is gone is noticed within a minute
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": _IDLE_SECONDS * 1000,
}
_DOOR = 0x53656E64  # any number that other programs in the same data base do not use
_ALONE = f"SELECT pg_advisory_xact_lock({_DOOR})"
_BESIDE_OTHERS = f"SELECT pg_advisory_xact_lock_shared({_DOOR})"


class Store:
    """One open data base. Rooms get a ``Connection`` inside a transaction and know no more of it."""

    def __init__(self, engine: Engine, where: str, file: Path | None) -> None:
        self._engine = engine
        self.where = where
        self._turnstile = Turnstile(file, patience=_BUSY_SECONDS) if file else None
        self._file = file
        self._opened_as = _name_of(file)

    @classmethod
    def open(cls, url: str, *, create: bool = False, now: datetime | None = None) -> Store:
        """The data base at ``url``, its schema brought up to date; a newer schema is refused.

        A missing or empty base is made with ``create``, else it is an error (78). ``now`` is not needed yet.
        """
        del now
        address = understand(url)
        file = file_of(address)
        if file is not None:
            _see_to_file(file, create=create)
        where = address.render_as_string(hide_password=True) if file is None else str(file)
        store = cls(_engine_for(address, file), where, file)
        try:
            store._bring_up_to_date(create=create)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def glimpse(cls, url: str) -> Base | None:
        """Which base lies at ``url``; None where what lies there is none, or not whole. Nothing is made or changed.

        Somebody may be restoring it just now: what opens a base also founds, migrates and remembers it. Raises
        SettingsError where nothing is there, Unreachable where it cannot be reached.
        """
        address = understand(url)
        file = file_of(address)
        if file is not None and not file.is_file():
            raise _missing(str(file))
        engine = _engine_for(address, None) if file is None else _looking_at(file)
        try:
            with in_words(str(file or address.render_as_string(hide_password=True))), engine.connect() as connection:
                return read_base(connection)
        except (Fault, SQLAlchemyError):
            return None
        finally:
            engine.dispose()

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @property
    def engine(self) -> Engine:
        """For tests and measurements that look at the statements."""
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees the base as it stood when it began."""
        with in_words(self.where), self._engine.connect() as connection, connection.begin():
            yield connection

    def connect(self) -> Connection:
        """A connection for ``write``. Who writes all the time keeps one: to make one costs as much as to commit."""
        with in_words(self.where):
            return self._engine.connect().execution_options(writing=True)

    @contextmanager
    def write(self, *, beside_others: bool = False, on: Connection | None = None) -> Iterator[Connection]:
        """A writing transaction, on the disk when the block is left; undone when an error leaves it.

        On SQLite it is alone by nature. On PostgreSQL too, so that no two lock the same rows in different orders,
        but for those that say that they may run ``beside_others`` of their like. ``on``: what ``connect`` made.
        """
        self._demand_same_file()
        door = self._turnstile.passed() if self._turnstile else nullcontext()
        with in_words(self.where), door, nullcontext(on) if on else self.connect() as writing, writing.begin():
            if self.dialect == "postgresql":
                tell(writing, _BESIDE_OTHERS if beside_others else _ALONE)
            yield writing
        self._demand_same_file()

    def _demand_same_file(self) -> None:
        """SQLite would go on writing into a file that has no name any more, and all of it would be lost."""
        if _name_of(self._file) != self._opened_as:
            raise complain(
                Unreachable,
                "SC-514",
                self.where,
                "What was written last is lost with it, so nothing more is sent.",
                "Put the file back, or restore the newest backup; then run: send-campaign resolve --restored",
            )

    def scrub(self) -> bool:
        """Leave no byte of what was deleted or changed in the files; False where somebody else reads them just now.

        Deleted rows stay readable in a file until their place is used again: SQLite's is written anew and its log cut
        to nothing, PostgreSQL's tables are written anew.
        """
        # Meets: GDPR art. 17(1)
        with in_words(self.where):
            return _written_anew(self._engine) if self._file is None else self._file_written_anew()

    def _file_written_anew(self) -> bool:
        door = self._turnstile.passed() if self._turnstile else nullcontext()
        with door:
            raw = self._engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("PRAGMA secure_delete = ON")
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                (busy, _, _) = cursor.fetchone() or (1, 0, 0)
                cursor.close()
            finally:
                raw.invalidate()  # its settings are not for others
        return not busy

    def copy_to(self, file: Path) -> None:
        """A whole copy of the SQLite file as it stands at one moment, while others go on writing."""
        make_private_file(file)
        with in_words(self.where):
            raw = self._engine.raw_connection()
            target = sqlite3.connect(file)
            try:
                raw.driver_connection.backup(target)  # type: ignore[union-attr]
                target.execute("PRAGMA journal_mode = DELETE")  # one file, whole in itself
            finally:
                target.close()
                raw.close()

    def as_bytes(self) -> bytes:
        """The same copy without a file."""
        with in_words(self.where):
            raw = self._engine.raw_connection()
            target = sqlite3.connect(":memory:")
            try:
                raw.driver_connection.backup(target)  # type: ignore[union-attr]
                return target.serialize()
            finally:
                target.close()
                raw.close()

    def close(self) -> None:
        self._engine.dispose()

    def _bring_up_to_date(self, *, create: bool) -> None:
        """Alembic is loaded only where there is something to do: it costs more than most commands."""
        with self.read() as connection:
            found = _version(connection, self.where)
        if found is None and not create:
            raise _missing(self.where)
        if found != VERSION:
            self._migrate()

    def _migrate(self) -> None:
        with self.write() as connection:
            found = _version(connection, self.where)
            if found == VERSION:
                return  # another process was quicker
            if found is None and self.dialect == "sqlite":
                begin(connection)
                return
            from sender.store.migrate import knows, upgrade

            if found is not None and not knows(found):
                raise complain(
                    SettingsError,
                    "SC-504",
                    self.where,
                    "An older program would not know what the newer one wrote down.",
                    "Install the version of send-campaign that this data base was last used with.",
                )
            upgrade(connection)


def _written_anew(engine: Engine) -> bool:
    """VACUUM FULL takes each table for itself alone; one that is in use for long is left for the next time."""
    done = True
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in metadata.sorted_tables:
            try:
                connection.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
            except OperationalError:  # lock_not_available
                done = False
    return done


def _see_to_file(file: Path, *, create: bool) -> None:
    refuse_network_drive(file)
    if file.is_file() and (file.stat().st_size or not create):
        return
    if not create:
        raise _missing(str(file))
    with in_words(str(file)):
        try:
            make_private_file(file)
        except OSError as problem:
            raise complain(
                SettingsError,
                "SC-501",
                str(file),
                f"It could not be made either: {problem.strerror}.",
                "Make the folder, or let this user write it.",
            ) from problem


def _missing(where: str) -> SettingsError:
    error = complain(
        SettingsError,
        "SC-501",
        where,
        "A new, empty data base would know nobody who objected and no letter already sent.",
        "Go to the project's folder or set SENDER_DATABASE; one that was lost: send-campaign restore. "
        "For a new project: send or import once, by hand, with --create.",
    )
    assert isinstance(error, SettingsError)  # noqa: S101 - for the type checker
    return error


def _looking_at(file: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _version(connection: Connection, where: str) -> str | None:
    """The revision of the schema; None where the base is empty. A base with foreign tables only is not ours."""
    names = set(inspect(connection).get_table_names())
    if "alembic_version" in names:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)  # none yet: somebody is restoring it just now
    if names & set(metadata.tables) or (names and connection.dialect.name == "sqlite"):
        raise complain(
            SettingsError,
            "SC-503",
            where,
            "Writing into another program's tables would spoil both.",
            "Point SENDER_DATABASE to this program's own data base, or to an empty one.",
        )
    return None


def _name_of(file: Path | None) -> tuple[int, int] | None:
    """What stands behind the path just now; None where nothing does."""
    try:
        found = file.stat() if file else None
    except FileNotFoundError:
        found = None
    return found and (found.st_dev, found.st_ino)


# --- engines


def _engine_for(url: URL, file: Path | None) -> Engine:
    if file is None:
        engine = create_engine(url, pool_size=8, connect_args=_SERVER, hide_parameters=True)
        event.listen(engine, "connect", _limit_waiting)
        return engine
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None, "check_same_thread": False},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _limit_waiting(connection: Any, _record: object) -> None:
    """A stopped sender, or one whose machine is gone, must not hold its locks for as long as the server keeps it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{_BUSY_SECONDS}s'")
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s'")
    connection.commit()


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
    connection.create_function("lower", 1, _lower, deterministic=True)


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Two that make a base at once meet here: SQLite waits for nobody while it changes this mode, so we wait."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _lower(text: object) -> object:
    """As PostgreSQL does; SQLite's own leaves ÉLUARD and Éluard two names."""
    return text.lower() if isinstance(text, str) else text


def _begin(connection: Connection) -> None:
    """The driver begins nothing by itself (isolation_level None): what is read before a write must hold until it."""
    writing = connection.get_execution_options().get("writing", False)
    tell(connection, "BEGIN IMMEDIATE" if writing else "BEGIN")


if os.name != "posix":  # pragma: no cover
    raise ImportError("send-campaign needs a POSIX system: its locks are those of the kernel")
