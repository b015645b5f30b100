"""What people do: from the title on a card to job functions of a controlled list.

In comes a title as somebody wrote it, out comes a ``FunctionMatch``: the functions, the words they rest on, and
how sure that is. A title that does not say what its holder does is unknown, and nobody is mailed on a guess. The
list and its words are data (``words/``), tied to ISCO-08; what a person assigned, or a classification that the user
brought, can be laid over it (``with_reviewed``). The room knows nothing of contacts, offers or laws.
"""

from sender.functions.assigned import Assigned, write_assigned
from sender.functions.import_esco import read_esco
from sender.functions.import_rome import read_rome
from sender.functions.match import match
from sender.functions.reviewed import IMPORTED, REVIEWED, Matcher, unknown_titles, with_reviewed
from sender.functions.seniority import Seniority, seniority
from sender.functions.vocabulary import FUNCTIONS, JobFunction

__all__ = [
    "FUNCTIONS",
    "IMPORTED",
    "REVIEWED",
    "Assigned",
    "JobFunction",
    "Matcher",
    "Seniority",
    "match",
    "read_esco",
    "read_rome",
    "seniority",
    "unknown_titles",
    "with_reviewed",
    "write_assigned",
]
