"""From a key to the next card, in Chromium, in a home with many posts and many cards."""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.sync_api import Page

from bench.table import Row
from netbot import app
from netbot.model import Channel, Choice, Post, Ruling, Score, Verb, Verdict
from netbot.store import posts, sources, suggestions
from netbot.store.suggestions import Draft
from netbot.web import serve
from tests.browser.chromium import chromium

POSTS, WAITING = 100_000, 500
CLIENTS = 50
A_DAY, DAYS = 15, 4
TARGET_MS = 100.0
READY_S = 60.0  # so long it may take until the page answers
SPHERE = "professional"
_NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
_RULE = """
champion:
  - {name: opening, when: {phrase: opened}, suggest: [comment], because: "found {match}"}
"""

#: From the key that decides to the frame in which another card has the focus.
_CLOCK = """
const since = () => performance.timeOrigin + performance.now();
const card = () => document.activeElement?.closest?.(".card")?.getAttribute("aria-labelledby");
addEventListener("keydown", (event) => {
  if (event.key === "Enter") sessionStorage.pressed = JSON.stringify([since(), card()]);
}, true);
function look() {
  const [at, was] = JSON.parse(sessionStorage.pressed ?? "[0]");
  if (at && card() && card() !== was) {
    delete sessionStorage.pressed;
    console.log(`took ${since() - at}`);
  }
  requestAnimationFrame(look);
}
look();
"""


def measure() -> Iterator[Row]:
    """Sixty cards skipped by two keys each, on four days."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home)
        took = _decide(home)
    p95 = quantiles(took, n=20)[-1]
    yield Row(
        quantity=f"P9 key to next card in Chromium, {POSTS:,} posts, {WAITING} cards waiting",
        netbot=f"median {sorted(took)[len(took) // 2]:.0f} ms, p95 {p95:.0f} ms",
        beside=f"the slowest of {len(took)} {max(took):.0f} ms",
        value=p95,
        unit=" ms",
        target=TARGET_MS,
    )


def fill(home: Path) -> None:
    """Two spheres: one with many clients, posts and cards, and one with nothing."""
    for name in ("config", "rules"):
        (home / name).mkdir()
    settings = f"language: en\nrules: {{shipped: false}}\nqueue: {{daily_limit: {A_DAY}}}\n"
    (home / "config/netbot.yaml").write_text(settings)
    (home / "config/private.yaml").write_text("accounts: []\nclients: []\n")
    (home / "rules/values.yaml").write_text(_RULE)
    clients = "".join(
        f"  - {{id: c{n}, name: Client {n}, sources: [{_feed(n)}]}}\n" for n in range(CLIENTS)
    )
    accounts = "accounts:\n  - {id: web, network: web, handle: Anna Muster}\n"
    (home / f"config/{SPHERE}.yaml").write_text(f"{accounts}clients:\n{clients}")
    with app.open_sphere(home, SPHERE, _NOW, fresh=True) as sphere:
        known = [source for client in sphere.house.clients for source in client.sources]
        with sphere.store.write() as tx:
            sources.align(tx, known, _NOW)
        for number in range(CLIENTS):
            _fill_client(sphere, number)


def _fill_client(sphere: app.Sphere, number: int) -> None:
    client = f"c{number}"
    with sphere.store.write() as tx:
        (source,) = sources.of_client(tx, client)
        new = [(_post(number, count), None) for count in range(POSTS // CLIENTS)]
        born = posts.insert_posts(tx, source.id, client, new, _NOW - timedelta(days=1))
        newest = posts.by_ids(tx, born[-WAITING // CLIENTS :])
        for post in newest.values():
            choice = Choice(
                verb=Verb.COMMENT,
                target_url=post.post.url,
                account="web",
                network="web",
                channel=Channel.HANDOFF,
            )
            draft = Draft(
                post=post,
                choice=choice,
                alternatives=(),
                verdict=Verdict(ruling=Ruling.PASS, link=None),
                score=Score(total=float(post.id % 97), parts={"fresh": float(post.id % 97)}),
                text="That is good news. […]",
                expires_at=_NOW + timedelta(days=21),
            )
            suggestions.insert_suggestion(tx, draft, _NOW)


def _feed(number: int) -> str:
    return f"https://c{number}.example/feed.xml"


def _post(client: int, number: int) -> Post:
    url = f"https://c{client}.example/{number}"
    return Post(
        network="web",
        url=url,
        title=f"Workshop number {number} has opened",
        text=f"{client} {number} " + "What there is to tell about it. " * 30,
        keys=(f"id:{number}", f"url:{url}", f"hash:{client}-{number}"),
        published_at=_NOW - timedelta(hours=POSTS // CLIENTS - number),
        language="en",
    )


def _decide(home: Path) -> list[float]:
    """How long each took, in milliseconds."""
    took = list[float]()
    with _served(home) as (at, turn_to), chromium() as browser:
        page = browser.new_page()
        page.add_init_script(_CLOCK)
        for day in range(DAYS):
            turn_to(day)
            page.goto(f"{at}{SPHERE}")
            took += [_skip(page) for _ in range(A_DAY - 1)]  # the last one leads to no other card
    return took


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, Callable[[int], None]]]:
    """The page as users have it, in a process of its own; and how its days pass."""
    os.sync()  # what was filled in is written by now, as on any morning
    own = multiprocessing.get_context("spawn")
    day, told = own.Value("i", 0), own.Queue()
    process = own.Process(target=_serve, args=(home, day, told), daemon=True)
    process.start()

    def turn_to(which: int) -> None:
        day.value = which

    try:
        yield told.get(timeout=READY_S), turn_to
    finally:
        process.terminate()
        process.join()


def _serve(home: Path, day: Any, told: Any) -> None:
    def ready(at: str, _link: str) -> None:
        told.put(at)

    serve(home, "127.0.0.1", 0, ready=ready, now=lambda: _NOW + timedelta(days=day.value))


def _skip(page: Page) -> float:
    """Once somebody had the time to read."""
    page.wait_for_timeout(450)
    page.keyboard.press("j")
    page.keyboard.press("s")
    with page.expect_console_message(lambda said: said.text.startswith("took ")) as told:
        page.keyboard.press("Enter")
    return float(told.value.text.removeprefix("took "))
