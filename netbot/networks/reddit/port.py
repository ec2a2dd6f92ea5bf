"""The port to Reddit. Without a key it is read as feeds, and the human acts.

With one, which Reddit grants singly, one approval is one vote, one comment or one post, in the
account's own name; own posts stand on the account's own page (``u_NAME``).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from netbot.model import (
    Action,
    Barred,
    Engagement,
    Gone,
    Identity,
    Post,
    Receipt,
    Refused,
    Sight,
    Source,
    Verb,
)
from netbot.network import Access, Batch, Guide, Network, SourceHint
from netbot.networks.reddit.asking import GUIDE, Asker
from netbot.networks.reddit.telling import (
    SITE,
    Place,
    Told,
    engagement,
    from_feed,
    fullname,
    fullname_of,
    is_closed,
    is_removed,
    moment,
    need,
    page,
    posts,
    says,
    titled,
)

if TYPE_CHECKING:
    from praw import Reddit as Api

_PAGE = 100  # the most that one request brings
_MOST_PAGES = 3  # of the inbox
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_Result = TypeVar("_Result")


class Reddit(Network):
    """Watches and acts, with a key or without. ``timeout_s`` is for one request with all in it."""

    NETWORKS: ClassVar[tuple[str, ...]] = ("reddit",)
    VERBS: ClassVar[frozenset[Verb]] = frozenset(
        {Verb.LIKE, Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND}
    )
    UNDOES: ClassVar[frozenset[Verb]] = VERBS
    WATCHES_BY_ACCOUNT: ClassVar[bool] = True
    ASKS: ClassVar[Guide] = GUIDE

    def __init__(
        self,
        access: Access | None = None,
        *,
        allow_hosts: Sequence[str] = (),
        timeout_s: float = 20.0,
        site: str = SITE,
    ) -> None:
        """``site`` is where the feeds stand."""
        super().__init__(access, allow_hosts=allow_hosts)
        self._site = site
        self._asker = (
            Asker(access, allow_hosts=self.allow_hosts, timeout_s=timeout_s) if access else None
        )

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look at somebody's page or a subreddit: the newest of what stands there."""
        if self.access is None:
            return self._read_feed(source, cursor)
        place = Place.read(source.address)
        found = self._ask(lambda api: _things(_newest(api, place)))
        shown = posts(found)
        digest = sha256(repr([(post.url, post.title, post.text) for post in shown]).encode())
        changed = digest.hexdigest() != cursor
        return Batch(
            posts=shown if changed else (),
            cursor=digest.hexdigest(),
            changed=changed,
            title=place.written(),
        )

    def reread(self, post: Post) -> None:
        """Ask for the thing; says nothing without a key."""
        if self.access is not None:
            self._thing(fullname_of(post.url))

    def resolve(self, url: str) -> Sequence[SourceHint]:
        """The page or subreddit in an address; nobody is asked whether there is one."""
        try:
            address = Place.read(url).written()
        except Refused:
            return ()
        return (SourceHint(network="reddit", address=address),)

    def whoami(self) -> Identity:
        """The account that has let the key in."""

        def ask(api: "Api") -> Identity:
            me = vars(api.user.me(use_cache=False))
            return Identity(platform_id=need(me, "id"), handle=f"u/{need(me, 'name')}")

        return self._ask(ask)

    def look(self, action: Action) -> Sight:
        """The thing as it stands now, and whether my act stands there already."""
        verb, target = action.choice.verb, fullname_of(action.choice.target_url)
        told = self._thing(target)
        if verb in {Verb.LIKE, Verb.COMMENT} and is_closed(told):
            raise Refused("This thread takes neither votes nor answers any more.")
        if verb is Verb.SHARE and not target.startswith("t3_"):
            raise Refused("Only a post can be passed on, not an answer. Open it by hand.")
        if verb is Verb.RECOMMEND:
            titled(action.text)
        [post] = posts([told])
        return Sight(target=target, post=post, done=self._find_done(action, told))

    def read_back(self, action: Action) -> Receipt | None:
        """Look for the act: my vote on the thing, or my newest comments and posts."""
        target = fullname_of(action.choice.target_url)
        told = self._thing(target) if action.choice.verb is Verb.LIKE else {"name": target}
        return self._find_done(action, told)

    def engagements(self, since: datetime) -> Sequence[Engagement]:
        """Who answered or named me; who voted Reddit tells nobody."""
        found: list[Engagement] = []
        after: str | None = None
        for _ in range(_MOST_PAGES):
            told, oldest, after = self._ask(_inbox(after))
            found += told
            if after is None or oldest < since:
                break
        return sorted((each for each in found if each.at >= since), key=lambda each: each.at)

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        return self._write(_ACTS[action.choice.verb], action, sight)

    def _undo(self, action: Action, receipt: Receipt) -> None:
        is_vote = action.choice.verb is Verb.LIKE

        def take_back(api: "Api") -> None:
            thing = _lazy(api, receipt.ref)
            if is_vote:
                thing.clear_vote()
            else:
                thing.delete()

        self._own_asker().ask(take_back, is_write=True)

    def _write(
        self, act: "Callable[[Api, Action, Sight, str], Receipt]", action: Action, sight: Sight
    ) -> Receipt:
        name = self._my_name()
        return self._own_asker().ask(lambda api: act(api, action, sight, name), is_write=True)

    def _find_done(self, action: Action, told: Told) -> Receipt | None:
        target, place = fullname(told), action.choice.target_url
        match action.choice.verb:
            case Verb.LIKE:
                voted = told.get("likes") is True
                return Receipt(ref=target, url=place, found=True) if voted else None
            case Verb.COMMENT:
                return self._mine(
                    lambda me: me.comments,
                    lambda each: each.get("parent_id") == target and says(each, action.text),
                )
            case Verb.SHARE:
                return self._mine(
                    lambda me: me.submissions, lambda each: each.get("crosspost_parent") == target
                )
            case _:
                wanted = (titled(action.text)[0], place)
                return self._mine(
                    lambda me: me.submissions,
                    lambda each: (each.get("title"), each.get("url")) == wanted,
                )

    def _mine(self, part: Callable[[Any], Any], is_it: Callable[[Told], bool]) -> Receipt | None:
        """The first of what I have written lately and what still stands that is the one."""
        name = self._my_name()

        def ask(api: "Api") -> list[Receipt]:
            found = _things(part(api.redditor(name)).new(limit=_PAGE))
            mine = [each for each in found if not is_removed(each) and is_it(each)]
            return [_receipt(each, name, found=True) for each in mine]

        return next(iter(self._ask(ask)), None)

    def _thing(self, name: str) -> Told:
        """A submission or comment as it stands now. Raises ``Gone``."""

        def ask(api: "Api") -> list[Told]:
            found = _things(api.info(fullnames=[name]))
            posts(found)  # what cannot be told as a post is an unusable answer
            return found

        found = self._ask(ask)
        if not found or is_removed(found[0]):
            raise Gone("Reddit says that it is not there any more.")
        return found[0]

    def _read_feed(self, source: Source, cursor: str) -> Batch:
        """What Reddit shows to everybody, by whoever reads feeds."""
        if self.feeds is None:
            raise Refused("Reddit can be read without a key by its feeds only.")
        address = Place.read(source.address).feed(self._site)
        batch = self.feeds.fetch(replace(source, network="web", address=address), cursor)
        return replace(batch, posts=tuple(map(from_feed, batch.posts)), place="", moved=False)

    def _ask(self, call: "Callable[[Api], _Result]") -> _Result:
        return self._own_asker().ask(call)

    def _own_asker(self) -> Asker:
        if self._asker is None:
            raise Barred("Reddit can only be asked on behalf of an account, and none is given.")
        return self._asker

    def _my_name(self) -> str:
        handle = self.access.account.handle if self.access else ""
        return handle.strip("/").removeprefix("u/").removeprefix("@")


