"""What the steps of the pipeline are made of: facts, judgements, plans, the desk between ledger and wire.

In: the rooms' front doors. Out: what ``pipeline.py`` puts in order and the doors show. No step knows which one
comes next, and nothing here prints or answers HTTP.
"""

__all__: list[str] = []
