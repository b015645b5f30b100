"""Write docs/reference/ and ``schema.sql`` from the program itself; with ``--check``, fail where a file differs.

One function a page. A page that a person would have to keep in step by hand would drift, so none is.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

REFERENCE = Path(__file__).parent / "reference"
ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "sender" / "store" / "schema.sql"
HEAD = "<!-- Written by `make docs` from the program; do not edit. -->\n\n"
MARK = re.compile(r"#\s*Meets:\s*(?P<rule>.+?)\s*$")


def command_line() -> str:
    """Every command with its own ``--help``."""
    from sender.cli.main import COMMANDS, GROUPS

    calls = [[]] + [[name] for name, _, _ in COMMANDS]
    calls += [[name, sub] for name, _, commands in GROUPS for sub, _, _ in commands]
    parts = ["# Command line\n"]
    for call in calls:
        title = " ".join(["send-campaign", *call])
        parts.append(f"## `{title}`\n\n```text\n{help_of(call)}\n```\n")
    return "\n".join(parts)


def help_of(call: list[str]) -> str:
    from rich.console import Console

    from sender.cli.main import application

    page = io.StringIO()
    console = Console(file=page, width=100, force_terminal=False, color_system=None)
    app = application()
    app.console = console
    with contextlib.redirect_stdout(page):
        app([*call, "--help"], exit_on_error=False, print_error=False, result_action="return_value")
    return "\n".join(line.rstrip() for line in page.getvalue().strip().splitlines())


def settings() -> str:
    from sender.settings import describe

    rows = [
        f"| `SENDER_{s.name.upper()}` | `{s.name}` | {s.type} | {s.default} | {s.description} |" for s in describe()
    ]
    return (
        "# Settings\n\n"
        "From the environment, from `.env` in the project folder, or from `sender.toml`; the first one wins.\n\n"
        "| environment | `sender.toml` | kind | default | meaning |\n| --- | --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def errors() -> str:
    from sender.errors import Exit

    exits = "\n".join(f"| {status.value} | {status.name.lower().replace('_', ' ')} |" for status in Exit)
    codes = "\n".join(f"| {code} | {title} |" for code, title in sorted(complaints().items()))
    return (
        "# Errors and exit statuses\n\n## Exit statuses\n\n| status | meaning |\n| --- | --- |\n"
        f"{exits}\n\n## Codes\n\nEvery message names what is wrong and where, why it matters, and what to do.\n\n"
        f"| code | what it is about |\n| --- | --- |\n{codes}\n"
    )


def complaints() -> dict[str, str]:
    """All codes of all modules; a code that two modules give different titles is a mistake."""
    found: dict[str, str] = {}
    for module in modules():
        for code, title in getattr(module, "COMPLAINTS", {}).items():
            if found.setdefault(code, title) != title:
                raise SystemExit(f"{code} has two meanings: {found[code]!r} and {title!r}")
    return found


def modules() -> Iterator[object]:
    import sender

    for info in pkgutil.walk_packages(sender.__path__, "sender."):
        if ".migrations" not in info.name:
            yield importlib.import_module(info.name)


def gates() -> str:
    from sender.gates import CAMPAIGN_GATES, CONTACT_GATES

    parts = ["# Gates\n\nAll gates of a stage run and every verdict is kept.\n"]
    for stage, gates_of_stage in (("campaign", CAMPAIGN_GATES), ("contact", CONTACT_GATES)):
        parts.append(f"## {stage.capitalize()} gates\n")
        for gate in gates_of_stage:
            rows = "\n".join(
                f"| `{code}` | {said(gate.name, code, 'en')} | {said(gate.name, code, 'fr')} |"
                for code in gate.findings
            )
            parts.append(
                f"### `{gate.name}`\n\n{gate.description}\n\n| code | English | French |\n| --- | --- | --- |\n{rows}\n"
            )
    return "\n".join(parts)


def said(gate: str, code: str, language: str) -> str:
    """The sentence with the names of its facts in braces, as the catalogue has it."""
    import tomllib
    from importlib.resources import files

    path = files("sender.gates").joinpath("sentences", f"{language}.toml")
    catalogue = tomllib.loads(path.read_text(encoding="utf-8"))
    entry = catalogue[gate].get(code) or catalogue["any"][code]
    text = " ".join(" ".join(entry.values()).split())
    return text.replace("{{", "{").replace("}}", "}").replace("|", "\\|")


def functions() -> str:
    from sender.functions import FUNCTIONS, JobFunction

    def examples(function: JobFunction) -> tuple[str, ...]:
        return function.examples("fr")[:4] + function.examples("en")[:3]

    rows = [
        f"| `{slug}` | {function.labels['en']} | {', '.join(function.isco)} | {', '.join(examples(function))} |"
        for slug, function in FUNCTIONS.items()
    ]
    return (
        "# Job functions\n\n| function | meaning | ISCO-08 | some of its names |\n| --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def law() -> str:
    from sender.law import pack_ids
    from sender.law.page import page

    return "# Rule packs\n\n" + "\n\n".join(page(pack) for pack in pack_ids()) + "\n"


def compliance() -> str:
    """Requirement -> where it is met, from the ``# Meets:`` marks in the source."""
    met: dict[str, set[str]] = {}
    for path in sorted((ROOT / "sender").rglob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if mark := MARK.search(line):
                met.setdefault(mark["rule"], set()).add(path.relative_to(ROOT).as_posix())
    rows = [
        f"| {rule} | {', '.join(f'`{where}`' for where in sorted(places))} |" for rule, places in sorted(met.items())
    ]
    return "# What is met where\n\n| requirement | met in |\n| --- | --- |\n" + "\n".join(rows) + "\n"


def dkim() -> str:
    """What a signature names, and who asks for it."""
    from sender.dkim import FIELDS

    rows = [f"| `{field.name}` | {'yes' if field.sealed else 'no'} | {field.source} |" for field in FIELDS]
    return (
        "# What a DKIM signature covers\n\n"
        "The whole body (never a part of it, `l=` is not used) and, where they are there, these header fields.\n"
        "A sealed field is named once more than it is there, so that adding another one breaks the signature.\n"
        "Others are not named: relays take some of them out or rewrite them.\n\n"
        "| field | sealed | source |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
    )


PAGES = {
    "command-line.md": command_line,
    "settings.md": settings,
    "errors.md": errors,
    "gates.md": gates,
    "functions.md": functions,
    "law.md": law,
    "compliance.md": compliance,
    "dkim.md": dkim,
}


def sqlite_schema() -> str:
    """What the migrations make of an empty SQLite base; a new one is made of it in one go."""
    from sqlalchemy import create_engine

    from sender.store.beginning import written
    from sender.store.migrate import upgrade

    with create_engine("sqlite://").connect() as connection:
        upgrade(connection)
        return "-- Written by `make docs` from the migrations; do not edit.\n" + written(connection)


def main() -> int:
    check = "--check" in sys.argv[1:]
    os.environ["COLUMNS"] = "100"
    texts = {REFERENCE / name: HEAD + write() for name, write in PAGES.items()} | {SCHEMA: sqlite_schema()}
    stale = []
    for path, text in texts.items():
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(path.name)
        elif not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"not what the program says: {', '.join(stale)}. Run: make docs", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
