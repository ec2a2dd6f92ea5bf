"""The truth: feedparser, which reads nearly everything that was ever called a feed."""

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from netbot.feedparse.raw import RawEntry, RawFeed, feed_wish_s, finish_feed

_SIZE = re.compile(rb"<(/?)(width|height)\b", re.IGNORECASE)
_CHARACTER = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{4,4000})|([0-9]{5,4000}));?")
# Its time grows with the square of the number of attributes.
_MONSTER = re.compile(rb"<[A-Za-z][^<>]{65536,}>")
# A base that ends with its element would be kept for all that follow.
_BASE_OF_TEXT = re.compile(
    rb"(<(?:content|summary|title|description)(?:\s[^<>]*?)?)\sxml:base\s*=\s*(?:\"[^\"]*\"|'[^']*')"
)
# Feedparser takes "ß®" for one letter that was encoded twice; whether it was decides ``plain``.
_TWICE = re.compile(rb"(\xc3[\x82-\xb4])(\xc2[\x80-\xbf])")
_MARK = "\ue001"
_YEAR = re.compile(r"\d{4}|[A-Za-z]{3}[ -]\d\d\b")


def read_tolerant(data: bytes) -> RawFeed | None:
    """Read a feed from UTF-8; None when it is none."""
    import feedparser

    # A stream, because of bare bytes feedparser first tries whether they name a file.
    parsed = feedparser.parse(
        io.BytesIO(_without_pitfalls(data)),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed["entries"]:
        return None
    feed = _plain(parsed["feed"])
    return finish_feed(
        title=_text(feed, "title"),
        language=_text(feed, "language") or _text(_map(feed, "title_detail"), "language"),
        wish_s=feed_wish_s(
            _text(feed, "ttl"), _text(feed, "sy_updateperiod"), _text(feed, "sy_updatefrequency")
        ),
        entries=tuple(_entry(_plain(entry)) for entry in parsed["entries"]),
    )


def _without_pitfalls(data: bytes) -> bytes:
    """Hide what feedparser stumbles over, and in RSS what it would take for the post's text."""
    data = _MONSTER.sub(b"", _SIZE.sub(rb"<\1x-\2", data))
    data = _CHARACTER.sub(_possible, data)
    data = _BASE_OF_TEXT.sub(rb"\1", data)
    data = _TWICE.sub(rb"\1" + _MARK.encode() + rb"\2", data)
    if b"<item" not in data:
        return data
    return data.replace(b"media:description", b"media:caption")


def _plain(value: Any) -> Any:
    """A plain copy: feedparser's own type answers for missing fields with others."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.replace(_MARK, "") if isinstance(value, str) else value


def _possible(reference: re.Match[bytes]) -> bytes:
    """A character reference, or nothing where no such character exists."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return b"" if code > 0x10FFFF or 0xD800 <= code < 0xE000 else reference[0]


def _entry(fields: Mapping[str, Any]) -> RawEntry:
    return RawEntry(
        guid=_text(fields, "id"),
        link=_text(fields, "link"),
        title=_text(fields, "title"),
        body=_body(fields),
        author=_author(fields),
        published=_date(fields, "published") or _date(fields, "updated"),
        tags=tuple(tag.get("label") or tag.get("term") or "" for tag in _maps(fields, "tags")),
        attachments=len(_attachments(fields)),
    )


def _body(fields: Mapping[str, Any]) -> str:
    """The full text, else the summary."""
    contents = [str(content.get("value") or "") for content in _maps(fields, "content")]
    return next((body for body in contents if body.strip()), _text(fields, "summary"))


def _author(fields: Mapping[str, Any]) -> str:
    """The author, without the address that feedparser writes behind a name of Atom."""
    author, detail = _text(fields, "author"), _map(fields, "author_detail")
    name, mail = _text(detail, "name"), _text(detail, "email")
    return name if author == f"{name} ({mail})" else author


def _attachments(fields: Mapping[str, Any]) -> set[str]:
    links = _maps(fields, "links")
    files = [link.get("href") for link in links if link.get("rel") == "enclosure"]
    media = [medium.get("url") for medium in _maps(fields, "media_content")]
    return {str(url) for url in [*files, *media] if url}


def _map(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


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
