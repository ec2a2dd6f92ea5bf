"""An act was a mistake: what mends it in each state and channel, and what the log keeps of that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from netbot import draft
from netbot.engine import deleting
from netbot.engine.decide import Hall, release
from netbot.engine.queue import KEPT
from netbot.model import (
    PERSONAL,
    Action,
    ActionState,
    Amends,
    Channel,
    Client,
    Direction,
    PolicyRefused,
    Receipt,
    Suggestion,
    Term,
    Touch,
    UsageError,
)
from netbot.store import Store, Tx, acts, journal, suggestions, touches
from netbot.store.journal import Correction
from netbot.text import mark

#: What a word of apology is called among the contacts.
APOLOGY = "apology"


class Help(StrEnum):
    """What mends a mistake."""

    STOP = "stop"  # it has not left: call it back
    IN_HAND = "in-hand"  # the human may have done it, or not
    WAIT = "wait"  # it is just leaving or coming back
    LOOK = "look"  # nobody knows: the human looks, and says what is there
    TAKE_BACK = "take-back"  # netbot takes it back
    DELETE = "delete"  # the human takes it away there
    ASK = "ask"  # only those who run the site can
    TALK = "talk"  # it was personal: a word is all that mends it
    NOTHING = "nothing"  # nothing of it stands anywhere


#: What people read of each.
HELPS: Mapping[Help, str] = {
    Help.STOP: mark("It has not left yet. Call it back, and nothing happens."),
    Help.IN_HAND: mark(
        "It is in your hands. If you have not posted it, leave it; if you have, take it away there."
    ),
    Help.WAIT: mark("It is on its way at this very moment. Look again in a minute."),
    Help.LOOK: mark("Nobody knows whether it stands there. Look, and say what you see."),
    Help.TAKE_BACK: mark("It stands there. netbot can take it back."),
    Help.DELETE: mark("It stands there. You can take it away yourself."),
    Help.ASK: mark("It stands on a site of others. Only those who run it can take it away."),
    Help.TALK: mark(
        "It stayed between you and them. Nothing can be taken back; a word is all that mends it."
    ),
    Help.NOTHING: mark("Nothing of it stands anywhere."),
}

#: By which states an act is out of the house, or may be.
_OUT = (
    ActionState.HANDED_OFF,
    ActionState.CONFIRMED,
    ActionState.SENT,
    ActionState.UNSURE,
    ActionState.UNDOING,
    ActionState.UNDONE,
    ActionState.UNDO_UNSURE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What can be done about an act."""

    card: Suggestion
    action: Action
    help: Help
    steps: tuple[str, ...] = ()  # to take it away by hand: to translate, to fill in with ``facts``
    facts: Mapping[str, str] = field(default_factory=dict)
    place: str = ""  # where it stands, or where its like is found; "" for nowhere
    language: str = ""  # of the apology
    apology: str = ""  # a draft, one to one, with a gap; "" where nobody saw anything
    corrections: tuple[Correction, ...] = ()  # what was done so far, oldest first

    @property
    def may_be_deleted(self) -> bool:
        """Whether the human can take it away by hand, or have it taken away."""
        return bool(self.steps) and self.action.state in _TAKEN_DOWN


#: How an act is closed that the human took away there, by its state.
_TAKEN_DOWN: Mapping[ActionState, tuple[ActionState, ...]] = {
    ActionState.HANDED_OFF: (ActionState.DECLINED,),
    ActionState.CONFIRMED: (ActionState.HANDED_OFF, ActionState.DECLINED),
    ActionState.SENT: (ActionState.UNDOING, ActionState.UNDONE),
}


def remedy(store: Store, hall: Hall, id: str, now: datetime) -> Remedy:
    """What mends the newest act of a card.

    Raises ``UnknownId``, and ``PolicyRefused`` when it has none of the last 30 days.
    """
    with store.read() as tx:
        card = suggestions.get(tx, store.sphere, id)
        action = _recent(tx, store.sphere, id, now)
        receipt = acts.receipt_of(tx, action)
        done = journal.corrections_of(tx, action)
    return _remedy(hall, card, action, receipt, done)


