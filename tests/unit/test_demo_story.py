import json
from calendar import timegm
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from time import struct_time
from typing import get_args
from urllib.parse import urlsplit

import feedparser
import pytest

from netbot.demo import story
from netbot.demo.blogserver import BlogServer
from netbot.demo.shapes import Blog, Shape, html
from netbot.model import ConfigError

NOW = datetime(2026, 11, 21, 9, 30, 15, 999, tzinfo=UTC)
BASE = "http://127.0.0.1:8123"
BLOGS = story.blogs()
ALL = story.posts(NOW)


class Links(HTMLParser):
    """The addresses and ids in a page, and what it says."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.alternate: list[tuple[str, str]] = []
        self.said = ""
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.links += [given[name] for name in ("href", "src") if name in given]
        self.ids += [given["id"]] if "id" in given else []
        if given.get("rel") == "alternate":
            self.alternate.append((given["type"], given["href"]))

    def handle_data(self, data):
        self.said += data


def parsed(time: struct_time) -> datetime:
    return datetime.fromtimestamp(timegm(time), UTC)


def told(blog: Blog, passed: int) -> list[story.Telling]:
    return [post for post in ALL if post.blog == blog.id and post.passed <= passed]


def read(blog: Blog, body: bytes) -> list[tuple[str, str, datetime, str]]:
    """Title, address, date and text of each entry, as a reader of feeds sees them."""
    if blog.shape == "json":
        return [
            (
                item["title"],
                item["url"],
                datetime.fromisoformat(item["date_published"]),
                item["content_html"],
            )
            for item in json.loads(body)["items"]
        ]
    feed = feedparser.parse(body)
    assert not feed.bozo
    assert feed.feed.title == blog.name
    assert feed.feed.language == blog.language
    return [
        (
            entry.title,
            entry.link,
            parsed(entry.get("published_parsed") or entry.updated_parsed),
            entry.content[0].value if "content" in entry else entry.summary,
        )
        for entry in feed.entries
    ]


def test_five_clients_and_a_band():
    clients = {(blog.sphere, blog.client) for blog in BLOGS.values()}
    assert sorted(clients) == [
        ("private", "nachtkerzen"),
        ("professional", "brueckentext"),
        ("professional", "erlengrund"),
        ("professional", "papiermond"),
        ("professional", "penhallow-reed"),
        ("professional", "quillmoor"),
    ]
    assert {blog.language for blog in BLOGS.values()} == {"de", "en"}


def test_every_client_writes_another_shape():
    main = [blog for blog in BLOGS.values() if blog.id == blog.client]
    assert {blog.shape for blog in main} == set(get_args(Shape))


def test_every_kind_of_post_is_told():
    assert {post.kind for post in ALL} == set(get_args(story.Kind))
    assert len(ALL) >= 18
    new = {post.kind for post in ALL if post.passed == 2}
    assert {"award", "new-book", "job-ad", "spam", "nonsense", "death", "against-values"} <= new


def test_addresses_are_unique_and_titles_too_but_for_the_story_on_two_sites():
    assert len({post.path for post in ALL}) == len(ALL)
    twice = [post for post in ALL if post.kind == "two-sources"]
    assert len({post.title for post in ALL}) == len(ALL) - 1
    assert len({post.title for post in twice}) == 1
    assert len({post.paragraphs for post in twice}) == 1
    assert len({post.blog for post in twice}) == 2
    assert len({BLOGS[post.blog].client for post in twice}) == 1


def test_one_person_writes_in_both_spheres():
    spheres = {BLOGS[post.blog].sphere for post in ALL if post.author == "Jonas Petri"}
    assert spheres == {"professional", "private"}
    (trap,) = [post for post in ALL if post.kind == "private-trap"]
    assert BLOGS[trap.blog].sphere == "private"
    assert "Papiermond" in " ".join(trap.paragraphs)
    professional = " ".join(
        " ".join((post.title, post.author, *post.paragraphs))
        for post in ALL
        if BLOGS[post.blog].sphere == "professional"
    )
    assert "Nachtkerzen" not in professional


def test_dates_lie_behind_us_and_the_new_posts_are_of_today():
    for post in ALL:
        age = NOW - post.published_at
        assert timedelta(0) < age < timedelta(days=30)
        assert post.published_at.microsecond == 0
        assert (age < timedelta(hours=24)) == (post.passed == 2)
    assert sorted(ALL, key=lambda post: post.published_at, reverse=True) == list(ALL)
    week = [post for post in ALL if NOW - post.published_at < timedelta(days=7)]
    assert len({post.blog for post in week if post.passed == 1}) >= 5


def test_naive_times_are_refused():
    with pytest.raises(ValueError, match="now"):
        story.posts(datetime(2026, 11, 21))  # noqa: DTZ001


@pytest.mark.parametrize("post", ALL, ids=lambda post: post.path)
def test_texts_are_complete(post):
    assert post.title == post.title.strip()
    assert post.author
    assert all(post.paragraphs)
    assert not any("  " in part or "\n" in part for part in post.paragraphs)
    assert len(" ".join(post.paragraphs)) > 100


@pytest.mark.parametrize("passed", [1, 2])
@pytest.mark.parametrize("blog", BLOGS.values(), ids=lambda blog: blog.id)
def test_feeds_tell_what_was_written(blog, passed):
    _, body = story.documents(NOW, BASE, passed)[blog.feed_path]
    expected = told(blog, passed)
    assert expected
    assert read(blog, body) == [
        (post.title, BASE + post.path, post.published_at, html(post.paragraphs))
        for post in expected
    ]


@pytest.mark.parametrize("blog", BLOGS.values(), ids=lambda blog: blog.id)
def test_something_new_comes_in_the_second_pass(blog):
    assert len(told(blog, 2)) > len(told(blog, 1))


def test_content_types():
    served = story.documents(NOW, BASE, 2)
    types = {blog.shape: served[blog.feed_path][0] for blog in BLOGS.values()}
    assert types == {
        "rss": "application/rss+xml; charset=utf-8",
        "rss092": "text/xml; charset=iso-8859-1",
        "rdf": "application/rdf+xml; charset=utf-8",
        "atom": "application/atom+xml; charset=utf-8",
        "json": "application/feed+json",
    }


def test_the_old_feed_says_umlauts_in_its_own_charset():
    (blog,) = [blog for blog in BLOGS.values() if blog.shape == "rss092"]
    _, body = story.documents(NOW, BASE, 2)[blog.feed_path]
    assert "Bücher, Suppe".encode("iso-8859-1") in body
    assert b"&#8222;" in body  # a quotation mark that the charset lacks


@pytest.mark.parametrize("passed", [1, 2])
def test_every_link_leads_somewhere(passed):
    served = story.documents(NOW, BASE + "/", passed)
    pages = {path: Links(body) for path, (kind, body) in served.items() if "html" in kind}
    assert len(pages) == len(BLOGS) + sum(post.passed <= passed for post in ALL)
    for page in pages.values():
        assert page.links
        for link in page.links:
            assert urlsplit(link).netloc in {"", urlsplit(BASE).netloc}
            assert urlsplit(link).path in served


def test_pages_of_posts_have_a_place_to_comment():
    served = story.documents(NOW, BASE, 2)
    for post in ALL:
        page = Links(served[post.path][1])
        assert page.ids == ["respond"]
        assert all(part in page.said for part in (post.title, post.author, *post.paragraphs))


def test_front_pages_name_their_feed():
    served = story.documents(NOW, BASE, 1)
    for blog in BLOGS.values():
        ((kind, address),) = Links(served[blog.path][1]).alternate
        assert address == BASE + blog.feed_path
        assert served[blog.feed_path][0].startswith(kind)


def test_told_later_the_story_keeps_its_ids_and_its_order():
    later = story.posts(NOW + timedelta(days=3))
    assert [post.path for post in later] == [post.path for post in ALL]
    assert later[0].published_at - ALL[0].published_at == timedelta(days=3)
    before, after = (
        [entry.get("id") for entry in feedparser.parse(served["/brueckentext/feed.xml"][1]).entries]
        for served in (
            story.documents(NOW, BASE, 2),
            story.documents(NOW, "http://127.0.0.1:9", 2),
        )
    )
    assert before == after
    assert len(set(before)) == len(before)


def test_the_blog_server_serves_it():
    from urllib.request import urlopen

    with BlogServer() as server:
        for path, (kind, body) in story.documents(NOW, server.url(""), 2).items():
            server.put(path, body, content_type=kind)
        with urlopen(server.url("/brueckentext/klare-sprache")) as answer:
            assert "Unser Pflege-Glossar" in answer.read().decode()
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_broken_file_is_named_with_its_place(tmp_path):
    file = tmp_path / "blog.yaml"
    file.write_text("client: acme\nposts: []\n")
    with pytest.raises(ConfigError, match=r"blog\.yaml:1:1: "):
        story._read(file)


def test_markup_in_words_stays_words():
    assert html(["a < b & c"]) == "<p>a &lt; b &amp; c</p>"
