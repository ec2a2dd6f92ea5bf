"""A worker that is killed again and again while its clients go on writing."""

import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from netbot.demo.blogserver import BlogServer
from tests.processes.running import Daemon, Home, course, wait_for

ROUNDS = 50
BLOG, COPY, OTHER = "/blog.json", "/copy.json", "/other.json"


class Publisher:
    """Two clients who write; one shows some posts in a second place, under other ids."""

    def __init__(self, home: Home, chance: random.Random) -> None:
        self.home = home
        self.chance = chance
        self.ids: dict[int, str] = {}
        self.texts: dict[int, str] = {}
        self.count = 0
        for _ in range(4):
            self.write()

    def write(self) -> None:
        """Publish something, change the words of something, or give something another id."""
        what, number = self.chance.random(), self.chance.randint(1, self.count or 1)
        if what < 0.5 or not self.count:
            self.count += 1
        elif what < 0.75:
            self.texts[number] = f"Kurs {number} wird verschoben, auf den {what}."
        else:
            self.ids[number] = f"renumbered-{number}-{what}"
        for path in (BLOG, COPY, OTHER):
            self.home.publish(path, *self._items(path))

    def numbers(self, path: str) -> list[int]:
        """What stands in a feed: odd numbers in one, even ones in the other."""
        numbers = range(self.count, 0, -1)
        chosen = {BLOG: lambda n: n % 2, COPY: lambda n: n % 6 == 1, OTHER: lambda n: not n % 2}
        return list(filter(chosen[path], numbers))

    def published(self) -> list[tuple[str, str]]:
        """Address and text of everything that stands in the feeds, in alphabetical order."""
        shown = (item for path in (BLOG, COPY, OTHER) for item in self._items(path))
        return sorted((item["url"], item["content_text"]) for item in shown)

    def _items(self, path: str) -> Iterator[dict[str, str]]:
        for number in self.numbers(path):
            name = self.ids.get(number, f"{path}-{number}")
            yield course(number, id=name, text=self.texts.get(number, ""))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with BlogServer() as blog:
        home = Home(tmp_path / "home", blog)
        home.add_sphere("professional", acme=[BLOG, COPY], beta=[OTHER])
        yield home


def start_and_kill(home: Home, publisher: Publisher) -> str:
    """One short life; says what it was killed in."""
    chance, asked = publisher.chance, len(home.blog.requests)
    enough = asked + chance.choice((1, 2, 3, 3, 4))
    with Daemon(home, "worker", "--sphere", "professional") as worker:
        threading.Event().wait(chance.uniform(0.1, 0.6))
        publisher.write()
        if chance.random() < 0.8:
            wait_for(lambda: len(home.blog.requests) >= enough, "a look")
        threading.Event().wait(min(1.0, chance.expovariate(5)))
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        wait_for(lambda: not worker.processes(), "the parse child's end")
        looks = len(worker.says(event="watched"))
    requests = len(home.blog.requests) - asked
    if not requests:
        return "preparation"
    return "a look" if requests > 3 * looks else "a pause"


def ask(home: Home, query: str) -> list[tuple[object, ...]]:
    """What the database itself says."""
    database = home.folder / "data" / "professional" / "netbot.db"
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


STORED = """
    SELECT url, body FROM posts
    JOIN texts ON texts.sha256 = posts.body_sha AND texts.client_id = posts.client_id
    ORDER BY url, body
"""
TWICE_SUGGESTED = "SELECT story_id FROM suggestions GROUP BY story_id HAVING count(*) > 1"
NEVER_SUGGESTED = """
    SELECT posts.url FROM posts JOIN sources ON sources.id = posts.source_id
    WHERE first_seen_at > seeded_at
    AND NOT EXISTS (SELECT 1 FROM suggestions WHERE suggestions.story_id = posts.story_id)
"""


def test_nothing_is_lost_and_nothing_comes_twice(home, soak):
    seed = int.from_bytes(os.urandom(4))
    publisher, started_at = Publisher(home, random.Random(seed)), monotonic()
    deaths = Counter(start_and_kill(home, publisher) for _ in range(ROUNDS * soak))
    published = publisher.published()
    with Daemon(home, "worker", "--sphere", "professional") as worker:
        wait_for(lambda: worker.says(event="watched"), f"a look, seed {seed}")
        wait_for(lambda: ask(home, STORED) == published, f"what was published, seed {seed}")
        assert worker.end()[0] == 0
    elapsed_s = monotonic() - started_at
    asked = Counter(each.path for each in home.blog.requests)
    figures = f"seed {seed}: {publisher.count} posts, {asked}, {deaths}"

    assert deaths["a look"] > 0, figures
    assert ask(home, STORED) == published, figures
    assert ask(home, TWICE_SUGGESTED) == [], figures
    assert ask(home, NEVER_SUGGESTED) == [], figures
    assert max(asked.values()) <= elapsed_s + 1, figures  # min_interval_s is 1
    assert ask(home, "PRAGMA integrity_check") == [("ok",)], figures
    assert ask(home, "PRAGMA foreign_key_check") == [], figures
