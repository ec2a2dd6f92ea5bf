"""Answers from my own site: a post there by Micropub, and word of it to the site it is about.

The post is one request. Telling the other site is another, which may be repeated by anybody
without harm (www.w3.org/TR/webmention): it comes only after the post stands, and when it fails
the post still does, so the receipt says so and nothing is posted twice.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

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
)
from netbot.model import (
    Action,
    Barred,
    Gone,
    Identity,
    NetworkError,
    Receipt,
    Refused,
    Sight,
    Transient,
    Unsure,
    Verb,
)
from netbot.network import Access, Guide, Network
from netbot.text import mark

#: What the human reads beside a post that stands, when the other site may not know of it.
UNTOLD = mark("The post stands on your site, but the other site did not take word of it.")
UNCERTAIN = mark("The post stands on your site; whether the other site heard of it nobody knows.")

#: What each verb is called in an h-entry (microformats.org/wiki/h-entry).
PROPERTIES: Mapping[Verb, str] = {
    Verb.LIKE: "like-of",
    Verb.SHARE: "repost-of",
    Verb.COMMENT: "in-reply-to",
}

_TOKEN = re.compile(r"[\x21-\x7e]+")
_MARKS = re.compile(r"[\W_]+")
_SHOWN = 50  # of our own posts, how many are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where my own site takes posts, and where it says whose a token is."""

    micropub: str
    tokens: str  # "" when it does not say


