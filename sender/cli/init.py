"""``send-campaign init``: a starter project that passes ``check`` as it stands."""

from __future__ import annotations

from pathlib import Path

from sender.cli.terminal import command, out


def init(folder: Path = Path(), /) -> None:
    """Write a starter project into FOLDER (this one when none is named); no file is overwritten."""
    from sender.starter import write

    written = write(folder)
    console = out()
    for path in written:
        console.print(f"  {path}", markup=False)
    campaign = next(path for path in written if path.suffix == ".yaml")
    console.print(f"Next:  {command('check', campaign)}", markup=False)
