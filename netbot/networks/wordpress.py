"""Comments on a site that runs WordPress, where I hold an application password.

The site is watched by its feed, like any other. Its own pages say where its API is, be it at
``/wp-json/`` or behind ``?rest_route=``, and which number a post has. A comment is one request;
WordPress lets nobody but its moderators delete one, so it cannot be taken back.
"""

import base64
import html
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from netbot.feedparse import plain
from netbot.fetch import (
    Answer,
    Call,
    Limits,
    NotFound,
    Reply,
    Request,
    exchange,
    fetch_all,
    links,
    refusal,
    retry_after_s,
)
from netbot.model import (
    Action,
    Barred,
    Engagement,
    EngagementKind,
    Gone,
    Identity,
    NetworkError,
    RateLimited,
    Receipt,
    Refused,
    Sight,
    Transient,
    Verb,
)
from netbot.network import Access, Guide, Network
from netbot.text import mark

#: What the human reads beside a comment that nobody else sees yet.
MODERATED = mark("The site shows it as soon as somebody there has approved it.")

#: When a site says "too fast" and not for how long, in seconds; WordPress itself counts 15.
FLOOD_PAUSE_S = 60

_API = "https://api.w.org/"  # the rel under which a page names its API
_PAGE = 100  # the most that one request brings
_ROUTE = re.compile(r"/wp/v2/[\w-]+/(\d+)$")
_MARKS = re.compile(r"[\W_]+")

#: 403 that is about the post and not about us (class-wp-rest-comments-controller.php).
_NOT_HERE = {
    "rest_comment_closed": "is closed for comments",
    "rest_comment_draft_post": "is no longer published",
    "rest_comment_trash_post": "is no longer published",
}

