"""Pages without a feed: "Aktuelles", "News", "Termine", watched for new entries.

A page is asked as politely as a feed, and only where the site's robots.txt lets programs in.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from typing import ClassVar, Self
from urllib.parse import urljoin

from netbot import clock
from netbot.feedparse import Document, Entry, Parser, Permission
from netbot.feedparse.identity import fold
from netbot.fetch import Answer, Limits, NotFound, Request, shown
from netbot.fetch.talk import Talk, hold, hold_all
from netbot.fetch.wishes import echoable, fresh_s, pauses_s
from netbot.model import Gone, NetworkError, Post, Refused, Source, Transient
from netbot.network import Access, Batch, Network, SourceHint

#: The name by which robots.txt knows us.
AGENT = "netbot"

#: A robots.txt is believed for a day (RFC 9309 §2.4).
ROBOTS_LAST = timedelta(days=1)

#: Nobody waits longer than this between two pages of one site.
LONGEST_DELAY_S = 60.0

#: How alike (0 to 1) what vanished and what is new must be to be one edited entry.
ALIKE = 0.6

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_LONGEST_WISH_S = 24 * 3600
_REMEMBERED = 200
_GIST = 200  # characters of an entry that are compared
_FUTURE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """An entry that the page has shown."""

    keys: tuple[str, ...]
    title: str  # folded
    gist: str  # folded beginning of title and text

    @classmethod
    def of(cls, entry: Entry) -> Self:
        gist = fold(entry.title + entry.text)[:_GIST]
        return cls(keys=entry.keys, title=fold(entry.title), gist=gist)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What the cursor holds from one look to the next."""

    etag: str = ""  # these two go back exactly as they came
    modified: str = ""
    sha256: str = ""  # of the unpacked body
    shown: str = ""  # SHA-256 of the entries: pages change around them
    known: tuple[_Known, ...] = ()  # newest first
    robots_at: str = ""  # ISO 8601: when the permission was given,
    allowed: bool = True
    delay_s: float = 0.0

    @classmethod
    def read(cls, cursor: str) -> Self:
        """From a cursor; one that cannot be read is as good as none."""
        try:
            values = json.loads(cursor)
            known = tuple(
                _Known(**each | {"keys": tuple(each["keys"])}) for each in values.pop("known", ())
            )
            return cls(**values, known=known)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def cursor(self) -> str:
        """The opaque text for the store."""
        return json.dumps({name: value for name, value in asdict(self).items() if value != ""})

    def headers(self) -> dict[str, str]:
        """What makes a request conditional."""
        validators = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {"Accept": _ACCEPT} | {name: value for name, value in validators.items() if value}

    def after(self, answer: Answer) -> Self:
        """With the validators of an answer."""
        kept = self if answer.status == 304 else replace(self, etag="", modified="")
        return replace(
            kept,
            etag=echoable(answer.headers.get("etag", "")) or kept.etag,
            modified=echoable(answer.headers.get("last-modified", "")) or kept.modified,
        )