class Webmention(Network):
    """My own site, which takes posts by Micropub; the secret is its token.

    ``timeout_s`` is for one request with everything in it.
    """

    NETWORKS: ClassVar[tuple[str, ...]] = ("webmention",)
    VERBS: ClassVar[frozenset[Verb]] = frozenset(PROPERTIES)
    UNDOES: ClassVar[frozenset[Verb]] = VERBS
    ASKS: ClassVar[Guide] = Guide(
        steps=(
            mark("See that the front page of {server} names a Micropub endpoint."),
            mark("Let your site give out a token for Micropub, with these scopes: create delete."),
        ),
        secret=mark("the Micropub token"),
        handle=r"[A-Za-z0-9.-]+(:[0-9]+)?(/[^\s?#]*[^\s?#/])?",
        example="you.example",
        server="https://you.example",
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
        """The site for which the token is, by its own word; else the site that takes it."""
        desk = self._desk()
        me = self._site()
        if desk.tokens:
            call = self._call(desk.tokens)
            try:
                me = str(self._exchange(call).json()["me"])
            except (ValueError, KeyError, TypeError):
                raise Barred(f"{self._host()} does not know the token.") from None
        else:
            call = self._call(_with(desk.micropub, q="config"))
            self._require_done(self._exchange(call), call)
        parts = urlsplit(me)
        shown = f"{parts.netloc}{parts.path}".rstrip("/").lower()
        if not shown:
            raise Barred(f"{self._host()} says no address for whom the token is.")
        return Identity(platform_id=f"{shown}/", handle=shown)

    def look(self, action: Action) -> Sight:
        """Where word of the post is taken, and whether we have posted the same already."""
        endpoint = self._endpoint_of(self._page(action.choice.target_url))
        micropub = self._desk().micropub
        with suppress(Transient):  # a site that does not list its posts shows no twin either
            return Sight(target=f"{micropub} {endpoint}", done=self._find_own(micropub, action))
        return Sight(target=f"{micropub} {endpoint}")

    def read_back(self, action: Action) -> Receipt | None:
        """Look for the post among our own."""
        return self._find_own(self._desk().micropub, action)

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        micropub, _, endpoint = sight.target.partition(" ")
        if not endpoint:
            host = urlsplit(action.choice.target_url).netloc
            raise Refused(f"{host} takes no word of other sites; nothing was posted.")
        target = action.choice.target_url
        facts = {"h": "entry", PROPERTIES[action.choice.verb]: target}
        call = self._write(micropub, facts | ({"content": action.text} if action.text else {}))
        reply = self._exchange(call)
        place = urljoin(micropub, reply.headers.get("location", ""))
        if reply.status not in {201, 202} or not _is_page(place, reply):
            raise refusal(reply, call)
        note = "" if self._tell(endpoint, place, target) else UNTOLD
        return Receipt(ref=place, url=place, note=note)

    def _undo(self, action: Action, receipt: Receipt) -> None:
        endpoint, target = "", action.choice.target_url
        with suppress(Gone):  # then there is nobody to tell
            endpoint = self._endpoint_of(self._page(target))
        micropub = self._desk().micropub
        call = self._write(micropub, {"action": "delete", "url": receipt.ref})
        self._require_done(self._exchange(call), call)
        if endpoint and not self._tell(endpoint, receipt.ref, target):
            raise Unsure(
                f"Your post is deleted, but {urlsplit(target).netloc} did not take word of that and"
                " may still show it."
            )

    def _tell(self, endpoint: str, source: str, target: str) -> bool:
        """Send the mention; whether it was taken."""
        call = Call(
            method="POST",
            url=endpoint,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"source": source, "target": target}).encode(),
        )
        try:
            return self._exchange(call).is_done
        except NetworkError:
            return False

    def _find_own(self, micropub: str, action: Action) -> Receipt | None:
        """Our newest post that says the same of the same target."""
        call = self._call(_with(micropub, q="source", limit=str(_SHOWN)))
        reply = self._exchange(call)
        if reply.status in {400, 404, 501}:  # a list is beyond what Micropub demands
            raise Transient(f"{self._host()} does not list its posts: nobody can tell.")
        self._require_done(reply, call)
        try:
            items = [each["properties"] for each in reply.json()["items"]]
            made = next((one for one in items if _is(one, action)), None)
            place = str(made["url"][0]) if made else ""
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            raise refusal(reply, call) from None
        return Receipt(ref=place, url=place, found=True, note=UNCERTAIN) if place else None

    def _desk(self) -> _Desk:
        """As my own site's front page names it."""
        found = {"micropub": "", "token_endpoint": ""}
        for link in links(self._page(self._site())):
            for rel in link.rels & found.keys():
                found[rel] = found[rel] or link.url
        if not found["micropub"]:
            raise Refused(f"{self._host()} names no Micropub: netbot cannot post there.")
        return _Desk(micropub=found["micropub"], tokens=found["token_endpoint"])

    def _endpoint_of(self, page: Answer) -> str:
        """Where a page's site takes mentions; "" when it takes none."""
        return next((link.url for link in links(page) if "webmention" in link.rels), "")

    def _page(self, url: str) -> Answer:
        """A page as anybody sees it; raises ``Gone`` when it is there no more."""
        [(_, page)] = fetch_all(
            [Request(url=url)], allow_hosts=self.allow_hosts, limits=self._limits
        )
        if isinstance(page, NotFound):
            raise Gone(str(page)) from page
        if isinstance(page, NetworkError):
            raise page
        return page

    def _exchange(self, call: Call) -> Reply:
        return exchange(call, allow_hosts=self.allow_hosts, limits=self._limits)

    def _require_done(self, reply: Reply, call: Call) -> None:
        if not reply.is_done:
            raise refusal(reply, call)

    def _call(self, url: str) -> Call:
        access = self._own()
        token = access.secret.strip()
        if not _TOKEN.fullmatch(token):
            raise Barred(f"What is kept as the token of {access.account.id} is none.")
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        return Call(url=url, headers=headers)

    def _write(self, url: str, facts: Mapping[str, str]) -> Call:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        headers = {**self._call(url).headers, **form}
        return Call(method="POST", url=url, headers=headers, body=urlencode(facts).encode())

    def _own(self) -> Access:
        if self.access is None:
            raise Barred("Only an account can post on its own site, and none is given.")
        return self.access

    def _site(self) -> str:
        account = self._own().account
        if not account.server:
            raise Barred(f"Write your own site as the server of {account.id}.")
        return account.server

    def _host(self) -> str:
        return urlsplit(self._site()).netloc


def _with(url: str, **facts: str) -> str:
    """The address with a query, or with more of it."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(facts, quote_via=quote)}"


def _is_page(place: str, reply: Reply) -> bool:
    return "location" in reply.headers and urlsplit(place).scheme in {"http", "https"}


def _is(properties: Any, action: Action) -> bool:
    """Whether a post says what was approved of what was approved."""
    about = [_value(one) for one in properties.get(PROPERTIES[action.choice.verb], [])]
    said = "".join(_value(one) for one in properties.get("content", []))
    same_words = action.choice.verb is not Verb.COMMENT or _folded(said) == _folded(action.text)
    return action.choice.target_url in about and same_words


def _value(one: Any) -> str:
    """A property's value: plain, or of a thing with its own properties or HTML."""
    if isinstance(one, str):
        return one
    if "html" in one and "value" not in one:
        return plain.to_text(str(one["html"]))
    url = one.get("properties", {}).get("url", [""])[0]
    return str(one.get("value") or url)


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFC", "".join(text.split()))
    return _MARKS.sub("", bare) or bare
