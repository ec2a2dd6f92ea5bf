"""Everybody can use every page: by axe, by keyboard, at 400 percent, whatever there is to see.

No page is named here: all that the application answers and a robot can reach is looked at.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, ViewportSize

from netbot import app
from netbot.web import create
from netbot.web.lock import Lock
from tests import robot, told
from tests.browser import axe
from tests.browser.chromium import chromium, served
from tests.caller import PORT, Caller
from tests.fullhouse import FullHouse

pytestmark = pytest.mark.e2e

PASSWORD = "vier Birnen im Nebel"
START = ("/", "/add", "/login", "/door", "/professional/add", "/professional?all=1")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LANGUAGES = ("en", "de")
WIDTHS = (1280, 390)
#: What a page may weigh over the wire, in bytes.
LARGEST = 150_000
#: A window of 1280 by 1024 points, enlarged four times (WCAG 2.2, 1.4.10).
ENLARGED: ViewportSize = {"width": 320, "height": 256}


@dataclass(frozen=True, slots=True)
class House:
    """A home in which everything is going on, served in both languages, and all that leads on."""

    at: dict[str, str]  # addresses of the front, by language
    pages: list[str]  # of each kind one, and more until nothing is left that they do not show
    forms: list[robot.Found]  # one of each kind


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("axe") / "en"
    FullHouse(home).fill()
    page = create(home, port=PORT, clock=lambda: told.NOW)
    walk = robot.walk(Caller(page), START)
    forms = robot.sort(robot.routes(page, "POST"), walk.forms).values()
    with ExitStack() as stack:
        yield House(
            at={name: stack.enter_context(_served(home, name)) for name in LANGUAGES},
            pages=_telling(walk, robot.sort(robot.routes(page), walk.pages)),
            forms=[walk.forms[found[0]] for found in forms if found],
        )


def _telling(walk: robot.Walk, kinds: Mapping[str, list[str]]) -> list[str]:
    """Pages that show everything: each has an element of a kind that none before it has."""
    told_of, seen = list[str](), set[tuple[str, ...]]()
    for paths in kinds.values():
        first = len(told_of)
        for path in sorted(paths, key=lambda path: -len(walk.answers[path].body)):
            shown = {
                (tag, *(facts.get(name, "") for name in ("class", "role", "type", "name")))
                for tag, facts in walk.answers[path].page.tags
            }
            if shown - seen or len(told_of) == first:
                told_of.append(path)
                seen |= shown
    return told_of


def _served(home: Path, language: str) -> Any:
    if language != "en":
        home = shutil.copytree(home, home.with_name(language))
        settings = home / "config" / "netbot.yaml"
        settings.write_text(settings.read_text().replace("language: en", f"language: {language}"))
        for name in app.sphere_names(home):
            app.open_sphere(home, name, told.NOW, fresh=True).close()
    return served(home, lambda: told.NOW)


@pytest.fixture(scope="module")
def browser(house: House) -> Iterator[Browser]:
    """Started after the robot has gone: a thread has either Playwright or a loop of its own."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


def look(page: Page, address: str) -> list[str]:
    """What axe says of an address, light and dark."""
    page.goto(address)
    return inspect(page)


