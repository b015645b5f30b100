"""What happened: who was decided about, what was tried, what the relay answered, and the proof of it.

In come decisions, claims and the relay's answers; out go letters that may be sent, sums, and the letters whose fate is
unknown. Everything works on a ``Connection`` inside a transaction of the store, except what begins and ends runs.
Must not know of campaigns' files, of templates or of the wire.
"""

from sender.ledger import journal
from sender.ledger.account import Account, Decided, LetterLine, account, letter_lines
from sender.ledger.attempts import Claim, Opened
from sender.ledger.breakers import Reason
from sender.ledger.claiming import claim, next_due, release
from sender.ledger.closing import Closing, close_attempts, give_back
from sender.ledger.complaints import COMPLAINTS
from sender.ledger.days import Day, today
from sender.ledger.doubles import leave_to
from sender.ledger.enrolment import begin_reading, decisions_digest, enrol, verdicts_of, withdraw
from sender.ledger.identity import Identity, accept_changes, campaign_id_of, identify, known_campaign, last_sender
from sender.ledger.journal import JournalEntry, JournalHead
from sender.ledger.lane import UNPACED, Lane, Pace
from sender.ledger.lanes import Again, Heard, InLane, again, in_lanes
from sender.ledger.lifting import lift
from sender.ledger.objections import has_news, take_in
from sender.ledger.opening import NotOpened, Wanted, message_id, open_attempts
from sender.ledger.pauses import Pause, count_return, pauses_of
from sender.ledger.postfix import LogFindings, read_log
from sender.ledger.returns import (
    SentLetter,
    address_of,
    mailbox_read,
    mailboxes_read,
    newest_letter,
    note_return,
    sent_letters,
    settle_taken,
    soft_bounces,
)
from sender.ledger.runs import (
    LEASE,
    HungRun,
    Run,
    beat,
    check_restored,
    end,
    hung,
    reap,
    restored,
    start,
    taken_for_dead,
)
from sender.ledger.settle import Settled, settle_all_accepted, settle_by_hand, settle_from_log, settle_restored
from sender.ledger.standing import (
    CampaignStanding,
    RelayAnswer,
    UnknownLetter,
    answers,
    history,
    mails_of,
    probable_doubles,
    run_sums,
    standings,
    sums,
    unknowns,
)
from sender.ledger.state import NOBODY, Objection, RunLock, StartedRun, State

__all__ = [
    "COMPLAINTS",
    "LEASE",
    "NOBODY",
    "UNPACED",
    "Account",
    "Again",
    "CampaignStanding",
    "Claim",
    "Closing",
    "Day",
    "Decided",
    "Heard",
    "HungRun",
    "Identity",
    "InLane",
    "JournalEntry",
    "JournalHead",
    "Lane",
    "LetterLine",
    "LogFindings",
    "NotOpened",
    "Objection",
    "Opened",
    "Pace",
    "Pause",
    "Reason",
    "RelayAnswer",
    "Run",
    "RunLock",
    "SentLetter",
    "Settled",
    "StartedRun",
    "State",
    "UnknownLetter",
    "Wanted",
    "accept_changes",
    "account",
    "address_of",
    "again",
    "answers",
    "beat",
    "begin_reading",
    "campaign_id_of",
    "check_restored",
    "claim",
    "close_attempts",
    "count_return",
    "decisions_digest",
    "end",
    "enrol",
    "give_back",
    "has_news",
    "history",
    "hung",
    "identify",
    "in_lanes",
    "journal",
    "known_campaign",
    "last_sender",
    "leave_to",
    "letter_lines",
    "lift",
    "mailbox_read",
    "mailboxes_read",
    "mails_of",
    "message_id",
    "newest_letter",
    "next_due",
    "note_return",
    "open_attempts",
    "pauses_of",
    "probable_doubles",
    "read_log",
    "reap",
    "release",
    "restored",
    "run_sums",
    "sent_letters",
    "settle_all_accepted",
    "settle_by_hand",
    "settle_from_log",
    "settle_restored",
    "settle_taken",
    "soft_bounces",
    "standings",
    "start",
    "sums",
    "take_in",
    "taken_for_dead",
    "today",
    "unknowns",
    "verdicts_of",
    "withdraw",
]
