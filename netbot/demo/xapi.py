"""The part of X's API that the stand-in speaks: which request means what, and what it tells."""

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from netbot.demo.instance import Complaint
from netbot.demo.xmemory import (
    EDITABLE,
    LONGEST_TEXT,
    PRICES,
    Memory,
    Person,
    XPost,
    links,
    mentions,
)

Json = dict[str, Any]

_WRITES = {
    "post": ("POST", re.compile(r"/2/tweets")),
    "delete": ("DELETE", re.compile(r"/2/tweets/(?P<id>\d+)")),
    "repost": ("POST", re.compile(r"/2/users/(?P<me>\d+)/retweets")),
    "unrepost": ("DELETE", re.compile(r"/2/users/(?P<me>\d+)/retweets/(?P<id>\d+)")),
    "like": ("POST", re.compile(r"/2/users/(?P<me>\d+)/likes")),
}
_READS = {
    "me": ("GET", re.compile(r"/2/users/me")),
    "lookup": ("GET", re.compile(r"/2/users/by/username/(?P<id>\w+)")),
    "timeline": ("GET", re.compile(r"/2/users/(?P<id>\d+)/tweets")),
    "mentions": ("GET", re.compile(r"/2/users/(?P<id>\d+)/mentions")),
    "status": ("GET", re.compile(r"/2/tweets/(?P<id>\d+)")),
}
_NEW_NAMES = (
    ("edit_history_tweet_ids", "edit_history_post_ids"),
    ("referenced_tweets", "referenced_posts"),
    ("note_tweet", "note_post"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, understood."""

    verb: str
    id: str  # of the post or person it is about; "" for none
    me: str  # on whose behalf, where the path says so
    params: Mapping[str, Any]
    token: str
    person: Person | None = None

    @property
    def is_write(self) -> bool:
        """Whether it is to change something."""
        return self.verb in _WRITES

    @property
    def caller(self) -> Person:
        """Whoever holds the token; an app's own token is nobody's."""
        if self.person is None or (self.me and self.me != self.person.id):
            raise Complaint(403, "Authenticating with Unknown is forbidden for this endpoint.")
        return self.person


def understand(method: str, target: str, headers: Message, body: bytes) -> Call | None:
    """The request as a call of the API; None when the API has no such call."""
    parts = urlsplit(target)
    params: Json = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "json" in headers.get("Content-Type", ""):
        params |= json.loads(body)
    for verb, (known, pattern) in (_WRITES | _READS).items():
        match = pattern.fullmatch(parts.path)
        if match and method == known:
            found = match.groupdict()
            return Call(
                verb=verb,
                id=found.get("id") or "",
                me=found.get("me") or "",
                params=params,
                token=headers.get("Authorization", "").removeprefix("Bearer "),
            )
    return None


def write(memory: Memory, call: Call) -> tuple[Json, XPost | None, str, bool]:
    """Do it: the answer, what it was about, what it left, and whether anything has changed.

    Raises ``Complaint``.
    """
    me, params = call.caller, call.params
    match call.verb:
        case "post":
            parent = (params.get("reply") or {}).get("in_reply_to_tweet_id")
            text = str(params.get("text", ""))
            memory.pay(PRICES["link" if "://" in text else "write"])
            answered = memory.post(parent) if parent else None
            made = memory.answer_by_program(me, text, answered)
            return {"data": {"id": made.id, "text": made.text}}, answered, made.id, True
        case "delete":
            memory.delete(me, call.id)
            return {"data": {"deleted": True}}, None, call.id, True
        case "repost":
            memory.pay(PRICES["write"])
            about = memory.post(str(params["tweet_id"]))
            changed = memory.repost(me, about)
            return {"data": {"retweeted": True}}, about, about.id, changed
        case "unrepost":
            about = memory.post(call.id)
            changed = memory.unrepost(me, about)
            return {"data": {"retweeted": False}}, about, about.id, changed
        case _:
            raise Complaint(403, "Likes are no longer available in your current access level.")


def read(memory: Memory, call: Call, *, new_names: bool = False) -> Json:
    """Tell it. Raises ``Complaint``."""
    told = _READERS[call.verb](memory, call)
    if new_names:
        text = json.dumps(told)
        for old, new in _NEW_NAMES:
            text = text.replace(f'"{old}"', f'"{new}"')
        told = json.loads(text)
    return told


def _me(memory: Memory, call: Call) -> Json:
    memory.pay(PRICES["user"])
    return {"data": _user(call.caller)}


def _lookup(memory: Memory, call: Call) -> Json:
    person = memory.people.get(call.id.lower())
    if person is None:
        return _missing("user", call.id)
    memory.pay(PRICES["user"])
    return {"data": _user(person)}


def _status(memory: Memory, call: Call) -> Json:
    found = next((one for one in memory.visible() if call.id in one.ids), None)
    if found is None:
        return _missing("tweet", call.id)
    memory.pay(PRICES["post"])
    return {"data": _told(found, call, memory, version=call.id)}


def _timeline(memory: Memory, call: Call) -> Json:
    if call.id not in {person.id for person in memory.people.values()}:
        return _missing("user", call.id)
    excluded = call.params.get("exclude", "")
    mine = (
        one
        for one in memory.visible()
        if one.author.id == call.id
        and not (one.parent and "replies" in excluded)
        and not (one.reposted and "retweets" in excluded)
    )
    is_own = call.person is not None and call.person.id == call.id
    return _page(memory, call, mine, PRICES["own" if is_own else "post"])


def _mentions(memory: Memory, call: Call) -> Json:
    name = call.caller.name.lower()
    naming = (
        one
        for one in memory.visible()
        if one.author is not call.caller
        and (
            name in map(str.lower, one.mentions)
            or (one.parent and one.parent.author is call.caller)
        )
        and not one.reposted
    )
    return _page(memory, call, naming, PRICES["own"])


def _page(memory: Memory, call: Call, found: Iterable[XPost], price: int) -> Json:
    params = call.params
    low = int(params.get("since_id") or 0)
    after = datetime.fromisoformat(params["start_time"]) if "start_time" in params else None
    below = int(params.get("pagination_token") or 10**30)
    most = int(params.get("max_results") or 10)
    if not 5 <= most <= 100:
        raise Complaint(400, "The `max_results` query parameter value is not between 5 and 100")
    wanted = [
        one
        for one in found
        if low < int(one.id) < below and (after is None or one.created_at >= after)
    ]
    page = wanted[:most]
    memory.pay(price * len(page))
    told: Json = {"meta": {"result_count": len(page)}}
    if page:
        told["data"] = [_told(one, call, memory) for one in page]
    if len(wanted) > most:
        told["meta"]["next_token"] = page[-1].id
    if "author_id" in params.get("expansions", "") and page:
        users = {one.author.id: _user(one.author) for one in page}
        memory.pay(PRICES["user"] * len(users))
        told["includes"] = {"users": list(users.values())}
    return told


def _told(post: XPost, call: Call, memory: Memory, *, version: str = "") -> Json:
    """Only what was asked for, besides what always comes along."""
    wanted = set(call.params.get("tweet.fields", "").split(","))
    version = version or post.id
    short, entities = _shortened(post.texts[version], version, memory)
    whole = html.escape(short, quote=False)
    told: Json = {
        "id": version,
        "text": whole if len(short) <= LONGEST_TEXT else f"{whole[: LONGEST_TEXT - 1]}…",
        "edit_history_tweet_ids": post.ids,
        "created_at": _stamp(post.created_at),
        "author_id": post.author.id,
        "lang": post.language,
        "entities": entities,
        "edit_controls": {
            "editable_until": _stamp(post.created_at + EDITABLE),
            "edits_remaining": 5,
            "is_edit_eligible": True,
        },
    }
    if len(short) > LONGEST_TEXT:
        told["note_tweet"] = {"text": whole, "entities": entities}
    if post.parent:
        told["in_reply_to_user_id"] = post.parent.author.id
        told["referenced_tweets"] = [{"type": "replied_to", "id": post.parent.id}]
    if post.reposted:
        told["referenced_tweets"] = [{"type": "retweeted", "id": post.reposted.id}]
    always = {"id", "text", "edit_history_tweet_ids"}
    return {name: value for name, value in told.items() if name in wanted | always}


def _shortened(text: str, id: str, memory: Memory) -> tuple[str, Json]:
    """The text with its links shortened, and what stands behind them."""
    called = (memory.people.get(name.lower()) for name in mentions(text))
    entities: Json = {
        "urls": [],
        "mentions": [{"username": one.name, "id": one.id} for one in called if one],
        "hashtags": [{"tag": tag} for tag in re.findall(r"#(\w+)", text)],
    }
    for place, link in enumerate(links(text)):
        short = f"https://t.co/{id[-6:]}{place}"
        text = text.replace(link, short)
        shown = {"url": short, "expanded_url": link, "display_url": link[8:30]}
        entities["urls"].append(shown)
    return text, {name: value for name, value in entities.items() if value}


def _user(person: Person) -> Json:
    return {"id": person.id, "username": person.name, "name": person.shown or person.name}


def _missing(kind: str, id: str) -> Json:
    return {
        "errors": [
            {
                "value": id,
                "detail": f"Could not find {kind} with id: [{id}].",
                "title": "Not Found Error",
                "resource_type": kind,
                "type": "https://api.twitter.com/2/problems/resource-not-found",
            }
        ]
    }


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_READERS: Mapping[str, Callable[[Memory, Call], Json]] = {
    "me": _me,
    "lookup": _lookup,
    "status": _status,
    "timeline": _timeline,
    "mentions": _mentions,
}
