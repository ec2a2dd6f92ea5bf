"""What X tells, in our words: handles and addresses, posts with their chain of edits, mentions.

Pure. X gives its fields new names (``post`` for ``tweet``), so both are read here, from plain
JSON. Whatever is not as it should be is a ``ValueError``, ``TypeError``, ``KeyError`` or
``AttributeError``, which is taken for an unusable answer.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from netbot.feedparse.document import Entry
from netbot.feedparse.identity import identities
from netbot.feedparse.wording import folded
from netbot.model import Engagement, EngagementKind, Post, Refused

#: A post, a user or a whole answer, as X tells it.
Told = Mapping[str, Any]

#: For so long a post may be edited, each time under a new id (docs.x.com/x-api/posts/edit-posts).
EDITABLE = timedelta(minutes=30)

#: What to ask for of each post; ``note_tweet`` is the whole text of a long one.
FIELDS = (
    "attachments",
    "author_id",
    "created_at",
    "edit_controls",
    "edit_history_tweet_ids",
    "entities",
    "in_reply_to_user_id",
    "lang",
    "note_tweet",
    "referenced_tweets",
)

_HOSTS = ("x.com", "twitter.com", "www.x.com", "www.twitter.com", "mobile.twitter.com")
_NAME = re.compile(r"@?(?P<name>[A-Za-z0-9_]{1,15})")
_PROFILE = re.compile(r"/@?(?P<name>[A-Za-z0-9_]{1,15})/?")
_STATUS = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,15})/status(?:es)?/(?P<id>[0-9]{1,20})(?:/.*)?")
_NO_PROFILES = frozenset(
    ("compose", "explore", "home", "i", "intent", "login", "messages", "notifications", "search")
)
_KINDS = {"replied_to": "reply", "retweeted": "share"}
_NO_LANGUAGE = frozenset(("und", "zxx", "qam", "qct", "qht", "qme", "qst"))


def user_of(address: str) -> str:
    """The name behind ``@acme`` or the address of a profile. Raises ``Refused``."""
    bare = _NAME.fullmatch(address.strip())
    if bare:
        return bare["name"]
    profile = _PROFILE.fullmatch(_path(address))
    if not profile or profile["name"].lower() in _NO_PROFILES:
        raise Refused(f"{address!a} is no account on X: write it as @name.")
    return profile["name"]


def place_of(url: str) -> tuple[str, str]:
    """The author's name and the id in a post's address. Raises ``Refused``."""
    status = _STATUS.fullmatch(_path(url))
    if not status:
        raise Refused("That is no address of a post on X. Open it by hand.")
    return status["name"], status["id"]


def address(name: str, id: str) -> str:
    """The page of a post."""
    return f"https://x.com/{name}/status/{id}"


def _path(url: str) -> str:
    """The path of an address on X, "" for any other address."""
    try:
        parts = urlsplit(url.strip() if "://" in url else f"https://{url.strip()}")
    except ValueError:
        return ""
    return parts.path if parts.netloc.lower() in _HOSTS else ""


def need(told: Told, name: str) -> str:
    """A value that must be there."""
    value = told[name]
    if value is None or value == "":
        raise ValueError(f"there is no {name}")
    return str(value)


def either(told: Told, name: str) -> Any:
    """A value by its name of old or of now; None when it has neither."""
    value = told.get(name)
    return told.get(name.replace("tweet", "post")) if value is None else value


def listed(answer: Told) -> list[Told]:
    """The posts of an answer; an empty page has none, nor has one that only tells of errors."""
    found = list(answer.get("data") or [])
    for each in found:
        number(each)
    return found


def next_page(answer: Told) -> str | None:
    """What to show to see the page after this one; None when it is the last."""
    token = (answer.get("meta") or {}).get("next_token")
    return str(token) if token else None


def is_missing(answer: Told) -> bool:
    """Whether X answers with nothing but that it has no such thing."""
    errors = answer.get("errors") or []
    return not answer.get("data") and any("not-found" in str(one.get("type")) for one in errors)


def number(told: Told) -> int:
    """The id as a number: it grows with time."""
    return int(need(told, "id"))


def chain(told: Told) -> list[str]:
    """The ids of all versions of a post, oldest first."""
    return [*map(str, either(told, "edit_history_tweet_ids") or [need(told, "id")])]


def final_at(told: Told) -> datetime:
    """From when on a post can no longer be edited."""
    until = (told.get("edit_controls") or {}).get("editable_until")
    return moment(until) if until else moment(told["created_at"]) + EDITABLE


def moment(at: Any) -> datetime:
    """A time as X writes it."""
    told = datetime.fromisoformat(str(at))
    if told.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return told.astimezone(UTC)


def posts(found: Iterable[Told], name: str) -> tuple[Post, ...]:
    """Posts of one author, each once, by the first id of its chain."""
    by_url = {address(name, need(each, "id")): each for each in found}
    keyed = identities([_entry(each, url) for url, each in by_url.items()])
    return tuple(_post(entry, by_url[entry.url]) for entry in keyed)


def _entry(told: Told, url: str) -> Entry:
    links = list(_links(told))
    lang = told.get("lang")
    return Entry(
        guid=f"x:{chain(told)[0]}",
        url=url,
        text=text_of(told),
        language=lang if isinstance(lang, str) and lang not in _NO_LANGUAGE else None,
        published=moment(told["created_at"]).isoformat(),
        tags=tuple(str(one["tag"]) for one in _entities(told).get("hashtags") or []),
        links=sum(1 for _, shown in links if shown),
        media=len((told.get("attachments") or {}).get("media_keys") or []),
    )


def _post(entry: Entry, told: Told) -> Post:
    kind, other = _reference(told)
    return Post(
        network="x",
        url=entry.url,
        title="",
        text=entry.text,
        keys=entry.keys,
        author=f"@{place_of(entry.url)[0]}",
        language=entry.language,
        published_at=moment(told["created_at"]),
        kind=kind,
        in_reply_to=f"https://x.com/i/status/{other}" if kind == "reply" else None,
        tags=entry.tags,
        links=entry.links,
        media=entry.media,
    )


def text_of(told: Told) -> str:
    """The whole text, with the addresses that X has shortened, and without those of pictures."""
    text = str((either(told, "note_tweet") or told)["text"])
    for short, shown in _links(told):
        text = text.replace(short, shown)
    return html.unescape(text).strip()


def _links(told: Told) -> Iterator[tuple[str, str]]:
    """Each shortened address with what it leads to; "" for a picture of the post itself."""
    for link in _entities(told).get("urls") or []:
        is_media = bool(link.get("media_key")) or "/status/" in str(link.get("display_url"))
        leads_to = str(link.get("unwound_url") or link.get("expanded_url") or link["url"])
        yield need(link, "url"), "" if is_media and _is_picture(leads_to) else leads_to


def _is_picture(url: str) -> bool:
    return re.search(r"/status/[0-9]+/(?:photo|video)/[0-9]+\Z", url) is not None


def _entities(told: Told) -> Told:
    note = either(told, "note_tweet") or {}
    return note.get("entities") or told.get("entities") or {}


def _reference(told: Told) -> tuple[str, str]:
    """What kind of post it is, and the id of the post that it answers or passes on."""
    for other in _others(told):
        if other["type"] in _KINDS:
            return _KINDS[other["type"]], need(other, "id")
    return "original", ""


def _others(told: Told) -> list[Told]:
    """What a post answers, quotes or passes on."""
    return list(either(told, "referenced_tweets") or [])


def names(told: Told, handle: str) -> bool:
    """Whether a post calls somebody by name: then, and only then, X lets a program answer."""
    wanted = handle.removeprefix("@").casefold()
    called = (str(one.get("username")) for one in _entities(told).get("mentions") or [])
    return wanted in {name.casefold() for name in called}


def find(own: Sequence[Told], relation: str, target: str, text: str | None = None) -> list[Told]:
    """Those of my posts that are so related to the target, and say ``text`` if one is given."""
    wanted = (relation, target)
    return [
        each
        for each in own
        if wanted in {(one["type"], str(one["id"])) for one in _others(each)}
        and (text is None or says(each, text))
    ]


def says(told: Told, text: str) -> bool:
    """Whether a post is what became of ``text``."""
    return folded(text_of(told)) == folded(text)


def engagements(answer: Told, me: str, my_name: str) -> list[Engagement]:
    """Who named or answered me, whose number and name these are, on one page."""
    users = {need(one, "id"): one for one in (answer.get("includes") or {}).get("users") or []}
    return [_engagement(each, users, me, my_name) for each in listed(answer)]


def _engagement(told: Told, users: Mapping[str, Told], me: str, my_name: str) -> Engagement:
    """Somebody named me, or answered me."""
    user = users[need(told, "author_id")]
    name = need(user, "username")
    _, other = _reference(told)
    to_me = str(told.get("in_reply_to_user_id")) == me
    return Engagement(
        id=f"x:{need(told, 'id')}",
        kind=EngagementKind.REPLY if to_me else EngagementKind.MENTION,
        at=moment(told["created_at"]),
        handle=f"@{name}",
        who_url=f"https://x.com/{name}",
        name=str(user.get("name") or ""),
        object_url=address(my_name, other) if to_me and other else "",
        url=address(name, need(told, "id")),
        text=text_of(told),
    )
