"""``send-campaign preview``: letters as files to open in a browser and in a mail program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from sender.cli.options import CampaignFile, Practice, typed_address
from sender.errors import Exit, InputError, SenderError

if TYPE_CHECKING:
    from sender.steps.brief import Brief

COMPLAINTS = {"SC-120": "There is no letter to show"}


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
    from sender.cli.plans import reason
    from sender.cli.terminal import out as console
    from sender.letters import CannotCompose
    from sender.steps.trial import preview as preview_files

    address = typed_address(contact) if contact else None
    brief = pipeline.read(campaign)
    settings = wiring.settings_for(campaign)
    folder = out or settings.project / "previews"
    with wiring.opened_or_borrowed(settings, practice=practice) as house:
        try:
            paths = list(preview_files(house, brief, folder, contact=address, number=number))
        except CannotCompose as problem:
            raise no_letter(brief, reason("letter", problem.finding, settings.language), practice=practice) from None
    for path in paths:
        console().print(str(path), markup=False)
    if not paths:
        because = "the contact file has no such address" if address else "the contact file has no contacts"
        raise no_letter(brief, because, practice=practice)
    return Exit.AS_PLANNED


def no_letter(brief: Brief, because: str, *, practice: bool) -> SenderError:
    from sender.cli.terminal import command

    return InputError.of(
        "SC-120",
        f"there is no letter to show: {because}",
        why="What a recipient would see could not be written.",
        todo=f"See each row and its reason: {command('check', brief.campaign.path, practice=practice)}",
        place=brief.campaign.place("audience.contacts"),
    )
