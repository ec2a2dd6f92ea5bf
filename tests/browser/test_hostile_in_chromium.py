"""Hostile words in every field of a feed, on every page, in a real browser: words they stay."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from netbot import clock
from netbot.demo.blogserver import BlogServer
from netbot.web import create
from tests import robot
from tests.browser.chromium import chromium, served
from tests.browser.hostilefeed import SPHERE, Reader, strings
from tests.caller import PORT, Caller

pytestmark = pytest.mark.e2e

NOW = clock.now()
A_PAGE = 50
ALL = strings()
#: How many strings each page holds, and all of them page by page.
SHARES = [ALL[first : first + A_PAGE] for first in range(0, len(ALL), A_PAGE)]
EACH = int(os.environ.get("NETBOT_SOAK", "1"))  # how many pages of a kind are looked at

TODAY = f"/{SPHERE}?all=1"

#: Run before anything of the page is: what the policy stops is told here.
LISTEN = """
window.stopped = [];
addEventListener("securitypolicyviolation", (event) => window.stopped.push(
  `${event.violatedDirective} ${event.blockedURI} ${event.sample}`), true);
"""
#: What no page of ours holds, and what can lead or run elsewhere.
LOOK = """() => {
  const found = [...window.stopped];
  const names = "img iframe object embed video audio math template base style marquee canvas frame "
    + "frameset applet portal dialog area map picture source track link[rel=import] "
    + "meta[http-equiv] [contenteditable] [srcdoc] [formaction] [ping] [style] [accesskey]";
  for (const name of names.split(" "))
    for (const each of document.querySelectorAll(name)) found.push(`<${name}> ${each.outerHTML}`);
  for (const each of document.querySelectorAll("*"))
    for (const {name, value} of each.attributes) {
      if (name.startsWith("on")) found.push(`${name}=${value}`);
      if (!["href", "src", "action", "xlink:href"].includes(name)) continue;
      const at = new URL(value, location.href);
      if (!["http:", "https:"].includes(at.protocol)) found.push(`leads to ${value}`);
      if (name !== "href" && at.origin !== location.origin) found.push(`asks ${value}`);
    }
  for (const each of document.querySelectorAll("[id]"))
    if (document.getElementById(each.id) !== each) found.push(`twice: ${each.id}`);
  return found;
}"""
#: Whether each button that says yes is to be seen and sends the form that it belongs to.
BUTTONS = """() => [...document.querySelectorAll(".decide > button.yes")].flatMap((button) => {
  if (!button.checkVisibility()) return [];
  button.scrollIntoView({block: "center", behavior: "instant"});
  const box = button.getBoundingClientRect();
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const form = button.form;
  const told = (name) => form.elements.namedItem(name);
  const problems = {
    covered: !button.contains(over),
    strayed: new URL(form.getAttribute("action"), location.href).origin !== location.origin
      || !/\\/cards\\/\\d+\\/approve$/.test(form.getAttribute("action")) || form.method !== "post",
    parted: form.closest(".card") !== button.closest(".card"),
    named: !["token", "seen", "act"].every((name) => told(name) instanceof HTMLElement),
  };
  return Object.keys(problems).filter((name) => problems[name]).map((name) => `${name} ${form.id}`);
})"""
#: What a page would be that believed a feed.
HARM = """() => {
  const made = document.createElement("div");
  made.innerHTML = "<img src=//evil.example/x onerror=alert(1)><a href=javascript:alert(2)>x</a>"
    + "<a id=content></a>";
  document.body.append(made);
  Object.assign(made.style, {position: "fixed", inset: 0, zIndex: 9});
}"""
CHOOSE = """() => document.querySelectorAll("form.act select").forEach((select) => {
  for (const option of select.options) {
    select.value = option.value;
    select.dispatchEvent(new Event("change"));
  }
})"""


@dataclass(frozen=True, slots=True)
class Served:
    """A home that has read one share of the strings, and what a person reads there of them."""

    reader: Reader
    cards: int
    words: str


@dataclass(frozen=True, slots=True)
class Street:
    """All these homes, the pages that each of them has, and those that tell of posts."""

    homes: list[Served]
    paths: list[str]
    telling: list[str]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("hostile")
    with BlogServer() as server:
        homes = [_read(Reader(folder / str(n), server, NOW), n) for n in range(len(SHARES))]
        caller = _caller(homes[0].reader)
        found = robot.walk(caller, [f"/{SPHERE}", f"/{SPHERE}/add", "/door", TODAY], most=EACH + 1)
        telling = [path for path in found.pages if _tells(found.answers[path].text)]
        yield Street(homes, found.pages, telling)


def _tells(text: str) -> bool:
    return any(" ".join(bad.split())[:40] in text for bad in SHARES[0][2:])


def _read(reader: Reader, number: int) -> Served:
    share = SHARES[number]
    reader.write(share[1])
    cards = reader.read(share, number)
    return Served(reader, cards, _caller(reader).get(TODAY).text)


def _caller(reader: Reader) -> Caller:
    return Caller(create(reader.home, port=PORT, clock=lambda: NOW))


@pytest.fixture(scope="module")
def browser(street: Street) -> Iterator[Browser]:
    """Started after the robot has gone: a thread has either Playwright or a loop of its own."""
    with chromium() as started:
        yield started


@dataclass
class Watch:
    """Everything that a browser does or complains of."""

    said: list[str]
    asked: set[str]

    @classmethod
    def over(cls, context: BrowserContext) -> "Watch":
        watch = cls([], set())
        context.add_init_script(LISTEN)
        context.on("dialog", watch.refuse)
        context.on("console", lambda told: watch.said.append(told.text))
        context.on("weberror", lambda error: watch.said.append(str(error.error)))
        context.on("request", lambda asked: watch.asked.add(urlsplit(asked.url).netloc))
        return watch

    def refuse(self, dialog: Dialog) -> None:
        self.said.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


def test_there_are_strings_enough():
    assert len(ALL) >= 500
    assert len(SHARES) >= 10


def test_in_a_browser_hostile_words_are_only_words(browser: Browser, street: Street):
    found = []
    for home, share in zip(street.homes, SHARES, strict=True):
        with served(home.reader.home, lambda: NOW) as at, browser.new_context() as context:
            watch, page = Watch.over(context), context.new_page()
            paths = street.paths if home is street.homes[0] else street.telling
            for path in (*paths, home.reader.add(share[0])):
                found += [f"{path}: {each}" for each in _look(page, at + path)]
            found += watch.said
            assert watch.asked == {urlsplit(at).netloc}
    assert found == []


def _look(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, address
    page.evaluate(CHOOSE)
    return _problems(page)


def _problems(page: Page) -> list[str]:
    return [*page.evaluate(LOOK), *page.evaluate(BUTTONS)]


def test_what_gets_through_is_seen(browser: Browser, street: Street):
    """Otherwise the test above would show nothing."""
    with served(street.homes[0].reader.home, lambda: NOW) as at, browser.new_context() as context:
        watch, page = Watch.over(context), context.new_page()
        page.goto(at + TODAY)
        assert _problems(page) == []
        page.evaluate(HARM)
        found = _problems(page)
        page.evaluate("new Promise(requestAnimationFrame)")
        found += page.evaluate("window.stopped")
        assert watch.said
    for sign in (
        "<img>",
        "onerror=",
        "img-src",
        "script-src-attr",
        "leads to javascript:",
        "twice: ",
        "covered approve-",
    ):
        assert any(sign in each for each in found), sign


def test_the_words_are_there_to_be_read(street: Street):
    """Otherwise the test above would show nothing."""
    assert all(home.cards >= 30 for home in street.homes[:-1])
    read = [
        bad
        for home, share in zip(street.homes, SHARES, strict=True)
        for bad in share
        if " ".join(bad.split())[:40] in home.words
    ]
    assert len(read) >= 500, set(ALL) - set(read)
