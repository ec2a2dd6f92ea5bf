"""Bytes into entries: what feeds really look like, and what they must not do."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from netbot.feedparse import Document, Entry, FeedLink
from netbot.feedparse.fast import read_fast
from netbot.feedparse.identity import identities
from netbot.feedparse.raw import finish
from netbot.feedparse.read import as_utf8, read_document
from netbot.feedparse.tolerant import read_tolerant

FEEDS = Path(__file__).parent / "feeds"
EXPECTED: dict[str, dict[str, Any]] = YAML(typ="safe").load(FEEDS / "expected.yaml")
PLACE = "https://host.example/dir/feed.xml"
LONG = "Enough words that nobody else would write them in just this order."


def read(name: str, content_type: str = "application/xml") -> Document:
    return read_document((FEEDS / name).read_bytes(), content_type, PLACE)


def rss(items: str, head: str = "", version: str = "2.0", namespaces: str = "") -> bytes:
    start = f'<rss version="{version}" {namespaces}><channel><title>T</title>{head}'
    return f"{start}{items}</channel></rss>".encode()


def item(**fields: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<item>{inner}</item>"


def entries(body: bytes) -> tuple[Entry, ...]:
    return read_document(body, "application/rss+xml", PLACE).entries


def both_paths(body: bytes) -> list[list[Entry]]:
    """Finished entries of the fast and the tolerant path; the fast one must trust itself."""
    data = as_utf8(body, "")
    feeds = read_fast(data), read_tolerant(data)
    assert feeds[0] is not None
    return [identities([finish(raw, f, PLACE) for raw in f.entries]) for f in feeds if f]


# The samples


def test_every_sample_is_expected_and_there() -> None:
    files = {path.name for path in FEEDS.iterdir()} - {"expected.yaml"}
    assert files == set(EXPECTED)
    assert len(files) >= 30


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_sample_is_read_as_expected(name: str) -> None:
    document = read(name)
    first = document.entries[0]
    assert document.is_feed
    assert {
        "entries": len(document.entries),
        "title": first.title,
        "url": first.url,
        "date": first.published,
        "keys": len(first.keys),
    } == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_both_paths_agree_wherever_the_fast_one_is_trusted(name: str) -> None:
    data = as_utf8((FEEDS / name).read_bytes(), "")
    if data.lstrip().startswith(b"{") or read_fast(data) is None:
        return
    fast, tolerant = both_paths(data)
    assert fast == tolerant


def test_elements_with_odd_names_do_no_harm() -> None:
    body = rss(item(title="a", links="x", tags="y", content="z", media_content="w")) + b"<"
    assert entries(body)[0].title == "a"


def test_the_fast_path_serves_most_samples() -> None:
    fast = [name for name in EXPECTED if read(name).fast]
    assert len(fast) >= 20


def test_title_language_and_wish_of_a_feed() -> None:
    document = read("wordpress.xml")
    assert (document.title, document.language, document.wish_s) == ("ACME Übersetzer", "de", 3600)
    assert read("typo3-news.xml").language == "de-DE"
    assert read("podcast.xml").wish_s == 86400
    assert read("jekyll.xml").language == "en"
    assert read("rss10.rdf").wish_s == 86400


def test_the_text_of_a_post_is_its_own() -> None:
    caption = read("mastodon.rss").entries[0]
    assert caption.text.startswith("Manuskript Nr. 300")
    assert "Torte" not in caption.text
    assert read("wordpress.xml").entries[0].text.endswith("begleitet haben & begleiten!")
    assert read("youtube.xml").entries[0].text.endswith("Werkzeugliste: Messer, Geduld, Tee.")


def test_authors_tags_links_and_media() -> None:
    first = read("wordpress.xml").entries[0]
    assert (first.author, first.tags) == ("Ulrike Beispiel", ("Büro", "Jubiläum"))
    assert (first.links, first.media) == (3, 1)
    assert read("blogger-rss.xml").entries[0].author == "Ada Sample"
    assert read("podcast.xml").entries[0].media == 1
    assert read("jsonfeed11.json").entries[0].media == 3


def test_entries_of_another_language_say_so() -> None:
    assert [entry.language for entry in read("jsonfeed11.json").entries] == ["en-GB", "de"]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("latin1.xml", "text/xml"),
        ("latin1.xml", "text/html"),
        ("lying-utf8.xml", "application/rss+xml; charset=utf-8"),
        ("lying-latin1.xml", "text/xml; charset=ISO-8859-1"),
        ("undeclared-latin1.xml", ""),
        ("undeclared-latin1.xml", "text/xml; charset=ISO-8859-1"),
        ("utf16.xml", "application/xml; charset=utf-8"),
        ("utf8-bom.xml", "text/plain; charset=us-ascii"),
        ("windows1252.xml", "application/octet-stream"),
    ],
)
def test_no_header_garbles_german(name: str, content_type: str) -> None:
    assert read(name, content_type).entries[0].title == EXPECTED[name]["title"]


def test_one_bad_byte_leaves_the_rest_legible() -> None:
    for name in ("wordpress.xml", "lying-latin1.xml"):
        body = (FEEDS / name).read_bytes().replace(b"<description>", b"<description>T\xe4", 1)
        assert read_document(body, "", PLACE).entries[0].title == EXPECTED[name]["title"]


def test_umlauts_encoded_twice_come_back() -> None:
    twice = "Grüße aus Übersee".encode().decode("latin-1")
    assert entries(rss(item(title=twice, description=LONG)))[0].title == "Grüße aus Übersee"


def test_utf16_without_a_mark_is_seen() -> None:
    body = (FEEDS / "lying-latin1.xml").read_text("utf-8").encode("utf-16-be")
    assert read_document(body, "", PLACE).entries[0].title == "Gold für den Bergkäse"


def test_japanese_escapes_are_not_taken_for_utf8() -> None:
    body = '<?xml version="1.0" encoding="iso-2022-jp"?>' + rss(item(title="日本語")).decode()
    assert entries(body.encode("iso-2022-jp"))[0].title == "日本語"


# What sends a document to the tolerant parser


@pytest.mark.parametrize(
    "body",
    [
        rss(item(title="a", description=LONG)) + b"<",
        rss(item(title="a", description="x\x0by")),
        b"<!DOCTYPE rss>" + rss(item(title="a", description=LONG)),
        rss(item(title="a", description=LONG, pubDate="yesterday at noon")),
        rss(item(title="a", guid="20260101", description=LONG)),
        rss(item(title="a", description="")),
        rss(""),
        rss(item(title="a", **{"content:encoded": LONG}), namespaces='xmlns:content="https://x"'),
        rss(item(title="a", description=f"{LONG} <p>more</p>")),
        rss(item(title="a", description=f"<![CDATA[{LONG}]]> <p>more</p>")),
        rss(item(title="a", description="<x:y>z</x:y>")),
        b"<!-- a --><?xml version='1.0' encoding='latin-1'?>" + rss(item(title="a")),
        b"<html><body>" + LONG.encode() + b"</body></html>",
    ],
)
def test_the_fast_path_declines(body: bytes) -> None:
    assert read_fast(body) is None


def test_a_date_is_never_guessed() -> None:
    odd = ("yesterday", "14:30", "Do, 31 Dez 2025 18:00:00 +0100", "0000-00-00T00:00:00Z", "")
    feed = rss("".join(item(title=f"t{n}", pubDate=date) for n, date in enumerate(odd)))
    assert [entry.published for entry in entries(feed)] == [None] * len(odd)


def test_an_id_that_looks_like_a_date_is_none() -> None:
    feed = rss(item(title="a", guid="20260101", description=LONG))
    assert entries(feed)[0].published is None


def test_impossible_dates_are_left_out() -> None:
    body = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1",
            "items": [
                {"id": "1", "title": "a", "date_published": "0001-01-01T00:00:00+14:00"},
                {"id": "2", "title": "b", "date_published": ["2026"]},
                {"id": "3", "title": "c", "date_published": "2026-11-01T10:00:00"},
            ],
        }
    ).encode()
    dates = [entry.published for entry in entries(body)]
    assert dates == [None, None, "2026-11-01T10:00:00+00:00"]


def test_no_more_than_500_entries() -> None:
    feed = rss("".join(item(title=f"t{n}", description=f"{LONG} {n}") for n in range(600)))
    assert len(entries(feed)) == 500


# Pages and other documents


def test_a_page_shows_its_feeds_comments_last() -> None:
    page = b"""<!-- hello --><!DOCTYPE html><html><head><title>Acme &amp; Co</title>
    <base href="/blog/"><link rel="stylesheet" href="x.css">
    <link rel="alternate" type="application/rss+xml" title="Kommentar-Feed" href="comments.xml">
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
    <LINK REL="Alternate" TYPE="application/atom+xml; charset=utf-8" HREF="atom.xml" title="Neu">
    <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
    </head><body><svg><title>icon</title></svg></body></html>"""
    document = read_document(page, "text/html", "https://acme.example/")
    assert not document.is_feed
    assert document.title == "Acme & Co"
    assert document.links == (
        FeedLink(url="https://acme.example/blog/atom.xml", title="Neu"),
        FeedLink(url="https://acme.example/blog/comments.xml", title="Kommentar-Feed"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b'{"version": 1}',
        b"[" * 9,
        b"just words",
        b"<opml/>",
        b"<feeds/>",
        b"<channel/>",
    ],
)
def test_what_is_no_feed_is_no_feed(body: bytes) -> None:
    assert not read_document(body, "text/html", PLACE).is_feed


def test_a_page_with_a_broken_declaration_still_shows_its_feed() -> None:
    page = b"<!doctype html><link rel=alternate type=text/xml href=/f><![broken [ x"
    assert read_document(page, "text/html", PLACE).links == (
        FeedLink(url="https://host.example/f"),
    )


def test_json_nested_beyond_reason_is_no_feed() -> None:
    body = b'{"version": ' + b"[" * 100_000
    assert read_document(body, "application/json", PLACE) == Document(is_feed=False)


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read_document(rss(""), "text/xml", PLACE) == Document(is_feed=True, title="T")


def test_xml_that_only_looks_like_a_feed_is_a_page() -> None:
    body = b"<page><item/><title>Hello</title></page>"
    assert not read_document(body, "text/xml", PLACE).entries


def test_a_wrong_value_costs_itself_only() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": None,
        "items": [
            {"id": True, "url": {}, "title": ["x"], "authors": "me", "tags": [1, None, "a"]},
            {"id": "2", "title": "b", "author": "me", "attachments": {}},
        ],
    }
    found = entries(json.dumps(feed).encode())
    assert [entry.title for entry in found] == ["b"]


def test_the_language_of_an_atom_feed_is_read_on_both_paths() -> None:
    entry = (
        f"<entry><id>urn:i</id><link href='/i'/><title>t</title><content>{LONG}</content></entry>"
    )
    start = '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>T</title>'
    body = f"{start}{entry}</feed>".encode()
    assert [read_document(b, "", PLACE).language for b in (body, body + b"<")] == ["fr", "fr"]
    assert read_fast(body) is not None
