"""Which column holds what, written down once for files that come again: ``salon.csv.columns.toml``.

It lies beside the contact file, or as ``columns.toml`` in the project for all files of one origin. Whoever runs an
import on a terminal is asked and the answer is kept; cron finds it there and is never asked.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from sender.contacts.complaints import wrong

__all__ = ["beside", "keep", "kept", "read_mapping"]

_PROJECT = "columns.toml"


def beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.columns.toml")


def kept(file: Path, project: Path) -> Path | None:
    """The file that says what the columns of ``file`` hold, where there is one."""
    return next((path for path in (beside(file), project / _PROJECT) if path.is_file()), None)


def read_mapping(path: Path) -> dict[str, str]:
    """Field -> header. Raises InputError; whether there are such fields and headers is for ``headers`` to say."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise _unreadable(path, str(problem).splitlines()[0] if isinstance(problem, ValueError) else "") from None
    if not all(isinstance(value, str) for value in found.values()):
        raise _unreadable(path, "each line names one field and one header")
    return found


def keep(path: Path, mapping: Mapping[str, str]) -> None:
    """A TOML string is written as JSON writes it."""
    lines = [f"{field} = {json.dumps(header, ensure_ascii=False)}\n" for field, header in mapping.items()]
    path.write_text("# Which column holds what: field = header.\n" + "".join(lines), encoding="utf-8")


def _unreadable(path: Path, said: str) -> Exception:
    return wrong(
        "SC-341",
        path,
        why=f"{said or 'It cannot be opened'}.",
        todo='Write one line for each field, like  email = "Adresse mail"',
    )
