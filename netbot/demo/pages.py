"""The blogs' pages, so that every link of the demo opens something."""

from collections.abc import Mapping, Sequence
from string import Template
from types import MappingProxyType
from xml.etree.ElementTree import Element, tostring

from netbot.demo.shapes import SERVED_AS, Blog, Entry, add

_STYLE = Template(
    """
body { margin: 0 auto; max-width: 38rem; padding: 2rem 1.2rem 4rem; color: #222;
  background: #fdfcfa; font: 1.1rem/1.6 Georgia, serif; }
header { border-bottom: 3px solid $accent; margin-bottom: 2rem; padding-bottom: .6rem; }
header a { color: $accent; font-weight: bold; text-decoration: none; }
h1, h2 { line-height: 1.25; } h1 a, h2 a { color: inherit; }
.note { color: #666; font-size: .9rem; }
textarea { box-sizing: border-box; font: inherit; padding: .6rem; width: 100%; }
"""
)

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "de": {
            "comment": "Kommentar",
            "invented": "Dieser Blog ist erfunden. Was du hier schreibst, liest niemand.",
        },
        "en": {
            "comment": "Comment",
            "invented": "This blog is invented. Nobody reads what you write here.",
        },
    }
)


def front(blog: Blog, entries: Sequence[Entry], base_url: str) -> tuple[str, bytes]:
    """The blog's front page, which names its feed."""
    root, body = _page(blog, blog.name)
    head = root[0]
    media_type = SERVED_AS[blog.shape][1]
    add(head, "link", rel="alternate", type=media_type, href=base_url + blog.feed_path)
    for entry in entries:
        article = add(body, "article")
        add(add(article, "h2"), "a", entry.title, href=entry.url)
        add(article, "p", entry.paragraphs[0])
    return _finish(root)


def post(blog: Blog, entry: Entry) -> tuple[str, bytes]:
    """One post with a place to comment."""
    root, body = _page(blog, entry.title)
    words = _WORDS[blog.language]
    article = add(body, "article")
    add(article, "h1", entry.title)
    add(article, "p", f"{entry.author} · {entry.published_at:%Y-%m-%d}", class_="note")
    for paragraph in entry.paragraphs:
        add(article, "p", paragraph)
    respond = add(body, "section", id="respond")
    add(respond, "h2", words["comment"])
    add(respond, "textarea", rows="6", title=words["comment"])
    add(respond, "p", words["invented"], class_="note")
    return _finish(root)


def _page(blog: Blog, title: str) -> tuple[Element, Element]:
    """Root and body of a page that has its head and header."""
    root = Element("html", lang=blog.language)
    head = add(root, "head")
    add(head, "meta", charset="utf-8")
    add(head, "meta", name="viewport", content="width=device-width")
    add(head, "title", title)
    add(head, "style", _STYLE.substitute(accent=blog.accent))
    body = add(root, "body")
    header = add(body, "header")
    add(header, "a", blog.name, href=blog.path)
    add(header, "div", blog.tagline, class_="note")
    return root, body


def _finish(root: Element) -> tuple[str, bytes]:
    markup = tostring(root, encoding="unicode", method="html")
    return "text/html; charset=utf-8", f"<!doctype html>\n{markup}\n".encode()