Told = Mapping[str, Any]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comment:
    """A comment as the site tells it."""

    id: int
    author: str  # the number of a user, "0" of a stranger
    parent: int
    text: str
    url: str
    is_held: bool
    at: datetime
    name: str
    page: str  # of the author

    @classmethod
    def read(cls, told: Told) -> Self:
        """Raises ``KeyError``, ``TypeError`` or ``ValueError`` when something is missing."""
        return cls(
            id=int(told["id"]),
            author=str(told["author"]),
            parent=int(told["parent"]),
            text=plain.to_text(str(told["content"]["rendered"])),
            url=str(told["link"]),
            is_held=told["status"] != "approved",
            at=datetime.fromisoformat(told["date_gmt"]).replace(tzinfo=UTC),
            name=str(told["author_name"]),
            page=str(told["author_url"]),
        )

    def receipt(self, *, found: bool = False) -> Receipt:
        """Where it stands; one that is held is done, and seen by nobody yet."""
        note = MODERATED if self.is_held else ""
        return Receipt(ref=str(self.id), url=self.url, found=found, note=note)

    def says(self, text: str) -> bool:
        """Whether it is what became of ``text``: sites set quotes and dashes their own way."""
        return _folded(self.text) == _folded(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """A post as its site knows it."""

    root: str  # of the API
    number: str


class WordPress(Network):
    """One account on one site; its secret is an application password.

    ``timeout_s`` is for one request with everything in it.
    """

    NETWORKS: ClassVar[tuple[str, ...]] = ("wordpress",)
    VERBS: ClassVar[frozenset[Verb]] = frozenset({Verb.COMMENT})
    ASKS: ClassVar[Guide] = Guide(
        steps=(
            mark("Log in at {server}/wp-admin/profile.php, your profile on that site."),
            mark("Under “Application Passwords” add one called netbot, and copy it."),
        ),
        secret=mark("the application password"),
        example="anna",
        server="https://blog.example",
    )

    def __init__(
        self,
        access: Access | None = None,
        *,
        allow_hosts: Sequence[str] = (),
        timeout_s: float = 20.0,
    ) -> None:
        super().__init__(access, allow_hosts=allow_hosts)
        self._limits = Limits(total_s=timeout_s)

    def whoami(self) -> Identity:
        """The user of the password: number and site."""
        reply = self._ask(self._root_of(self._page(self._site())), "users/me", context="edit")
        if reply.status == 404:
            raise Refused(f"{self._host()} keeps its API shut: no program can comment there.")
        host = self._host()
        return _read(
            reply,
            self._call(reply.url),
            lambda user: Identity(
                platform_id=f"{user['id']}@{host}", handle=str(user.get("username") or user["slug"])
            ),
        )

    def look(self, action: Action) -> Sight:
        """Which post it is, and whether the comment stands there already."""
        spot = self._find(action)
        done, _ = self._find_done(spot, action)
        return Sight(target=f"{spot.root} {spot.number}", done=done)

    def read_back(self, action: Action) -> Receipt | None:
        """Look for the comment among our own; one that is held, only where we may see it."""
        done, sees_all = self._find_done(self._find(action), action)
        if done is None and not sees_all:
            raise Transient(
                f"{self._host()} shows this account no comments that wait for approval: nobody can"
                " tell."
            )
        return done

    def engagements(self, since: datetime) -> Sequence[Engagement]:
        """The answers that others gave to our comments there."""
        root = self._root_of(self._page(self._site()))
        # The site compares with its own local time; the exact moment is looked at below.
        after = (since - timedelta(days=1)).isoformat()
        said = self._list(root, after=after, order="asc")
        parents = sorted({each.parent for each in said} - {0})
        if not parents:
            return ()
        asked = self._list(root, include=",".join(map(str, parents[-_PAGE:])))
        mine = {each.id: each for each in asked if self._is_mine(each)}
        return [
            self._engagement(each, mine[each.parent])
            for each in said
            if each.parent in mine and not self._is_mine(each) and each.at >= since
        ]

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        root, _, number = sight.target.partition(" ")
        # A comment is HTML: without this a "<" might swallow what follows.
        words = {"post": int(number), "content": html.escape(action.text, quote=False)}
        call = self._call(_route(root, "comments"), words)
        reply = exchange(call, allow_hosts=self.allow_hosts, limits=self._limits)
        if reply.is_done:
            return _read(reply, call, _Comment.read).receipt()
        match _code(reply):
            case "comment_duplicate":
                return self._find_twin(_Spot(root=root, number=number), action)
            case "comment_flood":
                raise _flood(reply, self._host())
            case code if code in _NOT_HERE:
                raise Refused(f"The post {_NOT_HERE[code]}; {self._host()} says so.")
        raise refusal(reply, call)

    def _find_twin(self, spot: _Spot, action: Action) -> Receipt:
        """The site has these very words of ours already; where, only if it shows them to us."""
        bare = Receipt(ref=f"post {spot.number}", url=action.choice.target_url, found=True)
        try:
            done, _ = self._find_done(spot, action)
        except NetworkError:
            return bare
        return done or bare

    def _find(self, action: Action) -> _Spot:
        """The post behind an address; raises ``Gone`` when it is there no more."""
        page = self._page(action.choice.target_url)
        root = self._root_of(page)
        number = _number_of(page, root) or self._number_by_name(page.url, root)
        if not number:
            raise Refused("That address is no post of this site. Open it by hand.")
        return _Spot(root=root, number=number)

    def _number_by_name(self, url: str, root: str) -> str:
        """The number of the post whose name ends the address, as the site's list has it."""
        name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
        if not name:
            return ""
        call = self._call(_route(root, "posts", slug=name))
        reply = exchange(call, allow_hosts=self.allow_hosts, limits=self._limits)
        found = _read(reply, call, lambda posts: [(str(one["id"]), one["link"]) for one in posts])
        return next((number for number, link in found if _same(link, url)), "")

    def _find_done(self, spot: _Spot, action: Action) -> tuple[Receipt | None, bool]:
        """Our comment with those words, and whether all of our comments were to be seen."""
        facts = {"post": spot.number, "author": self._own_number(), "status": "all"}
        reply = self._ask(spot.root, "comments", per_page=str(_PAGE), **facts)
        sees_all = reply.status not in {400, 401, 403}  # only writers of the site may ask so
        said = _comments(reply) if sees_all else self._list(spot.root, post=spot.number)
        mine = (each for each in said if self._is_mine(each) and each.says(action.text))
        found = next(mine, None)
        return (found.receipt(found=True) if found else None), sees_all

    def _list(self, root: str, **facts: str) -> list[_Comment]:
        return _comments(self._ask(root, "comments", per_page=str(_PAGE), **facts))

    def _engagement(self, said: _Comment, mine: _Comment) -> Engagement:
        return Engagement(
            id=f"{said.id}@{self._host()}",
            kind=EngagementKind.REPLY,
            at=said.at,
            handle=said.name,
            who_url=said.page,
            name=said.name,
            object_url=mine.url,
            url=said.url,
            text=said.text,
        )

    def _page(self, url: str) -> Answer:
        """A page of the site, as anybody sees it."""
        [(_, page)] = fetch_all(
            [Request(url=url)], allow_hosts=self.allow_hosts, limits=self._limits
        )
        if isinstance(page, NotFound):
            raise Gone(str(page)) from page
        if isinstance(page, NetworkError):
            raise page
        return page

    def _root_of(self, page: Answer) -> str:
        """Where a page says that its site's API is; the password goes to our own site only."""
        root = next((link.url for link in links(page) if _API in link.rels), "")
        if not root:
            raise Refused(f"{page.url} names no API of WordPress: no program can comment there.")
        if _origin(root) != _origin(self._site()):
            raise Refused(
                f"{self._host()} keeps its API at {_origin(root)}. If that is the site you mean,"
                f" write it as the server of {self._own().account.id}."
            )
        return root

    def _ask(self, root: str, route: str, **facts: str) -> Reply:
        call = self._call(_route(root, route, **facts))
        return exchange(call, allow_hosts=self.allow_hosts, limits=self._limits)

    def _call(self, url: str, words: Told | None = None) -> Call:
        login = base64.b64encode(self._login().encode()).decode()
        headers = {"Accept": "application/json", "Authorization": f"Basic {login}"}
        if words is None:
            return Call(url=url, headers=headers)
        headers["Content-Type"] = "application/json"
        return Call(method="POST", url=url, headers=headers, body=json.dumps(words).encode())

    def _login(self) -> str:
        """Name and password: the secret may hold both, else the handle is the name."""
        access = self._own()
        secret = access.secret.strip()
        return secret if ":" in secret else f"{access.account.handle.lstrip('@')}:{secret}"

    def _own(self) -> Access:
        if self.access is None:
            raise Barred("A site can only be commented on by an account, and none is given.")
        return self.access

    def _site(self) -> str:
        """The one site where the password counts."""
        account = self._own().account
        if not account.server:
            raise Barred(f"Write the site of {account.id} as its server in the configuration.")
        return account.server

    def _host(self) -> str:
        return urlsplit(self._site()).netloc

    def _own_number(self) -> str:
        """What ``whoami`` said, without the site."""
        return (self._own().account.platform_id or "").partition("@")[0]

    def _is_mine(self, said: _Comment) -> bool:
        return said.author == self._own_number()


def _route(root: str, route: str, **facts: str) -> str:
    """An address of the API; without pretty addresses its root has a query already."""
    query = urlencode(facts, quote_via=quote)
    joint = "&" if "?" in root else "?"
    return f"{root}wp/v2/{route}{joint if query else ''}{query}"


def _read(reply: Reply, call: Call, understand: Callable[[Any], _Result]) -> _Result:
    """What a good answer says; raises the error that any other is."""
    if reply.is_done:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            return understand(reply.json())
    raise refusal(reply, call)


def _comments(reply: Reply) -> list[_Comment]:
    call = Call(url=reply.url, headers={"Authorization": ""})
    return _read(reply, call, lambda said: [_Comment.read(each) for each in said])


def _flood(reply: Reply, host: str) -> RateLimited:
    wait_s = retry_after_s([reply.headers.get("retry-after", "")], datetime.now(UTC))
    return RateLimited(f"{host} asks for a pause.", retry_after_s=wait_s or FLOOD_PAUSE_S)


def _code(reply: Reply) -> str:
    """WordPress's own word for what is wrong, "" when it gives none."""
    try:
        return str(reply.json()["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _number_of(page: Answer, root: str) -> str:
    """The post's number, as its page names it or its address does."""
    for link in links(page):
        route = link.url.replace("%2F", "/")
        if "alternate" in link.rels and route.startswith(root) and _ROUTE.search(route):
            return _ROUTE.search(route)[1]  # type: ignore[index]
        if "shortlink" in link.rels and (number := _number_in(link.url)):
            return number
    return _number_in(page.url)


def _number_in(url: str) -> str:
    [number] = parse_qs(urlsplit(url).query).get("p", [""])[:1]
    return number if number.isascii() and number.isdigit() else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _same(one: str, other: str) -> bool:
    return one.partition("#")[0].rstrip("/") == other.partition("#")[0].rstrip("/")


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFC", "".join(text.split()))
    return _MARKS.sub("", bare) or bare
