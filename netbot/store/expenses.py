"""What accounts have paid besides their acts, by day: for reading, and for taking back."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, func, select, update

from netbot.store.schema import expenses


def add(tx: Connection, account: str, day: date, micros: int) -> None:
    """Add to what the account has paid on that day (of UTC); what is negative was given back."""
    mine = (expenses.c.account_id == account) & (expenses.c.date == day.isoformat())
    more = {"micros": expenses.c.micros + micros}
    if not tx.execute(update(expenses).where(mine).values(more)).rowcount:
        row = {"account_id": account, "date": day.isoformat(), "micros": micros}
        tx.execute(expenses.insert().values(row))


def after(tx: Connection, day: date) -> Mapping[str, int]:
    """What each account has paid since that day, which does not count itself, in 1e-6 USD."""
    query = (
        select(expenses.c.account_id, func.sum(expenses.c.micros))
        .where(expenses.c.date > day.isoformat())
        .group_by(expenses.c.account_id)
    )
    return {account: int(micros) for account, micros in tx.execute(query)}
