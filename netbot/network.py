"""The port: what netbot asks of a network. One file in ``networks/`` answers for each.

Whatever leaves the house leaves it through ``Network.perform`` or ``Network.undo``. Both are
final: they check that account, channel and approved bytes are what they should be, and only then
let the network's own file make its one call.
"""

from abc import ABC
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import ClassVar, Protocol, final

from netbot.model import (
    About,
    Account,
    Action,
    ActionState,
    Channel,
    Engagement,
    Handoff,
    Identity,
    NetworkError,
    PolicyRefused,
    Post,
    Receipt,
    Sight,
    Source,
    Unsure,
    Verb,
    hash_approval,
)
from netbot.text import mark

#: What a network says that shows itself to nobody without a key; ``Refused`` carries it.
KEYLESS = "It is shown to those with a key only, and none of your accounts there has one here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """When a source wants to be left alone, in GMT."""

    hours: frozenset[int] = frozenset()  # 0 to 23
    days: frozenset[int] = frozenset()  # 0 (Monday) to 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one look at a source brought."""

    posts: tuple[Post, ...]  # all that the source shows now, as it orders them
    cursor: str  # opaque to everybody but the network's own file; handed back next time
    changed: bool = True  # False: the source says, or its bytes say, that nothing is new
    wish_s: int | None = None  # the source asks not to be looked at again for so long
    conditional: bool = True  # False: it gives no means to ask "anything new?" cheaply
    title: str = ""  # the source's own name
    language: str | None = None
    quiet: Quiet = Quiet()
    place: str = ""  # where it is looked at from now on, when not at the source's address
    moved: bool = False  # the source's address itself sends there for good
    guessed: bool = False  # the posts were made out of a page: nobody named or dated them


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHint:
    """A source that stands behind an address which somebody typed."""

    network: str
    address: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """One network's entry in ``policy.yaml``."""

    network: str
    verbs: Mapping[Verb, Channel]  # a verb that is absent is off
    link: Channel  # for passing on something that stands elsewhere
    about: About = About.OWN  # whose posts its acts are about
    text_limit: int | None  # in the network's own count; None = none
    caps: Mapping[Verb, int] = field(default_factory=dict)  # acts of an account in 24 hours
    gap_s: int = 0  # between two acts of an account, at least
    per_client: int | None = None  # acts for one client ...
    per_client_days: int = 1  # ... in so many days
    undo: tuple[Verb, ...] = ()  # acts by API that can be taken back
    summoned: Mapping[Verb, Channel] = field(default_factory=dict)  # where the post names me
    quote: Channel | None = None  # a share with words; None = as any share
    cost_micros: Mapping[Verb, int] = field(default_factory=dict)  # an act costs, in 1e-6 USD
    why: str  # for people: why a verb is handoff or off
    source: str  # where that is stated
    checked_on: str  # ISO date


class Drawer(Protocol):
    """Where a network keeps what it is handed on the way, such as a session, beside the secret."""

    def read(self) -> str:
        """What was kept last, "" when there is nothing."""
        ...

    def write(self, text: str) -> None:
        """Keep this instead; it is on the disk afterwards. Raises ``UsageError`` when it cannot."""
        ...


