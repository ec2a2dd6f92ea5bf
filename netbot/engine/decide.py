"""The second verb: what the human decides. Every face calls ``decide``; nothing else approves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from netbot import draft
from netbot.claims import Claims
from netbot.crash import crash_point
from netbot.engine import peace
from netbot.model import (
    PERSONAL,
    Action,
    ActionState,
    Channel,
    Choice,
    Face,
    House,
    Outcome,
    PolicyRefused,
    SkipReason,
    Suggestion,
    SuggestionState,
    Term,
    UsageError,
    Verb,
    hash_approval,
    hash_post,
)
from netbot.network import Network, NetworkPolicy
from netbot.store import Store, Tx, acts, holds, suggestions, touches
from netbot.text import mark

#: An approval that was not carried out in this time is no longer meant.
APPROVAL_LASTS = timedelta(hours=48)

#: A card that comes back by ``undo`` waits at least this long.
SECOND_CHANCE = peace.SECOND_CHANCE

#: Acts that consist of words.
WRITTEN = (Verb.COMMENT, Verb.RECOMMEND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Yes: to the preferred act, or to the listed one that verb, target and account name."""

    verb: Verb | None = None
    target_url: str | None = None
    account: str | None = None
    text: str | None = None  # None: the draft as it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """No, and why."""

    reason: SkipReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Later: the card, or the act that lies in the human's hands."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take the last decision back, as far as it has not left the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """No moment for tact at all: the client's other cards come back."""


Intent = Approve | Skip | Snooze | Undo | FalseAlarm


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """What deciding and performing needs besides the store and the time."""

    house: House
    policy: Mapping[str, NetworkPolicy]
    handoffs: Mapping[str, Network]  # by network name
    claims: Claims | None = None  # None: there is no other sphere
    paused: Callable[[], object] = _never  # whether everything is stopped, asked each time
    face: Face | None = None  # where the human decides; None: nobody knows


def decide(store: Store, hall: Hall, id: str, intent: Intent, now: datetime) -> Suggestion:
    """Carry out what the human decided about a card, in one transaction; returns the card.

    Raises ``UnknownId``, ``UsageError`` when the intent does not fit the card, ``PolicyRefused``
    when a rule of the house forbids it.
    """
    with store.write() as tx:
        card = suggestions.get(tx, store.sphere, id)
        match intent:
            case Undo():
                _undo(tx, hall, card, now)
            case Approve():
                _require_open(card, now)
                _approve(tx, hall, card, intent, now)
            case Skip():
                _require_open(card, now)
                _skip(tx, hall, card, intent.reason, now)
            case FalseAlarm():
                _require_open(card, now)
                _call_off(tx, hall, card, now)
            case _:
                _put_off(tx, hall, card, intent.until, now)
        decided = suggestions.get(tx, store.sphere, id)
        crash_point("before the decision is committed")
    crash_point("the decision is committed")
    if isinstance(intent, Undo):
        release(store, hall)
    return decided


def release(store: Store, hall: Hall) -> int:
    """Let other spheres act where no act of this one stands any more. Returns on how many objects.

    In a write transaction: nobody of this sphere can claim anything meanwhile.
    """
    if hall.claims is None:
        return 0
    with store.write() as tx:
        return hall.claims.keep_only(acts.live_targets(tx))


def _require_open(card: Suggestion, now: datetime) -> None:
    if card.state not in suggestions.OPEN:
        raise PolicyRefused(
            mark("{card} is {state} already; `netbot undo {card}` takes that back"),
            card=card.id,
            state=Term(card.state),
        )
    if card.expires_at <= now:
        raise PolicyRefused(mark("{card} has expired: its moment has passed"), card=card.id)


def _approve(tx: Tx, hall: Hall, card: Suggestion, intent: Approve, now: datetime) -> None:
    sphere = hall.house.sphere
    choice = _chosen(card, intent)
    if choice.verb is not Verb.GESTURE:
        peace.require_public(tx, hall.house, card.client, now)
    text = _text(hall, card, choice, intent.text)
    entry = hall.policy.get(choice.network)
    if choice.verb is Verb.SHARE and text and entry is not None and entry.quote is not None:
        choice = replace(choice, channel=entry.quote)
    account = hall.house.account(choice.account)
    if choice.account is not None and account is None:
        raise PolicyRefused(
            mark("{card}: the account {account} is no longer in the configuration"),
            card=card.id,
            account=choice.account,
        )
    window = hall.house.undo_window_s if choice.channel is Channel.API else 0
    post_sha = hash_post(card.post.post)
    approval = acts.Approval(
        choice=choice,
        platform_id=account.platform_id if account else None,
        text=text,
        post_sha=post_sha,
        hash=hash_approval(sphere, choice, account, text, post_sha),
        not_before=now + timedelta(seconds=window),
        expires_at=now + APPROVAL_LASTS,
        face=hall.face,
    )
    acts.approve(tx, sphere, card, approval, now)
    if hall.claims is not None and choice.verb not in PERSONAL:
        hall.claims.take(choice.target_url)
    suggestions.move(tx, sphere, card.id, SuggestionState.APPROVED)


def _chosen(card: Suggestion, intent: Approve) -> Choice:
    for choice in (card.choice, *card.alternatives):
        if (
            intent.verb in {None, choice.verb}
            and intent.target_url in {None, choice.target_url}
            and intent.account in {None, choice.account}
        ):
            return choice
    listed = "; ".join(
        f"{choice.verb} {choice.target_url}" for choice in (card.choice, *card.alternatives)
    )
    raise UsageError(
        mark("{card} does not offer that. It offers: {listed}"), card=card.id, listed=listed
    )


def _text(hall: Hall, card: Suggestion, choice: Choice, given: str | None) -> str:
    if choice.verb is Verb.LIKE:
        if given:
            raise UsageError(
                mark("{card}: a like carries no text; use --verb comment"), card=card.id
            )
        return ""
    proposed = card.draft if choice.verb is card.choice.verb else ""
    text = (proposed if given is None else given).strip()
    if choice.verb in WRITTEN and not text:
        raise PolicyRefused(
            mark("{card}: a {verb} needs words; give them with --text"),
            card=card.id,
            verb=Term(choice.verb),
        )
    if draft.has_gap(text):
        raise PolicyRefused(
            mark(
                "{card}: the text still has a gap {gap} for your own sentence; fill it in, or "
                "give another text with --text"
            ),
            card=card.id,
            gap=draft.GAP,
        )
    _require_short(hall, card, choice, text)
    return text


def _require_short(hall: Hall, card: Suggestion, choice: Choice, text: str) -> None:
    entry = hall.policy.get(choice.network)
    if not text or entry is None or entry.text_limit is None:
        return
    length = hall.handoffs[choice.network].count(text)
    if length > entry.text_limit:
        raise PolicyRefused(
            mark("{card}: the text is {length} long, {network} takes {limit}"),
            card=card.id,
            length=length,
            network=choice.network,
            limit=entry.text_limit,
        )


def _skip(tx: Tx, hall: Hall, card: Suggestion, reason: SkipReason | None, now: datetime) -> None:
    sphere = hall.house.sphere
    acts.decide(tx, sphere, card.id, Outcome.SKIPPED, now, reason=reason, face=hall.face)
    suggestions.move(tx, sphere, card.id, SuggestionState.SKIPPED)


def _put_off(tx: Tx, hall: Hall, card: Suggestion, until: datetime, now: datetime) -> None:
    """An act that lies in the human's hands stays there, and nobody asks for it before."""
    action = acts.latest(tx, hall.house.sphere, card.id)
    in_hand = action is not None and action.state is ActionState.HANDED_OFF
    if not in_hand:
        _require_open(card, now)
    if until <= now:
        raise UsageError(
            mark("{card}: {until:%Y-%m-%d %H:%M} UTC has passed; name a later time"),
            card=card.id,
            until=until,
        )
    if action is not None and in_hand:
        acts.postpone(tx, action, until, action.note, now)
    else:
        _snooze(tx, hall, card, until, now)


