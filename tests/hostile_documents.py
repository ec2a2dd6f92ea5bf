"""Documents made to break a reader of feeds, each by a name that says how."""

import json
from collections.abc import Iterator

_DATE = "Wed, 18 Nov 2026 07:30:00 +0000"
_JSON_FEED = '{"version":"https://jsonfeed.org/version/1.1","title":"T","items":['


def rss(items: str, head: str = "", front: str = "") -> bytes:
    """A feed with these items."""
    body = f'{front}<rss version="2.0"><channel><title>T</title>{head}{items}</channel></rss>'
    return body.encode("utf-8", "surrogatepass")


def item(**fields: str) -> str:
    """One item; what is not given is harmless."""
    usual = {"title": "a", "link": "https://a.example/1", "description": "words"}
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in (usual | fields).items())
    return f"<item>{inner}</item>"


def atom(entry: str) -> bytes:
    """A feed with one entry."""
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>'
        f"<entry><title>a</title><id>urn:a</id>{entry}</entry></feed>"
    ).encode()


def html(text: str) -> bytes:
    """A feed whose one item holds this HTML."""
    return rss(item(description=f"<![CDATA[{text}]]>"))


def documents(size: int = 1) -> dict[str, bytes]:
    """All of them; with a ``size`` of 5 the largest have some megabytes and take some seconds."""
    return dict(
        [
            *_entities(),
            *_trees(60_000 * size),
            *_markup(80_000 * size),
            *_characters(),
            *_giants(20_000 * size),
            *_json(20_000 * size),
            *_tricks(),
        ]
    )


