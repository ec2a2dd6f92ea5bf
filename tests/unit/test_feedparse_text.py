"""Plain text, addresses, and which post is which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.feedparse import Entry
from netbot.feedparse.identity import canonical, identities
from netbot.feedparse.plain import absolute, to_line, to_text
from netbot.feedparse.raw import feed_wish_s
from netbot.feedparse.read import read_document

PLACE = "https://host.example/dir/feed.xml"
LONG = "Enough words that nobody else would write them in just this order."


def rss(items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def item(**fields: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<item>{inner}</item>"


def entries(body: bytes) -> tuple[Entry, ...]:
    return read_document(body, "application/rss+xml", PLACE).entries


# Plain text and addresses


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain <3 text & more", "plain <3 text & more"),
        ("line\r\nnext\n\n\n\nlast", "line\nnext\n\nlast"),
        ("<p>a</p>\n<p>b<br>c</p>", "a\n\nb\nc"),
        ("a<br /><br/>b", "a\n\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<p>x</p><script>alert(1)</script><style>p{}</style>", "x"),
        ("&lt;b&gt; stays <i>text</i>", "<b> stays text"),
        ("a\x00b\x1b[31m&#x9b;&#xd800;", "ab[31m\ufffd".replace("\ufffd", "›\ufffd")),
        ("<a href='x", ""),
        ("<div>" * 500 + "deep<p>er</p>", "deep\ner"),
        ("Words.<p>The post <a>X</a> appeared first on <a>Y</a>.</p>", "Words."),
    ],
)
def test_text(source: str, text: str) -> None:
    assert to_text(source).split() == text.split()
    if "\n" in text:
        assert to_text(source) == text


def test_text_has_an_end() -> None:
    assert len(to_text("x" * 1_000_000)) == 256 * 1024
    assert len(to_line("x" * 1_000_000)) == 1000


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("a\n b", "a b"),
        ("R&amp;D", "R&D"),
        ("R&amp;amp;D", "R&D"),
        ("&amp;#8211;", "–"),
        ("AT&T", "AT&T"),
        ("<b>bold</b> claim", "bold claim"),
    ],
)
def test_line(source: str, line: str) -> None:
    assert to_line(source) == line


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("/a b", "https://host.example/a%20b"),
        ("x?y=1&amp;z=2", "https://host.example/dir/x?y=1&z=2"),
        ("//other.example/x", "https://other.example/x"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("jav\nascript:alert(1)", ""),
        ("\x01javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("mailto:a@b.example", ""),
        ("https://:80/", ""),
        ("https://[::1", ""),
        ("", ""),
        ("/" + "x" * 3000, ""),
        ("https://host.example:port/", ""),
    ],
)
def test_addresses_are_absolute_or_nothing(address: str, url: str) -> None:
    assert absolute(address, PLACE) == url


@given(st.text())
def test_no_text_keeps_control_characters(source: str) -> None:
    kept = to_text(source) + to_line(source) + absolute(source, PLACE)
    assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in kept)


@pytest.mark.parametrize(
    ("ttl", "period", "frequency", "wish"),
    [
        (None, None, None, None),
        ("30", None, None, 1800),
        ("-5", "daily", "2", 43200),
        ("soon", "fortnightly", "x", None),
        (" 60 ", " hourly\n", None, 3600),
        ("1" * 40, "weekly", "0", 604800),
    ],
)
def test_wishes_of_a_feed(
    ttl: str | None, period: str | None, frequency: str | None, wish: int | None
) -> None:
    assert feed_wish_s(ttl, period, frequency) == wish


# Identity

POST = {"title": "A title", "link": "https://a.example/post/", "guid": "1", "description": LONG}


def keys(**changes: str) -> set[str]:
    return set(entries(rss(item(**POST | changes)))[0].keys)


@pytest.mark.parametrize(
    "changes",
    [
        {"guid": "renumbered-99"},
        {"guid": "renumbered-99", "description": f"Edited: {LONG}"},
        {"guid": "9", "link": "http://a.example:80/post?utm_source=x&amp;fbclid=y#top"},
        {"guid": "9", "link": "https://a.example/moved", "title": "a  TITLE!"},
        {"link": "https://a.example/moved", "title": "Other", "description": "Another text."},
    ],
)
def test_a_changed_post_shares_a_key_with_itself(changes: dict[str, str]) -> None:
    assert keys() & keys(**changes)


def test_another_post_shares_none() -> None:
    assert not keys() & keys(guid="2", link="https://a.example/2", title="Another")


def test_an_id_that_is_the_link_survives_https_and_tracking() -> None:
    before = entries(rss(item(guid="http://a.example/p/?utm_medium=rss", title="T")))[0]
    after = entries(rss(item(guid="https://a.example/p", link="https://a.example/p")))[0]
    assert before.keys == after.keys == ("url:https://a.example/p",)


def test_keys_that_several_entries_carry_tell_nothing() -> None:
    twins = [
        Entry(guid="1", url="https://a.example/", title="One", text=LONG),
        Entry(guid="1", url="https://a.example/", title="Two", text=LONG),
        Entry(guid="3", url="https://a.example/", title="One", text=LONG),
    ]
    first, second, third = identities(twins)
    assert [len(entry.keys) for entry in (first, second, third)] == [1, 1, 1]
    assert first.keys != second.keys
    assert third.keys == ("id:3",)


def test_the_same_entry_twice_is_one() -> None:
    twice = item(**POST) * 2
    assert entries(rss(twice))[0].keys == entries(rss(item(**POST)))[0].keys
    assert len(entries(rss(twice))) == 1


def test_stubs_are_told_apart_by_title_and_date() -> None:
    stubs = [Entry(title="Closed"), Entry(title="Closed", published="2026-01-01"), Entry()]
    assert len({entry.keys for entry in identities(stubs)}) == 2


def test_long_ids_are_shortened() -> None:
    assert len(identities([Entry(guid="x" * 9000)])[0].keys[0]) < 100


@pytest.mark.parametrize(
    ("url", "spelled"),
    [
        ("HTTP://A.example:80", "https://a.example/"),
        ("https://a.example:443/x/?b=2&a=1", "https://a.example/x?a=1&b=2"),
        ("https://a.example:8443/x//", "https://a.example:8443/x"),
        ("https://u:p@www.a.example/%7Ex#f", "https://www.a.example/~x"),
        ("https://a.example/?UTM_Source=x&gclid=1&id=7&mc_eid=2", "https://a.example/?id=7"),
        ("https://m.example/p?source=rss-9--2&source=home", "https://m.example/p?source=home"),
        ("http://[2001:DB8::1]/", "https://[2001:db8::1]/"),
        ("ftp://a.example/", ""),
        ("tag:a.example,2026:1", ""),
        ("https://[broken", ""),
        ("https://a.example:99999/", ""),
        ("", ""),
    ],
)
def test_one_spelling_for_all_addresses_of_a_page(url: str, spelled: str) -> None:
    assert canonical(url) == spelled
