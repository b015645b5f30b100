"""What receivers will find when the letters come: asked beforehand, so that nobody learns it from refusals.

In: the domains and keys that the letters will carry, DNS servers to ask, seconds; so many letters to each big
provider; templates and some letters of invented people. Out: remarks, one or more a check: passed, a warning, failed,
or not known. Silence of the DNS is never taken for a pass, and never an error: a check that could not be made says so.
The room knows no data base, no settings, no contacts, and writes nothing.
"""

from __future__ import annotations

from sender.preflight.asking import Sending, ask
from sender.preflight.demands import compare
from sender.preflight.letter import check as check_letter
from sender.preflight.remarks import Level, Remark
from sender.preflight.sentences import LANGUAGES, say
from sender.preflight.spam import Scanner, check_spam

__all__ = [
    "LANGUAGES",
    "Level",
    "Remark",
    "Scanner",
    "Sending",
    "ask",
    "check_letter",
    "check_spam",
    "compare",
    "say",
]
