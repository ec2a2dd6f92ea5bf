"""What netbot does itself: each approved act once, and nothing that nobody is sure of again.

That an act leaves is written down and committed first, then comes the one call, then what became
of it. Whoever dies between the two leaves a row behind that says "nobody knows"; it is settled by
reading back or by the human, and never by sending again. Only the holder of the sphere's
executor lock may call these functions.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

from netbot.crash import crash_point
from netbot.engine import gate, outcome, peace
from netbot.engine.decide import SECOND_CHANCE, Hall
from netbot.model import (
    Action,
    ActionState,
    Gone,
    NetbotError,
    NetworkError,
    PolicyRefused,
    Post,
    Receipt,
    Sight,
    SuggestionState,
    Unsure,
    hash_post,
)
from netbot.network import Network
from netbot.store import Store, Tx, accounts, acts, expenses, performed, posts, suggestions
from netbot.text import mark

#: From the note that an act leaves to its call no more than this may pass, in seconds.
SEND_WITHIN_S = 5

#: How many acts one round looks at; the others have their turn in the next one.
FEW = 100

#: How long an act waits when its network cannot be read.
UNREADABLE = timedelta(minutes=5)

STALE = mark("netbot was interrupted while this act left; nobody knows whether it arrived.")
STOPPED = mark("Everything was stopped just before this act left; it has not been sent.")
VANISHED = mark("The post is no longer there.")
EDITED = mark("The post reads differently now than when you decided.")

#: My accounts' networks, each with its own secret in hand, by account id.
Actors = Mapping[str, Network]


@dataclass(slots=True)
class Dispatch:
    """What one round did, by number of acts."""

    sent: int = 0
    taken_back: int = 0
    failed: int = 0
    unsure: int = 0
    waiting: int = 0
    read_back: int = 0


def recover(store: Store, now: datetime) -> int:
    """Declare what another life of this process left half-done unsure; returns how many acts."""
    with store.write() as tx:
        sending = acts.in_state(tx, store.sphere, ActionState.SENDING)
        undoing = acts.in_state(tx, store.sphere, ActionState.UNDOING)
        for action in sending:
            outcome.lose(tx, action, ActionState.UNSURE, STALE, now)
        for action in undoing:
            outcome.lose(tx, action, ActionState.UNDO_UNSURE, STALE, now)
        crash_point("before the doubt is committed")
    crash_point("the doubt is committed")
    return len(sending) + len(undoing)


def send(
    store: Store, hall: Hall, actors: Actors, now: datetime, *, within_s: float = SEND_WITHIN_S
) -> Dispatch:
    """One round: take back what shall be, send what is due, read back what is not sure.

    ``within_s`` is how long after its note an act may still leave, in seconds. While everything is
    stopped only the reading goes on. Raises ``StoreError`` when what became of an act cannot be
    written down; the next round then calls it unsure.
    """
    turn = _Round(store=store, hall=hall, actors=actors, now=now, within_s=within_s)
    turn.done.unsure = recover(store, now)
    with store.read() as tx:
        back = acts.to_take_back(tx, store.sphere)
        due = acts.due(tx, store.sphere, now, limit=FEW)
        doubtful = acts.to_read_back(tx, store.sphere, now)
    for action in back:
        turn.take_back(action)
    for action in due:
        turn.send(action)
    turn.put_off()
    for action, looks in doubtful:
        turn.read_back(action, looks)
    return turn.done


@dataclass(slots=True, kw_only=True)
class _Round:
    store: Store
    hall: Hall
    actors: Actors
    now: datetime
    within_s: float = SEND_WITHIN_S
    done: Dispatch = field(default_factory=Dispatch)
    state: gate.State | None = None  # as of the last act that left
    waiting: list[tuple[Action, gate.Wait]] = field(default_factory=list)

    def send(self, action: Action) -> None:
        """Bring one act to the door, and through it if nothing stands against it."""
        if self.hall.paused():
            return
        if self.state is None:
            with self.store.read() as tx:
                self.state = self._state(tx)
        wait = gate.find_wait(action, self.state, self.now)
        actor = self.actors.get(action.choice.account or "")
        if wait is not None or actor is None:
            no_account = gate.Wait(until=self.now + gate.AGAIN, note=gate.NO_ACCOUNT)
            self.waiting.append((action, wait or no_account))
            return
        self.state = None
        sight = self._look(actor, action)
        if sight is not None:
            self._pass(actor, action, sight)

    def put_off(self) -> None:
        """Write down which acts wait, and for what."""
        if self.waiting:
            waits = [(action, wait.until, wait.note) for action, wait in self.waiting]
            with self.store.write() as tx:
                acts.put_off(tx, waits, self.now)
            self.done.waiting += len(waits)

    def _postpone(self, tx: Tx, action: Action, wait: gate.Wait) -> None:
        acts.postpone(tx, action, wait.until, wait.note, self.now)
        self.done.waiting += 1
        crash_point("before the wait is committed")

    def _look(self, actor: Network, action: Action) -> Sight | None:
        """See the post once more; None when that already settles the matter."""
        try:
            sight = actor.look(action)
        except Gone:
            self._return(action, VANISHED, SuggestionState.SUPERSEDED)
            return None
        except NetworkError as error:
            with self.store.write() as tx:
                outcome.heed(tx, action, error, self.now)
                self._postpone(tx, action, gate.Wait(self.now + UNREADABLE, str(error)))
            return None
        if sight.done is None and self._reads_differently(action, sight.post):
            return None
        return sight

    def _reads_differently(self, action: Action, shown: Post | None) -> bool:
        """A post that was edited since the human saw it goes back to the human, as it reads now.

        Only the place in which it was seen can tell; another one words it in its own way.
        """
        with self.store.read() as tx:
            card = suggestions.get(tx, self.store.sphere, action.suggestion)
        seen = card.post.post
        same_place = seen.network == action.choice.network
        if shown is None or not same_place or hash_post(shown) == action.post_sha:
            return False
        with self.store.write() as tx:
            reads_now = replace(seen, title=shown.title, text=shown.text, url=shown.url)
            posts.update_post(tx, card.post.id, card.client, reads_now, self.now)
        crash_point("the edit of the post is committed")
        self._return(action, EDITED, SuggestionState.WAITING)
        return True

    def _return(self, action: Action, note: str, card: SuggestionState) -> None:
        """The approval no longer fits: it is withdrawn, and its card gives way or waits again."""
        expires_at = self.now + SECOND_CHANCE
        with self.store.write() as tx:
            acts.move(tx, action, ActionState.WITHDRAWN, self.now, note=note)
            suggestions.move(tx, self.store.sphere, action.suggestion, card, expires_at=expires_at)
            crash_point("before the withdrawal is committed")
        crash_point("the withdrawal is committed")

    def _pass(self, actor: Network, action: Action, sight: Sight) -> None:
        """The note, the one call, and what became of it."""
        with self.store.write() as tx:
            deadline = monotonic() + self.within_s
            leaving = self._note(tx, action, sight)
            crash_point("before sending is committed")
        if leaving is None:
            return
        crash_point("sending is committed")
        ending = self._call(actor, leaving, sight, deadline)
        crash_point("the call is over")
        with self.store.write() as tx:
            self._conclude(tx, leaving, ending)
            crash_point("before the outcome is committed")
        crash_point("the outcome is committed")

    def _note(self, tx: Tx, action: Action, sight: Sight) -> Action | None:
        """Write down that the act leaves; None when it must not, or stands there already."""
        sphere, now = self.store.sphere, self.now
        action = acts.get(tx, sphere, action.id)
        if action.state is not ActionState.PENDING:
            return None
        wait = gate.find_wait(action, self._state(tx), now)
        if wait is not None:
            self._postpone(tx, action, wait)
            return None
        leaving = acts.move(tx, action, ActionState.SENDING, now)
        if sight.done is not None:
            outcome.arrive(tx, sphere, leaving, replace(sight.done, found=True), now)
            self.done.sent += 1
            return None
        costs = self.hall.policy[action.choice.network].cost_micros
        acts.charge(tx, leaving, costs.get(action.choice.verb, 0))
        return leaving

    def _call(
        self, actor: Network, action: Action, sight: Sight, deadline: float
    ) -> Receipt | NetbotError:
        if self.hall.paused():
            return PolicyRefused(STOPPED)
        try:
            return actor.perform(action, sight, deadline)
        except (NetworkError, PolicyRefused) as error:
            return error

    def _conclude(self, tx: Tx, action: Action, ending: Receipt | NetbotError) -> None:
        if isinstance(ending, Receipt):
            outcome.arrive(tx, self.store.sphere, action, ending, self.now)
            self.done.sent += 1
        elif isinstance(ending, Unsure):
            outcome.lose(tx, action, ActionState.UNSURE, str(ending), self.now)
            self.done.unsure += 1
        else:
            acts.move(tx, action, ActionState.FAILED, self.now, note=str(ending))
            outcome.heed(tx, action, ending, self.now)
            self.done.failed += 1

    def take_back(self, action: Action) -> None:
        """Undo what was sent, with the same care: the note, one call, what became of it."""
        actor = self.actors.get(action.choice.account or "")
        if actor is None or self.hall.paused():
            return
        with self.store.write() as tx:
            action = acts.get(tx, self.store.sphere, action.id)
            receipt = acts.receipt_of(tx, action)
            if not action.take_back or receipt is None:
                return
            deadline = monotonic() + self.within_s
            action = acts.move(tx, action, ActionState.UNDOING, self.now)
            crash_point("before undoing is committed")
        crash_point("undoing is committed")
        error = self._call_back(actor, action, receipt, deadline)
        crash_point("the take-back is over")
        with self.store.write() as tx:
            self._conclude_back(tx, action, error)
            crash_point("before the end of the take-back is committed")
        crash_point("the end of the take-back is committed")

    def _call_back(
        self, actor: Network, action: Action, receipt: Receipt, deadline: float
    ) -> NetbotError | None:
        if self.hall.paused():
            return PolicyRefused(STOPPED)
        try:
            with suppress(Gone):
                actor.undo(action, receipt, deadline)
        except (NetworkError, PolicyRefused) as error:
            return error
        return None

    def _conclude_back(self, tx: Tx, action: Action, error: NetbotError | None) -> None:
        if error is None:
            outcome.vanish(tx, self.store.sphere, action, self.now)
            self.done.taken_back += 1
        elif isinstance(error, Unsure):
            outcome.lose(tx, action, ActionState.UNDO_UNSURE, str(error), self.now)
            self.done.unsure += 1
        else:
            acts.move(tx, action, ActionState.SENT, self.now, note=str(error))
            outcome.heed(tx, action, error, self.now)
            self.done.failed += 1

    def read_back(self, action: Action, looks: int) -> None:
        """Ask the network what stands there, and let that settle what nobody knew."""
        actor = self.actors.get(action.choice.account or "")
        if actor is None:
            return
        ending: Receipt | NetworkError | None
        try:
            ending = actor.read_back(action)
        except NetworkError as error:
            ending = error
        crash_point("it was read back")
        with self.store.write() as tx:
            if acts.get(tx, self.store.sphere, action.id).state is action.state:
                self._settle(tx, action, ending, looks)
            crash_point("before what was read back is committed")
        crash_point("what was read back is committed")
        self.done.read_back += 1

    def _settle(
        self, tx: Tx, action: Action, ending: Receipt | NetworkError | None, looks: int
    ) -> None:
        sphere, now = self.store.sphere, self.now
        if isinstance(ending, NetworkError):
            outcome.heed(tx, action, ending, now)
            outcome.ask_again(tx, action, looks, now)
        elif ending is None:
            outcome.miss(tx, sphere, action, now, looks=looks)
        else:
            outcome.find(tx, sphere, action, replace(ending, found=True), now, looks=looks)

    def _state(self, tx: Tx) -> gate.State:
        return gate.State(
            house=self.hall.house,
            policy=self.hall.policy,
            known=accounts.load(tx),
            quiet=peace.quiet(tx, self.hall.house, self.now),
            performed=performed.after(tx, self.now - gate.MONTH),
            expenses=expenses.after(tx, (self.now - gate.MONTH).date()),
        )
