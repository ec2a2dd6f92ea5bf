"""The port: what netbot asks of a network. One file in ``networks/`` answers for each."""

from abc import ABC
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbot.model import Account, Action, Channel, Handoff, NetworkError, Post, Source, Verb


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
    text_limit: int | None  # in the network's own count; None = none
    why: str  # for people: why a verb is handoff or off
    source: str  # where that is stated
    checked_on: str  # ISO date


class Network(ABC):
    """One network. A subclass fills in what its network can do; the rest stays refused."""

    NETWORKS: ClassVar[tuple[str, ...]]

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Look at one source; ``cursor`` is what the last batch gave, "" the first time.

        Raises ``RateLimited``, ``Gone``, ``Refused`` or ``Transient``.
        """
        raise NotImplementedError(f"{type(self).__name__} watches nothing")

    def fetch_many(
        self, requests: Sequence[tuple[Source, str]]
    ) -> Iterator[tuple[Source, Batch | NetworkError]]:
        """Look at many (source, cursor); one that fails yields its error and harms no other."""
        for source, cursor in requests:
            try:
                yield source, self.fetch(source, cursor)
            except NetworkError as error:
                yield source, error

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

    def close(self) -> None:
        """Give back what the network keeps open."""
