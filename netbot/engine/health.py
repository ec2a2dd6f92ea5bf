"""Sources that need the human: what is wrong with each, and what mends it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from netbot.model import House, Source
from netbot.network import KEYLESS
from netbot.store import Store, posts, sources
from netbot.store.sources import Watched
from netbot.text import mark

#: A source that answered within this time counts as seen.
ALIVE = timedelta(days=1)

#: A source that fails for less than this mends itself often enough.
PATIENCE = timedelta(days=1)

#: Nobody is called silent sooner, however often they used to publish ...
SHORTEST_SILENCE = timedelta(days=30)

#: ... nor before so many times their usual pause.
UNUSUAL = 4

#: From how many posts, and from how many of the last, the usual pause is known.
FEWEST_POSTS, LAST_POSTS = 4, 12


class ProblemKind(StrEnum):
    """What may be wrong with a source, the most urgent first."""

    QUARANTINED = "quarantined"  # many posts came at once that may be old ones
    GONE = "gone"  # the server says that it is there no more
    KEYLESS = "keyless"  # its network shows it to those with a key only, and there is none
    FAILING = "failing"  # no look has gone well for long, or ever
    DOUBLE = "double"  # it leads to the same place as another source of the client
    MOVED = "moved"  # its address sends to another one for good
    SILENT = "silent"  # it answers, but nothing new has come for unusually long


#: What the human reads: what is wrong, and what to do; both are filled in with ``facts``.
WHAT: Mapping[ProblemKind, str] = {
    ProblemKind.QUARANTINED: mark(
        "{address} shows {count} posts at once that it did not show before; it may have "
        "numbered its old posts anew."
    ),
    ProblemKind.GONE: mark("{address} is gone for good, says its server."),
    ProblemKind.KEYLESS: mark(
        "{address} is shown to those with a key only, and none of your accounts there has one."
    ),
    ProblemKind.FAILING: mark("{address} has not answered well since {since}: {error}"),
    ProblemKind.DOUBLE: mark("{address} leads to the same place as {place}."),
    ProblemKind.MOVED: mark("{address} has moved to {place}."),
    ProblemKind.SILENT: mark("{address} has shown nothing new since {since}."),
}
MEND: Mapping[ProblemKind, str] = {
    ProblemKind.QUARANTINED: mark(
        "Look at the site, then say what they are: netbot source settle {address} --new, or --old."
    ),
    ProblemKind.GONE: mark("Take it out of the configuration, or put its new address there."),
    ProblemKind.KEYLESS: mark(
        "Put the key of one of your accounts there in its place, then: netbot account check. If "
        "it has one, look whether netbot may read it."
    ),
    ProblemKind.FAILING: mark(
        "Open the address in a browser; if the feed stands elsewhere now, put that address into "
        "the configuration."
    ),
    ProblemKind.DOUBLE: mark("Take one of the two out of the configuration."),
    ProblemKind.MOVED: mark(
        "Put the new address into the configuration while the old one leads there."
    ),
    ProblemKind.SILENT: mark(
        "Look whether the client publishes elsewhere now; if not, nothing needs to be done."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """One thing about one source that needs the human."""

    kind: ProblemKind
    id: int  # of the source, for ``settle_source``
    source: Source
    since: datetime  # UTC
    facts: Mapping[str, str] = field(default_factory=dict)  # what fills in the two sentences

    @property
    def what(self) -> str:
        """What is wrong: a text to translate and then to fill in with ``facts``."""
        return WHAT[self.kind]

    @property
    def mend(self) -> str:
        """What to do about it: a text to translate and then to fill in with ``facts``."""
        return MEND[self.kind]


class Condition(StrEnum):
    """How a source is, the worst first."""

    DEAD = "dead"  # nothing comes from it any more, and it needs the human
    ASKING = "asking"  # it answers, and needs the human all the same
    STUMBLING = "stumbling"  # the last look failed; the next may not
    NEW = "new"  # it has not been looked at yet
    WELL = "well"  # the last look went well


#: With these, nothing comes from a source any more.
_DEADLY = (ProblemKind.GONE, ProblemKind.KEYLESS, ProblemKind.FAILING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How the looks at one source went."""

    watched: Watched
    newest_at: datetime | None  # its last post appeared then
    problems: tuple[SourceProblem, ...]  # the most urgent first
    is_alive: bool  # it answered within a day

    @property
    def condition(self) -> Condition:
        """The worst that is to be said of it."""
        if any(problem.kind in _DEADLY for problem in self.problems):
            return Condition.DEAD
        if self.problems:
            return Condition.ASKING
        if self.watched.failing_since is not None:
            return Condition.STUMBLING
        return Condition.WELL if self.watched.succeeded_at else Condition.NEW


