"""JSON Feed 1.0 and 1.1 (jsonfeed.org); a wrong value costs itself, never the feed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from netbot.feedparse.raw import RawEntry, RawFeed, finish_feed


def is_json_feed(values: Any) -> bool:
    """Whether decoded JSON is a feed."""
    version = _text(values.get("version")) if isinstance(values, dict) else ""
    return "jsonfeed.org/version/" in version and isinstance(values.get("items"), list)


def read_json_feed(values: Mapping[str, Any]) -> RawFeed:
    """Read a decoded JSON feed."""
    items = [item for item in values["items"] if isinstance(item, dict)]
    return finish_feed(
        title=_text(values.get("title")),
        language=_text(values.get("language")),
        wish_s=None,
        entries=tuple(_entry(item, values) for item in items),
    )


def _entry(item: Mapping[str, Any], feed: Mapping[str, Any]) -> RawEntry:
    bodies = (_text(item.get(name)) for name in ("content_html", "content_text", "summary"))
    attached = [*_list(item.get("attachments")), *filter(None, [item.get("image")])]
    return RawEntry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=_text(item.get("title")),
        body=next(filter(None, bodies), ""),
        author=_author(item) or _author(feed),
        language=_text(item.get("language")),
        published=_date(item.get("date_published")) or _date(item.get("date_modified")),
        tags=tuple(_text(tag) for tag in _list(item.get("tags"))),
        attachments=len(attached),
    )


def _author(values: Mapping[str, Any]) -> str:
    """The first author's name: a list since 1.1, a single one in 1.0."""
    authors = [*_list(values.get("authors")), values.get("author")]
    names = (_text(author.get("name")) for author in authors if isinstance(author, dict))
    return next(filter(None, names), "")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Text as it is; numbers too, because ids are often written as such."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _date(value: Any) -> datetime | None:
    try:
        date = datetime.fromisoformat(_text(value).strip().replace("z", "Z"))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
