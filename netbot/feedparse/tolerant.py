"""The truth: feedparser, which reads nearly everything that was ever called a feed."""

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from netbot.feedparse.raw import RawEntry, RawFeed, feed_wish_s, finish_feed

_YEAR = re.compile(r"\d{4}|[A-Za-z]{3}[ -]\d\d\b")


def read_tolerant(data: bytes) -> RawFeed | None:
    """Read a feed from UTF-8; None when it is none."""
    import feedparser

    # A stream, because of bare bytes feedparser first tries whether they name a file.
    parsed = feedparser.parse(
        io.BytesIO(_without_captions(data)),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed["version"] and not parsed["entries"]:
        return None
    # Plain copies: feedparser's own type answers for missing fields with others.
    feed = dict(parsed["feed"])
    return finish_feed(
        title=_text(feed, "title"),
        language=feed.get("language") or dict(feed.get("title_detail", {})).get("language"),
        wish_s=feed_wish_s(
            feed.get("ttl"), feed.get("sy_updateperiod"), feed.get("sy_updatefrequency")
        ),
        entries=tuple(_entry(dict(entry)) for entry in parsed["entries"]),
    )


def _without_captions(data: bytes) -> bytes:
    """Hide the captions of pictures in RSS, which feedparser would take for the post's text."""
    if b"<item" not in data:
        return data
    return data.replace(b"media:description", b"media:caption")


def _entry(fields: Mapping[str, Any]) -> RawEntry:
    return RawEntry(
        guid=_text(fields, "id"),
        link=_text(fields, "link"),
        title=_text(fields, "title"),
        body=_body(fields),
        author=_text(fields, "author"),
        published=_date(fields, "published") or _date(fields, "updated"),
        tags=tuple(tag.get("label") or tag.get("term") or "" for tag in _maps(fields, "tags")),
        attachments=len(_attachments(fields)),
    )


def _body(fields: Mapping[str, Any]) -> str:
    """The full text, else the summary."""
    contents = [str(content.get("value") or "") for content in _maps(fields, "content")]
    return next((body for body in contents if body.strip()), _text(fields, "summary"))


def _attachments(fields: Mapping[str, Any]) -> set[str]:
    links = _maps(fields, "links")
    files = [link.get("href") for link in links if link.get("rel") == "enclosure"]
    media = [medium.get("url") for medium in _maps(fields, "media_content")]
    return {str(url) for url in [*files, *media] if url}


def _maps(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of feedparser's own; an element that happens to be called so may stand instead."""
    values = fields.get(name)
    return (
        [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _date(fields: Mapping[str, Any], name: str) -> datetime | None:
    """A date from feedparser's own tuples, which are in UTC."""
    parsed = fields.get(f"{name}_parsed")
    # Of a text that names no year feedparser makes a date of today.
    if not parsed or not _YEAR.search(_text(fields, name)):
        return None
    year, month, day, hour, minute, second = parsed[:6]
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
