"""What a database that comes back from a backup no longer knows."""

from datetime import datetime

from sqlalchemy import Connection

from netbot.model import ActionState
from netbot.store import acts
from netbot.text import mark

#: Under way when the copy was made; how it ended is written down elsewhere, or nowhere.
UNKNOWN = {
    ActionState.SENDING: ActionState.UNSURE,
    ActionState.UNDOING: ActionState.UNDO_UNSURE,
}

COPIED = mark("This act was under way when the backup was made; nobody knows whether it arrived.")


def doubt(tx: Connection, sphere: str, now: datetime) -> int:
    """Call unsure what was under way, and have its network asked; returns how many acts."""
    found = acts.in_state(tx, sphere, *UNKNOWN)
    for action in found:
        unsure = acts.move(tx, action, UNKNOWN[action.state], now, note=COPIED)
        acts.read_back_at(tx, unsure, 0, now)
    return len(found)
