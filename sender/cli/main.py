"""The door of the operator: one table of commands, one place where an error becomes words and an exit status.

Each command parses and prints; what it does is in the rooms. Heavy libraries are imported by the command that needs
them, so that ``send-campaign --version`` costs next to nothing.
"""

from __future__ import annotations

import gc
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from sender import __version__
from sender.cli.signals import Terminated, open_closed_streams, signals_raise
from sender.errors import Complaint, Exit, Interrupted, SenderError, UsageError

if TYPE_CHECKING:
    from cyclopts import App

COMPLAINTS = {
    "SC-101": "The command line is not understood",
    "SC-122": "The result cannot be written",
    "SC-901": "A fault of the program itself",
}

COMMANDS = (
    (
        "init",
        "sender.cli.init:init",
        "Write a starter project: campaign, settings, templates, contacts, balancing test.",
    ),
    ("check", "sender.cli.check:check", "Judge every gate and try every rendering; send nothing."),
    ("preview", "sender.cli.preview:preview", "Write letters as files to open in a browser."),
    ("test", "sender.cli.trial:trial", "Send the letter of one contact to an address of your own."),
    ("status", "sender.cli.status:status", "Show where each campaign stands, unknowns included."),
    (
        "resolve",
        "sender.cli.resolve:resolve",
        "Settle letters whose fate is unknown, from the relay's log or by hand.",
    ),
    ("resume", "sender.cli.resume:resume", "Go on with what a breaker has stopped, a campaign or a domain."),
    ("backup", "sender.cli.backup:backup", "Write a whole copy of the data base into a file, sealed on request."),
    ("restore", "sender.cli.backup:restore", "Put a backup in the data base's place; nobody comes back with it."),
    ("draft", "sender.cli.draft:draft", "Begin a balancing test, a notice or processing.yaml by answering questions."),
    ("register", "sender.cli.register:register", "Write the record of processing (GDPR art. 30)."),
    ("audit", "sender.cli.audit:audit", "Show the state of the base, and whom a campaign could reach."),
    ("breach", "sender.cli.breach:breach", "Prepare the notification of a data breach; 72 hours run."),
    ("collect", "sender.cli.collect:collect", "Read what comes back by mail: requests to stop, bounces, complaints."),
    ("report", "sender.cli.report:report", "Account for a campaign: what was decided, why, and what became of it."),
    (
        "serve",
        "sender.cli.serve:serve",
        "Serve the public pages: the unsubscribe links of the mails, and /health.",
    ),
    ("form", "sender.cli.form:form", "Print the opt-in form as HTML, for a site of your own."),
)
GROUPS = (
    (
        "person",
        "What the law lets a person ask.",
        (
            ("object", "sender.cli.person:object_", "Stop all mail to an address, at once."),
            ("restrict", "sender.cli.person:restrict", "Keep a person's data unused: no mail until it is lifted."),
            ("rectify", "sender.cli.person:rectify", "Correct what the base says of a person."),
            ("choices", "sender.cli.person_choices:choices", "Note what they choose: fewer mails, language, topics."),
            ("erase", "sender.cli.person_erase:erase", "Remove a person everywhere, for good."),
            ("export", "sender.cli.person_export:export", "Write all that is held about a person into one archive."),
            ("request", "sender.cli.person_requests:request", "Enter what somebody asks for into the register."),
            ("requests", "sender.cli.person_requests:requests", "List the open requests, overdue ones first."),
        ),
    ),
    (
        "contacts",
        "The base of contacts, and whom no campaign reaches.",
        (
            ("import", "sender.cli.contacts:import_", "Bring a contact file into the base, and say what it brought."),
            ("list", "sender.cli.contacts_list:list_", "List the contacts that meet every filter."),
            ("show", "sender.cli.contacts_list:show", "Show what the base holds of one contact."),
            ("edit", "sender.cli.contacts_edit:edit", "Change what the base says of a contact, on your own word."),
            ("doubles", "sender.cli.contacts_doubles:doubles", "List contacts that seem to be one person."),
            ("merge", "sender.cli.contacts_merge:merge", "Make one contact of two that are one person."),
            ("exclude", "sender.cli.exclusions:exclude", "Put everybody on a list on the suppression list, for good."),
            ("block", "sender.cli.exclusions:block", "Send no campaign to a domain, until it is unblocked."),
            ("unblock", "sender.cli.exclusions:unblock", "Lift a block of your own."),
            ("purge", "sender.cli.purge:purge", "Delete who has been kept as long as the law allows."),
            ("blocked", "sender.cli.exclusions:blocked", "List the domains that are blocked."),
        ),
    ),
    (
        "consent",
        "What people agreed to, and the proof of it.",
        (
            ("grant", "sender.cli.consent:grant", "Record a consent with its proof."),
            ("withdraw", "sender.cli.consent:withdraw", "Record that a consent was taken back."),
            ("proof", "sender.cli.consent:proof", "Print the proof of a person's consents as a page."),
            ("sale", "sender.cli.consent:sale", "Record a sale, which may carry a soft opt-in."),
        ),
    ),
    (
        "feedback",
        "What came back, noted by hand or by a program that knows.",
        (
            ("bounce", "sender.cli.collect:bounce", "Note that no mail reaches an address."),
            ("complaint", "sender.cli.collect:complaint", "Note that somebody complained about a mail."),
        ),
    ),
    (
        "law",
        "The rules of each country, and who answers for them.",
        (
            ("list", "sender.cli.law:list_", "List the rule packs, and which are accepted."),
            ("show", "sender.cli.law:show", "Show one rule pack as a page to read, every statement with its source."),
            ("accept", "sender.cli.law:accept", "Accept a rule pack: from then on it may allow more than the default."),
            ("revoke", "sender.cli.law:revoke", "Take the acceptance of a rule pack back."),
            ("explain", "sender.cli.law:explain", "Say, gate by gate, why a contact may or may not be written to."),
        ),
    ),
    (
        "functions",
        "Job functions: what a title says about somebody's work.",
        (
            ("list", "sender.cli.functions:list_", "List the job functions with their ISCO-08 codes."),
            ("match", "sender.cli.functions:match", "Say what titles mean, from arguments or from standard input."),
            ("review", "sender.cli.functions:review", "List the unknown titles of a campaign, to be assigned by hand."),
            ("import", "sender.cli.functions:import_", "Widen the vocabulary by the ROME or ESCO file that you have."),
        ),
    ),
    (
        "journal",
        "The proof of what was decided.",
        (("verify", "sender.cli.journal:verify", "Check the chain of the journal."),),
    ),
    (
        "keys",
        "The keys of the links in the mails.",
        (("rotate", "sender.cli.keys:rotate", "Make a new link key; old links go on stopping mails."),),
    ),
    (
        "dkim",
        "The keys that sign the letters, and what the DNS says of them.",
        (
            ("keygen", "sender.cli.dkim:keygen", "Make a signing key; prints the record to publish."),
            ("record", "sender.cli.dkim:record", "Print the DNS records of the signing keys, ready to paste."),
            ("check", "sender.cli.dkim:check", "Ask the DNS whether it publishes the signing keys."),
        ),
    ),
    (
        "settings",
        "What the program is told.",
        (("show", "sender.cli.settings:show", "Show every setting, its value and where it comes from."),),
    ),
)

