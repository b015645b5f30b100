"""Fewer mails instead of none, and opting in: from the first page to the next campaign, by the installed command."""

from __future__ import annotations

import re
from email.message import EmailMessage
from threading import Event
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest

from tests.acceptance.test_json import undocumented
from tests.acceptance.test_serve import port_in, serving
from tests.integration.test_web_joining import OFFER
from tests.project import SPRING, Project

NADIA = "nadia@cabinet-nadia.example"
TOPICS = """
[topics]
rgpd = {fr = "Protection des données", en = "Data protection"}
paie = "Paie"
"""


@pytest.fixture
def offering(project: Project) -> Project:
    """A project that names topics and offers to opt in."""
    settings = project.folder / "campaigns" / "sender.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'opt_in = "opt-in.toml"\n{text}{TOPICS}', encoding="utf-8")
    (settings.parent / "opt-in.toml").write_text(OFFER, encoding="utf-8")
    return project


def say(port: int, path: str, **fields: str) -> str:
    with urlopen(f"http://127.0.0.1:{port}{path}", urlencode(fields).encode(), timeout=60) as answer:
        return str(answer.read().decode())


def look(port: int, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return str(answer.read().decode())


def letter_in(project: Project, to: str = NADIA) -> EmailMessage:
    """The letter to this address, as soon as the pages have handed it over."""
    for _ in range(600):
        if found := [mail for mail in project.mails() if to in str(mail["To"])]:
            return found[0]
        Event().wait(0.1)
    raise AssertionError("no letter came")


def link_in(mail: str) -> str:
    found = re.search(r"https://\S+/opt-in/\S+", mail)
    assert found, mail
    return urlsplit(found[0]).path


def sign_up(port: int, project: Project) -> str:
    """The path in the letter."""
    form = look(port, "/opt-in?language=en")
    words = re.search(r'name="wording" value="([^"]+)"', form)
    assert words
    say(port, "/opt-in", email=NADIA, wording=words[1], language="en")
    return link_in(letter_in(project).get_content())


def test_a_refused_topic_holds_the_next_campaign_about_it(offering: Project) -> None:
    """The mail's link, the page, one POST; the next campaign leaves this person out and says why, imports or not."""
    offering.audience("anne", "boris")
    offering.run(SPRING, "--practice", "--yes", "--limit", "1")
    (mail,) = offering.mails()
    found = re.search(r"<(https://[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found
    with serving(offering, "--port", "0") as (_, line):
        port, path = port_in(line), urlsplit(found[1]).path
        assert "Fewer messages instead" in look(port, f"{path}?language=en")
        assert "Data protection" in look(port, f"{path}/choices?language=en")
        done = say(port, f"{path}/choices", refused="rgpd", most="1", spoken="en", language="en")
    offering.replace(SPRING, "campaign: ", "topics: [rgpd]\ncampaign: autumn-")
    plan = offering.practise("--json", "--accept-changes").json["plan"]
    address = re.search(r"[\w.]+@[\w.-]+", str(mail["To"]))
    assert address
    shown = offering.here("contacts", "show", address[0], "--practice", "--json").json

    assert "Nothing more about: Data protection." in done
    reasons = {(one["gate"], one["code"]): one["contacts"] for one in plan["held"]}
    assert reasons["topics", "refused"] == 1
    assert reasons["frequency", "wish_reached"] == 1
    assert shown["language"] == "en"
    assert len(offering.mails()) == 2


def test_opting_in_from_form_to_campaign(offering: Project) -> None:
    """The form, the letter, the button; then a proof that can be shown. No address in a log or a link."""
    offering.audience("anne")
    offering.practise()
    with serving(offering, "--port", "0") as (process, line):
        link = sign_up(port_in(line), offering)
        assert "I confirm" in look(port_in(line), f"{link}?language=en")
        early = offering.here("contacts", "show", NADIA, "--practice")
        answer = say(port_in(line), link, language="en")
        process.terminate()
        assert process.stderr
        logged = process.stderr.read()
    proof = offering.here("consent", "proof", NADIA, "--practice", SENDER_LANGUAGE="en").out

    assert early.status != 0
    assert "it is confirmed" in answer
    assert "I agree to receive the advice of Éluard Conseil by e-mail." in proof
    assert "double opt-in" in proof
    assert "nadia" not in logged + link


def test_a_confirmation_that_was_answered_is_in_force_whatever_is_killed(offering: Project) -> None:
    """SIGKILL right after the answer: the consent stands, and the letter is not sent again."""
    offering.audience("anne")
    offering.practise()
    with serving(offering, "--port", "0") as (process, line):
        link = sign_up(port_in(line), offering)
        say(port_in(line), link, language="en")
        process.kill()
    shown = offering.here("contacts", "show", NADIA, "--practice", "--json").json
    with serving(offering, "--port", "0") as (_, line):
        again = say(port_in(line), link, language="en")

    assert "double_opt_in" in str(shown)
    assert "it is confirmed" in again
    assert len([mail for mail in offering.mails() if "nadia" in str(mail["To"])]) == 1


def test_the_form_for_another_site_works_as_it_is_printed(offering: Project) -> None:
    """Plain HTML, no script: what a browser would post from it is taken by the running pages."""
    offering.audience("anne")
    offering.practise()
    printed = offering.here("form", "--language", "en")
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', printed.out))
    action = re.search(r'action="([^"]+)"', printed.out)
    assert action
    with serving(offering, "--port", "0") as (_, line):
        answer = say(port_in(line), urlsplit(action[1]).path, email=NADIA, **fields)
        letter_in(offering)

    assert (printed.status, action[1]) == (0, "https://courrier.eluard.example/opt-in")
    assert "<script" not in printed.out
    assert "Check your inbox" in answer


def test_words_that_are_missing_are_told_and_take_no_other_page_down(offering: Project) -> None:
    """No page asks people to agree to nothing; mails can be stopped all the same, and data asked for."""
    offering.replace("campaigns/opt-in.toml", "[notice]", "[notices]")
    offering.audience("anne")
    offering.practise()
    (mail,) = offering.mails()
    found = re.search(r"<(https://[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found
    with serving(offering, "--port", "0") as (process, line):
        while "Public pages on" not in line:  # the log comes first, here on the same stream
            assert process.stderr
            line = process.stderr.readline()
        said = process.stderr.readline() if process.stderr else ""
        page = look(port_in(line), f"{urlsplit(found[1]).path}?language=en")
        with pytest.raises(HTTPError, match="404"):
            look(port_in(line), "/opt-in")

    assert "SC-640" in said
    assert "My data" in page


def test_who_asks_by_telephone_may_have_more_again(offering: Project) -> None:
    """A command notes what the person says, raises a limit that the page would only lower, and shows what holds."""
    offering.audience("anne")
    offering.practise()
    anne = "anne@cabinet-anne.example"
    less = offering.here("person", "choices", anne, "--practice", "--most", "2", "--refuse", "Paie", "--json")
    more = offering.here("person", "choices", anne, "--practice", "--most", "6", "--language", "en", "--json")
    none = offering.here("person", "choices", anne, "--practice", "--no-limit", SENDER_LANGUAGE="en")
    wrong = offering.here("person", "choices", anne, "--practice", "--most", "0")

    assert less.json | {"schema": ""} == {"schema": "", "most_per_year": 2, "language": None, "refused": ["paie"]}
    assert more.json["most_per_year"] == 6
    assert undocumented("person-choices/1", more.json) <= {"schema"}
    assert "at most: nothing chosen" in none.out
    assert (wrong.status, "SC-643" in wrong.err) == (64, True)
