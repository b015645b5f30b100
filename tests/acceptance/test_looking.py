"""Commands that look and try: preview, test, status, settings."""

from __future__ import annotations

from tests.acceptance.conftest import Practised
from tests.project import SPRING, Project


def test_preview_writes_letters_that_only_their_owner_can_read(project: Project) -> None:
    """HTML with its logo inside, text, and the whole mail; no data base comes into being, and nothing is sent."""
    result = project.run("preview", SPRING, "--contact", "Anais.DHerouville@ateliers-du-coeur.example")
    names = [line.rpartition("/")[2] for line in result.out.splitlines()]
    folder = project.folder / "campaigns" / "previews"

    assert result.status == 0, result.err
    assert names == ["spring-2026-1.html", "spring-2026-1.txt", "spring-2026-1.eml"]
    html = (folder / names[0]).read_text(encoding="utf-8")
    assert "data:image/png;base64," in html
    assert "cid:" not in html
    assert "D’Hérouville" in (folder / names[1]).read_text(encoding="utf-8")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not list(project.folder.rglob("*.db"))


def test_preview_of_somebody_who_is_not_in_the_file_says_so(project: Project) -> None:
    """The address is not repeated."""
    missing = project.run("preview", SPRING, "--contact", "nobody@nowhere.example")
    mistyped = project.run("preview", SPRING, "--contact", "nobody")

    assert (missing.status, mistyped.status) == (65, 64)
    assert "no such address" in missing.err
    assert "nobody" not in missing.err + mistyped.err


def test_a_test_letter_goes_to_an_address_of_ones_own(project: Project) -> None:
    """In practice into the mailbox; nobody of the file is marked, and who objected gets no test either."""
    sent = project.run("test", SPRING, "--to", "moi@eluard.example", "--practice")
    (mail,) = project.mails()
    project.here("person", "object", "moi@eluard.example", "--practice")
    again = project.run("test", SPRING, "--to", "moi@eluard.example", "--practice")
    mistyped = project.run("test", SPRING, "--to", "moi", "--practice")
    status = project.run("status", SPRING, "--practice", "--json")

    assert sent.status == 0, sent.err
    assert sent.out.startswith("accepted: 250")
    assert "moi@eluard.example" in str(mail["To"])
    assert (again.status, mistyped.status) == (64, 64)
    assert len(project.mails()) == 1
    assert status.json["campaigns"] == []


def test_status_shows_each_campaign_with_numbers_that_add_up(practised: Practised) -> None:
    """By its file, by its name, and all of them."""
    for names in ((SPRING,), ()):
        arguments = ("status", *names, "--practice")
        result = practised.project.run(*arguments) if names else practised.project.here(*arguments)
        assert result.status == 0
        assert "spring-2026" in result.out
        assert "58 in the audience = 41 accepted + 17 held" in result.out


def test_settings_show_where_values_come_from_and_no_secret(project: Project) -> None:
    """Also a password inside a data base's address is three stars."""
    result = project.run(
        "settings",
        "show",
        SPRING,
        SENDER_RELAY_PASSWORD="ZuckerRuebe7",
        SENDER_DATABASE="postgresql+psycopg://sender:RoteBeete9@db.example/sender",
        SENDER_RELAY="smtps://conseil@relay.example",
    )

    assert result.status == 0, result.err
    rows = {line.split()[0]: line for line in result.out.splitlines()}
    assert "ZuckerRuebe7" not in result.out
    assert "RoteBeete9" not in result.out
    assert "***" in rows["relay_password"]
    assert "relay.example" in rows["relay"]
    assert rows["relay"].endswith("environment")
    assert rows["pages_url"].endswith("sender.toml")
    assert rows["frequency_cap"].endswith("default")
