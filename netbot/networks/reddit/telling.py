"""What Reddit tells, in our words: addresses, submissions and comments as posts, what others did.

Pure. Things come as praw has read them, as plain values by name. Whatever is not as it should be
is a ``ValueError``, ``TypeError``, ``KeyError`` or ``AttributeError``, which is taken for an
unusable answer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from netbot.feedparse import plain
from netbot.feedparse.document import Entry
from netbot.feedparse.identity import identities
from netbot.feedparse.wording import folded
from netbot.model import Engagement, EngagementKind, Post, Refused

#: A submission, a comment or a person.
Told = Mapping[str, Any]

SITE = "https://www.reddit.com"

#: What Reddit takes for a title (support.reddithelp.com, posting).
LONGEST_TITLE = 300

_PLACE = re.compile(r"/?(?P<kind>u|user|r)/(?P<name>[A-Za-z0-9_-]{2,24})(?:/(?:\.rss)?)?")
_THING = re.compile(
    r"(?:/(?:r|u|user)/[^/]+)?/comments/(?P<post>[0-9a-z]+)"
    r"(?:/[^/]*(?:/(?P<comment>[0-9a-z]+))?)?/?"
)
_SHORT = re.compile(r"/(?P<post>[0-9a-z]+)/?")
_REMOVED = frozenset(("[deleted]", "[removed]"))
_FOOT = re.compile(r"\s*submitted by\s+/u/\S+(?:\s+to\s+r/\S+)?\s+\[link\]\s+\[comments\]\s*\Z")
_KINDS = {
    "comment_reply": EngagementKind.REPLY,
    "post_reply": EngagementKind.REPLY,
    "username_mention": EngagementKind.MENTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somebody's page, or a subreddit."""

    is_person: bool
    name: str

    @classmethod
    def read(cls, address: str) -> Self:
        """From ``u/acme``, ``r/acme`` or an address on Reddit. Raises ``Refused``."""
        written = address.strip()
        found = _PLACE.fullmatch(written) or _PLACE.fullmatch(_path(written))
        if not found:
            raise Refused(
                f"{written!a} is no place on Reddit: write it as u/name, or r/name for a subreddit."
            )
        return cls(is_person=found["kind"] != "r", name=found["name"])

    def written(self) -> str:
        """As configuration files name it."""
        return f"{'u' if self.is_person else 'r'}/{self.name}"

    def feed(self, site: str) -> str:
        """Where it is published as a feed."""
        return f"{site}/{'user' if self.is_person else 'r'}/{self.name}/.rss"


def fullname_of(url: str) -> str:
    """``t3_…`` of a submission, ``t1_…`` of a comment, by its address. Raises ``Refused``."""
    parts = _split(url)
    if parts and parts[0] == "redd.it" and (short := _SHORT.fullmatch(parts[1])):
        return f"t3_{short['post']}"
    thing = _THING.fullmatch(_path(url))
    if not thing:
        raise Refused("That is no address of a post on Reddit. Open it by hand.")
    return f"t1_{thing['comment']}" if thing["comment"] else f"t3_{thing['post']}"


def _path(url: str) -> str:
    """The path of an address on Reddit, "" for any other address."""
    parts = _split(url)
    if not parts:
        return ""
    host, path = parts
    return path if host == "reddit.com" or host.endswith(".reddit.com") else ""


