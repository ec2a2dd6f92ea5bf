"""What was approved: by hand or by netbot, waiting, unknown, failed and sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from netbot import engine
from netbot.model import Action, ActionState, Channel, Handoff, Refused, Suggestion
from netbot.web.entries import entry, is_held, troubles
from netbot.web.pages import card
from netbot.web.visit import Visit

#: States of an act that waits for the user's own browser.
BY_HAND = (ActionState.PENDING, ActionState.HANDED_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An act in the user's hands."""

    card: Suggestion
    action: Action
    handoff: Handoff | None  # None: the address is not to be trusted
    is_begun: bool  # the user has seen it as approved
    is_held: bool = False  # its client is left in peace

    @property
    def number(self) -> str:
        """The card's id without its sphere."""
        return self.card.id.rpartition("-")[2]


def outbox(visit: Visit) -> Response:
    """Everything that was approved and is not over, and what was sent lately."""
    sphere, now = visit.sphere, visit.now
    troubled = troubles(visit)
    return visit.render(
        "outbox.html",
        problem="",
        slips=[_slip(visit, each) for each in engine.handed_off(sphere.store, sphere.house, now)],
        held=[entry(visit, each) for each in engine.held(sphere.store, sphere.house, now)],
        waiting=[entry(visit, each) for each in engine.outbox(sphere.store)],
        unknown=[each for each in troubled if each.is_unknown],
        failed=[each for each in troubled if not each.is_unknown],
        done=[entry(visit, each) for each in engine.done_by_hand(sphere.store, now)],
        sent=[entry(visit, each) for each in engine.sent(sphere.store, now)],
    )


def slip(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """One act to be done by hand; the card instead, when it has none."""
    _card, action = visit.card()
    by_hand = action is not None and action.choice.channel is Channel.HANDOFF
    if action is None or action.state not in BY_HAND or not by_hand:
        return card(visit, problem=problem, status=status)
    shown: Sequence[Slip] = [_slip(visit, action)]
    return visit.render("slip.html", status=status, slips=shown, problem=problem)


def _slip(visit: Visit, action: Action) -> Slip:
    """The address is made anew each time: it comes from the database, never from a request."""
    found, _newest = visit.card(action.suggestion)
    hall = visit.sphere.hall
    handoff: Handoff | None = None
    try:
        account = hall.house.account(action.choice.account)
        handoff = hall.handoffs[action.choice.network].handoff(action, account)
    except Refused:
        pass
    return Slip(
        card=found,
        action=action,
        handoff=handoff,
        is_begun=action.state is ActionState.HANDED_OFF,
        is_held=is_held(visit, action),
    )
