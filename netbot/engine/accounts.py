"""Whether an account's secret is for whom it should be for, asked before anything leaves."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from netbot import clock
from netbot.model import Account, Barred, House, Identity, NetworkError, RateLimited
from netbot.network import Network
from netbot.store import Store, accounts
from netbot.store.accounts import Known
from netbot.text import mark

#: How long a network that could not tell who we are is left alone.
ASK_AGAIN_AFTER = timedelta(minutes=1)

#: What the human reads of an account that does not act, and what mends it.
FROZEN = mark("{account} is frozen since {since}: {note}")
THAW = mark("Look at the account in your browser, then: netbot account check {account}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProblem:
    """An account that does nothing until the human has looked."""

    account: str  # id
    since: datetime
    note: str
    what: str = FROZEN  # both to be translated, then filled in with ``facts``
    mend: str = THAW

    @property
    def facts(self) -> Mapping[str, str]:
        """What the sentences speak of."""
        return {
            "account": self.account,
            "since": f"{self.since:%Y-%m-%d %H:%M} UTC",
            "note": self.note,
        }


def with_pins(house: House, known: Mapping[str, Known]) -> House:
    """The house with each account's pinned platform id, which every approval binds."""
    pins = {(each.id, each.network): each.platform_id for each in known.values()}
    return replace(
        house,
        accounts=tuple(
            replace(account, platform_id=pins.get((account.id, account.network)))
            for account in house.accounts
        ),
    )


def frozen_accounts(store: Store, house: House) -> list[AccountProblem]:
    """The accounts of the house that do nothing until the human has looked."""
    with store.read() as tx:
        known = accounts.load(tx)
    return [
        AccountProblem(account=each.id, since=each.frozen_at, note=each.note)
        for each in known.values()
        if each.frozen_at is not None and house.account(each.id) is not None
    ]


def vouch(
    store: Store,
    house: House,
    actors: Mapping[str, Network],
    now: datetime,
    *,
    wanted: Container[str] | None = None,
) -> dict[str, Network]:
    """Those of ``actors`` that have something to do and may do it; with ``wanted``, of those.

    Each was pinned by a human, is neither frozen nor resting, and its network has said on this
    local date, of this very secret and to this process, that it is for the pinned account. One
    that has not said so yet is asked, outside any transaction: another answer freezes the
    account, no answer only means "not now".
    """
    with store.read() as tx:
        known = accounts.load(tx)
        busy = accounts.busy(tx, now) if wanted is None else wanted
    return {
        name: actor
        for name, actor in actors.items()
        if name in busy and name in known and _vouch_for(store, house, known[name], actor, now)
    }


def _vouch_for(store: Store, house: House, known: Known, actor: Network, now: datetime) -> bool:
    access = actor.access
    if access is None or not _may_act(known, access.account, now):
        return False
    today, _ = clock.day_bounds(now, house.time_zone)
    fresh = known.checked_at is not None and today <= known.checked_at <= now
    if fresh and known.secret_mark == access.mark and _is_pinned(known, actor.known_as):
        return True
    return _ask(store, known, actor, access.mark, now)


def _may_act(known: Known, account: Account, now: datetime) -> bool:
    """Whether nothing but the network's word is missing."""
    return (
        known.platform_id is not None
        and (account.network, account.platform_id) == (known.network, known.platform_id)
        and known.frozen_at is None
        and (known.resting_until is None or known.resting_until <= now)
    )


def _is_pinned(known: Known, identity: Identity | None) -> bool:
    return identity is not None and identity.platform_id == known.platform_id


def _ask(store: Store, known: Known, actor: Network, secret_mark: str, now: datetime) -> bool:
    try:
        identity = actor.identify()
    except Barred as error:
        note = f"{known.network} does not take the account's word any more: {error}"
    except RateLimited as error:
        return _wait(store, known, now + timedelta(seconds=error.retry_after_s), error)
    except NetworkError as error:
        return _wait(store, known, now + ASK_AGAIN_AFTER, error)
    else:
        if _is_pinned(known, identity):
            with store.write() as tx:
                accounts.vouch(tx, known.id, secret_mark, now)
            return True
        note = (
            f"its secret is for {identity.handle} ({identity.platform_id}),"
            f" not for {known.handle} ({known.platform_id})"
        )
    with store.write() as tx:
        accounts.freeze(tx, known.id, now, note)
    return False


def _wait(store: Store, known: Known, until: datetime, error: NetworkError) -> bool:
    with store.write() as tx:
        accounts.rest(tx, known.id, until, str(error))
    return False