# New objects. At 700, which is Python's, a tenth of a command goes into looking for dead ones; at 20,000 an import
# takes 30 MB more.
COLLECTED_AFTER = 10_000


def application() -> App:
    """The command line as cyclopts has it: ``send-campaign CAMPAIGN`` beside the named commands."""
    from cyclopts import App

    app = App(
        name="send-campaign",
        version=__version__,
        help="Send a B2B e-mail campaign that has passed its legal gates; nobody gets it twice.",
        help_format="plaintext",
        suppress_keyboard_interrupt=False,  # cyclopts would end the process without a word
        usage="Usage: send-campaign CAMPAIGN.yaml [OPTIONS]\n       send-campaign COMMAND [ARGUMENTS] [OPTIONS]\n",
    )
    from sender.cli.send import send

    app.default(send)
    for name, target, line in COMMANDS:
        app.command(target, name=name, help=line)
    for name, line, commands in GROUPS:
        group = App(name=name, help=line, help_format="plaintext")
        for sub, target, sub_line in commands:
            group.command(target, name=sub, help=sub_line)
        app.command(group)
    return app


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is the only result. Never shows a traceback to a person."""
    gc.set_threshold(COLLECTED_AFTER)
    open_closed_streams()
    tokens = list(sys.argv[1:] if argv is None else argv)
    if tokens == ["--version"]:
        print(f"send-campaign {__version__}")
        return Exit.AS_PLANNED
    json = "--json" in tokens
    try:
        with signals_raise():
            status = run(tokens or ["--help"])
        sys.stdout.flush()
        return status
    except OSError as error:
        return report_unwritten(error)
    except SenderError as error:
        note(error)
        return tell(error.complaints, error.status if isinstance(error, Interrupted) else error.exit, json=json)
    except KeyboardInterrupt as stop:
        return report_stopped(stop, tokens, json=json)
    except Exception as error:
        return report_fault(error, json=json)


def tell(complaints: Sequence[Complaint], status: Exit, *, json: bool) -> Exit:
    """The words on stderr; with ``--json`` one object on stdout besides, so that a script never reads an empty one."""
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    if json:
        from sender.cli.as_json import print_error

        try:
            print_error(complaints, status)
        except OSError:  # nothing can be written there; the words and the exit status have said it
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return status


def report_stopped(stop: KeyboardInterrupt, tokens: Sequence[str], *, json: bool) -> Exit:
    """A signal outside the sending itself, which finishes what is on the wire and has its own words."""
    status = stop.status if isinstance(stop, Terminated) else Exit.INTERRUPTED
    command = tokens[0] if tokens else ""
    if command != "serve":  # a signal is how it ends
        from sender.cli.words import Words
        from sender.settings import spoken_language

        words = Words(spoken_language())
        print(words("run.stopped_trial" if command == "test" else "run.stopped"), file=sys.stderr)
    return tell((), status, json=json)


def run(tokens: list[str]) -> int:
    from cyclopts import CycloptsError

    refuse_mistyped_command(tokens)
    try:
        status = application()(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        raise UsageError.of(
            "SC-101",
            str(error).strip().rstrip("."),
            why="Nothing was done.",
            todo="See  send-campaign --help  or  send-campaign COMMAND --help",
        ) from None
    return int(status or Exit.AS_PLANNED)


def refuse_mistyped_command(tokens: Sequence[str]) -> None:
    """``chek spring.yaml`` must not be taken for a campaign called ``chek``."""
    first = tokens[0]
    names = [name for name, _, _ in COMMANDS + GROUPS]
    if first.startswith("-") or first in names or "." in first or "/" in first:
        return
    from difflib import get_close_matches

    near = get_close_matches(first, names, n=1)
    hint = f"Did you mean  send-campaign {shlex.join([near[0], *tokens[1:]])}" if near else "See  send-campaign --help"
    raise UsageError.of(
        "SC-101",
        f"no command is called {first!r}, and it is not a campaign file",
        why="Nothing was done.",
        todo=hint,
    )


def note(error: SenderError) -> None:
    """Leave a trace in the log of why a command stopped, where a log is set up by then."""
    from sender.logs import get_logger

    codes = [complaint.code for complaint in error.complaints]
    get_logger().error("stopped", error=type(error).__name__, codes=codes)


def report_unwritten(error: OSError) -> int:
    """The result could not be written: a reader that went away is no mistake, a full disk is nobody's of ours."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter would complain once more at its end
    if isinstance(error, BrokenPipeError):
        return Exit.AS_PLANNED
    complaint = Complaint(
        "SC-122",
        f"the result cannot be written: {error.strerror or 'no reason given'}",
        "What was done is done and stands in the ledger; only its words are lost.",
        "See it with: send-campaign status",
    )
    with suppress(OSError):  # a terminal that was closed
        print(complaint, file=sys.stderr)
    return Exit.UNREACHABLE


def report_fault(error: Exception, *, json: bool) -> Exit:
    """Say that the fault is ours; its kind and places go to the log, its text does not."""
    try:
        from sender.logs import get_logger

        get_logger().critical("fault", exc_info=error)
    except Exception as second:  # even the log may be what is broken
        print(f"(the log could not be written: {type(second).__name__})", file=sys.stderr)
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}" if frame else "unknown place"
    complaint = Complaint(
        "SC-901",
        f"the program made a mistake ({type(error).__name__} in {where})",
        "What was on the wire is in the ledger; nothing is lost, and nobody is mailed twice when you run again.",
        "Please report it with the last lines of the log (send-campaign settings show names the file).",
    )
    return tell((complaint,), Exit.FAULT, json=json)
