"""All clients of a sphere: how long there has been no word, and how things stand with each."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from netbot import engine
from netbot.engine import ProblemKind
from netbot.model import Client, ClientStatus, Direction, Source
from netbot.store import sources, suggestions, touches
from netbot.text import mark
from netbot.web.visit import Visit

#: How many clients stand on one page.
SHOWN = 50

#: What is said of the places where a client publishes, in a word or two.
HEALTH = {
    "none": mark("nothing is watched"),
    "new": mark("not looked at yet"),
    "by hand": mark("you look in yourself"),
    "well": mark("sources well"),
    ProblemKind.QUARANTINED: mark("a source asks you something"),
    ProblemKind.GONE: mark("a source is gone"),
    ProblemKind.KEYLESS: mark("a source needs a key"),
    ProblemKind.FAILING: mark("a source does not answer"),
    ProblemKind.DOUBLE: mark("a source stands there twice"),
    ProblemKind.MOVED: mark("a source has moved"),
    ProblemKind.SILENT: mark("a source has fallen silent"),
}

#: What is said of clients for whom not everything is done, in a word or two.
STATUS = {
    ClientStatus.RESTING: mark("resting"),
    ClientStatus.ENDED: mark("ended"),
    ClientStatus.IN_MEMORIAM: mark("in memoriam"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One client among the others."""

    client: Client
    last: datetime | None  # contact, in either direction
    is_mine: bool  # that one came from me
    is_overdue: bool  # longer ago than the client's rhythm
    health: str  # of the sources, in a word
    ails: bool  # the sources need the human
    waiting: int  # cards

    @property
    def status(self) -> str:
        """What is not done for them, in a word; "" for an active client."""
        return STATUS.get(self.client.status, "")


def clients(visit: Visit) -> Response:
    """Those who were asked for, the longest without a word first, or by name."""
    asked = visit.request.query_params
    wanted, by = asked.get("q", "").strip(), asked.get("by", "")
    begin = int(asked["from"][:9]) if asked.get("from", "").isdecimal() else 0
    everybody = _rows(visit)
    found = [row for row in everybody if _fits(row.client, wanted)]
    by_name = by == "name"
    found.sort(key=lambda row: (*(() if by_name else _silence(row)), *_name(row)))
    return visit.render(
        "clients.html",
        wanted=wanted,
        by="name" if by_name else "",
        everybody=len(everybody),
        found=len(found),
        begin=begin,
        rows=found[begin : begin + SHOWN],
        next=begin + SHOWN if len(found) > begin + SHOWN else None,
    )


def _rows(visit: Visit) -> list[Row]:
    sphere, now = visit.sphere, visit.now
    worst: dict[str, ProblemKind] = {}
    for problem in engine.problems(sphere.store, sphere.house, now):
        worst.setdefault(problem.source.client, problem.kind)
    with sphere.store.read() as tx:
        last = touches.latest(tx)
        waiting = suggestions.waiting_for(tx, now, quiet=visit.quiet)
        seen = {_place(each.source) for each in sources.everything(tx) if each.succeeded_at}
    rows = []
    for client in sphere.house.clients:
        at, direction = last.get(client.id, (None, Direction.OUT))
        kind = worst.get(client.id)
        rows.append(
            Row(
                client=client,
                last=at,
                is_mine=direction is Direction.OUT,
                is_overdue=_is_overdue(client, at, now),
                health=HEALTH[kind or _health(client, seen)],
                ails=kind is not None,
                waiting=waiting.get(client.id, 0),
            )
        )
    return rows


def _is_overdue(client: Client, last: datetime | None, now: datetime) -> bool:
    """Whether the last contact is longer ago than the client's rhythm."""
    if not (last and client.cadence_days and client.status is ClientStatus.ACTIVE):
        return False
    return now - last > timedelta(days=client.cadence_days)


def _health(client: Client, seen: Container[tuple[str, str, str]]) -> str:
    """How sources are that need nobody."""
    looked_at = [source for source in client.sources if not source.look_in_days]
    if not looked_at:
        return "by hand" if client.sources else "none"
    return "well" if all(_place(source) in seen for source in looked_at) else "new"


def _place(source: Source) -> tuple[str, str, str]:
    return source.client, source.network, source.address


def _fits(client: Client, wanted: str) -> bool:
    """Whether every word that is wanted stands in the name, the id or a tag."""
    told = " ".join((client.name, client.id, *client.tags)).casefold()
    return all(word in told for word in wanted.casefold().split())


def _name(row: Row) -> tuple[str, str]:
    return row.client.name.casefold(), row.client.id


def _silence(row: Row) -> tuple[bool, bool, bool, float]:
    """Active ones first; of these the overdue, then by the last word; never any comes last."""
    since = row.last.timestamp() if row.last else 0.0
    active = row.client.status is ClientStatus.ACTIVE
    return not active, not row.is_overdue, row.last is None, since
