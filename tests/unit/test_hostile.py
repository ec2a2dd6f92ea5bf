"""Hostile documents and hostile servers: each costs itself only, and none costs much."""

import contextlib
import itertools
import os
import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from netbot.feedparse import Parser
from netbot.fetch import Limits
from netbot.model import NetworkError, Refused, Source
from netbot.network import Batch
from netbot.networks.feed import Feeds
from tests.hostile_documents import documents, item, rss
from tests.hostile_server import HostileServer, behaviours

PLACE = "https://host.example/feed"
HOSTS = [f"127.0.7.{n}" for n in range(1, 25)]
HEALTHY = rss("".join(item(title=f"Healthy {n}", link=f"https://a.example/{n}") for n in range(9)))
GROUPS = 8

MEBIBYTE = 1024**2
ALLOWED_BYTES = 200 * MEBIBYTE

pytestmark = pytest.mark.allow_hosts(["127.0.0.0/8"])


def status_bytes(pid: int, name: str) -> int:
    """One line of what the kernel says of a process; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


class Watch:
    """The most memory that this process and its parse children ever had more than at rest."""

    def __init__(self, parser: Parser) -> None:
        parser.parse(HEALTHY + b"<", content_type="", url=PLACE)  # loads both parsers
        self._parser = parser
        self._child_rest = status_bytes(self._child(), "VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        self._own_rest = status_bytes(os.getpid(), "VmRSS")
        self._child_peak = self._child_rest
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _child(self) -> int:
        child = self._parser._child
        return child.pid if child else 0

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            self._child_peak = max(self._child_peak, status_bytes(self._child(), "VmHWM"))

    def growth_bytes(self) -> int:
        self._stop.set()
        self._thread.join()
        own = status_bytes(os.getpid(), "VmHWM") - self._own_rest
        return own + self._child_peak - self._child_rest


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser(cpu_s=2) as parser:
        yield parser


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer(HOSTS) as server:
        yield server


# Documents


def test_there_are_enough_of_both() -> None:
    assert len(documents()) >= 100
    assert len(behaviours()) >= 20


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_document_ends_in_posts_or_an_error(group: int, soak: int) -> None:
    hostile = list(documents(min(soak, 5)).items())[group::GROUPS]
    with Parser(cpu_s=5 if soak > 1 else 1) as parser:
        watch = Watch(parser)
        for name, body in hostile:
            document = None
            with contextlib.suppress(Refused):
                document = parser.parse(body, content_type="text/xml", url=PLACE)
            assert "root:" not in str(document), name
            assert "PATH=" not in str(document), name
            assert (
                not any(len(entry.text) > 256 * 1024 for entry in document.entries)
                if (document)
                else True
            ), name
            healthy = parser.parse(HEALTHY, content_type="text/xml", url=PLACE)
            assert len(healthy.entries) == 9, name
        assert watch.growth_bytes() < ALLOWED_BYTES


# Servers


def look(
    server: HostileServer, parser: Parser, pairs: Sequence[tuple[str, str, bytes]]
) -> list[Batch | NetworkError]:
    """Ask for all at once, and for a healthy feed among them, which must come."""
    limits = Limits(connect_s=3, idle_s=1, total_s=4, pool=len(HOSTS))
    addresses = [
        server.put(host, f"/{behaviour}/{name}".replace(" ", "-"), behaviour, body)
        for host, (behaviour, name, body) in zip(HOSTS, pairs, strict=False)
    ]
    healthy = server.put(HOSTS[-1], "/healthy", "honest", HEALTHY)
    sources = [
        Source(client="acme", network="web", address=address) for address in (*addresses, healthy)
    ]
    with Feeds(allow_hosts=HOSTS, parser=parser, limits=limits) as feeds:
        found = {s.address: answer for s, answer in feeds.fetch_many([(s, "") for s in sources])}
    assert set(found) == {source.address for source in sources}
    mine = found.pop(healthy)
    assert isinstance(mine, Batch), mine
    assert len(mine.posts) == 9
    return list(found.values())


def in_batches(
    pairs: Sequence[tuple[str, str, bytes]],
) -> Iterator[Sequence[tuple[str, str, bytes]]]:
    # Those that are alike together: one that keeps us waiting costs no more than ten of them.
    order = behaviours()
    alike = sorted(pairs, key=lambda pair: order.index(pair[0]))
    for start in range(0, len(alike), len(HOSTS) - 1):
        yield alike[start : start + len(HOSTS) - 1]


def test_every_behaviour_ends_in_posts_or_an_error(server: HostileServer, parser: Parser) -> None:
    some = {"a feed": HEALTHY, "laughs": documents()["billion laughs"]}
    pairs = [(way, name, body) for way in behaviours() for name, body in some.items()]
    outcomes: list[Batch | NetworkError] = []
    for batch in in_batches(pairs):
        outcomes += look(server, parser, batch)
    assert len(outcomes) == len(pairs)
    for outcome in outcomes:
        assert isinstance(outcome, Batch | NetworkError)
        assert "root:" not in str(outcome)
    assert sum(isinstance(outcome, Batch) for outcome in outcomes) >= 10


@pytest.mark.parametrize("behaviour", ["informs without end", "headers without end"])
def test_endless_talk_is_cut_short(server: HostileServer, parser: Parser, behaviour: str) -> None:
    address = server.put(HOSTS[0], "/talk", behaviour, b"")
    source = Source(client="acme", network="web", address=address)
    with Feeds(allow_hosts=HOSTS, parser=parser) as feeds:
        # Anything but "takes too long": the usual limits of time hold here.
        with pytest.raises(NetworkError, match="breaks off"):
            feeds.fetch(source, "")


def test_pairs_of_both_end_in_posts_or_an_error(
    server: HostileServer, parser: Parser, soak: int
) -> None:
    hostile = documents()
    pairs = [(way, name, hostile[name]) for way, name in itertools.product(behaviours(), hostile)]
    chosen = random.Random(6).sample(pairs, min(len(pairs), 200 * soak**2))
    # In rounds, because the server and its hundreds of threads share this process and its memory.
    for start in range(0, len(chosen), 200):
        some = chosen[start : start + 200]
        watch = Watch(parser)
        assert sum(len(look(server, parser, batch)) for batch in in_batches(some)) == len(some)
        assert watch.growth_bytes() < ALLOWED_BYTES


def test_the_largest_answers_at_once_take_little_memory(
    server: HostileServer, parser: Parser
) -> None:
    chance = random.Random(6)
    large = rss(
        "".join(
            item(title=str(n), link=f"/{n}", x=chance.randbytes(360).hex() * 4)
            for n in range(6_000)
        )
    )
    assert 16 * MEBIBYTE < len(large) < 20 * MEBIBYTE
    watch = Watch(parser)
    limits = Limits(idle_s=5, total_s=30)
    sources = [
        Source(client="acme", network="web", address=server.put(host, f"/large-{n}", "gzip", large))
        for n, host in enumerate(HOSTS[:8])
    ]
    with Feeds(allow_hosts=HOSTS, parser=parser, limits=limits) as feeds:
        counts = [
            len(answer.posts)
            for _, answer in feeds.fetch_many([(source, "") for source in sources])
            if isinstance(answer, Batch)
        ]
    assert counts == [500] * 8
    assert watch.growth_bytes() < ALLOWED_BYTES
