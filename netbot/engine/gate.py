"""When an approved act has to wait: caps, spacing, quiet hours, money, accounts, clients in peace.

Pure; ``send`` asks it inside the very transaction that writes down that the act leaves, so that
no two acts can both be the last one that was allowed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from netbot.clock import end_of_hours
from netbot.model import Account, Action, House
from netbot.network import NetworkPolicy
from netbot.store.accounts import Known
from netbot.store.performed import Performed
from netbot.text import mark

#: The window in which caps count, and the one in which money does.
DAY, MONTH = timedelta(days=1), timedelta(days=30)

#: How long an act waits before it is asked again, when nobody can say until when.
AGAIN = timedelta(minutes=1)

#: The spacing grows by up to this share, another one for each act: people are not clockwork.
UNEVENNESS = 0.5

NO_ACCOUNT = mark("Its account is not set up for sending: netbot account check.")
FROZEN = mark("Its account sends nothing until you have looked: netbot account check.")
RESTING = mark("The network asked for a pause.")
IN_PEACE = mark("The client is left in peace for now.")
QUIET = mark("It is not sent during the quiet hours.")
SPACING = mark("It keeps its distance from the act before.")
CAP = mark("As much of this was done today as is good.")
CLIENT_CAP = mark("As much was done for this client as is good.")
MONEY = mark("The money set aside for this network is spent for now.")


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: ask again at ``until``; ``note`` says why."""

    until: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the gate looks at besides the act, read in one transaction."""

    house: House
    policy: Mapping[str, NetworkPolicy]
    known: Mapping[str, Known]  # accounts
    quiet: Mapping[str, datetime]  # clients in peace, and until when
    performed: Sequence[Performed]  # of the last month, oldest first
    expenses: Mapping[str, int] = field(default_factory=dict)  # paid besides, in 1e-6 USD


def find_wait(action: Action, state: State, now: datetime) -> Wait | None:
    """The longest reason why this act must not leave now, or None when it may."""
    account = state.house.account(action.choice.account)
    entry = state.policy.get(action.choice.network)
    if account is None or entry is None or not account.platform_id:
        return Wait(until=now + AGAIN, note=NO_ACCOUNT)
    waits = [
        *_account(account, state.known.get(account.id), now),
        *_peace(action, state, now),
        *_spacing(action, entry, state.performed, now),
        *_caps(action, entry, state.performed, now),
        *_money(action, account, entry, state, now),
    ]
    return max(waits, key=lambda wait: wait.until, default=None)


def _account(account: Account, known: Known | None, now: datetime) -> Iterator[Wait]:
    if known is None or known.platform_id != account.platform_id:
        yield Wait(until=now + AGAIN, note=NO_ACCOUNT)
    elif known.frozen_at is not None:
        yield Wait(until=now + AGAIN, note=FROZEN)
    elif known.resting_until is not None and known.resting_until > now:
        yield Wait(until=known.resting_until, note=RESTING)


def _peace(action: Action, state: State, now: datetime) -> Iterator[Wait]:
    if (until := state.quiet.get(action.client)) is not None:
        yield Wait(until=until, note=IN_PEACE)
    if (hours := state.house.quiet_hours) is not None:
        ends = end_of_hours(now, *hours, state.house.time_zone)
        if ends is not None:
            yield Wait(until=ends, note=QUIET)


def _spacing(
    action: Action, entry: NetworkPolicy, performed: Sequence[Performed], now: datetime
) -> Iterator[Wait]:
    share = 1 + UNEVENNESS * int(action.key[:4] or "0", 16) / 0xFFFF
    gap = timedelta(seconds=entry.gap_s * share)
    before = [at for at in _times(performed, now, _by_account(action)) if at + gap > now]
    if before:
        yield Wait(until=max(before) + gap, note=SPACING)


def _caps(
    action: Action, entry: NetworkPolicy, performed: Sequence[Performed], now: datetime
) -> Iterator[Wait]:
    mine, verb = _by_account(action), action.choice.verb
    same = _times(performed, now, lambda one: mine(one) and one.verb is verb)
    yield from _window(same, entry.caps.get(verb), DAY, now, CAP)
    client = _times(
        performed,
        now,
        lambda one: one.client == action.client and one.network == action.choice.network,
    )
    days = timedelta(days=entry.per_client_days)
    yield from _window(client, entry.per_client, days, now, CLIENT_CAP)


def _window(
    times: Sequence[datetime], most: int | None, window: timedelta, now: datetime, note: str
) -> Iterator[Wait]:
    """The act that stands in the way leaves the rolling window some day."""
    inside = [at for at in times if at > now - window]
    if most is not None and len(inside) >= most:
        yield Wait(until=inside[-most] + window, note=note)


def _money(
    action: Action,
    account: Account,
    entry: NetworkPolicy,
    state: State,
    now: datetime,
) -> Iterator[Wait]:
    cost = entry.cost_micros.get(action.choice.verb, 0)
    spent = [one for one in state.performed if _by_account(action)(one) and one.cost_micros]
    besides = state.expenses.get(account.id, 0)
    free = account.budget_micros - besides - sum(one.cost_micros for one in spent)
    if cost > max(free, 0):
        oldest = min((one.at for one in spent), default=now - MONTH)
        yield Wait(until=max(oldest + MONTH, now + AGAIN), note=MONEY)


def _by_account(action: Action) -> Callable[[Performed], bool]:
    return lambda one: one.account == action.choice.account


def _times(
    performed: Sequence[Performed], now: datetime, counts: Callable[[Performed], bool]
) -> list[datetime]:
    """When those happened, oldest first.

    A clock that was set back makes the last acts lie ahead: they count as of now. What lies
    further ahead than a day was written by a clock that was plainly wrong.
    """
    return sorted(min(one.at, now) for one in performed if counts(one) and one.at <= now + DAY)
