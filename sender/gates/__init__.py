"""May we? Facts in, verdicts out: campaign gates stop the run, contact gates stop one mail.

    judge_campaign(CampaignFacts) -> (Verdict, ...)     every gate answers, passes too
    judge_contact(ContactFacts) -> Decision             may_send only where every gate passed

A gate is pure: it asks no clock, data base or setting, and knows only the words, the law and the job functions.
Closed by default: a missing fact, an empty list of gates or an error inside a gate means no mail. What a verdict
says in French or English stands in ``sentences/`` and is put together by `say`.
"""

from sender.gates.facts import CampaignFacts, Channels, ContactFacts, Documents
from sender.gates.order import CAMPAIGN_GATES, CONTACT_GATES, Gate, judge_campaign, judge_contact
from sender.gates.sentences import cited, say, sentence
from sender.gates.sight import seen_everywhere
from sender.gates.standing import consents_to_tracking

__all__ = [
    "CAMPAIGN_GATES",
    "CONTACT_GATES",
    "CampaignFacts",
    "Channels",
    "ContactFacts",
    "Documents",
    "Gate",
    "cited",
    "consents_to_tracking",
    "judge_campaign",
    "judge_contact",
    "say",
    "seen_everywhere",
    "sentence",
]
