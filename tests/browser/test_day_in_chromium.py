"""A day of fifteen cards in a real browser: by keys alone, and by plain forms without script."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from netbot import app, engine
from netbot.engine import Skip, Undo
from netbot.model import SkipReason
from tests import fifteen, told
from tests.browser.chromium import chromium, served, settle

pytestmark = pytest.mark.e2e

WORDS = "That picture of the kiln: one can feel the warmth."

#: What is done with which card: netbot sends 1 to 9, 10 to 12 are liked by hand, 13 to 15 written.
PLAN = {
    **dict.fromkeys((1, 2, 3, 4), "approve"),
    **dict.fromkeys((5, 6), "skip"),
    7: "snooze",
    8: "undo",
    9: "contact",
    **dict.fromkeys((10, 11), "like"),
    12: "not done",
    **dict.fromkeys((13, 14, 15), "write"),
}

EVENING: dict[int, tuple[str, str | None]] = {
    **dict.fromkeys((1, 2, 3, 4, 8, 9), ("approved", "pending")),
    **dict.fromkeys((5, 6), ("skipped", None)),
    7: ("snoozed", None),
    **dict.fromkeys((10, 11, 13, 14, 15), ("approved", "confirmed")),
    12: ("approved", "declined"),
}


class Way(Protocol):
    """How somebody gets through the day."""

    def approve(self, card: int) -> None: ...
    def skip(self, card: int) -> None: ...
    def snooze(self, card: int) -> None: ...
    def undo(self, card: int) -> None: ...
    def had_contact(self, card: int) -> None: ...
    def write(self, card: int) -> None: ...
    def act(self, card: int) -> None: ...
    def done(self, card: int) -> None: ...
    def not_done(self, card: int) -> None: ...


class Keys:
    """By keys alone; counts them, those apart that write words."""

    def __init__(self, page: Page, order: Sequence[int]) -> None:
        self.page, self.order = page, list(order)
        self.pressed = 0
        self.spent: dict[int, int] = {}

    def _press(self, *keys: str) -> None:
        settle(self.page)
        for key in keys:
            self.page.keyboard.press(key)
        self.pressed += len(keys)

    def _decided(self, card: int) -> None:
        """The next card is there and has the focus."""
        self.page.wait_for_url(re.compile(rf"[?&]after={card}\b"))
        self.order.remove(card)
        self.spent[card], self.pressed = self.pressed, 0
        if self.order:
            self._has_focus(self.order[0])

    def _has_focus(self, card: int) -> None:
        expect(self.page.locator(f"#card-{card}")).to_be_focused()

    def _slip(self, card: int) -> None:
        self.page.wait_for_url(re.compile(rf"/outbox/{card}$"))
        self._has_focus(card)

    def approve(self, card: int) -> None:
        self._press("a")
        if PLAN[card] in {"like", "not done"}:
            self._slip(card)
        else:
            self._decided(card)

    def skip(self, card: int) -> None:
        self._press("s", "Enter")
        self._decided(card)

    def snooze(self, card: int) -> None:
        self._press("h", "Enter")
        self._decided(card)

    def undo(self, card: int) -> None:
        self._press("z")
        self.page.wait_for_url(re.compile(rf"/cards/{card}$"))
        self.order.insert(0, card)

    def had_contact(self, card: int) -> None:
        self._press("i", "Enter")
        self.page.wait_for_url(re.compile(r"noted=\d"))
        self._has_focus(card)

    def write(self, card: int) -> None:
        self.page.keyboard.press("e")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(WORDS)
        self._press("Control+Enter")
        self._slip(card)

    def act(self, card: int) -> None:
        with self.page.context.expect_page() as opened:
            self._press("o")
        assert opened.value.evaluate("opener") is None
        opened.value.close()
        assert len(self.page.context.pages) == 1
        self.page.evaluate("document.activeElement.blur()")
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
        self._has_focus(card)
        if PLAN[card] == "write":
            assert self.page.evaluate("navigator.clipboard.readText()") == WORDS

    def done(self, card: int) -> None:
        self._press("d")
        self._decided(card)

    def not_done(self, card: int) -> None:
        self._press("x")
        self._decided(card)


class Forms:
    """On a phone without script."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def _card(self, card: int) -> Locator:
        return self.page.locator(".card", has=self.page.locator(f"#card-{card}"))

    def _choose(self, card: int, key: str, value: str) -> None:
        fold = self._card(card).locator(f".choose[data-key={key}]")
        fold.locator("summary").click()
        fold.locator(f"button[value={value}]").click()

    def approve(self, card: int) -> None:
        self._card(card).locator("button.yes").click()

    def skip(self, card: int) -> None:
        self._choose(card, "s", "nonsense")

    def snooze(self, card: int) -> None:
        self._choose(card, "h", "tomorrow")

    def undo(self, card: int) -> None:
        self.page.locator(".status form[data-key=z] button").click()
        self.page.wait_for_url(re.compile(rf"/cards/{card}$"))

    def had_contact(self, card: int) -> None:
        self._choose(card, "i", "today")
        expect(self.page.get_by_role("status")).to_contain_text("Noted")

    def write(self, card: int) -> None:
        self._card(card).locator("textarea").fill(WORDS)
        self.approve(card)

    def act(self, card: int) -> None:
        slip = self._card(card)
        assert slip.locator("a.open").get_attribute("target") == "_blank"
        expect(slip.get_by_role("button", name="Copy")).to_be_hidden()

    def done(self, card: int) -> None:
        self._card(card).locator("form[data-key=d] button").click()

    def not_done(self, card: int) -> None:
        self._card(card).locator("form[data-key=x] button").click()