class Pages(Network):
    """Watches pages; holds a parse child, so ``close`` it.

    ``allow_hosts`` (``host`` or ``host:port``) may be private addresses.
    """

    NETWORKS: ClassVar[tuple[str, ...]] = ("page",)

    def __init__(
        self,
        access: Access | None = None,
        *,
        allow_hosts: Sequence[str] = (),
        limits: Limits | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(access, allow_hosts=allow_hosts)
        self._limits = limits
        self._now = now
        self._parser = Parser()

    def close(self) -> None:
        """End the parse child."""
        self._parser.close()

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look at one page; see ``Network.fetch``."""
        return self._hold(self._look(source.address, _Memory.read(cursor)))

    def fetch_many(
        self, requests: Sequence[tuple[Source, str]]
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """Look at many pages at once; each comes as soon as it is there."""
        talks = [
            (source, self._look(source.address, _Memory.read(cursor)))
            for source, cursor in requests
        ]
        yield from hold_all(talks, allow_hosts=self.allow_hosts, limits=self._limits)

    def reread(self, post: Post) -> None:
        """Ask the post's own address; see ``Network.reread``."""
        try:
            self._hold(_knock(post.url))
        except NotFound as error:
            raise Gone(str(error)) from error

    def resolve(self, url: str) -> Sequence[SourceHint]:
        """The page itself, if it shows entries; raises ``NetworkError`` when it does not answer."""
        if not url.startswith(("http://", "https://")):
            return ()
        try:
            batch = self._hold(self._look(url, _Memory()))
        except Refused:
            return ()
        return (SourceHint(network="page", address=url, title=batch.title),)

    def _hold(self, talk: "Talk[Batch] | Talk[None]") -> Batch:
        result = hold(talk, allow_hosts=self.allow_hosts, limits=self._limits)
        return result or Batch(posts=(), cursor="")

    def _look(self, address: str, memory: _Memory) -> Talk[Batch]:
        memory = yield from self._ask_leave(address, memory)
        if not memory.allowed:
            raise Refused(
                f"{shown(address)} asks programs to stay away (robots.txt). Look there yourself:"
                " look_in_days reminds you."
            )
        apart_s = min(memory.delay_s, LONGEST_DELAY_S)
        answer = yield Request(url=address, headers=memory.headers(), apart_s=apart_s)
        if answer.status == 304 and not memory.sha256:
            raise Transient(f"{shown(address)} says 'unchanged' to a first question.")
        digest = hashlib.sha256(answer.body).hexdigest()
        if answer.status == 304 or digest == memory.sha256:
            return self._batch(answer, memory, None)
        document = self._list(answer)
        if not document.entries and not memory.known:
            raise Refused(
                f"{shown(address)} shows nothing that looks like news. Give the address of the page"
                " that lists them."
            )
        return self._batch(answer, replace(memory, sha256=digest), document)

    def _ask_leave(self, address: str, memory: _Memory) -> Talk[_Memory]:
        """What the site's robots.txt says, once a day."""
        now = self._now()
        if memory.robots_at and now - datetime.fromisoformat(memory.robots_at) < ROBOTS_LAST:
            return memory
        try:
            answer = yield Request(url=urljoin(address, "/robots.txt"))
        except (NotFound, Gone, Refused):  # RFC 9309 §2.3.1.3: what is not there forbids nothing
            leave = Permission()
        else:
            leave = self._parser.ask_robots(answer.body, url=address, agent=AGENT)
        return replace(
            memory, robots_at=now.isoformat(), allowed=leave.allowed, delay_s=leave.delay_s
        )

    def _list(self, answer: Answer) -> Document:
        content_type = answer.headers.get("content-type", "")
        return self._parser.list_page(answer.body, content_type=content_type, url=answer.url)

    def _batch(self, answer: Answer, memory: _Memory, document: Document | None) -> Batch:
        """The outcome of a look; ``document`` is None when nothing changed."""
        now = self._now()
        memory = memory.after(answer)
        entries = _recognised(document.entries, memory.known) if document else ()
        told = json.dumps([(each.title, each.text, each.url) for each in entries])
        digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        changed = bool(entries) and digest != memory.shown
        if changed:
            memory = replace(memory, shown=digest, known=_remember(entries, memory.known))
        waits = [min(fresh_s(answer.headers, now) or 0, _LONGEST_WISH_S), *pauses_s(answer, now)]
        return Batch(
            posts=tuple(_post(entry, now) for entry in entries) if changed else (),
            cursor=memory.cursor(),
            changed=changed,
            wish_s=max(waits) or None,
            conditional=bool(memory.etag or memory.modified),
            title=document.title if document else "",
            language=document.language if document else None,
            guessed=True,
        )


def _knock(url: str) -> Talk[None]:
    yield Request(url=url)


def _recognised(entries: Sequence[Entry], known: Sequence[_Known]) -> tuple[Entry, ...]:
    """Entries that read differently now, and have nothing else in common, get their old keys."""
    familiar = {key for each in known for key in each.keys}
    present = {key for entry in entries for key in entry.keys}
    vanished = [each for each in known if present.isdisjoint(each.keys)]
    found = []
    for entry in entries:
        old = _likest(entry, vanished) if familiar.isdisjoint(entry.keys) else None
        if old is not None:
            vanished.remove(old)
        found.append(replace(entry, keys=(old.keys[0], *entry.keys)) if old else entry)
    return tuple(found)


def _likest(entry: Entry, vanished: Sequence[_Known]) -> _Known | None:
    """The one that it probably was before somebody edited it."""
    likeness, number = max(
        ((_likeness(entry, each), -number) for number, each in enumerate(vanished)),
        default=(0.0, 0),
    )
    return vanished[-number] if likeness >= ALIKE else None


def _likeness(entry: Entry, old: _Known) -> float:
    """0 to 1; two headlines with other numbers are two issues."""
    new = _Known.of(entry)
    if _digits(new.title) != _digits(old.title):
        return 0.0
    return SequenceMatcher(None, new.gist, old.gist, autojunk=False).ratio()


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _remember(entries: Sequence[Entry], known: Sequence[_Known]) -> tuple[_Known, ...]:
    present = {key for entry in entries for key in entry.keys}
    older = (each for each in known if present.isdisjoint(each.keys))
    return (*map(_Known.of, entries), *older)[:_REMEMBERED]


def _post(entry: Entry, now: datetime) -> Post:
    date = datetime.fromisoformat(entry.published) if entry.published else None
    return Post(
        network="web",
        url=entry.url,
        title=entry.title,
        text=entry.text,
        keys=entry.keys,
        language=entry.language,
        published_at=None if date is None or date > now + _FUTURE else date.astimezone(UTC),
        links=entry.links,
        media=entry.media,
    )
