"""A signature speaks for a sender whose domain lies below the same registered one."""

from __future__ import annotations

import pytest

from sender.dkim import aligned


@pytest.mark.parametrize(
    ("signing", "author", "expected"),
    [
        ("eluard.fr", "eluard.fr", True),
        ("mail.eluard.fr", "eluard.fr", True),
        ("eluard.fr", "news.eluard.fr", True),
        ("a.eluard.fr", "b.eluard.fr", True),
        ("Eluard.FR.", "eluard.fr", True),
        ("other.fr", "eluard.fr", False),
        ("eluard.fr.other.fr", "eluard.fr", False),
        ("eluard.co.uk", "other.co.uk", False),
        ("co.uk", "eluard.co.uk", False),
        ("mail.eluard.co.uk", "eluard.co.uk", True),
        ("xn--luard-9ra.fr", "xn--luard-9ra.fr", True),
        ("eluard.example", "mail.eluard.example", True),
    ],
)
def test_alignment_is_by_the_registered_domain(signing: str, author: str, expected: bool) -> None:
    """As DMARC's relaxed mode has it."""
    assert aligned(signing, author) is expected
