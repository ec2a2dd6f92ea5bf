"""A client added by keyboard in a real browser, without a line of YAML before one's eyes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from netbot.demo.blogserver import BlogServer
from tests.browser.chromium import chromium, served
from tests.newhome import NOW, SPHERE, NewHome

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NewHome]:
    with BlogServer() as blog:
        yield NewHome(tmp_path, blog)


def settle(page: Page) -> None:
    """Forms sent in the first moments of a page are ignored; a person takes longer to read."""
    page.locator("html.js").wait_for(state="attached")
    left = "TOO_SOON_MS - (performance.now() - shownAt) + 1"
    page.evaluate(f"new Promise((done) => setTimeout(done, {left}))")


def tab_to(page: Page, label: str) -> None:
    """Go on by the tabulator until the field of that label has the focus."""
    wanted = page.get_by_label(label, exact=True)
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("field => field === document.activeElement"):
            return
    raise AssertionError(f"no way to {label} by keyboard")


def test_a_client_is_added_by_keyboard_and_the_diff_is_theirs_alone(
    browser: Browser, desk: NewHome
):
    with served(desk.home, lambda: NOW) as address:
        page = browser.new_page()
        hosts: set[str] = set()
        complaints: list[str] = []
        page.on("request", lambda asked: hosts.add(asked.url.removeprefix(address)[:4]))
        page.on("console", lambda told: complaints.append(told.text))
        page.goto(f"{address}/professional/clients/new")
        expect(page.get_by_label("Where they publish")).to_be_focused()
        page.keyboard.type(desk.blog.url("/"))
        settle(page)
        page.keyboard.press("Enter")
        expect(page.get_by_text("left alone: a raffle")).to_be_visible()
        expect(page.get_by_label("Name")).to_be_focused()
        tab_to(page, "Working together since")
        page.keyboard.type("2021")
        tab_to(page, "A word every so many days")
        page.keyboard.type("45")
        settle(page)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{address}/professional/clients/studio-aehrenkranz")
        expect(page.get_by_role("heading", level=1)).to_have_text("Studio Ährenkranz")
        assert "yaml" not in page.content().lower()
        assert complaints == []
        assert all(host.startswith("/") for host in hosts), hosts
        page.close()
    assert desk.read() == SPHERE + (
        "  - id: studio-aehrenkranz\n    name: Studio Ährenkranz\n    language: de\n"
        "    cadence_days: 45\n    since: 2021\n    sources:\n"
        f"      - {desk.blog.url('/feed')}\n"
    )


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_form_is_wider_than_the_screen(browser: Browser, desk: NewHome, width: int):
    paths = ("clients", "clients/new", "clients/acme/edit", "accounts", "settings")
    with served(desk.home, lambda: NOW) as address:
        page = browser.new_page(viewport={"width": width, "height": 700})
        wide = []
        for path in paths:
            page.goto(f"{address}/professional/{path}")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append(path)
        page.close()
    assert wide == []
