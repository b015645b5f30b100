"""What a relay is told about tracking."""

from __future__ import annotations

import pytest

from sender.off_switches import OFF_SWITCHES, off_switches, switches_on


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("smtp.eu.mailgun.org", "X-Mailgun-Track"),
        ("smtp.postmarkapp.com", "X-PM-TrackOpens"),
        ("in-v3.mailjet.com", "X-Mailjet-TrackOpen"),
        ("smtp.sendgrid.net", "X-SMTPAPI"),
        ("SMTP.mandrillapp.com.", "X-MC-Track"),
    ],
)
def test_a_known_relay_is_told_not_to_count(host: str, name: str) -> None:
    """By the host's domain, whatever its case or the dot at its end."""
    assert name in dict(off_switches(host))


@pytest.mark.parametrize("host", ["", "relay.example", "notmailgun.org", "mailgun.org.example"])
def test_others_are_told_nothing(host: str) -> None:
    """No header for strangers; a name that only looks alike is one."""
    assert off_switches(host) == ()


@pytest.mark.parametrize("header", [pair for headers in OFF_SWITCHES.values() for pair in headers])
def test_only_off_is_off(header: tuple[str, str]) -> None:
    """Any other value of these headers would switch tracking on."""
    name, value = header

    assert not switches_on(name, value)
    assert switches_on(name.lower(), "anything")
    assert not switches_on("X-Other", value)
