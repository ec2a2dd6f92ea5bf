"""The fast path, trusted only with documents in which it can lose nothing unnoticed."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from xml.etree.ElementTree import Element, XMLPullParser

from netbot.feedparse.gate import ENTRY_START, bones
from netbot.feedparse.raw import RawEntry, RawFeed, feed_wish_s, finish_feed

_DATE_NAMES = (
    rb"(?:\w{1,20}:)?(?:pubDate|published|updated|issued|modified|created|date|lastBuildDate)"
)
_DATE = re.compile(rb"<" + _DATE_NAMES + rb"[\s>]")
_TIME = rb"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_ZONE = rb"(?:0\d|1[0-4])[0-5]\d"  # beyond this one parser calculates and the other gives up
# RFC 822 and ISO 8601 with a time; in anything looser the fast parser may guess, even "today".
_PLAIN_DATE = re.compile(
    rb"<" + _DATE_NAMES + rb"(?:\s[^<>]*)?>\s*"
    rb"(?:(?:[A-Z][a-z]{2},\s)?\d{1,2} [A-Z][a-z]{2} \d{4} "
    + _TIME
    + rb" (?:[+-]"
    + _ZONE
    + rb"|GMT|UTC?|Z)"
    rb"|\d{4}-\d\d-\d\dT" + _TIME + rb"(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))\s*<"
)
_ID = re.compile(rb"<(?:guid|id)[\s>]|\srdf:about=")
# Escaped twice, broken, or in the characters of another encoding.
_ODD_ADDRESS = re.compile(r"&\w+;|[\x80-\x9f\n]|:///")
_ADDRESS = re.compile(r"https?://")
_BODY = re.compile(rb"<(?:description|content|content:encoded|summary)[\s>]")


def read_fast(data: bytes) -> RawFeed | None:
    """Read a well-formed feed from UTF-8; None sends it to the tolerant parser."""
    structure = bones(data)
    if structure is None or len(_DATE.findall(structure)) != len(_PLAIN_DATE.findall(structure)):
        return None
    import fastfeedparser

    try:
        parsed = fastfeedparser.parse(data)
        head = _head(data)
    except (ValueError, SyntaxError, TypeError, AttributeError, LookupError):
        return None
    sources = ENTRY_START.split(structure)[1:]
    if len(parsed["entries"]) != len(sources):
        return None
    raw = tuple(map(_entry, parsed["entries"], sources))
    if not all(map(_is_complete, raw, sources)):
        return None
    return finish_feed(
        title=parsed["feed"].get("title") or "",
        language=head.get("language"),
        wish_s=feed_wish_s(head.get("ttl"), head.get("updatePeriod"), head.get("updateFrequency")),
        entries=raw,
    )


def _is_complete(entry: RawEntry, source: bytes) -> bool:
    """Whether the entry has all its parts, and none that the parsers would read differently."""
    return (
        bool(entry.body.strip() or not _BODY.search(source))
        and bool(entry.title or b"<media:title" not in source)
        and (entry.link != entry.guid or not entry.guid or _ADDRESS.match(entry.guid) is not None)
        and bool(entry.link or not entry.guid or _ADDRESS.match(entry.guid))
        and (entry.published is None) == (_DATE.search(source) is None)
        and not _ODD_ADDRESS.search(f"{entry.guid} {entry.link}")
    )


def _entry(fields: Mapping[str, Any], source: bytes) -> RawEntry:
    contents: list[Mapping[str, Any]] = fields.get("content") or []
    body = next((content["value"] for content in contents if content.get("value")), "")
    return RawEntry(
        # A missing id is made up from the link.
        guid=fields.get("id") or "" if _ID.search(source) else "",
        link=fields.get("link") or "",
        title=fields.get("title") or "",
        body=body or fields.get("description") or "",
        author=fields.get("author") or "",
        published=_date(fields.get("published") or fields.get("updated")),
        tags=tuple(tag.get("label") or tag["term"] for tag in fields.get("tags") or ()),
        attachments=len(_attachments(fields, source)),
    )


def _attachments(fields: Mapping[str, Any], source: bytes) -> set[str]:
    # A small picture stands in for missing media.
    media = fields.get("media_content") if b"<media:content" in source else ()
    return {
        file["url"]
        for file in (*(fields.get("enclosures") or ()), *(media or ()))
        if file.get("url")
    }


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _head(data: bytes) -> dict[str, str]:
    """The feed's own short fields, which the fast parser leaves out: those before any entry."""
    reader: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    reader.feed(ENTRY_START.split(data, maxsplit=1)[0])
    return dict(_short_fields(cast("Iterator[tuple[str, Element]]", reader.read_events())))


def _short_fields(events: Iterator[tuple[str, Element]]) -> Iterator[tuple[str, str]]:
    for event, element in events:
        name = element.tag.rpartition("}")[2]
        if event == "start" and (language := element.get(_XML_LANG)):
            yield "language", language
        elif event == "end" and name in ("language", "ttl", "updatePeriod", "updateFrequency"):
            yield name, element.text or ""


_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
