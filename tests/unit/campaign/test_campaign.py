"""The campaign file: what it means, and what is said about a wrong one."""

import contextlib
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sender import campaign
from sender.errors import Exit, InputError, MissingFile, SenderError
from sender.model import Campaign, LegalBasis, SourceKind

SPRING = """\
campaign: spring-2026
language: fr
sender:
  name: Éluard Conseil
  from: conseil@eluard.example
  reply_to: conseil@eluard.example
  legal: {form: SAS, capital: 50 000 €, siren: "123456782", rcs: Paris,
          registered_office: "12 rue de la Paix, 75002 Paris, France"}
offer:
  what: Audit de conformité RGPD des fichiers de prospection
  functions: [legal, data_protection, general_management]
  because: Ces fonctions répondent de la conformité des traitements de leur entreprise.
audience:
  contacts: spring-contacts.csv
  source: {kind: trade_show, name: Salon du droit 2026, collected_on: 2026-03-12}
  notice: {version: "2026-01", given_on: 2026-03-12, objection_offered: true}
basis: legitimate_interest
processing: {record: PROSP-01, balancing_test: lia-2026.md}
message:
  subject: "{{ contact.company }} : vos fichiers de prospection sont-ils conformes ?"
  html: mail.html
  text: mail.txt
schedule: {zone: Europe/Paris, not_before: 2026-04-02T09:00, not_after: 2026-04-30T18:00}
"""

