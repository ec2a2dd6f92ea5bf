"""Ways that are shorter than the definition, and lead to the same place."""

import re
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netbot.feedparse import identity, letters, orderly, plain
from netbot.feedparse.document import Document, Entry, FeedLink

PLACE = "https://host.example/dir/feed.xml"

WORDS = (
    *("word ", "two words", " ", "\n", "\t", "  ", "ä", "„quoted“", "e\u0301", "😀", "\u200b"),
    *("&nbsp;", "&#160;", "&amp;", "&lt;b&gt;", "&#8211;", "&#39;", "&hellip;", "&apos;", "&copy"),
    *("&#8195;", "&am", "p;", "&nosuch;", "&", "<3", ">", "]]>", "&#128512;", "&#38;lt;", "&#x27;"),
    *(
        "\xa0",
        "\u2003",
        "\x01",
        "\x96",
        "\ufeff",
        "␌",
        "␊",
        "Ã¼",
        "The post x",
        " appeared first on y",
    ),
)
OPENING = (
    *("p", "div", "b", "i", "em", "ul", "ol", "li", "h2", "figure", "figcaption", "blockquote"),
    *("pre", "section", "u", "code", "q", "a", 'a href="x"', "a href='x'", "span style='x: \"y\"'"),
    *("table", "tr", "td", "script", "center", "font", "P", "A", 'p a="b"c', "p a=b", "p/", "a/"),
    *('p\nclass="x"', "dl", "dt", "button", "select", "svg", "title", "noscript", "iframe"),
)
EMPTY = ("br", "br/", "br /", 'img src="a>b"', "img alt='x'", "hr", "!-- c --", "/p", "/b", "wbr")


