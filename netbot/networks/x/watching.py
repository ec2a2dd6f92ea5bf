"""What an account on X publishes, as far as it can no longer be edited."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Self

from netbot.fetch import NotFound
from netbot.model import Gone, Post
from netbot.network import Batch
from netbot.networks.x import asking
from netbot.networks.x.asking import Asker
from netbot.networks.x.telling import (
    FIELDS,
    Told,
    chain,
    final_at,
    listed,
    need,
    next_page,
    number,
    posts,
)

#: How often a source is looked at, in seconds: each post that is shown again costs again.
EVERY_S = 6 * 3600

_FIRST = 10  # posts of a source that is looked at for the first time
_PAGE = 20
_MOST_PAGES = 5  # that one look walks after a long silence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What the cursor holds from one look to the next."""

    user: str = ""  # the author's id
    name: str = ""  # and how X spells the name
    since: str = ""  # id of the newest post up to which none can be edited any more

    @classmethod
    def read(cls, cursor: str) -> Self:
        """From a cursor; one that cannot be read is as good as none."""
        try:
            return cls(**json.loads(cursor))
        except (ValueError, TypeError):
            return cls()


class Watcher:
    """Looks at accounts of others on behalf of one of mine."""

    def __init__(self, asker: Asker, now: Callable[[], datetime]) -> None:
        self._asker = asker
        self._now = now

    def fetch(self, user: str, cursor: str) -> Batch:
        """Its own posts since the last look, and none of which another version may come."""
        memory, title = _Memory.read(cursor), ""
        if not memory.user:
            memory, title = self._find(user)
        try:
            found = self._newest(memory)
        except Gone as error:  # the account may come back, under the same name or not
            raise NotFound(f"@{user} is not found on X; check it if this lasts.") from error
        final = [each for each in found if final_at(each) <= self._now()]
        after = replace(memory, since=_since(found, final, memory))
        shown = posts(final, memory.name)
        return Batch(
            posts=shown,
            cursor=json.dumps(asdict(after)),
            changed=bool(shown),
            wish_s=EVERY_S,
            title=title,
        )

    def post_at(self, name: str, id: str) -> tuple[Told, Post]:
        """A post as X tells it, and as a post, in its newest version. Raises ``Gone``."""
        told, post = self._version(name, id)
        newest = chain(told)[-1]
        return (told, post) if newest == need(told, "id") else self._version(name, newest)

    def _version(self, name: str, id: str) -> tuple[Told, Post]:
        return self._asker.read(
            lambda api: api.get_tweet(id, tweet_fields=list(FIELDS)),
            lambda told: (told["data"], posts([told["data"]], name)[0]),
            price=asking.POST,
        )

    def _find(self, user: str) -> tuple[_Memory, str]:
        try:
            return self._asker.read(
                lambda api: api.get_user(username=user), _found, price=asking.USER
            )
        except Gone as error:
            raise NotFound(f"@{user} is not found on X; check it if this lasts.") from error

    def _newest(self, memory: _Memory) -> list[Told]:
        """All since the last look, newest first; of a source that is new a few."""
        if not memory.since:
            return self._page(memory, most=_FIRST)[0]
        found, token = self._page(memory, most=_PAGE)
        for _ in range(_MOST_PAGES - 1):
            if not token:
                break
            older, token = self._page(memory, most=_PAGE, token=token)
            found += older
        return found

    def _page(
        self, memory: _Memory, *, most: int, token: str | None = None
    ) -> tuple[list[Told], str | None]:
        """Posts, and what to show to see those before them."""
        return self._asker.read(
            lambda api: api.get_users_tweets(
                memory.user,
                since_id=memory.since or None,
                max_results=most,
                pagination_token=token,
                exclude=["replies", "retweets"],
                tweet_fields=list(FIELDS),
            ),
            lambda told: (_readable(told, memory.name), next_page(told)),
            price=asking.POST,
            most=most,
        )


def _found(told: Told) -> tuple[_Memory, str]:
    user = told["data"]
    memory = _Memory(user=need(user, "id"), name=need(user, "username"))
    return memory, str(user.get("name") or "")


def _readable(told: Told, name: str) -> list[Told]:
    """The posts of an answer; one that cannot be told as a post makes it unusable."""
    found = listed(told)
    posts(found, name)
    for each in found:
        final_at(each)
    return found


def _since(found: list[Told], final: list[Told], memory: _Memory) -> str:
    """The newest id below which nothing can change any more."""
    open_ids = [number(each) for each in found if each not in final]
    below = min(open_ids, default=None)
    done = [number(each) for each in final if below is None or number(each) < below]
    return str(max([*done, int(memory.since or 0)])) if done or memory.since else ""
