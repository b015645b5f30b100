"""What a mail that came back says, whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.feedback import Kind, understood
from tests.unit.feedback.samples import COMPLAINED, DSN, OURS, SAMPLES, TOKEN, Sample, answer, report


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_each_sample_is_what_it_is(sample: Sample) -> None:
    said = understood(sample.raw)

    assert (said.kind, said.status, said.message_ids) == (sample.kind, sample.status, sample.about)
    assert said.tokens == ((TOKEN,) if said.kind is Kind.UNSUBSCRIBE else ())


def test_there_are_samples_enough() -> None:
    """Of bounces and complaints alone sixty, each with a name of its own."""
    assert len(DSN) + len(COMPLAINED) >= 60
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_line_ends_do_not_matter(sample: Sample, end: str) -> None:
    raw = sample.raw.replace(b"\r\n", b"\n").replace(b"\n", end.encode())

    assert understood(raw) == understood(sample.raw)


@given(st.binary(max_size=2000))
def test_no_bytes_make_it_fail(raw: bytes) -> None:
    """And none of them is a request to stop, or names a letter of ours."""
    said = understood(raw)

    assert said.kind not in {Kind.UNSUBSCRIBE, Kind.STOP, Kind.COMPLAINT}
    assert OURS not in said.message_ids


@given(st.sampled_from(SAMPLES), st.integers(0, 4000), st.binary(max_size=30))
def test_damaged_samples_do_not_make_it_fail(sample: Sample, at: int, noise: bytes) -> None:
    understood(sample.raw[:at] + noise + sample.raw[at:])
    understood(sample.raw[:at])


def test_a_charset_that_nobody_knows_is_read_all_the_same() -> None:
    said = understood(answer("STOP", Content_Type='text/plain; charset="x-klingon"'))

    assert said.kind is Kind.STOP


def test_a_report_within_a_report_speaks_of_the_outer_letter() -> None:
    """A forwarded bounce is no bounce of the letter inside it, but what its own part returns."""
    inner = report("Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n").decode()
    outer = "Reporting-MTA: dns; x\n\nAction: delayed\nStatus: 4.4.1\n"
    said = understood(report(outer, returned=inner, kind="message/rfc822"))

    assert (said.kind, said.message_ids) == (Kind.ON_ITS_WAY, ())
