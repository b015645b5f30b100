"""Where an address stands in a contact file: the firm's own spreadsheets are searched and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from pathlib import Path

from sender.address import AddressError, parse
from sender.contacts.headers import score
from sender.contacts.tables import open_table
from sender.contacts.values import Cell, text_of
from sender.model import Address

__all__ = ["lines_naming"]

_ADDRESSES = re.compile(r"[^\s<>()\[\],;:\"'|]+@[^\s<>()\[\],;:\"'|]+")


def lines_naming(path: Path, addresses: Iterable[Address]) -> tuple[int, ...]:
    """The lines (rows, in a workbook) of which some cell holds one of the addresses, however it is written there.

    Raises InputError or MissingFile where the file cannot be read.
    """
    table, keys = open_table(path, score), {address.key for address in addresses}
    return tuple(one.line for one in table.records() if any(_names(cell, keys) for cell in one.cells))


def _names(cell: Cell, keys: Set[str]) -> bool:
    text = text_of(cell)
    return "@" in text and any(_key(found) in keys for found in _ADDRESSES.findall(text.replace("mailto:", " ")))


def _key(text: str) -> str | None:
    try:
        return parse(text.rstrip(".")).key
    except AddressError:
        return None
