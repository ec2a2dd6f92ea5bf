"""Hearing who was nice to me: each of my accounts is asked at a calm pace what others did.

Kept is what clients did, as contacts on their timelines; of anybody else nothing is written down.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from netbot.engine import schedule
from netbot.engine.accounts import AccountProblem, vouch
from netbot.engine.health import PATIENCE
from netbot.engine.suggest import Desk
from netbot.engine.thanks import Told, receive, weigh
from netbot.model import (
    Account,
    Client,
    ClientStatus,
    Engagement,
    House,
    NetworkError,
    RateLimited,
    Source,
)
from netbot.network import Network
from netbot.store import Store, Tx, accounts, engagements, hearings
from netbot.store.accounts import Known
from netbot.store.hearings import Hearing
from netbot.text import mark

#: How long an account is left alone after it was asked, in seconds.
EVERY_S = 1800

#: Clocks differ, and networks tell late: so far back they are asked again.
OVERLAP = timedelta(hours=6)

#: What the human reads of an account that cannot be asked, and what mends it.
DEAF = mark("Nobody can hear since {since} who was nice to {account}: {note}")
MEND = mark("See what the network says, then: netbot account check {account}")

#: Endings of addresses that lead to a page's feed.
_FEEDS = (".rss", ".atom", "/feed", "/rss")


@dataclass(slots=True, kw_only=True)
class Heard:
    """What asking brought."""

    asked: int = 0  # accounts
    kept: int = 0  # of what clients did
    cards: int = 0
    errors: dict[str, str] = field(default_factory=dict)  # account -> what went wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    account: Account
    hearing: Hearing


def hear(
    store: Store,
    desk: Desk,
    actors: Mapping[str, Network],
    now: datetime,
    *,
    most: int | None = None,
) -> Heard:
    """Ask for every account whose time has come, at ``most`` so many of them.

    Only those that a human has confirmed and that are not frozen, once the network has said on
    this day that the secret is theirs. The first time nothing is heard: what had happened before
    is of no interest. No transaction is open while a network is asked.
    """
    heard = Heard()
    due = _reserve(store, desk.house, actors, now, most)
    able = vouch(store, desk.house, actors, now, wanted={each.account.id for each in due})
    for each in due:
        heard.asked += 1
        found = _ask(store, able.get(each.account.id), each.hearing)
        if isinstance(found, NetworkError):
            heard.errors[each.account.id] = str(found)
            _note_failure(store, desk.house, each, found, now)
        else:
            kept, cards = _take_in(store, desk, each, found, now)
            heard.kept, heard.cards = heard.kept + kept, heard.cards + cards
    return heard


def deaf_accounts(store: Store, house: House, now: datetime) -> list[AccountProblem]:
    """The accounts of which nobody has known for long who was nice to them."""
    with store.read() as tx:
        found = hearings.load(tx).values()
    return [
        AccountProblem(
            account=each.account_id,
            since=each.failing_since,
            note=each.last_error,
            what=DEAF,
            mend=MEND,
        )
        for each in found
        if each.failing_since is not None
        and (each.heard_at is None or now - each.failing_since >= PATIENCE)
        and house.account(each.account_id) is not None
    ]


def client_of(house: House, account: Account, engagement: Engagement) -> Client | None:
    """The client who did it: one of their sources or handles is the same page or name."""
    who = {_spelled(each) for each in (engagement.handle, engagement.who_url)} - {""}
    return next(
        (
            client
            for client in house.clients
            if client.status in {ClientStatus.ACTIVE, ClientStatus.RESTING}
            and any(
                _spelled(place.address) in who
                and (place.network == account.network or "://" in place.address)
                for place in chain(client.sources, client.handles)
            )
        ),
        None,
    )


def _spelled(written: str) -> str:
    """One spelling for the same name or page."""
    plain = written.strip().casefold().partition("#")[0].rstrip("/")
    for ending in _FEEDS:
        plain = plain.removesuffix(ending)
    if "://" not in plain:
        return plain.removeprefix("@")
    return plain.partition("://")[2].removeprefix("www.").rstrip("/")


def _reserve(
    store: Store, house: House, actors: Mapping[str, Network], now: datetime, most: int | None
) -> list[_Due]:
    """Those to ask now, the one that has waited longest first; their next time is written down."""
    with store.read() as tx:
        known, asked = accounts.load(tx), hearings.load(tx)
    able = [
        account
        for account in house.accounts
        if account.id in actors
        and account.id in known
        and _is_due(actors[account.id], known[account.id], asked.get(account.id), now)
    ]
    able.sort(key=lambda one: asked[one.id].next_at if one.id in asked else now)
    if not able:
        return []
    with store.write() as tx:
        return [_reserve_one(tx, one, known[one.id], house, now) for one in able[:most]]


def _reserve_one(tx: Tx, account: Account, known: Known, house: House, now: datetime) -> _Due:
    hearing = hearings.load(tx).get(account.id)
    next_at = now + _wait(house, account)
    if hearing is None or hearing.platform_id != known.platform_id:
        hearing = hearings.begin(tx, account.id, str(known.platform_id), now, next_at)
    else:
        hearings.reserve(tx, account.id, next_at)
    return _Due(account=account, hearing=hearing)


def _ask(
    store: Store, actor: Network | None, hearing: Hearing
) -> Sequence[Engagement] | NetworkError:
    """What the network says; without its word whose account that is, nobody is asked."""
    if actor is None:
        with store.read() as tx:
            return NetworkError(accounts.load(tx)[hearing.account_id].note)
    lately = (hearing.heard_at or hearing.since) - OVERLAP
    try:
        return actor.engagements(max(hearing.since, lately))
    except NetworkError as error:
        return error


def _note_failure(
    store: Store, house: House, due: _Due, error: NetworkError, now: datetime
) -> None:
    """Who fails again and again is asked ever less often, up to once a day."""
    own_s = _wait(house, due.account).total_seconds()
    wait_s = max(own_s, min(schedule.DAY_S, own_s * 2 ** min(due.hearing.failures + 1, 20)))
    if isinstance(error, RateLimited):
        wait_s = max(wait_s, min(error.retry_after_s, schedule.WEEK_S))
    with store.write() as tx:
        hearings.fail(tx, due.hearing, now, now + timedelta(seconds=wait_s), str(error))


def _take_in(
    store: Store, desk: Desk, due: _Due, found: Sequence[Engagement], now: datetime
) -> tuple[int, int]:
    """Keep what clients did. Returns how much of it is new, and how many cards that made."""
    account, since = due.account, due.hearing.since
    told: dict[str, list[Told]] = defaultdict(list)
    for each in {each.id: each for each in found if each.at >= since}.values():
        client = client_of(desk.house, account, each)
        if client is not None:
            told[client.id].append(weigh(desk, account, client, each, now))
    kept = cards = 0
    with store.write() as tx:
        for mine in told.values():
            refs = [one.engagement.id for one in mine]
            before = engagements.known(tx, account.id, refs)
            new = [one for one in mine if one.engagement.id not in before]
            kept += len(new)
            cards += receive(tx, store.sphere, desk, new, now)
        hearings.succeed(tx, account.id, now)
    return kept, cards


def _is_due(actor: Network, known: Known, hearing: Hearing | None, now: datetime) -> bool:
    """A plan further away than any that is ever made was made by a clock that was wrong."""
    is_able = type(actor).engagements is not Network.engagements
    if not is_able or known.platform_id is None or known.frozen_at is not None:
        return False
    if hearing is None or hearing.platform_id != known.platform_id:
        return True
    return not now < hearing.next_at <= now + timedelta(seconds=schedule.WEEK_S)


def _wait(house: House, account: Account) -> timedelta:
    """How long to leave an account alone; on the own machine as long as a source there."""
    server = Source(client="", network=account.network, address=account.server)
    is_local = schedule.is_local(server, house)
    return timedelta(seconds=min(EVERY_S, house.min_interval_s) if is_local else EVERY_S)