def _things(found: Iterable[Any]) -> list[Told]:
    """What praw has read, as plain values; none of them is asked for anything more."""
    return [_plain(vars(each)) for each in found]


def _plain(values: Told) -> Told:
    told = {name: value for name, value in values.items() if not name.startswith("_")}
    author = told.get("author")
    return told | {"author": vars(author)["name"] if author else None}


def _newest(api: "Api", place: Place) -> Iterable[Any]:
    if place.is_person:
        return api.redditor(place.name).new(limit=_PAGE)
    return api.subreddit(place.name).new(limit=_PAGE)


def _inbox(
    after: str | None,
) -> "Callable[[Api], tuple[list[Engagement], datetime, str | None]]":
    """What others did, when the oldest of it was, and what to show to see more."""
    params: dict[str, str | int] = {"after": after} if after else {}

    def ask(api: "Api") -> tuple[list[Engagement], datetime, str | None]:
        entries = _things(islice(api.inbox.all(limit=_PAGE, params=params), _PAGE))
        found = [each for entry in entries if (each := engagement(entry))]
        is_full = len(entries) == _PAGE
        oldest = min(map(moment, entries), default=_LONG_AGO)
        return found, oldest, fullname(entries[-1]) if is_full else None

    return ask


def _lazy(api: "Api", name: str) -> Any:
    kind, _, bare = name.partition("_")
    return api.comment(bare) if kind == "t1" else api.submission(bare)


def _vote(api: "Api", action: Action, sight: Sight, _: str) -> Receipt:
    _lazy(api, sight.target).upvote()
    return Receipt(ref=sight.target, url=action.choice.target_url)


def _comment(api: "Api", action: Action, sight: Sight, name: str) -> Receipt:
    """One that is not shown in return may be there or not: praw then has None, and nobody knows."""
    return _receipt(vars(_lazy(api, sight.target).reply(action.text)), name)


def _crosspost(api: "Api", _: Action, sight: Sight, name: str) -> Receipt:
    title = sight.post.title if sight.post else ""
    made = _lazy(api, sight.target).crosspost(api.subreddit(f"u_{name}"), title=title)
    return _receipt(vars(made), name)


def _recommend(api: "Api", action: Action, _: Sight, name: str) -> Receipt:
    title, rest = titled(action.text)
    mine = api.subreddit(f"u_{name}")
    made = mine.submit(title, url=action.choice.target_url, selftext=rest or None)
    return _receipt(vars(made), name)


def _receipt(told: Told, name: str, *, found: bool = False) -> Receipt:
    """Where a comment or a post of mine stands; of a new post Reddit tells the id only."""
    bare = need(told, "id")
    if "parent_id" in told:
        return Receipt(ref=f"t1_{bare}", url=page(told), found=found)
    place = f"{SITE}/user/{name}/comments/{bare}/"
    return Receipt(ref=f"t3_{bare}", url=place, found=found)


_ACTS: dict[Verb, Callable[..., Receipt]] = {
    Verb.LIKE: _vote,
    Verb.COMMENT: _comment,
    Verb.SHARE: _crosspost,
    Verb.RECOMMEND: _recommend,
}
