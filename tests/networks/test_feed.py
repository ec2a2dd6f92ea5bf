"""Feeds through the real client and the real parse child, from a blog host on loopback."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.feedparse import Parser
from netbot.fetch import Answer, NotFound, http_date
from netbot.model import Gone, NetworkError, RateLimited, Refused, Source, Transient
from netbot.network import Access, Batch, SourceHint
from netbot.networks.feed import Feeds, _fresh_s, _Memory
from tests.networks import contract

FEEDS = Path(__file__).parents[1] / "unit" / "feeds"
HUGO = (FEEDS / "hugo.xml").read_bytes()
GHOST = (FEEDS / "ghost.xml").read_bytes()
START = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE = b"<!doctype html><title>Acme</title><p>No feed here.</p>"


class Stage(contract.Stage):
    """For the contract of all networks."""

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server: BlogServer = BlogServer()
        self.shown: dict[str, str] = {}

    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> Feeds:
        return Feeds(access, allow_hosts=["127.0.0.1"])

    def publish(self, text: str) -> str:
        url = self.server.url(f"/{len(self.shown)}")
        self.edit(url, text)
        return url

    def edit(self, url: str, text: str) -> None:
        self.shown[url] = text
        self.server.put(urlsplit(url).path, text.encode(), content_type="text/html")
        self._show()

    def remove(self, url: str) -> None:
        del self.shown[url]
        self.server.remove(urlsplit(url).path)
        self._show()

    def source(self) -> Source:
        return source(self.server.url("/feed"))

    def _show(self) -> None:
        items = [
            f"<item><guid>{url}</guid><link>{url}</link><title>{len(url)}</title>"
            f"<description>{text}</description></item>"
            for url, text in self.shown.items()
        ]
        feed = f'<rss version="2.0"><channel><title>Acme</title>{"".join(items)}</channel></rss>'
        self.server.put("/feed", feed.encode())


class Clock:
    """A clock that stands until somebody moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as parser:
        yield parser


@pytest.fixture
def blog() -> Iterator[BlogServer]:
    with BlogServer() as blog:
        yield blog


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def feeds(parser: Parser, clock: Clock) -> Iterator[Feeds]:
    with Feeds(allow_hosts=["127.0.0.1"], parser=parser, now=clock) as feeds:
        yield feeds


def source(address: str) -> Source:
    return Source(client="acme", network="web", address=address)


def links(*hrefs: str) -> bytes:
    mark = '<link rel="alternate" type="application/rss+xml" href="{}" title="Neues">'
    return b"<!doctype html><title>Acme</title>" + "".join(map(mark.format, hrefs)).encode()


# A look and the next look


