"""One walk through the page in a real browser, by keyboard and mouse."""

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from netbot import app
from netbot.store import touches
from tests import told
from tests.browser import pictures
from tests.browser.chromium import chromium, served, settle

pytestmark = pytest.mark.e2e

SENTENCE = "A swing on the beam you left bare: that is how a house says thank you."


def now() -> datetime:
    return told.NOW


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told")
    pictures.write_home(home, "en")
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(told_home, tmp_path / "home")


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with served(home, now) as at:
        yield at


class Watch:
    """What the browser complained about, and whom it asked."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", lambda told: self.complaints.append(told.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).netloc))


def test_a_walk_from_the_queue_to_what_was_done(browser: Browser, home: Path, address: str):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.route(
        "**/*",
        lambda route: route.abort() if "penhallow" in route.request.url else route.continue_(),
    )
    page = context.new_page()
    watch = Watch(page)
    page.goto(address)
    expect(page).to_have_url(f"{address}/professional")
    card = page.locator(".card").first
    box = card.get_by_label("Your words")

    page.keyboard.press("j")
    expect(card.get_by_role("heading")).to_be_focused()
    page.keyboard.press("w")
    expect(card.get_by_text("rule finished-work")).to_be_visible()
    page.keyboard.press("w")
    page.keyboard.press("e")
    expect(box).to_be_focused()
    box.fill("")
    page.keyboard.type("aszk")
    expect(box).to_have_value("aszk")
    box.fill(SENTENCE)
    expect(card.get_by_text(f"{len(SENTENCE)} characters")).to_be_visible()
    expect(card.get_by_text("A gap is left")).to_be_hidden()

    settle(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="By hand")).to_be_visible()
    expect(page.locator(".as strong")).to_have_text("Nora Feldkamp")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Copy and open penhallow-reed.example").click()
    assert opened.value.evaluate("opener") is None
    opened.value.close()
    assert page.evaluate("navigator.clipboard.readText()") == SENTENCE

    settle(page)
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("done, 3 left")
    expect(page.locator(".card").first.get_by_role("heading")).to_be_focused()
    with app.open_sphere(home, "professional", told.NOW) as sphere, sphere.store.read() as tx:
        last, *_ = touches.of_client(tx, "professional", "penhallow-reed", limit=5)
    assert (last.text, last.at) == (SENTENCE, told.NOW)
    assert watch.complaints == []
    assert watch.hosts == {urlsplit(address).netloc}
    context.close()


def test_a_decision_that_comes_too_soon_or_again_and_again_is_none(browser: Browser, address: str):
    page = browser.new_page()
    page.goto(f"{address}/professional")
    page.evaluate("shownAt = performance.now() + 60_000")
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_empty()
    page.evaluate("shownAt = -TOO_SOON_MS")
    page.evaluate(
        "dispatchEvent(new KeyboardEvent('keydown', {key: 'a', repeat: true, bubbles: true}))"
    )
    expect(page.get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("skipped, 3 left")
    settle(page)
    page.keyboard.press("z")
    expect(page.get_by_role("heading", name="Suggestion")).to_be_visible()
    page.close()


def test_another_act_changes_what_the_card_says(browser: Browser, address: str):
    page = browser.new_page()
    page.goto(f"{address}/professional")
    card = page.locator(".card").first
    select, box = card.get_by_label("Suggestion:"), card.get_by_label("Your words")
    drafted = box.input_value()
    select.select_option(label="comment as Nora Feldkamp on penhallow-reed.example")
    expect(box).to_have_value(drafted)
    linked = select.locator("option", has_text="LinkedIn").first.get_attribute("value")
    select.select_option(linked)
    expect(box).to_have_value("")
    expect(card.locator(".acting")).to_have_text("as nora-feldkamp-text on LinkedIn")
    expect(card.locator(".count")).to_have_text("0 of 1250 characters")
    expect(card.locator("form.act").get_by_text("if you like")).to_be_visible()
    page.close()


def test_everything_works_without_script(browser: Browser, address: str):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}/professional")
    assert page.locator("kbd:visible").count() == 0
    card = page.locator(".card").first
    card.locator(".yes").click()
    expect(page.get_by_role("alert")).to_contain_text("A gap is left")
    box = page.get_by_label("Your words")
    expect(box).to_be_focused()
    box.fill(SENTENCE)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.get_by_role("button", name="Done", exact=True).click()
    page.locator(".card").first.locator("summary", has_text="Skip").click()
    page.locator(".card").first.get_by_role("button", name="nonsense").click()
    expect(page.get_by_role("status")).to_have_text("skipped, 2 left")
    context.close()


def test_a_contact_is_noted_by_keys_in_the_list_of_clients(browser: Browser, address: str):
    page = browser.new_page()
    page.goto(f"{address}/professional/clients?by=name")
    settle(page)
    for key in ("j", "j", "i", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("status").first).to_contain_text("Noted: you were in touch with")
    expect(page).to_have_url(re.compile(r"/professional/clients\?noted=\d+&by=name$"))
    settle(page)
    page.keyboard.press("z")
    expect(page.get_by_role("status").first).to_contain_text("No longer noted")
    page.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", ["/professional", "/professional/outbox", "/private"])
def test_nothing_is_wider_than_the_screen(browser: Browser, address: str, path: str, width: int):
    page = browser.new_page(viewport={"width": width, "height": 700})
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_pictures_are_taken_in_both_sizes_and_schemes(
    browser: Browser, address: str, tmp_path: Path
):
    taken = pictures.take(browser, f"{address}/professional", tmp_path)
    assert [path.stem for path in taken] == [
        "queue-desktop-light",
        "queue-desktop-dark",
        "queue-phone-light",
        "queue-phone-dark",
    ]
    assert all(10_000 < path.stat().st_size < 400_000 for path in taken)
