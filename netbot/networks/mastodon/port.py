"""The port to Mastodon, and to whatever speaks its API.

Watching asks the author's own server, without a token. Acting asks ours, with one: ids differ
from server to server, so ``look`` lets it find the post by its address first. Handing off is
``handoff``'s, as for every network.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeVar
from urllib.parse import urlsplit

from netbot.model import (
    Action,
    Barred,
    Engagement,
    Identity,
    NetworkError,
    Post,
    Receipt,
    Refused,
    Sight,
    Source,
    Verb,
)
from netbot.network import Access, Batch, Network, SourceHint
from netbot.networks.mastodon.asking import Asker
from netbot.networks.mastodon.telling import (
    NOTICES,
    Address,
    Told,
    base_of,
    engagement,
    is_at,
    need,
    posts,
    readable,
    says,
    status_place,
)
from netbot.networks.mastodon.watching import Watcher

if TYPE_CHECKING:
    from mastodon import Mastodon as Api

_OWN_SHOWN = 40  # of our own statuses, the most that one request brings
_NOTICES_SHOWN, _NOTICE_PAGES = 40, 5
_AT_ONCE = 8  # servers asked side by side
_TOKEN = re.compile(r"[\x21-\x7e]+")

_Result = TypeVar("_Result")


class Mastodon(Network):
    """Without ``access`` it watches, with it it acts for one account.

    ``allow_hosts`` (``host`` or ``host:port``) may be private and be spoken to without TLS; those
    of ``access`` count as well. ``timeout_s`` is for one request with everything in it.
    """

    NETWORKS: ClassVar[tuple[str, ...]] = ("mastodon",)
    VERBS: ClassVar[frozenset[Verb]] = frozenset(
        {Verb.LIKE, Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND}
    )
    UNDOES: ClassVar[frozenset[Verb]] = VERBS

    def __init__(
        self,
        access: Access | None = None,
        *,
        allow_hosts: Sequence[str] = (),
        timeout_s: float = 20.0,
    ) -> None:
        super().__init__(access, allow_hosts=allow_hosts)
        self._asker = Asker(allow_hosts=self.allow_hosts, timeout_s=timeout_s)
        self._watcher = Watcher(self._asker)

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look at one account: its newest statuses, and all since the last look."""
        return self._watcher.fetch(Address.read(source.address), cursor)

    def fetch_many(
        self, requests: Sequence[tuple[Source, str]]
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """Look at many accounts, several at once; each comes as soon as it is there."""
        return self._fetch_side_by_side(requests, at_once=_AT_ONCE)

    def reread(self, post: Post) -> None:
        """Ask the author's own server; says nothing where the address does not tell which."""
        place = status_place(post.url)
        if place:
            self._watcher.status_at(*place)

    def resolve(self, url: str) -> Sequence[SourceHint]:
        """The account behind a handle or the address of a profile; empty when there is none."""
        try:
            address = Address.read(url)
            _, title = self._watcher.find(address)
        except NetworkError:
            return ()
        return (SourceHint(network="mastodon", address=address.written(), title=title),)

    def whoami(self) -> Identity:
        """The account of the token: its number and its server."""
        host = urlsplit(self._home()).netloc

        def ask(api: "Api") -> Identity:
            told = api.account_verify_credentials()
            return Identity(
                platform_id=f"{need(told, 'id')}@{host}",
                handle=f"@{need(told, 'username')}@{urlsplit(need(told, 'url')).netloc}",
            )

        return self._ask(ask)

    def look(self, action: Action) -> Sight:
        """The post as its author's own server shows it, and whether ours has our act already."""
        status = self._find_here(action)
        shown = posts([self._shown_there(action, status)])
        if not shown:
            raise Refused("The post is no longer public. Open it by hand.")
        return Sight(
            target=f"{need(status, 'id')} {need(status, 'visibility')}",
            post=shown[0],
            done=self._find_done(action, status),
        )

    def read_back(self, action: Action) -> Receipt | None:
        """Look for the act among the marks of the post, its replies, or our own statuses."""
        return self._find_done(action, self._find_here(action))

    def engagements(self, since: datetime) -> Sequence[Engagement]:
        """Favourites, boosts, answers, mentions and new followers; at most 200 of them."""
        own = self._own_id()
        found: list[Engagement] = []
        for _ in range(_NOTICE_PAGES):
            oldest = found[-1].id if found else None
            page = self._ask(_notices(own, oldest))
            found += page
            if len(page) < _NOTICES_SHOWN or found[-1].at < since:
                break
        return [each for each in reversed(found) if each.at >= since]

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        target, _, visibility = sight.target.partition(" ")
        match action.choice.verb:
            case Verb.LIKE:
                return self._write(lambda api: _liked(action, api.status_favourite(target)))
            case Verb.SHARE:
                return self._write(lambda api: _boosted(action, api.status_reblog(target)))
            case Verb.COMMENT:
                # As public as what it answers, no more; else as the account prefers.
                shown_to = "unlisted" if visibility == "unlisted" else None
                return self._write(lambda api: _post(api, action, target, shown_to))
            case _:
                return self._write(lambda api: _post(api, action))

    def _undo(self, action: Action, receipt: Receipt) -> None:
        self._write(lambda api: _take_back(api, action.choice.verb, receipt.ref))

    def _find_here(self, action: Action) -> Told:
        """The post as our server has it; it fetches what it does not know yet.

        Raises ``Gone`` when the author's server says so, ``Refused`` when ours does not find it.
        """
        target = action.choice.target_url
        place = status_place(target)
        is_ours = place is not None and place[0] == self._home()

        def find(api: "Api") -> Told | None:
            if place is not None and is_ours:
                hits = [readable(api.status(place[1]))]
            else:
                # With exclude_unreviewed the library asks for the version first, at times for ever.
                found = api.search_v2(
                    target, resolve=True, result_type="statuses", exclude_unreviewed=False
                )
                hits = [readable(each) for each in found["statuses"]]
            return next((each for each in hits if is_at(each, target)), None)

        status = self._ask(find)
        if status is not None:
            return status
        if place and not is_ours:
            self._watcher.status_at(*place)
        raise Refused(
            f"{urlsplit(self._home()).netloc} does not find the post: it may not know its server,"
            " or shut it out. Open the post by hand."
        )

    def _shown_there(self, action: Action, status: Told) -> Told:
        """The post on its author's own server, where it was seen and where edits come first.

        A server that shows nothing to strangers leaves us with what ours has.
        """
        place = status_place(action.choice.target_url)
        if place is None or place[0] == self._home():
            return status
        try:
            return self._watcher.status_at(*place)
        except Refused:
            return status

    def _find_done(self, action: Action, status: Told) -> Receipt | None:
        target, text = action.choice.target_url, action.text
        parent = need(status, "id")
        match action.choice.verb:
            case Verb.LIKE | Verb.SHARE as verb:
                mark = "favourited" if verb is Verb.LIKE else "reblogged"
                done = status.get(mark) is True
                return Receipt(ref=parent, url=target, found=True) if done else None
            case Verb.COMMENT:
                mine = (each for each in self._own_replies(parent) if says(each, text))
            case _:
                link = target if target in text else ""
                mine = (each for each in self._own_statuses() if says(each, text, link))
        made = next(mine, None)
        return Receipt(ref=need(made, "id"), url=need(made, "url"), found=True) if made else None

    def _own_replies(self, parent: str) -> list[Told]:
        own = self._own_id()

        def replies(api: "Api") -> list[Told]:
            below = map(readable, api.status_context(parent)["descendants"])
            return [
                each
                for each in below
                if (need(each["account"], "id"), str(each["in_reply_to_id"])) == (own, parent)
            ]

        return self._ask(replies)

    def _own_statuses(self) -> list[Told]:
        own = self._own_id()

        def statuses(api: "Api") -> list[Told]:
            found = api.account_statuses(own, exclude_reblogs=True, limit=_OWN_SHOWN)
            return [readable(each) for each in found]

        return self._ask(statuses)

    def _ask(self, call: "Callable[[Api], _Result]") -> _Result:
        return self._asker.ask(self._home(), call, token=self._token())

    def _write(self, call: "Callable[[Api], _Result]") -> _Result:
        return self._asker.ask(self._home(), call, token=self._token(), is_write=True)

    def _own_access(self) -> Access:
        if self.access is None:
            raise Barred("Mastodon can only be asked on behalf of an account, and none is given.")
        return self.access

    def _home(self) -> str:
        """Our own server: as configured, else that of the handle."""
        account = self._own_access().account
        return base_of(account.server) or Address.read(account.handle).base

    def _token(self) -> str:
        access = self._own_access()
        token = access.secret.strip()
        if not _TOKEN.fullmatch(token):
            raise Barred(f"What is kept as the token of {access.account.id} is none.")
        return token

    def _own_id(self) -> str:
        """What ``whoami`` said, without the server."""
        return (self._own_access().account.platform_id or "").partition("@")[0]


def _notices(own: str, oldest: str | None) -> "Callable[[Api], list[Engagement]]":
    """What others did before a certain thing, newest first."""

    def ask(api: "Api") -> list[Engagement]:
        page = api.notifications(types=[*NOTICES], limit=_NOTICES_SHOWN, max_id=oldest)
        return [engagement(each, own) for each in page]

    return ask


def _post(
    api: "Api", action: Action, parent: str | None = None, visibility: str | None = None
) -> Receipt:
    """Exactly what was approved; a second request with the same key makes no second post."""
    made = api.status_post(
        action.text, in_reply_to_id=parent, visibility=visibility, idempotency_key=action.key
    )
    return Receipt(ref=need(made, "id"), url=need(made, "url"))


def _take_back(api: "Api", verb: Verb, ref: str) -> str:
    match verb:
        case Verb.LIKE:
            return need(api.status_unfavourite(ref), "id")
        case Verb.SHARE:
            return need(api.status_unreblog(ref), "id")
        case _:
            return need(api.status_delete(ref), "id")


def _liked(action: Action, status: Told) -> Receipt:
    if status["favourited"] is not True:
        raise ValueError("liked, and yet not liked")
    return Receipt(ref=need(status, "id"), url=action.choice.target_url)


def _boosted(action: Action, boost: Told) -> Receipt:
    """What was boosted: taking back names that, and not the boost."""
    return Receipt(ref=need(boost["reblog"], "id"), url=action.choice.target_url)
