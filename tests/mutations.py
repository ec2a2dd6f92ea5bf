"""Breaks honest feeds in the ways that the world does, the same ways for the same seed."""

import random
import re
from collections.abc import Callable, Iterator, Sequence

_TOKEN = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<[^<>]+>|[^<]+|<", re.DOTALL)
_START = re.compile(r"<([A-Za-z][\w:.-]*)(\s[^<>]*)?(?<!/)>\Z")
_ATTRIBUTE = re.compile(r"\s[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_VALUE = re.compile(r"([\"'])[^\"']*\1")

#: What stands where a text should.
TEXTS = (
    "",
    " ",
    "\n\t\n",
    "0",
    "a&amp;b",
    "a&amp;amp;b &amp;lt;i&amp;gt;",
    "&lt;p&gt;Two&lt;/p&gt;&lt;p&gt;paragraphs of some length, to be told apart.&lt;/p&gt;",
    "&lt;b&gt;half open, and long enough that it will certainly be used as the key of it",
    "x &lt; y, y &gt; z, and the rest of the alphabet is left as an exercise to whoever reads",
    "Tom & Jerry",
    "fish &nbsp; chips &copy; &hellip; &uuml;",
    "&#252;ber &#xFC;ber &#8220;all&#8221; &#128512; &#150; &#x92;",
    "&#0;",
    "&#xD800;",
    "&#xFFFF;",
    "&undefined;",
    "Ã¼ber den Wolken, und zwar doppelt verschlüsselt, wie es in alten Tagen Mode war",
    "u\u0308ber zerlegte Umlaute, die genauso aussehen wie die anderen und es nicht sind",
    "🎉 und 👩\u200d🚀, Zeilen \u2028 und \u2029, fest\u00a0und\u200bschmal, weich\u00adgetrennt",
    "\ufeffwith a mark",
    "\ufffd replaced \ufffe and \uffff",
    "\x85 \x96 \x80",
    "\x0b",
    "]]>",
    "]]&gt;",
    "<![CDATA[]]>",
    "<![CDATA[ ]]>",
    "<![CDATA[&amp; &lt;p&gt; &#8211;]]>",
    "<![CDATA[<p>One</p>]]><![CDATA[<p>two sections, side by side, of one and the same text</p>]]>",
    "before <![CDATA[<p>One</p>]]> after",
    "<![CDATA[a]]]]><![CDATA[>b, the way to write the end of a section inside a section of it]]>",
    "<![CDATA[<!-- hidden --><p>shown, and long enough to matter to whoever compares it</p>]]>",
    "<![CDATA[<script>x</script><style>p{}</style>shown, and long enough to matter to somebody]]>",
    "<!-- c -->",
    "a<!-- c -->b",
    "<?pi data?>",
    "a<?pi data?>b",
    "<p>not escaped</p>",
    "a <b>bold</b> claim that nobody escaped although it is long enough to be told apart",
    "<br/>",
    '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p> y</div>',
    "https://other.example/path?a=1&amp;b=2",
    "/relative/path",
    "?query",
    "#fragment",
    "//host.example/x",
    "mailto:me@there.example",
    "javascript:alert(1)",
    "urn:uuid:1",
    "tag:there.example,2026:x",
    "HTTP://UPPER.example/Path",
    "http://bücher.example/für?x=ü",
    "https://there.example/a b",
    "20261118",
    "me@there.example (Me Sample)",
    "Me Sample &lt;me@there.example&gt;",
    "a, b, c",
    "long " * 400,
)

DATES = (
    "Wed, 18 Nov 2026 07:30:00 +0000",
    "Wed, 18 Nov 2026 07:30:00 EST",
    "Wed, 18 Nov 2026 07:30 GMT",
    "Wed, 18 Nov 26 07:30:00 GMT",
    "18 Nov 2026 07:30:00 GMT",
    "Wed, 8 Nov 2026 7:30:00 GMT",
    "Mo, 18 Nov 2026 07:30:00 +0100",
    "Wed, 18 November 2026 07:30:00 +0100",
    "Mi, 18 Mai 2026 07:30:00 +0100",
    "Wed, 31 Nov 2026 07:30:00 GMT",
    "Wed, 18 Nov 2026 24:00:00 GMT",
    "Wed, 18 Nov 2026 23:59:60 GMT",
    "Wed, 18 Nov 2026 07:30:00 +9999",
    "Wed, 18 Nov 2026 07:30:00 -0000",
    "2026-11-18T07:30:00Z",
    "2026-11-18T07:30:00+14:00",
    "2026-11-18T07:30:00.1234567Z",
    "2026-11-18T07:30:00",
    "2026-11-18T07:30Z",
    "2026-11-18 07:30:00",
    "2026-11-18T24:00:00Z",
    "2026-11-18T23:59:60Z",
    "2026-11-18",
    "2026-11",
    "2026",
    "20261118T073000Z",
    "2026-W47-3",
    "2026-322",
    "1795000000",
    "0000-00-00T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "1000000000-01-01T00:00:00Z",
    "yesterday",
    "18.11.2026",
    "11/18/2026 7:30 PM",
    "18 नवंबर 2026",
    "",
)

ATTRIBUTES = (
    ' type="html"',
    ' type="text"',
    ' type="xhtml"',
    ' type="text/html"',
    ' type="text/plain"',
    ' type="image/png"',
    ' type="application/xml"',
    ' mode="xml"',
    ' mode="base64"',
    ' mode="escaped"',
    ' isPermaLink="false"',
    ' isPermaLink="true"',
    ' ispermalink="False"',
    ' rel="self"',
    ' rel="alternate"',
    ' rel="via"',
    ' rel="enclosure"',
    ' rel="related"',
    ' rel=""',
    ' src="https://else.example/content"',
    ' href="https://else.example/other"',
    ' href=""',
    ' href="relative"',
    ' xml:lang="fr"',
    ' xml:lang=""',
    ' xml:base="https://base.example/dir/"',
    ' xml:space="preserve"',
    ' xmlns="http://purl.org/rss/1.0/"',
    ' xmlns="http://www.w3.org/2005/Atom"',
    ' xmlns="http://www.w3.org/1999/xhtml"',
    ' xmlns=""',
    ' xmlns:dc="http://else.example/dc"',
    ' xmlns:media="http://search.yahoo.com/mrss"',
    ' rdf:about="https://else.example/about"',
    ' domain="x"',
    " unquoted=1",
    " bare",
    ' url="https://else.example/file.mp3"',
)

NAMES = (
    "item",
    "entry",
    "title",
    "link",
    "guid",
    "id",
    "description",
    "summary",
    "content",
    "content:encoded",
    "encoded",
    "pubDate",
    "published",
    "updated",
    "dc:date",
    "dc:title",
    "dc:description",
    "dc:identifier",
    "dc:creator",
    "dc:subject",
    "dc:source",
    "dcterms:modified",
    "author",
    "category",
    "enclosure",
    "media:content",
    "media:group",
    "media:title",
    "media:description",
    "media:text",
    "itunes:title",
    "itunes:summary",
    "itunes:subtitle",
    "itunes:author",
    "body",
    "xhtml:body",
    "xhtml:div",
    "fullitem",
    "abstract",
    "tagline",
    "info",
    "url",
    "source",
    "image",
    "textinput",
    "items",
    "channel",
    "rss",
    "feed",
    "Item",
    "TITLE",
    "Link",
    "pubdate",
    "x",
    "x:y",
    "a",
    "p",
    "rss:title",
    "atom:link",
    "atom:title",
    "atom:id",
    "atom:summary",
    "atom:updated",
    "atom:published",
    "atom:author",
    "a10:updated",
    "feedburner:origLink",
    "pheedo:origLink",
    "wp:post_id",
    "excerpt:encoded",
    "gd:rating",
)

FRONTS = (
    " ",
    "\n\n",
    "\ufeff",
    "<!-- hello -->",
    "<!DOCTYPE rss>",
    '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x.example/r.dtd">',
    '<!DOCTYPE feed [<!ENTITY nbsp "&#160;">]>',
    "<br />\n<b>Warning</b>: foo() in <b>/x.php</b> on line <b>3</b><br />\n",
    "<?php echo 1 ?>",
    "<?xml version='1.1'?>",
    "<?xml version='1.0' encoding='iso-8859-1'?>",
    "<!doctype html>",
    "x",
    "\x00",
    "\x1a",
)

ENDS = ("", "\n\n", "<!-- cached -->", "<script>x()</script>", "x", "\x00", "<", "</rss>", "<rss/>")

_Tokens = list[str]
_Change = Callable[[_Tokens, random.Random], None]


def mutants(
    documents: Sequence[tuple[str, str]], seed: int, count: int
) -> Iterator[tuple[str, bytes]]:
    """``count`` broken copies of the named documents, each with a name that tells its making."""
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        name, text = chance.choice(documents)
        tokens = _TOKEN.findall(text)
        made = chance.choices(_CHANGES, k=chance.choice((1, 1, 1, 2, 2, 3, 5)))
        for change in made:
            change(tokens, chance)
        body = "".join(tokens).encode("utf-8", "surrogatepass")
        if chance.random() < 0.1:
            body = _noise(body, chance)
        yield (
            f"{seed}-{number}-{name}-{'-'.join(change.__name__.strip('_') for change in made)}",
            body,
        )


def _place(tokens: _Tokens, chance: random.Random) -> int:
    return chance.randrange(len(tokens)) if tokens else 0


def _element(tokens: _Tokens, chance: random.Random) -> slice:
    """From a start tag to the end tag that belongs to it; empty when there is none."""
    starts = [at for at, token in enumerate(tokens) if _START.match(token)]
    if not starts:
        return slice(0, 0)
    at = chance.choice(starts)
    match = _START.match(tokens[at])
    name = match[1] if match else ""
    depth = 0
    for end in range(at, len(tokens)):
        same = _START.match(tokens[end])
        depth += bool(same and same[1] == name)
        depth -= tokens[end].rstrip(" >") == f"</{name}"
        if depth == 0:
            return slice(at, end + 1)
    return slice(at, at + 1)


def _texts(tokens: _Tokens) -> list[int]:
    """Where an element holds nothing but text."""
    return [
        at
        for at in range(1, len(tokens) - 1)
        if not tokens[at].startswith(("</", "<?"))
        and _START.match(tokens[at - 1])
        and tokens[at + 1].startswith("</")
    ]


def _set_text(tokens: _Tokens, chance: random.Random, values: Sequence[str]) -> None:
    if places := _texts(tokens):
        tokens[chance.choice(places)] = chance.choice(values)


def _other_text(tokens: _Tokens, chance: random.Random) -> None:
    _set_text(tokens, chance, TEXTS)


def _other_date(tokens: _Tokens, chance: random.Random) -> None:
    dated = [at for at in _texts(tokens) if re.search(r"20\d\d", tokens[at])]
    if dated:
        tokens[chance.choice(dated)] = chance.choice(DATES)


def _into_cdata(tokens: _Tokens, chance: random.Random) -> None:
    if places := [at for at in _texts(tokens) if not tokens[at].startswith("<")]:
        at = chance.choice(places)
        tokens[at] = f"<![CDATA[{tokens[at]}]]>"


def _escaped(tokens: _Tokens, chance: random.Random) -> None:
    if places := _texts(tokens):
        at = chance.choice(places)
        tokens[at] = tokens[at].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unescaped(tokens: _Tokens, chance: random.Random) -> None:
    if places := _texts(tokens):
        at = chance.choice(places)
        tokens[at] = tokens[at].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spaced(tokens: _Tokens, chance: random.Random) -> None:
    if places := _texts(tokens):
        at = chance.choice(places)
        tokens[at] = f"\n\t  {tokens[at]}\r\n "


def _dropped_token(tokens: _Tokens, chance: random.Random) -> None:
    del tokens[_place(tokens, chance) :][:1]
    tokens.pop(_place(tokens, chance))


def _dropped_element(tokens: _Tokens, chance: random.Random) -> None:
    del tokens[_element(tokens, chance)]
    tokens.append("\n")


def _emptied_element(tokens: _Tokens, chance: random.Random) -> None:
    where = _element(tokens, chance)
    if where.stop - where.start > 1:
        tokens[where] = [f"{tokens[where.start][:-1]}/>"]


def _doubled_element(tokens: _Tokens, chance: random.Random) -> None:
    where = _element(tokens, chance)
    tokens[where.stop : where.stop] = tokens[where]


def _moved_element(tokens: _Tokens, chance: random.Random) -> None:
    where = _element(tokens, chance)
    moved = tokens[where]
    del tokens[where]
    at = _place(tokens, chance)
    tokens[at:at] = moved


def _wrapped_element(tokens: _Tokens, chance: random.Random) -> None:
    where = _element(tokens, chance)
    name = chance.choice(NAMES)
    tokens[where] = [f"<{name}>", *tokens[where], f"</{name}>"]


def _renamed_element(tokens: _Tokens, chance: random.Random) -> None:
    where = _element(tokens, chance)
    match = _START.match(tokens[where.start]) if tokens else None
    if match and where.stop - where.start > 1:
        name = chance.choice(NAMES)
        tokens[where.start] = f"<{name}{match[2] or ''}>"
        tokens[where.stop - 1] = f"</{name}>"


def _added_element(tokens: _Tokens, chance: random.Random) -> None:
    name = chance.choice(NAMES)
    attribute = chance.choice(("", "", chance.choice(ATTRIBUTES)))
    at = _place(tokens, chance)
    value = chance.choice((*TEXTS, *DATES))
    tokens[at:at] = [f"<{name}{attribute}>", value, f"</{name}>"]


def _shuffled_element(tokens: _Tokens, chance: random.Random) -> None:
    first, second = _element(tokens, chance), _element(tokens, chance)
    if first.stop <= second.start:
        tokens[:] = [
            *tokens[: first.start],
            *tokens[second],
            *tokens[first.stop : second.start],
            *tokens[first],
            *tokens[second.stop :],
        ]


def _other_attribute(tokens: _Tokens, chance: random.Random) -> None:
    places = [at for at, token in enumerate(tokens) if _ATTRIBUTE.search(token)]
    if places:
        at = chance.choice(places)
        found = chance.choice(list(_ATTRIBUTE.finditer(tokens[at])))
        value = chance.choice(TEXTS[:-1]).replace('"', "")
        made = chance.choice(("", _VALUE.sub(lambda _: f'"{value}"', found[0], count=1)))
        tokens[at] = tokens[at][: found.start()] + made + tokens[at][found.end() :]


def _added_attribute(tokens: _Tokens, chance: random.Random) -> None:
    places = [at for at, token in enumerate(tokens) if re.match(r"<[A-Za-z]", token)]
    if places:
        at = chance.choice(places)
        end = len(tokens[at]) - (2 if tokens[at].endswith("/>") else 1)
        tokens[at] = tokens[at][:end].rstrip() + chance.choice(ATTRIBUTES) + tokens[at][end:]


def _other_case(tokens: _Tokens, chance: random.Random) -> None:
    where = _element(tokens, chance)
    change = chance.choice((str.upper, str.title, str.lower))
    for at in (where.start, where.stop - 1):
        if 0 <= at < len(tokens):
            tokens[at] = re.sub(r"</?[\w:]+", lambda m: change(m[0]), tokens[at], count=1)


def _cut_off(tokens: _Tokens, chance: random.Random) -> None:
    del tokens[max(1, _place(tokens, chance)) :]


def _in_front(tokens: _Tokens, chance: random.Random) -> None:
    tokens.insert(0, chance.choice(FRONTS))


def _behind(tokens: _Tokens, chance: random.Random) -> None:
    tokens.append(chance.choice(ENDS))


def _without_declarations(tokens: _Tokens, chance: random.Random) -> None:
    name = chance.choice(("xmlns", "xmlns:dc", "xmlns:content", "xmlns:atom", "xmlns:media"))
    tokens[:] = [re.sub(rf'\s{name}="[^"]*"', "", token) for token in tokens]


def _line_ends(tokens: _Tokens, chance: random.Random) -> None:
    end = chance.choice(("\r\n", "\r"))
    tokens[:] = [token.replace("\n", end) for token in tokens]


def _noise(body: bytes, chance: random.Random) -> bytes:
    """Flip, drop or repeat a few bytes."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(max(1, len(data)))
        kind = chance.randrange(4)
        if kind == 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del data[at : at + chance.randint(1, 40)]
        elif kind == 2:
            data[at:at] = bytes([chance.choice(b"<>&;'\"/!?]-= \x00\x0b\xe4\xff")])
        else:
            data[at:at] = data[at : at + chance.randint(1, 300)]
    return bytes(data)


_CHANGES: tuple[_Change, ...] = (
    _other_text,
    _other_text,
    _other_text,
    _other_date,
    _into_cdata,
    _escaped,
    _unescaped,
    _spaced,
    _dropped_token,
    _dropped_element,
    _emptied_element,
    _doubled_element,
    _moved_element,
    _wrapped_element,
    _renamed_element,
    _renamed_element,
    _added_element,
    _added_element,
    _added_element,
    _shuffled_element,
    _other_attribute,
    _other_attribute,
    _added_attribute,
    _added_attribute,
    _other_case,
    _cut_off,
    _in_front,
    _behind,
    _without_declarations,
    _line_ends,
)
