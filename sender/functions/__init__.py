"""What people do: from the title on a card to job functions of a controlled list.

In comes a title as somebody wrote it, out comes a ``FunctionMatch``: the functions, the words they rest on, and
how sure that is. A title that does not say what its holder does is unknown, and nobody is mailed on a guess. The
list and its words are data (``words/``), tied to ISCO-08; what a person assigned, or a classification that the user
brought, can be laid over it (``with_reviewed``). The room knows nothing of contacts, offers or laws.
"""

from sender.functions.match import match
from sender.functions.seniority import Seniority, seniority
from sender.functions.vocabulary import FUNCTIONS, JobFunction

__all__ = ["FUNCTIONS", "JobFunction", "Seniority", "match", "seniority"]
