"""``send-campaign person export``: one archive of everything held about a person."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cyclopts import Parameter

from sender.cli.options import Email, Json, Practice, typed_address
from sender.errors import Exit

if TYPE_CHECKING:
    from datetime import datetime

    from sender.steps.dossier import Dossier

EXPORTS = "exports"

Age = Annotated[
    str | None, Parameter(help="Seal the file to this age key (age1...) or SSH public key; only its holder opens it.")
]


def export(
    email: Email,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="The archive; a file in exports/ of the project otherwise.")] = None,
    age: Age = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Write all that is held about a person into one archive: JSON for machines, HTML in the person's language."""
    from sender import sealing
    from sender.cli import wiring
    from sender.cli.dossier_json import as_json
    from sender.cli.dossier_page import language_of, page
    from sender.cli.person_erase import houses
    from sender.cli.terminal import err, print_json
    from sender.cli.terminal import out as console
    from sender.cli.words import Words
    from sender.steps import dossier as step
    from sender.steps.registration import use_of

    address = typed_address(email)
    seal_to = sealing.recipient(age) if age else None
    settings = wiring.settings_for(None)
    with houses(settings, practice=practice) as opened:
        dossiers = [step.gather(house, address) for house in opened]
        held = not all(one.empty for one in dossiers)
        path = None
        if held:
            language = language_of(dossiers[0], settings.language)
            shown = page(dossiers, language, use_of(opened[0], language), "dossier.by_answer")
            archive = packed(as_json(dossiers, language), shown, dossiers[0].made_at)
            path = (out or named(settings.project / EXPORTS, dossiers[0], sealed=age is not None)).absolute()
            step.put_down(path, sealing.seal(archive, seal_to) if seal_to else archive)
        step.hand_over(opened[0], dossiers[0].who, path, "access")
    words, contact = Words(settings.language), dossiers[0].who.contact
    if contact and contact.email.key != address.key:
        err().print(words("export.former"), markup=False)
    if json:
        print_json("export/1", {"held": held, "path": str(path) if path else None, "sealed": seal_to is not None})
    elif path:
        console().print(str(path), markup=False)
    else:
        console().print(words("export.nothing"))
    return Exit.AS_PLANNED


def named(folder: Path, dossier: Dossier, *, sealed: bool) -> Path:
    """Named after the contact's random id: a file's name ends in shells' histories and in backups' lists."""
    who = dossier.who.contact.id[:12] if dossier.who.contact else "unknown"
    return folder / f"{who}-{dossier.made_at:%Y%m%dT%H%M%SZ}.zip{'.age' if sealed else ''}"


def packed(data: str, page: str, at: datetime) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in (("data.json", data), ("data.html", page)):
            entry = ZipInfo(name, at.timetuple()[:6])
            entry.external_attr, entry.compress_type = 0o600 << 16, ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()
