"""What the stand-in for X remembers: people, posts with their chains of edits, reposts, money.

Its methods do what the network does, without HTTP; what it refuses is a ``Complaint``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from netbot.demo.instance import Complaint

LONGEST_TEXT = 280  # of what stands in ``text``; more stands in the note
EDITABLE = timedelta(minutes=30)
_FIRST_ID = 1_990_000_000_000_000_000
_LINK = re.compile(r"https?://\S+")
_MENTION = re.compile(r"(?<![\w@])@(\w{1,15})")

#: What a call costs, in 1e-6 USD: each thing that is read, and each write.
PRICES = {"post": 5_000, "own": 1_000, "user": 10_000, "write": 15_000, "link": 200_000}


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with an account."""

    id: str
    name: str
    shown: str = ""


@dataclass(slots=True, kw_only=True)
class XPost:
    """A post; each edit gives it another id, and all versions can be read."""

    author: Person
    texts: dict[str, str]  # by id, oldest first
    created_at: datetime
    language: str = "de"
    parent: "XPost | None" = None
    reposted: "XPost | None" = None
    deleted: bool = False
    shown_from: int = 0  # reads of the server before it is to be seen

    @property
    def ids(self) -> list[str]:
        """Of all versions, oldest first."""
        return list(self.texts)

    @property
    def id(self) -> str:
        """Of its newest version."""
        return self.ids[-1]

    @property
    def text(self) -> str:
        """What it says now."""
        return self.texts[self.id]

    @property
    def mentions(self) -> list[str]:
        """Whom it names now."""
        return mentions(self.text)


def mentions(text: str) -> list[str]:
    """Whom a text names."""
    return _MENTION.findall(text)


def links(text: str) -> list[str]:
    """What a text links to."""
    return _LINK.findall(text)


@dataclass(slots=True)
class Memory:
    """The memory; whoever uses it holds its lock."""

    now: Callable[[], datetime]
    lag: int = 0
    reads: int = 0
    limit_micros: int | None = None  # the spending limit of every account; None = none
    spent_micros: int = 0
    people: dict[str, Person] = field(default_factory=dict)  # by name in small letters
    posts: list[XPost] = field(default_factory=list)  # oldest first
    liked: set[tuple[str, str]] = field(default_factory=set)
    _last_id: int = _FIRST_ID

    def new_id(self) -> str:
        """The next number."""
        self._last_id += 1_000
        return str(self._last_id)

    def admit(self, name: str, shown: str = "") -> Person:
        """The person of that name, made if need be."""
        known = self.people.get(name.lower())
        if known is None:
            number = str(1_000 + len(self.people))
            known = self.people[name.lower()] = Person(id=number, name=name, shown=shown)
        return known

    def pay(self, micros: int) -> None:
        """Charge for a call; a ``Complaint`` (402) when the spending limit is reached."""
        if self.limit_micros is not None and self.spent_micros + micros > self.limit_micros:
            raise Complaint(402, "Your enrolled account does not have any credits.")
        self.spent_micros += micros

    def visible(self) -> Iterator[XPost]:
        """Everything to be seen, newest first."""
        for post in sorted(self.posts, key=lambda each: -int(each.id)):
            if not post.deleted and post.shown_from <= self.reads:
                yield post

    def post(self, id: str) -> XPost:
        """The post of which that is an id; a ``Complaint`` (404) when there is none."""
        found = next((each for each in self.posts if id in each.ids and not each.deleted), None)
        if found is None:
            raise Complaint(404, f"Could not find tweet with ids: [{id}].")
        return found

    def write(
        self,
        person: Person,
        text: str,
        *,
        parent: XPost | None = None,
        at: datetime | None = None,
        language: str = "de",
    ) -> XPost:
        """A new post."""
        new = XPost(
            author=person,
            texts={self.new_id(): text},
            created_at=at or self.now(),
            parent=parent,
            language=language,
            shown_from=self._shown_from(),
        )
        self.posts.append(new)
        return new

    def answer_by_program(self, person: Person, text: str, parent: XPost | None) -> XPost:
        """What a program may post: no copy of what stands there, no answer nobody asked for."""
        if len(_LINK.sub("x" * 23, text)) > LONGEST_TEXT:
            raise Complaint(403, "Your Tweet text is too long.")
        if parent and person.name.lower() not in map(str.lower, parent.mentions):
            raise Complaint(403, "You are not permitted to perform this action.")
        if any(one.text == text and one.author is person for one in self.posts if not one.deleted):
            raise Complaint(403, "You are not allowed to create a Tweet with duplicate content.")
        return self.write(person, text, parent=parent)

    def edit(self, post: XPost, text: str) -> str:
        """Another version; its id."""
        post.texts[self.new_id()] = text
        return post.id

    def repost(self, person: Person, post: XPost) -> bool:
        """Pass it on; False when that stood there already."""
        if self.reposted(person, post) is not None:
            return False
        self.posts.append(
            XPost(
                author=person,
                texts={self.new_id(): f"RT @{post.author.name}: {post.text}"},
                created_at=self.now(),
                reposted=post,
                shown_from=self._shown_from(),
            )
        )
        return True

    def unrepost(self, person: Person, post: XPost) -> bool:
        """Take it back; False when there was nothing to take back."""
        mine = self.reposted(person, post)
        if mine is not None:
            mine.deleted = True
        return mine is not None

    def reposted(self, person: Person, post: XPost) -> XPost | None:
        """Somebody's repost of a post."""
        return next(
            (
                one
                for one in self.posts
                if one.author is person and one.reposted is post and not one.deleted
            ),
            None,
        )

    def delete(self, person: Person, id: str) -> None:
        """Only one's own; a ``Complaint`` (403) for any other."""
        post = self.post(id)
        if post.author is not person:
            raise Complaint(403, "You are not authorized to delete this Tweet.")
        post.deleted = True

    def _shown_from(self) -> int:
        return self.reads + self.lag if self.lag else 0
