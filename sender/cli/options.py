"""The options that several commands share, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

CampaignFile = Annotated[Path, Parameter(help="The campaign file.")]
Practice = Annotated[bool, Parameter(negative="", help="Work on the practice data base; nothing leaves this machine.")]
Json = Annotated[bool, Parameter(negative="", help="Print one JSON object (docs/reference/json.md).")]
Yes = Annotated[bool, Parameter(negative="", help="Do not ask.")]
Create = Annotated[bool, Parameter(negative="", help="Make the data base and its keys when there are none.")]
