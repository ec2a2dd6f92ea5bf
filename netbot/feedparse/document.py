"""What the parse child hands back: plain values that go through JSON unharmed."""

import json
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed, as plain text."""

    keys: tuple[str, ...] = ()  # identities, strongest first
    url: str = ""  # absolute http(s), else ""
    title: str = ""
    text: str = ""
    author: str = ""
    language: str | None = None
    published: str | None = None  # ISO 8601, UTC
    tags: tuple[str, ...] = ()
    links: int = 0
    media: int = 0
    guid: str = ""  # the feed's own id, until it has become a key


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page points to."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed with its entries, or a page with the feeds that it points to."""

    is_feed: bool
    title: str = ""
    language: str | None = None
    wish_s: int | None = None  # how long the feed asks to be left alone, in seconds
    quiet_hours: tuple[int, ...] = ()  # of GMT, 0 to 23, when it wants no visit
    quiet_days: tuple[int, ...] = ()  # likewise, 0 is Monday
    entries: tuple[Entry, ...] = ()  # in the order of the document
    links: tuple[FeedLink, ...] = ()  # best first
    fast: bool = False  # read on the fast path

    def to_json(self) -> bytes:
        """The document on its way through the pipe."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["entries"] = list(map(_entry_values, self.entries))
        values["links"] = list(map(asdict, self.links))
        return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """The document as it left the other end."""
        values = json.loads(data)
        entries = tuple(_entry(entry) for entry in values.pop("entries"))
        links = tuple(FeedLink(**link) for link in values.pop("links"))
        hours, days = tuple(values.pop("quiet_hours")), tuple(values.pop("quiet_days"))
        return cls(**values, quiet_hours=hours, quiet_days=days, entries=entries, links=links)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLink:
    """An address that a mail leads to, and the words around it."""

    url: str  # absolute http(s), as found
    words: str  # of the paragraph or cell in which it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail as plain text: what it says, who sent it, and where it leads."""

    entry: Entry  # ``url`` is where the letter, or the one article that it tells of, can be read
    sender: str = ""  # address in lower case
    list_id: str = ""  # RFC 2919, without brackets
    links: tuple[MailLink, ...] = ()  # none that unsubscribes

    def to_json(self) -> bytes:
        """The letter on its way through the pipe."""
        values = {
            "entry": list(_entry_values(self.entry)),
            "sender": self.sender,
            "list_id": self.list_id,
            "links": list(map(asdict, self.links)),
        }
        return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """The letter as it left the other end."""
        values = json.loads(data)
        links = tuple(MailLink(**link) for link in values.pop("links"))
        return cls(**values | {"entry": _entry(values["entry"])}, links=links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What a site's robots.txt says to a program about one address."""

    allowed: bool = True
    delay_s: float = 0.0  # between two questions

    def to_json(self) -> bytes:
        """The permission on its way through the pipe."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """The permission as it left the other end."""
        return cls(**json.loads(data))


_ENTRY_FIELDS = tuple(field.name for field in fields(Entry))
_entry_values = attrgetter(*_ENTRY_FIELDS)


def _entry(values: list[Any]) -> Entry:
    named = dict(zip(_ENTRY_FIELDS, values, strict=True))
    named["keys"], named["tags"] = tuple(named["keys"]), tuple(named["tags"])
    return Entry(**named)
