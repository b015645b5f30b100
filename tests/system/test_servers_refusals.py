"""What a real server refuses because of us stops the run and is nobody's fault; addresses beyond ASCII."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import Project
from tests.system.servers import PASSWORD, USER, Server
from tests.system.servers_campaigns import campaign_to, contact
from tests.system.servers_letters import demand_equal

RUN = ("campaigns/spring.yaml", "--yes", "--create", "--json")
EXAMPLE = 41


@pytest.fixture(params=["postfix", "exim"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def demand_nobody_marked(project: Project, code: str, settings: dict[str, str], server: Server) -> None:
    """Status 78 with this complaint, all letters wait, the server has nothing."""
    before = server.stored()

    result = project.run(*RUN, **settings)

    assert (result.status, code in result.err) == (78, True), result.err
    assert PASSWORD not in result.err + result.out
    (campaign,) = project.run("status", "campaigns/spring.yaml", "--json").json["campaigns"]
    assert campaign["sums"]["waiting"] == EXAMPLE
    assert not any(campaign["sums"][state] for state in ("accepted", "refused", "deferred", "unknown"))
    assert server.stored() == before


def test_a_wrong_password_marks_nobody(server: Server, project: Project) -> None:
    demand_nobody_marked(project, "SC-602", server.with_login | {"SENDER_RELAY_PASSWORD": "wrong"}, server)


def test_a_certificate_of_a_strange_authority_marks_nobody(server: Server, project: Project) -> None:
    """Neither one that was named by mistake nor the system's will do."""
    stranger = {"SENDER_RELAY_CA_FILE": str(server.certificates.stranger)}
    demand_nobody_marked(project, "SC-603", server.with_login | stranger, server)
    demand_nobody_marked(project, "SC-603", {**server.with_implicit_tls, **stranger}, server)
    system = {name: value for name, value in server.with_login.items() if name != "SENDER_RELAY_CA_FILE"}
    demand_nobody_marked(project, "SC-603", system, server)


def test_a_relay_without_starttls_gets_no_password(server: Server, project: Project) -> None:
    """Nor any letter, although it would take them."""
    settings = {**server.with_login, "SENDER_RELAY": f"smtp://{USER}@localhost:{server.plain}"}
    demand_nobody_marked(project, "SC-604", settings, server)


def test_tls_at_once_is_not_spoken_to_a_relay_that_begins_in_clear_text(server: Server, project: Project) -> None:
    """The scheme is wrong for this port; said as such."""
    settings = {**server.with_login, "SENDER_RELAY": f"smtps://{USER}@localhost:{server.starttls}"}
    demand_nobody_marked(project, "SC-603", settings, server)


def test_a_forgotten_login_marks_nobody(server: Server, project: Project) -> None:
    """These relays refuse each recipient to strangers; the recipients have nothing to do with it."""
    settings = {**server.with_login, "SENDER_RELAY": f"smtp://localhost:{server.starttls}"}
    demand_nobody_marked(project, "SC-608", settings, server)


@pytest.mark.parametrize("way", ["file", "command"])
def test_the_password_may_come_from_a_file_or_a_command(
    postfix: Server, project: Project, tmp_path: Path, way: str
) -> None:
    """A line end after it does not belong to it."""
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    secret.chmod(0o600)
    given = {"file": {"_FILE": str(secret)}, "command": {"_COMMAND": f"cat {secret}"}}[way]
    settings = {name: value for name, value in postfix.with_login.items() if name != "SENDER_RELAY_PASSWORD"}
    settings |= {f"SENDER_RELAY_PASSWORD{name}": value for name, value in given.items()}

    result = project.run(*RUN, "--limit", "1", **settings)

    assert result.status == 0, result.err
    assert result.json["summary"]["accepted_now"] == 1


@pytest.mark.parametrize(("name", "way"), [("postfix", "with_login"), ("exim", "with_login")])
def test_a_mailbox_beyond_ascii_gets_its_letter(
    request: pytest.FixtureRequest, project: Project, name: str, way: str
) -> None:
    """By SMTPUTF8 (RFC 6531), beside one whose domain only is beyond ASCII and one of plain ASCII."""
    server: Server = request.getfixturevalue(name)
    rows = [contact(1), *(contact(number).replace(f"contact{number}@", box) for number, box in ((2, "hélène@"),))]
    rows.append(contact(3).replace("societe-3.example", "société-3.example"))
    campaign, before = campaign_to(project, "beyond", rows), server.stored()

    result = project.run(str(campaign), "--yes", "--create", "--json", **getattr(server, way))

    assert result.status == 0, result.err
    assert result.json["summary"]["accepted_now"] == 3, result.out
    mails = demand_equal(project, campaign, server.delivered(3, before), server.trace)
    boxes = {as_utf8(address.addr_spec) for mail in mails for address in mail["To"].addresses}
    domain = "société-3.example".encode("idna").decode()
    assert boxes == {"contact1@societe-1.example", "hélène@societe-2.example", f"contact3@{domain}"}


def as_utf8(text: str) -> str:
    """What the standard library took for bytes beyond ASCII."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8")


def test_a_relay_without_smtputf8_refuses_only_the_mailbox_beyond_ascii(opensmtpd: Server, project: Project) -> None:
    """It is not asked; the address is not mangled into another one, and the others get their letters."""
    rows = [contact(1), contact(2).replace("contact2@", "hélène@")]
    campaign, before = campaign_to(project, "beyond", rows), opensmtpd.stored()

    result = project.run(str(campaign), "--yes", "--create", "--json", **opensmtpd.without_tls)

    (sums,) = [one["sums"] for one in project.run("status", str(campaign), "--json").json["campaigns"]]
    assert result.status == 0, result.err
    assert (sums["accepted"], sums["refused"]) == (1, 1)
    demand_equal(project, campaign, opensmtpd.delivered(1, before), opensmtpd.trace)
