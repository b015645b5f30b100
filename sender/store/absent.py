"""A data base that is out of reach: it stands where an open one would, and says so whenever it is asked."""

from __future__ import annotations

from typing import NoReturn

from sqlalchemy import Connection

from sender.errors import SenderError
from sender.store.engine import Store

__all__ = ["AbsentStore"]


class AbsentStore(Store):
    """For the public pages, which take objections without a base. Every transaction raises what its opening raised."""

    def __init__(self, problem: SenderError) -> None:
        self.where, self._problem = "", problem

    def read(self) -> NoReturn:
        raise self._again()

    def write(self, *, beside_others: bool = False, on: Connection | None = None) -> NoReturn:
        del beside_others, on
        raise self._again()

    def close(self) -> None:
        """Nothing was opened."""

    def _again(self) -> SenderError:
        return type(self._problem)(*self._problem.complaints)
