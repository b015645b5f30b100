"""Refuses a further mail to somebody who got as many in twelve months, over all campaigns, as may be.

The lowest of three counts: the law's number, the sender's own cap, and what the person asked for.
"""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.verdicts import Findings, allow, refuse
from sender.model import Verdict

FINDINGS: Findings = dict.fromkeys(("below", "law_reached", "cap_reached", "wish_reached"), ("limit",))

_OWN, _WISH = "the sender's own cap", "GDPR art. 21(2)"


def judge(facts: ContactFacts) -> Verdict:
    # Meets: A5 ES (more than three mails a year to one person is a serious breach)
    lawful, cap = facts.rules.max_mails_per_year, facts.frequency_cap
    mails = facts.history.mails_last_12_months
    if lawful.value is not None and mails >= lawful.value:
        return refuse("frequency", "law_reached", lawful.rule, ("limit", lawful.value))
    wish = facts.contact.choices.most_per_year
    if wish is not None and mails >= wish:
        return refuse("frequency", "wish_reached", _WISH, ("limit", wish))
    if mails >= cap:
        return refuse("frequency", "cap_reached", _OWN, ("limit", cap))
    limits = ((cap, _OWN), (lawful.value, lawful.rule), (wish, _WISH))
    limit, rule = min(((each, rule) for each, rule in limits if each is not None), key=lambda pair: pair[0])
    return allow("frequency", "below", rule, ("limit", limit))
