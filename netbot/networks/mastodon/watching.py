"""What an account publishes, as its own server shows it to everybody."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from netbot.fetch import NotFound
from netbot.model import Gone
from netbot.network import Batch
from netbot.networks.mastodon.asking import Asker
from netbot.networks.mastodon.telling import (
    Address,
    Told,
    by_age,
    digest_of,
    name_of,
    need,
    order,
    posts,
    readable,
)

if TYPE_CHECKING:
    from mastodon import Mastodon as Api

_PAGE = 40  # the most that one request brings (docs.joinmastodon.org/methods/accounts)
_MOST_PAGES = 10  # that one look walks after a long silence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What the cursor holds from one look to the next."""

    account: str = ""  # the author's id on the own server
    newest: str = ""  # id of the newest status seen
    sha256: str = ""  # of what the last look showed

    @classmethod
    def read(cls, cursor: str) -> Self:
        """From a cursor; one that cannot be read is as good as none."""
        try:
            return cls(**json.loads(cursor))
        except (ValueError, TypeError):
            return cls()


class Watcher:
    """Looks at accounts without one of our own."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def fetch(self, address: Address, cursor: str) -> Batch:
        """Its newest statuses, and all since the last look; see ``Network.fetch``."""
        memory = _Memory.read(cursor)
        title = ""
        if memory.account:
            try:
                found = self._newest(address, memory)
            except Gone:  # the account may have come back with another id
                memory = _Memory()
        if not memory.account:
            account, title = self.find(address)
            memory = _Memory(account=account)
            found = self._newest(address, memory)
        return _batch(found, memory, title)

    def find(self, address: Address) -> tuple[str, str]:
        """The account's id on its own server, and its name for people."""

        def find(api: "Api") -> tuple[str, str]:
            account = api.account_lookup(address.user)
            return need(account, "id"), name_of(account)

        try:
            return self._asker.ask(address.base, find)
        except Gone:
            missing = f"{address.written()} is not found there; check it if this lasts."
            raise NotFound(missing) from None

    def _newest(self, address: Address, memory: _Memory) -> list[Told]:
        """The newest page; what lies between it and the last look is walked by ``min_id``."""
        page = self._page(address, memory)
        known = {need(each, "id"): each for each in page}
        low = memory.newest
        oldest = min(map(order, page), default=by_age(low))
        for _ in range(_MOST_PAGES):
            if not low or by_age(low) >= oldest:
                break
            older = self._page(address, memory, min_id=low)
            known |= {need(each, "id"): each for each in older}
            low = max((need(each, "id") for each in older), key=by_age, default="")
        return sorted(known.values(), key=order, reverse=True)

    def _page(self, address: Address, memory: _Memory, **where: str) -> list[Told]:
        def page(api: "Api") -> list[Told]:
            statuses = api.account_statuses(
                memory.account, exclude_reblogs=True, exclude_replies=True, limit=_PAGE, **where
            )
            posts(statuses)  # what cannot be read is an unusable answer
            return sorted(statuses, key=order)

        return self._asker.ask(address.base, page)

    def status_at(self, base: str, id: str) -> Told:
        """A status as the author's own server shows it to everybody."""
        return self._asker.ask(base, lambda api: readable(api.status(id)))


def _batch(found: Sequence[Told], memory: _Memory, title: str) -> Batch:
    digest = hashlib.sha256(json.dumps(digest_of(found[:_PAGE])).encode()).hexdigest()
    newest = max((need(each, "id") for each in found), key=by_age, default=memory.newest)
    after = _Memory(account=memory.account, newest=newest, sha256=digest)
    changed = digest != memory.sha256
    return Batch(
        posts=posts(found) if changed else (),
        cursor=json.dumps(asdict(after)),
        changed=changed,
        title=title,
    )
