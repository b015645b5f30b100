"""Take the pictures of the public pages that the how-tos show, with the browser test that judges the pages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TAKEN = ROOT / "test-artefacts" / "pages"
SHOWN = ROOT / "docs" / "how-to"
PICTURES = {
    "ask-fr-360.png": "page-stop.png",
    "choices-en-360.png": "page-choices.png",
    "data-mine-en-360.png": "page-my-data.png",
}
"""The name under which the test keeps a picture, and its name in the how-tos."""


def main() -> int:
    command = [sys.executable, "-m", "pytest", "-q", str(ROOT / "tests" / "system" / "test_pages_browser.py")]
    judged = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603  our own test
    if judged.returncode == 0:
        for taken, shown in PICTURES.items():
            shutil.copyfile(TAKEN / taken, SHOWN / shown)
    return judged.returncode


if __name__ == "__main__":
    sys.exit(main())