def live_through(way: Way, order: Sequence[int]) -> None:
    """The day, card after card."""
    for card in order:
        match PLAN[card]:
            case "approve":
                way.approve(card)
            case "skip":
                way.skip(card)
            case "snooze":
                way.snooze(card)
            case "undo":
                way.approve(card)
                way.undo(card)
                way.approve(card)
            case "contact":
                way.had_contact(card)
                way.approve(card)
            case "like" | "not done":
                way.approve(card)
                way.act(card)
                (way.done if PLAN[card] == "like" else way.not_done)(card)
            case _:
                way.write(card)
                way.act(card)
                way.done(card)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The home in the morning, in a language, made once."""
    made: dict[str, Path] = {}

    def morning(language: str) -> Path:
        if language not in made:
            made[language] = tmp_path_factory.mktemp(language) / "home"
            fifteen.tell(made[language], language)
        return made[language]

    return morning


@pytest.fixture
def home(mornings: Callable[[str], Path], tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    language = getattr(request, "param", "en")
    return shutil.copytree(mornings(language), tmp_path / "home")


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with served(home, lambda: told.NOW) as at:
        yield f"{at}/professional"


def order_of(home: Path) -> list[int]:
    return [int(card.id.rpartition("-")[2]) for card in fifteen.cards(home)]


def states_of(home: Path) -> dict[int, tuple[str, str | None]]:
    """What became of every card, and of its newest act."""
    with closing(sqlite3.connect(home / "data" / "professional" / "netbot.db")) as database:
        rows = database.execute(
            "SELECT s.id, s.state, (SELECT o.state FROM outbox o WHERE o.suggestion_id = s.id"
            " ORDER BY o.id DESC LIMIT 1) FROM suggestions s"
        )
        return {number: (card, act) for number, card, act in rows}


def decide(home: Path, number: int, intent: engine.Intent) -> None:
    """As another window would."""
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        card = f"professional-{number}"
        engine.decide(sphere.store, sphere.hall, card, intent, told.NOW)


def alone(browser: Browser, address: str, **facts: Any) -> BrowserContext:
    """A context that reaches our page; everything else answers with a word."""
    context = browser.new_context(**facts)
    origin = address.removesuffix("/professional")
    context.route(
        lambda url: not url.startswith(origin),
        lambda route: route.fulfill(body="elsewhere", content_type="text/plain"),
    )
    return context


@pytest.mark.parametrize("home", ["en", "de"], indirect=True)
def test_fifteen_cards_by_keys_alone(browser: Browser, home: Path, address: str):
    context = alone(browser, address, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address)
    order = order_of(home)
    way = Keys(page, order)
    live_through(way, order)
    assert states_of(home) == EVENING
    plain = [card for card, deed in PLAN.items() if deed in {"approve", "skip", "snooze"}]
    assert max(way.spent[card] for card in plain) <= 2
    assert max(way.spent[card] for card in range(10, 16)) <= 3
    context.close()


def test_fifteen_cards_by_plain_forms_on_a_phone(browser: Browser, home: Path, address: str):
    size = {"width": 390, "height": 844}
    context = alone(browser, address, java_script_enabled=False, viewport=size)
    page = context.new_page()
    page.goto(address)
    box = page.locator(".card .decide").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 844  # the thumb bar is in reach
    live_through(Forms(page), order_of(home))
    assert states_of(home) == EVENING
    context.close()


def test_key_repeat_and_fast_double_keys_decide_nothing_twice(
    browser: Browser, home: Path, address: str
):
    first, second, *_ = order_of(home)
    page = browser.new_page()
    page.goto(address)
    page.evaluate("shownAt = performance.now() + 60_000")
    page.keyboard.press("s")
    page.keyboard.press("Enter")  # before anybody could have read
    expect(page.get_by_role("status")).to_be_empty()
    page.evaluate("shownAt = -TOO_SOON_MS")
    for _ in range(5):
        page.keyboard.down("Enter")  # the first one decides, the others only repeat
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"after={first}\b"))
    expect(page.locator(f".card[aria-labelledby=card-{second}]:focus-within")).to_be_visible()
    skipped = [number for number, (state, _act) in states_of(home).items() if state == "skipped"]
    assert skipped == [first]
    page.close()


def test_news_are_told_and_the_focus_stays(browser: Browser, home: Path, address: str):
    page = browser.new_page()
    page.goto(address)
    box = page.locator(".card textarea").first
    box.focus()
    page.keyboard.type("half a sen")
    top = page.evaluate("scrollY")
    page.evaluate("look()")
    expect(page.get_by_role("status")).to_be_empty()
    decide(home, 1, Skip(reason=SkipReason.OTHER))
    page.evaluate("look()")
    expect(page.get_by_role("status")).to_have_text("Something has changed: look again")
    expect(page.locator("[data-tab=professional] .many")).to_have_text("14")
    expect(box).to_be_focused()
    page.keyboard.type("tence")
    expect(box).to_have_value(re.compile("half a sentence"))
    assert page.evaluate("scrollY") == top

    page.get_by_role("link", name="Something has changed: look again").click()
    decide(home, 1, Undo())
    page.evaluate("look()")
    expect(page.get_by_role("status")).to_have_text("1 new card")
    page.close()


def test_without_a_clipboard_the_text_is_selected_and_phones_share(
    browser: Browser, home: Path, address: str
):
    decide(home, 13, engine.Approve(text=WORDS))
    with app.open_sphere(home, "professional", told.NOW) as sphere:
        engine.hand_off(sphere.store, sphere.hall, "professional-13", told.NOW)
    context = alone(browser, address)
    context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'clipboard', {get: () => undefined});"
        "Navigator.prototype.share = async (told) => { window.shared = told; };"
    )
    page = context.new_page()
    page.goto(f"{address}/outbox/13")
    expect(page.get_by_role("alert")).to_contain_text("the text is selected")
    box = page.get_by_label("Your words")
    chosen = "(box) => box.value.slice(box.selectionStart, box.selectionEnd)"
    assert box.evaluate(chosen) == WORDS
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.get_by_role("button", name="Share").click()
    shared = page.evaluate("shared")
    assert shared == {"text": WORDS, "url": "https://client-12.example/news/12"}
    box.focus()
    settle(page)
    page.keyboard.press("d")  # nothing can be typed into a box that is only read
    page.wait_for_url(re.compile("after=13"))
    context.close()


def test_search_and_own_keys(browser: Browser, home: Path, address: str):
    settings = home / "config" / "netbot.yaml"
    own = '{skip: y, search: ","}'
    settings.write_text(f"{settings.read_text()}web: {{keys: {own}}}\n")
    app.open_sphere(home, "professional", told.NOW, fresh=True).close()
    page = browser.new_page()
    page.goto(address)
    settle(page)
    page.keyboard.press("s")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("y")
    expect(page.get_by_role("button", name="nonsense").first).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press(",")
    page.keyboard.type("söhne harbour")
    page.keyboard.press("Enter")
    expect(page.locator(".found a").first).to_have_attribute("href", "/professional/cards/2")
    page.close()
