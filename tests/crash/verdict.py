"""What must be true when a run is over: nothing twice, nothing lost, nothing out of sight."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select

from netbot import engine
from netbot.model import Action, ActionState, Outcome, SuggestionState
from netbot.store import Store, Tx, acts, suggestions
from netbot.store.schema import decisions, history, outbox, touches
from tests.crash.plans import CARD, SPHERE
from tests.plaza import Json

STANDING = (ActionState.SENT,)
DOUBTFUL = (ActionState.UNSURE, ActionState.UNDO_UNSURE)
UNFINISHED = (ActionState.SENDING, ActionState.UNDOING)


def steps(tx: Tx, action: int) -> Counter[ActionState]:
    """How often an act came into each state."""
    query = select(history.c.to_state).where(history.c.action_id == action)
    return Counter(ActionState(state) for state in tx.scalars(query))


class Verdict:
    """Compares what the database says of a card with what the network counted."""

    def __init__(self, store: Store, told: Json, card: str = CARD) -> None:
        mine = touches.c.suggestion_id == suggestions.number(SPHERE, card)
        decided = decisions.c.suggestion_id == suggestions.number(SPHERE, card)
        with store.read() as tx:
            self._card = suggestions.get(tx, SPHERE, card)
            found = acts.in_state(tx, SPHERE, *ActionState)
            self._acts = [action for action in found if action.suggestion == card]
            self._steps = {action.id: steps(tx, action.id) for action in self._acts}
            outcomes = tx.scalars(select(decisions.c.outcome).where(decided)).all()
            live = select(touches.c.id).where(mine, touches.c.undone_at.is_(None))
            self._touches = len(tx.scalars(live).all())
            planned = select(outbox.c.id).where(outbox.c.look_at.is_not(None))
            self._planned = tx.scalars(planned).all()
        self._undone = Outcome.UNDONE in outcomes
        self._shown = {action.id for action in (*engine.outbox(store), *engine.troubles(store))}
        self._target = self._card.post.post.url
        self._asked: Counter[str] = Counter(told["asked"])
        self._standing = sum(one["target"] == self._target for one in told["standing"])

    def faults(self) -> Iterator[str]:
        """Everything that must not be."""
        yield from self._twice()
        for action in self._acts:
            yield from self._lost(action)
        yield from self._disagreeing()
        if self._planned:
            yield f"there are looks still to come: {self._planned}"

    @property
    def end(self) -> str:
        """How it ended, in one word."""
        return self._acts[0].state.value if self._acts else self._card.state.value

    def _twice(self) -> Iterator[str]:
        """One approval is one request at most, and so is one wish to have it back."""
        for op, state in (("do", ActionState.SENDING), ("undo", ActionState.UNDOING)):
            left = sum(passed[state] for passed in self._steps.values())
            if not (asked := self._asked[f"{op} {self._target}"]) <= left:
                yield f"{asked} requests to {op} for {left} acts that left"
        for number, passed in self._steps.items():
            if passed[ActionState.SENDING] > 1:
                yield f"act {number} left more than once"
        if self._standing > 1:
            yield f"it stands there {self._standing} times"

    def _lost(self, action: Action) -> Iterator[str]:
        """What is not done and not closed by the human or by time is shown to the human."""
        shown, state = action.id in self._shown, action.state
        if state in UNFINISHED:
            yield f"act {action.id} is stuck in {state}"
        if state in (*DOUBTFUL, ActionState.PENDING) and not shown:
            yield f"act {action.id} is {state}, and nobody can see it"
        if state is ActionState.FAILED and not (shown or self._taken_up(action)):
            yield f"act {action.id} failed, and nobody can see it"
        if state is ActionState.SENT and action.take_back and not shown:
            yield f"act {action.id} was never taken back"
        if state is ActionState.WITHDRAWN and not self._closed(action):
            yield f"act {action.id} was withdrawn by nobody"

    def _taken_up(self, action: Action) -> bool:
        """The human has the card before them once more, or has said yes once more."""
        return self._card.state is SuggestionState.WAITING or action != self._acts[0]

    def _closed(self, action: Action) -> bool:
        expired = action.changed_at >= action.expires_at
        returned = bool(action.note)  # the post was edited or has vanished
        return expired or returned or self._undone

    def _disagreeing(self) -> Iterator[str]:
        """What the database calls sent stands there, what it calls closed does not."""
        sent = sum(action.state in STANDING for action in self._acts)
        doubtful = sum(action.state in DOUBTFUL for action in self._acts)
        if not sent <= self._standing <= sent + doubtful:
            yield f"{sent} are sent and {doubtful} doubtful, but {self._standing} stand there"
        if not sent <= self._touches <= sent + doubtful:
            yield f"{sent} are sent, but {self._touches} touches count"


def story(store: Store) -> Iterator[str]:
    """The ways that the acts went, step by step."""
    with store.read() as tx:
        for row in tx.execute(select(history).order_by(history.c.id)).mappings():
            yield f"{row['at']:%d. %H:%M:%S} act {row['action_id']} is {row['to_state']}"
        for action in acts.in_state(tx, SPHERE, *ActionState):
            yield f"act {action.id} of {action.suggestion}: {action.note}"
