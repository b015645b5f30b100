"""``send-campaign keys rotate``."""

from __future__ import annotations

from sender.cli.options import Json, Practice
from sender.errors import Exit, UsageError

COMPLAINTS = {"SC-661": "The keys do not lie in the folder"}


def rotate(*, practice: Practice = False, json: Json = False) -> Exit:
    """Make a new link key, which signs from now on. Links in mails already sent go on stopping mails, for ever.

    Whatever else a link may do ends with the old key, at the end of the link's own term. Public pages and campaigns
    that run take the new key up within a second or two.
    """
    from sender import ledger
    from sender.cli import wiring
    from sender.cli.terminal import err, out, print_json
    from sender.cli.words import Words
    from sender.keys import Keys

    settings = wiring.settings_for(None)
    with wiring.opened(settings, practice=practice) as house:
        folder = wiring.folder_in_use(settings, house.base)
        if folder is None:
            raise UsageError.of(
                "SC-661",
                "the keys come from a command or from a credential of systemd, and not from the folder",
                why="What this program cannot write it cannot rotate; nothing was changed.",
                todo="Put the keys into a folder, rotate with SENDER_KEYS=FOLDER, and take them back to the key store.",
            )
        now = house.now()
        number = Keys.rotate(folder, house.base.key_check, now).ring[-1].number
        with house.store.write() as connection:
            head = ledger.journal.append(connection, "link_key_made", {"number": number}, None, now)
        house.keep_head(head)
    words = Words(settings.language)
    if json:
        print_json("keys-rotate/1", {"number": number, "keys": str(folder), "head": str(head)})
    else:
        out().print(words("keys.rotated", number=number), markup=False)
        err().print(words("keys.copy", folder=folder), markup=False)
    return Exit.AS_PLANNED