SMALLEST = """\
campaign: small
language: en
sender: {from: us@firm.example}
audience: {contacts: spring-contacts.csv}
basis: none
message: {subject: Hello, html: mail.html}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("spring-contacts.csv", "mail.html", "mail.txt", "a.pdf"):
        (tmp_path / name).write_text(name)
    return tmp_path


def load(folder: Path, text: str) -> Campaign:
    path = folder / "spring.yaml"
    path.write_text(text, encoding="utf-8")
    return campaign.load(path)


def complaints(folder: Path, text: str) -> list[tuple[str, str]]:
    """Code and ``line:column`` of each complaint."""
    with pytest.raises(InputError) as caught:
        load(folder, text)
    assert all(one.why and one.todo for one in caught.value.complaints)
    return [(one.code, f"{one.place.line}:{one.place.column}") for one in caught.value.complaints if one.place]


def the_one(folder: Path, old: str, new: str, base: str = SPRING) -> tuple[str, str]:
    """Code and full text of the one complaint after a change."""
    assert old in base
    with pytest.raises(InputError) as caught:
        load(folder, base.replace(old, new))
    (one,) = caught.value.complaints
    return one.code, str(one)


def test_the_whole_file(folder: Path) -> None:
    """Every key of the example arrives in its place of the campaign."""
    spring = load(folder, SPRING)

    assert (spring.name, spring.language, spring.basis) == ("spring-2026", "fr", LegalBasis.LEGITIMATE_INTEREST)
    assert (spring.sender.name, str(spring.sender.from_)) == ("Éluard Conseil", "conseil@eluard.example")
    assert (spring.sender.country, spring.sender.legal.siren) == ("FR", "123456782")
    assert spring.sender.legal.capital == "50 000 €"
    assert spring.offer.functions == ("legal", "data_protection", "general_management")
    assert spring.audience.contacts == folder / "spring-contacts.csv"
    assert spring.audience.default.kind is SourceKind.TRADE_SHOW
    assert spring.audience.default.record == "Salon du droit 2026"
    assert spring.audience.default.notice.given
    assert spring.audience.default.notice.given_on == date(2026, 3, 12)
    assert spring.processing.balancing_test == folder / "lia-2026.md"
    assert spring.message.text == folder / "mail.txt"
    assert spring.schedule is not None
    assert spring.schedule.not_before == datetime(2026, 4, 2, 7, 0, tzinfo=UTC)
    assert spring.schedule.zone == ZoneInfo("Europe/Paris")
    assert (spring.place("sender.legal.siren").line, spring.place("sender.legal.siren").column) == (7, 41)
    assert spring.place("offer.functions.1").line == 11


def test_nobody_was_met_or_told_in_the_future(folder: Path) -> None:
    """A mistyped year is a mistake in the campaign file, said at its place, and not a reason for each contact."""
    spring = load(folder, SPRING)
    campaign.demand_past(spring, date(2026, 3, 12))
    with pytest.raises(InputError) as caught:
        campaign.demand_past(spring, date(2026, 3, 11))
    found = [(one.code, f"{one.place.line}:{one.place.column}") for one in caught.value.complaints if one.place]
    assert found == [("SC-230", "15:57"), ("SC-230", "16:32")]
    campaign.demand_past(load(folder, SMALLEST), date(1970, 1, 1))


def test_what_gates_judge_may_be_absent(folder: Path) -> None:
    """No legal block, offer, source, notice, processing: it loads, with nothing invented, for the gates to refuse."""
    small = load(folder, SMALLEST)

    assert small.sender.name == ""
    assert small.sender.country is None
    assert small.sender.legal.siren is None
    assert (small.offer.what, small.offer.functions, small.offer.because) == ("", (), None)
    assert small.audience.default.kind is SourceKind.UNKNOWN
    assert not small.audience.default.notice.given
    assert not small.audience.default.notice.objection_offered
    assert (small.processing.record, small.processing.balancing_test) == (None, None)
    assert small.schedule is None


def test_keys_without_value_count_as_absent(folder: Path) -> None:
    """A template copied and not filled in does not claim anything."""
    small = load(folder, SMALLEST + "offer:\nprocessing:\n  record:\nschedule:\n")

    assert small.processing.record is None
    assert small.schedule is None


def test_all_complaints_at_once_in_the_order_of_the_file(folder: Path) -> None:
    """One reading shows every mistake, so that one correction is enough."""
    text = (
        SPRING.replace("language: fr", "langage: fr")
        .replace("123456782", "123456789")
        .replace("legal,", "lawyers,")
        .replace("mail.html", "nowhere.html")
        .replace("2026-03-12}", "12/03/2026}")
    )

    assert complaints(folder, text) == [
        ("SC-211", "1:1"),
        ("SC-210", "2:1"),
        ("SC-216", "7:41"),
        ("SC-218", "11:15"),
        ("SC-222", "15:57"),
        ("SC-221", "21:3"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("language: fr", "language: french", "SC-228", "language: fr"),
        ("campaign: spring-2026", "campaign: printemps été", "SC-214", "without accents"),
        ("campaign: spring-2026", "campaign: ../evil", "SC-214", "begin with a letter"),
        ("campaign: spring-2026", f"campaign: {'x' * 65}", "SC-214", "64 at most"),
        ("campaign: spring-2026", "campaign: [a]", "SC-212", "text is expected"),
        ("  name: Éluard Conseil", "  nom: Éluard Conseil", "SC-210", 'Did you mean "name"?'),
        ("  name: Éluard Conseil", "  subject: x", "SC-210", "It belongs under  message"),
        ("  name: Éluard Conseil", '  name: "A\\r\\nBcc: x@y.example"', "SC-219", "headers of its own"),
        ("  name: Éluard Conseil", '  name: "A\\u2028B"', "SC-219", "one line"),
        ("  name: Éluard Conseil", '  name: "A\\u0007B"', "SC-219", "control character"),
        ("  reply_to: conseil@eluard.example", "  reply_to: Us <a@b.example>", "SC-215", "sender.name"),
        ("  reply_to: conseil@eluard.example", "  country: UK", "SC-227", 'Did you mean "GB"?'),
        ('"123456782"', '"12345678200010"', "SC-216", "first nine digits"),
        ('"123456782"', "12345678", "SC-216", "nine digits"),
        ("capital: 50 000 €", "capital: much", "SC-217", "no amount"),
        ("kind: trade_show", "kind: tradeshow", "SC-213", 'Did you mean "trade_show"?'),
        ("basis: legitimate_interest", "basis: legitimate", "SC-213", "legitimate_interest"),
        ("objection_offered: true", "objection_offered: oui", "SC-213", "true  or  false"),
        ("given_on: 2026-03-12", "given_on: 2026-02-30", "SC-222", "year-month-day"),
        ("functions: [legal, data_protection, general_management]", "functions: legal", "SC-212", "a list"),
        ("[legal,", "[legl,", "SC-218", 'Did you mean "legal"?'),
        ("contacts: spring-contacts.csv", "contacts: .", "SC-221", "no file"),
        ("text: mail.txt", f"text: {'x' * 5000}", "SC-221", "no file"),
        ("text: mail.txt", "attachments: [a.pdf, b.pdf]", "SC-221", "b.pdf"),
        ("text: mail.txt", "headers: {Subject: x}", "SC-229", "message.subject"),
        ("text: mail.txt", "headers: {List-Unsubscribe: x}", "SC-229", "writes it"),
        ("text: mail.txt", 'headers: {"X y": x}', "SC-229", "header's name"),
        ("text: mail.txt", 'headers: {X-A: "x\\ny"}', "SC-219", "one line"),
        ("text: mail.txt", "headers: x", "SC-212", "a block of keys"),
        ("zone: Europe/Paris", "zone: Europe/Pariss", "SC-226", 'Did you mean "Europe/Paris"?'),
        ("zone: Europe/Paris", "zone: /etc/passwd", "SC-226", "not a time zone"),
        ("zone: Europe/Paris, ", "", "SC-211", "zone: Europe/Paris"),
        ("not_before: 2026-04-02T09:00", "not_before: 2026-04-02", "SC-223", "day and time"),
        ("not_before: 2026-04-02T09:00", "not_before: 2026-03-29T02:30", "SC-224", "clocks go forward"),
        ("not_after: 2026-04-30T18:00", "not_after: 2026-04-02T09:00", "SC-225", "could never run"),
        ("not_after: 2026-04-30T18:00", "not_after: 0001-01-01T00:00", "SC-223", "guessed hour"),
        ("  because: Ces", '  override: "a\\nb"\n  because: Ces', "SC-219", "one line"),
    ],
)
def test_one_mistake_one_complaint(folder: Path, old: str, new: str, code: str, words: str) -> None:
    """Each mistake has its code and a sentence that helps."""
    found, text = the_one(folder, old, new)

    assert found == code
    assert words in text


def test_empty_subject(folder: Path) -> None:
    """A mail without a subject is not written."""
    assert the_one(folder, "subject: Hello", 'subject: " "', SMALLEST)[0] == "SC-220"


def test_no_address_in_a_complaint(folder: Path) -> None:
    """What a person reads, mails or logs of a mistake names nobody."""
    text = (
        SPRING.replace("conseil@eluard.example", "jane.roe@@firm.example")
        .replace("basis: legitimate_interest", "basis: jane.roe@firm.example")
        .replace("  name: Éluard", "  jane.roe@firm.example: Éluard")
    )

    with pytest.raises(InputError) as caught:
        load(folder, text)

    assert "roe" not in str(caught.value)
    assert "firm" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("50000", "50 000 €"),
        ("50.000 EUR", "50 000 €"),
        ("50 000,00 €", "50 000 €"),
        ("7 622,45 euros", "7 622,45 €"),
        ("1000", "1 000 €"),
        ("'100 000 CHF'", "100 000 CHF"),
        ("variable, minimum 1 000 €", "variable, minimum 1 000 €"),
    ],
)
def test_capital(folder: Path, written: str, read: str) -> None:
    """Usual ways to write a sum come out alike; others stay."""
    base = SPRING.replace("capital: 50 000 €", f"capital: {written if ',' not in written else repr(written)}")

    assert load(folder, base).sender.legal.capital == read


def test_unquoted_digits_stay_as_written(folder: Path) -> None:
    """A SIREN with a leading zero and a version such as 1.10 lose no digit for want of quotes."""
    spring = load(folder, SPRING.replace('"123456782"', "005520135").replace('"2026-01"', "1.10"))

    assert spring.sender.legal.siren == "005520135"
    assert spring.audience.default.notice.version == "1.10"


def test_accents_are_composed_but_file_names_stay(folder: Path) -> None:
    """Text is compared with templates, so accents are one character; a file has the name that it has."""
    (folder / "me\u0301l.html").write_text("x")

    spring = load(folder, SPRING.replace("Éluard", "E\u0301luard").replace("mail.html", "me\u0301l.html"))

    assert spring.sender.name == "\u00c9luard Conseil"
    assert spring.message.html.name == "me\u0301l.html"


def test_siren_may_be_spaced(folder: Path) -> None:
    """Firms write it in groups of three."""
    assert load(folder, SPRING.replace('"123456782"', "123 456 782")).sender.legal.siren == "123456782"


def test_addresses_that_others_gave_need_a_record(folder: Path) -> None:
    """The name of a broker proves nothing; a reference does."""
    bought = SPRING.replace("kind: trade_show", "kind: purchased")

    assert load(folder, bought).audience.default.record is None
    assert load(folder, bought.replace("name: Salon", "record: Salon")).audience.default.record == "Salon du droit 2026"


def test_an_hour_that_comes_twice_makes_the_window_shorter(folder: Path) -> None:
    """In the night of winter time 02:30 comes twice: start at the later one, end at the earlier one."""
    text = SPRING.replace("not_before: 2026-04-02T09:00", "not_before: 2026-10-25T02:30")
    start = load(folder, text.replace("2026-04-30", "2026-11-30")).schedule
    end = load(folder, SPRING.replace("2026-04-30T18:00", "2026-10-25T02:30")).schedule

    assert start is not None
    assert end is not None
    assert start.not_before is not None
    assert end.not_after is not None
    assert start.not_before.astimezone(UTC).hour == 1
    assert end.not_after.astimezone(UTC).hour == 0


def test_a_time_with_an_offset_is_taken_at_its_word(folder: Path) -> None:
    """09:00Z is eleven o'clock in Paris in April."""
    schedule = load(folder, SPRING.replace("2026-04-02T09:00", '"2026-04-02 09:00:00Z"')).schedule

    assert schedule is not None
    assert schedule.not_before is not None
    assert schedule.not_before.hour == 11