def _split(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
    except ValueError:
        return None
    return (parts.netloc.lower(), parts.path) if parts.scheme in {"http", "https"} else None


def need(told: Told, name: str) -> str:
    """A value that must be there."""
    value = told[name]
    if value is None or value == "":
        raise ValueError(f"there is no {name}")
    return str(value)


def fullname(told: Told) -> str:
    """A thing's name on Reddit."""
    return need(told, "name") if "name" in told else f"{_prefix(told)}_{need(told, 'id')}"


def _prefix(told: Told) -> str:
    return "t1" if "parent_id" in told else "t3"


def page(told: Told) -> str:
    """Where a thing can be seen."""
    return f"{SITE}{need(told, 'permalink')}"


def is_removed(told: Told) -> bool:
    """Whether its author or a moderator has taken it away."""
    return (
        not told.get("author")
        or bool(told.get("removed_by_category"))
        or str(told.get("selftext") or told.get("body")) in _REMOVED
    )


def is_closed(told: Told) -> bool:
    """Whether it takes neither votes nor answers any more."""
    return bool(told.get("archived") or told.get("locked"))


def moment(told: Told) -> datetime:
    """When it was written."""
    return datetime.fromtimestamp(float(told["created_utc"]), UTC)


def posts(found: Iterable[Told]) -> tuple[Post, ...]:
    """Submissions and comments as posts, in their order; what was taken away is left out."""
    told = {page(each): each for each in found if not is_removed(each)}
    keyed = identities([_entry(each, url) for url, each in told.items()])
    return tuple(_post(entry, told[entry.url]) for entry in keyed)


def _entry(told: Told, url: str) -> Entry:
    source = str(told.get("selftext_html") or told.get("body_html") or "")
    text = plain.to_text(source)
    is_link = "parent_id" not in told and not told.get("is_self", True)
    leads_to = plain.absolute(need(told, "url"), "") if is_link else ""
    return Entry(
        guid=fullname(told),
        url=url,
        title="" if "parent_id" in told else plain.to_line(need(told, "title")),
        text="\n\n".join(filter(None, (text, leads_to))),
        author=f"u/{need(told, 'author')}",
        published=moment(told).isoformat(),
        links=plain.count_links(source) + bool(leads_to),
        media=plain.count_media(source),
    )


def _post(entry: Entry, told: Told) -> Post:
    parent = told.get("parent_id")
    kind = "reply" if parent else "share" if told.get("crosspost_parent") else "original"
    return Post(
        network="reddit",
        url=entry.url,
        title=entry.title,
        text=entry.text,
        keys=entry.keys,
        author=entry.author,
        published_at=moment(told),
        kind=kind,
        in_reply_to=str(told.get("link_permalink") or "") or None if parent else None,
        links=entry.links,
        media=entry.media,
    )


def from_feed(post: Post) -> Post:
    """A post of Reddit's feed, without what Reddit writes below each."""
    kind = "reply" if any(key.startswith("id:t1_") for key in post.keys) else "original"
    return replace(
        post,
        network="reddit",
        text=_FOOT.sub("", post.text),
        author=post.author.removeprefix("/"),
        title="" if kind == "reply" else post.title,
        kind=kind,
    )


def titled(text: str) -> tuple[str, str]:
    """A recommendation as Reddit takes it: the first line is the title, the rest stands below.

    Raises ``Refused`` for a title that is too long.
    """
    title, _, rest = text.strip().partition("\n")
    if len(title) > LONGEST_TITLE:
        raise Refused(
            f"The first line is the title on Reddit, {LONGEST_TITLE} characters at most: this one"
            f" has {len(title)}. Decide again, with a shorter one."
        )
    return title.strip(), rest.strip()


def says(told: Told, text: str) -> bool:
    """Whether a comment is what became of ``text``."""
    return folded(plain.to_text(str(told.get("body_html") or ""))) == folded(text) or (
        folded(str(told.get("body") or "")) == folded(text)
    )


def engagement(told: Told) -> Engagement | None:
    """An entry of the inbox as what somebody did; None for a letter, or one without a sender."""
    kind = _KINDS.get(str(told.get("type")))
    if kind is None or not told.get("author"):
        return None
    author = need(told, "author")
    place = f"{SITE}{need(told, 'context').partition('?')[0]}"
    is_answer = kind is EngagementKind.REPLY
    mine = _answered(place, need(told, "parent_id")) if is_answer else ""
    return Engagement(
        id=fullname(told),
        kind=kind,
        at=moment(told),
        handle=f"u/{author}",
        who_url=f"{SITE}/user/{author}",
        name=author,
        object_url=mine,
        url=place,
        text=plain.to_text(str(told.get("body_html") or "")),
    )


def _answered(place: str, parent: str) -> str:
    """The address of what a comment answers, in the same thread."""
    thread = place.rstrip("/").rpartition("/")[0]
    kind, _, name = parent.partition("_")
    return f"{thread}/{name}/" if kind == "t1" else f"{thread}/"
