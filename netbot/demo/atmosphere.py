"""The memory of a Bluesky network: people, their records, who may see what and when.

Its methods do what the network does, without HTTP; what it refuses is a ``Complaint``.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from netbot.graphemes import graphemes

LONGEST_TEXT = 300  # graphemes (lexicon app.bsky.feed.post)
POST, LIKE, REPOST = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"
FOLLOW = "app.bsky.graph.follow"

_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_MARKS = {LIKE: "like", REPOST: "repost"}

Json = dict[str, Any]


class Complaint(Exception):
    """What the network refuses, as status, name and words."""

    def __init__(self, status: int, name: str, words: str) -> None:
        super().__init__(words)
        self.status, self.name, self.words = status, name, words


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with an account."""

    did: str
    handle: str
    shown: str = ""  # the name for people
    labels: list[str] = field(default_factory=list)
    closed: bool = False


@dataclass(slots=True, kw_only=True)
class Record:
    """Something in somebody's store."""

    uri: str
    author: Person
    value: Json
    cid: str
    indexed_at: datetime
    shown_from: int = 0  # reads of the window before it is to be seen there
    hidden_from: int | None = None  # deleted; the window shows it until so many reads
    gates: set[str] = field(default_factory=set)  # replies, quotes: not for strangers

    @property
    def collection(self) -> str:
        """What kind it is."""
        return self.uri.split("/")[3]

    @property
    def rkey(self) -> str:
        """Its name in the store."""
        return self.uri.rpartition("/")[2]

    @property
    def subject(self) -> str:
        """The name of the post that it marks; "" when it is no mark."""
        about = self.value.get("subject")
        return str(about["uri"]) if isinstance(about, dict) else ""

    @property
    def parent(self) -> str:
        """The name of the post that it answers, or ""."""
        return str((self.value.get("reply") or {}).get("parent", {}).get("uri", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody did something with somebody."""

    reason: str
    to: str  # DID
    record: Record
    subject: str  # the post of mine that it is about


@dataclass(slots=True)
class Atmosphere:
    """The memory; whoever uses it holds its lock."""

    now: Callable[[], datetime]
    lag: int = 0  # so many reads go by before the window shows what was written
    reads: int = 0
    people: dict[str, Person] = field(default_factory=dict)  # by DID
    records: dict[str, Record] = field(default_factory=dict)  # by uri, oldest first
    notices: list[Notice] = field(default_factory=list)
    _last: int = 0

    def admit(self, name: str, shown: str = "") -> Person:
        """The person of that name, made if need be; their handle is ``name.test``."""
        did = did_of(name)
        if did not in self.people:
            self.people[did] = Person(did=did, handle=f"{name}.test", shown=shown)
        return self.people[did]

    def find(self, actor: str) -> Person:
        """Who is meant by a DID or handle; a ``Complaint`` when it is nobody."""
        for person in self.people.values():
            if actor.lower() in {person.did, person.handle}:
                return person
        raise Complaint(400, "InvalidRequest", "Profile not found")

    def record(self, uri: str) -> Record:
        """What stands in a store; a ``Complaint`` when there is nothing of that name."""
        found = self.records.get(uri)
        if found is None or found.hidden_from is not None:
            raise Complaint(400, "RecordNotFound", f"Could not locate record: {uri}")
        return found

    def shown(self, uri: str) -> Record | None:
        """What the window shows of that name."""
        found = self.records.get(uri)
        return found if found is not None and self._is_shown(found) else None

    def window(self, collection: str, did: str = "") -> Iterator[Record]:
        """Everything of a kind that the window shows, newest first."""
        for record in reversed(self.records.values()):
            is_wanted = record.collection == collection and did in {"", record.author.did}
            if is_wanted and self._is_shown(record):
                yield record

    def store(self, did: str, collection: str) -> list[Record]:
        """Everything of a kind in somebody's own store, the newest name first."""
        own = (each for each in self.records.values() if each.author.did == did)
        kept = [each for each in own if each.collection == collection and not _is_deleted(each)]
        return sorted(kept, key=lambda each: each.rkey, reverse=True)

    def mark(self, did: str, collection: str, subject: str) -> str:
        """By which record the window says that somebody liked or passed on a post, or ""."""
        marks = (each for each in self.window(collection, did) if each.subject == subject)
        return next((each.uri for each in marks), "")

    def put(self, person: Person, collection: str, rkey: str, value: Json) -> tuple[Record, bool]:
        """Write a record of that name; False beside it when it stood there like this already."""
        _require_valid(collection, rkey, value)
        uri = f"at://{person.did}/{collection}/{rkey}"
        before = self.records.get(uri)
        if before is not None and not _is_deleted(before) and before.value == value:
            return before, False
        record = Record(
            uri=uri,
            author=person,
            value=value,
            cid=_cid(value),
            indexed_at=self.now(),
            shown_from=self.reads + self.lag if self.lag else 0,
        )
        self.records.pop(uri, None)
        self.records[uri] = record
        self._tell(record)
        return record, True

    def create(self, person: Person, collection: str, value: Json) -> Record:
        """Write a record under the next name; a new mark takes the place of an older one."""
        if collection in _MARKS:
            for each in self.store(person.did, collection):
                if each.subject == value["subject"]["uri"]:
                    self.delete(each.uri)
        return self.put(person, collection, self.next_name(), value)[0]

    def delete(self, uri: str) -> bool:
        """Take a record out; False when it was not there."""
        record = self.records.get(uri)
        if record is None or _is_deleted(record):
            return False
        record.hidden_from = self.reads + self.lag if self.lag else 0
        return True

    def next_name(self) -> str:
        """A name that holds the time, and is later than all before."""
        self._last = max(self._last + 1, int(self.now().timestamp() * 1_000_000))
        tid = self._last << 10
        return "".join(_LETTERS[tid >> shift & 31] for shift in range(60, -1, -5))

    def reference(self, uri: str) -> Json:
        """How records name another one."""
        return {"uri": uri, "cid": self.record(uri).cid}

    def _is_shown(self, record: Record) -> bool:
        if record.hidden_from is not None and record.hidden_from <= self.reads:
            return False
        return record.shown_from <= self.reads

    def _tell(self, record: Record) -> None:
        for reason, to, subject in _told_of(record):
            if to in self.people and to != record.author.did:
                told = Notice(reason=reason, to=to, record=record, subject=subject)
                self.notices.append(told)


def did_of(name: str) -> str:
    """The name that never changes of an invented person."""
    digest = base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()
    return f"did:plc:{digest[:24]}"


def stamp(at: datetime) -> str:
    """A time as the network writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_deleted(record: Record) -> bool:
    return record.hidden_from is not None


def _cid(value: Json) -> str:
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    return f"bafyrei{base64.b32encode(digest).decode().lower().rstrip('=')}"


def _author_in(uri: str) -> str:
    return uri.split("/")[2]


def _told_of(record: Record) -> Iterator[tuple[str, str, str]]:
    """Why, to whom and about which post a record is told."""
    if record.collection in _MARKS:
        yield _MARKS[record.collection], _author_in(record.subject), record.subject
    elif record.collection == FOLLOW:
        yield "follow", record.value["subject"], ""
    elif record.parent:
        yield "reply", _author_in(record.parent), record.parent
    quoted = (record.value.get("embed") or {}).get("record", {}).get("uri", "")
    if quoted:
        yield "quote", _author_in(quoted), quoted
    for facet in record.value.get("facets") or []:
        for feature in facet["features"]:
            if "did" in feature:
                yield "mention", feature["did"], ""


def _require_valid(collection: str, rkey: str, value: Json) -> None:
    if len(rkey) != 13 or not set(rkey) <= set(_LETTERS):
        raise Complaint(400, "InvalidRequest", f"Invalid record key: {rkey}")
    if value.get("$type") != collection or "createdAt" not in value:
        raise Complaint(400, "InvalidRequest", f"Invalid {collection} record")
    if len(graphemes(value.get("text", ""))) > LONGEST_TEXT:
        raise Complaint(400, "InvalidRequest", "text must not be longer than 300 graphemes")