def test_a_read_receipt_header_is_left_to_its_gate(folder: Path) -> None:
    """The file may hold it; the tracking gate judges."""
    text = SPRING.replace("text: mail.txt", "headers: {Disposition-Notification-To: x}")

    assert load(folder, text).message.headers == {"Disposition-Notification-To": "x"}


def test_only_the_campaign_file_itself_is_a_missing_file(folder: Path) -> None:
    """Exit 66 is for the file named on the command line."""
    with pytest.raises(MissingFile) as caught:
        campaign.load(folder / "none.yaml")

    assert caught.value.exit is Exit.FILE_MISSING


def test_digest_follows_content(folder: Path) -> None:
    """A changed template, subject or included file changes its part and no other; the differences say which."""
    include = folder / "footer.html"
    include.write_text("one")
    spring = load(folder, SPRING)
    before = campaign.digest(spring, [include, spring.message.html])
    (folder / "mail.html").write_text("other")

    after = campaign.digest(spring, [include, spring.message.html])
    include.write_text("two")
    later = campaign.digest(spring, [include, spring.message.html])

    assert campaign.differences(before, before) == ()
    assert campaign.differences(before, after) == ("the HTML template has changed",)
    assert campaign.differences(after, later) == (f"{campaign.PARTS['message']} has changed",)
    assert set(before) == set(campaign.PARTS)


