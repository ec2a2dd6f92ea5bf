"""A web page: its title and the feeds that it points to."""

import contextlib
import re
from html.parser import HTMLParser

from netbot.feedparse.document import Document, FeedLink
from netbot.feedparse.plain import absolute, to_line

_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/xml",
    "text/xml",
)
_COMMENTS = ("comment", "kommentar")
# Links to feeds stand in the head; a page may be long below.
_LONGEST_HEAD = 512 * 1024
_MOST_LINKS = 20
# The reader's time grows with the square of what is broken, so it sees only what it needs.
_MARKS = re.compile(
    r"<title\b[^<>]{0,500}>[^<]{0,5000}(?:</title\s*>)?"
    r"|<(?:link|base)\b(?:[^<>\"']{1,300}+|\"[^\"<]{0,2000}\"|'[^'<]{0,2000}'){0,40}+>",
    re.IGNORECASE,
)


def read_page(text: str, url: str) -> Document:
    """Read a page that was found at ``url``; feeds of comments come last."""
    reader = _PageReader()
    # The reader stumbles over some declarations; what it saw before counts.
    with contextlib.suppress(AssertionError):
        reader.feed("".join(_MARKS.findall(_without_comments(text[:_LONGEST_HEAD]))))
        reader.close()
    base = absolute(reader.base, url) or url
    found: dict[str, FeedLink] = {}
    for href, title in reader.links:
        address = absolute(href, base)
        if address:
            found.setdefault(address, FeedLink(url=address, title=to_line(title)))
    links = sorted(found.values(), key=_is_about_comments)
    return Document(
        is_feed=False, title=to_line("".join(reader.title)), links=tuple(links[:_MOST_LINKS])
    )


def _without_comments(text: str) -> str:
    """What is left without comments; one that never ends hides the rest, as in a browser."""
    kept = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start)
        at = len(text) if end < 0 else end + 3
    return "".join((*kept, text[at:]))


def _is_about_comments(link: FeedLink) -> bool:
    where = f"{link.url} {link.title}".lower()
    return any(word in where for word in _COMMENTS)


class _PageReader(HTMLParser):
    """Collects what matters while the page goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.title: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links to feeds, the base of addresses, and where the title begins."""
        values = {name: value or "" for name, value in attrs}
        if tag == "link":
            self._note_link(values)
        elif tag == "base" and not self.base:
            self.base = values.get("href", "")
        self._in_title = tag == "title" and not self.title

    def handle_endtag(self, tag: str) -> None:
        """Any end tag ends the title."""
        self._in_title = False

    def handle_data(self, data: str) -> None:
        """Keep the words of the title."""
        if self._in_title:
            self.title.append(data)

    def _note_link(self, values: dict[str, str]) -> None:
        kind = values.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in values.get("rel", "").lower().split() and kind in _FEED_TYPES:
            self.links.append((values.get("href", ""), values.get("title", "")))
