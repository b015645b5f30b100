"""The public pages in a real browser: by keyboard alone, on a telephone and on a desk, in both languages.

Pictures of every page lie in ``test-artefacts/pages`` afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.test_choosing import NADIA, TOPICS, letter_in, link_in
from tests.acceptance.test_own_data import letter_link
from tests.acceptance.test_serve import port_in, serving
from tests.integration.test_web_joining import OFFER
from tests.project import ROOT, Project
from tests.system.servers import needed

ARTEFACTS = ROOT / "test-artefacts" / "pages"
PEOPLE = ("anne", "boris", "carla", "denis", "emma", "felix", "gina", "hugo")
"""The second four keep their address: who moved a few days ago gets no letter about their data."""
VIEWS = [("fr", 360), ("fr", 1280), ("en", 360), ("en", 1280)]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    needed("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass(frozen=True)
class Pages:
    """A running server, and the path of each person's link."""

    origin: str
    links: tuple[str, ...]
    project: Project


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    project = Project.example(tmp_path_factory.mktemp("pages"))
    project.audience(*PEOPLE)
    settings = project.folder / "campaigns" / "sender.toml"
    settings.write_text(f'opt_in = "opt-in.toml"\n{settings.read_text(encoding="utf-8")}{TOPICS}', encoding="utf-8")
    (settings.parent / "opt-in.toml").write_text(OFFER, encoding="utf-8")
    project.practise()
    mails = sorted(project.mails(), key=lambda mail: str(mail["To"]))
    found = (re.search(r"<(https://[^>]+)>", str(mail["List-Unsubscribe"])) for mail in mails)
    links = tuple(urlsplit(one[1]).path for one in found if one)
    assert len(links) == len(PEOPLE)
    with serving(project, "--port", "0") as (_, line):
        yield Pages(f"http://127.0.0.1:{port_in(line)}", links, project)


@pytest.fixture(scope="module")
def own_data(pages: Pages) -> Iterator[Pages]:
    """A second server on the same base: letters that one address asks of a server are counted."""
    with serving(pages.project, "--port", "0") as (_, line):
        yield replace(pages, origin=f"http://127.0.0.1:{port_in(line)}")


@contextmanager
def seen(browser: Browser, language: str, width: int, faults_beside: str = "404") -> Iterator[Page]:
    """A tab without script, as mail programs show pages. What it asks of others, or says in its console, is a fault."""
    context = browser.new_context(locale=language, viewport={"width": width, "height": 800}, java_script_enabled=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if faults_beside not in message.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: faults.append(asked.url) if "127.0.0.1" not in asked.url else None)
    try:
        yield page
        assert faults == []
        assert context.cookies() == []
    finally:
        context.close()


def judged(page: Page, name: str, language: str, width: int) -> str:
    """Nothing that axe finds, nothing to scroll to the side, the language that was asked for; the heading."""
    found = Axe().run(page, options=WCAG).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert page.get_attribute("html", "lang") == language
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{language}-{width}.png", full_page=True)
    return page.inner_text("h1")


def press(page: Page, button: str) -> None:
    """Walk to the button by the tabulator, see where one stands, and press the enter key."""
    for _ in range(20):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.innerText")
        if here.strip() == f"BUTTON {button}":
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", "the focus is not seen"
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {button!r}")


def buttons(page: Page) -> list[str]:
    return [one.inner_text().strip() for one in page.query_selector_all("button")]


@pytest.mark.parametrize(("view", "link"), [(view, number) for number, view in enumerate(VIEWS)])
def test_every_page_by_keyboard(browser: Browser, pages: Pages, view: tuple[str, int], link: int) -> None:
    """Asked, stopped, taken back, stopped again and told why; and a page that is not there."""
    language, width = view
    with seen(browser, language, width) as page:
        page.goto(pages.origin + pages.links[link])
        headings = [judged(page, "ask", language, width)]
        press(page, buttons(page)[0])
        headings.append(judged(page, "done", language, width))
        press(page, buttons(page)[-1])
        headings.append(judged(page, "undone", language, width))
        page.goto(pages.origin + pages.links[link])
        press(page, buttons(page)[0])
        page.focus("input[type=radio]")
        page.keyboard.press("Space")
        press(page, buttons(page)[0])
        headings.append(judged(page, "thanks", language, width))
        page.goto(f"{pages.origin}/nowhere")
        headings.append(judged(page, "not-found", language, width))

    assert len(set(headings)) == len(headings)


def moves(project: Project, new: str, person: str) -> list[tuple[str, str]]:
    """The paths in the letters to the new address, and to the one of before."""
    letters = [(str(mail["To"]), str(mail.get_content())) for mail in project.mails() if not mail.is_multipart()]
    found = [(to, re.search(r"https://\S+/address/\S+", text)) for to, text in letters]
    named = [
        ("new" if new in to else "old", urlsplit(one[0]).path)
        for to, one in found
        if one and (new in to or person in to)
    ]
    return sorted(named)