def test_digest_ignores_schedule_audience_and_place(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A new date, new rows, or a moved project are no other campaign."""
    moved = tmp_path_factory.mktemp("moved")
    for name in ("spring-contacts.csv", "mail.html", "mail.txt"):
        (moved / name).write_text(name)
    (moved / "spring-contacts.csv").write_text("more rows")

    here = campaign.digest(load(folder, SPRING))
    there = campaign.digest(load(moved, SPRING.replace("2026-04-30", "2026-05-30")))

    assert here == there


def test_digest_of_a_file_that_went_away(folder: Path) -> None:
    """A template removed after loading is a complaint, not a crash."""
    spring = load(folder, SPRING)
    (folder / "mail.html").unlink()

    with pytest.raises(InputError, match="SC-221"):
        campaign.digest(spring)


LINES = st.sampled_from(SPRING.splitlines())
JUNK = st.text(max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.one_of(LINES, JUNK, st.tuples(LINES, JUNK).map("".join)), max_size=25))
def test_arbitrary_text_gives_a_campaign_or_an_error_of_ours(folder: Path, lines: list[str]) -> None:
    """Whatever stands in the file, nothing else comes out."""
    with contextlib.suppress(SenderError):
        assert isinstance(load(folder, "\n".join(lines).encode("utf-8", "replace").decode()), Campaign)


VALUES = st.recursive(
    st.one_of(st.none(), st.text(max_size=8), st.integers(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
KEYS = sorted({word.strip(" {") for line in SPRING.splitlines() for word in line.split(":")[:1]})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(KEYS), VALUES)
def test_any_value_under_any_key(folder: Path, key: str, value: object) -> None:
    """A value of any kind under a known key gives a campaign or complaints that have places."""
    import json

    lines = [line for line in SPRING.splitlines() if not line.strip().startswith(f"{key}:")]
    text = "\n".join([*lines, f"{key}: {json.dumps(value)}"])
    try:
        load(folder, text)
    except SenderError as error:
        found = error.complaints
        assert all(one.place for one in found)


def test_front_door() -> None:
    """What is exported is what is there."""
    assert all(hasattr(campaign, name) for name in campaign.__all__)
