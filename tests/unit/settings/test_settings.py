"""Settings: three sources, one value, and everything that is wrong said at once."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender import settings
from sender.errors import Exit, SettingsError
from sender.settings import RelayUrl, Timeouts, describe, find_project, load, shown
from sender.settings.complaints import SettingFault
from sender.settings.relay import parse_relay, parse_timeouts


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SENDER_", "LC_", "XDG_")) or name == "LANG":
            monkeypatch.delenv(name)


def project(tmp_path: Path, toml: str = "", dotenv: str = "") -> Path:
    (tmp_path / "sender.toml").write_text(toml, encoding="utf-8")
    if dotenv:
        (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
    return tmp_path


def complaints(tmp_path: Path, toml: str = "", dotenv: str = "") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(project(tmp_path, toml, dotenv))
    assert caught.value.exit is Exit.SETTINGS_WRONG
    return [f"{one.code} {one.place}: {one.what} {one.todo}" for one in caught.value.complaints]


def test_defaults(tmp_path: Path) -> None:
    """Without any setting: no relay, a data base and a log in the project, English where no locale says French."""
    made = load(tmp_path)

    assert made.relay is None
    assert made.database == f"sqlite:///{tmp_path}/sender.db"
    assert made.log == f"{tmp_path}/send-campaign.log"
    assert (made.connections, made.frequency_cap, made.log_level) == (10, 12, "info")
    assert made.language == "en"
    assert made.timeouts == Timeouts(30, 300, 300, 120, 180, 600)
    assert made.password() is None


def test_environment_before_dotenv_before_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first source that says something wins; an empty variable says nothing."""
    toml = 'connections = 1\nworkers = 1\nfrequency_cap = 1\nhelo = "one.example"\n'
    dotenv = "SENDER_CONNECTIONS=2\nSENDER_WORKERS=2\n"
    monkeypatch.setenv("SENDER_CONNECTIONS", "3")
    monkeypatch.setenv("SENDER_HELO", "")

    made = load(project(tmp_path, toml, dotenv))

    assert (made.connections, made.workers, made.frequency_cap, made.helo) == (3, 2, 1, "one.example")
    assert {one.name: one.origin for one in shown(made) if one.origin != "default"} == {
        "connections": "environment",
        "workers": ".env",
        "frequency_cap": "sender.toml",
        "helo": "sender.toml",
    }


def test_every_kind_of_value_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """URL, list, seconds, address, command and secret are plain text there, no JSON."""
    for name, value in {
        "RELAY": "smtp://u@relay.example",
        "TIMEOUTS": "connect=5",
        "BOUNCES": "bounces@firm.example",
        "UNSUBSCRIBE_MAILBOX": "stop@firm.example",
        "ACCEPTED_PACKS": "FR, IE@2026-11-23",
        "PAGES_URL": "https://pages.firm.example/",
        "RELAY_PASSWORD": "s3cret",
        "LOG": "journald",
        "DATABASE": "postgresql+psycopg://db/x",
        "HELO": "[127.0.0.1]",
    }.items():
        monkeypatch.setenv(f"SENDER_{name}", value)

    made = load(tmp_path)
    password = made.password()

    assert made.relay == RelayUrl("smtp", "relay.example", 587, "starttls", "u")
    assert made.timeouts == Timeouts(connect=5)
    assert (str(made.bounces), str(made.unsubscribe_mailbox)) == ("bounces@firm.example", "stop@firm.example")
    assert made.accepted_packs == ("FR", "IE@2026-11-23")
    assert made.pages_url == "https://pages.firm.example"
    assert password is not None
    assert password.get_secret_value() == "s3cret"
    assert (made.log, made.database, made.helo) == ("journald", "postgresql+psycopg://db/x", "[127.0.0.1]")


