"""What the network tells, in our words: addresses of people and posts, posts, own texts.

Pure. Answers of strangers are read here: whatever is not as it should be is a ``ValueError``,
``TypeError``, ``KeyError`` or ``AttributeError``, which the port takes for an unusable answer.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from netbot.feedparse import plain
from netbot.feedparse.document import Entry
from netbot.feedparse.identity import identities
from netbot.model import Post, Refused
from netbot.networks.bluesky.asking import Told, need

#: Where people read, and who answers programs there without an account.
PAGES = "https://bsky.app"
VIEW = "https://public.api.bsky.app"

#: The author wants to be shown to members only.
MEMBERS_ONLY = "!no-unauthenticated"

#: The kinds of records.
POST, LIKE, REPOST = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"

_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")
_HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*", re.IGNORECASE)
_PROFILE = re.compile(r"/profile/(?P<actor>[^/]+)/?")
_POST = re.compile(r"/profile/(?P<actor>[^/]+)/post/(?P<rkey>[\w.~:-]+)/?", re.ASCII)
_URI = re.compile(rf"at://(?P<did>[^/]+)/{re.escape(POST)}/(?P<rkey>[^/]+)")
_CUT = ("…", "...")
_LONGEST_LINK = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Somebody's account, and where people read it."""

    actor: str  # a handle or a DID
    pages: str = PAGES  # base address

    @classmethod
    def read(cls, written: str) -> Self:
        """From a handle, a DID or the address of a profile; raises ``Refused``."""
        written = written.strip()
        base, path = _split(written)
        profile = _PROFILE.fullmatch(path) if base else None
        actor = profile["actor"] if profile else written.removeprefix("@")
        if not _DID.fullmatch(actor) and not _HANDLE.fullmatch(actor):
            raise Refused(
                f"{written!a} is no account on Bluesky: write it as @name.bsky.social, or give the"
                " address of the profile."
            )
        return cls(actor=_lowered(actor), pages=base or PAGES)

    @property
    def view(self) -> str:
        """Who answers programs."""
        return VIEW if self.pages == PAGES else self.pages

    def written(self, handle: str) -> str:
        """As configuration files name it."""
        return f"@{handle}" if self.pages == PAGES else f"{self.pages}/profile/{handle}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a post stands."""

    pages: str
    actor: str  # a handle or a DID
    rkey: str

    @classmethod
    def read(cls, url: str) -> Self | None:
        """From the address of a post; None when it is none."""
        base, path = _split(url)
        match = _POST.fullmatch(path) if base else None
        return cls(pages=base, actor=match["actor"], rkey=match["rkey"]) if match else None

    @property
    def view(self) -> str:
        """Who answers programs."""
        return VIEW if self.pages == PAGES else self.pages

    def uri(self, did: str) -> str:
        """The network's own name of it."""
        return f"at://{did}/{POST}/{self.rkey}"


def is_did(actor: str) -> bool:
    """Whether this is the name that never changes, rather than a handle."""
    return _DID.fullmatch(actor) is not None


def _lowered(actor: str) -> str:
    return actor if is_did(actor) else actor.lower()


def page_of(uri: str, pages: str) -> str:
    """The address of a post; "" when ``uri`` is the name of something else."""
    match = _URI.fullmatch(uri)
    return f"{pages}/profile/{match['did']}/post/{match['rkey']}" if match else ""


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "", ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return "", ""
    shown = f"[{host}]" if ":" in host else host.removeprefix("www.")
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}", parts.path


def posts(views: Iterable[Told], pages: str) -> tuple[Post, ...]:
    """Posts as the network shows them, in their order."""
    entries = {need(view, "uri"): (_entry(view, pages), view) for view in views}
    by_place = {entry.url: view for entry, view in entries.values()}
    keyed = identities([entry for entry, _ in entries.values()])
    return tuple(_post(entry, by_place[entry.url], pages) for entry in keyed)


def readable(view: Told, pages: str) -> Told:
    """The post, when it can be told."""
    posts([view], pages)
    return view


