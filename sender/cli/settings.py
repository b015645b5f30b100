"""``send-campaign settings show``."""

from __future__ import annotations

from pathlib import Path

from sender.cli.options import Json
from sender.cli.terminal import out, print_json


def show(campaign: Path | None = None, /, *, json: Json = False) -> None:
    """Show every setting, its value and where it comes from; secrets are never shown.

    Parameters
    ----------
    campaign
        The campaign file whose project is meant; the working folder's otherwise.
    """
    from sender.settings import find_project, load, shown

    settings = load(find_project(campaign or Path.cwd()))
    rows = list(shown(settings))
    if json:
        print_json("settings/1", {row.name: {"value": row.value, "origin": row.origin} for row in rows})
        return
    console = out()
    console.print(f"project  {settings.project}", markup=False)
    name = max(len(row.name) for row in rows)
    value = max(len(row.value) for row in rows)
    for row in rows:
        console.print(f"{row.name:<{name}}  {row.value or '-':<{value}}  {row.origin}", markup=False)
