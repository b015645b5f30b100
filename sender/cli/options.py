"""The options that several commands share, said once, and the addresses that people type."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.errors import UsageError

if TYPE_CHECKING:
    from sender.model import Address

COMPLAINTS = {"SC-105": "This is not an e-mail address"}

CampaignFile = Annotated[Path, Parameter(help="The campaign file.")]
Email = Annotated[
    str,
    Parameter(allow_leading_hyphen=True, help="The person's address; - reads it from standard input."),
]
Practice = Annotated[
    bool,
    Parameter(negative="", show_default=False, help="Work on the practice data base; nothing leaves this machine."),
]
Json = Annotated[
    bool, Parameter(negative="", show_default=False, help="Print one JSON object (docs/reference/json.md).")
]
Yes = Annotated[bool, Parameter(negative="", show_default=False, help="Do not ask.")]
Create = Annotated[
    bool, Parameter(negative="", show_default=False, help="Make the data base and its keys when there are none.")
]


def typed_address(text: str) -> Address:
    """The address that somebody typed, ``-``: on standard input, where no list of processes shows it.

    It is not repeated in the error, which may end in a log.
    """
    from sender.address import AddressError, parse

    try:
        return parse(sys.stdin.readline() if text == "-" else text)
    except AddressError:
        raise UsageError.of(
            "SC-105", "this is not an e-mail address", why="Nothing was done.", todo="Check how it is written."
        ) from None
