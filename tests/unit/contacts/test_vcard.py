"""Address books."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sender.contacts.vcard import cards
from sender.errors import InputError

START, END = "BEGIN:VCARD\r\nVERSION:4.0\r\n", "END:VCARD\r\n"


def read(path: Path, text: str | bytes) -> list[tuple[int, tuple[str, ...]]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(cards(path))


@pytest.mark.parametrize(
    ("lines", "email"),
    [
        (["EMAIL:a@x.example", "EMAIL:b@x.example"], "a@x.example"),
        (["EMAIL;TYPE=home:a@x.example", "EMAIL;TYPE=work:b@x.example"], "b@x.example"),
        (["EMAIL;TYPE=work:a@x.example", "EMAIL;PREF=1:b@x.example"], "b@x.example"),
        (["EMAIL;PREF=2:a@x.example", "EMAIL;PREF=1:b@x.example"], "b@x.example"),
        (["EMAIL;WORK:a@x.example", "item1.EMAIL;TYPE=INTERNET,pref:b@x.example"], "b@x.example"),
        (['EMAIL;TYPE="home,work":a@x.example'], "a@x.example"),
        ([], ""),
    ],
)
def test_one_address_of_several(tmp_path: Path, lines: list[str], email: str) -> None:
    """The preferred one, else the one at work, else the first."""
    ((_, cells),) = read(tmp_path / "a.vcf", START + "".join(f"{line}\r\n" for line in lines) + END)

    assert cells[0] == email


def test_a_card_of_an_old_phone(tmp_path: Path) -> None:
    """vCard 2.1: quoted-printable broken with "=", character sets by name."""
    name = "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:L=E9=\r\nvy;Zo=E9\r\n"
    text = f"BEGIN:VCARD\r\n{name}EMAIL:z@x.example\r\nEND:VCARD\r\n"
    ((_, cells),) = read(tmp_path / "a.vcf", text)

    assert cells[:3] == ("z@x.example", "Zoé", "Lévy")


def test_a_card_that_never_ends_is_no_card(tmp_path: Path) -> None:
    """Or the next person would get this one's name."""
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.vcf", START + "EMAIL:a@x.example\r\n" + START + END)
    assert caught.value.complaints[0].code == "SC-340"


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), max_size=40)


def escaped(text: str) -> str:
    for char in ("\\", ";", ","):
        text = text.replace(char, "\\" + char)
    return text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=TEXT, last=TEXT, company=TEXT, width=st.integers(5, 75))
def test_what_is_escaped_and_folded_comes_back(tmp_path: Path, first: str, last: str, company: str, width: int) -> None:
    """RFC 6350 §3.2 and §3.4, cut anywhere, also within a character."""
    lines = [f"N:{escaped(last)};{escaped(first)};;;", f"ORG:{escaped(company)};Division", "EMAIL:a@x.example"]
    folded = b"".join(fold(line.encode(), width) for line in lines)
    ((_, cells),) = read(tmp_path / "a.vcf", START.encode() + folded + END.encode())

    assert cells[1:4] == (first, last, company)


def fold(line: bytes, width: int) -> bytes:
    parts = [line[at : at + width] for at in range(0, len(line), width)]
    return b"\r\n ".join(parts) + b"\r\n"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(tmp_path: Path, noise: bytes) -> None:
    """A complaint or cards of seven cells, never anything else."""
    try:
        found = read(tmp_path / "a.vcf", b"BEGIN:VCARD\n" + noise + b"\nEND:VCARD\n")
    except InputError:
        return
    assert all(len(cells) == 7 for _, cells in found)
