"""One life of a process that decides, sends and reads back, until nothing more is to come."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from netbot import crash, engine
from netbot.engine import Approve, Hall, Undo
from netbot.model import Action, ActionState, PolicyRefused, SuggestionState, Verb
from netbot.store import Store, accounts, acts
from netbot.store.schema import outbox, suggestions
from tests.crash.plans import CARD, HOUSE, POLICY, SPHERE, STUDIO, TEXT, Plan
from tests.crash.verdict import steps
from tests.plaza import STALLS, Plaza, ask, plaza

#: The pace slows down from round to round; so many take it past everything that expires.
ROUNDS = 40

#: How often a human says yes to one card.
PATIENCE = 3

FOR_EVER = timedelta(days=10_000)


@dataclass(slots=True, kw_only=True)
class Life:
    """The process and its human, one after the other, on the database of a run."""

    plan: Plan
    store: Store
    port: int
    town: str
    now: datetime
    tell: Callable[[str], None]
    hall: Hall = field(init=False)
    _asked: int = 0

    def __post_init__(self) -> None:
        self.hall = Hall(
            house=HOUSE, policy=POLICY, handoffs={"mastodon": self._plaza()}, paused=self._paused
        )

    def live(self) -> None:
        """Go on until nothing more is to come; ``AssertionError`` when there is no end."""
        actor = self._plaza()
        actor.identify()
        with self.store.alone("executor", wait=False):
            for number in range(ROUNDS):
                self.tell(f"at {self.now.isoformat()}")
                engine.settle(self.store, self.now)
                acted = self._be_human()
                engine.send(self.store, self.hall, {STUDIO.id: actor}, self.now)
                due = self.now if acted else self._due()
                if due is None:
                    return
                self.now = max(due, self.now + timedelta(seconds=min(2**number, 100_000)))
        raise AssertionError("it goes on for ever")

    def stands(self) -> int:
        """How often the act stands in the town."""
        return len(ask(self.port, {"town": self.town, "op": "tell"})["standing"])

    def _plaza(self) -> Plaza:
        timeout_s = 0.05 if self.plan.fault in STALLS else 10
        return plaza(STUDIO, port=self.port, town=self.town, timeout_s=timeout_s)

    def _paused(self) -> bool:
        self._asked += 1
        return self._asked == self.plan.pauses_at

    def _due(self) -> datetime | None:
        """When there is something to do again; None: never."""
        pending = outbox.c.state == ActionState.PENDING.value
        wanted = (outbox.c.state == ActionState.SENT.value) & outbox.c.take_back_at.is_not(None)
        with self.store.read() as tx:
            times = [
                tx.scalar(select(func.min(outbox.c.look_at))),
                tx.scalar(select(func.min(outbox.c.not_before)).where(pending)),
                tx.scalar(select(func.min(outbox.c.take_back_at)).where(wanted)),
            ]
        return min((at for at in times if at), default=None)

    def _be_human(self) -> bool:
        """Look at the card, and say what there is to say; False when there is nothing."""
        with self.store.read() as tx:
            card = SuggestionState(tx.scalars(select(suggestions.c.state)).one())
            action = acts.latest(tx, SPHERE, CARD)
            yeses = tx.scalar(select(func.count()).select_from(outbox)) or 0
            frozen = accounts.load(tx)[STUDIO.id].frozen_at is not None
        if card is SuggestionState.WAITING:
            return yeses < PATIENCE and self._approve()
        if action is None or card is not SuggestionState.APPROVED:
            return False
        if frozen and self.plan.again:
            with self.store.write() as tx:
                accounts.thaw(tx, STUDIO.id)
        return self._answer(action, yeses)

    def _approve(self) -> bool:
        text = TEXT if self.plan.verb is Verb.COMMENT else None
        intent = Approve(verb=self.plan.verb, text=text)
        engine.decide(self.store, self.hall, CARD, intent, self.now)
        return True

    def _answer(self, action: Action, yeses: int) -> bool:
        plan = self.plan
        match action.state:
            case ActionState.PENDING:
                return plan.wavers and yeses == 1 and self._undo()
            case ActionState.SENT:
                return plan.takes_back and self._may_wish(action) and self._undo()
            case ActionState.FAILED:
                return plan.again and yeses < PATIENCE and self._undo()
            case ActionState.UNSURE:
                return self._may_answer(action) and self._say(done=self.stands() > 0)
            case ActionState.UNDO_UNSURE:
                return self._may_answer(action) and self._say(done=self.stands() == 0)
            case _:
                return False

    def _undo(self) -> bool:
        """What cannot be taken back is refused: then the human leaves it."""
        with suppress(PolicyRefused):
            engine.decide(self.store, self.hall, CARD, Undo(), self.now)
            return True
        return False

    def _say(self, *, done: bool) -> bool:
        (engine.confirm if done else engine.decline)(self.store, CARD, self.now)
        return True

    def _may_wish(self, action: Action) -> bool:
        """Once, and once more when it did not work."""
        with self.store.read() as tx:
            tries = steps(tx, action.id)[ActionState.UNDOING]
        return not action.take_back and tries < 1 + self.plan.again

    def _may_answer(self, action: Action) -> bool:
        with self.store.read() as tx:
            planned = {one.id for one, _ in acts.to_read_back(tx, SPHERE, self.now + FOR_EVER)}
        return self.plan.answers and (self.plan.hasty or action.id not in planned)


def strike_at(name: str, passing: int, strike: Callable[[], None]) -> None:
    """Have ``strike`` called at the n-th passing of a crash point."""
    passed: Counter[str] = Counter()

    def pass_by(point: str) -> None:
        passed[point] += 1
        if point == name and passed[point] == passing:
            strike()

    crash.arm(pass_by)
