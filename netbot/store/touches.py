"""The client's timeline: every contact, in both directions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from netbot.model import CONTACT, Direction, Touch, Verb
from netbot.store import texts
from netbot.store.schema import touches
from netbot.store.suggestions import number

_LAST = (
    select(touches)
    .where(touches.c.client_id == bindparam("client"), touches.c.undone_at.is_(None))
    .order_by(touches.c.at.desc(), touches.c.id.desc())
    .limit(bindparam("limit"))
)


def add(tx: Connection, sphere: str, touch: Touch) -> int:
    """Remember a contact. Returns its number."""
    texts.put(tx, touch.client, (touch.text,), touch.at)
    values = {
        "client_id": touch.client,
        "at": touch.at,
        "direction": touch.direction.value,
        "kind": touch.kind,
        "suggestion_id": number(sphere, touch.suggestion) if touch.suggestion else None,
        "text_sha": texts.sha256(touch.text),
    }
    born: int = tx.execute(insert(touches).values(values).returning(touches.c.id)).scalar_one()
    return born


def undo(tx: Connection, sphere: str, suggestion: str, now: datetime) -> None:
    """It turned out not to have happened: the contact of that card no longer counts."""
    tx.execute(
        update(touches)
        .where(touches.c.suggestion_id == number(sphere, suggestion), touches.c.undone_at.is_(None))
        .values(undone_at=now)
    )


def of_client(tx: Connection, sphere: str, client: str, *, limit: int) -> list[Touch]:
    """The client's last contacts, newest first."""
    rows = tx.execute(_LAST, {"client": client, "limit": limit}).mappings().all()
    bodies = texts.get(tx, client, {row["text_sha"] for row in rows})
    return [_touch(sphere, row, bodies) for row in rows]


def noted(tx: Connection, sphere: str, number: int) -> tuple[Touch, bool] | None:
    """A contact that the human noted, and whether it still counts; None for any other number."""
    query = select(touches).where(touches.c.id == number, touches.c.kind == CONTACT)
    row = tx.execute(query).mappings().one_or_none()
    if row is None:
        return None
    bodies = texts.get(tx, row["client_id"], {row["text_sha"]})
    return _touch(sphere, row, bodies), row["undone_at"] is None


def last_noted(tx: Connection, client: str) -> int | None:
    """The number of the client's contact that the human noted last and that still counts."""
    query = select(func.max(touches.c.id)).where(
        touches.c.client_id == client, touches.c.kind == CONTACT, touches.c.undone_at.is_(None)
    )
    number: int | None = tx.scalar(query)
    return number


def take_back(tx: Connection, number: int, now: datetime) -> None:
    """That contact no longer counts."""
    tx.execute(update(touches).where(touches.c.id == number).values(undone_at=now))


def times(tx: Connection, *, since: datetime, thanks: bool = True) -> dict[str, list[datetime]]:
    """When each client was touched by me since then, oldest first; if asked, but for thanks."""
    query = (
        select(touches.c.client_id, touches.c.at)
        .where(_mine(), touches.c.at >= since)
        .order_by(touches.c.at)
    )
    if not thanks:
        query = query.where(touches.c.kind != Verb.THANK.value)
    found: dict[str, list[datetime]] = {}
    for client, at in tx.execute(query):
        found.setdefault(client, []).append(at)
    return found


def latest(tx: Connection) -> dict[str, tuple[datetime, Direction]]:
    """The last contact with each client, and from whom it came."""
    columns = touches.c.client_id, touches.c.direction, func.max(touches.c.at)
    query = select(*columns).where(touches.c.undone_at.is_(None))
    found: dict[str, tuple[datetime, Direction]] = {}
    for client, direction, at in tx.execute(query.group_by(*columns[:2])):
        if client not in found or at > found[client][0]:
            found[client] = at, Direction(direction)
    return found


def last(tx: Connection) -> dict[str, datetime]:
    """When each client was last touched by me."""
    query = select(touches.c.client_id, func.max(touches.c.at)).where(_mine())
    return dict(row for row in tx.execute(query.group_by(touches.c.client_id)))


def _touch(sphere: str, row: RowMapping, bodies: Mapping[str, str]) -> Touch:
    return Touch(
        client=row["client_id"],
        at=row["at"],
        direction=Direction(row["direction"]),
        kind=row["kind"],
        suggestion=f"{sphere}-{row['suggestion_id']}" if row["suggestion_id"] else None,
        text=bodies.get(row["text_sha"], ""),
    )


def _mine() -> Any:
    return (touches.c.direction == Direction.OUT.value) & touches.c.undone_at.is_(None)
