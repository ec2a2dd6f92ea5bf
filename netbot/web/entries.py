"""Acts in netbot's hands, as the pages list them."""

from dataclasses import dataclass
from datetime import datetime

from netbot import engine
from netbot.model import Action, ActionState, Receipt, Suggestion, Verb
from netbot.store import acts
from netbot.web.visit import Visit

#: An act in one of these states never left, or is known not to have arrived.
NOTHING_LEFT = (ActionState.DECLINED, ActionState.WITHDRAWN, ActionState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An act in netbot's hands, or out of them."""

    card: Suggestion
    action: Action
    receipt: Receipt | None
    can_undo: bool  # netbot can take it back where it stands
    is_held: bool = False  # its client is left in peace

    @property
    def number(self) -> str:
        """The card's id without its sphere."""
        return self.card.id.rpartition("-")[2]

    @property
    def place(self) -> str:
        """Where it stands, or would stand."""
        return (self.receipt.url if self.receipt else "") or self.action.choice.target_url

    @property
    def is_unknown(self) -> bool:
        """Whether only a look at the network can tell what became of it."""
        return self.action.state in {ActionState.UNSURE, ActionState.UNDO_UNSURE}


def troubles(visit: Visit) -> list[Entry]:
    """The acts that need the user."""
    return [entry(visit, action) for action in engine.troubles(visit.sphere.store)]


def urgent(visit: Visit) -> list[Entry]:
    """Those that cannot wait; what failed can, until its client is no longer left in peace."""
    return [
        each for each in troubles(visit) if each.is_unknown or each.action.client not in visit.quiet
    ]


def entry(visit: Visit, action: Action) -> Entry:
    """An act as the pages show it."""
    found, _newest = visit.card(action.suggestion)
    with visit.sphere.store.read() as tx:
        receipt = acts.receipt_of(tx, action)
    policy = visit.sphere.policy.get(action.choice.network)
    return Entry(
        card=found,
        action=action,
        receipt=receipt,
        can_undo=policy is not None and action.choice.verb in policy.undo,
        is_held=is_held(visit, action),
    )


def is_held(visit: Visit, action: Action) -> bool:
    """Whether an act rests because its client is left in peace."""
    public = action.choice.verb is not Verb.GESTURE
    waits = action.state in {ActionState.PENDING, ActionState.HANDED_OFF}
    return waits and public and action.client in visit.quiet


def may_mend(visit: Visit, state: ActionState | None, at: datetime | None) -> bool:
    """Whether there is a way from an act, last changed ``at``, to what helps."""
    if state is None or at is None or state in NOTHING_LEFT:
        return False
    return visit.now - at <= engine.KEPT
