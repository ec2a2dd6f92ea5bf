"""The sample feeds, and what happens to feeds in the course of time.

Documents are changed as text, so that every sample keeps its shape, its encoding and its faults.
"""

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "unit" / "feeds"
NAMES = tuple(sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".yaml"))

#: What is published later, in words that stand in no sample.
NEWS = "Neu bei uns: eine Werkbank aus Eiche"
TEXT = "Zwei Wochen haben wir gehobelt, geleimt und gestritten. Nun steht sie am Fenster."
MAIL_DATE, ISO_DATE = "Sun, 22 Nov 2026 06:00:00 GMT", "2026-11-22T06:00:00Z"

_POST = re.compile(r"(<(?:item|entry)[ >].*?</(?:item|entry)>)", re.DOTALL)
_CDATA = r"(?:<!\[CDATA\[)?"
_ID = re.compile(rf"<(?:guid|id)\b[^>]*>{_CDATA}[^<\]]+|\brdf:about=\"[^\"]+")
_LINK = re.compile(rf"(<link\b[^>]*?\bhref=[\"']|<link>{_CDATA})([^<\]\"']+)")
_WORDS = re.compile(rf"<title\b[^>]*>(?:<div[^>]*>)?{_CDATA}|<description>{_CDATA}")
_TITLE = re.compile(r"(<title\b[^>]*>).*?(?=</title>)", re.DOTALL)
_BODY = re.compile(
    r"(<(description|content:encoded|summary|content|media:description)\b[^>]*>).*?(?=</\2>)",
    re.DOTALL,
)
_MAIL_DATE = re.compile(r"(<pubDate>)[^<]+")
_ISO_DATE = re.compile(r"(<(?:atom:|dc:)?(?:published|updated|modified|issued|created|date)>)[^<]+")


class Sample:
    """One document, and what its publisher may do to it."""

    def __init__(self, name: str) -> None:
        self.encoding = "utf-16" if name == "utf16.xml" else "latin-1"  # one character a byte
        text = (FOLDER / name).read_bytes().decode(self.encoding)
        first, *rest = _POST.split(text)
        self.head, self.posts, self.tail = first, rest[::2], rest[-1]

    def body(self) -> bytes:
        """As it is served now."""
        return "\n".join([self.head, *self.posts, self.tail]).encode(self.encoding)

    def publish(self) -> None:
        """One more post, of the shape of the first, stands on top."""
        post = _ID.sub(r"\g<0>-news", self.posts[0])
        post = _LINK.sub(lambda link: link[1] + _page(link[2]), post)
        post = _TITLE.sub(rf"\g<1>{NEWS}", post)
        post = _BODY.sub(rf"\g<1>{TEXT}", post)
        post = _MAIL_DATE.sub(rf"\g<1>{MAIL_DATE}", post)
        self.posts.insert(0, _ISO_DATE.sub(rf"\g<1>{ISO_DATE}", post))

    def renumber(self) -> None:
        """Every post gets another id, as when a blog moves to another program."""
        self.posts = [_ID.sub(r"\g<0>-moved", post) for post in self.posts]

    def readdress(self) -> None:
        """Every link gets the other scheme and tells where it was found; the order is reversed."""
        self.posts = [_LINK.sub(_track, post) for post in reversed(self.posts)]

    def edit(self) -> int:
        """Every post that has an id or a link reads differently; says how many these are."""
        lasting = [bool(_ID.search(post) or _LINK.search(post)) for post in self.posts]
        self.posts = [
            _WORDS.sub(r"\g<0>Corrected: ", post, count=1) if lasts else post
            for post, lasts in zip(self.posts, lasting, strict=True)
        ]
        return sum(lasting)


class JsonSample:
    """The same for a JSON Feed."""

    def __init__(self, name: str) -> None:
        self.document: dict[str, Any] = json.loads((FOLDER / name).read_bytes())

    @property
    def posts(self) -> list[dict[str, Any]]:
        return [post for post in self.document["items"] if isinstance(post, dict)]

    def body(self) -> bytes:
        return json.dumps(self.document, ensure_ascii=False).encode()

    def publish(self) -> None:
        url = _page(self.posts[0]["url"])
        news = {"id": url, "url": url, "title": NEWS, "content_text": TEXT}
        self.document["items"].insert(0, news | {"date_published": ISO_DATE})

    def renumber(self) -> None:
        for post in self.posts:
            post["id"] = f"{post['id']}-moved"

    def readdress(self) -> None:
        self.document["items"].reverse()
        for post in self.posts:
            if "url" in post:
                post["url"] = _LINK.sub(_track, f"<link>{post['url']}")[6:].replace("&amp;", "&")

    def edit(self) -> int:
        for post in self.posts:
            field = "content_text" if "content_text" in post else "title"
            post[field] = f"Corrected: {post[field]}"
        return len(self.posts)


def sample(name: str) -> Sample | JsonSample:
    """The sample of that name, as it was before anything happened to it."""
    return JsonSample(name) if name.endswith(".json") else Sample(name)


def _page(url: str) -> str:
    return re.sub(r"/?([?#].*)?$", "", url, count=1) + "/news-7"


def _track(link: re.Match[str]) -> str:
    before, url = link[1], link[2]
    scheme, colon, rest = url.partition(":")
    amp = "&" if "CDATA" in before else "&amp;"
    swapped = {"http": "https", "https": "http"}.get(scheme, scheme)
    return f"{before}{swapped}{colon}{rest}{amp if '?' in url else '?'}utm_source=feed"
