"""Finds the project, reads its settings, and says all that is wrong with them at once."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream
from pydantic import ValidationError

from sender.errors import Complaint, Place, SettingsError
from sender.settings.complaints import SettingFault
from sender.settings.declared import Settings, fields

PREFIX = "SENDER_"


def find_project(start: Path) -> Path:
    """The folder of the nearest ``sender.toml`` upward from ``start`` (a file or a folder); else its own folder."""
    here = start.absolute()
    folder = here if here.is_dir() else here.parent
    # os.path.isfile: a parent that may not be looked into is no project, rather than an error
    return next((up for up in (folder, *folder.parents) if os.path.isfile(up / "sender.toml")), folder)  # noqa: PTH113


def load(project: Path) -> Settings:
    """The settings of the project folder; raises ``SettingsError`` with everything that is wrong."""
    project = project.absolute()
    sources = _Sources(project)
    complaints = list(sources.complaints())
    settings = None
    try:
        settings = Settings(project=project, _env_file=project / ".env")
    except ValidationError as error:
        complaints += [_complaint(sources, dict(detail)) for detail in error.errors(include_url=False)]
    if complaints or settings is None:
        raise SettingsError(*dict.fromkeys(complaints))
    return settings


def origins(project: Path) -> dict[str, str]:
    """Where each setting that is set was taken from: ``environment``, ``.env`` or ``sender.toml``."""
    sources = _Sources(project.absolute())
    return {name: sources.origin(name) for name in fields() if sources.origin(name) != "default"}


class _Sources:
    """What each of the three sources sets, by setting name, with its place."""

    def __init__(self, project: Path) -> None:
        self.toml_path, self.env_path = project / "sender.toml", project / ".env"
        self.toml, self._toml_lines = _read_toml(self.toml_path)
        self.dotenv, self._broken_lines = _read_dotenv(self.env_path)
        self.environment = {
            name.upper().removeprefix(PREFIX).lower(): name
            for name, value in os.environ.items()
            if name.upper().startswith(PREFIX) and value
        }

    def origin(self, name: str) -> str:
        if name in self.environment:
            return "environment"
        if name in self.dotenv:
            return ".env"
        return "sender.toml" if name in self.toml else "default"

    def place(self, name: str) -> Place:
        return {
            "environment": Place(PREFIX + name.upper()),
            ".env": Place(str(self.env_path), self.dotenv.get(name)),
            "sender.toml": self._toml_place(name),
        }.get(self.origin(name), Place(str(self.toml_path)))

    def _toml_place(self, name: str) -> Place:
        pattern = re.compile(rf"\s*\[?\s*[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
        lines = enumerate(self._toml_lines, 1)
        return Place(str(self.toml_path), next((number for number, line in lines if pattern.match(line)), None))

    def complaints(self) -> Iterator[Complaint]:
        for line in self._broken_lines:
            place = Place(str(self.env_path), line)
            why = "What cannot be read would be overlooked in silence."
            yield Complaint("SC-112", "this line cannot be read", why, "Write it like  SENDER_HELO=name", place)
        for name in {**self.toml, **self.dotenv, **self.environment}:
            if name not in fields():
                yield self._unknown(name)
        for secret in ("relay_password", "collect_password", "dkim_key", "dkim_ed25519_key"):
            given = [name for name in fields() if name.startswith(secret) and self.origin(name) != "default"]
            if len(given) > 1:
                what = f"the {secret.replace('_', ' ')} is given more than once: {', '.join(given)}"
                why, todo = "Which one counts is not guessed.", "Keep one of them."
                yield Complaint("SC-117", what, why, todo, self.place(given[-1]))

    def _unknown(self, name: str) -> Complaint:
        near = difflib.get_close_matches(name.lower(), list(fields()), n=1, cutoff=0.6)
        shown = re.sub(r"[^a-z0-9_.-]", "?", name.lower())[:40]
        todo = f"Did you mean {near[0]!r}?" if near else "All of them:  send-campaign settings show"
        why = "A mistyped setting would be overlooked in silence."
        return Complaint("SC-110", f"there is no setting {shown!r}", why, todo, self.place(name))


def _read_toml(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    if not path.is_file():
        return {}, []
    try:
        text = path.read_bytes().decode("utf-8")
        return tomllib.loads(text), text.splitlines()
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = Place(str(path), *map(int, found.groups())) if found else Place(str(path))
        raise _unreadable("SC-111", "this is not valid TOML", place) from error
    except UnicodeDecodeError as error:
        raise _unreadable("SC-111", "the file is not UTF-8", Place(str(path))) from error
    except OSError as error:
        raise _unreadable("SC-111", f"the file cannot be read: {error.strerror}", Place(str(path))) from error


def _read_dotenv(path: Path) -> tuple[dict[str, int], list[int]]:
    """The line of each of our settings, and the lines that are broken."""
    if not path.is_file():
        return {}, []
    try:
        with path.open(encoding="utf-8") as file:
            bindings = list(parse_stream(file))
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable("SC-112", "the file cannot be read as UTF-8 text", Place(str(path))) from error
    ours = {
        binding.key.upper().removeprefix(PREFIX).lower(): _line(binding)
        for binding in bindings
        if binding.key and binding.value and binding.key.upper().startswith(PREFIX)
    }
    return ours, [_line(binding) for binding in bindings if binding.error]


def _line(binding: Any) -> int:
    """The parser counts blank lines before a binding as its own."""
    text: str = binding.original.string
    return int(binding.original.line) + text[: len(text) - len(text.lstrip())].count("\n")


def _unreadable(code: str, what: str, place: Place) -> SettingsError:
    return SettingsError(Complaint(code, what, "Nothing runs on half of its settings.", "Mend the file.", place))


def _complaint(sources: _Sources, detail: Mapping[str, Any]) -> Complaint:
    name = str(detail["loc"][0]).lower()
    fault = detail.get("ctx", {}).get("error")
    if isinstance(fault, SettingFault):
        return Complaint(fault.code, f"{name}: {fault.what}", fault.why, fault.todo, sources.place(name))
    # pydantic's own messages name limits and words, never the value that was given
    what = f"{name}: {str(detail['msg'])[:1].lower()}{str(detail['msg'])[1:]}"
    return Complaint(
        "SC-113", what, "Nothing runs on settings that are guessed.", "Mend the value.", sources.place(name)
    )