def check_up(store: Store, house: House, now: datetime) -> list[SourceHealth]:
    """Every source that is watched, those that need the human first."""
    ailing = problems(store, house, now)
    with store.read() as tx:
        watched = [each for each in sources.everything(tx) if each.configured]
        rhythm = posts.rhythm(tx, last=1)
    found = [
        SourceHealth(
            watched=each,
            newest_at=next(iter(rhythm.get(each.id, ())), None),
            problems=tuple(problem for problem in ailing if problem.id == each.id),
            is_alive=each.succeeded_at is not None and now - each.succeeded_at < ALIVE,
        )
        for each in watched
    ]
    order = list(Condition)
    return sorted(found, key=lambda each: (order.index(each.condition), each.watched.id))


def problems(store: Store, house: House, now: datetime) -> list[SourceProblem]:
    """Every source of the house that needs the human, the most urgent first."""
    with store.read() as tx:
        watched = {each.id: each for each in sources.everything(tx) if each.configured}
        aside = posts.count_aside(tx)
        rhythm = posts.rhythm(tx, last=LAST_POSTS)
    found = [
        SourceProblem(
            kind=kind,
            id=each.id,
            source=each.source,
            since=since,
            facts=_facts(each, watched, since, aside.get(each.id, 0)),
        )
        for each in watched.values()
        if house.client(each.source.client) is not None
        for kind, since in _find(each, watched, rhythm.get(each.id, ()), now)
    ]
    order = list(ProblemKind)
    return sorted(found, key=lambda problem: (order.index(problem.kind), problem.since))


def silent_since(appeared: Sequence[datetime], now: datetime) -> datetime | None:
    """The last post's time when nothing has come for unusually long; ``appeared`` newest first."""
    if len(appeared) < FEWEST_POSTS:
        return None
    newest, oldest = appeared[0], appeared[-1]
    usual = (newest - oldest) / (len(appeared) - 1)
    return newest if now - newest > max(SHORTEST_SILENCE, UNUSUAL * usual) else None


def _find(
    each: Watched, watched: Mapping[int, Watched], appeared: Sequence[datetime], now: datetime
) -> Iterator[tuple[ProblemKind, datetime]]:
    """The questions that wait, and the worst of what else is wrong."""
    if each.quarantined_at is not None:
        yield ProblemKind.QUARANTINED, each.quarantined_at
    silent = silent_since(appeared, now)
    if each.gone_at is not None:
        yield ProblemKind.GONE, each.gone_at
    elif (twin := watched.get(each.merged_into or 0)) and twin.gone_at is None:
        yield ProblemKind.DOUBLE, each.succeeded_at or now
    elif each.last_error == KEYLESS and each.failing_since is not None:
        yield ProblemKind.KEYLESS, each.failing_since
    elif each.failing_since is not None and (
        each.succeeded_at is None or now - each.failing_since >= PATIENCE
    ):  # what never answered is told at once
        yield ProblemKind.FAILING, each.succeeded_at or each.failing_since
    elif each.moved_at is not None:
        yield ProblemKind.MOVED, each.moved_at
    elif each.failing_since is None and silent is not None:
        yield ProblemKind.SILENT, silent


def _facts(
    each: Watched, watched: Mapping[int, Watched], since: datetime, aside: int
) -> dict[str, str]:
    twin = watched.get(each.merged_into or 0)
    return {
        "address": each.source.address,
        "count": str(aside),
        "error": each.last_error,
        "place": twin.source.address if twin else each.place,
        "since": f"{since:%Y-%m-%d}",
    }
