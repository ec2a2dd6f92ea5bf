"""What a page names for programs: in ``Link`` headers, then in its HTML, in that order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from netbot.fetch.answers import Answer

#: Of a longer page only so many bytes are read.
LONGEST_PAGE = 1024 * 1024

_LINK = re.compile(
    r'<(?P<url>[^<>]*)>(?P<rest>(?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]+))?)*)'
)
_FACT = re.compile(r';\s*(?P<name>[\w*-]+)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s",;]+))')


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link and what it is for."""

    url: str  # absolute
    rels: frozenset[str]  # in lower case
    type: str = ""  # media type


def links(answer: Answer) -> Iterator[Link]:
    """The links of a page that say what they are for, relative ones resolved."""
    for match in _LINK.finditer(answer.headers.get("link", "")):
        facts = {
            fact["name"].lower(): fact["quoted"] or fact["bare"] or ""
            for fact in _FACT.finditer(match["rest"])
        }
        yield from _link(answer.url, match["url"], facts.get("rel", ""), facts.get("type", ""))
    if "html" in answer.headers.get("content-type", "html"):
        yield from _in_html(answer)


def _in_html(answer: Answer) -> Iterator[Link]:
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(answer.body[:LONGEST_PAGE])
    base = page.css_first("base[href]")
    place = _absolute(answer.url, (base.attributes.get("href") or "") if base else "")
    for node in page.css("link[rel][href], a[rel][href]"):
        facts = {name: value or "" for name, value in node.attributes.items()}
        yield from _link(place or answer.url, facts["href"], facts["rel"], facts.get("type", ""))


def _link(base: str, url: str, rel: str, kind: str) -> Iterator[Link]:
    found = _absolute(base, url.strip())
    if found and rel:
        yield Link(url=found, rels=frozenset(rel.lower().split()), type=kind.lower())


def _absolute(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:  # such as an IPv6 address that never ends
        return ""