def inspect(page: Page) -> list[str]:
    """What axe says of the page that is open, light and dark."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found += [f"{page.url} {scheme}: {each}" for each in axe.violations(page)]
    return found


#: Sends a form as a page of a process that is no more would.
_SEND_STALE = """(action) => {
  const form = document.querySelector(`form[action="${action}"]`);
  form.querySelector("[name=token]").value = "stale";
  HTMLFormElement.prototype.submit.call(form);
}"""


#: What is wider than the window, or than the box that hides the rest of it. Boxes with a scroll
#: bar of their own hide nothing; what only programs read is no line on the screen.
_CUT_OFF = """() => {
  const isSaidOnly = (each, box) =>
    box.right < 0 && getComputedStyle(each).position === "absolute";
  const wide = document.documentElement.scrollWidth;
  const found = wide > innerWidth ? [`the page is ${wide} wide`] : [];
  for (const each of document.body.querySelectorAll("*")) {
    const box = each.getBoundingClientRect();
    if (!each.checkVisibility() || each.closest(".to-content, svg, option")) continue;
    if (!box.width || !box.height || isSaidOnly(each, box)) continue;
    const name = `${each.localName}.${each.className} ${each.textContent.trim().slice(0, 60)}`;
    if (box.left < -1 || box.right > innerWidth + 1) found.push(`outside: ${name}`);
    const style = getComputedStyle(each);
    const hides = ["hidden", "clip"].includes(style.overflowX);
    if (hides && each.scrollWidth > each.clientWidth + 1) found.push(`cut off: ${name}`);
  }
  return found;
}"""
_CUT = """() => {
  const word = "Wirtschaftsprüfungsgesellschaften";
  const main = document.querySelector("main");
  main.insertAdjacentHTML("beforeend", `<p id="a">${word}</p><div id="b"><p>${word}</p></div>`);
  const [wide, narrow] = ["a", "b"].map((name) => document.getElementById(name).style);
  wide.width = "30rem";
  Object.assign(narrow, {width: "3rem", overflow: "hidden", overflowWrap: "normal"});
}"""

_CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
_NUMBER_CONTROLS = f"""(within) => {{
  const all = [...document.querySelector(within).querySelectorAll("{_CONTROLS}")];
  const isShown = (each) => each.checkVisibility({{visibilityProperty: true}});
  const radios = new Set();
  window.controls = all.filter((each) => {{
    if (!isShown(each) || each.disabled) return false;
    if (each.type !== "radio") return true;
    const first = !radios.has(each.name);
    radios.add(each.name);
    return first;
  }});
  const start = document.createElement("span");
  if (within === "body") document.body.prepend(start);
  else document.querySelector(within).before(start);
  start.tabIndex = -1;
  start.focus();
  return window.controls.length;
}}"""
_CONTROL = "(number) => window.controls[number].outerHTML.slice(0, 200)"
#: Opens everything but what opens above other controls: those one by one, and few are enough.
_UNFOLD = """() => {
  document.querySelectorAll("details:not(.choose)").forEach((each) => (each.open = true));
  window.folds = [...document.querySelectorAll(".choose")].slice(0, 3);
  return window.folds.length;
}"""
#: Which control has the focus, and what is wrong with how it is shown. A part of it must be seen
#: (WCAG 2.2, 2.4.11), and something must tell it from the others (2.4.7).
_FOCUSED = """() => {
  const each = document.activeElement;
  const number = window.controls.findIndex(
    (one) => one === each || (one.type === "radio" && one.name === each.name));
  if (number < 0) return [-1, ""];
  const style = getComputedStyle(each);
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  const box = each.getBoundingClientRect();
  const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) =>
    document.elementFromPoint(box.left + x * box.width, box.top + y * box.height)));
  const seen = points.some((one) => one && (each.contains(one) || one.contains(each)));
  const problem = [marked ? "" : "no mark", seen ? "" : "hidden"].filter(Boolean).join(", ");
  return [number, problem && `${problem}: ${each.outerHTML.slice(0, 200)}`];
}"""


def test_axe_sees_what_is_wrong(page: Page, house: House):
    page.goto(f"{house.at['en']}/professional")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button>')"
    )
    assert [each.partition(":")[0] for each in axe.violations(page)] == ["button-name"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_page_is_fit_for_everybody(
    page: Page, house: House, language: str, width: int
):
    page.set_viewport_size({"width": width, "height": 900})
    found = [each for path in house.pages for each in look(page, house.at[language] + path)]
    assert found == []
    assert page.goto(house.at[language] + house.pages[0])
    assert page.locator("html").get_attribute("lang") == language


def test_a_form_that_was_not_heard_comes_back_fit_for_everybody(page: Page, house: House):
    """Each deed's page with a problem, as it is after netbot was started anew."""
    page.set_viewport_size({"width": 390, "height": 844})
    found = []
    for each in house.forms:
        page.goto(house.at["en"] + each.page)
        with page.expect_navigation():
            page.evaluate(_SEND_STALE, each.form.action)
        assert page.locator("[role=alert]").count(), each.form.action
        found += inspect(page)
    assert found == []
    assert len(house.forms) >= 15


