"""Feeds of any site: RSS, Atom and JSON Feed, found from the address of a page if need be."""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import ClassVar, Self, TypeVar
from urllib.parse import urljoin, urlsplit

from netbot import clock
from netbot.feedparse import Document, Entry, Parser
from netbot.fetch import Answer, Limits, NotFound, Request, shown
from netbot.fetch.talk import Talk, hold, hold_all
from netbot.fetch.wishes import echoable, fresh_s, pauses_s
from netbot.model import Gone, NetworkError, Post, Refused, Source, Transient
from netbot.network import Access, Batch, Network, Quiet, SourceHint

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
)
# Where blogs keep their feed when no page says so, the most frequent first.
_COMMON_PLACES = ("/feed", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json")
_MOST_LINKS_TRIED = 3
# Of networks with feeds for everybody: a profile's address, and where its feed stands.
_PROFILES = tuple(
    (re.compile(pattern), feed)
    for pattern, feed in (
        (
            r"youtube\.com/channel/(UC[\w-]{22})",
            r"https://www.youtube.com/feeds/videos.xml?channel_id=\1",
        ),
        (r"github\.com/([\w.-]+/[\w.-]+)", r"https://github.com/\1/releases.atom"),
        (r"github\.com/([\w-]+)", r"https://github.com/\1.atom"),
        (r"medium\.com/(@[\w.-]+)", r"https://medium.com/feed/\1"),
        (r"([\w-]+)\.medium\.com", r"https://\1.medium.com/feed"),
        (r"([\w-]+)\.substack\.com", r"https://\1.substack.com/feed"),
        (r"dev\.to/(\w+)", r"https://dev.to/feed/\1"),
    )
)
_LONGEST_WISH_S = 24 * 3600
_FUTURE = timedelta(days=1)

# A permanent redirect is believed when it was seen so often over so long a time.
_MOVE_SEEN = 3
_MOVE_AFTER = timedelta(days=1)

_Name = TypeVar("_Name")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What the cursor holds from one look to the next."""

    feed: str = ""  # where the feed is, when not at the configured address
    etag: str = ""  # these two go back exactly as they came
    modified: str = ""
    sha256: str = ""  # of the unpacked body; "" until a feed was seen
    for_good: bool = False  # ``feed`` is where the configured address sends for good
    wish_s: int | None = None  # the document's own, and when it wants no visit;
    quiet_hours: Sequence[int] = ()  # a 304 does not repeat them
    quiet_days: Sequence[int] = ()
    moved_to: str = ""  # a permanent redirect that is not yet believed,
    moved_at: str = ""  # since when (ISO 8601),
    moved_seen: int = 0  # and how often it was seen

    @classmethod
    def read(cls, cursor: str) -> Self:
        """From a cursor; one that cannot be read is as good as none."""
        try:
            return cls(**json.loads(cursor))
        except (ValueError, TypeError):
            return cls()

    def cursor(self) -> str:
        """The opaque text for the store."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    def headers(self) -> dict[str, str]:
        """What makes a request conditional."""
        validators = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {"Accept": _ACCEPT} | {name: value for name, value in validators.items() if value}

    def after(self, answer: Answer, now: datetime) -> Self:
        """With the validators of an answer, and the redirects on its way."""
        kept = self if answer.status == 304 else replace(self, etag="", modified="")
        return replace(
            kept.moved(answer, now),
            etag=echoable(answer.headers.get("etag", "")) or kept.etag,
            modified=echoable(answer.headers.get("last-modified", "")) or kept.modified,
        )

    def moved(self, answer: Answer, now: datetime) -> Self:
        """With a permanent redirect counted, or believed at last; any other makes it forgotten."""
        if not answer.hops or any(hop.status not in (301, 308) for hop in answer.hops):
            return replace(self, moved_to="", moved_at="", moved_seen=0)
        if answer.url != self.moved_to:
            return replace(self, moved_to=answer.url, moved_at=now.isoformat(), moved_seen=1)
        seen = self.moved_seen + 1
        if seen >= _MOVE_SEEN and now - datetime.fromisoformat(self.moved_at) >= _MOVE_AFTER:
            for_good = self.for_good or not self.feed
            settled = replace(self, feed=answer.url, for_good=for_good)
            return replace(settled, moved_to="", moved_at="", moved_seen=0)
        return replace(self, moved_seen=seen)


class Feeds(Network):
    """Reads feeds; holds a parse child, so ``close`` it, or use it as a context manager.

    ``allow_hosts`` (``host`` or ``host:port``) may be private addresses. A ``parser`` that is
    given stays the giver's to close.
    """

    NETWORKS: ClassVar[tuple[str, ...]] = (
        "web",
        "wordpress",
        "youtube",
        "github",
        "devto",
        "medium",
        "substack",
    )

    def __init__(
        self,
        access: Access | None = None,
        *,
        allow_hosts: Sequence[str] = (),
        parser: Parser | None = None,
        limits: Limits | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(access, allow_hosts=allow_hosts)
        self._limits = limits
        self._now = now
        self._found: tuple[str, Batch] | None = None  # what ``resolve`` saw on its way
        self._owns_parser = parser is None
        self._parser = parser or Parser()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the parse child, if it is our own."""
        if self._owns_parser:
            self._parser.close()

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look at one feed; see ``Network.fetch``. What ``resolve`` has just seen it shows once."""
        found, self._found = self._found, None
        if found and not cursor and source.address == found[0]:
            return _on(source.network, found[1])
        return _on(source.network, self._hold(self._look(source, cursor)))

    def fetch_many(
        self, requests: Sequence[tuple[Source, str]]
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """Look at many feeds at once; each comes as soon as it is there."""
        talks = [(source, self._look(source, cursor)) for source, cursor in requests]
        for source, batch in self._hold_all(talks):
            yield source, batch if isinstance(batch, NetworkError) else _on(source.network, batch)

    def reread(self, post: Post) -> None:
        """Ask the post's own address; see ``Network.reread``."""
        try:
            self._hold(_knock(post.url))
        except NotFound as error:
            raise Gone(str(error)) from error

    def resolve(self, url: str) -> Sequence[SourceHint]:
        """The feeds behind an address: itself, those its page names, or one in a common place.

        Empty when there is none; raises ``NetworkError`` when the address does not answer.
        """
        return self._hold(self._resolve(url))

    def _hold_all(
        self, talks: Sequence[tuple[_Name, Talk[_Result]]]
    ) -> Iterator[tuple[_Name, _Result | NetworkError]]:
        return hold_all(talks, allow_hosts=self.allow_hosts, limits=self._limits)

    def _hold(self, talk: Talk[_Result]) -> _Result:
        return hold(talk, allow_hosts=self.allow_hosts, limits=self._limits)

    def _look(self, source: Source, cursor: str) -> Talk[Batch]:
        memory = _Memory.read(cursor)
        if memory.feed:
            # What was found by way of a page may have moved: then the page knows better.
            with contextlib.suppress(Gone, NotFound):
                return (yield from self._visit(memory.feed, memory))
        address = _with_scheme(source.address)
        return (yield from self._visit(address, _Memory() if memory.feed else memory, memory))

    def _visit(self, address: str, memory: _Memory, lost: _Memory | None = None) -> Talk[Batch]:
        """Look at an address; ``lost`` is what was known of a feed that is no more in its place."""
        answer = yield Request(url=address, headers=memory.headers())
        if answer.status == 304 and not memory.sha256:
            raise Transient(f"{shown(address)} says 'unchanged' to a first question.")
        digest = hashlib.sha256(answer.body).hexdigest()
        if answer.status == 304 or digest == memory.sha256:
            return self._batch(answer, memory, None)
        document = self._parse(answer)
        if not document.is_feed:
            if memory.sha256 or (lost and lost.feed and _is_led_astray(answer)):
                raise NotFound(f"{shown(address)} shows a page where its feed was.")
            place, answer, document = yield from self._discover(answer, document)
            memory = _Memory(feed=place)
        return self._read(answer, memory, document)

    def _read(self, answer: Answer, memory: _Memory, document: Document) -> Batch:
        """What a feed shows that is new, or was not looked at before."""
        memory = replace(
            memory,
            sha256=hashlib.sha256(answer.body).hexdigest(),
            wish_s=document.wish_s,
            quiet_hours=document.quiet_hours,
            quiet_days=document.quiet_days,
        )
        return self._batch(answer, memory, document)

    def _batch(self, answer: Answer, memory: _Memory, document: Document | None) -> Batch:
        """The outcome of a look; ``document`` is None when nothing changed."""
        now = self._now()
        memory = memory.after(answer, now)
        wishes = (memory.wish_s, fresh_s(answer.headers, now))
        waits = [min(wish or 0, _LONGEST_WISH_S) for wish in wishes] + pauses_s(answer, now)
        return Batch(
            posts=tuple(_post(entry, now) for entry in document.entries) if document else (),
            cursor=memory.cursor(),
            changed=document is not None,
            wish_s=max(waits) or None,
            conditional=bool(memory.etag or memory.modified),
            title=document.title if document else "",
            language=document.language if document else None,
            quiet=Quiet(hours=frozenset(memory.quiet_hours), days=frozenset(memory.quiet_days)),
            place=memory.feed,
            moved=memory.for_good,
        )

    def _resolve(self, url: str) -> Talk[Sequence[SourceHint]]:
        url = feed_of_profile(_with_scheme(url)) or url
        answer = yield Request(url=_with_scheme(url), headers={"Accept": _ACCEPT})
        document = self._parse(answer)
        if document.is_feed:
            return [self._keep(answer.url, answer, document)]
        if document.links:
            return [_hint(link.url, link.title or document.title) for link in document.links]
        try:
            place, answer, document = yield from self._discover(answer, document)
        except Refused:
            return []
        return [self._keep(place, answer, document)]

    def _keep(self, place: str, answer: Answer, document: Document) -> SourceHint:
        """Whoever wants the feed behind an address looks at it next, and need not ask again."""
        hops = answer.hops if place != answer.url else ()
        batch = self._read(replace(answer, hops=hops), _Memory(), document)
        self._found = place, batch
        return _hint(place, document.title)

    def _discover(self, answer: Answer, page: Document) -> Talk[tuple[str, Answer, Document]]:
        """The first feed that the page names, else the first in a common place."""
        named = [link.url for link in page.links[:_MOST_LINKS_TRIED]]
        for place in named or [urljoin(answer.url, path) for path in _COMMON_PLACES]:
            try:
                found = yield Request(url=place, headers={"Accept": _ACCEPT})
                document = self._parse(found)
            except (Gone, NotFound, Refused):
                continue
            if document.is_feed:
                return place, found, document
        raise Refused(
            f"{shown(answer.url)} shows no feed. Look for 'RSS' or 'Feed' on the site and give"
            " that address."
        )

    def _parse(self, answer: Answer) -> Document:
        content_type = answer.headers.get("content-type", "")
        return self._parser.parse(answer.body, content_type=content_type, url=answer.url)


def feed_of_profile(url: str) -> str:
    """Where the feed of a profile stands on networks whose pages do not say; "" elsewhere."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    for pattern, feed in _PROFILES:
        found = pattern.fullmatch(f"{host}{parts.path.rstrip('/')}")
        if found:
            return found.expand(feed)
    return ""


def _knock(url: str) -> Talk[None]:
    yield Request(url=url)


def _post(entry: Entry, now: datetime) -> Post:
    date = datetime.fromisoformat(entry.published).astimezone(UTC) if entry.published else None
    return Post(
        network="web",
        url=entry.url,
        title=entry.title,
        text=entry.text,
        keys=entry.keys,
        author=entry.author,
        language=entry.language,
        published_at=None if date is None or date > now + _FUTURE else date,
        tags=entry.tags,
        links=entry.links,
        media=entry.media,
    )


def _on(network: str, batch: Batch) -> Batch:
    """The posts stand on the network as which the source was named."""
    return replace(batch, posts=tuple(replace(post, network=network) for post in batch.posts))


def _hint(address: str, title: str) -> SourceHint:
    return SourceHint(network="web", address=address, title=title)


def _with_scheme(address: str) -> str:
    address = address.strip()
    return address if "://" in address else f"https://{address}"


def _is_led_astray(answer: Answer) -> bool:
    """Whether a redirect that is not for good led to another host, as networks with a login do."""
    passing = any(hop.status not in (301, 308) for hop in answer.hops)
    return passing and urlsplit(answer.hops[0].url).hostname != urlsplit(answer.url).hostname
