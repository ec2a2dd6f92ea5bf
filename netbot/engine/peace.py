"""Tact: whom to leave in peace, and what that does to cards and acts.

A moment for tact on one post (a death, an illness, layoffs) holds everything public for that
client; where a rule is less sure, nothing but the post itself. Remembered is until when, never why.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from netbot.engine import gate
from netbot.model import (
    ActionState,
    Channel,
    ClientStatus,
    House,
    PolicyRefused,
    Ruling,
    Term,
    Verb,
    Verdict,
)
from netbot.store import Store, Tx, acts, holds, suggestions
from netbot.store.holds import Hold
from netbot.text import mark

#: A card that comes back waits at least this long.
SECOND_CHANCE = timedelta(hours=24)


def is_moment(verdict: Verdict) -> bool:
    """Whether the chain found a moment for tact, whatever else it found."""
    return any(reason.link == "moment" for reason in verdict.reasons)


def holds_client(verdict: Verdict) -> bool:
    """Whether the client is to be left in peace, and not the one post alone."""
    return any(reason.holds == "client" for reason in verdict.reasons)


def discreet(verdict: Verdict) -> Verdict:
    """The verdict as a personal card keeps it: that it is a moment for tact, and not which.

    What a rule found out about somebody's health or grief is no business of a database; the
    post, which they published, can be judged again at any time.
    """
    kept = tuple(reason for reason in verdict.reasons if reason.link != "moment")
    return replace(
        verdict, ruling=Ruling.SKIP, link="moment", reasons=kept, suggest=(Verb.GESTURE.value,)
    )


def quiet(tx: Tx, house: House, now: datetime) -> Mapping[str, datetime]:
    """The clients for whom nothing public happens, and until when at least.

    Those who rest, or with whom it has ended, are asked for again every minute: that stands in
    the configuration and may change.
    """
    found = dict(holds.quiet(tx, now))
    for client in house.clients:
        if client.status is not ClientStatus.ACTIVE:
            found[client.id] = max(found.get(client.id, now), now + gate.AGAIN)
    return found


def require_public(tx: Tx, house: House, client: str, now: datetime) -> None:
    """Raise ``PolicyRefused`` when nothing public shall happen for that client now."""
    until = quiet(tx, house, now).get(client)
    if until is None:
        return
    known = house.client(client)
    if known is not None and known.status is not ClientStatus.ACTIVE:
        raise PolicyRefused(
            mark("{client} is {status} in the configuration: nothing public is done for them"),
            client=known.name,
            status=Term(known.status),
        )
    raise PolicyRefused(
        mark(
            "{client} is left in peace until {until:%Y-%m-%d}; "
            "`netbot client peace {id} --end` ends that"
        ),
        client=known.name if known else client,
        until=until,
        id=client,
    )


def left_in_peace(store: Store, now: datetime) -> list[Hold]:
    """Who is left in peace now, and until when."""
    with store.read() as tx:
        return list(holds.current(tx, now).values())


def hold_of(store: Store, client: str, now: datetime) -> Hold | None:
    """How that client is left in peace, or None."""
    with store.read() as tx:
        return holds.of_client(tx, client, now)


def quiet_now(store: Store, house: House, now: datetime) -> frozenset[str]:
    """The clients for whom nothing public happens now, by a hold or by the configuration."""
    with store.read() as tx:
        return frozenset(quiet(tx, house, now))


def leave_in_peace(store: Store, client: str, until: datetime, now: datetime) -> None:
    """The human wants a client left in peace."""
    with store.write() as tx:
        begin(tx, client, until, now)


def end_peace(store: Store, house: House, client: str, now: datetime) -> bool:
    """It was a false alarm, or enough: cards and acts come back. False when there was no hold."""
    with store.write() as tx:
        return lift(tx, house, client, now)


def begin(tx: Tx, client: str, until: datetime, now: datetime) -> None:
    """Leave a client in peace; one who is so already stays so for longer, never for less."""
    hold = holds.of_client(tx, client, now)
    holds.add(tx, client, hold.since if hold else now, until)


def heed(tx: Tx, house: House, client: str, now: datetime) -> bool:
    """A moment for tact: leave the client in peace for as long as the house has it.

    False when a card of this time says so already; one is enough.
    """
    if not house.peace_days:
        return True
    before = holds.of_client(tx, client, now)
    begin(tx, client, now + timedelta(days=house.peace_days), now)
    return before is None or not suggestions.has_gesture(tx, client, before.since)


def lift(tx: Tx, house: House, client: str, now: datetime) -> bool:
    """End a hold: cards get back the time that they lay unseen, approved acts may leave again."""
    hold = holds.of_client(tx, client, now)
    if hold is None:
        return False
    holds.end(tx, client, now)
    for card in suggestions.held_back(tx, house.sphere, client, hold.since):
        suggestions.move(
            tx,
            house.sphere,
            card.id,
            card.state,
            snoozed_until=card.snoozed_until,
            expires_at=max(card.expires_at + (now - hold.since), now + SECOND_CHANCE),
        )
    leaves_at = now + timedelta(seconds=house.undo_window_s)
    for action in acts.in_state(tx, house.sphere, ActionState.PENDING):
        mine = action.client == client and action.choice.channel is Channel.API
        if mine and action.note == gate.IN_PEACE:
            acts.postpone(tx, action, leaves_at, "", now)
    return True
