"""My data: from the link of a mail to the letter, to all that is held, to nothing; by the installed command."""

from __future__ import annotations

import re
from threading import Event
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from tests.acceptance.test_choosing import look, offering, say
from tests.acceptance.test_serve import port_in, serving
from tests.project import Project

__all__ = ["offering"]

ANNE = "anne@cabinet-anne.example"


def letter_link(project: Project, person: str = "anne") -> str:
    """The path in the letter about data to this person, as soon as the pages have handed it over."""
    for _ in range(600):
        letters = [mail for mail in project.mails() if not mail.is_multipart() and person in str(mail["To"])]
        texts = [str(mail.get_content()) for mail in letters]
        if found := [urlsplit(one[0]).path for text in texts if (one := re.search(r"https://\S+/my-data/\S+", text))]:
            return found[0]
        Event().wait(0.1)
    raise AssertionError("no letter came")


def test_from_the_mail_to_all_that_is_held_to_nothing(offering: Project) -> None:
    """Asked, seen, downloaded, corrected, deleted; the register has it all, and no log and no link names anybody.

    The campaign's own contact file still has a line about Anne: the request stands open until the firm took it out.
    """
    offering.audience("anne", "boris")
    offering.practise()
    (mail,) = [mail for mail in offering.mails() if ANNE in str(mail["To"])]
    found = re.search(r"<(https://[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found
    path = urlsplit(found[1]).path
    with serving(offering, "--port", "0") as (process, line):
        port = port_in(line)
        assert "My data" in look(port, f"{path}?language=en")
        assert "Check your inbox" in say(port, f"{path}/data", language="en")
        link = letter_link(offering)
        shown = look(port, f"{link}?language=en")
        seen = say(port, f"{link}/see", language="en")
        with urlopen(f"http://127.0.0.1:{port}{link}/download", urlencode({"language": "en"}).encode()) as answer:
            archive = answer.read()
        form = say(port, f"{link}/fields", language="en")
        typed = dict(re.findall(r'name="(\w+)" maxlength="254"[^>]* value="([^"]*)"', form))
        corrected = say(port, f"{link}/correct", **typed | {"shown": "yes", "new_title": "DRH", "language": "en"})
        title = offering.here("contacts", "show", ANNE, "--practice", "--json").json["title"]
        deleted = say(port, f"{link}/delete", sure="yes", language="en")
        process.terminate()
        assert process.stderr
        logged = process.stderr.read()
    register = offering.here("person", "requests", "--all", "--practice", "--json").json["requests"]
    offering.here("person", "erase", ANNE, "--practice", "--yes")
    closed_later = offering.here("person", "requests", "--all", "--practice", "--json").json["requests"]
    base = (offering.folder / "campaigns" / "practice.db").read_bytes()

    assert ANNE not in shown
    assert ANNE in seen
    assert archive.startswith(b"PK")
    assert "Your data are corrected" in corrected
    assert title == "DRH"
    assert "Lists of ours outside of this program still name you" in deleted
    assert [(one["kind"], one["channel"]) for one in register if not one["outcome"]] == [("erasure", "page")]
    assert "erased person in a file" in logged
    closed = [(one["kind"], one["channel"], one["outcome"]) for one in register if one["outcome"]]
    assert sorted(closed) == [
        ("access", "page", "exported"),
        ("erasure", "page", "erased"),
        ("rectification", "page", "rectified"),
    ]
    assert ANNE.encode() not in base
    assert ANNE not in logged + link
    assert [one["outcome"] for one in closed_later if one["kind"] == "erasure"] == ["erased", "erased"]
