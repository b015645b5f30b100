"""``pytest tests/cases --cases DIR`` runs the cases of another folder instead of the project's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.reader import Case, read_folder

OWN = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=Path, default=None, metavar="DIR", help="folder of case files to run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases: list[Case] = read_folder(metafunc.config.getoption("--cases", default=None) or OWN)
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])
