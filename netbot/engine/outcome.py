"""What becomes of an act that left: each ending, within the caller's transaction."""

from datetime import datetime, timedelta

from netbot.engine.perform import touch_of
from netbot.model import Action, ActionState, Barred, NetbotError, RateLimited, Receipt
from netbot.store import Tx, accounts, acts, touches
from netbot.text import mark

#: When the network is asked whether the act stands there, in seconds after the call.
READ_BACK_S = (5, 30, 120, 600)

MISSING = mark("The network said yes, but the act is not to be seen there.")
STANDS = mark("It still stands there.")


def arrive(tx: Tx, sphere: str, action: Action, receipt: Receipt, now: datetime) -> None:
    """It stands there: remember where, and count it as a touch."""
    action = acts.move(tx, action, ActionState.SENT, now, note=receipt.note)
    acts.receive(tx, action, receipt, now)
    if receipt.found:
        acts.seen(tx, action, now)
    else:
        acts.read_back_at(tx, action, 0, now + timedelta(seconds=READ_BACK_S[0]))
    touches.add(tx, sphere, touch_of(action, now))


def lose(tx: Tx, action: Action, state: ActionState, note: str, now: datetime) -> None:
    """Nobody knows: ask the network in a moment."""
    action = acts.move(tx, action, state, now, note=note)
    acts.read_back_at(tx, action, 0, now + timedelta(seconds=READ_BACK_S[0]))


def vanish(tx: Tx, sphere: str, action: Action, now: datetime) -> None:
    """It was taken back, and never was a touch."""
    acts.move(tx, action, ActionState.UNDONE, now)
    touches.undo(tx, sphere, action.suggestion, now)


def heed(tx: Tx, action: Action, error: NetbotError, now: datetime) -> None:
    """The circuit breaker: an account that was told off rests, or waits for the human."""
    account = action.choice.account or ""
    if isinstance(error, Barred):
        accounts.freeze(tx, account, now, str(error))
    elif isinstance(error, RateLimited):
        accounts.rest(tx, account, now + timedelta(seconds=error.retry_after_s), str(error))


def find(
    tx: Tx, sphere: str, action: Action, receipt: Receipt, now: datetime, *, looks: int
) -> None:
    """Reading back found it there."""
    if action.state is ActionState.UNSURE:
        arrive(tx, sphere, action, receipt, now)
        return
    acts.seen(tx, action, now)
    if action.state is ActionState.UNDO_UNSURE and not ask_again(tx, action, looks, now):
        acts.remark(tx, action, STANDS, now)


def miss(tx: Tx, sphere: str, action: Action, now: datetime, *, looks: int) -> None:
    """Reading back did not find it.

    That proves a take-back, if it was to be seen before. It never proves that an act did not
    happen: networks may be slow to show it, so after the last look the human is asked. A network
    that said yes before has its account frozen, or a day's worth of acts might vanish unseen.
    """
    if action.state is ActionState.UNDO_UNSURE and acts.was_seen(tx, action):
        vanish(tx, sphere, action, now)
    elif not ask_again(tx, action, looks, now) and action.state is ActionState.SENT:
        acts.move(tx, action, ActionState.UNSURE, now, note=MISSING)
        touches.undo(tx, sphere, action.suggestion, now)
        accounts.freeze(tx, action.choice.account or "", now, MISSING)


def ask_again(tx: Tx, action: Action, looks: int, now: datetime) -> bool:
    """Plan the next reading; False when there have been enough of them."""
    more = looks + 1 < len(READ_BACK_S)
    wait_s = READ_BACK_S[looks + 1] - READ_BACK_S[looks] if more else 0
    acts.read_back_at(tx, action, looks + 1, now + timedelta(seconds=wait_s) if more else None)
    return more