def test_a_first_look_brings_everything(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/feed", GHOST)
    batch = feeds.fetch(source(blog.url("/feed")), "")
    assert batch.changed
    assert batch.conditional
    assert (batch.title, batch.wish_s) == ("Kaffeerösterei Nordlicht", 3600)
    first = batch.posts[0]
    assert first.title == "Bio-zertifiziert: es ist geschafft"
    assert first.url == "https://nordlicht.example/bio-zertifiziert/"
    assert first.published_at == datetime(2026, 11, 19, 17, 30, tzinfo=UTC)
    assert (first.network, first.author, first.tags) == ("web", "Hauke Muster", ("Rösterei",))
    assert [key.partition(":")[0] for key in first.keys] == ["id", "url", "hash"]
    assert blog.requests[0].headers["accept"].startswith("application/atom+xml")


def test_a_second_look_asks_whether_anything_is_new(blog: BlogServer, feeds: Feeds) -> None:
    odd = {"ETag": 'W/"ab,c"', "Last-Modified": "Sat, 01 Jan 2000"}
    blog.put("/feed", GHOST, headers=odd)
    first = feeds.fetch(source(blog.url("/feed")), "")
    second = feeds.fetch(source(blog.url("/feed")), first.cursor)
    assert [asked.status for asked in blog.requests] == [200, 304]
    assert blog.requests[1].headers["if-none-match"] == odd["ETag"]
    assert blog.requests[1].headers["if-modified-since"] == odd["Last-Modified"]
    assert (second.changed, second.posts, second.conditional) == (False, (), True)
    assert second.wish_s == 3600
    assert json.loads(second.cursor) == json.loads(first.cursor)


def test_the_same_bytes_are_not_read_twice(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/feed", HUGO, validators=False)
    first = feeds.fetch(source(blog.url("/feed")), "")
    second = feeds.fetch(source(blog.url("/feed")), first.cursor)
    assert (first.conditional, second.conditional) == (False, False)
    assert (first.changed, second.changed) == (True, False)
    blog.put("/feed", GHOST, validators=False)
    assert feeds.fetch(source(blog.url("/feed")), second.cursor).changed


def test_validators_that_cannot_travel_are_left_out(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/feed", HUGO, headers={"ETag": "\x80\xff", "Last-Modified": ""})
    batch = feeds.fetch(source(blog.url("/feed")), "")
    assert not batch.conditional
    assert not feeds.fetch(source(blog.url("/feed")), batch.cursor).changed


@pytest.mark.parametrize("cursor", ["garbage", "[1]", '{"unknown": 1}', "null"])
def test_a_cursor_of_another_time_is_no_obstacle(
    blog: BlogServer, feeds: Feeds, cursor: str
) -> None:
    blog.put("/feed", HUGO)
    assert len(feeds.fetch(source(blog.url("/feed")), cursor).posts) == 2


def test_dates_in_the_future_are_none(blog: BlogServer, feeds: Feeds, clock: Clock) -> None:
    blog.put("/feed", HUGO)
    clock.now = datetime(2026, 11, 15, 12, tzinfo=UTC)
    soon = feeds.fetch(source(blog.url("/feed")), "").posts[0]
    clock.now = datetime(2026, 11, 14, 12, tzinfo=UTC)
    later = feeds.fetch(source(blog.url("/feed")), "").posts[0]
    assert (soon.published_at, later.published_at) == (datetime(2026, 11, 16, tzinfo=UTC), None)


def test_a_304_to_a_first_question_is_odd(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/feed", status=304, validators=False)
    with pytest.raises(Transient, match="unchanged"):
        feeds.fetch(source(blog.url("/feed")), "")


def test_edited_and_renumbered_posts_keep_a_key(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/feed", GHOST)
    before = feeds.fetch(source(blog.url("/feed")), "")
    edited = GHOST.replace(b"691d0c3f2b7e4a0001c0ffee", b"new-id").replace(b"Stempel", b"Siegel")
    blog.put("/feed", edited.replace(b"/frachtsegler/", b"/frachtsegler/?utm_source=x"))
    after = feeds.fetch(source(blog.url("/feed")), before.cursor)
    for old, new in zip(before.posts, after.posts, strict=True):
        assert set(old.keys) & set(new.keys)


# Many


def test_posts_stand_where_the_source_says_that_it_stands(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/hugo", HUGO)
    films = Source(client="acme", network="youtube", address=blog.url("/hugo"))
    assert {post.network for post in feeds.fetch(films, "").posts} == {"youtube"}
    found = dict(feeds.fetch_many([(films, ""), (source(blog.url("/hugo")), "")]))
    networks = {asked.network: batch for asked, batch in found.items()}
    for network, batch in networks.items():
        assert isinstance(batch, Batch)
        assert {post.network for post in batch.posts} == {network}
    assert networks.keys() == {"youtube", "web"}


def test_one_bad_feed_harms_no_other(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/good", HUGO)
    blog.put("/packed", GHOST, gzip=True)
    blog.put("/gone", status=410)
    blog.put("/pause", status=429, headers={"Retry-After": "120"})
    blog.put("/drop", drop=True)
    blog.put("/page", PAGE)
    paths = ["/good", "/packed", "/gone", "/drop", "/page", "/missing", "/pause"]
    requests = [(source(blog.url(path)), "") for path in paths]
    found = {asked.address: outcome for asked, outcome in feeds.fetch_many(requests)}
    kinds = [type(found[blog.url(path)]) for path in paths]
    assert kinds == [Batch, Batch, Gone, Transient, Refused, NotFound, RateLimited]


def test_two_clients_may_share_a_feed(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/feed", HUGO)
    twice = [(source(blog.url("/feed")), "")] * 2
    assert len(list(feeds.fetch_many(twice))) == 2
    assert list(feeds.fetch_many([])) == []


def test_a_private_address_must_be_opened(blog: BlogServer, parser: Parser) -> None:
    with Feeds(parser=parser) as feeds, pytest.raises(Refused, match="allow_hosts"):
        feeds.fetch(source(blog.url("/feed")), "")


def test_an_own_parser_is_closed() -> None:
    with Feeds() as feeds:
        own = feeds._parser
        own.parse(b"", content_type="", url="")
        assert own._child is not None
    assert own._child is None


# Pages and discovery


def test_a_page_leads_to_its_feed_once(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/", links("/comments/feed", "/missing", "/blog.xml"), content_type="text/html")
    blog.put("/blog.xml", HUGO)
    first = feeds.fetch(source(blog.url("/")), "")
    assert len(first.posts) == 2
    assert not feeds.fetch(source(blog.url("/")), first.cursor).changed
    paths = [asked.path for asked in blog.requests]
    assert paths == ["/", "/missing", "/blog.xml", "/blog.xml"]


def test_a_feed_that_moved_is_found_anew(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/", links("/old.xml"))
    blog.put("/old.xml", HUGO)
    cursor = feeds.fetch(source(blog.url("/")), "").cursor
    blog.put("/", links("/new.xml"))
    blog.put("/new.xml", GHOST)
    for lost in (None, PAGE):
        blog.remove("/old.xml")
        if lost:
            blog.put("/old.xml", lost)
        assert feeds.fetch(source(blog.url("/")), cursor).title == "Kaffeerösterei Nordlicht"


def test_a_page_in_place_of_a_feed_is_waited_out(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/feed", HUGO)
    cursor = feeds.fetch(source(blog.url("/feed")), "").cursor
    blog.put("/feed", links("/hoster-news.xml"), content_type="text/html")
    blog.put("/hoster-news.xml", GHOST)
    with pytest.raises(Transient, match="where its feed was"):
        feeds.fetch(source(blog.url("/feed")), cursor)


def test_common_places_are_tried_until_one_is_a_feed(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/about", PAGE)
    blog.put("/feed", PAGE)
    blog.put("/rss.xml", HUGO)
    assert len(feeds.fetch(source(blog.url("/about")), "").posts) == 2
    assert [asked.path for asked in blog.requests] == ["/about", "/feed", "/feed.xml", "/rss.xml"]


def test_a_page_without_any_feed_says_what_to_do(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/", PAGE)
    with pytest.raises(Refused, match="give that address"):
        feeds.fetch(source(blog.url("/")), "")
    assert len(blog.requests) == 7


def test_a_pause_ends_the_search(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/", PAGE)
    blog.put("/feed", status=429)
    with pytest.raises(RateLimited):
        feeds.fetch(source(blog.url("/")), "")
    assert len(blog.requests) == 2


def test_resolve_knows_feeds_pages_and_common_places(blog: BlogServer, feeds: Feeds) -> None:
    def hint(path: str, title: str) -> SourceHint:
        return SourceHint(network="web", address=blog.url(path), title=title)

    blog.put("/feed", GHOST)
    assert feeds.resolve(blog.url("/feed")) == [hint("/feed", "Kaffeerösterei Nordlicht")]
    blog.put("/page", links("/comments.xml", "/a.xml"))
    assert feeds.resolve(blog.url("/page")) == [
        hint("/a.xml", "Neues"),
        hint("/comments.xml", "Neues"),
    ]
    blog.put("/bare", PAGE)
    assert feeds.resolve(blog.url("/bare")) == [hint("/feed", "Kaffeerösterei Nordlicht")]
    blog.remove("/feed")
    assert feeds.resolve(blog.url("/bare")) == []
    with pytest.raises(NetworkError):
        feeds.resolve(blog.url("/missing"))


def test_an_address_may_lack_its_scheme(feeds: Feeds, blog: BlogServer) -> None:
    with pytest.raises(Transient, match="certificate"):
        feeds.resolve(f"127.0.0.1:{blog.port}")


# Redirects that are meant to last


def test_a_move_is_believed_after_three_times_and_a_day(
    blog: BlogServer, feeds: Feeds, clock: Clock
) -> None:
    blog.put("/old", status=301, headers={"Location": "/new"})
    blog.put("/new", HUGO)
    cursor = ""
    for hours in (0, 1, 2, 23, 25):
        clock.now = START + timedelta(hours=hours)
        assert "feed" not in json.loads(cursor or "{}")
        cursor = feeds.fetch(source(blog.url("/old")), cursor).cursor
    assert json.loads(cursor)["feed"] == blog.url("/new")
    asked = len(blog.requests)
    feeds.fetch(source(blog.url("/old")), cursor)
    assert [request.path for request in blog.requests[asked:]] == ["/new"]
    blog.remove("/new")
    blog.put("/old", GHOST)
    assert feeds.fetch(source(blog.url("/old")), cursor).changed


@pytest.mark.parametrize("status", [302, 307])
def test_a_passing_redirect_is_forgotten(
    blog: BlogServer, feeds: Feeds, clock: Clock, status: int
) -> None:
    blog.put("/new", HUGO)
    cursor = ""
    for day, code in enumerate((301, 301, status, 301, 301)):
        clock.now = START + timedelta(days=day)
        blog.put("/old", status=code, headers={"Location": "/new"})
        cursor = feeds.fetch(source(blog.url("/old")), cursor).cursor
    assert "feed" not in json.loads(cursor)
    assert json.loads(cursor)["moved_seen"] == 2


def test_moves_must_agree(blog: BlogServer, feeds: Feeds, clock: Clock) -> None:
    cursor = ""
    for day, place in enumerate(("/a", "/a", "/b", "/a", "/a")):
        clock.now = START + timedelta(days=day)
        blog.put(place, HUGO)
        blog.put("/old", status=308, headers={"Location": place})
        cursor = feeds.fetch(source(blog.url("/old")), cursor).cursor
    assert "feed" not in json.loads(cursor)


def test_a_304_refreshes_what_it_names() -> None:
    answer = Answer(url="u", status=304, headers={"etag": '"2"'}, body=b"")
    memory = _Memory(etag='"1"', modified="yesterday").after(answer, START)
    assert (memory.etag, memory.modified) == ('"2"', "yesterday")


# Wishes


def date(**ahead: int) -> str:
    return format_datetime(START + timedelta(**ahead), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "wish_s"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public, MAX-AGE = "600"'}, 600),
        ({"cache-control": "max-age=-600"}, None),
        ({"cache-control": "max-age=0, must-revalidate"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "max-age=soon, max-age=60"}, 60),
        ({"cache-control": "no-cache"}, None),
        ({"expires": date(hours=2)}, 7200),
        ({"expires": date(hours=-2)}, None),
        ({"expires": date(hours=2), "date": date(hours=1)}, 3600),
        ({"expires": date(hours=2), "cache-control": "max-age=60"}, 7200),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({"expires": "garbage", "date": "garbage"}, None),
    ],
)
def test_wishes_of_the_server(headers: dict[str, str], wish_s: int | None) -> None:
    assert _fresh_s(headers, START) == wish_s


@pytest.mark.parametrize("age", ["1000000000000", "31536000", "86401"])
def test_no_wish_is_longer_than_a_day(blog: BlogServer, feeds: Feeds, age: str) -> None:
    blog.put("/feed", HUGO, headers={"Cache-Control": f"max-age={age}"})
    assert feeds.fetch(source(blog.url("/feed")), "").wish_s == 86400


def test_a_pause_that_a_redirect_asks_for_may_be_longer(blog: BlogServer, feeds: Feeds) -> None:
    pause = {"Location": "/feed", "Retry-After": "172800"}
    blog.put("/old", status=302, headers=pause)
    blog.put("/feed", HUGO, headers={"Cache-Control": "max-age=999999", "Retry-After": "60"})
    assert feeds.fetch(source(blog.url("/old")), "").wish_s == 172800
    assert feeds.fetch(source(blog.url("/feed")), "").wish_s == 86400


def test_what_was_found_on_the_way_is_not_asked_for_again(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/old", status=301, headers={"Location": "/feed"})
    blog.put("/feed", HUGO)
    [hint] = feeds.resolve(blog.url("/old"))
    asked = len(blog.requests)
    first = feeds.fetch(source(hint.address), "")
    assert len(blog.requests) == asked
    again = feeds.fetch(source(hint.address), "")
    assert len(blog.requests) == asked + 1
    assert first == again
    feeds.resolve(hint.address)
    assert not feeds.fetch(source(hint.address), first.cursor).changed
    feeds.resolve(hint.address)
    assert feeds.fetch(source(blog.url("/old")), "").posts == first.posts


def test_the_longest_wish_counts(blog: BlogServer, feeds: Feeds) -> None:
    blog.put("/feed", GHOST, headers={"Cache-Control": "max-age=60"})
    assert feeds.fetch(source(blog.url("/feed")), "").wish_s == 3600
    assert http_date(date()) == START
