"""What servers wish about the next visit, through real HTTP, the real parser and the real plan."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.engine import watch
from netbot.feedparse import Parser
from netbot.model import Client
from netbot.networks.feed import Feeds
from tests.house import Day, health, on

# Dates in headers are compared with the machine's own clock by the client.
NOW = datetime.now(UTC)
DAY_S, WEEK_S = 86_400, 7 * 86_400
HOURS, DAYS = "skipHours", "skipDays"


def ahead(**wait: int) -> str:
    return format_datetime(NOW + timedelta(**wait), usegmt=True)


def assert_about(waited_s: float, expected_s: float) -> None:
    """A wait until a moment shrinks while the tests before this one run."""
    passed_s = (datetime.now(UTC) - NOW).total_seconds()
    assert expected_s - passed_s - 1 <= waited_s <= expected_s + 1


def rss(*fields: str) -> bytes:
    """A feed with one post and these fields of its own."""
    return (
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>ACME</title>'
        f"<link>https://acme.example/</link>{''.join(fields)}<item><title>Neues</title>"
        "<link>https://acme.example/1</link><description>Text</description></item></channel></rss>"
    ).encode()


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as parser:
        yield parser


@pytest.fixture(scope="module")
def blog() -> Iterator[BlogServer]:
    with BlogServer() as blog:
        yield blog


@pytest.fixture
def wait_s(blog: BlogServer, parser: Parser, make_day) -> Any:
    """Look at a feed that answers so; how long it is left alone then, in seconds."""

    def look(*fields: str, then: int = 200, **answer: Any) -> float:
        address = blog.url("/feed")
        day: Day = make_day(
            Client(id="acme", name="ACME", sources=(on(address),)), allow_hosts=("127.0.0.1",)
        )
        blog.put("/feed", rss(*fields), **answer)
        with Feeds(allow_hosts=("127.0.0.1",), parser=parser, now=lambda: NOW) as feeds:
            watch(day.store, {"web": feeds}, day.desk, NOW)
            if then == 304:
                planned = health(day, address).next_check
                assert planned is not None
                watch(day.store, {"web": feeds}, day.desk, planned)
                assert blog.requests[-1].status == 304
        seen = health(day, address)
        assert seen.next_check is not None
        assert seen.tried_at is not None
        return (seen.next_check - seen.tried_at).total_seconds()

    return look


@pytest.mark.parametrize(
    ("headers", "fields", "expected_s"),
    [
        # nothing, and what means nothing
        ({}, (), 3600),
        ({"Cache-Control": ""}, (), 3600),
        ({"Cache-Control": "no-cache"}, (), 3600),
        ({"Cache-Control": "no-store, must-revalidate"}, (), 3600),
        ({"Cache-Control": "s-maxage=7200"}, (), 3600),
        ({"Cache-Control": "private, stale-while-revalidate=7200"}, (), 3600),
        # max-age
        ({"Cache-Control": "max-age=7200"}, (), 7200),
        ({"Cache-Control": "MAX-AGE=7200, public"}, (), 7200),
        ({"Cache-Control": 'max-age="7200"'}, (), 7200),
        ({"Cache-Control": "public,max-age=7200"}, (), 7200),
        ({"Cache-Control": "max-age = 7200"}, (), 7200),
        ({"Cache-Control": "max-age=3599"}, (), 3600),
        ({"Cache-Control": "max-age=0"}, (), 3600),
        ({"Cache-Control": "max-age=-7200"}, (), 3600),
        ({"Cache-Control": "max-age=7200.5"}, (), 7200),
        ({"Cache-Control": "max-age=two hours"}, (), 3600),
        ({"Cache-Control": "max-age="}, (), 3600),
        ({"Cache-Control": "max-age=86400"}, (), DAY_S),
        ({"Cache-Control": "max-age=86401"}, (), DAY_S),
        ({"Cache-Control": "max-age=31536000"}, (), DAY_S),
        ({"Cache-Control": "max-age=1000000000000"}, (), DAY_S),
        ({"Cache-Control": "max-age=" + "9" * 40}, (), DAY_S),
        ({"Cache-Control": "max-age=60\nmax-age=7200"}, (), 7200),
        ({"Cache-Control": "max-age=7200\nmax-age=60"}, (), 7200),
        # Expires
        ({"Expires": ahead(hours=3)}, (), 3 * 3600),
        ({"Expires": ahead(hours=-3)}, (), 3600),
        ({"Expires": ahead(days=400)}, (), DAY_S),
        ({"Expires": "0"}, (), 3600),
        ({"Expires": "-1"}, (), 3600),
        ({"Expires": "never"}, (), 3600),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, (), 3600),
        ({"Expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, (), DAY_S),
        ({"Expires": "Sat, 99 Foo 2026 25:61:61 GMT"}, (), 3600),
        ({"Expires": ahead(hours=2), "Cache-Control": "max-age=60"}, (), 7200),
        ({"Expires": ahead(hours=2), "Cache-Control": "max-age=10800"}, (), 10_800),
        # Retry-After beside an answer
        ({"Retry-After": "7200"}, (), 7200),
        ({"Retry-After": "120"}, (), 3600),
        ({"Retry-After": "-7200"}, (), 3600),
        ({"Retry-After": "1000000000000"}, (), WEEK_S),
        ({"Retry-After": "259200"}, (), 3 * DAY_S),
        ({"Retry-After": "259200", "Cache-Control": "max-age=31536000"}, (), 3 * DAY_S),
        ({"Retry-After": ahead(days=3)}, (), 3 * DAY_S),
        ({"Retry-After": "60\n" + ahead(days=3)}, (), 3 * DAY_S),
        ({"Retry-After": "soon"}, (), 3600),
        ({"Retry-After": "7200\n10800"}, (), 10_800),
        # the feed's own
        ({}, ("<ttl>120</ttl>",), 7200),
        ({}, ("<ttl>1</ttl>",), 3600),
        ({}, ("<ttl>0</ttl>",), 3600),
        ({}, ("<ttl>-120</ttl>",), 3600),
        ({}, ("<ttl>525600</ttl>",), DAY_S),
        ({}, ("<ttl>1000000000000</ttl>",), DAY_S),
        ({}, ("<ttl>two hours</ttl>",), 3600),
        ({}, ("<sy:updatePeriod>daily</sy:updatePeriod>",), DAY_S),
        ({}, ("<sy:updatePeriod>yearly</sy:updatePeriod>",), DAY_S),
        ({}, ("<sy:updatePeriod>fortnightly</sy:updatePeriod>",), 3600),
        (
            {},
            (
                "<sy:updatePeriod>daily</sy:updatePeriod>",
                "<sy:updateFrequency>4</sy:updateFrequency>",
            ),
            6 * 3600,
        ),
        (
            {},
            (
                "<sy:updatePeriod>hourly</sy:updatePeriod>",
                "<sy:updateFrequency>0</sy:updateFrequency>",
            ),
            3600,
        ),
        ({"Cache-Control": "max-age=60"}, ("<ttl>120</ttl>",), 7200),
        ({"Cache-Control": "max-age=10800"}, ("<ttl>120</ttl>",), 10_800),
    ],
)
def test_the_longest_sensible_wish_is_heeded(wait_s, headers, fields, expected_s):
    assert_about(wait_s(*fields, headers=headers), expected_s)


@pytest.mark.parametrize(
    ("status", "headers", "expected_s"),
    [
        (429, {}, 3600),
        (429, {"Retry-After": "7200"}, 7200),
        (429, {"Retry-After": "1"}, 3600),
        (429, {"Retry-After": "0"}, 3600),
        (429, {"Retry-After": "-1"}, 3600),
        (429, {"Retry-After": "259200"}, 3 * DAY_S),
        (429, {"Retry-After": "31536000"}, WEEK_S),
        (429, {"Retry-After": "1000000000000"}, WEEK_S),
        (429, {"Retry-After": "9" * 40}, WEEK_S),
        (429, {"Retry-After": "in a while"}, 3600),
        (429, {"Retry-After": ""}, 3600),
        (429, {"Retry-After": ahead(hours=5)}, 5 * 3600),
        (429, {"Retry-After": ahead(hours=-5)}, 3600),
        (429, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, WEEK_S),
        (429, {"Retry-After": "Mon, 32 Jan 2026 99:99:99 GMT"}, 3600),
        (429, {"Retry-After": "7200\n10800"}, 10_800),
        (429, {"Retry-After": "10800\nsoon"}, 10_800),
        (503, {"Retry-After": "7200"}, 7200),
        (503, {"Retry-After": ahead(days=2)}, 2 * DAY_S),
        (503, {"Retry-After": "7200\n" + ahead(hours=4)}, 4 * 3600),
    ],
)
def test_a_pause_that_is_asked_for_is_granted(wait_s, status, headers, expected_s):
    assert_about(wait_s(status=status, headers=headers), expected_s)


@pytest.mark.parametrize("status", [400, 403, 404, 408, 418, 500, 502, 503, 504])
def test_other_refusals_are_met_with_patience(wait_s, status):
    assert 3600 <= wait_s(status=status) <= 7200


@pytest.mark.parametrize(
    ("headers", "fields", "expected_s"),
    [
        ({"Cache-Control": "max-age=7200"}, (), 7200),
        ({"Retry-After": "7200"}, (), 7200),
        ({"Retry-After": "259200"}, (), 3 * DAY_S),
        ({}, ("<ttl>120</ttl>",), 7200),
        ({}, (), 3600),
    ],
)
def test_wishes_hold_when_nothing_is_new(wait_s, headers, fields, expected_s):
    assert wait_s(*fields, headers=headers, then=304) == expected_s


def quiet(name: str, *values: object) -> str:
    one = {HOURS: "hour", DAYS: "day"}[name]
    return f"<{name}>{''.join(f'<{one}>{value}</{one}>' for value in values)}</{name}>"


NEXT = NOW + timedelta(hours=1)


@pytest.mark.parametrize("then", [200, 304])
def test_a_feed_is_left_alone_in_the_hours_it_names(wait_s, then):
    asked = NEXT if then == 200 else NEXT + timedelta(hours=1)
    free = asked.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    last = asked - timedelta(hours=1)
    waited = wait_s(quiet(HOURS, asked.hour), then=then)
    assert waited == (free - last).total_seconds()


@pytest.mark.parametrize(
    "field",
    [
        quiet(HOURS, NEXT.hour or 24),
        quiet(HOURS, f" {NEXT.hour:02} ", 99, "noon"),
        quiet(DAYS, f"{NEXT:%A}").replace("day>", "Day>").replace("skipDay>", "skipDays>"),
        quiet(DAYS, f"{NEXT:%A}", "Someday"),
    ],
)
def test_quiet_is_read_as_people_write_it(wait_s, field):
    assert wait_s(field) >= 3600
    free = NOW + timedelta(seconds=wait_s(field))
    assert (free.hour, free.weekday()) != (NEXT.hour, NEXT.weekday())


@pytest.mark.parametrize(
    "field",
    [
        quiet(HOURS),
        quiet(HOURS, *range(24)),
        quiet(HOURS, 25, -1, "x"),
        quiet(DAYS, "Funday"),
        f"<![CDATA[{quiet(HOURS, NEXT.hour)}]]>".join(("<item><title>", "</title></item>")),
    ],
)
def test_quiet_that_means_nothing_changes_nothing(wait_s, field):
    assert wait_s(field) == 3600


def test_one_pause_is_for_the_host_within_one_pass(blog: BlogServer, parser: Parser, make_day):
    paths = [f"/{number}" for number in range(5)]
    for path in paths:
        blog.put(path, rss())
    blog.put("/0", status=429, headers={"Retry-After": "7200"})
    places = tuple(on(blog.url(path)) for path in paths)
    day = make_day(Client(id="acme", name="ACME", sources=places), allow_hosts=("127.0.0.1",))
    before = len(blog.requests)
    with Feeds(allow_hosts=("127.0.0.1",), parser=parser, now=lambda: NOW) as feeds:
        report = watch(day.store, {"web": feeds}, day.desk, NOW)
        assert len(report.errors) == 5
        assert len(blog.requests) - before == 1
        watch(day.store, {"web": feeds}, day.desk, NOW + timedelta(seconds=7100))
        assert len(blog.requests) - before == 1
        blog.put("/0", rss())
        watch(day.store, {"web": feeds}, day.desk, NOW + timedelta(seconds=7200))
        assert len(blog.requests) - before == 6
