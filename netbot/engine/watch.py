"""The first verb: look at what is due and take in what the sources show.

Nothing is kept in memory between two calls: what is due stands in the database. The network is
asked outside any transaction; what it said is taken in by one transaction a source, so a crash
at any moment loses nothing and repeats nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from netbot.engine import lookin, schedule
from netbot.engine.absorb import Absorbed, absorb
from netbot.engine.suggest import Desk
from netbot.engine.taste import learn_order
from netbot.model import Gone, House, NetworkError, RateLimited
from netbot.network import KEYLESS, Batch, Network
from netbot.store import Store, Tx, hearings, sources
from netbot.store.sources import Watched


@dataclass(slots=True, kw_only=True)
class Report:
    """What one look at everything due brought."""

    looked: int = 0
    new: int = 0
    changed: int = 0
    suggested: int = 0
    errors: dict[str, str] = field(default_factory=dict)  # address -> what went wrong

    def add(self, watched: Watched, result: Absorbed | NetworkError) -> None:
        """Count one more look."""
        self.looked += 1
        if isinstance(result, NetworkError):
            self.errors[watched.source.address] = str(result)
            return
        self.new += result.new
        self.changed += result.changed
        self.suggested += result.suggested


def watch(
    store: Store,
    networks: Mapping[str, Network],
    desk: Desk,
    now: datetime,
    *,
    progress: Callable[[int, int], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    present: Callable[[], datetime] | None = None,
) -> Report:
    """Look at every source that is due; ``progress(done, total)`` is called after each.

    With many sources a pass takes a while: ``present`` tells the time at which an answer came,
    from which the wait for the next look counts. Without it that is ``now``.
    As soon as ``stopped()`` is true no further answer is taken in; those sources stay due at
    their next time.
    Only one process of a sphere watches at a time; a second one waits for its turn.
    """
    report = Report()
    with store.alone("watch"):
        due, by_hand = lookin.split(_reserve(store, desk.house, now), desk.house)
        report.suggested += lookin.remind(store, desk, by_hand, now)
        for network, group in _by_network(due).items():
            for watched, answer in _look(networks.get(network), group):
                came = present() if present else now
                report.add(watched, _take_in(store, desk, watched, answer, came))
                if progress:
                    progress(report.looked, len(due))
                if stopped():
                    return report
        learn_order(store)
    return report


def _reserve(store: Store, house: House, now: datetime) -> list[Watched]:
    """The next look is written down before this one starts: a crash loop asks no more often."""
    with store.write() as tx:
        right = _mend_plans(tx, sources.align(tx, house.sources, now), house, now)
        pauses = schedule.host_pauses(right, now)
        due = []
        for watched in sources.due(tx, now):
            pause = pauses.get(schedule.host_of(watched.source), now)
            if pause > now:
                sources.postpone(tx, watched.id, pause)
                continue
            next_check = schedule.before_a_look(watched, house, now)
            sources.reserve(tx, watched.id, now, next_check)
            due.append(watched)
    return due


def _mend_plans(
    tx: Tx, everything: Sequence[Watched], house: House, now: datetime
) -> list[Watched]:
    """Make the plans of a wrong clock anew; returns the sources whose plans were right."""
    right = []
    for watched in everything:
        sooner = schedule.clamp(watched, house, now)
        if sooner is None:
            right.append(watched)
        else:
            sources.replan(tx, watched.id, sooner)
    return right


def follow_clock(store: Store, by: timedelta) -> None:
    """The machine's clock was set forward (``by``) or back (negative): plans move along.

    A wait is a wait; without this a clock set forward would bring a look too soon.
    """
    with store.write() as tx:
        sources.shift(tx, by)
        hearings.shift(tx, by)


def _by_network(due: Sequence[Watched]) -> dict[str, list[Watched]]:
    groups: dict[str, list[Watched]] = defaultdict(list)
    for watched in due:
        groups[watched.source.network].append(watched)
    return groups


def _look(
    network: Network | None, group: Sequence[Watched]
) -> Iterator[tuple[Watched, Batch | NetworkError]]:
    if network is None:
        for watched in group:
            yield (
                watched,
                NetworkError(
                    f"this version cannot watch {watched.source.network}: "
                    "give the address of its feed instead, if it has one"
                ),
            )
        return
    asked = {watched.source: watched for watched in group}
    requests = [(watched.source, watched.cursor) for watched in group]
    for source, answer in network.fetch_many(requests):
        yield asked[source], answer


def _take_in(
    store: Store, desk: Desk, watched: Watched, answer: Batch | NetworkError, now: datetime
) -> Absorbed | NetworkError:
    if isinstance(answer, NetworkError):
        _note_failure(store, desk.house, watched, answer, now)
        return answer
    return absorb(store, desk, watched, answer, now)


def _note_failure(
    store: Store, house: House, watched: Watched, error: NetworkError, now: datetime
) -> None:
    failures = watched.failures + 1
    since = watched.failing_since or now
    next_check: datetime | None = None
    paused_until: datetime | None = None
    if isinstance(error, RateLimited):
        next_check = paused_until = schedule.after_refusal(
            watched.source, house, now, error.retry_after_s, failures=failures
        )
    elif str(error) == KEYLESS:  # a key may come any minute
        next_check = schedule.before_a_look(watched, house, now)
    elif not isinstance(error, Gone):
        next_check = schedule.after_failure(watched, house, now, failures=failures, since=since)
    with store.write() as tx:
        sources.fail(
            tx,
            watched.id,
            next_check=next_check,
            error=str(error),
            failures=failures,
            failing_since=since,
            paused_until=paused_until,
            gone_at=now if isinstance(error, Gone) else None,
        )
