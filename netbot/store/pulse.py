"""Whether anything has happened since one last looked, without reading what."""

from sqlalchemy import Connection, func, select

from netbot.store.schema import decisions, history


def pulse(tx: Connection) -> int:
    """Grows with every decision and with every move of an act."""
    decided = select(func.coalesce(func.max(decisions.c.id), 0))
    moved = select(func.coalesce(func.max(history.c.id), 0))
    total: int = tx.execute(decided).scalar_one() + tx.execute(moved).scalar_one()
    return total
