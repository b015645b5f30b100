"""yamlfile: what people write is read with its places; what could mean two things is refused."""

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender import yamlfile
from sender.errors import InputError, MissingFile, Place, SenderError


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "file.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_every_key_and_item_has_its_line_and_column(tmp_path: Path) -> None:
    """Lines and columns count from 1; a list's items have places of their own."""
    path = write(tmp_path, "a:\n  b: 1\n  c: [x, y]\n")

    document = yamlfile.read(path)

    assert document.place(("a", "b")) == Place(str(path), 2, 3)
    assert document.place(("a", "c", 1)) == Place(str(path), 3, 10)


def test_an_absent_key_is_placed_at_its_nearest_parent(tmp_path: Path) -> None:
    """What is missing is shown where it should stand; without any parent, the file."""
    path = write(tmp_path, "a:\n  b: 1\n")

    document = yamlfile.read(path)

    assert document.place(("a", "zzz", "y")) == Place(str(path), 1, 1)
    assert document.place(("zzz",)) == Place(str(path))


def test_yaml_1_2_types(tmp_path: Path) -> None:
    """NO is a country, a day is a date, a time stays text because YAML's times have no zone."""
    path = write(tmp_path, "a: NO\nb: 2026-03-12\nc: 2026-04-02T09:00\nd: 12\ne: 1.5\nf: true\ng:\nh: '7'\ni: 0x1f\n")

    assert yamlfile.read(path).data == {
        "a": "NO",
        "b": date(2026, 3, 12),
        "c": "2026-04-02T09:00",
        "d": 12,
        "e": 1.5,
        "f": True,
        "g": None,
        "h": "7",
        "i": 31,
    }


def test_as_written_keeps_zeros_and_digits(tmp_path: Path) -> None:
    """A registration number keeps its leading zero and a version its last digit."""
    path = write(tmp_path, "a: 012345678\nb: 1.10\nc: 2026-01-12\nd: ~\ne: yes\n")

    assert yamlfile.read(path, as_written=True).data == {
        "a": "012345678",
        "b": "1.10",
        "c": "2026-01-12",
        "d": None,
        "e": "yes",
    }


def test_byte_order_mark_is_taken_off(tmp_path: Path) -> None:
    """Windows editors begin UTF-8 files with a mark."""
    assert yamlfile.read(write(tmp_path, b"\xef\xbb\xbfa: 1\n")).data == {"a": 1}


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        (b"a: 1\nb: caf\xe9\n", "SC-201", (2, 7)),
        (b"\xff\xfea\x00", "SC-201", (1, 1)),
        (b"a: " + b"x" * yamlfile.MAX_BYTES, "SC-202", (None, None)),
        ("a: b: c\n", "SC-203", (1, 5)),
        ("a: [\n", "SC-203", (2, 1)),
        ("a: 1\nb: x\x00y\n", "SC-203", (2, 5)),
        ("a: *nowhere\n", "SC-203", (1, 4)),
        ("a:\n\tb: 1\n", "SC-204", (2, 1)),
        ("a: 1\nb: 2\na: 3\n", "SC-205", (3, 1)),
        ("a: {b: 1, b: 2}\n", "SC-205", (1, 11)),
        ("a: &a [*a]\n", "SC-206", (1, 4)),
        ("a: " + "[" * 5000, "SC-206", (None, None)),
        ("a: " + "[" * 30 + "]" * 30, "SC-206", (1, 28)),
        ("a: 1\n---\nb: 2\n", "SC-207", (2, 1)),
        ("- a\n- b\n", "SC-208", (1, 1)),
        ("", "SC-208", (1, 1)),
        ("just words\n", "SC-208", (1, 1)),
        ("? [a, b]\n: c\n", "SC-209", (1, 3)),
        ("a: !!python/object:os.system x\n", "SC-209", (1, 4)),
        ('a: "\\ud800"\n', "SC-209", (1, 4)),
        ("a: !!int x\n", "SC-209", (1, 4)),
    ],
)
def test_refusals(tmp_path: Path, text: str | bytes, code: str, where: tuple[int | None, int | None]) -> None:
    """Each thing that could mean two things is refused with code, line and column."""
    with pytest.raises(InputError) as caught:
        yamlfile.read(write(tmp_path, text))

    (complaint,) = caught.value.complaints
    assert complaint.place is not None
    assert (complaint.code, (complaint.place.line, complaint.place.column)) == (code, where)
    assert complaint.why
    assert complaint.todo


def test_an_alias_bomb_is_stopped(tmp_path: Path) -> None:
    """Nine levels of ten aliases would be a billion values."""
    bomb = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))

    with pytest.raises(InputError, match="SC-206"):
        yamlfile.read(write(tmp_path, bomb))


def test_a_missing_file_has_its_own_exit(tmp_path: Path) -> None:
    """A file that is not there, a folder, and a path that is none end with exit 66."""
    for path in (tmp_path / "none.yaml", tmp_path, Path("a\0b")):
        with pytest.raises(MissingFile, match="SC-200"):
            yamlfile.read(path)


def test_all_doubles_are_reported_at_once(tmp_path: Path) -> None:
    """Two mistakes of one kind are two complaints."""
    with pytest.raises(InputError) as caught:
        yamlfile.read(write(tmp_path, "a: 1\na: 2\nb: 1\nb: 2\n"))

    assert [complaint.code for complaint in caught.value.complaints] == ["SC-205", "SC-205"]


def test_every_code_is_in_the_table() -> None:
    """Codes that are raised are codes that are documented."""
    assert set(yamlfile._HELP) | {"SC-200"} == set(yamlfile.COMPLAINTS)


@given(st.one_of(st.text(alphabet="ab:-[]{}&*!|>'\"\\%@#?,~ \n\t0123<=.ux", max_size=60), st.text(max_size=60)))
def test_arbitrary_text_gives_a_document_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """No text makes the reader fail in any other way."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "replace"))
    for as_written in (True, False):
        with contextlib.suppress(SenderError):
            assert isinstance(yamlfile.read(path, as_written=as_written).data, dict)
