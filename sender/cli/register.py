"""``send-campaign register``: the record of processing, from what is declared and what is really held."""

from __future__ import annotations

from sender.cli.options import Json, Practice
from sender.cli.papers import Out, PaperLanguage, demand_kind, hand_over, language_of
from sender.errors import Exit


def register(
    *, out: Out = None, language: PaperLanguage = None, practice: Practice = False, json: Json = False
) -> Exit:
    """Write the record of processing (GDPR art. 30): a list, and a sheet for each processing.

    What only you know stands in processing.yaml in the project folder; what is missing is named as missing.
    """
    from sender import record
    from sender.cli import wiring
    from sender.cli.terminal import err, print_json
    from sender.cli.words import Words as Said
    from sender.papers import missing_in
    from sender.steps.registration import register_of

    demand_kind(out)
    settings = wiring.settings_for(None, log_needed=False)
    spoken = language_of(language, settings.language)
    with wiring.opened_or_borrowed(settings, practice=practice) as house:
        found = register_of(house, spoken)
    papers = record.register_papers(found, spoken)
    gaps = {name: list(missing_in(paper)) for name, paper in papers.items()}
    if json:
        entries = [{"reference": name, "missing": gaps[name]} for name in [*papers][1:]]
        print_json("register/1", {"contacts": found.held.contacts, "entries": entries})
        return Exit.AS_PLANNED
    hand_over(papers, out)
    missing = sum(len(found) for found in gaps.values())
    if missing and out:
        err().print(Said(settings.language)("register.missing", n=missing), markup=False)
    return Exit.AS_PLANNED
