"""A rule made, tried, changed, taken out and put back in a real browser, by keyboard alone."""

import difflib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import told
from tests.browser.chromium import chromium, served

pytestmark = pytest.mark.e2e

MINE = """\
# Meine Regeln, von Hand begonnen
never:
  - name: parties   # keine Politik
    when: {phrase: [Parteitag]}
    because: keine Politik   # gesprochen
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a handful of posts and no rules but one."""
    told.write_home(tmp_path, "de")
    file = tmp_path / "config" / "netbot.yaml"
    file.write_text(file.read_text("utf-8") + "\nrules: {shipped: false}\n", "utf-8")
    (tmp_path / "rules" / "values.yaml").write_text("never: []\n", "utf-8")
    (tmp_path / "rules" / "professional").mkdir()
    (tmp_path / "rules" / "professional" / "mine.yaml").write_text(MINE, "utf-8")
    posts = {name: posts[:2] for name, posts in told.story_posts(told.NOW, 2).items()}
    told.show(tmp_path, {}, told.NOW - timedelta(hours=1))
    told.show(tmp_path, posts, told.NOW)
    return tmp_path


@pytest.fixture
def page(browser: Browser, home: Path) -> Iterator[Page]:
    with served(home, lambda: told.NOW) as address:
        page = browser.new_page()
        page.goto(f"{address}/professional")
        yield page
        page.close()


def settle(page: Page) -> None:
    """What is sent in the first moments of a page is ignored; a person takes longer to read."""
    page.locator("html.js").wait_for(state="attached")
    left = "TOO_SOON_MS - (performance.now() - shownAt) + 1"
    page.evaluate(f"new Promise((done) => setTimeout(done, {left}))")


def reach(page: Page, name: str) -> None:
    """Tab on until what has this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if name == page.evaluate(NAME):
            return
    raise AssertionError(f"no Tab leads to {name}")


NAME = """() => {
  const it = document.activeElement;
  const named = it.getAttribute("aria-label") ?? it.labels?.[0]?.firstChild.textContent;
  return (named ?? it.innerText).trim();
}"""


def press(page: Page, name: str) -> None:
    reach(page, name)
    settle(page)
    page.keyboard.press("Enter")


def test_a_rule_is_made_tried_changed_and_taken_out_by_keyboard_alone(page: Page, home: Path):
    file = home / "rules" / "professional" / "mine.yaml"
    press(page, "Regeln")
    expect(page.get_by_role("heading", name="Regeln", exact=True)).to_be_visible()
    press(page, "Neue Regel")
    expect(page.get_by_label("Wörter, die sie sucht")).to_be_focused()
    page.keyboard.type("„Weir House“,Otter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Otter entfernen")).to_be_visible()
    page.keyboard.press("Backspace")
    expect(page.get_by_role("button", name="Otter entfernen")).to_have_count(0)
    expect(page.get_by_role("button", name="„Weir House“ entfernen")).to_be_visible()
    reach(page, "Warum, wie es auf der Karte steht")
    page.keyboard.type("davon habe ich genug")
    press(page, "An den letzten Beiträgen erproben")
    expect(page.get_by_text("Beiträgen gingen 2 anders aus.")).to_be_visible()
    assert file.read_text("utf-8") == MINE

    expect(page.get_by_role("button", name="Regel speichern")).to_be_focused()
    settle(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Gespeichert: weir-house gilt ab jetzt.")).to_be_visible()
    assert came(file) == [
        "+  - name: weir-house",
        "+    when:",
        "+      phrase: [Weir House]",
        "+    because: davon habe ich genug",
    ]

    press(page, "Ändern: parties")
    expect(page.get_by_role("heading", name="Regel parties ändern")).to_be_visible()
    reach(page, "Wörter, die sie sucht")
    page.keyboard.type("„Wahlkampfauftakt“")
    press(page, "An den letzten Beiträgen erproben")
    expect(page.get_by_role("button", name="Regel speichern")).to_be_focused()
    settle(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Gespeichert: parties gilt ab jetzt.")).to_be_visible()
    assert "    because: keine Politik   # gesprochen\n" in file.read_text("utf-8")
    assert "  - name: parties   # keine Politik\n" in file.read_text("utf-8")

    before = file.read_text("utf-8")
    press(page, "Entfernen: weir-house")
    expect(page.get_by_role("heading", name="Regel weir-house entfernen?")).to_be_visible()
    press(page, "Entfernen")
    expect(page.get_by_text("Die Regel weir-house ist weg.")).to_be_visible()
    assert "weir-house" not in file.read_text("utf-8")
    press(page, "Zurücklegen")
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    assert file.read_text("utf-8") == before


def came(file: Path) -> list[str]:
    """The lines that differ from the file as it began."""
    lines = difflib.unified_diff(
        MINE.splitlines(), file.read_text("utf-8").splitlines(), n=0, lineterm=""
    )
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def test_a_mistake_in_the_text_leads_to_its_place(page: Page):
    page.goto(page.url + "/rules/text")
    box = page.get_by_label("rules/professional/mine.yaml")
    box.fill("never:\n  - name: Parties\n    when: {phrase: x}\n    because: y\n")
    settle(page)
    page.get_by_role("button", name="Speichern").click()
    settle(page)
    page.get_by_role("link", name="Zeile 2, Spalte 11").click()
    expect(box).to_be_focused()
    chosen = "(box) => box.value.slice(box.selectionStart, box.selectionEnd)"
    assert box.evaluate(chosen) == "Parties"