def _snooze(tx: Tx, hall: Hall, card: Suggestion, until: datetime, now: datetime) -> None:
    """The card sleeps past its expiry if the human says so, and then waits for a day at least."""
    sphere = hall.house.sphere
    acts.decide(tx, sphere, card.id, Outcome.SNOOZED, now, until=until, face=hall.face)
    suggestions.move(
        tx,
        sphere,
        card.id,
        SuggestionState.SNOOZED,
        snoozed_until=until,
        expires_at=max(card.expires_at, until + SECOND_CHANCE),
    )


def _call_off(tx: Tx, hall: Hall, card: Suggestion, now: datetime) -> None:
    if card.choice.verb is not Verb.GESTURE or card.choice.is_look_in:
        raise UsageError(
            mark("{card} is about no moment for tact; `netbot skip` says no to it"), card=card.id
        )
    _skip(tx, hall, card, None, now)
    peace.lift(tx, hall.house, card.client, now)


def _undo(tx: Tx, hall: Hall, card: Suggestion, now: datetime) -> None:
    sphere = hall.house.sphere
    if card.state is SuggestionState.WAITING:
        raise UsageError(
            mark("{card} waits for a decision; there is nothing to undo"), card=card.id
        )
    if card.state in {SuggestionState.EXPIRED, SuggestionState.SUPERSEDED}:
        raise PolicyRefused(
            mark("{card} is {state}; nobody decided that, so nobody can undo it"),
            card=card.id,
            state=Term(card.state),
        )
    action = acts.latest(tx, sphere, card.id)
    if action is not None and card.state is SuggestionState.APPROVED:
        match action.state:
            case ActionState.CONFIRMED:
                acts.move(tx, action, ActionState.HANDED_OFF, now)
                touches.undo(tx, sphere, card.id, now)
                return
            case ActionState.SENT:
                _want_back(tx, hall, card, action, now)
                return
        _call_back(tx, card, action, now)
    was_moment = card.choice.verb is Verb.GESTURE and not card.choice.is_look_in
    if was_moment and card.state is SuggestionState.SKIPPED:
        holds.reopen(tx, card.client, suggestions.decided_at(tx, sphere, card.id))
    acts.decide(tx, sphere, card.id, Outcome.UNDONE, now, face=hall.face)
    suggestions.move(
        tx,
        sphere,
        card.id,
        SuggestionState.WAITING,
        expires_at=max(card.expires_at, now + SECOND_CHANCE),
    )


