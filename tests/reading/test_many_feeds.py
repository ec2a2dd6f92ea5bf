"""Many feeds over real connections: those that stall harm nobody, and the score is perfect."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from random import Random

import pytest

from netbot.demo.blogserver import SCORE_PATH, BlogServer
from netbot.demo.readerscore import ReaderScore, score
from netbot.engine import watch
from netbot.feedparse import Parser
from netbot.fetch import USER_AGENT, Limits, Request, fetch_all
from netbot.model import Client, Source
from netbot.networks.feed import Feeds
from netbot.rules.loading import Rules
from tests.house import NOON, Day, days, health, hours, on

FEEDS, STALLING = 200, 20
HOSTS = [f"127.0.{1 + n // 100}.{1 + n % 100}" for n in range(FEEDS)]
SILENT = set(HOSTS[:: FEEDS // STALLING])


def rss(*names: str) -> bytes:
    items = "".join(
        f"<item><title>Neues {name}</title><link>https://acme.example/{name}</link>"
        f"<description>Was wir im Herbst gelernt haben: {name}.</description></item>"
        for name in names
    )
    return f'<rss version="2.0"><channel><title>ACME</title>{items}</channel></rss>'.encode()


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as parser:
        yield parser


class Street(ThreadingHTTPServer):
    """Many hosts of this machine at one port; every tenth of them takes the call and is silent."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), House)
        self.silence = threading.Event()
        self.asked: list[str] = []


class House(BaseHTTPRequestHandler):
    server: Street

    def do_GET(self) -> None:
        host = self.headers["Host"].partition(":")[0]
        self.server.asked.append(host)
        if host in SILENT:
            self.server.silence.wait()
            return
        body = rss(host)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def street() -> Iterator[Street]:
    with Street() as street:
        threading.Thread(target=street.serve_forever, args=(0.01,), daemon=True).start()
        yield street
        street.silence.set()
        street.shutdown()


@pytest.mark.allow_hosts(HOSTS)
def test_twenty_that_stall_harm_none_of_the_others(street: Street, parser: Parser, values: Rules):
    port = street.server_address[1]
    clients = [
        Client(id=host, name=host, sources=(on(f"http://{host}:{port}/", host),)) for host in HOSTS
    ]
    day = Day(values, clients=clients, allow_hosts=tuple(HOSTS))
    healthy, pool = FEEDS - STALLING, Limits().pool
    answered: list[int] = []
    limits = Limits(total_s=4)
    with Feeds(allow_hosts=HOSTS, parser=parser, limits=limits, now=lambda: NOON) as feeds:
        report = watch(day.store, {"web": feeds}, day.desk, NOON)
        assert (len(report.errors), report.new) == (STALLING, healthy)
        assert len(street.asked) == FEEDS
        street.asked.clear()
        again = watch(
            day.store,
            {"web": feeds},
            day.desk,
            NOON + days(2),
            progress=lambda done, _total: answered.append(done),
            stopped=lambda: len(answered) == healthy,
        )
    day.store.close()
    # From the second pass on those that stalled come last: the others wait for none of them.
    assert (again.looked, again.errors) == (healthy, {})
    assert not SILENT & set(street.asked[: healthy - pool])
    # In the first pass a feed may wait until all that stall have been given up.
    assert ceil(STALLING / pool) * Limits().total_s <= 120


def test_over_real_connections_the_score_is_perfect(parser: Parser, values: Rules):
    """Ten days of twelve feeds that publish, pause, fail, redirect and set cookies."""
    random = Random(7)
    now = NOON

    def clock() -> datetime:
        return now

    odd = ('W/"{n}"', '"{n},gzip"', "{n}", '"{n}"')
    with BlogServer(now=clock) as blog:
        paths = [f"/{number}/feed" for number in range(12)]
        places: list[Source] = [on(blog.url(path)) for path in paths]
        day = Day(
            values,
            clients=(Client(id="acme", name="ACME", sources=tuple(places)),),
            allow_hosts=("127.0.0.1",),
        )
        for hour in range(240):
            for number, path in enumerate(paths):
                headers = {"ETag": odd[number % 4].format(n=hour), "Set-Cookie": "id=1"}
                headers |= {"Last-Modified": f"Sat, {hour} Jan 2000"} if number % 3 else {}
                drawn = random.random()
                if hour == 0 or drawn < 0.05:
                    blog.put(
                        path,
                        rss(*(str(n) for n in range(max(0, hour - 8), hour + 1))),
                        headers=headers,
                    )
                elif drawn < 0.06:
                    blog.put(path, status=random.choice((404, 429, 500, 503)))
            with Feeds(allow_hosts=("127.0.0.1",), parser=parser, now=clock) as feeds:
                watch(day.store, {"web": feeds}, day.desk, now)
            now += hours(1)
        found = score(blog.requests)
        assert found.keys() == {USER_AGENT}
        assert found[USER_AGENT] == ReaderScore(requests=len(blog.requests))
        # How long one that fails is left alone is drawn from its address, which holds a free port.
        assert min(Counter(asked.path for asked in blog.requests).values()) > 2 * 10
        assert {asked.status for asked in blog.requests} >= {200, 304, 404, 429, 500, 503}
        [(_, page)] = fetch_all([Request(url=blog.url(SCORE_PATH))], allow_hosts=("127.0.0.1",))
        assert f"<td>{USER_AGENT}</td>" in getattr(page, "body", b"").decode()
        assert health(day, blog.url(paths[0])).succeeded_at is not None
        day.store.close()
