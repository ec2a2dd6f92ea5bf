"""What servers answer over days and weeks, and what netbot makes of it: one script a status."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.engine import ProblemKind, Report, problems, watch
from netbot.feedparse import Parser
from netbot.model import Client
from netbot.networks.feed import Feeds
from netbot.rules.loading import Rules
from netbot.store.sources import Watched
from tests.house import NOON, Day, days, health, hours, on

PAGE = b"<!doctype html><title>Wartung</title><p>Wir sind gleich zur\xc3\xbcck.</p>"
LOGIN = (
    b"<!doctype html><title>WLAN im Hotel</title>"
    b'<link rel="alternate" type="application/rss+xml" href="/hotel.xml"><p>Bitte anmelden.</p>'
)


def rss(*names: str, host: str = "acme.example") -> bytes:
    items = "".join(
        f"<item><title>Neues {name}</title><link>https://{host}/{name}</link>"
        f"<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
        f"<description>Was wir im Herbst gelernt haben: {name}.</description></item>"
        for name in names
    )
    return f'<rss version="2.0"><channel><title>ACME</title>{items}</channel></rss>'.encode()


class Timeline:
    """One client with sources on a blog host, and a clock that only moves forward."""

    def __init__(self, blog: BlogServer, parser: Parser, rules: Rules) -> None:
        self.blog = blog
        self.now = NOON
        self.feeds = Feeds(allow_hosts=("127.0.0.1", "localhost"), parser=parser, now=self.clock)
        self.rules = rules
        self.subscribe("/feed")

    def clock(self) -> datetime:
        return self.now

    def subscribe(self, *paths: str) -> None:
        places = tuple(on(self.blog.url(path)) for path in paths)
        client = Client(id="acme", name="ACME", sources=places)
        self.day = Day(self.rules, clients=(client,), allow_hosts=("127.0.0.1", "localhost"))

    def look(self) -> Report:
        """Look at what is due now."""
        return watch(self.day.store, {"web": self.feeds}, self.day.desk, self.now)

    def run(self, span: timedelta, *, step: timedelta = timedelta(hours=1)) -> list[Report]:
        """Look again and again for so long; the looks at which something was due."""
        until, reports = self.now + span, []
        while self.now < until:
            self.now += step
            report = self.look()
            reports += [report] if report.looked else []
        return reports

    def asked(self) -> list[str]:
        """The paths asked for since the last time this was called."""
        paths = [asked.path for asked in self.blog.requests]
        self._told, told = len(paths), getattr(self, "_told", 0)
        return paths[told:]

    def source(self, path: str = "/feed") -> Watched:
        return health(self.day, self.blog.url(path))

    def problems(self) -> list[ProblemKind]:
        return [each.kind for each in problems(self.day.store, self.day.house, self.now)]


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as parser:
        yield parser


@pytest.fixture
def line(parser: Parser, values: Rules) -> Iterator[Timeline]:
    with BlogServer() as blog:
        blog.put("/feed", rss("a"))
        line = Timeline(blog, parser, values)
        yield line
        line.day.store.close()


# 200 and 304


def test_304_over_a_week_parses_nothing_and_keeps_everything(line: Timeline, parser: Parser):
    line.look()
    read = line.source().cursor
    reports = line.run(days(7))
    statuses = [asked.status for asked in line.blog.requests]
    assert statuses == [200] + [304] * 168
    assert sum(report.new for report in reports) == 0
    assert line.source().cursor == read


def test_304_may_refresh_what_the_next_question_carries(line: Timeline):
    line.blog.put("/feed", rss("a"), headers={"ETag": '"1"'})
    line.look()
    line.blog.put("/feed", status=304, headers={"ETag": '"2"', "Cache-Control": "max-age=10800"})
    line.run(hours(4))
    carried = [asked.headers.get("if-none-match") for asked in line.blog.requests]
    assert carried == [None, '"1"', '"2"'][: len(carried)]
    assert line.source().next_check == NOON + hours(1) + hours(3) + hours(3)


# 301 and 308, and the redirects that mean nothing


@pytest.mark.parametrize("status", [301, 308])
def test_a_lasting_move_is_believed_when_seen_thrice_over_a_day(line: Timeline, status: int):
    line.look()
    line.blog.put("/feed", status=status, headers={"Location": "/new"})
    line.blog.put("/new", rss("a"))
    line.run(hours(24))
    assert (line.source().place, line.problems()) == ("", [])
    line.run(hours(2))
    assert line.source().place == line.blog.url("/new")
    assert line.problems() == [ProblemKind.MOVED]
    line.asked()
    line.run(hours(3))
    assert line.asked() == ["/new"] * 3


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_passing_redirect_is_never_stored(line: Timeline, status: int):
    line.look()
    line.blog.put("/feed", status=status, headers={"Location": "/elsewhere"})
    line.blog.put("/elsewhere", rss("a", "b"))
    line.run(days(10))
    assert (line.source().place, line.problems()) == ("", [])
    line.blog.put("/feed", rss("a", "b", "c"))
    line.asked()
    assert sum(report.new for report in line.run(hours(2))) == 1
    assert line.asked() == ["/feed"] * 2


def test_a_move_by_way_of_a_passing_redirect_is_not_believed(line: Timeline):
    line.look()
    line.blog.put("/feed", status=301, headers={"Location": "/between"})
    line.blog.put("/between", status=302, headers={"Location": "/new"})
    line.blog.put("/new", rss("a"))
    line.run(days(4))
    assert line.source().place == ""


def test_a_move_to_what_is_no_feed_is_never_stored(line: Timeline):
    line.look()
    line.blog.put("/feed", status=301, headers={"Location": "/shop"})
    line.blog.put("/shop", PAGE, content_type="text/html")
    line.run(days(4))
    assert line.source().place == ""
    assert line.problems() == [ProblemKind.FAILING]
    line.blog.put("/feed", rss("a"))
    line.run(days(1))
    assert (line.problems(), line.source().failures) == ([], 0)


def test_a_move_to_a_private_address_is_never_followed(line: Timeline):
    line.look()
    line.blog.put("/feed", status=301, headers={"Location": "http://127.0.0.2/feed"})
    line.run(days(4))
    assert "private network" in line.source().last_error
    assert line.source().place == ""


def test_a_moved_feed_that_is_lost_is_looked_for_at_its_old_address(line: Timeline):
    line.look()
    line.blog.put("/feed", status=301, headers={"Location": "/new"})
    line.blog.put("/new", rss("a"))
    line.run(hours(30))
    assert line.source().place == line.blog.url("/new")
    line.blog.remove("/new")
    line.blog.put("/feed", rss("a", "b"))
    assert sum(report.new for report in line.run(hours(3))) == 1
    assert (line.source().place, line.problems()) == ("", [])


def test_a_circle_is_left_and_tried_again(line: Timeline):
    line.look()
    line.blog.put("/feed", status=301, headers={"Location": "/feed"})
    line.run(days(2))
    assert "in circles" in line.source().last_error
    line.blog.put("/feed", rss("a", "b"))
    assert sum(report.new for report in line.run(days(1))) == 1


def test_a_move_to_a_feed_that_is_watched_already_is_merged(line: Timeline):
    line.subscribe("/feed", "/new")
    line.blog.put("/new", rss("a"))
    line.look()
    line.blog.put("/feed", status=301, headers={"Location": "/new"})
    line.run(hours(30))
    assert line.source().merged_into == line.source("/new").id
    assert line.problems() == [ProblemKind.DOUBLE]
    line.asked()
    line.run(hours(5))
    assert line.asked() == ["/new"] * 5
    assert len(line.day.cards(line.now)) == 1


# 410


def test_gone_is_asked_once_told_once_and_never_asked_again(line: Timeline):
    line.look()
    line.blog.put("/feed", status=410)
    reports = line.run(days(60))
    assert [len(report.errors) for report in reports] == [1]
    assert len(line.blog.requests) == 2
    assert line.problems() == [ProblemKind.GONE]


def test_gone_where_it_moved_to_leads_back_to_the_old_address(line: Timeline):
    line.look()
    line.blog.put("/feed", status=301, headers={"Location": "/new"})
    line.blog.put("/new", rss("a"))
    line.run(hours(30))
    line.blog.put("/new", status=410)
    line.run(hours(2))
    assert line.source().gone_at is not None


# 404, 5xx, and no answer at all


@pytest.mark.parametrize("status", [404, 500, 502, 503, 403, 0])
def test_failures_are_met_with_growing_patience_and_never_with_silence(line: Timeline, status: int):
    line.look()
    line.blog.put("/feed", status=status or 200, drop=not status)
    line.run(days(14))
    first = line.source()
    tries = len(line.blog.requests) - 1
    assert tries == first.failures
    assert 14 <= tries <= 14 * 24 / 4
    assert line.problems() == [ProblemKind.FAILING]
    assert first.failing_since == NOON + hours(1)
    before = len(line.blog.requests)
    line.run(days(70), step=hours(6))
    assert 9 <= len(line.blog.requests) - before <= 11
    line.blog.put("/feed", rss("a", "b"))
    assert sum(report.new for report in line.run(days(8), step=hours(6))) == 1
    healed = line.source()
    assert (healed.failures, healed.last_error, healed.failing_since) == (0, "", None)


def test_a_host_that_does_not_answer_at_all_comes_back(line: Timeline):
    line.look()
    line.blog.stop()
    line.run(days(2))
    assert "cannot be reached" in line.source().last_error
    line.blog.start()
    line.blog.put("/feed", rss("a", "b"))
    assert sum(report.new for report in line.run(days(1))) == 1


def test_a_certificate_nobody_trusts_is_a_passing_failure(line: Timeline):
    line.subscribe("/feed")
    secure = line.blog.url("/feed").replace("http:", "https:")
    line.day = Day(
        line.rules,
        clients=(Client(id="acme", name="ACME", sources=(on(secure),)),),
        allow_hosts=("127.0.0.1",),
    )
    reports = line.run(days(3))
    assert 3 <= len(reports) <= 30
    assert all("certificate" in report.errors[secure] for report in reports)


def test_a_pause_longer_than_a_day_is_kept(line: Timeline):
    line.look()
    line.blog.put("/feed", status=429, headers={"Retry-After": "259200"})
    line.run(hours(72))
    assert len(line.blog.requests) == 2
    line.blog.put("/feed", rss("a"))
    line.run(hours(2))
    assert len(line.blog.requests) >= 3
    assert line.source().failures == 0


# Pages where a feed should be


@pytest.mark.parametrize(
    "answer",
    [
        {"body": PAGE, "content_type": "text/html"},
        {"body": PAGE, "content_type": "application/rss+xml"},
        {"body": LOGIN, "content_type": "text/html"},
        {"body": b"", "content_type": "text/html"},
        {"body": b"", "content_type": "application/rss+xml"},
        {"body": b"Service Unavailable", "content_type": "text/plain"},
        {"body": b'{"error": "maintenance"}', "content_type": "application/json"},
        {"status": 503, "body": PAGE, "content_type": "text/html"},
        {"status": 302, "headers": {"Location": "/login"}},
        {"status": 307, "headers": {"Location": "/login"}},
        {"status": 302, "headers": {"Location": "http://localhost:{port}/login"}},
        {"status": 511, "body": LOGIN, "content_type": "text/html"},
    ],
)
def test_maintenance_and_logins_are_waited_out(line: Timeline, answer):
    line.look()
    kept = line.source().cursor
    headers = {
        name: value.replace("{port}", str(line.blog.port))
        for name, value in answer.get("headers", {}).items()
    }
    line.blog.put("/feed", **(answer | {"headers": headers}), validators=False)
    line.blog.put("/login", LOGIN, content_type="text/html")
    line.blog.put("/hotel.xml", rss(*(f"hotel{n}" for n in range(5)), host="hotel.example"))
    reports = line.run(days(2))
    assert sum(report.new for report in reports) == 0
    assert (line.source().cursor, line.source().place) == (kept, "")
    line.blog.put("/feed", rss("a", "b"))
    assert sum(report.new for report in line.run(days(1))) == 1
    assert "/hotel.xml" not in line.asked()


def test_a_login_elsewhere_is_no_way_to_find_a_lost_feed(line: Timeline):
    line.subscribe("/")
    front = b'<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed">'
    line.blog.put("/", front, content_type="text/html")
    line.look()
    assert line.source("/").place == line.blog.url("/feed")
    for path in ("/", "/feed"):
        away = f"http://localhost:{line.blog.port}/login"
        line.blog.put(path, status=302, headers={"Location": away})
    line.blog.put("/login", LOGIN, content_type="text/html")
    line.blog.put("/hotel.xml", rss("hotel", host="hotel.example"))
    line.run(days(1))
    assert "/hotel.xml" not in line.asked()
    line.blog.put("/", front, content_type="text/html")
    line.blog.put("/feed", rss("a", "b"))
    assert sum(report.new for report in line.run(days(1))) == 1


def test_an_empty_feed_forgets_nothing(line: Timeline):
    line.look()
    line.blog.put("/feed", rss())
    line.run(hours(3))
    line.blog.put("/feed", rss("b", "a"))
    assert [report.new for report in line.run(hours(2))] == [1, 0]
    assert len(line.day.cards(line.now)) == 2
