"""The folder of wrong campaign files: each is refused with exactly the complaints it must give.

``expected.txt``: the exit status, then a line for each complaint, ``SC-2xx line:column``. Cases of the gates (whose
lines are ``gate.code``) lie in the same folder and are run elsewhere.
"""

import re
from pathlib import Path

import pytest

from sender import campaign
from sender.campaign import COMPLAINTS
from sender.errors import Exit, InputError
from sender.yamlfile import COMPLAINTS as YAML_COMPLAINTS

BAD = Path(__file__).parents[2] / "bad"


def file_errors() -> list[Path]:
    cases = sorted(path.parent for path in BAD.glob("*/expected.txt"))
    return [case for case in cases if re.search(r"^SC-2", (case / "expected.txt").read_text(), re.MULTILINE)]


@pytest.mark.parametrize("case", file_errors(), ids=lambda case: case.name)
def test_a_wrong_file_gives_exactly_its_complaints(case: Path) -> None:
    """Exit status, codes, lines and columns are those of expected.txt."""
    with pytest.raises(InputError) as caught:
        campaign.load(case / "campaign.yaml")

    found = [f"{one.code} {one.place.line}:{one.place.column}" for one in caught.value.complaints if one.place]
    assert [str(int(caught.value.exit)), *found] == (case / "expected.txt").read_text().splitlines()


def test_the_cases_cover_the_codes() -> None:
    """Nearly every code that a campaign file can give is shown by a case; others need an odd file or a clock."""
    shown = set(re.findall(r"SC-2\d\d", " ".join((case / "expected.txt").read_text() for case in file_errors())))

    assert {*COMPLAINTS, *YAML_COMPLAINTS} - shown == {"SC-200", "SC-202", "SC-209", "SC-223", "SC-230"}
    assert Exit.INPUT_WRONG == 65
