"""What the law has one keep and show: the record of processing, its documents, how long people may be kept.

In come the base, what the operator wrote down about the processing, and the law packs; out go papers. Where a fact is
neither in the base nor written down the papers say that it is missing; nothing is made up. Nothing here decides
whether anybody is written to.
"""

from sender.record.audit import Audit, audit, audit_paper
from sender.record.breach_paper import Breach, breach_papers
from sender.record.census import RECONTACT, Head, heads
from sender.record.declared import COMPLAINTS, FILE, Controller, Declared, Entry, Relay, declared_in
from sender.record.documents import Kept, content_of, keep, version_of
from sender.record.drafts import Draft, DraftKind, draft
from sender.record.notice_paper import notice_paper
from sender.record.possession import Possession, possession
from sender.record.register_paper import Register, register_papers
from sender.record.retention import Standing, Term, Terms, standing
from sender.record.words import Words

__all__ = [
    "COMPLAINTS",
    "FILE",
    "RECONTACT",
    "Audit",
    "Breach",
    "Controller",
    "Declared",
    "Draft",
    "DraftKind",
    "Entry",
    "Head",
    "Kept",
    "Possession",
    "Register",
    "Relay",
    "Standing",
    "Term",
    "Terms",
    "Words",
    "audit",
    "audit_paper",
    "breach_papers",
    "content_of",
    "declared_in",
    "draft",
    "heads",
    "keep",
    "notice_paper",
    "possession",
    "register_papers",
    "standing",
    "version_of",
]
