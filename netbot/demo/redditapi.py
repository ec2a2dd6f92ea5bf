"""The part of Reddit's API that the stand-in speaks: what requests mean, and what it tells."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from netbot.demo.instance import Complaint
from netbot.demo.redditmemory import Letter, Memory, Redditor, Thing

Json = dict[str, Any]

_SITE = "https://www.reddit.com"
_WRITES = {
    "vote": ("POST", re.compile(r"/api/vote/")),
    "comment": ("POST", re.compile(r"/api/comment/")),
    "submit": ("POST", re.compile(r"/api/submit/")),
    "delete": ("POST", re.compile(r"/api/del/")),
}
_READS = {
    "me": ("GET", re.compile(r"/api/v1/me")),
    "info": ("GET", re.compile(r"/api/info/")),
    "inbox": ("GET", re.compile(r"/message/inbox/")),
    "feed": ("GET", re.compile(r"/(?P<kind>user|r)/(?P<name>[\w-]+)/\.rss")),
    "person": ("GET", re.compile(r"/user/(?P<name>[\w-]+)/(?P<kind>submitted|comments|)/?")),
    "subreddit": ("GET", re.compile(r"/r/(?P<name>[\w-]+)/new/?")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, understood."""

    verb: str
    name: str  # of a person or subreddit
    kind: str
    params: Mapping[str, str]
    token: str
    person: Redditor | None = None

    @property
    def is_write(self) -> bool:
        """Whether it is to change something."""
        return self.verb in _WRITES

    @property
    def target(self) -> str:
        """The full name of what it is about."""
        params = self.params
        return params.get("id") or params.get("thing_id") or params.get("crosspost_fullname") or ""

    @property
    def caller(self) -> Redditor:
        """Whoever holds the token."""
        if self.person is None:
            raise Complaint(401, "Unauthorized")
        return self.person


def understand(method: str, target: str, headers: Message, body: bytes) -> Call | None:
    """The request as a call of the API; None when the API has no such call."""
    parts = urlsplit(target)
    params = dict(parse_qsl(parts.query)) | dict(parse_qsl(body.decode()))
    for verb, (known, pattern) in (_WRITES | _READS).items():
        match = pattern.fullmatch(parts.path)
        if match and method == known:
            found = match.groupdict()
            return Call(
                verb=verb,
                name=found.get("name") or "",
                kind=found.get("kind") or "",
                params=params,
                token=headers.get("Authorization", "").removeprefix("bearer "),
            )
    return None


def write(memory: Memory, call: Call, *, is_shy: bool = False) -> tuple[Json, str, bool]:
    """Do it: the answer, what it left, and whether anything has changed.

    One that ``is_shy`` does not show the comments that it takes. Raises ``Complaint``, ``Rule``.
    """
    me, params = call.caller, call.params
    match call.verb:
        case "vote":
            thing = memory.live(call.target)
            return {}, thing.name, memory.vote(me, thing, int(params["dir"]))
        case "delete":
            return {}, call.target, memory.delete(me, call.target)
        case "comment":
            made = memory.comment(me, memory.live(call.target), params.get("text", ""))
            things = [] if is_shy else [told(made, call)]
            return {"json": {"errors": [], "data": {"things": things}}}, made.name, True
        case _:
            of = params.get("crosspost_fullname")
            made = memory.submit(
                me,
                params.get("title", ""),
                subreddit=params["sr"],
                text=params.get("text", ""),
                link=params.get("url", ""),
                crosspost_of=memory.live(of) if of else None,
            )
            data = {"url": f"{_SITE}{made.permalink}", "id": made.id, "name": made.name}
            return {"json": {"errors": [], "data": data | {"drafts_count": 0}}}, made.name, True


def read(memory: Memory, call: Call) -> Json:
    """Tell it. Raises ``Complaint``."""
    match call.verb:
        case "me":
            return {"id": call.caller.id, "name": call.caller.name, "is_employee": False}
        case "info":
            names = call.params.get("id", "").split(",")
            there = (memory.find(name) for name in names)
            return _listing([told(one, call) for one in there if one])
        case "inbox":
            mine = [one for one in reversed(memory.letters) if one.to is call.caller]
            return _listing([_letter(one, call) for one in mine], call)
        case _:
            return _listing([told(one, call) for one in _shown(memory, call)], call)


def feed(memory: Memory, call: Call) -> bytes:
    """The same page as an Atom feed, as Reddit writes it."""
    entries = "".join(map(_entry, list(_shown(memory, call))[:25]))
    title = f"overview for {call.name}" if call.kind == "user" else call.name
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{title}</title><id>/{call.kind}/{call.name}/.rss</id>"
        f'<link rel="alternate" href="{_SITE}/{call.kind}/{call.name}/"/>{entries}</feed>'
    ).encode()


