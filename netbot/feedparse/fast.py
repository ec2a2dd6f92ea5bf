"""The fast path, trusted only with documents in which it can lose nothing unnoticed."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from xml.etree.ElementTree import Element, XMLPullParser
from xml.parsers import expat

from netbot.feedparse.raw import RawEntry, RawFeed, feed_wish_s, finish_feed

_ENTRY_START = re.compile(rb"<(?:item|entry)[\s>]")
# Own entities and encodings, own bases of addresses, grouped media, control characters, and marks
# inside what should be text: the fast parser reads these differently, or only half.
_DISTRUSTED = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\?xml(?!-)|\sxml:base\s*=|<media:group|[\x00-\x08\x0b-\x1f]"
    rb"|<(?:title|link|guid|id|description|summary|content:encoded)(?:\s[^<>]*)?(?<!/)>"
    rb"[^<]*<(?!/|!\[CDATA\[)"
    rb"|\]\]>[^<]*<(?!/|!\[CDATA\[)"
    rb"|\xc3[\x82\x83]\xc2[\x80-\xbf]"  # UTF-8 that was encoded twice, which feedparser undoes
)
_DATE_NAMES = (
    rb"(?:\w{1,20}:)?(?:pubDate|published|updated|issued|modified|created|date|lastBuildDate)"
)
_DATE = re.compile(rb"<" + _DATE_NAMES + rb"[\s>]")
# RFC 822 and ISO 8601 with a time; in anything looser the fast parser may guess, even "today".
_PLAIN_DATE = re.compile(
    rb"<" + _DATE_NAMES + rb"(?:\s[^<>]*)?>\s*"
    rb"(?:(?:[A-Z][a-z]{2},\s)?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT|UTC?|Z)"
    rb"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))\s*<"
)
_CONTENT_NAMESPACE = b'"http://purl.org/rss/1.0/modules/content/"'
_BODY = re.compile(rb"<(?:description|content|content:encoded|summary)[\s>]")


def read_fast(data: bytes) -> RawFeed | None:
    """Read a well-formed feed from UTF-8; None sends it to the tolerant parser."""
    if _DISTRUSTED.search(data) or not _is_well_formed(data):
        return None
    if b"<content:encoded" in data and _CONTENT_NAMESPACE not in data:
        return None  # feedparser knows it by its usual name as well
    if len(_DATE.findall(data)) != len(_PLAIN_DATE.findall(data)):
        return None
    import fastfeedparser

    try:
        parsed = fastfeedparser.parse(data)
        head = _head(data)
    except (ValueError, SyntaxError, TypeError, AttributeError, LookupError):
        return None
    raw = tuple(_entry(entry) for entry in parsed["entries"])
    if not _is_complete(raw, data):
        return None
    return finish_feed(
        title=parsed["feed"].get("title") or "",
        language=head.get("language"),
        wish_s=feed_wish_s(head.get("ttl"), head.get("updatePeriod"), head.get("updateFrequency")),
        entries=raw,
    )


def _is_well_formed(data: bytes) -> bool:
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return False
    return True


def _is_complete(entries: tuple[RawEntry, ...], data: bytes) -> bool:
    """Whether every entry came through, with its text, and none with a date of its own making."""
    sources = _ENTRY_START.split(data)[1:]
    return len(entries) == len(sources) > 0 and all(
        (entry.body.strip() or not _BODY.search(source))
        and (entry.published is None or _DATE.search(source))
        for entry, source in zip(entries, sources, strict=True)
    )


def _entry(fields: Mapping[str, Any]) -> RawEntry:
    contents: list[Mapping[str, Any]] = fields.get("content") or []
    body = next((content["value"] for content in contents if content.get("value")), "")
    return RawEntry(
        guid=fields.get("id") or "",
        link=fields.get("link") or "",
        title=fields.get("title") or "",
        body=body or fields.get("description") or "",
        author=fields.get("author") or "",
        published=_date(fields.get("published") or fields.get("updated")),
        tags=tuple(tag.get("label") or tag["term"] for tag in fields.get("tags") or ()),
        attachments=len(_attachments(fields)),
    )


def _attachments(fields: Mapping[str, Any]) -> set[str]:
    files = [*(fields.get("enclosures") or ()), *(fields.get("media_content") or ())]
    return {file["url"] for file in files if file.get("url")}


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _head(data: bytes) -> dict[str, str]:
    """The feed's own short fields, which the fast parser leaves out: those before any entry."""
    first = _ENTRY_START.search(data)
    reader: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    reader.feed(data[: first.start() if first else len(data)])
    return dict(_short_fields(cast("Iterator[tuple[str, Element]]", reader.read_events())))


def _short_fields(events: Iterator[tuple[str, Element]]) -> Iterator[tuple[str, str]]:
    for event, element in events:
        name = element.tag.rpartition("}")[2]
        if event == "start" and (language := element.get(_XML_LANG)):
            yield "language", language
        elif event == "end" and name in ("language", "ttl", "updatePeriod", "updateFrequency"):
            yield name, element.text or ""


_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
