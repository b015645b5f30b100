"""The checks against a name server that says what is right, what is wrong, nothing, or leads in circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic

import pytest

from sender.dkim import Identity, make_key, record_name, record_text
from sender.preflight import Level, Remark, Sending, ask
from tests.name_server import FAILING, SILENT, Zone, deaf_server, name_server, reverse_of

FROM = "eluard.example"
KEY = Identity(make_key("ed25519"), FROM, "e2026")
PASSED, WARNING, FAILED, UNKNOWN = Level.PASSED, Level.WARNING, Level.FAILED, Level.UNKNOWN

RIGHT: Zone = {
    (FROM, "TXT"): ["v=spf1 include:_spf.relay.example -all", "something=else"],
    ("_spf.relay.example", "TXT"): ["v=spf1 ip4:192.0.2.0/28 a:out.relay.example -all"],
    ("out.relay.example", "A"): ["198.51.100.7"],
    (f"_dmarc.{FROM}", "TXT"): ["v=DMARC1; p=reject; rua=mailto:dmarc@eluard.example"],
    (record_name(KEY), "TXT"): [record_text(KEY.key)],
    (FROM, "MX"): ["20 mx2.eluard.example", "10 mx.eluard.example"],
    ("mx.eluard.example", "A"): ["192.0.2.25"],
    ("mx2.eluard.example", "AAAA"): ["2001:db8::25"],
    ("relay.example", "A"): ["192.0.2.7"],
    (reverse_of("192.0.2.7"), "PTR"): ["out7.relay.example"],
    ("out7.relay.example", "A"): ["192.0.2.7"],
    (f"_mta-sts.{FROM}", "TXT"): ["v=STSv1; id=20261127;"],
    (f"mta-sts.{FROM}", "A"): ["192.0.2.80"],
}


@contextmanager
def asking(change: Mapping[tuple[str, str], Sequence[str] | None]) -> Iterator[tuple[str, int]]:
    """The right zone with some records changed; None takes one out."""
    zone = {key: found for key, found in {**RIGHT, **change}.items() if found is not None}
    with name_server({}, zone) as server:
        yield server


def found(
    change: Mapping[tuple[str, str], Sequence[str] | None], sending: Sending | None = None
) -> dict[tuple[str, str], Remark]:
    """The remarks by check and code; of several alike the last."""
    sending = sending or Sending(FROM, FROM, relay="relay.example", identities=(KEY,))
    with asking(change) as server:
        return {(one.check, one.code): one for one in ask(sending, [server], one=1.0, together=4.0)}


def test_all_is_right() -> None:
    """Every check passes, the look-ups are counted, and nothing else is said."""
    remarks = found({})

    assert {(one.check, one.code) for one in remarks.values() if one.level is not PASSED} == set()
    assert {check for check, _ in remarks} == {"spf", "dkim", "dmarc", "alignment", "mx", "reverse", "mta_sts"}
    assert remarks["spf", "read"].facts == {"lookups": 2, "limit": 10}
    assert remarks["spf", "relay_named"].facts["address"] == "192.0.2.7"
    assert remarks["dmarc", "found"].facts["asked"] == "reject"
    assert remarks["mx", "found"].facts["host"] == "mx.eluard.example"


CHAIN = {(f"s{n}.eluard.example", "TXT"): [f"v=spf1 include:s{n + 1}.eluard.example -all"] for n in range(40)}
SPF = (FROM, "TXT")
HOSTS = [f"10 m{n}.eluard.example" for n in range(11)]

WRONG: list[tuple[str, str, Level, Mapping[tuple[str, str], Sequence[str] | None]]] = [
    ("spf", "missing", WARNING, {SPF: ["something=else"]}),
    ("spf", "several", FAILED, {SPF: ["v=spf1 -all", "v=spf1 a -all"]}),
    ("spf", "syntax", FAILED, {SPF: ["v=spf1 ip4:192.0.2.300 -all"]}),
    ("spf", "loop", FAILED, {("_spf.relay.example", "TXT"): ["v=spf1 include:eluard.example -all"]}),
    ("spf", "loop", FAILED, {SPF: ["v=spf1 redirect=eluard.example"]}),
    ("spf", "target_missing", FAILED, {SPF: ["v=spf1 include:nobody.example -all"]}),
    ("spf", "too_many_lookups", FAILED, {**CHAIN, SPF: ["v=spf1 include:s0.eluard.example -all"]}),
    ("spf", "too_many_voids", FAILED, {SPF: ["v=spf1 a:n1.example a:n2.example mx:n3.example -all"]}),
    ("spf", "too_many_hosts", FAILED, {SPF: ["v=spf1 mx -all"], (FROM, "MX"): [*HOSTS, "9 mx.eluard.example"]}),
    ("spf", "open", FAILED, {SPF: ["v=spf1 include:_spf.relay.example +all"]}),
    ("spf", "no_end", WARNING, {SPF: ["v=spf1 include:_spf.relay.example"]}),
    ("spf", "ptr", WARNING, {SPF: ["v=spf1 ptr ip4:192.0.2.7 -all"]}),
    ("spf", "relay_not_named", WARNING, {SPF: ["v=spf1 ip4:192.0.2.99 ~all"]}),
    ("spf", "relay_by_macro", UNKNOWN, {SPF: ["v=spf1 exists:%{i}.eluard.example -all"]}),
    ("spf", "silent", UNKNOWN, {SPF: [f"v=spf1 include:{FAILING} -all"]}),
    ("spf", "silent", UNKNOWN, {SPF: [f"v=spf1 a:slow.{SILENT} -all"]}),
    ("dkim", "missing", FAILED, {(record_name(KEY), "TXT"): None}),
    ("dkim", "revoked", FAILED, {(record_name(KEY), "TXT"): ["v=DKIM1; k=ed25519; p="]}),
    ("dkim", "testing", WARNING, {(record_name(KEY), "TXT"): [f"{record_text(KEY.key)}; t=y"]}),
    ("dmarc", "missing", WARNING, {(f"_dmarc.{FROM}", "TXT"): None}),
    ("dmarc", "several", FAILED, {(f"_dmarc.{FROM}", "TXT"): ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}),
    ("dmarc", "wrong", FAILED, {(f"_dmarc.{FROM}", "TXT"): ["v=DMARC1; p=strict"]}),
    ("dmarc", "no_reports", WARNING, {(f"_dmarc.{FROM}", "TXT"): ["v=DMARC1; p=none"]}),
    ("dmarc", "testing", WARNING, {(f"_dmarc.{FROM}", "TXT"): ["v=DMARC1; p=reject; t=y"]}),
    ("dmarc", "gone", WARNING, {(f"_dmarc.{FROM}", "TXT"): ["v=DMARC1; p=reject; pct=10"]}),
    ("mx", "null", FAILED, {(FROM, "MX"): ["0 ."]}),
    ("mx", "missing", FAILED, {(FROM, "MX"): None}),
    ("mx", "implicit", WARNING, {(FROM, "MX"): None, (FROM, "A"): ["192.0.2.80"]}),
    ("mx", "lost", FAILED, {(FROM, "MX"): ["10 gone.eluard.example"]}),
    ("mx", "partly_lost", WARNING, {("mx.eluard.example", "A"): None}),
    (
        "mx",
        "silent",
        UNKNOWN,
        {(FROM, "MX"): ["10 ring.eluard.example"], ("ring.eluard.example", "CNAME"): ["ring.eluard.example"]},
    ),
    ("mx", "silent", UNKNOWN, {(FROM, "MX"): [f"10 mx.{FAILING}"]}),
    ("mta_sts", "several", WARNING, {(f"_mta-sts.{FROM}", "TXT"): ["v=STSv1; id=1", "v=STSv1; id=2"]}),
    ("mta_sts", "wrong", WARNING, {(f"_mta-sts.{FROM}", "TXT"): ["v=STSv1; id=2026-11"]}),
    ("mta_sts", "no_host", WARNING, {(f"mta-sts.{FROM}", "A"): None}),
    ("mta_sts", "none", PASSED, {(f"_mta-sts.{FROM}", "TXT"): None}),
    ("reverse", "missing", WARNING, {(reverse_of("192.0.2.7"), "PTR"): None}),
    ("reverse", "not_back", WARNING, {("out7.relay.example", "A"): ["192.0.2.8"]}),
    ("reverse", "no_address", UNKNOWN, {("relay.example", "A"): None}),
    ("reverse", "inner", UNKNOWN, {("relay.example", "A"): ["192.168.1.7"]}),
]


@pytest.mark.parametrize(("check", "code", "level", "change"), WRONG)
def test_what_is_wrong_is_said(
    check: str, code: str, level: Level, change: Mapping[tuple[str, str], Sequence[str] | None]
) -> None:
    """One record changed: its check says so, and no other check fails for it."""
    remarks = found(change)

    assert remarks[check, code].level is level
    failed = {one.check for one in remarks.values() if one.level is FAILED}
    assert failed == ({check} if level is FAILED else set())


@pytest.mark.parametrize("lookups", [10, 11])
def test_the_tenth_look_up_is_the_last(lookups: int) -> None:
    """Ten pass, eleven fail."""
    terms = " ".join(f"a:h{n}.eluard.example" for n in range(lookups))
    hosts = {(f"h{n}.eluard.example", "A"): ["192.0.2.7"] for n in range(lookups)}

    remarks = found({**hosts, SPF: [f"v=spf1 {terms} -all"]})

    assert (("spf", "read") in remarks) == (lookups == 10)
    assert (("spf", "too_many_lookups") in remarks) == (lookups == 11)


def test_the_relay_is_judged_as_a_receiver_would() -> None:
    """A fail inside an include is no match; a redirect goes on where nothing fits."""
    zone = {
        SPF: ["v=spf1 include:no.eluard.example redirect=yes.eluard.example"],
        ("no.eluard.example", "TXT"): ["v=spf1 -ip4:192.0.2.7 -all"],
        ("yes.eluard.example", "TXT"): ["v=spf1 a:relay.example/29 -all"],
    }

    assert found(zone)["spf", "relay_named"].facts["result"] == "pass"


def test_envelope_and_signature_in_other_names() -> None:
    """Relaxed alignment by the tree walk: a sub-domain speaks for its parent, a neighbour below a registry does not."""
    registry = {
        ("_dmarc.co.example", "TXT"): ["v=DMARC1; psd=y; p=reject"],
        ("_dmarc.eluard.co.example", "TXT"): ["v=DMARC1; p=none; rua=mailto:d@eluard.co.example"],
    }
    other = Identity(KEY.key, "relay.co.example", "e2026")

    remarks = found(registry, Sending("eluard.co.example", "bounces.eluard.co.example", identities=(other,)))

    assert remarks["alignment", "envelope"].level is PASSED
    assert remarks["alignment", "signed_apart"].level is FAILED
    assert ("reverse", "own_machine") not in remarks


def test_strict_alignment_takes_the_very_name() -> None:
    """``aspf=s`` and ``adkim=s``: a sub-domain speaks for nobody else."""
    strict = {(f"_dmarc.{FROM}", "TXT"): ["v=DMARC1; p=reject; aspf=s; adkim=s; rua=mailto:d@eluard.example"]}
    below = Identity(KEY.key, "news.eluard.example", "e2026")

    remarks = found(strict, Sending(FROM, "bounces.eluard.example", identities=(below,)))

    assert remarks["alignment", "envelope_apart"].level is WARNING
    assert remarks["alignment", "signed_apart"].level is FAILED


@pytest.mark.parametrize(("envelope", "level"), [(FROM, UNKNOWN), ("bounces.relay.example", WARNING)])
def test_who_does_not_sign_here(envelope: str, level: Level) -> None:
    """The relay may sign; nothing is known of it, and nothing else may be left that speaks for From."""
    remarks = found({}, Sending(FROM, envelope, own_machine=True))

    assert remarks["alignment", "unsigned"].level is level
    assert remarks["reverse", "own_machine"].level is UNKNOWN


def test_a_server_that_never_answers() -> None:
    """Nothing passes, nothing fails, every check says that it does not know, and all of it ends in time."""
    sending = Sending(FROM, FROM, relay="relay.example", identities=(KEY,))
    with deaf_server() as server:
        began = monotonic()
        remarks = ask(sending, [server], one=0.3, together=0.6)
        seconds = monotonic() - began

    assert {one.level for one in remarks} == {UNKNOWN}
    assert {one.check for one in remarks} == {"spf", "dkim", "dmarc", "alignment", "mx", "reverse", "mta_sts"}
    assert seconds < 3


def test_the_whole_ends_before_its_parts() -> None:
    """Where one name may take long, the bound over all still holds, and what was answered before stands."""
    with asking({SPF: [f"v=spf1 a:slow.{SILENT} -all"]}) as server:
        began = monotonic()
        remarks = ask(Sending(FROM, FROM), [server], one=30.0, together=0.5)

    assert monotonic() - began < 5
    assert {one.level for one in remarks if one.check == "spf"} == {UNKNOWN}
    assert {one.level for one in remarks if one.check == "mx"} == {PASSED}


def test_a_server_that_is_not_there() -> None:
    """A closed port is silence, no error."""
    with deaf_server() as server:
        pass

    assert {one.level for one in ask(Sending(FROM, FROM), [server], one=0.3, together=0.6)} == {UNKNOWN}
