"""What a database that comes back from a backup no longer knows."""

from datetime import datetime

from sqlalchemy import Connection

from netbot.model import ActionState
from netbot.store import acts

#: Under way when the copy was made; how it ended nobody has written down here.
UNKNOWN = {
    ActionState.SENDING: ActionState.UNSURE,
    ActionState.UNDOING: ActionState.UNDO_UNSURE,
}


def doubt(tx: Connection, sphere: str, now: datetime) -> int:
    """Leave it to the human how acts ended that were under way; returns how many there are."""
    found = acts.in_state(tx, sphere, *UNKNOWN)
    for action in found:
        acts.move(tx, action, UNKNOWN[action.state], now)
    return len(found)
