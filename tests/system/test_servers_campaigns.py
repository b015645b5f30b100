"""Servers that nobody here wrote take whole campaigns, and what they store is what was composed."""

from __future__ import annotations

import pytest

from tests.project import Project
from tests.system.servers import Server
from tests.system.servers_campaigns import large_campaign
from tests.system.servers_letters import demand_equal

EXAMPLE, LARGE = 41, 2000
WAYS = (
    *(
        ("postfix", way)
        for way in ("with_login", "with_login_in_turn", "with_implicit_tls", "without_tls", "by_socket")
    ),
    *(("exim", way) for way in ("with_login", "with_implicit_tls", "without_tls")),
    ("opensmtpd", "without_tls"),
)
LARGE_WAYS = (
    ("postfix", "with_login"),
    ("postfix", "with_login_in_turn"),
    ("postfix", "without_tls"),
    ("exim", "with_login"),
    ("exim", "without_tls"),
    ("opensmtpd", "without_tls"),
)


def named(request: pytest.FixtureRequest, name: str) -> Server:
    server: Server = request.getfixturevalue(name)
    return server


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_the_example_arrives_as_it_was_composed(
    request: pytest.FixtureRequest, project: Project, name: str, way: str
) -> None:
    """With STARTTLS or implicit TLS, a login and an authority of our own; in clear text; through a unix socket."""
    server = named(request, name)
    before = server.stored()

    result = project.run("campaigns/spring.yaml", "--yes", "--create", "--json", **getattr(server, way))

    assert result.status == 0, result.err
    assert result.json["summary"]["accepted"] == EXAMPLE
    demand_equal(project, project.campaign, server.delivered(EXAMPLE, before), server.trace)


@pytest.mark.parametrize(("name", "way"), LARGE_WAYS)
def test_two_thousand_letters_arrive_as_they_were_composed(
    request: pytest.FixtureRequest, project: Project, name: str, way: str
) -> None:
    """Over ten connections, each renewed after a hundred letters."""
    server = named(request, name)
    campaign, before = large_campaign(project, LARGE), server.stored()

    result = project.run(str(campaign), "--yes", "--create", "--json", **getattr(server, way))

    assert result.status == 0, result.err
    assert result.json["summary"]["accepted"] == LARGE
    demand_equal(project, campaign, server.delivered(LARGE, before), server.trace)
