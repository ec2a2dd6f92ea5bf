"""Where the parsers meet: each fills in raw values, one function makes entries of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr

from netbot.feedparse.document import Entry
from netbot.feedparse.plain import absolute, count_links, count_media, to_line, to_text

MOST_ENTRIES = 500
_MOST_TAGS = 30
_MINUTE_S = 60
_PERIODS_S = {
    "hourly": 3600,
    "daily": 86400,
    "weekly": 7 * 86400,
    "monthly": 30 * 86400,
    "yearly": 365 * 86400,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """One entry with its fields as a parser found them: HTML, relative, blank or missing."""

    guid: str = ""
    link: str = ""
    title: str = ""
    body: str = ""
    author: str = ""
    language: str | None = None
    published: datetime | None = None
    tags: tuple[str, ...] = ()
    attachments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A feed in the same state."""

    title: str = ""
    language: str | None = None
    wish_s: int | None = None
    entries: tuple[RawEntry, ...] = ()


def finish(raw: RawEntry, feed: RawFeed, base: str) -> Entry:
    """The entry as plain text with absolute addresses; its keys are given later."""
    guid = raw.guid.strip()
    url = _address(raw.link.strip(), guid, base)
    date = raw.published
    return Entry(
        guid=guid,
        url=url,
        title=to_line(raw.title),
        text=to_text(raw.body),
        author=_name(raw.author),
        language=_language(raw.language) or feed.language,
        published=date.astimezone(UTC).isoformat(timespec="seconds") if date else None,
        tags=_tags(raw.tags),
        links=count_links(raw.body),
        media=count_media(raw.body) + raw.attachments,
    )


def finish_feed(
    *, title: str, language: str | None, wish_s: int | None, entries: tuple[RawEntry, ...]
) -> RawFeed:
    """The feed with its own fields in plain form and its entries still raw."""
    return RawFeed(
        title=to_line(title), language=_language(language), wish_s=wish_s, entries=entries
    )


def feed_wish_s(ttl: str | None, period: str | None, frequency: str | None) -> int | None:
    """Seconds between two looks that a feed asks for: RSS ``ttl`` in minutes, or ``sy:update…``."""
    wishes = []
    if _is_number(ttl):
        wishes.append(int(str(ttl)) * _MINUTE_S)
    if period and period.strip().lower() in _PERIODS_S:
        times = int(str(frequency)) if _is_number(frequency) else 1
        wishes.append(_PERIODS_S[period.strip().lower()] // max(1, times))
    return max(wishes, default=None)


def _is_number(text: str | None) -> bool:
    return text is not None and text.strip().isascii() and text.strip().isdigit() and len(text) < 16


def _address(link: str, guid: str, base: str) -> str:
    # Parsers disagree on when an id serves as the link; here it does if it is one.
    is_address = guid.startswith(("http://", "https://"))
    if not link or (link == guid and not is_address):
        link = guid if is_address else ""
    return absolute(link, base)


def _name(author: str) -> str:
    """The name alone; RSS puts an address beside it, in either order."""
    line = to_line(author)
    if "@" not in line:
        return line
    name, mail = parseaddr(line)
    if "@" not in mail and "(" in line:
        name = line.partition("(")[0]
    return (name or mail.partition("@")[0]).strip()


def _language(declared: str | None) -> str | None:
    """A language tag as BCP 47 writes it; None for anything that cannot be one."""
    tag = (declared or "").strip().replace("_", "-")
    parts = tag.split("-")
    is_tag = all(part.isascii() and part.isalnum() for part in parts) and 2 <= len(parts[0]) <= 3
    return tag if is_tag and len(tag) <= 35 else None


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    lines = (to_line(tag) for tag in tags[:_MOST_TAGS])
    return tuple(dict.fromkeys(line for line in lines if line))
