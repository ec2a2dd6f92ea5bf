"""The morning of each local date: it comes once, whatever the clock and the machine do."""

from datetime import date, datetime

from netbot.clock import due_date
from netbot.model import House
from netbot.store import Store, dates


def open_day(store: Store, house: House, now: datetime) -> date | None:
    """Open the queue of the local date whose hour has come; None when that was done before.

    A machine that slept through several mornings catches up with the last one only.
    """
    day = due_date(now, house.opens_at, house.time_zone)
    with store.read() as tx:
        if dates.is_open(tx, day):
            return None
    with store.write() as tx:
        return day if dates.open_date(tx, day, now) else None