def test_the_project_itself_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found, not set."""
    monkeypatch.setenv("SENDER_PROJECT", "/elsewhere")

    (one,) = complaints(tmp_path)

    assert one.startswith("SC-110 SENDER_PROJECT")


def test_relative_paths_count_from_the_project(tmp_path: Path) -> None:
    """Cron's working folder does not matter."""
    toml = 'database = "data/x.db"\nkeys = "keys"\nlog = "logs/a.log"\nrelay_ca_file = "/etc/ca.pem"\n'

    made = load(project(tmp_path, toml))

    assert made.database == f"sqlite:///{tmp_path}/data/x.db"
    assert made.keys == made.keys_folder("any") == tmp_path / "keys"
    assert made.log == f"{tmp_path}/logs/a.log"
    assert made.relay_ca_file == Path("/etc/ca.pem")


def test_keys_and_state_have_their_own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By base id in the XDG folders; a relative XDG variable is ignored."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/conf")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/u")

    made = load(tmp_path)

    assert made.keys_folder("abc") == Path("/conf/send-campaign/abc")
    assert made.state_folder("abc") == Path("/home/u/.local/state/send-campaign/abc")


@pytest.mark.parametrize(
    ("locale", "language"),
    [({"LANG": "fr_FR.UTF-8"}, "fr"), ({"LC_ALL": "C", "LANG": "fr_FR"}, "en"), ({"LC_ALL": "", "LANG": "fr"}, "fr")],
)
def test_language_follows_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: dict[str, str], language: str
) -> None:
    """LC_ALL, then LC_MESSAGES, then LANG; the first that is not empty."""
    for name, value in locale.items():
        monkeypatch.setenv(name, value)

    assert load(tmp_path).language == language


