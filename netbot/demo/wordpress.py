"""A site that runs WordPress, on loopback: posts, users with application passwords, comments.

Statuses and codes are those of a real one (Debian's 6.1), against which tests/peers holds the same
port.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from netbot.demo.answering import Answer
from netbot.demo.personal import Site, Visit

_API = "https://api.w.org/"
_ROUTES = "/wp/v2/"


@dataclass(slots=True, kw_only=True)
class Member:
    """Somebody with a login."""

    id: int
    name: str
    password: str
    writes: bool  # for the site; others may only comment


@dataclass(slots=True, kw_only=True)
class Remark:
    """A comment."""

    id: int
    post: int
    parent: int
    author: int  # 0: a stranger
    name: str
    text: str  # HTML
    at: datetime
    held: bool


class WordPressSite(Site):
    """``pretty`` addresses keep the API at /wp-json/, others behind ?rest_route=."""

    pretty = True
    holds = False  # new comments wait until somebody there has approved them
    names_links = True  # pages name API and number in headers; else only in their HTML
    names_numbers = True  # pages name the number of their post
    is_wordpress = True  # pages name the API

    def __init__(self, port: int = 0, **facts: Any) -> None:
        super().__init__(port, **facts)
        self.posts: dict[int, str] = {}
        self.closed: set[int] = set()
        self.remarks: list[Remark] = []
        self.members: dict[str, Member] = {}
        self.flooded = False

    @property
    def root(self) -> str:
        """Where the API is."""
        return self.url("/wp-json/" if self.pretty else "/index.php?rest_route=/")

    def admit(self, name: str, password: str, *, writes: bool = False) -> int:
        """A login; returns its number."""
        with self._lock:
            known = self.members.get(name)
            number = known.id if known else len(self.members) + 1
            self.members[name] = Member(id=number, name=name, password=password, writes=writes)
            return number

    def publish(self, name: str) -> str:
        """A post; returns its address."""
        with self._lock:
            number = max(self.posts, default=10) + 1
            self.posts[number] = name
            return self._link(number)

    def remove(self, url: str) -> None:
        """Take a post out."""
        with self._lock:
            self.posts = {
                number: name for number, name in self.posts.items() if self._link(number) != url
            }

    def comment(self, url: str, text: str, *, by: str = "", parent: int = 0) -> int:
        """What somebody says there without us; returns its number."""
        with self._lock:
            [post] = [number for number in self.posts if self._link(number) == url]
            return self._add(post, text, self.members.get(by), parent).id

    def name(self, visit: Visit) -> str:
        """``whoami``, ``comments``, ``comment``, ``posts`` or ``page``."""
        route = self._route_of(visit)
        if route == "users/me":
            return "whoami"
        return {"comments": "comment" if visit.is_write else "comments"}.get(route, route or "page")

    def serve(self, visit: Visit) -> Answer:
        """As a WordPress does."""
        member = self._member(visit)
        if visit.login and member is None:
            return _no(401, "incorrect_password")
        if visit.verb == "page":
            return self._page(visit)
        if visit.verb in {"posts", "comments"}:
            return self._search(visit) if visit.verb == "posts" else self._list(visit, member)
        if member is None:
            return _no(401, "rest_not_logged_in")
        if visit.verb == "comment":
            return self._comment(visit, member)
        return Answer(json={"id": member.id, "slug": member.name, "username": member.name})

    def _search(self, visit: Visit) -> Answer:
        wanted = visit.query.get("slug")
        found = [number for number, name in self.posts.items() if name == wanted]
        return Answer(json=[{"id": number, "link": self._link(number)} for number in found])

    def _route_of(self, visit: Visit) -> str:
        if visit.path.startswith("/wp-json" + _ROUTES):
            return visit.path.removeprefix("/wp-json" + _ROUTES)
        return visit.query.get("rest_route", "").removeprefix(_ROUTES)

    def _member(self, visit: Visit) -> Member | None:
        kind, _, code = visit.login.partition(" ")
        name, _, password = base64.b64decode(code).decode().partition(":")
        member = self.members.get(name)
        same = member is not None and (kind, member.password) == ("Basic", password)
        return member if same else None

    def _link(self, id: int) -> str:
        return self.url(f"/{self.posts[id]}/" if self.pretty else f"/?p={id}")

    def _page(self, visit: Visit) -> Answer:
        number = int(visit.query.get("p", 0))
        known = [
            each for each, name in self.posts.items() if visit.path == f"/{name}/" or each == number
        ]
        if visit.path != "/" and not known:
            return Answer(status=404, page="<h1>Nicht gefunden</h1>")
        rels = [(self.root, _API)] if self.is_wordpress else []
        rels += [(self.url(f"/?p={each}"), "shortlink") for each in known if self.names_numbers]
        if self.names_links:
            told = ", ".join(f'<{url}>; rel="{rel}"' for url, rel in rels)
            return Answer(page="<h1>Blog</h1>", headers={"Link": told})
        return Answer(page="".join(f'<link href="{url}" rel="{rel}">' for url, rel in rels))

    def _list(self, visit: Visit, member: Member | None) -> Answer:
        asked = visit.query
        if {"author", "status"} & asked.keys() and not (member and member.writes):
            return _no(401, "rest_forbidden_param")
        found = [each for each in self.remarks if not each.held or asked.get("status") == "all"]
        for name, fact in (("post", "post"), ("author", "author"), ("include", "id")):
            if name in asked:
                wanted = asked[name].split(",")
                found = [each for each in found if str(getattr(each, fact)) in wanted]
        return Answer(json=[self._told(each) for each in found])

    def _comment(self, visit: Visit, member: Member) -> Answer:
        said = json.loads(visit.body)
        if said["post"] not in self.posts:
            return _no(404, "rest_post_invalid_id")
        if said["post"] in self.closed:
            return _no(403, "rest_comment_closed")
        twins = (said["post"], said["content"], member.id)
        if twins in {(each.post, each.text, each.author) for each in self.remarks}:
            return _no(409, "comment_duplicate")
        if self.flooded:
            return _no(400, "comment_flood")
        made = self._add(said["post"], said["content"], member, 0)
        self.note("written", visit, text=said["content"], ref=str(made.id), account=member.name)
        return Answer(status=201, json=self._told(made))

    def _add(self, post: int, text: str, member: Member | None, parent: int) -> Remark:
        remark = Remark(
            id=len(self.remarks) + 1,
            post=post,
            parent=parent,
            author=member.id if member else 0,
            name=member.name if member else "Besuch",
            text=text,
            at=self._now(),
            held=self.holds,
        )
        self.remarks.append(remark)
        return remark

    def _told(self, each: Remark) -> dict[str, Any]:
        return {
            "id": each.id,
            "post": each.post,
            "parent": each.parent,
            "author": each.author,
            "author_name": each.name,
            "author_url": "",
            "date_gmt": each.at.replace(tzinfo=None).isoformat(timespec="seconds"),
            "content": {"rendered": f"<p>{each.text}</p>\n"},
            "link": f"{self._link(each.post)}#comment-{each.id}",
            "status": "hold" if each.held else "approved",
        }


def _no(status: int, code: str) -> Answer:
    return Answer(status=status, json={"code": code, "message": code, "data": {"status": status}})
