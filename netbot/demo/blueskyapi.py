"""The part of Bluesky's API that the stand-in speaks: which request means what, and does what."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from netbot.demo.atmosphere import (
    LIKE,
    POST,
    REPOST,
    Atmosphere,
    Complaint,
    Json,
    Person,
    Record,
    stamp,
)

_READS = {
    "com.atproto.server.getSession": "session",
    "com.atproto.identity.resolveHandle": "resolve",
    "com.atproto.repo.getRecord": "record",
    "com.atproto.repo.listRecords": "records",
    "app.bsky.actor.getProfile": "profile",
    "app.bsky.feed.getAuthorFeed": "feed",
    "app.bsky.feed.getPosts": "posts",
    "app.bsky.notification.listNotifications": "notifications",
}
_PASSES = {
    "com.atproto.server.createSession": "begin",
    "com.atproto.server.refreshSession": "renew",
}
_WRITES = {
    "com.atproto.repo.putRecord": "put",
    "com.atproto.repo.createRecord": "create",
    "com.atproto.repo.deleteRecord": "delete",
}
_KINDS = dict.fromkeys(_READS, "read") | dict.fromkeys(_PASSES, "pass")
_CALLS = _READS | _PASSES | _WRITES
_PRIVATE = {"session", "notifications", "put", "create", "delete"}  # need a token
_WINDOW = {"profile", "feed", "posts", "notifications"}  # shown with a lag
_VERBS = {LIKE: "like", REPOST: "repost", POST: "post"}
_UNDONE = {LIKE: "unlike", REPOST: "unrepost", POST: "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, understood."""

    name: str  # session, resolve, …, put, create, delete
    kind: str  # read, write or pass
    params: Mapping[str, Any]
    token: str
    person: Person | None = None

    @property
    def verb(self) -> str:
        """What it does: its name; of writes like, repost, reply, post, unlike, unrepost, delete."""
        if self.kind != "write":
            return self.name
        collection = self.params["collection"]
        if self.name == "delete":
            return _UNDONE.get(collection, "delete")
        is_reply = bool(self.params["record"].get("reply"))
        return "reply" if is_reply else _VERBS.get(collection, "follow")

    @property
    def is_private(self) -> bool:
        """Whether it needs a token."""
        return self.name in _PRIVATE

    @property
    def caller(self) -> Person:
        """Whoever holds the token."""
        if self.person is None:
            raise Complaint(401, "AuthMissing", "Authentication Required")
        return self.person


def understand(method: str, target: str, headers: Message, body: bytes) -> Call | None:
    """The request as a call of the API; None when the API has no such call."""
    parts = urlsplit(target)
    method_name = parts.path.removeprefix("/xrpc/")
    kind = _KINDS.get(method_name, "write")
    if method_name not in _CALLS or method != ("GET" if kind == "read" else "POST"):
        return None
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    many = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    return Call(
        name=_CALLS[method_name],
        kind=kind,
        params=json.loads(body) if body else dict(pairs) | {"all": many},
        token=headers.get("Authorization", "").removeprefix("Bearer "),
    )


def write(world: Atmosphere, call: Call) -> tuple[str, str, bool]:
    """Do it: the record's name and version, and whether anything has changed.

    Raises ``Complaint``.
    """
    params, person = call.params, call.caller
    if params["repo"] not in {person.did, person.handle}:
        raise Complaint(400, "InvalidRequest", "repo does not match the account")
    if call.name == "delete":
        uri = f"at://{person.did}/{params['collection']}/{params['rkey']}"
        return uri, "", world.delete(uri)
    if call.name == "create":
        made = world.create(person, params["collection"], params["record"])
        return made.uri, made.cid, True
    record, is_new = world.put(person, params["collection"], params["rkey"], params["record"])
    return record.uri, record.cid, is_new


def read(world: Atmosphere, call: Call) -> Json:
    """Tell it. Raises ``Complaint``."""
    world.reads += call.name in _WINDOW
    return _READERS[call.name](world, call)


def post_view(world: Atmosphere, record: Record, reader: Person | None) -> Json:
    """A ``postView``; with the reader's own marks when there is a reader."""
    counts = {
        f"{name}Count": sum(each.subject == record.uri for each in world.window(kind))
        for name, kind in (("like", LIKE), ("repost", REPOST))
    }
    told = {
        "$type": "app.bsky.feed.defs#postView",
        "uri": record.uri,
        "cid": record.cid,
        "author": _author(record.author),
        "record": record.value,
        "indexedAt": stamp(record.indexed_at),
        "labels": [],
        "viewer": _marks(world, record, reader) if reader else {},
    }
    return told | counts