def mark(name: str) -> st.SearchStrategy[str]:
    return st.just(f"<{name}>")


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Elements that are closed in the order in which they were opened."""
    contents = st.lists(inner, max_size=4).map("".join)
    return st.builds(
        lambda name, text: f"<{name}>{text}</{name.replace('/', ' ').split()[0]}>",
        st.sampled_from(OPENING),
        contents,
    )


PIECES = st.sampled_from(WORDS) | st.sampled_from(EMPTY).flatmap(mark)
ORDERLY = st.lists(st.recursive(PIECES, nested, max_leaves=12), max_size=6).map("".join)
WILD = st.lists(PIECES | st.sampled_from(OPENING).flatmap(mark), max_size=12).map("".join)


def text_the_long_way(source: str) -> str:
    return plain._finished(plain._loosened(mended_the_long_way(source)))


def mended_the_long_way(text: str) -> str:
    while not text.isascii():
        once = plain._as_utf8(text, "latin-1") or plain._as_utf8(text, "cp1252")
        if once is None or not plain._EUROPEAN.fullmatch(once):
            break
        text = once
    return re.sub("[\x80-\x9f\u2028\u2029]", lambda odd: odd[0].translate(plain._MEANT), text)


@given(ORDERLY | WILD)
@example('&am<a>p;<p a="b"c>\n</p>')
@example("<div>a</div>&nbsp;<div>b</div>")
@example("<p>a<div>b</div>c</p>")
@example("<p>a</p>&#8195;<div>b</div><div>c</div>")
@example("<ul><p>a<li>b</ul>")
@example("<a>a<a>b</a></a>")
@example("a<br>\n<br>b<br>c")
def test_text_of_html(source: str) -> None:
    assert plain.to_text(source) == text_the_long_way(source)


@given(st.text() | st.text(alphabet="aZ é ÿÀ×\x80\x96Ãä¼€œ&<.\n"))
def test_text_of_text(source: str) -> None:
    assert plain.to_text(source) == text_the_long_way(source)


@given(st.text(max_size=30), st.sampled_from(("latin-1", "cp1252")))
def test_text_that_was_encoded_twice(text: str, mistaken_for: str) -> None:
    source = text.encode("utf-8", "replace").decode(mistaken_for, "ignore")
    assert plain._mended(source) == mended_the_long_way(source)


def test_what_editors_write_is_orderly() -> None:
    source = (
        '<h2 class="x">Title</h2>\n<p>One <a href="https://a.example/?b=1&amp;c" rel="nofollow">two'
        '</a>,&nbsp;<strong>three</strong> &#8211; four.</p>\n<figure><img src="a.jpg" alt="" />'
        "<figcaption>Five</figcaption></figure><ul><li>Six</li><li>Seven<br />eight</li></ul>"
    )
    assert orderly.breaks(source) is not None
    assert plain.to_text(source) == ("Title\n\nOne two, three – four.\n\nFive\n\nSix\nSeven\neight")


@pytest.mark.parametrize(
    "source",
    [
        "<p>a<p>b",
        "<table><tr><td>a</td></tr></table>",
        "<script>a</script>",
        "<b>a<i>b</b>c</i>",
        "<li>a</li>",
        "<p><a href=x>b</a></p>",
        "<p>a<!-- b --></p>",
        "<p>&nosuch;</p>",
        "<p>a\x01</p>",
        "<b>" * 60,
    ],
)
def test_what_a_browser_would_change_is_not(source: str) -> None:
    assert orderly.breaks(source) is None


HOSTS = (
    *("a.example", "A.example", "www.a-b.example", "a..b", "-a.example", "xn--bcher-kva.example"),
    *("1.2.3.4", "127.1", "0x7f.1", "a.example.", "a_b.example", "a.b:80", "localhost", "xn--a.b"),
    *("a" * 64 + ".example", "09.1.2.3", "u@a.example", "[::1]", "bücher.example", "a.b.c.d.e.f.g"),
)
STEPS = (
    *("", "a", "b.html", ".", "..", "..a", ".a", "a..", "%41", "%7e", "~x", "a b", "ä", "a;b"),
    *("a+b", "A-b_c", "-", "2026", "a:b", "a@b", "*", "x" * 2040),
)
QUERIES = (
    *("", "?", "?p=1", "?utm_source=x", "?UTM_medium=1", "?a=b&c=d", "?a", "?a=", "?source=rss-9"),
    *("?source=rssx", "?p=1.", "?gclid=1", "?id=%41", "?p=1#f", "#f", "?a=b=c", "?b=1&a=2"),
)
ADDRESSES = st.builds(
    lambda scheme, host, steps, query: scheme + host + "".join(f"/{s}" for s in steps) + query,
    st.sampled_from(("http://", "https://", "HTTP://", "//", "", "ftp://")),
    st.sampled_from(HOSTS),
    st.lists(st.sampled_from(STEPS), max_size=4),
    st.sampled_from(QUERIES),
)
PLAIN_ADDRESSES = st.from_regex(plain._PLAIN_ADDRESS, fullmatch=True)


@given(ADDRESSES | PLAIN_ADDRESSES)
@example("https://a.example?p=1")
@example("https://a.example/?utm_source=x")
def test_addresses(address: str) -> None:
    assert plain.absolute(address, PLACE) == plain._absolute(address, PLACE)
    assert identity.canonical(address) == identity._canonical(address)


def fold_the_long_way(text: str) -> str:
    return identity._UNTELLING.sub("", unicodedata.normalize("NFC", text).casefold())


@given(st.text(st.characters(codec=None)))
def test_letters_and_digits(text: str) -> None:
    assert identity.fold(text) == fold_the_long_way(text)


EVERY = "".join(map(chr, range(sys.maxunicode + 1)))


def test_every_letter_and_digit() -> None:
    few = identity._FEW
    for at in range(0, len(EVERY), few):
        assert identity.fold(EVERY[at : at + few]) == fold_the_long_way(EVERY[at : at + few])
    assert identity.fold(EVERY) == fold_the_long_way(EVERY)


def test_every_character_that_cannot_be_seen() -> None:
    def is_hidden(one: str) -> bool:
        return (one.isspace() and one != " ") or unicodedata.category(one) in ("Cc", "Cs")

    assert set(filter(is_hidden, EVERY)) == letters._UNSEEN
    assert letters.is_visible("a b ü – 😀 \u200b")
    assert not letters.is_visible("a\u2009b")


def test_every_character_beyond_ascii() -> None:
    assert letters.beyond_ascii(EVERY) == set(EVERY[128:])


def test_a_document_comes_through_the_pipe_as_it_was() -> None:
    entry = Entry(
        keys=("id:1",), url="u", title="t", text="ü", author="a", language="de", published="p"
    )
    document = Document(
        is_feed=True,
        title="T",
        wish_s=60,
        quiet_hours=(1,),
        quiet_days=(6,),
        entries=(entry, Entry(tags=("x", "y"), links=1, media=2, guid="g")),
        links=(FeedLink(url="f", title="F"),),
        fast=True,
    )
    assert Document.from_json(document.to_json()) == document