class Purse(Protocol):
    """What an account may still spend on asking its network; acts are charged by the engine."""

    def take(self, micros: int) -> None:
        """Set aside what a call may cost, in 1e-6 USD, before it is made.

        Raises ``RateLimited`` when the account's budget does not hold that much.
        """
        ...

    def give_back(self, micros: int) -> None:
        """Return what a call turned out not to cost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The key of one account, for one sphere's process."""

    sphere: str
    account: Account  # with the platform id that was pinned, if one was
    secret: str = field(repr=False)
    mark: str = ""  # changes with the secret and tells nothing about it
    allow_hosts: tuple[str, ...] = ()  # host or host:port that may be private and without TLS
    drawer: Drawer | None = field(default=None, repr=False, compare=False)
    purse: Purse | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """How the human lets netbot in on a network: texts to translate, then to fill in.

    ``{server}`` in a step is where the account lives.
    """

    steps: tuple[str, ...] = (mark("Find where the network gives its members keys for programs."),)
    secret: str = mark("the key")  # what it hands out, as one calls it there
    handle: str = ""  # regular expression of a whole handle; "" = any words in one line
    example: str = ""  # such a handle
    server: str = ""  # an example of the server without which the account is none; "" = optional


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A way in that was begun, and that the human grants in the own browser."""

    url: str  # where; afterwards the network shows a code
    memo: str = field(default="", repr=False)  # handed back with the code


class Network(ABC):
    """One network. A subclass fills in what its network can do; the rest stays refused."""

    NETWORKS: ClassVar[tuple[str, ...]]

    #: What it can do by itself; the rest is handed off, or off.
    VERBS: ClassVar[frozenset[Verb]] = frozenset()

    #: What it can take back.
    UNDOES: ClassVar[frozenset[Verb]] = frozenset()

    #: A folder among the sphere's own files that it reads; "" for none.
    FOLDER: ClassVar[str] = ""

    #: Whether it looks at sources on behalf of an account; most look as anybody does.
    WATCHES_BY_ACCOUNT: ClassVar[bool] = False

    #: How the human comes by the secret of an account.
    ASKS: ClassVar[Guide] = Guide()

    def __init__(self, access: Access | None = None, *, allow_hosts: Sequence[str] = ()) -> None:
        """``access`` is needed to act; most watching and all handing off needs none.

        ``allow_hosts`` (host or host:port) may be private and without TLS, like those of
        ``access``.
        """
        self.access = access
        self.allow_hosts = (*allow_hosts, *(access.allow_hosts if access else ()))
        self.feeds: Network | None = None  # who reads feeds, for sources that have one as well
        self._known_as: Identity | None = None

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look at one source; ``cursor`` is what the last batch gave, "" the first time.

        Raises ``RateLimited``, ``Gone``, ``Refused`` or ``Transient``.
        """
        raise NotImplementedError(f"{type(self).__name__} watches nothing")

    def fetch_many(
        self, requests: Sequence[tuple[Source, str]]
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """Look at many (source, cursor); one that fails yields its error and harms no other."""
        for request in requests:
            yield self._try_to_fetch(*request)

    @final
    def _fetch_side_by_side(
        self, requests: Sequence[tuple[Source, str]], *, at_once: int
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """What ``fetch_many`` is for a network that may be asked by several threads."""
        from concurrent.futures import ThreadPoolExecutor, as_completed

        pool = ThreadPoolExecutor(at_once)
        try:
            jobs = [pool.submit(self._try_to_fetch, *request) for request in requests]
            for job in as_completed(jobs):
                yield job.result()
        finally:
            pool.shutdown(cancel_futures=True)

    @final
    def _try_to_fetch(self, source: Source, cursor: str) -> tuple[Source, Batch | NetworkError]:
        try:
            return source, self.fetch(source, cursor)
        except NetworkError as error:
            return source, error

    def reread(self, post: Post) -> None:
        """Look whether a post still stands where it stood; a network that cannot, says nothing.

        Raises ``Gone`` when it surely does not, another ``NetworkError`` when nobody can tell.
        """

    def resolve(self, url: str) -> Sequence[SourceHint]:
        """The sources behind an address, best first; empty when it is not this network's."""
        return ()

    def handoff(self, action: Action, account: Account | None) -> Handoff:
        """The address and text with which the human performs ``action`` in the own browser."""
        raise NotImplementedError(f"{type(self).__name__} hands nothing off")

    def count(self, text: str) -> int:
        """How long ``text`` is in this network's own count."""
        return len(text)

    def whoami(self) -> Identity:
        """Whom the network takes us for.

        Raises ``Barred`` when it takes us for nobody, another ``NetworkError`` when nobody can
        tell.
        """
        raise NotImplementedError(f"{type(self).__name__} has no accounts")

    def look(self, action: Action) -> Sight:
        """What the act is about, as it stands now, just before the act. Only reads.

        Raises ``Gone``, or another ``NetworkError`` when nobody can tell.
        """
        raise NotImplementedError(f"{type(self).__name__} performs nothing")

    def read_back(self, action: Action) -> Receipt | None:
        """What the act left on the network, or None when nothing is to be seen. Only reads.

        Raises a ``NetworkError`` when nobody can tell.
        """
        raise NotImplementedError(f"{type(self).__name__} performs nothing")

    def engagements(self, since: datetime) -> Sequence[Engagement]:
        """What others did with my own posts since then, oldest first. Only reads.

        Raises a ``NetworkError`` when nobody can tell; a network that cannot, says nothing.
        """
        return ()

    def authorise(self) -> Grant:
        """Begin to be let in for the account of ``access``, which has no secret yet.

        For networks that hand their secrets out against a code; raises a ``NetworkError``.
        """
        raise NotImplementedError(f"{type(self).__name__} hands out no secret for a code")

    def redeem(self, memo: str, code: str) -> str:
        """The secret that ``code`` is worth; ``memo`` is the grant's. Raises a ``NetworkError``."""
        raise NotImplementedError(f"{type(self).__name__} hands out no secret for a code")

    @property
    def known_as(self) -> Identity | None:
        """What the last ``identify`` brought; None when it failed, or there was none."""
        return self._known_as

    @final
    def identify(self) -> Identity:
        """Ask ``whoami`` and remember the answer: without it, or with the wrong one, no act."""
        self._known_as = None
        self._known_as = self.whoami()
        return self._known_as

    @final
    def perform(self, action: Action, sight: Sight, deadline: float) -> Receipt:
        """Do what was approved, with one call. ``deadline`` is in monotonic seconds.

        Raises ``PolicyRefused`` when something is not as approved and ``Unsure`` after the
        deadline, both without a call; and what ``_perform`` raises.
        """
        self._admit(action, ActionState.SENDING, self.VERBS)
        _require_time(deadline)
        return self._perform(action, sight)

    @final
    def undo(self, action: Action, receipt: Receipt, deadline: float) -> None:
        """Take back what was done, with one call; raises as ``perform`` does."""
        self._admit(action, ActionState.UNDOING, self.UNDOES)
        _require_time(deadline)
        self._undo(action, receipt)

    @final
    def _admit(self, action: Action, state: ActionState, able: frozenset[Verb]) -> None:
        """The gate. Each of these has been checked before; here it is checked for good."""
        access, choice = self.access, action.choice
        if access is None:
            raise PolicyRefused(f"{action.suggestion}: nobody may act here without an account")
        account = access.account
        if action.suggestion.rpartition("-")[0] != access.sphere:
            raise PolicyRefused(f"{action.suggestion} does not belong to {access.sphere}")
        if choice.account != account.id:
            raise PolicyRefused(f"{action.suggestion} is not for the account {account.id}")
        if choice.network != account.network or choice.network not in self.NETWORKS:
            raise PolicyRefused(f"{action.suggestion} is not for {account.network}")
        if choice.channel is not Channel.API or choice.verb not in able:
            raise PolicyRefused(f"{action.suggestion}: no {choice.verb} leaves here by itself")
        if action.state is not state:
            raise PolicyRefused(f"{action.suggestion}: this act is {action.state}")
        if not account.platform_id or self._known_as is None:
            raise PolicyRefused(f"{action.suggestion}: nobody has made sure who {account.id} is")
        if self._known_as.platform_id != account.platform_id:
            raise PolicyRefused(f"{action.suggestion}: the secret of {account.id} is another's")
        bound = hash_approval(access.sphere, choice, account, action.text, action.post_sha)
        if bound != action.approval_hash:
            raise PolicyRefused(f"{action.suggestion} is not what was approved: decide again")

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        """Make the one call that does it, without any retry.

        Raises ``RateLimited``, ``Gone``, ``Refused``, ``Barred`` or ``Transient`` only when it
        has surely not happened, and ``Unsure`` whenever nobody knows.
        """
        raise NotImplementedError(f"{type(self).__name__} performs nothing")

    def _undo(self, action: Action, receipt: Receipt) -> None:
        """Make the one call that takes it back; raises as ``_perform`` does.

        ``Gone`` means that it is not there any more: it counts as taken back.
        """
        raise NotImplementedError(f"{type(self).__name__} takes nothing back")

    def close(self) -> None:
        """Give back what the network keeps open."""


def _require_time(deadline: float) -> None:
    """A process that slept between the note and the call does not know what went on meanwhile."""
    if monotonic() > deadline:
        raise Unsure("too much time passed between the note and the call; nothing was called")
