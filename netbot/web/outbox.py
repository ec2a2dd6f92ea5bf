"""What was approved: by hand or by netbot, waiting, unknown, failed and sent."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.responses import Response

from netbot import engine
from netbot.model import Action, ActionState, Channel, Handoff, Refused, Suggestion
from netbot.web.entries import entry, is_held, troubles
from netbot.web.pages import card
from netbot.web.visit import Visit

#: States of an act that waits for the user's own browser.
BY_HAND = (ActionState.PENDING, ActionState.HANDED_OFF)

_COUNT = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An act in the user's hands."""

    card: Suggestion
    action: Action
    handoff: Handoff | None  # None: the address is not to be trusted
    is_begun: bool  # the user has seen it as approved
    is_held: bool = False  # its client is left in peace
    opener: str = ""  # where the user is logged in with its account

    @property
    def number(self) -> str:
        """The card's id without its sphere."""
        return self.card.id.rpartition("-")[2]


def outbox(visit: Visit) -> Response:
    """Everything that was approved and is not over, and what was sent lately."""
    sphere, now = visit.sphere, visit.now
    troubled = troubles(visit)
    later = engine.put_off(sphere.store, sphere.house, now)
    return visit.render(
        "outbox.html",
        problem="",
        slips=[_slip(visit, each) for each in engine.handed_off(sphere.store, sphere.house, now)],
        held=[entry(visit, each) for each in engine.held(sphere.store, sphere.house, now)],
        later=[entry(visit, each) for each in later],
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
    total = round_of(visit)
    left = len(engine.handed_off(visit.sphere.store, visit.sphere.house, visit.now))
    return visit.render(
        "slip.html",
        status=status,
        slips=shown,
        problem=problem,
        total=total,
        place_in_round=max(1, total - left + 1),
    )


def round_of(visit: Visit) -> int:
    """How many acts the round had that the user is on; 0 for no round."""
    told = visit.form.get("round") or visit.request.query_params.get("round", "")
    return int(told) if _COUNT.fullmatch(told) else 0


def _slip(visit: Visit, action: Action) -> Slip:
    """The address is made anew each time: it comes from the database, never from a request."""
    found, _newest = visit.card(action.suggestion)
    hall = visit.sphere.hall
    handoff: Handoff | None = None
    account = hall.house.account(action.choice.account)
    with suppress(Refused):
        handoff = hall.handoffs[action.choice.network].handoff(action, account)
    return Slip(
        card=found,
        action=action,
        handoff=handoff,
        is_begun=action.state is ActionState.HANDED_OFF,
        is_held=is_held(visit, action),
        opener=account.opener if account else "",
    )