def test_unknown_settings_are_refused_with_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In all three sources, each at its place."""
    monkeypatch.setenv("SENDER_RELAI", "x")

    found = complaints(tmp_path, "\nconections = 1\n[timeout]\na = 1\n", "A=1\n\nSENDER_HELLO=x\n")

    assert [one.split(" there")[0] for one in found] == [
        f"SC-110 {tmp_path}/sender.toml:2:",
        f"SC-110 {tmp_path}/sender.toml:3:",
        f"SC-110 {tmp_path}/.env:3:",
        "SC-110 SENDER_RELAI:",
    ]
    assert "Did you mean 'connections'?" in found[0]
    assert "Did you mean 'helo'?" in found[2]
    assert "Did you mean 'relay'?" in found[3]


def test_all_wrong_values_at_once(tmp_path: Path) -> None:
    """One reading shows every mistake, without the value itself."""
    found = complaints(
        tmp_path,
        'relay = "http://x"\nconnections = 0\nlanguage = "de"\nbounces = "a@@b"\npages_url = "ftp://x"\n'
        'helo = "a b"\naccepted_packs = "France"\nlog_level = "loud"\n[timeouts]\ndots = 3\n',
    )

    assert [one.split(" ")[0] for one in found] == ["SC-114"] + ["SC-113"] * 8
    assert "/sender.toml:1:" in found[0]
    assert not any("France" in one or "a@@b" in one for one in found)


@pytest.mark.parametrize("text", ["a = [", "a = 1\na = 2", "relay = x"])
def test_broken_toml(tmp_path: Path, text: str) -> None:
    """A syntax error is shown with its line."""
    (one,) = complaints(tmp_path, text)

    assert one.startswith(f"SC-111 {tmp_path}/sender.toml:")


def test_a_setting_below_the_topics_is_no_topic(tmp_path: Path) -> None:
    """TOML puts every later line into the table."""
    (one,) = complaints(tmp_path, '[topics]\npaie = "Paie"\nbounces = "bounces@eluard.example"')

    assert "bounces is a setting and no topic" in one


def test_a_name_is_one_line(tmp_path: Path) -> None:
    """It stands in the From of letters."""
    (one,) = complaints(tmp_path, 'pages_name = "Eluard\\r\\nBcc: all@x.example"')

    assert "more than a line" in one


def test_files_that_are_not_utf_8(tmp_path: Path) -> None:
    """Neither file is guessed at."""
    (tmp_path / "sender.toml").write_bytes(b"a = '\xe9'")
    with pytest.raises(SettingsError, match="SC-111"):
        load(tmp_path)
    (tmp_path / "sender.toml").write_bytes(b"")
    (tmp_path / ".env").write_bytes(b"SENDER_HELO=\xe9")
    with pytest.raises(SettingsError, match="SC-112"):
        load(tmp_path)


def test_broken_line_in_dotenv(tmp_path: Path) -> None:
    """A line that cannot be read is named, not skipped."""
    (one,) = complaints(tmp_path, "", "SENDER_HELO=a.example\nSENDER_RELAY 'x\n")

    assert one.startswith(f"SC-112 {tmp_path}/.env:2:")


@pytest.mark.parametrize(
    ("text", "relay"),
    [
        ("smtp://relay.example", RelayUrl("smtp", "relay.example", 587, "starttls")),
        ("smtp://jo%40x@Relay.example:2525", RelayUrl("smtp", "relay.example", 2525, "starttls", "jo@x")),
        ("smtps://u@relay.example", RelayUrl("smtps", "relay.example", 465, "implicit", "u")),
        ("smtp+plain://127.0.0.1:2525", RelayUrl("smtp+plain", "127.0.0.1", 2525, "none")),
        ("smtp+plain://[::1]", RelayUrl("smtp+plain", "::1", 25, "none")),
        ("smtp+plain://localhost", RelayUrl("smtp+plain", "localhost", 25, "none")),
        ("smtp+plain:///run/relay.sock", RelayUrl("smtp+plain", "", 0, "none", None, "/run/relay.sock")),
        ("smtp+plain://10.0.0.1?insist=plain", RelayUrl("smtp+plain", "10.0.0.1", 25, "none", insisted=True)),
    ],
)
def test_relay_urls(text: str, relay: RelayUrl) -> None:
    """Scheme, user, host and port; TLS unless the mail stays on the machine."""
    assert parse_relay(text) == relay


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("smtp://u:secret@relay.example", "SC-116"),
        ("smtp://u:@relay.example", "SC-116"),
        ("smtp+plain://relay.example", "SC-115"),
        ("smtp+plain://10.0.0.1", "SC-115"),
        ("smtp+plain://localhost.evil.example", "SC-115"),
        ("smtp+plain://10.0.0.1?insist=yes", "SC-114"),
        ("smtp://relay.example/path", "SC-114"),
        ("smtp:///run/socket", "SC-114"),
        ("smtp://relay.example:99999", "SC-114"),
        ("smtp://relay.example:0", "SC-114"),
        ("smtp://re%0d%0alay.example", "SC-114"),
        ("relay.example:25", "SC-114"),
        ("smtp://[::1", "SC-114"),
        ("", "SC-114"),
    ],
)
def test_relay_urls_refused(text: str, code: str) -> None:
    """Clear text over a network, passwords in sight, and what is no URL."""
    with pytest.raises(SettingFault) as caught:
        parse_relay(text)

    assert caught.value.code == code
    assert "secret" not in f"{caught.value.what}{caught.value.why}{caught.value.todo}"


@given(st.one_of(st.text(), st.text().map("smtp://".__add__), st.text().map("smtp+plain://".__add__)))
def test_any_text_is_a_relay_or_refused(text: str) -> None:
    """Clear text never goes to another machine unasked, whatever the URL."""
    try:
        relay = parse_relay(text)
    except SettingFault:
        return
    assert relay.tls != "none" or relay.local or "insist=plain" in text


def test_timeouts() -> None:
    """From text or a table; those not named keep the RFC's values."""
    assert parse_timeouts("connect=5, dot=60") == Timeouts(connect=5, dot=60)
    assert parse_timeouts({"content": 7}) == Timeouts(content=7)
    for wrong in ("connect", "connect=x", "connect=-1", "connect=inf", "connect=nan", "dots=1"):
        with pytest.raises(SettingFault):
            parse_timeouts(wrong)