def _marks(world: Atmosphere, record: Record, reader: Person) -> Json:
    marks = {
        "like": world.mark(reader.did, LIKE, record.uri),
        "repost": world.mark(reader.did, REPOST, record.uri),
        "replyDisabled": "replies" in record.gates,
        "embeddingDisabled": "quotes" in record.gates,
    }
    return {name: value for name, value in marks.items() if value}


def _author(person: Person) -> Json:
    labels = [{"src": person.did, "uri": person.did, "val": each} for each in person.labels]
    told = {"did": person.did, "handle": person.handle, "labels": labels, "viewer": {}}
    return told | ({"displayName": person.shown} if person.shown else {})


def _resolve(world: Atmosphere, call: Call) -> Json:
    try:
        return {"did": world.find(call.params["handle"]).did}
    except Complaint:
        raise Complaint(400, "InvalidRequest", "Unable to resolve handle") from None


def _record(world: Atmosphere, call: Call) -> Json:
    params = call.params
    uri = f"at://{params['repo']}/{params['collection']}/{params['rkey']}"
    return _stored(world.record(uri))


def _stored(record: Record) -> Json:
    return {"uri": record.uri, "cid": record.cid, "value": record.value}


def _records(world: Atmosphere, call: Call) -> Json:
    found = world.store(world.find(call.params["repo"]).did, call.params["collection"])
    return {"records": [_stored(each) for each in found[: int(call.params.get("limit", 50))]]}


def _posts(world: Atmosphere, call: Call) -> Json:
    uris = call.params["all"].get("uris")
    if not uris:
        raise Complaint(400, "InvalidRequest", "Params must have the property uris")
    found = (world.shown(uri) for uri in uris)
    return {"posts": [post_view(world, each, call.person) for each in found if each]}


def _feed(world: Atmosphere, call: Call) -> Json:
    """Own posts and reposts by their time, a page at a time; the cursor is that time."""
    person = world.find(call.params["actor"])
    own = [(_sorted_at(each), each) for each in world.window(POST, person.did) if _is_own(each)]
    passed_on = [(_sorted_at(each), each) for each in world.window(REPOST, person.did)]
    shown = sorted(own + passed_on, key=lambda each: (each[0], each[1].rkey), reverse=True)
    before = call.params.get("cursor")
    page = [each for each in shown if not before or each[0] < before]
    page = page[: int(call.params.get("limit", 50))]
    items = [_item(world, each, call) for _, each in page]
    told: Json = {"feed": [item for item in items if item]}
    return told | ({"cursor": page[-1][0]} if page else {})


def _sorted_at(record: Record) -> str:
    return min(str(record.value["createdAt"]), stamp(record.indexed_at))


def _is_own(record: Record) -> bool:
    """Whether it answers nobody else (filter posts_and_author_threads)."""
    return not record.parent or record.parent.startswith(f"at://{record.author.did}/")


def _item(world: Atmosphere, record: Record, call: Call) -> Json | None:
    if record.collection == POST:
        return {"post": post_view(world, record, call.person)}
    about = world.shown(record.subject)
    if about is None:
        return None
    why = {
        "$type": "app.bsky.feed.defs#reasonRepost",
        "by": _author(record.author),
        "indexedAt": stamp(record.indexed_at),
    }
    return {"post": post_view(world, about, call.person), "reason": why}


def _notifications(world: Atmosphere, call: Call) -> Json:
    reasons = call.params["all"].get("reasons", [])
    mine = [each for each in reversed(world.notices) if each.to == call.caller.did]
    seen = [each for each in mine if each.reason in reasons and world.shown(each.record.uri)]
    start, limit = int(call.params.get("cursor") or 0), int(call.params.get("limit", 50))
    page = seen[start : start + limit]
    told: Json = {
        "notifications": [
            {
                "uri": each.record.uri,
                "cid": each.record.cid,
                "author": _author(each.record.author),
                "reason": each.reason,
                "reasonSubject": each.subject,
                "record": each.record.value,
                "isRead": False,
                "indexedAt": stamp(each.record.indexed_at),
            }
            for each in page
        ]
    }
    return told | ({"cursor": str(start + limit)} if page else {})


_READERS: Mapping[str, Callable[[Atmosphere, Call], Json]] = {
    "session": lambda _, call: {
        "did": call.caller.did,
        "handle": call.caller.handle,
        "active": not call.caller.closed,
    },
    "resolve": _resolve,
    "record": _record,
    "records": _records,
    "profile": lambda world, call: _author(world.find(call.params["actor"])),
    "feed": _feed,
    "posts": _posts,
    "notifications": _notifications,
}