def _entry(view: Told, pages: str) -> Entry:
    record, uri = view["record"], need(view, "uri")
    link_facets = [link for _, _, link in _links(record)]
    tags = [*_features(record, "tag"), *_texts(record.get("tags"))]
    return Entry(
        guid=uri,
        url=page_of(uri, pages),
        text=text_of(record),
        author=plain.to_line(html.escape(name_of(view["author"]))),
        language=next(iter(_texts(record.get("langs"))), None),
        published=published_at(view).isoformat(),
        tags=tuple(plain.to_line(html.escape(tag)) for tag in dict.fromkeys(tags)),
        links=len(link_facets) + _has(record, "external"),
        media=_media(record.get("embed")),
    )


def _post(entry: Entry, view: Told, pages: str) -> Post:
    reply = view["record"].get("reply")
    return Post(
        network="bluesky",
        url=entry.url,
        title="",
        text=entry.text,
        keys=entry.keys,
        author=entry.author,
        language=entry.language,
        published_at=published_at(view),
        kind="reply" if reply else "original",
        in_reply_to=_sibling(view, reply, pages) if reply else None,
        tags=entry.tags,
        links=entry.links,
        media=entry.media,
    )


def _sibling(view: Told, reply: Told, pages: str) -> str | None:
    """The address of what a post answers, when that is by the same author."""
    parent = need(reply["parent"], "uri")
    is_own = parent.startswith(f"at://{need(view['author'], 'did')}/")
    return page_of(parent, pages) if is_own else None


def text_of(record: Told) -> str:
    """What somebody wrote, as plain text."""
    return plain.to_text(html.escape(written(record), quote=False))


def written(record: Told) -> str:
    """What somebody wrote; links that their app cut for show are whole again."""
    raw = _string(record["text"]).encode()
    for start, end, link in sorted(_links(record), reverse=True):
        shown = raw[start:end].decode("utf-8", "replace")
        is_cut = shown.endswith(_CUT) or shown == link.partition("://")[2]
        if is_cut and len(link) <= _LONGEST_LINK:
            raw = raw[:start] + link.encode() + raw[end:]
    return raw.decode("utf-8", "replace")


def _links(record: Told) -> list[tuple[int, int, str]]:
    """Where in the text, in bytes, which links stand; what makes no sense is left out."""
    found = []
    for facet in _list(record.get("facets")):
        index = facet["index"]
        span = (int(index["byteStart"]), int(index["byteEnd"]))
        for feature in _list(facet.get("features")):
            link = feature.get("uri")
            if isinstance(link, str) and link.startswith(("https://", "http://")):
                found.append((*span, link))
    return found


def _features(record: Told, name: str) -> list[str]:
    facets = _list(record.get("facets"))
    return [
        str(feature[name])
        for facet in facets
        for feature in _list(facet.get("features"))
        if feature.get(name)
    ]


def _has(record: Told, name: str) -> int:
    embed = record.get("embed") or {}
    return int(name in embed or name in (embed.get("media") or {}))


def _media(embed: Any) -> int:
    if not isinstance(embed, Mapping):
        return 0
    within = _media(embed.get("media"))
    return within + len(_list(embed.get("images"))) + ("video" in embed)


def published_at(view: Told) -> datetime:
    """When somebody says they wrote it, and not later than the network saw it."""
    seen = moment(need(view, "indexedAt"))
    try:
        return min(moment(need(view["record"], "createdAt")), seen)
    except (KeyError, ValueError):
        return seen


def moment(text: str) -> datetime:
    """A time as the network writes it."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


def name_of(author: Told) -> str:
    """What somebody is called."""
    return str(author.get("displayName") or need(author, "handle"))


def wants_members_only(author: Told) -> bool:
    """Whether the author does not want to be shown to the whole world."""
    return any(label.get("val") == MEMBERS_ONLY for label in _list(author.get("labels")))


def says(record: Told, text: str) -> bool:
    """Whether a record is what became of ``text``; apps trim blanks."""
    return _folded(written(record)) == _folded(text)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(text.split()))


def digest_of(views: Sequence[Told]) -> list[list[str]]:
    """What tells two looks apart: names, and the versions behind them."""
    return [[need(view, "uri"), need(view, "cid")] for view in views]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [each for each in _list(value) if isinstance(each, str)]


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
