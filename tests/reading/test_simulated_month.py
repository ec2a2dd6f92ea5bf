"""A month of two hundred feeds with restarts, deaths, and a clock that somebody sets.

Everything is real but the wire: the conversations of ``Feeds``, the parser, the plans, the
database. What is asked stands in a log by the true time, which no reader can set.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from netbot.demo.readerscore import Asked, ReaderScore, score
from netbot.engine import follow_clock, watch
from netbot.feedparse import Document, Parser
from netbot.feedparse.read import read_document
from netbot.fetch import USER_AGENT, Answer, NotFound, Request
from netbot.fetch.talk import go_on
from netbot.model import Client, NetworkError, RateLimited, Transient
from netbot.networks.feed import Feeds
from netbot.rules.loading import Rules
from tests.house import NOON, Day, days, hours, on

HOUR = hours(1)
FEEDS = 200
#: Validators as servers really send them: weak, with commas, in no format, in no language.
ETAGS = ('"{n}"', 'W/"{n}"', 'W/"{n},gzip"', "{n}", '"{n}', "'{n}'", '"ä {n}"', "")
DATES = (
    "Sat, 01 Jan 2000",
    "2026-11-{n:02} noon",
    "Mon, 23 Nov 2026 11:00:{n:02} GMT",
    "gestern, {n}",
    "",
)


class Killed(BaseException):
    """The process dies here; nothing of it remains but what is in the database."""


class Reading(Parser):
    """Reads without a child: here nothing is hostile."""

    def parse(self, body: bytes, *, content_type: str, url: str) -> Document:
        return read_document(body, content_type, url)


@dataclass(slots=True, kw_only=True)
class Feed:
    """One feed on its server, and what it was asked."""

    number: int
    random: Random
    version: int = 1
    posts: list[int] = field(default_factory=lambda: [1])

    @property
    def address(self) -> str:
        return f"https://host{self.number % 150}.example/{self.number}/feed"

    def validators(self) -> dict[str, str]:
        etag = ETAGS[self.number % len(ETAGS)].format(n=self.version)
        date = DATES[self.number % len(DATES)].format(n=self.version)
        found = {"etag": etag, "last-modified": date}
        return {name: value for name, value in found.items() if value}

    def headers(self) -> dict[str, str]:
        wish_s = (86_400, 43_200, 86_400)[self.number % 3]
        if self.number % 40 == 0:  # five are read every hour, the others by their wish
            return self.validators()
        return self.validators() | {"cache-control": f"max-age={wish_s}"}

    def body(self) -> bytes:
        items = "".join(
            f"<item><title>Neues {self.number}.{n}</title><guid>{n}</guid>"
            f"<link>{self.address}/{n}</link></item>"
            for n in reversed(self.posts[-8:])
        )
        return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()

    def answer(self, request: Request) -> Answer | NetworkError:
        drawn = self.random.random()
        if drawn < 0.01:
            return RateLimited("429", retry_after_s=self.random.choice((60, 7200, 200_000)))
        if drawn < 0.03:
            return self.random.choice([Transient("500"), NotFound("404")])
        if drawn < 0.12:
            self.version += 1
            self.posts.append(self.posts[-1] + 1)
        pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        sent = {mine: request.headers[name] for name, mine in pairs if name in request.headers}
        known = bool(sent) and sent == self.validators()
        body = b"" if known else self.body()
        return Answer(
            url=request.url, status=304 if known else 200, headers=self.headers(), body=body
        )


class World:
    """The true time, the feeds, and who asked what."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now = NOON
        feeds = [Feed(number=n, random=Random(seed * 1000 + n)) for n in range(FEEDS)]
        self.feeds = {feed.address: feed for feed in feeds}
        self.log: dict[str, list[Asked]] = defaultdict(list)  # by reader
        self.pauses: list[tuple[str, str, datetime, int]] = []  # reader, host, since, seconds

    def ask(self, reader: str, request: Request) -> Answer | NetworkError:
        answer = self.feeds[request.url].answer(request)
        asked = Asked(
            method="GET",
            path=request.url,
            headers={name.lower(): value for name, value in request.headers.items()}
            | {"user-agent": USER_AGENT, "accept-encoding": "gzip"},
            status=answer.status if isinstance(answer, Answer) else 500,
            at=self.now,
            answered=_spelled(answer.headers) if isinstance(answer, Answer) else {},
        )
        self.log[reader].append(asked)
        if isinstance(answer, RateLimited):
            host = request.url.split("/")[2]
            self.pauses.append((reader, host, self.now, answer.retry_after_s))
        return answer

    def lose(self, reader: str) -> None:
        """The last answer never reached the reader's memory."""
        asked = self.log[reader].pop()
        self.log[reader].append(
            Asked(method="GET", path=asked.path, headers=asked.headers, status=0, at=asked.at)
        )
        unheard = (reader, asked.path.split("/")[2], asked.at)
        self.pauses = [pause for pause in self.pauses if pause[:3] != unheard]


def _spelled(headers: Mapping[str, str]) -> dict[str, str]:
    names = {"etag": "ETag", "last-modified": "Last-Modified"}
    return {names.get(name, name): value for name, value in headers.items()}


