"""What an account publishes: newest first, walked back as far as the last look."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from netbot.fetch import NotFound
from netbot.model import Refused
from netbot.network import Batch
from netbot.networks.bluesky.asking import Told, need, query
from netbot.networks.bluesky.telling import (
    Address,
    digest_of,
    moment,
    name_of,
    posts,
    published_at,
    readable,
    wants_members_only,
)

if TYPE_CHECKING:
    from atproto_client.client.raw import ClientRaw as Api

_PAGE = 50  # posts that one request brings; 100 are allowed
_MOST_PAGES = 10  # that one look walks after a long silence

_Result = TypeVar("_Result")
#: Asks whoever shows things to us, given the base address of who shows them to everybody.
Ask = Callable[[str, "Callable[[Api], _Result]"], _Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What the cursor holds from one look to the next."""

    did: str = ""  # the author's name that never changes
    newest: str = ""  # when the newest post seen was published (ISO 8601)
    sha256: str = ""  # of what the last look showed

    @classmethod
    def read(cls, cursor: str) -> Self:
        """From a cursor; one that cannot be read is as good as none."""
        try:
            return cls(**json.loads(cursor))
        except (ValueError, TypeError):
            return cls()


class Watcher:
    """Looks at accounts; as a member only if ``is_member``."""

    def __init__(self, ask: Callable[..., Any], *, is_member: bool) -> None:
        self._ask = ask
        self._is_member = is_member

    def fetch(self, address: Address, cursor: str) -> Batch:
        """Its newest posts, and all since the last look; see ``Network.fetch``."""
        memory, title = _Memory.read(cursor), ""
        if not memory.did:
            profile = self.find(address)
            memory, title = _Memory(did=need(profile, "did")), name_of(profile)
        found = self._newest(address, memory)
        return _batch(found, memory, title, address.pages)

    def find(self, address: Address) -> Told:
        """The profile behind an address. Raises ``Refused`` when it is shown to members only."""

        def find(api: "Api") -> Told:
            from atproto_client import models

            params = models.AppBskyActorGetProfile.Params(actor=address.actor)
            profile = query(api, "app.bsky.actor.getProfile", params)
            need(profile, "did"), need(profile, "handle"), name_of(profile)
            return profile

        try:
            profile: Told = self._ask(address.view, find)
        except Refused as error:
            raise NotFound(
                f"{address.actor} is not found: {error} Check it if this lasts."
            ) from None
        return self._shown(profile, profile)

    def post_at(self, view: str, uri: str, pages: str) -> Told | None:
        """A post as it stands now, or None when it does not."""

        def find(api: "Api") -> Told | None:
            from atproto_client import models

            params = models.AppBskyFeedGetPosts.Params(uris=[uri])
            found = query(api, "app.bsky.feed.getPosts", params)["posts"]
            shown = (readable(each, pages) for each in found)
            return next((each for each in shown if need(each, "uri") == uri), None)

        post: Told | None = self._ask(view, find)
        return post

    def _newest(self, address: Address, memory: _Memory) -> list[Told]:
        """The newest page, and further ones until the last look's newest post is passed."""
        page, following = self._page(address, memory.did, None)
        known = {need(each, "uri"): each for each in page}
        since = moment(memory.newest) if memory.newest else None
        for _ in range(_MOST_PAGES):
            oldest = min(map(published_at, page), default=None)
            if since is None or oldest is None or oldest <= since or not following:
                break
            page, following = self._page(address, memory.did, following)
            known |= {need(each, "uri"): each for each in page}
        return list(known.values())

    def _page(
        self, address: Address, did: str, cursor: str | None
    ) -> tuple[list[Told], str | None]:
        def page(api: "Api") -> tuple[list[Told], str | None]:
            from atproto_client import models

            params = models.AppBskyFeedGetAuthorFeed.Params(
                actor=did, cursor=cursor, filter="posts_and_author_threads", limit=_PAGE
            )
            told = query(api, "app.bsky.feed.getAuthorFeed", params)
            own = [each["post"] for each in told["feed"] if not each.get("reason")]
            following = told.get("cursor")
            return [readable(each, address.pages) for each in own], following

        found, following = self._ask(address.view, page)
        return [self._shown(each["author"], each) for each in found], following

    def _shown(self, author: Told, what: Told) -> Told:
        """``what``, when its author wants it to be seen by whoever asks."""
        if not self._is_member and wants_members_only(author):
            raise Refused(f"{need(author, 'handle')} wants to be read by members of Bluesky only.")
        return what


def _batch(found: Sequence[Told], memory: _Memory, title: str, pages: str) -> Batch:
    digest = hashlib.sha256(json.dumps(digest_of(found[:_PAGE])).encode()).hexdigest()
    newest = max(map(published_at, found), default=None)
    after = _Memory(did=memory.did, newest=_later(newest, memory.newest), sha256=digest)
    changed = digest != memory.sha256
    return Batch(
        posts=posts(found, pages) if changed else (),
        cursor=json.dumps(asdict(after)),
        changed=changed,
        title=title,
    )


def _later(seen: datetime | None, before: str) -> str:
    return before if seen is None else seen.isoformat()
