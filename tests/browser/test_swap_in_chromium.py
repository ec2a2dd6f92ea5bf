"""What the house answers to a decision takes the place of the page, and nothing typed is lost."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from netbot import app, engine
from netbot.engine import Skip
from netbot.model import SkipReason
from netbot.store import suggestions, texts
from netbot.store.schema import posts
from netbot.web.app import LARGEST_FORM
from netbot.web.lock import Lock
from tests import fifteen, told
from tests.browser.chromium import chromium, served, settle

pytestmark = pytest.mark.e2e

WORDS = "Half a sentence about"
PASSWORD = "correct horse battery staple"
WRITTEN = 14  # a card that waits for words


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    fifteen.tell(home, "en")
    return home


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with served(home, lambda: told.NOW) as at:
        yield f"{at}/professional"


def open_page(browser: Browser, address: str) -> Page:
    page = browser.new_page()
    page.goto(address)
    page.evaluate("window.isTheSame = true")
    return page


def is_the_same(page: Page) -> bool:
    """Whether no other page was loaded since."""
    return bool(page.evaluate("window.isTheSame === true"))


def press(page: Page, *keys: str) -> None:
    settle(page)
    for key in keys:
        page.keyboard.press(key)


def skip_the_first(page: Page) -> None:
    page.locator(".card h2").first.focus()
    press(page, "s", "Enter")


def order_of(home: Path) -> list[int]:
    return [int(card.id.rpartition("-")[2]) for card in fifteen.cards(home)]


def test_the_next_card_comes_without_a_new_page(browser: Browser, home: Path, address: str):
    first, second, *_ = order_of(home)
    page = open_page(browser, address)
    press(page, "s", "Enter")
    page.wait_for_url(re.compile(rf"after={first}$"))
    expect(page.get_by_role("status")).to_have_text("skipped, 14 left")
    expect(page.locator(f"#card-{second}")).to_be_focused()
    expect(page.locator(".card")).to_have_count(14)
    assert is_the_same(page)
    page.close()


def test_words_on_other_cards_stay(browser: Browser, home: Path, address: str):
    page = open_page(browser, address)
    form = f"#approve-{WRITTEN}"
    box, count = page.locator(f"{form} textarea"), page.locator(f"{form} .count")
    drafted = box.input_value()
    box.fill(WORDS)
    counted = count.text_content()
    skip_the_first(page)
    expect(page.locator(".card")).to_have_count(14)
    expect(box).to_have_value(WORDS)
    expect(count).to_have_text(str(counted))

    box.fill(drafted)  # thought better of it
    skip_the_first(page)
    expect(page.locator(".card")).to_have_count(13)
    expect(box).to_have_value(drafted)
    assert is_the_same(page)
    page.close()


def test_a_card_that_changes_meanwhile_is_not_approved_unseen(
    browser: Browser, home: Path, address: str
):
    page = open_page(browser, address)
    box = page.locator(f"#approve-{WRITTEN} textarea")
    box.fill(WORDS)
    with app.open_sphere(home, "professional", told.NOW) as sphere, sphere.store.write() as tx:
        card = suggestions.get(tx, "professional", f"professional-{WRITTEN}")
        texts.put(tx, card.client, ("Another headline",), told.NOW)
        changed = {"title_sha": texts.sha256("Another headline")}
        tx.execute(update(posts).where(posts.c.id == card.post.id).values(changed))
    skip_the_first(page)
    expect(page.locator(f"#card-{WRITTEN}")).to_contain_text("Another headline")
    expect(box).to_have_value(WORDS)
    box.focus()
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("The card has changed")
    expect(page.get_by_label("Your words")).to_have_value(WORDS)
    expect(page.get_by_label("Your words")).to_be_focused()
    assert is_the_same(page)
    page.close()


def test_words_stay_while_another_act_is_done_by_hand(browser: Browser, address: str):
    page = open_page(browser, address)
    page.locator(f"#approve-{WRITTEN} textarea").fill(WORDS)
    other = page.locator(f"#approve-{WRITTEN + 1} textarea")
    other.fill("All of it.")
    press(page, "Control+Enter")
    page.wait_for_url(f"{address}/outbox/{WRITTEN + 1}")
    press(page, "d")
    page.wait_for_url(re.compile(rf"after={WRITTEN + 1}\b"))
    expect(page.locator(f"#approve-{WRITTEN} textarea")).to_have_value(WORDS)
    assert is_the_same(page)
    page.close()


def test_a_refused_decision_says_why(browser: Browser, home: Path, address: str):
    first, *_ = order_of(home)
    page = open_page(browser, address)
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        card, skip = f"professional-{first}", Skip(reason=SkipReason.OTHER)
        engine.decide(sphere.store, sphere.hall, card, skip, told.NOW)
    press(page, "a")
    expect(page.locator(".closed")).to_be_visible()
    expect(page.locator(f"#card-{first}")).to_be_focused()
    assert is_the_same(page)
    page.close()


def test_back_leads_to_what_was_there_before(browser: Browser, home: Path, address: str):
    page = open_page(browser, address)
    skip_the_first(page)
    expect(page.get_by_role("status")).to_have_text("skipped, 14 left")
    here = page.url
    page.locator(f"#approve-{WRITTEN} textarea").fill(WORDS)
    press(page, "Control+Enter")
    page.wait_for_url(f"{address}/outbox/{WRITTEN}")
    expect(page.get_by_role("status")).to_be_empty()
    expect(page.get_by_role("heading", name="By hand")).to_be_visible()
    page.go_back()
    page.wait_for_url(here)
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    assert not is_the_same(page)
    page.evaluate("window.isTheSame = true")
    page.locator(".to-content").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{here}#content")
    assert is_the_same(page)
    page.close()


def test_who_was_logged_out_logs_in_beside_it(browser: Browser, home: Path, address: str):
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    box = page.locator(f"#approve-{WRITTEN} textarea")
    box.fill(WORDS)
    lock = Lock(app.data_folder(home) / "web.db", must=True, now=lambda: told.NOW)
    lock.set_password(PASSWORD, "", "another browser")
    lock.close()
    press(page, "Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("You are no longer logged in.")
    expect(box).to_have_value(WORDS)
    with context.expect_page() as opened:
        page.get_by_role("link", name="Log in").click()
    beside = opened.value
    beside.get_by_label("Password").fill(PASSWORD)
    settle(beside)
    beside.keyboard.press("Enter")
    expect(beside.get_by_role("heading", name="Today")).to_be_visible()
    beside.close()
    box.focus()
    press(page, "Control+Enter")
    page.wait_for_url(f"{address}/outbox/{WRITTEN}")
    expect(page.get_by_label("Your words")).to_have_value(WORDS)
    context.close()


def test_more_words_than_netbot_takes_stay_where_they_are(browser: Browser, address: str):
    page = open_page(browser, address)
    box = page.locator(f"#approve-{WRITTEN} textarea")
    box.fill("x" * (LARGEST_FORM + 1))
    box.focus()
    press(page, "Control+Enter")
    expect(page.get_by_role("status")).to_have_text("Content Too Large")
    expect(box).to_have_value(re.compile("x{1000}"))
    assert is_the_same(page)
    page.close()


def test_another_netbot_than_the_page_is_from_gets_a_page_of_its_own(
    browser: Browser, address: str
):
    page = open_page(browser, address)
    page.locator("head script").first.evaluate("(script) => { script.src += 'old'; }")
    press(page, "s", "Enter")
    expect(page.get_by_role("status")).to_have_text("skipped, 14 left")
    assert not is_the_same(page)
    page.close()


def test_a_house_that_does_not_answer_loses_nothing(browser: Browser, home: Path):
    with ExitStack() as running:
        at = running.enter_context(served(home, lambda: told.NOW))
        page = open_page(browser, f"{at}/professional")
        box = page.locator(f"#approve-{WRITTEN} textarea")
        box.fill(WORDS)
        running.close()
        press(page, "Control+Enter")
        expect(page.get_by_role("status")).to_contain_text("netbot does not answer")
        expect(box).to_have_value(WORDS)
        expect(box).to_be_focused()
        assert is_the_same(page)
        port = int(at.rpartition(":")[2])
        running.enter_context(served(home, lambda: told.NOW, port=port))
        press(page, "Control+Enter")  # of the house before: not ours, and said so
        expect(page.get_by_role("alert")).to_contain_text("started anew")
        expect(page.get_by_label("Your words")).to_have_value(WORDS)
        press(page, "Control+Enter")
        expect(page.get_by_role("heading", name="By hand")).to_be_visible()
        page.close()
