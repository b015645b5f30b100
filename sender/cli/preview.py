"""``send-campaign preview``: letters as files to open in a browser and in a mail program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from sender.cli.options import CampaignFile, Practice
from sender.errors import Exit


def preview(
    campaign: CampaignFile,
    /,
    *,
    contact: Annotated[str | None, Parameter(help="The address of one contact of the file.")] = None,
    out: Annotated[Path | None, Parameter(help="The folder for the files; previews/ in the project otherwise.")] = None,
    number: Annotated[PositiveInt, Parameter(help="How many letters, where no contact is named.")] = 3,
    practice: Practice = False,
) -> Exit:
    """Write letters as .html, .txt and .eml; the links in them work only in letters that are really sent."""
    from sender import pipeline
    from sender.cli import wiring
    from sender.cli.terminal import out as console

    brief = pipeline.read(campaign)
    settings = wiring.settings_for(campaign)
    folder = out or settings.project / "previews"
    with wiring.opened_or_borrowed(settings, practice=practice) as house:
        for path in pipeline.preview(house, brief, folder, contact=contact, number=number):
            console().print(str(path), markup=False)
    return Exit.AS_PLANNED
