"""Scanners, and whoever sends what nobody should: nothing changes, nothing breaks, nobody is told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from schemathesis import Case

from sender.web import Bucket, Limits
from sender.web.joining import FIELDS
from tests.integration.test_web_joining import OFFER
from tests.pages import LETTERS, ONE_CLICK, Scene

FREE = Limits(*(Bucket(10**9, 0.0) for _ in range(7)))
METHODS = ("GET", "HEAD", "OPTIONS")
PREFETCH = ({}, {"purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}, {"x-moz": "prefetch"})

_TOKEN = {"name": "token", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
_FORM = {
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "properties": {
                    name: {"type": "string"}
                    for name in (
                        *("undo", "reason", "language", "List-Unsubscribe"),
                        *FIELDS,
                        "refused",
                        "most",
                        "spoken",
                        "sure",
                        "shown",
                        "new_first_name",
                    )
                },
            }
        },
        "multipart/form-data": {"schema": {"type": "object", "properties": {"undo": {"type": "string"}}}},
    }
}
_ANY = {"responses": {"default": {"description": "a page"}}}
SCHEMA = schemathesis.openapi.from_dict(
    {
        "openapi": "3.1.0",
        "info": {"title": "pages", "version": "1"},
        "paths": {
            "/u/{token}": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/u/{token}/undo": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/u/{token}/reason": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/u/{token}/choices": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/u/{token}/address": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/opt-in": {"get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/opt-in/{token}": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/address/{token}": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/u/{token}/data": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            "/my-data/{token}": {"parameters": [_TOKEN], "get": _ANY, "post": {**_ANY, "requestBody": _FORM}},
            **{
                f"/my-data/{{token}}/{step}": {
                    "parameters": [_TOKEN],
                    "get": _ANY,
                    "post": {**_ANY, "requestBody": _FORM},
                }
                for step in ("see", "download", "fields", "correct", "restrict", "object", "delete")
            },
            "/u/{token}/privacy": {"parameters": [_TOKEN], "get": _ANY, "post": _ANY},
            "/privacy": {"get": _ANY, "post": _ANY},
            "/health": {"get": _ANY, "post": _ANY},
            "/metrics": {"get": _ANY},
            "/logo": {"get": _ANY},
        },
    }
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "opt-in.toml").write_text(OFFER.replace('topics = ["rgpd", "paie"]', ""), encoding="utf-8")
    with Scene.open(folder, f'{LETTERS}opt_in = "opt-in.toml"\nrelay = "smtp+plain://127.0.0.1:1"\n') as scene:
        yield scene


@pytest.fixture(scope="module")
def client(scene: Scene) -> Iterator[TestClient[Litestar]]:
    with scene.client(limits=FREE) as client:
        yield client


@pytest.mark.parametrize("cookies", [{}, {"session": "x"}], ids=["without cookies", "with cookies"])
def test_a_scanner_changes_nothing(tmp_path: Path, cookies: dict[str, str]) -> None:
    """Every link of every page, three levels deep, by every method that only looks: the same bytes afterwards."""
    with Scene.open(tmp_path) as scene, scene.client(limits=FREE) as client:
        client.post(scene.page, data=ONE_CLICK)
    with Scene.open(tmp_path) as scene:
        before = scene.kept()
        with scene.client(limits=FREE) as client:
            client.cookies.update(cookies)
            everywhere = {path.replace("{token}", scene.token) for path in paths_of(client.app)}
            seen = follow(client, {scene.page, scene.stranger, *everywhere}, 3)
        assert scene.kept() == before
    assert len(seen) > 12


def paths_of(app: Litestar) -> set[str]:
    """Every path that a route answers, as the schema writes it."""
    return {route.path.replace("{token:str}", "{token}") for route in app.routes}


def test_no_route_is_forgotten_here(client: TestClient[Litestar]) -> None:
    assert paths_of(client.app) == set(SCHEMA.raw_schema["paths"])


def follow(client: TestClient[Litestar], level: set[str], depth: int) -> set[str]:
    """Whatever stands in a page as a link, a picture or the address of a button is asked for."""
    seen: set[str] = set()
    for _ in range(depth):
        found: set[str] = set()
        for path in level - seen:
            answers = [client.request(method, path, headers=how) for method in METHODS for how in PREFETCH]
            assert all(answer.status_code < 500 for answer in answers)
            links = re.findall(r'(?:href|src|action)="([^"]*)"', answers[0].text)
            found |= {urljoin(path, unescape(link)) for link in links}
        seen |= level
        level = found
    return seen | level


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_a_page(client: TestClient[Litestar], case: Case) -> None:
    """Whatever comes, well or badly made: an answer that is no fault, no trace of the program, locked down."""
    request = case.as_transport_kwargs(base_url="http://testserver")
    answer = client.request(
        request["method"],
        request["url"],
        params=request.get("params"),
        headers={name: value for name, value in (request.get("headers") or {}).items() if value.isascii()},
        content=request["data"] if isinstance(request.get("data"), bytes) else b"x",
    )

    assert answer.status_code < 500
    assert "Traceback" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@settings(max_examples=60, deadline=None)
@given(
    guess=st.text(st.characters(codec="ascii", categories=("L", "N"), include_characters="-_"), min_size=1),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    below=st.sampled_from(["", "/undo", "/reason"]),
)
def test_no_guess_is_told_from_another(
    client: TestClient[Litestar], scene: Scene, guess: str, method: str, below: str
) -> None:
    """A guess, and a link of somebody with one character changed: the same answer in status, headers and bytes."""
    near = scene.token[:-2] + ("AA" if not scene.token.endswith("AA") else "BA")
    one, other = (client.request(method, f"/u/{token}{below}") for token in (guess, near))

    assert (one.status_code, one.headers, one.content) == (other.status_code, other.headers, other.content)
    assert one.status_code in {404, 405}


def test_a_guess_costs_the_same_work(
    client: TestClient[Litestar], scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No look at the base, whoever it seems to name: time could tell nobody apart but those with a genuine link."""
    asked: list[str] = []
    monkeypatch.setattr(type(scene.house.store), "read", lambda _self: asked.append("read"))
    monkeypatch.setattr(type(scene.house.store), "write", lambda _self: asked.append("write"))
    for token in ("x", scene.token[:-2] + "AA", "A" * 90):
        client.get(f"/u/{token}")
        client.post(f"/u/{token}", data=ONE_CLICK)

    assert asked == []