@pytest.mark.parametrize(("view", "link"), [(view, number) for number, view in enumerate(VIEWS)])
def test_fewer_mails_by_keyboard(browser: Browser, pages: Pages, view: tuple[str, int], link: int) -> None:
    """From the page that stops everything to the one that asks for less: nothing chosen, then one of each."""
    language, width = view
    with seen(browser, language, width, faults_beside="422") as page:
        page.goto(pages.origin + pages.links[link])
        page.focus("p.way a")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        headings = [judged(page, "choices", language, width)]
        press(page, buttons(page)[0])
        headings.append(judged(page, "choices-nothing", language, width))
        page.focus("input[name=refused]")
        page.keyboard.press("Space")
        page.focus("input[name=most][value='4']")
        page.keyboard.press("Space")
        press(page, buttons(page)[0])
        headings.append(judged(page, "choices-done", language, width))
        page.focus("p.way a")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        headings.append(judged(page, "address", language, width))
        page.focus("#email")
        page.keyboard.type(f"w{link}.{NADIA}")
        press(page, buttons(page)[0])
        headings.append(judged(page, "address-sent", language, width))
        letter_in(pages.project, f"w{link}.{NADIA}")  # the second of two
        for name, path in moves(pages.project, f"w{link}.{NADIA}", PEOPLE[link]):
            page.goto(pages.origin + path)
            headings.append(judged(page, f"address-{name}", language, width))
            press(page, buttons(page)[0])
            headings.append(judged(page, f"address-{name}-done", language, width))

    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize(("view", "number"), [(view, number) for number, view in enumerate(VIEWS)])
def test_opting_in_by_keyboard(browser: Browser, pages: Pages, view: tuple[str, int], number: int) -> None:
    """A wrong address told beside its field, the form, the letter's page, its button."""
    language, width = view
    email = f"v{number}.{NADIA}"
    with seen(browser, language, width, faults_beside="422") as page:
        page.goto(f"{pages.origin}/opt-in")
        headings = [judged(page, "opt-in", language, width)]
        page.focus("#email")
        page.keyboard.type("nobody@nowhere")
        press(page, buttons(page)[0])
        headings.append(judged(page, "opt-in-again", language, width))
        page.focus("#email")
        page.keyboard.type(email)
        page.focus("input[name=tracking]")
        page.keyboard.press("Space")
        press(page, buttons(page)[0])
        headings.append(judged(page, "opt-in-sent", language, width))
        page.goto(pages.origin + link_in(letter_in(pages.project, email).get_content()))
        headings.append(judged(page, "opt-in-confirm", language, width))
        press(page, buttons(page)[0])
        headings.append(judged(page, "opt-in-done", language, width))

    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize(("view", "link"), [(view, number) for number, view in enumerate(VIEWS, 4)])
def test_own_data_by_keyboard(browser: Browser, own_data: Pages, view: tuple[str, int], link: int) -> None:
    """From the page that stops everything to the letter; seen, corrected with a mistake and without, restricted."""
    language, width = view
    with seen(browser, language, width, faults_beside="422") as page:
        page.goto(own_data.origin + own_data.links[link])
        page.focus("p.way a[href$=data]")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        headings = [judged(page, "data", language, width)]
        press(page, buttons(page)[0])
        headings.append(judged(page, "data-sent", language, width))
        mine = own_data.origin + letter_link(own_data.project, PEOPLE[link])
        page.goto(mine)
        headings.append(judged(page, "data-mine", language, width))
        press(page, buttons(page)[0])
        headings.append(judged(page, "data-seen", language, width))
        page.goto(mine)
        press(page, buttons(page)[2])
        headings.append(judged(page, "data-fields", language, width))
        page.fill("#new_country", "Atlantis")
        press(page, buttons(page)[0])
        headings.append(judged(page, "data-again", language, width))
        page.fill("#new_country", "FR")
        press(page, buttons(page)[0])
        headings.append(judged(page, "data-corrected", language, width))
        page.goto(mine)
        press(page, buttons(page)[3])
        headings.append(judged(page, "data-restricted", language, width))

    assert len(set(headings)) == len(headings)


def test_the_button_works_without_script(browser: Browser, pages: Pages) -> None:
    """And with pictures and styles off nothing is lost: the words are there."""
    context = browser.new_context(locale="fr", java_script_enabled=False)
    page = context.new_page()
    page.goto(pages.origin + pages.links[0])
    with page.expect_navigation():
        page.click("button")
    words = page.content()
    context.close()

    assert "<script" not in words
    assert Path(urlsplit(page.url).path).name == Path(pages.links[0]).name


@pytest.mark.parametrize(("language", "width"), VIEWS)
def test_the_privacy_notice(browser: Browser, pages: Pages, language: str, width: int) -> None:
    """From the link of a mail by its way, back to the button; and the one that anybody may read."""
    with seen(browser, language, width) as page:
        page.goto(pages.origin + pages.links[-1])
        before = page.inner_text("h1")
        page.focus("p.way a[href$=privacy]")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        own = judged(page, "privacy-own", language, width)
        page.focus("p.way a")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.inner_text("h1") == before != own
        page.goto(f"{pages.origin}/privacy")
        assert judged(page, "privacy", language, width) == own
