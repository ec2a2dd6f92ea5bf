"""One Mastodon server's memory: people, statuses, who liked and boosted what.

Its methods do what the network does, without HTTP; what it refuses is a ``Complaint``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from netbot.demo import toothtml

LONGEST_TEXT = 500
KEY_LASTS = timedelta(hours=1)  # docs.joinmastodon.org/methods/statuses, Idempotency-Key
_FIRST_ID = 114_000_000_000_000_000  # ids are numbers of 18 digits, in the order of time


class Complaint(Exception):
    """What the network refuses, as status and words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with an account, here or on another server."""

    id: str
    name: str
    home: "Instance"
    shown: str = ""  # the name for people

    @property
    def url(self) -> str:
        """The person's page."""
        return f"{self.home.base}/@{self.name}"

    @property
    def uri(self) -> str:
        """What other servers know the person by."""
        return f"{self.home.base}/users/{self.name}"


@dataclass(slots=True, kw_only=True)
class Words:
    """What a status says; every server's copy of it shares them."""

    text: str
    spoiler: str = ""
    edited_at: datetime | None = None
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Status:
    """A status as one server has it."""

    id: str
    author: Person
    words: Words
    created_at: datetime
    original: str  # its id on the author's own server
    visibility: str = "public"
    language: str | None = "de"
    parent: "Status | None" = None
    boosted: "Status | None" = None  # what this one passes on
    shown_from: int = 0  # reads of the server before it is to be seen

    @property
    def url(self) -> str:
        """Its page, on the author's own server."""
        return f"{self.author.url}/{self.original}"

    @property
    def uri(self) -> str:
        """What all servers know it by."""
        return f"{self.author.uri}/statuses/{self.original}"


@dataclass(slots=True, kw_only=True)
class Notice:
    """Somebody did something with somebody's status."""

    id: str
    kind: str  # mention, favourite or reblog
    to: Person
    by: Person
    about: Status
    at: datetime