def test_the_door_is_fit_for_everybody(browser: Browser, tmp_path: Path):
    """Set a password, be in, be out, come in again; each of them in vain at first."""
    told.write_home(tmp_path, "en")
    lock = Lock(tmp_path / "data" / "web.db", must=False, now=lambda: told.NOW)
    with (
        served(tmp_path, lambda: told.NOW) as at,
        browser.new_page(viewport={"width": 390, "height": 844}) as page,
    ):
        link = f"{at}/set-up/{lock.link()}"
        found = look(page, link)
        found += send(page, "form.door", {"password": "1234", "again": "1234"}, problem=True)
        found += send(page, "form.door", {"password": PASSWORD, "again": PASSWORD})
        found += look(page, link)
        found += look(page, f"{at}/door")
        wrong = {"old": "wrong", "password": "a", "again": "b"}
        found += send(page, "form.door", wrong, problem=True)
        page.goto(f"{at}/professional")
        found += send(page, "form.leave", {})
        found += send(page, "form.door", {"password": "wrong"}, problem=True)
        found += send(page, "form.door", {"password": PASSWORD})
        assert urlsplit(page.url).path == "/professional"
    lock.close()
    assert found == []


def send(page: Page, form: str, values: Mapping[str, str], *, problem: bool = False) -> list[str]:
    """What axe says of what a form leads to."""
    for name, value in values.items():
        page.fill(f"{form} [name={name}]", value)
    with page.expect_navigation():
        page.evaluate("(form) => document.querySelector(form).submit()", form)
    assert bool(page.locator("[role=alert]").count()) is problem, page.url
    return inspect(page)


def test_enlarged_four_times_nothing_is_cut_off_and_nothing_leads_aside(page: Page, house: House):
    page.set_viewport_size(ENLARGED)
    found = []
    for path in house.pages:
        for language in LANGUAGES:
            page.goto(house.at[language] + path)
            found += [f"{path} {language}: {each}" for each in page.evaluate(_CUT_OFF)]
    assert found == []


def test_the_look_for_what_is_cut_off_finds_it(page: Page, house: House):
    page.set_viewport_size(ENLARGED)
    page.goto(f"{house.at['en']}/professional")
    page.evaluate(_CUT)
    assert len(page.evaluate(_CUT_OFF)) >= 3


def test_every_control_is_reached_by_key_and_seen_there(page: Page, house: House):
    page.set_viewport_size({"width": 390, "height": 844})
    found = []
    for path in house.pages:
        page.goto(house.at["en"] + path)
        folds = page.evaluate(_UNFOLD)
        found += [f"{path}: {each}" for each in walk_by_key(page, "body")]
        for number in range(folds):
            page.evaluate("(number) => (window.folds[number].open = true)", number)
            found += [f"{path}: {each}" for each in walk_by_key(page, ".choose[open]")]
    assert found == []


def walk_by_key(page: Page, within: str) -> list[str]:
    """Press Tab until all controls there had the focus; what is wrong with any of them."""
    wanted = page.evaluate(_NUMBER_CONTROLS, within)
    assert wanted > 0
    found, reached = [], set[int]()
    for _ in range(wanted + 10):
        page.keyboard.press("Tab")
        number, problem = page.evaluate(_FOCUSED)
        reached.add(number)
        found += [problem] if problem else []
        if reached >= set(range(wanted)):
            break
    missing = set(range(wanted)) - reached
    return found + [f"not reached: {page.evaluate(_CONTROL, each)}" for each in missing]


def test_no_page_is_heavy_or_asks_anybody_else(browser: Browser, house: House):
    """With all that belongs to it, and nothing from a cache."""
    hosts = set[str]()
    with browser.new_context() as context:
        context.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
        weights = {path: weigh(context, house.at["en"] + path) for path in house.pages}
    assert {path: each for path, each in weights.items() if not 1_000 < each <= LARGEST} == {}
    assert hosts == {urlsplit(house.at["en"]).netloc}


def weigh(context: BrowserContext, address: str) -> int:
    """What comes over the wire for a page, in bytes."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    with context.new_page() as page:
        page.on("response", note)
        page.goto(address)
        sizes = [answer.request.sizes() for answer in answers]
    return sum(each["responseHeadersSize"] + each["responseBodySize"] for each in sizes)
