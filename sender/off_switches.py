"""Headers by which a relay is told not to count opens and clicks; it could add pixels after our gates have looked.

Providers' own documents name them (RULES part B, 6; to be verified). A relay that is not listed has no such header, or
none that is known: there tracking has to be switched off in its account.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["OFF_SWITCHES", "off_switches", "switches_on"]

Header = tuple[str, str]

OFF_SWITCHES: Mapping[str, tuple[Header, ...]] = {
    "mailgun.org": (("X-Mailgun-Track", "no"), ("X-Mailgun-Track-Opens", "no"), ("X-Mailgun-Track-Clicks", "no")),
    "postmarkapp.com": (("X-PM-TrackOpens", "false"), ("X-PM-TrackLinks", "None")),
    "mailjet.com": (("X-Mailjet-TrackOpen", "0"), ("X-Mailjet-TrackClick", "0")),
    "sendgrid.net": (
        (
            "X-SMTPAPI",
            '{"filters": {"clicktrack": {"settings": {"enable": 0}}, "opentrack": {"settings": {"enable": 0}}}}',
        ),
    ),
    "mandrillapp.com": (("X-MC-Track", "none"),),
    "sparkpostmail.com": (("X-MSYS-API", '{"options": {"open_tracking": false, "click_tracking": false}}'),),
}
_OFF = {name.lower(): value for headers in OFF_SWITCHES.values() for name, value in headers}


def off_switches(host: str) -> tuple[Header, ...]:
    """What to tell the relay at ``host``; nothing where it is not known."""
    # Meets: CNIL 2026-042 (no pixel by the relay's hand)
    name = host.lower().rstrip(".")
    return next((h for domain, h in OFF_SWITCHES.items() if name == domain or name.endswith(f".{domain}")), ())


def switches_on(name: str, value: str) -> bool:
    """A header of the campaign's own that speaks to a relay's tracking, and says anything but off."""
    off = _OFF.get(name.strip().lower())
    return off is not None and value.strip().lower() != off.lower()