def _entities() -> Iterator[tuple[str, bytes]]:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    yield (
        "billion laughs",
        rss(item(title="&l9;"), front=f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'),
    )
    big = "x" * 100_000
    yield (
        "quadratic blow-up",
        rss(item(title="&a;" * 10_000), front=f'<!DOCTYPE x [<!ENTITY a "{big}">]>'),
    )
    for name, target in (
        ("file", "file:///etc/passwd"),
        ("proc", "file:///proc/self/environ"),
        ("http", "http://127.0.0.1:9/"),
        ("ftp", "ftp://127.0.0.1/x"),
        ("php", "php://filter/read=convert.base64-encode/resource=/etc/passwd"),
    ):
        front = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{target}">]>'
        yield f"external entity by {name}", rss(item(title="&x;"), front=front)
    yield (
        "external parameter entity",
        rss(item(), front='<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'),
    )
    yield "external subset", rss(item(), front='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">')
    yield (
        "entity that holds itself",
        rss(item(title="&a;"), front='<!DOCTYPE x [<!ENTITY a "&a;">]>'),
    )
    yield (
        "attribute default bomb",
        rss(item(), front=f'<!DOCTYPE x [<!ATTLIST item a CDATA "{"y" * 500_000}">]>'),
    )
    yield (
        "entity in an attribute",
        rss('<item a="&l9;"/>', front=f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'),
    )
    yield (
        "parameter entity bomb",
        rss(
            item(),
            front="<!DOCTYPE x [<!ENTITY % a 'ha'>"
            + "".join(f"<!ENTITY % b{n} '%a;%a;%a;%a;'>" for n in range(2000))
            + "]>",
        ),
    )
    yield (
        "a million entities declared",
        rss(
            item(),
            front="<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "">' for n in range(50_000)) + "]>",
        ),
    )
    yield "internal subset without an end", rss(item(), front="<!DOCTYPE x [" + "<!--" * 10_000)
    space = "http://www.w3.org/2001/XInclude"
    yield "XInclude", rss(item(x=f'<x:include xmlns:x="{space}" href="/etc/passwd"/>'))
    yield (
        "stylesheet from a file",
        rss(item(), front='<?xml-stylesheet type="text/xsl" href="file:///etc/passwd"?>'),
    )


def _trees(deeper: int) -> Iterator[tuple[str, bytes]]:
    for name, depth in (("deep", 30_000), ("deeper", deeper)):
        yield f"{name} XML", b"<rss>" + b"<a>" * depth + rss(item())
        yield f"{name} XML inside an item", rss(item(description="<a>" * depth + "</a>" * depth))
        yield f"{name} items", b"<rss>" + b"<item>" * depth
        yield f"{name} entries", b"<feed xmlns='http://www.w3.org/2005/Atom'>" + b"<entry>" * depth
        yield f"{name} channels", b"<rss>" + b"<channel>" * depth
        yield f"{name} HTML", html("<div>" * depth)
        yield f"{name} escaped HTML", rss(item(description="&lt;b&gt;" * depth))
        yield f"{name} tables", html("<table><tr><td>" * (depth // 3))
        yield f"{name} quotes", html("<blockquote>" * depth + "x" + "</blockquote>" * depth)
        yield f"{name} SVG", html("<svg>" * depth)
        yield (
            f"{name} XHTML",
            atom(
                f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{"<p>" * depth}'
            ),
        )
        yield f"{name} page", b"<!doctype html>" + b"<div>" * depth
    yield (
        "deep XHTML, closed",
        atom(
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
            f"{'<b>' * 20_000}x{'</b>' * 20_000}</div></content>"
        ),
    )
    yield "deep sources", atom("<source>" * 20_000)
    yield "deep authors", atom("<author>" * 20_000)
    yield "images in images", rss(item(), head="<image>" * 20_000)
    yield "closing marks only", rss(item(description="</a>" * 300_000))


def _markup(length: int) -> Iterator[tuple[str, bytes]]:
    yield "style of 39 KiB", html(f'<p style="{"a:b;" * 10_000}">x</p>')
    yield "style of blanks", html(f'<p style="{"a" + " " * 39_000}">x</p>')
    yield "style of brackets", html(f'<p style="{"url(" * 10_000}">x</p>')
    for name, mark in (
        ("comments", "<!--"),
        ("comment ends", "-->"),
        ("half comments", "<!-"),
        ("CDATA", "<![CDATA["),
        ("declarations", "<!x "),
        ("conditional comments", "<!--[if IE]>"),
        ("instructions", "<?x "),
        ("less-than signs", "<"),
        ("half tags", "<a "),
        ("half attributes", "<a b="),
        ("open quotes", "<a b='"),
        ("ampersands", "&"),
        ("references", "&#"),
        ("half references", "&amp"),
        ("long references", "&" + "a" * 40),
        ("scripts", "<script>"),
        ("titles", "<title>"),
        ("textareas", "<textarea>"),
        ("plaintext", "<plaintext>"),
        ("templates", "<template>"),
        ("formatting", "<b><i><a>"),
        ("misnested formatting", "<b><p></b>"),
        ("select", "<select><option>"),
        ("MathML", "<math><mtext><mglyph><svg>"),
        ("SVG with HTML inside", "<svg><foreignObject><p><style><!--</style>"),
        ("line breaks", "<br>"),
        ("links", "<a href=x>"),
        ("images", "<img src=x>"),
        ("slashes", "</"),
    ):
        text = mark * (length // len(mark))
        yield (
            f"flood of {name} in HTML",
            rss(item(description=text.replace("&", "&amp;").replace("<", "&lt;"))),
        )
        yield f"flood of {name} in XML", rss(item(description=text))
        yield f"flood of {name} in a page", b"<!doctype html>" + text.encode()
    attributes = " ".join(f'a{n}="x"' for n in range(20_000))
    yield "20,000 attributes in HTML", html(f"<p {attributes}>x</p>")
    yield "20,000 attributes in XML", rss(f"<item {attributes}><title>a</title></item>")
    yield "20,000 attributes at the root", f"<rss {attributes}>{item()}</rss>".encode()
    yield (
        "20,000 namespaces",
        (
            "<rss "
            + " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(20_000))
            + f"><channel>{item()}</channel></rss>"
        ).encode(),
    )
    yield "an attribute of a megabyte", rss(f'<item a="{"x" * 10**6}"><title>a</title></item>')
    yield "a name of a megabyte", rss(f"<item><{'n' * 10**6}/></item>")
    yield "script and form", html("<script>alert(1)</script><form action=x><input name=y></form>")
    yield "base of a page", html('<base href="http://127.0.0.1/"><a href="x">y</a>')


def _characters() -> Iterator[tuple[str, bytes]]:
    yield "surrogates", rss(item(title="\ud800\udc00\udfff"))
    yield "references to surrogates", rss(item(title="&#xd800;&#xDFFF;&#55296;&#57343;"))
    yield "references beyond Unicode", rss(item(title="&#x110000;&#x7fffffff;&#99999999999999;"))
    yield "reference of 4,000 digits", rss(item(title=f"&#{'9' * 4000};"))
    yield "reference of 5,000 digits", rss(item(title=f"&#{'9' * 5000};&#x{'f' * 5000};"))
    yield "reference to NUL", rss(item(title="&#0;&#x0;&#1;&#31;"))
    yield "reference to nothing", rss(item(title="&#;&#x;&;&# 65;"))
    yield "NULs", rss(item(title="a\x00b")) + b"\x00" * 100_000
    yield "NULs in front", b"\x00" * 100_000 + rss(item())
    yield "every byte", bytes(range(256)) * 400
    yield "every control", rss(item(title="".join(map(chr, range(32)))))
    yield "noncharacters", rss(item(title="\ufffe\uffff\U0010ffff"))
    yield "right to left", rss(item(title="\u202egpj.exe\u2066" * 1000))
    yield "stacked marks", rss(item(title="a" + "\u0301" * 200_000))
    yield "stacked marks as text", rss(item(description="a" + "\u0301" * 500_000))
    yield "zero width", rss(item(title="\u200b" * 200_000))
    yield "overlong UTF-8", rss(item(title="x")).replace(b"x", b"\xc0\xbc\xe0\x80\xbc\xf8\x88")
    yield "half a character at the end", rss(item())[:-6] + b"\xe2\x82"
    yield "marks of three encodings", b"\xef\xbb\xbf\xff\xfe\xfe\xff" + rss(item())
    yield "mark of UTF-32 before UTF-8", b"\xff\xfe\x00\x00" + rss(item())
    yield "UTF-16 of odd length", rss(item()).decode().encode("utf-16") + b"\x00"
    yield "UTF-16 then UTF-8", rss(item()).decode().encode("utf-16") + rss(item())
    yield "UTF-7", b'<?xml version="1.0" encoding="UTF-7"?>' + rss(item(title="+ADw-script+AD4-"))
    for codec in ("rot13", "base64", "zlib", "idna", "unicode_escape", "raw_unicode_escape", "hex"):
        start = f'<?xml version="1.0" encoding="{codec}"?>'.encode()
        yield f"declared as {codec}", start + rss(item(title="\xe4")).replace(b"\xc3\xa4", b"\xe4")
    yield (
        "declared ten thousand times",
        b'<?xml version="1.0" encoding="x"?>' * 10_000 + rss(item()),
    )
    yield "EBCDIC", rss(item()).decode().encode("cp037")
    yield "escapes of the old Japanese kind", rss(item(title="\x1b$B\x1b(B" * 50_000))
    yield "twice encoded a hundred times", rss(item(title=_garbled("ü", 12)))


def _garbled(text: str, times: int) -> str:
    for _ in range(times):
        text = text.encode().decode("latin-1")
    return text


def _giants(many: int) -> Iterator[tuple[str, bytes]]:
    long = "x" * 30 * many
    for field in ("title", "guid", "link", "pubDate", "author", "category", "comments"):
        yield f"giant {field}", rss(item(**{field: long}))
    yield "giant text", rss(item(description="word " * 7 * many))
    yield "giant word", rss(item(description=long))
    yield "giant title of a feed", rss(item(), head=f"<title>{long}</title>")
    yield "giant language", rss(item(), head=f"<language>{long}</language>")
    yield "giant query", rss(item(link="https://a.example/?" + "a=b&amp;" * 300_000))
    yield "giant host", rss(item(link="https://" + "a." * 500_000 + "example/"))
    yield "giant port", rss(item(link="https://a.example:" + "9" * many))
    yield "giant path of dots", rss(item(link="https://a.example/" + "../" * 500_000))
    yield "giant number as ttl", rss(item(), head="<ttl>" + "9" * 10 * many + "</ttl>")
    yield "many entries", rss("<item><title>x</title></item>" * many)
    yield (
        "many different entries",
        rss("".join(f"<item><title>{n}</title><guid>{n}</guid></item>" for n in range(many))),
    )
    yield "many empty entries", rss("<item/>" * many)
    yield "many empty entries, broken", rss("<item/>" * many)[:-9]
    yield (
        "many entries of Atom",
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>" + b"<entry><id>x</id></entry>" * many),
    )
    yield "many tags", rss(item(category="</category><category>".join(map(str, range(many)))))
    yield "many links", atom('<link href="/x"/>' * many)
    yield "many enclosures", rss("<item>" + '<enclosure url="/x"/>' * many + "</item>")
    yield "many dates", rss(f"<item>{f'<pubDate>{_DATE}</pubDate>' * (many // 2)}</item>")
    for date in (
        "Fri, 31 Dec 1000000000 23:59:59 GMT",
        "1000000000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "2026-11-18T07:30:00+99:99",
        "2026-02-30T25:61:61Z",
        "9" * 5000,
        "1" * 400_000,
        "Wed, " * (many // 2),
        "2026-" * (many // 2),
        "00:" * (many // 2),
        " " * 300_000 + "2026",
    ):
        yield f"date {date.strip()[:30]} ({len(date)})", rss(item(pubDate=date))


def _json(many: int) -> Iterator[tuple[str, bytes]]:
    values: tuple[object, ...] = (None, True, 1, 1.5, "x", [], {}, [[]], [{}], [None], {"a": [1]})
    yield "JSON cut off", (_JSON_FEED + '{"id":"1"').encode()
    yield "JSON of brackets", _JSON_FEED.encode() + b"[" * 500_000
    yield "JSON of braces", b'{"a":' * 300_000
    yield "JSON nested in an item", (_JSON_FEED + '{"a":' * (many // 2)).encode()
    yield "JSON with a giant number", (_JSON_FEED + '{"id":' + "9" * 500_000 + "}]}").encode()
    yield "JSON with a number of 4,300 digits", (_JSON_FEED + f'{{"id":{"9" * 4300}}}]}}').encode()
    yield "JSON with infinity", (_JSON_FEED + '{"id":Infinity,"title":NaN}]}').encode()
    yield "JSON with 1e999", (_JSON_FEED + '{"id":1e999,"date_published":1e999}]}').encode()
    yield (
        "JSON with surrogates",
        (_JSON_FEED + r'{"id":"\ud800","title":"\udfff\ud800"}]}').encode(),
    )
    yield "JSON with NULs", (_JSON_FEED + r'{"id":"\u0000","url":"\u0000javascript:x"}]}').encode()
    yield (
        "JSON with every type for every field",
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1",
                "items": [
                    dict.fromkeys(
                        ("id", "url", "title", "authors", "tags", "attachments", "date_published"),
                        value,
                    )
                    for value in values
                ],
            }
        ).encode(),
    )
    yield (
        "JSON with many keys",
        (_JSON_FEED + "{" + ",".join(f'"k{n}":1' for n in range(many)) + "}]}").encode(),
    )
    yield "JSON with many items", (_JSON_FEED + '{"id":1},' * many + "{}]}").encode()
    yield (
        "JSON with many tags",
        (_JSON_FEED + f'{{"id":1,"tags":{["x"] * many}}}]}}').replace("'", '"').encode(),
    )
    yield "JSON with very many numbers", (_JSON_FEED + "1," * 10 * many + "1]}").encode()
    yield "JSON with very many objects", (_JSON_FEED + "{}," * 10 * many + "{}]}").encode()
    yield "JSON with a wrong version", b'{"version":["https://jsonfeed.org/version/1"],"items":[]}'
    yield (
        "JSON with items that are none",
        b'{"version":"https://jsonfeed.org/version/1","items":{}}',
    )
    yield (
        "JSON with deep HTML",
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1",
                "items": [{"id": "1", "content_html": "<div>" * many}],
            }
        ).encode(),
    )
    yield "JSON after XML", rss(item()) + (_JSON_FEED + "]}").encode()
    yield "XML in JSON", (_JSON_FEED + json.dumps({"id": rss(item()).decode()}) + "]}").encode()


def _tricks() -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "a blank", b" "
    yield "a megabyte of blanks", b" " * 10**6
    yield "a megabyte of blanks before a feed", b" " * 10**6 + rss(item())
    yield "a single mark", b"<"
    yield "only a declaration", b'<?xml version="1.0"?>'
    yield "only a root", b"<rss>"
    yield "comments before the root", b"<!-- a -->" * 50_000 + rss(item())
    yield "dashes before the root", b"<!" + b"-" * 500_000 + b">" + rss(item())
    yield "a root twice", rss(item()) * 2
    yield "feeds in feeds", b"<rss><channel>" * 5_000 + rss(item())
    yield "Atom in RSS", rss(atom("").decode())
    yield "a page in a feed", rss("<html><body><item>" * 1000)
    yield "CDATA in CDATA", rss(item(description="<![CDATA[<![CDATA[x]]>]]>"))
    yield "CDATA without an end", rss(item(description="<![CDATA[" + "x" * 1_000_000))
    yield "CDATA in pieces", rss(item(description="<![CDATA[x]]>" * 50_000))
    yield "brackets in CDATA", html("]" * 500_000)
    yield "entries in CDATA", html("<item><title>x</title></item>" * 10_000)
    yield "entries in comments", rss(f"<!--{'<item>' * 10_000}-->{item()}")
    yield (
        "addresses of all kinds",
        rss(
            "".join(
                item(link=link, guid=link)
                for link in (
                    *(
                        "javascript:alert(1)",
                        "data:text/html,x",
                        "vbscript:x",
                        "file:///etc/passwd",
                    ),
                    *(
                        "//[::1",
                        "http://[",
                        "http://a.example:x/",
                        "http://\x01",
                        "https://@@@/",
                        "?",
                    ),
                    *(
                        "http://[::ffff:127.0.0.1]:22/",
                        "gopher://x",
                        "\\\\host\\share",
                        "http:///",
                        "#",
                    ),
                )
            )
        ),
    )
    yield (
        "the names of a parser's own fields",
        rss(
            "<item>"
            + "".join(
                f"<{name}>x</{name}>"
                for name in (
                    *("links", "tags", "content", "enclosures", "id", "guidislink", "title_detail"),
                    *("published_parsed", "updated_parsed", "summary_detail", "authors", "source"),
                    *(
                        "media_content",
                        "media_thumbnail",
                        "entries",
                        "feed",
                        "keys",
                        "values",
                        "items",
                    ),
                )
            )
            + "</item>"
        ),
    )
    yield "places without a where", rss("<item><georss:point>a b c</georss:point><gml:pos/></item>")
    yield "odd places", rss(f"<item><georss:polygon>{'1 ' * 200_000}</georss:polygon></item>")
    yield "sizes that are none", rss(item(), head="<image><width/><height>x</height></image>")
    yield "text input without one", rss(item(textinput="<name>x</name>"))
    yield "base64 that is none", atom('<content type="image/png">%%%%</content>')
    yield "base64 of a megabyte", atom(f'<content type="image/png">{"QUFB" * 250_000}</content>')
    yield (
        "a base of addresses elsewhere",
        atom('<link href="x"/><content xml:base="file:///etc/" type="html">x</content>'),
    )
    yield "ten thousand bases", atom("<a xml:base='x/'>" * 10_000)
    yield "a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1000
    yield "an archive", b"PK\x03\x04" + b"\x00" * 100_000
    yield "a program", b"\x7fELF" + bytes(range(256)) * 1000
    yield (
        "links of a page without end",
        (b"<!doctype html>" + b'<link rel=alternate type=application/rss+xml href="/x">' * 20_000),
    )
    yield (
        "different links of a page without end",
        b"<!doctype html>"
        + b"".join(
            b'<link rel=alternate type=application/rss+xml href="/%d">' % n for n in range(20_000)
        ),
    )
    yield "a page with a broken declaration", b"<!doctype html><![" + b"x" * 100_000
    yield "a page of a million attributes", b"<!doctype html><p " + b"a=b " * 250_000 + b">"
