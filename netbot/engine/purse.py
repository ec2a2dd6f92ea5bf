"""The money of one account: what it pays for asking is set aside before each call."""

from collections.abc import Callable
from datetime import datetime, timedelta

from netbot import clock
from netbot.engine.gate import MONTH
from netbot.model import Account, RateLimited
from netbot.store import Store, Tx, expenses, performed

#: How long one without money is left alone; by then a day may have left the window.
LATER = timedelta(hours=6)


class AccountPurse:
    """A ``Purse`` whose spending stands in the sphere's database."""

    def __init__(
        self, store: Store, account: Account, *, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._store = store
        self._account = account
        self._now = now

    def take(self, micros: int) -> None:
        """Set money aside, in a transaction of its own; see ``Purse.take``."""
        now, account = self._now(), self._account
        with self._store.write() as tx:
            free = account.budget_micros - spent(tx, account.id, now)
            if micros <= free:
                expenses.add(tx, account.id, now.date(), micros)
        if micros > free:
            raise RateLimited(
                f"The money set aside for {account.id} is spent for now: {dollars(free)} of"
                f" {dollars(account.budget_micros)} are left within 30 days. Raise its budget_usd"
                " in the configuration, or wait.",
                retry_after_s=int(LATER.total_seconds()),
            )

    def give_back(self, micros: int) -> None:
        """Return what was not needed."""
        if micros:
            with self._store.write() as tx:
                expenses.add(tx, self._account.id, self._now().date(), -micros)


def spent(tx: Tx, account: str, now: datetime) -> int:
    """What an account has paid within the last 30 days, in 1e-6 USD."""
    acts = (one for one in performed.after(tx, now - MONTH) if one.account == account)
    besides = expenses.after(tx, (now - MONTH).date()).get(account, 0)
    return sum(one.cost_micros for one in acts) + besides


def dollars(micros: int) -> str:
    """As people write it, with cents, and with tenths of them where there are any."""
    exact = f"${max(micros, 0) / 1_000_000:.3f}"
    return exact.removesuffix("0")