def _call_back(tx: Tx, card: Suggestion, action: Action, now: datetime) -> None:
    """An act that has not happened is closed."""
    match action.state:
        case ActionState.PENDING:
            acts.move(tx, action, ActionState.WITHDRAWN, now)
        case ActionState.HANDED_OFF:
            acts.move(tx, action, ActionState.DECLINED, now)
        case ActionState.SENDING | ActionState.UNDOING:
            raise PolicyRefused(
                mark("{card}: the act is just leaving; look again in a moment"), card=card.id
            )
        case ActionState.UNSURE | ActionState.UNDO_UNSURE:
            raise PolicyRefused(
                mark(
                    "{card}: nobody knows yet whether it has happened. Look at {place} and say "
                    "`netbot done {card}` or `netbot not-done {card}`"
                ),
                card=card.id,
                place=action.choice.target_url,
            )
        case _:
            pass


def _want_back(tx: Tx, hall: Hall, card: Suggestion, action: Action, now: datetime) -> None:
    """What netbot has sent is taken back by netbot, where the network lets it."""
    choice = action.choice
    entry = hall.policy.get(choice.network)
    receipt = acts.receipt_of(tx, action)  # none when only the human has seen it there
    if entry is None or choice.verb not in entry.undo or receipt is None:
        if choice.is_final:
            raise PolicyRefused(
                mark(
                    "{card}: a comment on a site can only be taken back by those who run the site"
                ),
                card=card.id,
            )
        where = (receipt.url if receipt else "") or choice.target_url
        raise PolicyRefused(
            mark("{card}: netbot cannot take a {verb} back on {network}; you can, at {place}"),
            card=card.id,
            verb=Term(choice.verb),
            network=choice.network,
            place=where,
        )
    if action.take_back:
        raise PolicyRefused(mark("{card}: it is being taken back already"), card=card.id)
    acts.want_back(tx, action, now)
    acts.decide(tx, hall.house.sphere, card.id, Outcome.UNDONE, now, face=hall.face)
