"""Servers that nobody here wrote take whole campaigns, and what they store is what was composed."""

from __future__ import annotations

import pytest

from tests.project import Project
from tests.system.servers import Server
from tests.system.servers_campaigns import large_campaign
from tests.system.servers_letters import demand_equal

SERVERS = ("postfix",)
EXAMPLE, LARGE = 41, 2000


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("way", ["with_login", "without_tls"])
def test_the_example_arrives_as_it_was_composed(server: Server, project: Project, way: str) -> None:
    """With STARTTLS, a login and an authority of our own; and in clear text on loopback."""
    before = server.stored()

    result = project.run("campaigns/spring.yaml", "--yes", "--create", "--json", **getattr(server, way))

    assert result.status == 0, result.err
    assert result.json["summary"]["accepted"] == EXAMPLE
    stored = server.delivered(EXAMPLE, before)
    demand_equal(project, project.campaign, stored, server.trace)


def test_two_thousand_letters_arrive_as_they_were_composed(server: Server, project: Project) -> None:
    """Over ten encrypted connections, each renewed after a hundred letters."""
    campaign, before = large_campaign(project, LARGE), server.stored()

    result = project.run(str(campaign), "--yes", "--create", "--json", **server.with_login)

    assert result.status == 0, result.err
    assert result.json["summary"]["accepted"] == LARGE
    demand_equal(project, campaign, server.delivered(LARGE, before), server.trace)
