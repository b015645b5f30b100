"""What can be wrong with the ledger, in words for people."""

from __future__ import annotations

COMPLAINTS: dict[str, str] = {
    "SC-520": "the data base is older than what was sent with it",
    "SC-521": "this campaign name belongs to another file",
    "SC-522": "the campaign was changed after its first mails",
    "SC-523": "the same content was sent under another name",
    "SC-524": "no campaign of this name is in the ledger",
    "SC-525": "the journal was altered",
    "SC-526": "the state folder cannot be read or written",
    "SC-527": "no unknown letter has this id",
    "SC-528": "this run was taken for dead",
    "SC-530": "a letter to one of the two is on the wire",
}
