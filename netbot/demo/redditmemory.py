"""What the stand-in for Reddit remembers: people, submissions, comments, votes.

Its methods do what the network does, without HTTP; what it refuses is a ``Complaint`` (a status)
or a ``Rule`` (a 200 that says which rule stands against it).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from netbot.demo.instance import Complaint

LONGEST_TEXT = 10_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_FIRST_ID = 50_000_000


class Rule(Exception):
    """What Reddit refuses by name, such as THREAD_LOCKED."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name
        self.words = words


@dataclass(slots=True, kw_only=True)
class Redditor:
    """Somebody with an account."""

    id: str
    name: str


@dataclass(slots=True, kw_only=True)
class Thing:
    """A submission, or a comment below one."""

    id: str
    author: Redditor
    created_at: datetime
    subreddit: str
    text: str = ""
    title: str = ""
    link: str = ""  # of a link post
    parent: "Thing | None" = None
    crosspost_of: "Thing | None" = None
    edited_at: datetime | None = None
    deleted: bool = False
    removed: bool = False  # by a moderator
    locked: bool = False
    votes: dict[str, int] = field(default_factory=dict)  # person -> 1 or -1
    shown_from: int = 0  # reads of the server before it is to be seen

    @property
    def name(self) -> str:
        """Its full name."""
        return f"{'t1' if self.parent else 't3'}_{self.id}"

    @property
    def thread(self) -> "Thing":
        """The submission at the top."""
        return self.parent.thread if self.parent else self

    @property
    def permalink(self) -> str:
        """The path of its page."""
        top = self.thread
        place = (
            f"user/{top.author.name}" if top.subreddit.startswith("u_") else f"r/{top.subreddit}"
        )
        slug = "_".join(top.title.lower().split()[:4]) or "post"
        below = f"{self.id}/" if self.parent else ""
        return f"/{place}/comments/{top.id}/{slug}/{below}"


@dataclass(slots=True, kw_only=True)
class Letter:
    """Something in somebody's inbox."""

    kind: str  # comment_reply, post_reply, username_mention, or unknown for a letter
    to: Redditor
    about: Thing


@dataclass(slots=True)
class Memory:
    """The memory; whoever uses it holds its lock."""

    now: Callable[[], datetime]
    lag: int = 0
    reads: int = 0
    people: dict[str, Redditor] = field(default_factory=dict)  # by name in small letters
    things: list[Thing] = field(default_factory=list)  # oldest first
    letters: list[Letter] = field(default_factory=list)
    _last_id: int = _FIRST_ID

    def new_id(self) -> str:
        """The next number, in base 36."""
        self._last_id += 1
        number, digits = self._last_id, ""
        while number:
            number, digit = divmod(number, 36)
            digits = _DIGITS[digit] + digits
        return digits

    def admit(self, name: str) -> Redditor:
        """The person of that name, made if need be."""
        if name.lower() not in self.people:
            self.people[name.lower()] = Redditor(id=self.new_id(), name=name)
        return self.people[name.lower()]

    def find(self, name: str) -> Thing | None:
        """The thing of that full name, whether it is deleted or not."""
        return next((one for one in self.things if one.name == name), None)

    def live(self, name: str) -> Thing:
        """The same, as long as it stands. Raises ``Rule``."""
        found = self.find(name)
        if found is None or found.deleted:
            kind = "DELETED_COMMENT" if name.startswith("t1_") else "DELETED_LINK"
            raise Rule(kind, "that has been deleted")
        return found

    def visible(self) -> Iterator[Thing]:
        """Everything that listings show, newest first."""
        for thing in reversed(self.things):
            if not thing.deleted and thing.shown_from <= self.reads:
                yield thing

    def submit(
        self,
        author: Redditor,
        title: str,
        *,
        subreddit: str,
        text: str = "",
        link: str = "",
        crosspost_of: Thing | None = None,
        at: datetime | None = None,
    ) -> Thing:
        """A new submission."""
        if not title:
            raise Rule("NO_TEXT", "we need something here")
        return self._keep(
            Thing(
                id=self.new_id(),
                author=author,
                created_at=at or self.now(),
                subreddit=subreddit,
                title=title,
                text=text,
                link=link,
                crosspost_of=crosspost_of,
            )
        )

    def comment(
        self, author: Redditor, parent: Thing, text: str, *, at: datetime | None = None
    ) -> Thing:
        """A new comment."""
        if parent.thread.locked:
            raise Rule("THREAD_LOCKED", "Comments are locked.")
        if len(text) > LONGEST_TEXT:
            raise Rule("TOO_LONG", f"this is too long (max: {LONGEST_TEXT})")
        made = self._keep(
            Thing(
                id=self.new_id(),
                author=author,
                created_at=at or self.now(),
                subreddit=parent.subreddit,
                text=text,
                parent=parent,
            )
        )
        self._tell(made, parent)
        return made

    def vote(self, person: Redditor, thing: Thing, direction: int) -> bool:
        """Vote, or clear a vote; whether anything has changed."""
        before = thing.votes.get(person.id, 0)
        thing.votes[person.id] = direction
        return before != direction

    def delete(self, person: Redditor, name: str) -> bool:
        """Only one's own; whether anything has changed. A ``Complaint`` (403) for any other."""
        found = self.find(name)
        if found is None or found.author is not person:
            raise Complaint(403, "Forbidden")
        changed = not found.deleted
        found.deleted = True
        return changed

    def _keep(self, thing: Thing) -> Thing:
        thing.shown_from = self.reads + self.lag if self.lag else 0
        self.things.append(thing)
        return thing

    def _tell(self, made: Thing, parent: Thing) -> None:
        if parent.author is not made.author:
            kind = "comment_reply" if parent.parent else "post_reply"
            self.letters.append(Letter(kind=kind, to=parent.author, about=made))
        for name, person in self.people.items():
            if f"u/{name}" in made.text.lower() and person is not parent.author:
                self.letters.append(Letter(kind="username_mention", to=person, about=made))
