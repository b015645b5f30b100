"""Documents as they were when they were first used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from sender.record import Kept, keep, version_of
from sender.store import Store, schema

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    store = Store.open(f"sqlite:///{tmp_path / 'sender.db'}", create=True)
    with store.write() as connection:
        yield connection
    store.close()


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Version: 2026-03-18\n", "2026-03-18"),
        ("# Mise en balance\n\n| Version | 2026-03-18 |", "2026-03-18"),
        ("**Version :** 1.2\n", "1.2"),
        ("In this version we write less.", None),
        ("", None),
    ],
)
def test_a_document_says_its_version(text: str, version: str | None) -> None:
    assert version_of(text) == version


def test_a_version_is_one_text_for_ever(connection: Connection) -> None:
    """Another text under it is told apart, said, and kept beside the first."""
    assert keep(connection, "test", "lia.md", "Version: 1\nold", NOW) == (Kept.NEW, "1")
    assert keep(connection, "test", "lia.md", "Version: 1\nold", NOW) == (Kept.KNOWN, "1")
    for _ in range(2):
        kept, version = keep(connection, "test", "lia.md", "Version: 1\nnew", NOW)
        assert kept is Kept.CHANGED
        assert version.startswith("1+")
    assert keep(connection, "test", "lia.md", "Version: 2\nnew", NOW) == (Kept.NEW, "2")

    texts = set(connection.execute(select(schema.documents.c.content)).scalars())
    assert texts == {"Version: 1\nold", "Version: 1\nnew", "Version: 2\nnew"}


def test_a_document_without_a_version_is_known_by_its_content(connection: Connection) -> None:
    kept, version = keep(connection, "test", "lia.md", "words", NOW)

    assert kept is Kept.NEW
    assert version.startswith("sha256:")
