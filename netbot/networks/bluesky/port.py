"""The port to Bluesky.

Watching asks the network's public window, without an account. Acting asks the account's own
server, which hands on what it does not know itself. Every act is one record in the account's own
store, whose name follows from the act: written twice, it is still one.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from netbot.graphemes import graphemes
from netbot.model import (
    Action,
    Barred,
    Engagement,
    Gone,
    Identity,
    NetworkError,
    Post,
    Receipt,
    Refused,
    Sight,
    Source,
    Transient,
    Verb,
)
from netbot.network import Access, Batch, Guide, Network, SourceHint
from netbot.networks.bluesky import kindness
from netbot.networks.bluesky.asking import Asker, Told, need, query
from netbot.networks.bluesky.records import (
    COLLECTIONS,
    Target,
    handles_in,
    record_of,
    rkey_of,
    uri_of,
)
from netbot.networks.bluesky.refusals import Missing, Stale
from netbot.networks.bluesky.session import GUIDE, Keeper
from netbot.networks.bluesky.telling import (
    PAGES,
    POST,
    Address,
    Place,
    is_did,
    name_of,
    page_of,
    posts,
    says,
)
from netbot.networks.bluesky.watching import Watcher

if TYPE_CHECKING:
    from atproto_client.client.raw import ClientRaw as Api

#: Characters as readers count them (docs.bsky.app, lexicon app.bsky.feed.post).
LONGEST_TEXT = 300

_OWN_SHOWN = 50  # of our own posts, those looked through for what was written by hand
_MARKS = {Verb.LIKE: "like", Verb.SHARE: "repost"}

_Result = TypeVar("_Result")


class Bluesky(Network):
    """Without ``access`` it watches, with it it acts for one account.

    ``allow_hosts`` (``host`` or ``host:port``) may be private and be spoken to without TLS; those
    of ``access`` count as well. ``timeout_s`` is for one request with everything in it.
    """

    NETWORKS: ClassVar[tuple[str, ...]] = ("bluesky",)
    VERBS: ClassVar[frozenset[Verb]] = frozenset(COLLECTIONS)
    UNDOES: ClassVar[frozenset[Verb]] = VERBS
    ASKS: ClassVar[Guide] = GUIDE

    def __init__(
        self,
        access: Access | None = None,
        *,
        allow_hosts: Sequence[str] = (),
        timeout_s: float = 20.0,
    ) -> None:
        super().__init__(access, allow_hosts=allow_hosts)
        self._asker = Asker(allow_hosts=self.allow_hosts, timeout_s=timeout_s)
        self._keeper = Keeper(self._asker, access) if access else None
        self._watcher = Watcher(self._ask_anybody, is_member=access is not None)

    def count(self, text: str) -> int:
        """Characters as readers count them."""
        return len(graphemes(text))

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look at one account: its newest posts, and all since the last look."""
        return self._watcher.fetch(self._known(Address.read(source.address)), cursor)

    def fetch_many(
        self, requests: Sequence[tuple[Source, str]]
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """Look at many accounts, several at once; each comes as soon as it is there."""
        return self._fetch_side_by_side(requests, at_once=4)

    def reread(self, post: Post) -> None:
        """Ask whether the post still stands; says nothing where its address does not tell."""
        place = Place.read(post.url)
        if place and is_did(place.actor):
            uri = place.uri(place.actor)
            if self._watcher.post_at(place.view, uri, place.pages) is None:
                raise Gone("The post is no longer there.")

    def resolve(self, url: str) -> Sequence[SourceHint]:
        """The account behind ``@name``, a DID or the address of a profile; empty if there is none.

        A bare ``name.example`` is a site to everybody but Bluesky, and left alone here.
        """
        if not url.strip().startswith(("@", "did:", "https://", "http://")):
            return ()
        try:
            address = self._known(Address.read(url))
            profile = self._watcher.find(address)
        except NetworkError:
            return ()
        found = address.written(need(profile, "handle"))
        return (SourceHint(network="bluesky", address=found, title=name_of(profile)),)

    def whoami(self) -> Identity:
        """The account of the app password: its name that never changes, and its handle."""

        def ask(api: "Api") -> Identity:
            told = api.com.atproto.server.get_session()
            if told.active is False:
                raise Barred("Bluesky has closed the account: look at it there.")
            return Identity(platform_id=told.did, handle=f"@{told.handle}")

        return self._ask(ask)

    def look(self, action: Action) -> Sight:
        """The post as the network shows it to us, and whether our act stands there already."""
        place = self._place(action)
        if action.text and self.count(action.text) > LONGEST_TEXT:
            raise Refused(f"The text is longer than the {LONGEST_TEXT} that Bluesky takes.")
        view = self._find(place)
        if view is None:
            raise Gone("The post is no longer there.")
        _require_open(action.choice.verb, view)
        people = {handle: self._did_of(handle) for handle in handles_in(action.text)}
        return Sight(
            target=_target(view, {name: did for name, did in people.items() if did}).told(),
            post=posts([view], place.pages)[0],
            done=self._find_done(action, need(view, "uri"), view),
        )

    def read_back(self, action: Action) -> Receipt | None:
        """Look the record up by its name; else for what the human may have done by hand."""
        place = self._place(action)
        view = self._find(place)
        return self._find_done(action, place.uri(self._author_of(place)), view)

    def engagements(self, since: datetime) -> Sequence[Engagement]:
        """Likes, reposts, answers, quotes, mentions and follows, as the network lists them."""
        return kindness.engagements(self._ask, since, self._pages())

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        record = record_of(action, Target.read(sight.target))
        did = self._own_did()

        def put(api: "Api") -> Receipt:
            made = api.com.atproto.repo.put_record(
                {
                    "repo": did,
                    "collection": COLLECTIONS[action.choice.verb],
                    "rkey": rkey_of(action.key),
                    "record": record,
                }
            )
            if made.uri != uri_of(action, did):
                raise ValueError("another record than ours")
            return Receipt(ref=made.uri, url=self._seen_at(action, made.uri))

        return self._ask(put, is_write=True)

    def _undo(self, action: Action, receipt: Receipt) -> None:
        """The record that stands now: another like of the same post may have taken its place."""
        did, collection = self._own_did(), COLLECTIONS[action.choice.verb]
        uri = receipt.ref if self._stands(receipt.ref) else self._mark_of(action)
        if not uri or not uri.startswith(f"at://{did}/{collection}/"):
            raise Gone("There is nothing of ours to take back any more.")
        data = {"repo": did, "collection": collection, "rkey": uri.rpartition("/")[2]}

        def delete(api: "Api") -> None:
            api.com.atproto.repo.delete_record(data)

        self._ask(delete, is_write=True)

    def _find_done(self, action: Action, uri: str, view: Told | None) -> Receipt | None:
        verb = action.choice.verb
        made = uri_of(action, self._own_did())
        if not self._stands(made):
            is_mark = verb in _MARKS
            made = self._mark(verb, view) if is_mark else self._written_by_hand(action, uri)
        if not made:
            return None
        return Receipt(ref=made, url=self._seen_at(action, made), found=True)

    def _mark_of(self, action: Action) -> str:
        """The record by which the post is liked or passed on now; "" when there is none."""
        if action.choice.verb not in _MARKS:
            return ""
        return self._mark(action.choice.verb, self._find(self._place(action)))

    def _mark(self, verb: Verb, view: Told | None) -> str:
        """The same by what was seen; the window may show for a while what no longer stands."""
        mark = str(_viewer(view).get(_MARKS[verb]) or "") if view else ""
        return mark if mark and self._stands(mark) else ""

    def _written_by_hand(self, action: Action, uri: str) -> str:
        """A post of ours with the same words, and in answer to the same; "" when there is none."""
        parent = uri if action.choice.verb is Verb.COMMENT else ""

        def find(api: "Api") -> str:
            from atproto_client import models

            params = models.ComAtprotoRepoListRecords.Params(
                repo=self._own_did(), collection=POST, limit=_OWN_SHOWN
            )
            for each in query(api, "com.atproto.repo.listRecords", params)["records"]:
                record = each["value"]
                answered = ((record.get("reply") or {}).get("parent") or {}).get("uri", "")
                if answered == parent and says(record, action.text):
                    return need(each, "uri")
            return ""

        return self._ask(find)

    def _stands(self, uri: str) -> bool:
        """Whether there is a record of ours by that name."""
        did, collection, rkey = uri.removeprefix("at://").split("/")

        def find(api: "Api") -> bool:
            from atproto_client import models

            params = models.ComAtprotoRepoGetRecord.Params(
                repo=did, collection=collection, rkey=rkey
            )
            return need(query(api, "com.atproto.repo.getRecord", params), "uri") == uri

        try:
            return self._ask(find)
        except Missing:
            return False

    def _find(self, place: Place) -> Told | None:
        return self._watcher.post_at(place.view, place.uri(self._author_of(place)), place.pages)

    def _author_of(self, place: Place) -> str:
        did = place.actor if is_did(place.actor) else self._did_of(place.actor)
        if not did:
            raise Gone(f"Nobody on Bluesky is called {place.actor} any more.")
        return did

    def _did_of(self, handle: str) -> str:
        """The name behind a handle that never changes; "" when nobody is called so."""

        def resolve(api: "Api") -> str:
            return str(api.com.atproto.identity.resolve_handle({"handle": handle}).did)

        try:
            return self._ask(resolve)
        except Barred:
            raise
        except Refused:
            return ""

    def _seen_at(self, action: Action, uri: str) -> str:
        """Where the act can be seen: an own post by itself, a like at what was liked."""
        return page_of(uri, self._place(action).pages) or action.choice.target_url

    def _place(self, action: Action) -> Place:
        place = Place.read(action.choice.target_url)
        if place is None or not self._is_known(place.pages):
            raise Refused("That is no post on Bluesky. Open it by hand.")
        return place

    def _known(self, address: Address) -> Address:
        """The address, when it is on Bluesky or on a server that the user opened."""
        if not self._is_known(address.pages):
            raise Refused(
                f"{address.pages} is not known to show Bluesky: write the account as"
                f" @{address.actor}."
            )
        return address

    def _is_known(self, pages: str) -> bool:
        return pages == PAGES or self._asker.is_opened(pages)

    def _pages(self) -> str:
        """Where people read our posts: an account on a server of the user's own reads there."""
        server = self._own_keeper().account.server.rstrip("/")
        return server if server and self._asker.is_opened(server) else PAGES

    def _ask_anybody(self, view: str, call: "Callable[[Api], _Result]") -> _Result:
        """As a member when we are one, else as anybody."""
        return self._ask(call) if self._keeper else self._asker.ask(view, call)

    def _ask(self, call: "Callable[[Api], _Result]", *, is_write: bool = False) -> _Result:
        """Ask our own server; a question may be put again in a new session, a write may not."""
        keeper = self._own_keeper()
        session = keeper.session()
        try:
            return self._asker.ask(session.server, call, token=session.token, is_write=is_write)
        except Stale as error:
            session = keeper.session(instead_of=session)
            if is_write:
                raise Transient(str(error)) from None
        try:
            return self._asker.ask(session.server, call, token=session.token)
        except Stale as error:
            raise Transient(str(error)) from None

    def _own_keeper(self) -> Keeper:
        if self._keeper is None:
            raise Barred("Bluesky can only be asked on behalf of an account, and none is given.")
        return self._keeper

    def _own_did(self) -> str:
        return self._own_keeper().account.platform_id or self._own_keeper().session().did


def _target(view: Told, people: dict[str, str]) -> Target:
    uri, cid = need(view, "uri"), need(view, "cid")
    reply: Any = view["record"].get("reply")
    root = (need(reply["root"], "uri"), need(reply["root"], "cid")) if reply else (uri, cid)
    quotable = not _viewer(view).get("embeddingDisabled")
    return Target(uri=uri, cid=cid, root=root, quotable=quotable, people=people)


def _require_open(verb: Verb, view: Told) -> None:
    """Raise ``Refused`` for what its author keeps from us, or we from them."""
    between = view["author"].get("viewer") or {}
    if between.get("blockedBy") or between.get("blocking"):
        raise Refused("You and the author have blocked each other, or one the other.")
    if verb is Verb.COMMENT and _viewer(view).get("replyDisabled"):
        raise Refused("The author lets only some people answer, and you are none of them.")


def _viewer(view: Told) -> Told:
    marks: Told = view.get("viewer") or {}
    return marks