@dataclass(slots=True)
class Instance:
    """The memory; whoever uses it holds its lock."""

    now: Callable[[], datetime]
    base: str = ""  # http://host:port
    lag: int = 0  # so many reads go by before what was written is to be seen
    reads: int = 0
    people: dict[str, Person] = field(default_factory=dict)  # by name@host, "" for our own
    statuses: dict[str, Status] = field(default_factory=dict)
    liked: dict[tuple[str, str], int] = field(default_factory=dict)  # person, status: shown from
    boosts: dict[tuple[str, str], Status] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    keys: dict[tuple[str, str], tuple[datetime, Status]] = field(default_factory=dict)
    friends: list["Instance"] = field(default_factory=list)  # servers that it can ask
    _last_id: int = _FIRST_ID

    def new_id(self) -> str:
        """The next number."""
        self._last_id += 1_000
        return str(self._last_id)

    def admit(self, name: str, shown: str = "", *, home: "Instance | None" = None) -> Person:
        """The person of that name, made if need be."""
        home = home or self
        address = name if home is self else f"{name}@{home.base}"
        if address not in self.people:
            self.people[address] = Person(id=self.new_id(), name=name, home=home, shown=shown)
        return self.people[address]

    def find(self, user: str, host: str = "") -> Person | None:
        """Who is meant by ``user`` or ``user@host``."""
        if not host or self.base.endswith(f"//{host}"):
            return self.people.get(user)
        return next(
            (
                one
                for one in self.people.values()
                if one.name == user and one.home.base.endswith(f"//{host}")
            ),
            None,
        )

    def status(self, id: str) -> Status:
        """The status of that id, as a reader sees it; a ``Complaint`` (404) when there is none."""
        status = self.statuses.get(id)
        if status is None or status.words.deleted or status.shown_from > self.reads:
            raise Complaint(404, "Record not found")
        return status

    def visible(self) -> Iterator[Status]:
        """Everything to be seen, newest first."""
        for status in reversed(self.statuses.values()):
            if not status.words.deleted and status.shown_from <= self.reads:
                yield status

    def resolve(self, url: str) -> Status | None:
        """The status at an address, fetched from another server if need be."""
        for status in self.visible():
            if url in {status.url, status.uri} and status.boosted is None:
                return status
        for friend in self.friends:
            found = friend.resolve(url) if url.startswith(f"{friend.base}/") else None
            if found is not None:
                return self._copy(found)
        return None

    def _copy(self, other: Status) -> Status:
        author = self.admit(other.author.name, other.author.shown, home=other.author.home)
        status = Status(
            id=self.new_id(),
            author=author,
            words=other.words,
            created_at=other.created_at,
            original=other.original,
            visibility=other.visibility,
            language=other.language,
        )
        self.statuses[status.id] = status
        return status

    def write(
        self,
        person: Person,
        text: str,
        *,
        parent: str | None = None,
        key: str = "",
        visibility: str | None = None,
        language: str | None = None,
        spoiler: str = "",
        at: datetime | None = None,
    ) -> tuple[Status, bool]:
        """A new status; False beside it when ``key`` had made it already."""
        made = self.keys.get((person.id, key)) if key else None
        if made and self.now() - made[0] < KEY_LASTS and not made[1].words.deleted:
            return made[1], False
        answered = self.status(parent) if parent else None
        _require_text(text, spoiler)
        new = self.new_id()
        status = Status(
            id=new,
            author=person,
            words=Words(text=text, spoiler=spoiler),
            created_at=at or self.now(),
            original=new,
            visibility=visibility or "public",
            language=language,
            parent=answered,
            shown_from=self._shown_from(),
        )
        self.statuses[new] = status
        if key:
            self.keys[person.id, key] = (self.now(), status)
        for user, host in toothtml.names(text):
            self._tell("mention", self.find(user, host), person, status)
        return status, True

    def delete(self, person: Person, id: str) -> Status:
        """Only one's own; a ``Complaint`` (404) for any other."""
        status = self.status(id)
        if status.author is not person:
            raise Complaint(404, "Record not found")
        status.words.deleted = True
        return status

    def favourite(self, person: Person, id: str) -> tuple[Status, bool]:
        """The status, and whether this was new."""
        status = self._target(id)
        mark = (person.id, status.id)
        if mark in self.liked:
            return status, False
        self.liked[mark] = self._shown_from()
        self._tell("favourite", status.author, person, status)
        return status, True

    def unfavourite(self, person: Person, id: str) -> tuple[Status, bool]:
        """The status, and whether there was anything to take back."""
        status = self._target(id)
        return status, self.liked.pop((person.id, status.id), None) is not None

    def reblog(self, person: Person, id: str) -> tuple[Status, bool]:
        """The boost, and whether it is new."""
        status = self._target(id)
        mark = (person.id, status.id)
        if mark in self.boosts:
            return self.boosts[mark], False
        new = self.new_id()
        boost = Status(
            id=new,
            author=person,
            words=Words(text=""),
            created_at=self.now(),
            original=new,
            boosted=status,
            shown_from=self._shown_from(),
        )
        self.statuses[new] = self.boosts[mark] = boost
        self._tell("reblog", status.author, person, status)
        return boost, True

    def unreblog(self, person: Person, id: str) -> tuple[Status, bool]:
        """The status, and whether there was anything to take back."""
        status = self._target(id)
        boost = self.boosts.pop((person.id, status.id), None)
        if boost is not None:
            del self.statuses[boost.id]
        return status, boost is not None

    def has_liked(self, person: Person, status: Status) -> bool:
        """As a reader sees it."""
        shown_from = self.liked.get((person.id, status.id))
        return shown_from is not None and shown_from <= self.reads

    def has_boosted(self, person: Person, status: Status) -> bool:
        """As a reader sees it."""
        boost = self.boosts.get((person.id, status.id))
        return boost is not None and boost.shown_from <= self.reads

    def _target(self, id: str) -> Status:
        """What a like or boost of ``id`` is about: of a boost, the status that it passes on."""
        status = self.statuses.get(id)
        if status is None or status.words.deleted:
            raise Complaint(404, "Record not found")
        return status.boosted or status

    def _shown_from(self) -> int:
        return self.reads + self.lag if self.lag else 0

    def _tell(self, kind: str, to: Person | None, by: Person, about: Status) -> None:
        if to is not None and to.home is self and to is not by:
            new = str(len(self.notices) + 1)
            self.notices.append(Notice(id=new, kind=kind, to=to, by=by, about=about, at=self.now()))


def _require_text(text: str, spoiler: str) -> None:
    if not text.strip():
        raise Complaint(422, "Validation failed: Text can't be blank")
    if _length(text) + len(spoiler) > LONGEST_TEXT:
        raise Complaint(422, f"Validation failed: Text character limit of {LONGEST_TEXT} exceeded")


def _length(text: str) -> int:
    """Links count 23 and a mention without its server, as Mastodon counts."""
    return len(toothtml.counted(text))