def _shown(memory: Memory, call: Call) -> Iterable[Thing]:
    is_person = call.verb == "person" or call.kind == "user"
    if is_person and call.name.lower() not in memory.people:
        raise Complaint(404, "Not Found")
    for thing in memory.visible():
        owner = thing.author.name if is_person else thing.subreddit
        if owner.lower() != call.name.lower() or (not is_person and thing.parent):
            continue
        wanted = {"submitted": not thing.parent, "comments": bool(thing.parent)}
        if wanted.get(call.kind, True):
            yield thing


def _listing(things: list[Json], call: Call | None = None) -> Json:
    params = call.params if call else {}
    names = [one["data"]["name"] for one in things]
    start = names.index(params["after"]) + 1 if params.get("after") in names else 0
    most = min(int(params.get("limit", 100)), 100)
    page = things[start : start + most]
    more = len(things) > start + most
    after = page[-1]["data"]["name"] if page and more else None
    return {"kind": "Listing", "data": {"after": after, "before": None, "children": page}}


def told(thing: Thing, call: Call) -> Json:
    """A thing as this reader sees it."""
    is_gone = thing.deleted or thing.removed
    text = "[removed]" if thing.removed else "[deleted]" if thing.deleted else thing.text
    vote = thing.votes.get(call.person.id, 0) if call.person else 0
    data: Json = {
        "id": thing.id,
        "name": thing.name,
        "author": "[deleted]" if thing.deleted else thing.author.name,
        "created_utc": thing.created_at.timestamp(),
        "edited": thing.edited_at.timestamp() if thing.edited_at else False,
        "subreddit": thing.subreddit,
        "permalink": thing.permalink,
        "likes": {1: True, -1: False}.get(vote),
        "locked": thing.locked,
        "archived": False,
    }
    rendered = _rendered(text, is_raw=call.params.get("raw_json") == "1")
    if thing.parent:
        data |= {"body": text, "body_html": rendered, "parent_id": thing.parent.name}
        data |= {"link_permalink": f"{_SITE}{thing.thread.permalink}", "link_id": thing.thread.name}
        return {"kind": "t1", "data": data}
    data |= {"title": thing.title, "selftext": text, "selftext_html": rendered if text else None}
    data |= {"is_self": not thing.link, "url": thing.link or f"{_SITE}{thing.permalink}"}
    data["removed_by_category"] = "moderator" if thing.removed else "deleted" if is_gone else None
    if thing.crosspost_of:
        data["crosspost_parent"] = thing.crosspost_of.name
    return {"kind": "t3", "data": data}


def _letter(letter: Letter, call: Call) -> Json:
    thing = told(letter.about, call)
    if letter.kind == "unknown":
        more = {"was_comment": False, "type": "unknown", "dest": letter.to.name}
        return {"kind": "t4", "data": thing["data"] | more | {"subreddit": None, "replies": ""}}
    context = f"{letter.about.permalink}?context=3"
    more = {"type": letter.kind, "context": context, "was_comment": True, "new": True}
    del thing["data"]["permalink"]
    return {"kind": "t1", "data": thing["data"] | more}


def _rendered(text: str, *, is_raw: bool) -> str:
    paragraphs = "".join(f"<p>{html.escape(one)}</p>\n" for one in text.split("\n\n") if one)
    rendered = f'<!-- SC_OFF --><div class="md">{paragraphs}</div><!-- SC_ON -->'
    return rendered if is_raw else html.escape(rendered)


def _entry(thing: Thing) -> str:
    author, page = f"/u/{thing.author.name}", f"{_SITE}{thing.permalink}"
    body = _rendered(thing.text, is_raw=True) if thing.text else ""
    title = f"{author} on {thing.thread.title}" if thing.parent else thing.title
    if not thing.parent:
        body += (
            f' &#32; submitted by &#32; <a href="{_SITE}{author}"> {author} </a> <br/> '
            f'<span><a href="{html.escape(thing.link or page)}">[link]</a></span> &#32; '
            f'<span><a href="{page}">[comments]</a></span>'
        )
    stamp = thing.created_at.astimezone(UTC).isoformat(timespec="seconds")
    return (
        f"<entry><author><name>{author}</name><uri>{_SITE}/user/{thing.author.name}</uri></author>"
        f'<category term="{thing.subreddit}" label="r/{thing.subreddit}"/>'
        f'<content type="html">{html.escape(body)}</content><id>{thing.name}</id>'
        f'<link href="{page}"/><updated>{stamp}</updated><published>{stamp}</published>'
        f"<title>{html.escape(title)}</title></entry>"
    )
