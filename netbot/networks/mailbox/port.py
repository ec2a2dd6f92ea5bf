"""The port's side of mail: which mails are whose, and how each becomes a post.

A client's source is the address of a sender, a List-Id, or ``linkedin: Name`` for the
notification mails of a network that name somebody. Nothing that a mail points to is asked for.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar, NamedTuple

from netbot import clock
from netbot.feedparse import Letter, Parser
from netbot.model import Barred, Identity, NetworkError, Post, Refused, Source
from netbot.network import Access, Batch, Guide, Network
from netbot.networks.mailbox import notices
from netbot.networks.mailbox.dropped import Dropped
from netbot.networks.mailbox.imap import Box, Place
from netbot.networks.mailbox.posts import belongs, newsletter
from netbot.text import mark

#: Letters of one source that are shown at a look, the newest.
MOST_LETTERS = 100

#: How one comes by the password.
GUIDE = Guide(
    steps=(
        mark(
            "Let your mail service sort newsletters into a folder of their own; --server names it."
        ),
        mark("Many services give out app passwords for mail programs. Make one, called netbot."),
        mark("Where there are none, it is the password of the mailbox. netbot only reads there."),
    ),
    secret=mark("the mail password"),
    example="anna@example.com",
    server="imaps://mail.example.com/Newsletter",
)


class _Look(NamedTuple):
    """What a look at a source begins with."""

    cursor: str
    now: datetime


class Mailbox(Network):
    """Reads mail; holds a parse child, so ``close`` it.

    ``access`` is an account of network ``mailbox``: its server an address such as
    ``imaps://mail.example/Newsletter``, its handle the name to log in with, its secret the
    password. Without it only the files in ``folder`` are read.
    """

    NETWORKS: ClassVar[tuple[str, ...]] = ("mailbox",)
    WATCHES_BY_ACCOUNT: ClassVar[bool] = True
    FOLDER: ClassVar[str] = "mail"
    ASKS: ClassVar[Guide] = GUIDE

    def __init__(
        self,
        access: Access | None = None,
        *,
        allow_hosts: Sequence[str] = (),
        folder: Path | None = None,
        timeout_s: float = 60.0,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(access, allow_hosts=allow_hosts)
        self._parser = Parser()
        self._dropped = Dropped(folder, self._parser)
        self._timeout_s = timeout_s
        self._now = now

    def close(self) -> None:
        """End the parse child."""
        self._parser.close()

    def whoami(self) -> Identity:
        """The name with which the mail server lets us in, and that server."""
        if self.access is None:
            raise Barred("Nobody reads a mailbox without its password.")
        name = self.access.account.handle
        host = self._box(self.access).visit()
        return Identity(platform_id=f"{name} {host}", handle=name)

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look for the mails of one source; see ``Network.fetch``."""
        [(_, answer)] = self.fetch_many([(source, cursor)])
        if isinstance(answer, NetworkError):
            raise answer
        return answer

    def fetch_many(
        self, requests: Sequence[tuple[Source, str]]
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """Look once for all sources: one connection, each mail read once."""
        places = {source: _place(cursor) for source, cursor in requests}
        dropped = self._dropped.letters()
        try:
            fresh, reached = self._collect(list(places.values()))
        except NetworkError as error:
            for source, _ in requests:
                yield source, error
            return
        for source, cursor in requests:
            place = places[source]
            mine = [letter for at, letter in fresh if at.is_after(place)]
            yield (
                source,
                _batch(
                    source, [*dropped, *mine], place.advanced(reached), _Look(cursor, self._now())
                ),
            )

    def _collect(self, places: Sequence[Place]) -> tuple[list[tuple[Place, Letter]], Place | None]:
        """The letters that any of the sources has not seen, and how far the box reaches."""
        if self.access is None:
            return [], None
        mails, reached = self._box(self.access).read(places)
        return [(place, letter) for place, raw in mails if (letter := self._open(raw))], reached

    def _box(self, access: Access) -> Box:
        return Box(access, allow_hosts=self.allow_hosts, timeout_s=self._timeout_s)

    def _open(self, raw: bytes) -> Letter | None:
        try:
            return self._parser.open_letter(raw)
        except Refused:  # a mail that harms its reader is nobody's newsletter
            return None


def _place(cursor: str) -> Place:
    """How far a source has read in the box; from its start where the cursor does not say."""
    values = _memory(cursor)
    match values.get("validity"), values.get("uid"):
        case int(validity), int(uid):
            return Place(validity=validity, uid=uid)
        case _:
            return Place()


def _memory(cursor: str) -> Mapping[str, object]:
    try:
        values = json.loads(cursor)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _batch(source: Source, letters: Sequence[Letter], place: Place, look: _Look) -> Batch:
    """What the letters hold for one source; the same letters again are no news."""
    made = (_post(letter, source.address, look.now) for letter in letters)
    posts = {post.keys[0]: post for post in made if post is not None and post.keys}
    newest = tuple(posts.values())[-MOST_LETTERS:]
    digest = hashlib.sha256("\n".join(sorted(posts)).encode()).hexdigest() if posts else ""
    seen = _memory(look.cursor).get("sha256", "")
    changed = bool(newest) and digest != seen
    memory = {"validity": place.validity, "uid": place.uid, "sha256": digest or seen}
    return Batch(posts=newest if changed else (), cursor=json.dumps(memory), changed=changed)


def _post(letter: Letter, address: str, now: datetime) -> Post | None:
    network, name = notices.split(address)
    if network:
        return notices.post(letter, network, name, now)
    return newsletter(letter, now) if belongs(letter, address) else None
