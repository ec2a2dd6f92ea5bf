"""Feeds as different programs write them: RSS 2.0, RSS 0.92, RSS 1.0, Atom and JSON Feed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from types import MappingProxyType
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

Shape = Literal["rss", "rss092", "rdf", "atom", "json"]

_NAMESPACES = MappingProxyType(
    {
        "xmlns:atom": "http://www.w3.org/2005/Atom",
        "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        "xmlns:rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    }
)

#: File name and media type of each shape.
SERVED_AS: Mapping[Shape, tuple[str, str]] = MappingProxyType(
    {
        "rss": ("feed.xml", "application/rss+xml"),
        "rss092": ("rss.xml", "text/xml"),
        "rdf": ("index.rdf", "application/rdf+xml"),
        "atom": ("atom.xml", "application/atom+xml"),
        "json": ("feed.json", "application/feed+json"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blog:
    """One site that publishes a feed."""

    id: str  # first part of its paths
    client: str  # whose it is
    sphere: str
    name: str
    tagline: str
    language: str  # de or en
    shape: Shape
    accent: str  # colour of its pages, as in CSS

    @property
    def path(self) -> str:
        """Where its front page stands."""
        return f"/{self.id}/"

    @property
    def feed_path(self) -> str:
        """Where its feed stands."""
        return self.path + SERVED_AS[self.shape][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One post as a feed shows it."""

    id: str
    url: str  # absolute
    title: str
    author: str
    paragraphs: tuple[str, ...]
    published_at: datetime


def feed(blog: Blog, entries: Sequence[Entry], base_url: str) -> tuple[str, bytes]:
    """Content type and body of a blog's feed, its entries in the order given."""
    media_type = SERVED_AS[blog.shape][1]
    if blog.shape == "json":
        return media_type, _json(blog, entries, base_url)
    charset = "iso-8859-1" if blog.shape == "rss092" else "utf-8"
    root = _WRITERS[blog.shape](blog, entries, base_url)
    body: bytes = tostring(root, encoding=charset, xml_declaration=True)
    return f"{media_type}; charset={charset}", body


def add(parent: Element, tag: str, text: str = "", /, **attributes: str) -> Element:
    """A new last child; a trailing ``_`` makes ``class_`` possible, other ``_`` become ``:``."""
    names = {name.rstrip("_").replace("_", ":"): value for name, value in attributes.items()}
    child = SubElement(parent, tag, names)
    child.text = text or None
    return child


def html(paragraphs: Sequence[str]) -> str:
    """The paragraphs as HTML."""
    body = Element("div")
    for paragraph in paragraphs:
        add(body, "p", paragraph)
    return "\n".join(tostring(child, encoding="unicode", method="html") for child in body)


def _root(tag: str, *prefixes: str, **attributes: str) -> Element:
    return Element(
        tag, attributes | {f"xmlns:{one}": _NAMESPACES[f"xmlns:{one}"] for one in prefixes}
    )


def _describe(channel: Element, blog: Blog, base_url: str) -> None:
    add(channel, "title", blog.name)
    add(channel, "link", base_url + blog.path)
    add(channel, "description", blog.tagline)


def _rss(blog: Blog, entries: Sequence[Entry], base_url: str) -> Element:
    root = _root("rss", "atom", "content", "dc", version="2.0")
    channel = add(root, "channel")
    _describe(channel, blog, base_url)
    add(channel, "atom:link", rel="self", href=base_url + blog.feed_path)
    add(channel, "language", blog.language)
    for entry in entries:
        item = add(channel, "item")
        add(item, "title", entry.title)
        add(item, "link", entry.url)
        add(item, "dc:creator", entry.author)
        add(item, "pubDate", format_datetime(entry.published_at))
        add(item, "guid", entry.id, isPermaLink="false")
        add(item, "description", entry.paragraphs[0])
        add(item, "content:encoded", html(entry.paragraphs))
    return root


def _rss092(blog: Blog, entries: Sequence[Entry], base_url: str) -> Element:
    root = _root("rss", version="0.92")
    channel = add(root, "channel")
    _describe(channel, blog, base_url)
    add(channel, "language", blog.language)
    for entry in entries:
        item = add(channel, "item")
        add(item, "title", entry.title)
        add(item, "link", entry.url)
        add(item, "author", f"post@{blog.id}.example ({entry.author})")
        add(item, "pubDate", format_datetime(entry.published_at))
        add(item, "description", html(entry.paragraphs))
    return root


def _rdf(blog: Blog, entries: Sequence[Entry], base_url: str) -> Element:
    root = _root("rdf:RDF", "content", "dc", "rdf", xmlns="http://purl.org/rss/1.0/")
    channel = add(root, "channel", rdf_about=base_url + blog.feed_path)
    _describe(channel, blog, base_url)
    add(channel, "dc:language", blog.language)
    order = add(add(channel, "items"), "rdf:Seq")
    for entry in entries:
        add(order, "rdf:li", rdf_resource=entry.url)
        item = add(root, "item", rdf_about=entry.url)
        add(item, "title", entry.title)
        add(item, "link", entry.url)
        add(item, "description", entry.paragraphs[0])
        add(item, "dc:creator", entry.author)
        add(item, "dc:date", entry.published_at.isoformat())
        add(item, "content:encoded", html(entry.paragraphs))
    return root


#: What a feed without entries says of its last change, which Atom wants to know.
_EMPTY_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def _atom(blog: Blog, entries: Sequence[Entry], base_url: str) -> Element:
    root = _root("feed", xmlns=_NAMESPACES["xmlns:atom"], **{"xml:lang": blog.language})
    add(root, "title", blog.name)
    add(root, "subtitle", blog.tagline)
    add(root, "id", f"tag:{blog.id}.example,2026:blog")
    add(root, "link", rel="alternate", href=base_url + blog.path)
    add(root, "link", rel="self", href=base_url + blog.feed_path)
    newest = max((entry.published_at for entry in entries), default=_EMPTY_SINCE)
    add(root, "updated", newest.isoformat())
    for entry in entries:
        item = add(root, "entry")
        add(item, "title", entry.title)
        add(item, "id", entry.id)
        add(item, "link", rel="alternate", href=entry.url)
        add(add(item, "author"), "name", entry.author)
        add(item, "published", entry.published_at.isoformat())
        add(item, "updated", entry.published_at.isoformat())
        add(item, "content", html(entry.paragraphs), type="html")
    return root


def _json(blog: Blog, entries: Sequence[Entry], base_url: str) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": blog.name,
        "description": blog.tagline,
        "home_page_url": base_url + blog.path,
        "feed_url": base_url + blog.feed_path,
        "language": blog.language,
        "items": [
            {
                "id": entry.id,
                "url": entry.url,
                "title": entry.title,
                "content_html": html(entry.paragraphs),
                "date_published": entry.published_at.isoformat(),
                "authors": [{"name": entry.author}],
            }
            for entry in entries
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


_WRITERS: Mapping[Shape, Callable[[Blog, Sequence[Entry], str], Element]] = MappingProxyType(
    {"rss": _rss, "rss092": _rss092, "rdf": _rdf, "atom": _atom}
)
