"""What the law has one keep and show: the record of processing, its documents, how long people may be kept.

In come the base, what the operator wrote down about the processing, and the law packs; out go papers. Where a fact is
neither in the base nor written down the papers say that it is missing; nothing is made up. Nothing here decides
whether anybody is written to.
"""

from sender.record.words import Words

__all__ = ["Words"]
