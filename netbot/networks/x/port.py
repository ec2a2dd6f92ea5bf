"""The port to X: reposts and own posts by its API, likes and quotes by the human's own hand.

An answer leaves by itself only where the post calls my account by its name: others X refuses
(docs.x.com/x-api/posts/create-post). Every call costs, reading too, and is paid before it is made.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from netbot import clock
from netbot.model import (
    Action,
    Barred,
    Engagement,
    Identity,
    NetworkError,
    Post,
    RateLimited,
    Receipt,
    Refused,
    Sight,
    Source,
    Verb,
)
from netbot.network import KEYLESS, Access, Batch, Guide, Network, SourceHint
from netbot.networks.x import asking
from netbot.networks.x.asking import Asker
from netbot.networks.x.keys import GUIDE
from netbot.networks.x.telling import (
    FIELDS,
    Told,
    address,
    engagements,
    find,
    listed,
    names,
    need,
    next_page,
    place_of,
    says,
    user_of,
)
from netbot.networks.x.watching import Watcher

if TYPE_CHECKING:
    from tweepy import Client

_OWN_SHOWN = 20  # of my own posts, looked through for what I did
_MENTIONS = 20  # a page
_MOST_PAGES = 5
_BEFORE = timedelta(minutes=2)  # clocks differ


class X(Network):
    """Watches and acts for one account. ``timeout_s`` is for one request with all in it."""

    NETWORKS: ClassVar[tuple[str, ...]] = ("x",)
    VERBS: ClassVar[frozenset[Verb]] = frozenset({Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND})
    UNDOES: ClassVar[frozenset[Verb]] = VERBS
    WATCHES_BY_ACCOUNT: ClassVar[bool] = True
    ASKS: ClassVar[Guide] = GUIDE

    def __init__(
        self,
        access: Access | None = None,
        *,
        allow_hosts: Sequence[str] = (),
        timeout_s: float = 20.0,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(access, allow_hosts=allow_hosts)
        self._now = now
        self._asker = (
            Asker(access, allow_hosts=self.allow_hosts, timeout_s=timeout_s) if access else None
        )

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look at one account: what it has published since the last look and can change no more."""
        if self.access is None:
            raise Refused(KEYLESS)
        return self._watcher().fetch(user_of(source.address), cursor)

    def fetch_many(
        self, requests: Sequence[tuple[Source, str]]
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """Look at many; once X has asked for a pause, or the money is spent, at none any more."""
        told_off: NetworkError | None = None
        for source, cursor in requests:
            try:
                answer: Batch | NetworkError = told_off or self.fetch(source, cursor)
            except NetworkError as error:
                answer = error
                told_off = error if isinstance(error, RateLimited | Barred) else None
            yield source, answer

    def reread(self, post: Post) -> None:
        """Ask for the post; says nothing of an address that is not X's, or without a key."""
        if self.access is not None and post.url:
            self._watcher().post_at(*place_of(post.url))

    def resolve(self, url: str) -> Sequence[SourceHint]:
        """The account in an address of X; nobody is asked whether there is one."""
        try:
            return (SourceHint(network="x", address=f"@{user_of(url)}"),) if "/" in url else ()
        except Refused:
            return ()

    def whoami(self) -> Identity:
        """The account of the token; an app's own token is nobody's."""
        return self._own_asker().read(
            lambda api: api.get_me(user_auth=False), _identity, price=asking.USER
        )

    def look(self, action: Action) -> Sight:
        """The post as it stands now, and whether my act stands there already."""
        name, target = place_of(action.choice.target_url)
        told, post = self._watcher().post_at(name, target)
        _require_allowed(action, told, self._my_name())
        newest = need(told, "id")
        return Sight(target=newest, post=post, done=self._find_done(action, newest))

    def read_back(self, action: Action) -> Receipt | None:
        """Look for the act among my own newest posts."""
        return self._find_done(action, place_of(action.choice.target_url)[1])

    def engagements(self, since: datetime) -> Sequence[Engagement]:
        """Who named or answered me; who liked or passed on can be known only dearly."""
        asker, me, my_name = self._own_asker(), self._me(), self._my_name()
        if since >= self._now():
            return ()
        found: list[Engagement] = []
        token = None
        for _ in range(_MOST_PAGES):
            page, token = asker.read(
                _mentions(me, since, token),
                lambda told: (engagements(told, me, my_name), next_page(told)),
                price=asking.OWN,
                most=_MENTIONS,
                users=_MENTIONS,
            )
            found += page
            if not token:
                break
        return sorted(found, key=lambda each: each.at)

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        me, target = self._me(), sight.target
        match action.choice.verb:
            case Verb.SHARE:
                return self._own_asker().write(lambda api: _repost(api, me, action, target))
            case Verb.COMMENT:
                return self._own_asker().write(lambda api: self._posted(api, action, target))
            case _:
                return self._own_asker().write(lambda api: self._posted(api, action, None))

    def _undo(self, action: Action, receipt: Receipt) -> None:
        verb, me = action.choice.verb, self._me()
        self._own_asker().write(
            lambda api: _take_back(api, verb, me, receipt.ref), price=asking.TAKE_BACK
        )

    def _posted(self, api: "Client", action: Action, parent: str | None) -> Receipt:
        """Exactly what was approved; X knows no key that would keep a second one away."""
        made = api.create_tweet(text=action.text, in_reply_to_tweet_id=parent, user_auth=False)[
            "data"
        ]
        return self._made(made)

    def _made(self, told: Told) -> Receipt:
        return Receipt(ref=need(told, "id"), url=address(self._my_name(), need(told, "id")))

    def _find_done(self, action: Action, target: str) -> Receipt | None:
        match action.choice.verb:
            case Verb.SHARE:
                mine = self._own_posts(lambda own: find(own, "retweeted", target), since_id=target)
                done = Receipt(ref=target, url=action.choice.target_url, found=True)
                return done if mine else None
            case Verb.COMMENT:
                mine = self._own_posts(
                    lambda own: find(own, "replied_to", target, action.text), since_id=target
                )
            case _:
                began_at = action.created_at - _BEFORE
                mine = self._own_posts(
                    lambda own: [one for one in own if says(one, action.text)], start_time=began_at
                )
        return replace(self._made(mine[0]), found=True) if mine else None

    def _own_posts(self, choose: Callable[[list[Told]], list[Told]], **since: object) -> list[Told]:
        me = self._me()
        return self._own_asker().read(
            lambda api: api.get_users_tweets(
                me, max_results=_OWN_SHOWN, tweet_fields=list(FIELDS), **since
            ),
            lambda told: choose(listed(told)),
            price=asking.OWN,
            most=_OWN_SHOWN,
        )

    def _watcher(self) -> Watcher:
        return Watcher(self._own_asker(), self._now)

    def _own_access(self) -> Access:
        if self.access is None:
            raise Barred("X can only be asked on behalf of an account, and none is given.")
        return self.access

    def _own_asker(self) -> Asker:
        if self._asker is None:
            raise Barred("X can only be asked on behalf of an account, and none is given.")
        return self._asker

    def _my_name(self) -> str:
        return self._own_access().account.handle.removeprefix("@")

    def _me(self) -> str:
        """My number, as it was pinned; without one there is nothing of mine to look at."""
        access = self._own_access()
        if not access.account.platform_id:
            raise Barred(
                f"Nobody has made sure who {access.account.id} is: netbot account check"
                f" {access.account.id}"
            )
        return access.account.platform_id


def _identity(told: Told) -> Identity:
    user = told["data"]
    return Identity(platform_id=need(user, "id"), handle=f"@{need(user, 'username')}")


def _require_allowed(action: Action, told: Told, handle: str) -> None:
    """Raise ``Refused`` for what X takes from people only."""
    if action.choice.verb is Verb.COMMENT and not names(told, handle):
        raise Refused(
            "X takes an answer from a program only where the post names you, and this one no"
            " longer does. Take the approval back and answer by hand."
        )


def _repost(api: "Client", me: str, action: Action, target: str) -> Receipt:
    """Without tweepy's own method: it asks who we are first, and pays for that."""
    answer = api.request("POST", f"/2/users/{me}/retweets", json={"tweet_id": target})
    if answer.json()["data"]["retweeted"] is not True:
        raise ValueError("reposted, and yet not reposted")
    return Receipt(ref=target, url=action.choice.target_url)


def _take_back(api: "Client", verb: Verb, me: str, ref: str) -> None:
    if verb is Verb.SHARE:
        answer = api.request("DELETE", f"/2/users/{me}/retweets/{ref}")
        still = answer.json()["data"]["retweeted"] is not False
    else:
        still = api.delete_tweet(ref, user_auth=False)["data"]["deleted"] is not True
    if still:
        raise ValueError("taken back, and yet there")


def _mentions(me: str, since: datetime, token: str | None) -> "Callable[[Client], Told]":
    return lambda api: api.get_users_mentions(
        me,
        start_time=since.astimezone(UTC),
        max_results=_MENTIONS,
        pagination_token=token,
        expansions=["author_id"],
        tweet_fields=list(FIELDS),
    )