def correct(
    store: Store, hall: Hall, id: str, kind: Amends, now: datetime, *, text: str = ""
) -> Action:
    """Write into the log what the human did about a mistake; returns the act as it stands then.

    What was taken away there is closed and never was a touch; an apology is one. Raises as
    ``remedy`` does, ``UsageError`` when words are missing, ``PolicyRefused`` when a gap is left in
    them or nothing of the act stands there.
    """
    text = text.strip()
    if kind is Amends.NOTED and not text:
        raise UsageError(mark("{card}: say in a few words what went wrong"), card=id)
    if draft.has_gap(text):
        raise PolicyRefused(
            mark("{card}: the text still has a gap {gap} for your own sentence"),
            card=id,
            gap=draft.GAP,
        )
    with store.write() as tx:
        suggestions.get(tx, store.sphere, id)
        action = _recent(tx, store.sphere, id, now)
        if kind is Amends.DELETED:
            action = _take_down(tx, store.sphere, action, now)
        elif kind is Amends.APOLOGISED:
            touches.add(tx, store.sphere, _apology(action, text, now))
        journal.correct(tx, action, Correction(kind=kind, at=now, text=text, face=hall.face))
    release(store, hall)
    return action


def _recent(tx: Tx, sphere: str, id: str, now: datetime) -> Action:
    action = acts.latest(tx, sphere, id)
    if action is None:
        raise PolicyRefused(
            mark("{card}: nothing was approved here, so nothing is to be mended"), card=id
        )
    if now - action.changed_at > KEPT:
        raise PolicyRefused(
            mark("{card}: this was done more than {days} days ago; look where it stands"),
            card=id,
            days=KEPT.days,
        )
    return action


def _remedy(
    hall: Hall,
    card: Suggestion,
    action: Action,
    receipt: Receipt | None,
    done: tuple[Correction, ...],
) -> Remedy:
    choice = action.choice
    account = hall.house.account(choice.account)
    language = _language(hall, card)
    sorry = draft.apology(choice.verb, card.post.post.title, language=language)
    stands_there = card.post.post.network == choice.network
    is_public = choice.verb not in PERSONAL
    was_out = action.state in _OUT or any(each.kind is Amends.DELETED for each in done)
    found = deleting.own_page(choice, account, stands_there=stands_there) if is_public else ""
    is_out = action.state in _OUT and action.state is not ActionState.UNDONE
    return Remedy(
        card=card,
        action=action,
        help=_help(hall, action, receipt),
        steps=deleting.steps(choice, stands_there=stands_there) if is_public and is_out else (),
        facts={"handle": account.handle if account else choice.account or ""},
        place=(receipt.url if receipt else "") or found,
        language=language,
        apology=sorry if was_out and not choice.is_look_in else "",
        corrections=done,
    )


def _help(hall: Hall, action: Action, receipt: Receipt | None) -> Help:
    match action.state:
        case ActionState.PENDING:
            return Help.STOP
        case ActionState.HANDED_OFF:
            return Help.IN_HAND
        case ActionState.SENDING | ActionState.UNDOING:
            return Help.WAIT
        case ActionState.UNSURE | ActionState.UNDO_UNSURE:
            return Help.LOOK
        case ActionState.SENT | ActionState.CONFIRMED:
            return _standing(hall, action, receipt)
        case _:
            return Help.NOTHING


def _standing(hall: Hall, action: Action, receipt: Receipt | None) -> Help:
    """Of what was done: who can take it away."""
    choice = action.choice
    if choice.is_look_in:
        return Help.NOTHING
    if choice.verb in PERSONAL:
        return Help.TALK
    if action.take_back:
        return Help.WAIT
    entry = hall.policy.get(choice.network)
    by_program = choice.channel is Channel.API and receipt is not None
    if by_program and entry is not None and choice.verb in entry.undo:
        return Help.TAKE_BACK
    return Help.ASK if choice.is_final else Help.DELETE


def _language(hall: Hall, card: Suggestion) -> str:
    client = hall.house.client(card.client) or Client(id=card.client, name=card.client)
    return draft.language_of(card.post.post, client, hall.house.language)


def _take_down(tx: Tx, sphere: str, action: Action, now: datetime) -> Action:
    if action.state not in _TAKEN_DOWN:
        raise PolicyRefused(
            mark(
                "{card}: it is {state}, so nothing can be deleted there; `netbot oops {card}` "
                "says what helps"
            ),
            card=action.suggestion,
            state=Term(action.state),
        )
    for state in _TAKEN_DOWN[action.state]:
        action = acts.move(tx, action, state, now)
    touches.undo(tx, sphere, action.suggestion, now)
    return action


def _apology(action: Action, text: str, now: datetime) -> Touch:
    return Touch(client=action.client, at=now, direction=Direction.OUT, kind=APOLOGY, text=text)
