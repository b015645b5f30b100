"""DMARC without a list of suffixes: which names are asked, which record holds, which domain is the organisation's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.preflight.dmarc import Policy, Walk, parse, targets


def test_the_walk_asks_eight_times_at_most() -> None:
    """From a long name it goes on at seven labels; from a short one a label at a time, down to the last."""
    assert list(targets("news.eluard.example")) == ["news.eluard.example", "eluard.example", "example"]
    assert list(targets("b.c.d.e.f.g.h.example"))[:2] == ["b.c.d.e.f.g.h.example", "c.d.e.f.g.h.example"]

    long = list(targets("a.b.c.d.e.f.g.h.i.j.mail.example.com"))

    assert long[:3] == ["a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com"]
    assert len(long) == 8
    assert long[-1] == "com"


def test_a_record_is_read() -> None:
    """Blanks and case of tags weigh nothing; unknown tags neither; what was removed is named."""
    assert parse(
        "v=DMARC1; P=Reject ;sp=none; adkim=s;aspf=r; rua=mailto:d@eluard.example; pct=50; t=y; zz=1"
    ) == Policy(p="reject", sp="none", strict_dkim=True, reports=True, testing=True, gone=("pct",))
    assert parse("v=DMARC1") == Policy()
    assert parse("v = DMARC1;") == Policy()


@pytest.mark.parametrize("text", ["", "v=DMARC", "v=dmarc1; p=none", "p=none; v=DMARC1", "v=spf1 -all", "v=DMARC12"])
def test_what_is_no_record(text: str) -> None:
    """The version comes first and is written just so."""
    assert parse(text) is None


def test_a_policy_that_does_not_exist() -> None:
    """With an address for reports it counts as none; without, the record counts for nothing."""
    heard, unheard = parse("v=DMARC1; p=strict; rua=mailto:d@eluard.example"), parse("v=DMARC1; p=reject; sp=all")

    assert (heard and heard.p, heard and heard.wrong) == ("none", False)
    assert unheard == Policy(wrong=True)


def test_the_shortest_name_is_the_organisation() -> None:
    """Its record holds for names below that have none, by ``sp`` where it says so."""
    walk = Walk(
        "a.news.eluard.example", (("news.eluard.example", Policy()), ("eluard.example", Policy("reject", "none")))
    )

    assert walk.organisational == "eluard.example"
    assert walk.policy == ("eluard.example", Policy("reject", "none"))
    assert walk.asked == "none"


def test_a_domain_s_own_record_holds_first() -> None:
    """What the parent asks for does not reach it."""
    walk = Walk(
        "news.eluard.example", (("news.eluard.example", Policy("quarantine")), ("eluard.example", Policy("reject")))
    )

    assert (walk.organisational, walk.asked) == ("eluard.example", "quarantine")


def test_a_registry_says_so() -> None:
    """Below ``psd=y`` lies the organisation; the registry's policy holds where the organisation has none."""
    walk = Walk("mail.eluard.co.example", (("co.example", Policy("reject", psd="y")),))

    assert walk.organisational == "eluard.co.example"
    assert walk.policy == ("co.example", Policy("reject", psd="y"))


def test_who_says_that_it_is_none() -> None:
    """``psd=n`` ends the search also where a shorter name has a record; a registry mails in its own name."""
    own = Walk("a.eluard.example", (("eluard.example", Policy(psd="n")), ("example", Policy())))
    registry = Walk("co.example", (("co.example", Policy(psd="y")),))

    assert own.organisational == "eluard.example"
    assert registry.organisational == "co.example"


def test_nobody_says_anything() -> None:
    """Then each name is its own organisation, and no policy holds."""
    assert Walk("a.eluard.example").organisational == "a.eluard.example"
    assert Walk("a.eluard.example").policy is None


@given(st.text("aps=;:, DMARC1vrut@é\x1b", max_size=60))
def test_whatever_stands_there(text: str) -> None:
    """A stranger's text is a record or none, never an error."""
    found = parse(f"v=DMARC1;{text}")

    assert found is None or found.p in {"none", "quarantine", "reject"}