def test_password_from_file_and_command(tmp_path: Path) -> None:
    """The first line counts; a command runs in the project, without a shell."""
    (tmp_path / "pw").write_text("s3cret\nsecond\n")

    by_file = load(project(tmp_path, 'relay_password_file = "pw"')).password()
    by_command = load(project(tmp_path, 'relay_password_command = "cat pw"')).password()
    by_list = load(project(tmp_path, 'relay_password_command = ["cat", "pw"]')).password()

    assert by_file is not None
    assert by_file == by_command == by_list
    assert by_file.get_secret_value() == "s3cret"


@pytest.mark.parametrize(
    "toml",
    [
        'relay_password_file = "none"',
        'relay_password_file = "."',
        'relay_password_command = "false"',
        'relay_password_command = "true"',
        'relay_password_command = "no-such-command-anywhere"',
        """relay_password_command = ["sh", "-c", "echo s3cret; echo s3cret >&2; exit 3"]""",
    ],
)
def test_password_that_cannot_be_fetched(tmp_path: Path, toml: str) -> None:
    """A clear error that shows nothing of what the command said."""
    with pytest.raises(SettingsError, match="SC-118") as caught:
        load(project(tmp_path, toml)).password()

    assert "s3cret" not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!s}"


def test_password_command_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up, and says so."""
    monkeypatch.setattr("sender.settings.declared.PASSWORD_SECONDS", 0.05)

    with pytest.raises(SettingsError, match="no answer"):
        load(project(tmp_path, 'relay_password_command = "tail -f /dev/null"')).password()


def test_two_passwords_are_one_too_many(tmp_path: Path) -> None:
    """Which one counts is not guessed."""
    (one,) = complaints(tmp_path, 'relay_password_file = "pw"\n', "SENDER_RELAY_PASSWORD=x1y2\n")

    assert one.startswith("SC-117")
    assert "x1y2" not in one


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    """Neither repr, nor dump, nor `settings show` has the passwords of relay and data base."""
    toml = 'relay_password = "s3cret"\ndatabase = "postgresql+psycopg://u:p%40ssw0rd@db/x"\n'

    made = load(project(tmp_path, toml))
    seen = repr(made) + str(made) + "".join(map(str, shown(made)))

    assert "s3cret" not in seen
    assert "ssw0rd" not in seen
    assert {"s3cret", "p%40ssw0rd", "p@ssw0rd"} <= set(made.secrets())


def test_project_is_the_nearest_folder_with_sender_toml(tmp_path: Path) -> None:
    """Upward from the campaign file; without any, the campaign file's own folder."""
    deep = tmp_path / "campaigns" / "spring"
    deep.mkdir(parents=True)
    (deep / "spring.yaml").touch()

    assert find_project(deep / "spring.yaml") == deep
    (tmp_path / "sender.toml").touch()
    assert find_project(deep / "spring.yaml") == tmp_path
    assert find_project(deep) == tmp_path


def test_describe_names_every_setting_once() -> None:
    """Documentation, sample and `settings show` are printed from it."""
    infos = list(describe())

    assert len({info.name for info in infos}) == len(infos) >= 20
    assert all(info.description and info.type and info.default for info in infos)
    assert [info.name for info in infos if info.secret] == ["relay_password", "collect_password"]
    assert infos[0].variable == "SENDER_RELAY"
    assert "project" not in {info.name for info in infos}


def test_front_door() -> None:
    """What is exported is what is there."""
    assert all(hasattr(settings, name) for name in settings.__all__)


def test_settings_do_not_load_the_log_library() -> None:
    """Start-up matters for a command line."""
    import subprocess
    import sys

    code = "import sys, sender.settings; print('structlog' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