class Wire(Feeds):
    """``Feeds`` with an invented web below it, on which it may be killed."""

    def __init__(self, world: World, reader: str) -> None:
        super().__init__(parser=Reading(), now=lambda: world.now)
        self.world, self.reader = world, reader
        self.looks_left: int | None = None  # until it is killed

    def _hold_all(self, talks: Sequence[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
        for name, talk in talks:
            step = next(talk)
            while isinstance(step, Request):
                answer = self.world.ask(self.reader, step)
                if self.looks_left is not None:
                    self.looks_left -= 1
                    if self.looks_left < 0:
                        self.world.lose(self.reader)
                        raise Killed
                step = go_on(talk, answer)
            yield name, step


class Reader:
    """One sphere's daemon: it wakes, looks, dies and is started again."""

    def __init__(self, world: World, name: str, rules: Rules, addresses: Sequence[str]) -> None:
        self.world, self.name = world, name
        clients = [
            Client(id=f"c{n}", name=f"C{n}", sources=(on(address, f"c{n}"),))
            for n, address in enumerate(addresses)
        ]
        self.day = Day(rules, clients=clients)
        self.offset = timedelta()
        self.restart()
        self.tick()

    @property
    def now(self) -> datetime:
        return self.world.now + self.offset

    def restart(self, *, dies_after: int | None = None) -> None:
        """Everything is made anew but the database."""
        self.wire = Wire(self.world, self.name)
        self.wire.looks_left = dies_after

    def set_clock(self, by: timedelta) -> None:
        self.offset += by
        follow_clock(self.day.store, by)

    def tick(self) -> None:
        try:
            watch(self.day.store, {"web": self.wire}, self.day.desk, self.now)
        except Killed:
            self.restart()

    def next_at(self) -> datetime:
        """When something will be due, in true time."""
        query = "SELECT min(next_check) FROM sources"
        with self.day.store.read() as tx:
            return datetime.fromisoformat(tx.exec_driver_sql(query).scalar_one()) - self.offset


def run(world: World, readers: Sequence[Reader], until: datetime) -> None:
    """Let time pass by half hours, leaving out those in which nobody would do anything."""
    beat = timedelta(minutes=30)
    while world.now < until:
        for reader in readers:
            if reader.next_at() <= world.now:
                reader.tick()
        soonest = min(reader.next_at() for reader in readers)
        world.now += max(beat, -((world.now - soonest) // beat) * beat)


def live_through(world: World, readers: Sequence[Reader], *, length_days: int) -> int:
    """A month with fifty restarts, crash loops and clock steps; returns how often readers died."""
    deaths = 0
    events = [world.random.uniform(0.2, length_days) for _ in range(50)]
    steps = (days(1), -HOUR, days(3650), -days(3650), hours(-30), timedelta(minutes=7))
    for number, at in enumerate(sorted(events)):
        run(world, readers, NOON + days(at))
        reader = world.random.choice(list(readers))
        if number % 3 == 0:
            reader.set_clock(steps[number // 3 % len(steps)])
        if number % 5 == 0:  # a crash loop: it dies at one of its first looks again and again
            for _ in range(8):
                reader.restart(dies_after=world.random.randrange(3))
                reader.tick()
                world.now += timedelta(minutes=1)
                deaths += 1
        reader.restart(dies_after=world.random.choice([None, 0, 5, 40]))
    run(world, readers, NOON + days(length_days))
    return deaths


def by_feed(log: Sequence[Asked]) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for asked in log:
        found[asked.path].append(asked)
    return found


@pytest.fixture
def lived(values: Rules, soak: int) -> Iterator[tuple[World, list[Reader]]]:
    """Two spheres; forty feeds are watched by both."""
    world = World(seed=soak)
    addresses = list(world.feeds)
    readers = [
        Reader(world, "professional", values, addresses[:160]),
        Reader(world, "private", values, addresses[120:]),
    ]
    assert live_through(world, readers, length_days=30) == 80
    yield world, readers
    for reader in readers:
        reader.day.store.close()


def test_a_month_of_two_hundred_feeds(lived: tuple[World, list[Reader]]):
    world, readers = lived
    total = sum(len(log) for log in world.log.values())
    assert total > 8_000
    for reader in readers:
        assert_polite(world, reader.name)
        assert_pauses_were_kept(world, reader.name)
        assert_nobody_was_forgotten(world, reader)


def assert_polite(world: World, name: str) -> None:
    """By the columns of the score, and once more by hand."""
    (found,) = score(world.log[name]).values()
    assert found == ReaderScore(requests=len(world.log[name]))
    for address, asked in by_feed(world.log[name]).items():
        if not world.feeds[address].validators():
            continue
        blank = [each for each in asked if "if-none-match" not in each.headers]
        blank = [each for each in blank if "if-modified-since" not in each.headers]
        answered = [each for each in blank if each.status == 200]
        assert len(answered) == 1


def assert_pauses_were_kept(world: World, name: str) -> None:
    """No address of a host was asked while that host wanted a pause."""
    assert [pause for pause in world.pauses if pause[0] == name]
    hosts: dict[str, list[datetime]] = defaultdict(list)
    for asked in world.log[name]:
        if asked.at:
            hosts[asked.path.split("/")[2]].append(asked.at)
    for reader, host, at, wait_s in world.pauses:
        if reader == name:
            until = at + timedelta(seconds=max(wait_s, 3600))
            assert not [asked for asked in hosts[host] if at < asked < until]


def assert_nobody_was_forgotten(world: World, reader: Reader) -> None:
    """Every feed was looked at to the last, however often the clock was set."""
    for asked in by_feed(world.log[reader.name]).values():
        last = asked[-1].at
        assert last is not None
        assert world.now - last <= days(4)
