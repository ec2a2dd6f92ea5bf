"""Several processes at one database: a daemon, ``perform --once`` and the human at the page.

They are stopped, woken and killed at random, on a network that loses answers. A program, for the
same reason as ``tests.crash.nursery``: ``python -m tests.crash.contenders SEED FIRST STEP RUNS``
tells of every run in a line of JSON; ``SEED NUMBER`` replays one with the same chances, as far as
the processes come to them in the same order.
"""

import json
import os
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic

from netbot import crash, engine
from netbot.engine import Approve, Hall, Undo
from netbot.model import ActionState, PolicyRefused, StoreError, UsageError, Verb
from netbot.store import Store, acts
from tests.crash.nursery import SHELF
from tests.crash.plans import HOUSE, POLICY, POST, SPHERE, STUDIO, TEXT, VERBS, furnish
from tests.crash.verdict import Verdict
from tests.house import NOON, hours
from tests.plaza import Fault, Square, plaza

CARDS = 8
LASTS_S = 0.5  # the unrest of a run, at least
ACTS = 3  # and until so many requests have left, however slow the machine ...
LONGEST_S = 10  # ... but no longer than that: there may be nothing left to do
PACE = 100  # seconds of the house in a real one

#: From the note to the call, in seconds; who is stopped in between often sleeps longer.
WITHIN_S = 0.05

FAULTS = (Fault.OK, Fault.OK, Fault.OK, Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.BROKEN_DONE)

nap = Event().wait  # nobody ever sets it


class Process:
    """What each of the processes has in hand, and what it does until it is killed."""

    def __init__(self, store: Store, port: int, began: float) -> None:
        self._store = store
        self._began = began
        self._plaza = plaza(STUDIO, port=port, town="here")
        self._hall = Hall(house=HOUSE, policy=POLICY, handoffs={"mastodon": self._plaza})

    def now(self) -> datetime:
        """The same for all of them."""
        return NOON + timedelta(seconds=(monotonic() - self._began) * PACE)

    def round(self, now: datetime) -> None:
        """What the holder of the executor does."""
        engine.settle(self._store, now)
        actors = {STUDIO.id: self._plaza}
        engine.send(self._store, self._hall, actors, now, within_s=WITHIN_S)

    def identify(self) -> None:
        """Nobody acts before."""
        self._plaza.identify()

    def be_daemon(self, chance: Random) -> None:
        """Hold the executor for life."""
        with suppress(StoreError), self._store.alone("executor", wait=False):
            while True:
                self.round(self.now())
                nap(chance.uniform(0, 0.01))
        nap(0.01)

    def be_called(self, chance: Random) -> None:
        """``perform --once``."""
        with suppress(StoreError), self._store.alone("executor", wait=False):
            self.round(self.now())
        nap(chance.uniform(0, 0.02))

    def be_human(self, chance: Random) -> None:
        """Approve a card, or take back what was decided about it."""
        verb = chance.choice(VERBS)
        yes = Approve(verb=verb, text=TEXT if verb is Verb.COMMENT else None)
        intent = yes if chance.random() < 0.7 else Undo()
        with suppress(PolicyRefused, UsageError, StoreError):
            card = f"{SPHERE}-{chance.randint(1, CARDS)}"
            engine.decide(self._store, self._hall, card, intent, self.now())
        nap(chance.uniform(0, 0.02))


def doze_off(chance: Random) -> Callable[[str], None]:
    """Now and then a process is stopped right where it would be most dangerous."""

    def pass_by(_: str) -> None:
        if chance.random() < 0.01:
            os.kill(os.getpid(), signal.SIGSTOP)

    return pass_by


def fork(process: Process, part: Callable[[Random], None], chance: Random) -> int:
    """A process that plays a part for ever; its id."""
    child = os.fork()
    if not child:
        try:
            crash.arm(doze_off(chance))
            process.identify()
            while True:
                part(chance)
        finally:
            traceback.print_exc()
            os._exit(70)
    return child


class Quarrel:
    """One run."""

    def __init__(self, store: Store, square: Square, chance: Random) -> None:
        self._chance = chance
        self._square = square
        self._store = store
        self._process = Process(store, square.port, monotonic())
        faults = {op: chance.choices(FAULTS, k=20) for op in ("do", "undo", "read")}
        square.open("here", post=POST, changes={}, changed_from=1, faults=faults)
        one = self._process
        self._parts = [one.be_daemon, one.be_daemon, one.be_called, one.be_human]
        self._children = [self._begin(part) for part in self._parts]
        self.did: Counter[str] = Counter()
        self.wrong: list[str] = []

    def rage(self) -> None:
        """Stop, wake and kill until the time is over and something has happened."""
        began, lasted_s = monotonic(), 0.0
        while lasted_s < LASTS_S or (self._requests() < ACTS and lasted_s < LONGEST_S):
            place = self._chance.randrange(len(self._parts))
            do = self._chance.choices((self._stop, self._wake, self._replace), (3, 9, 1))[0]
            do(place)
            self.did[do.__name__.strip("_")] += 1
            nap(self._chance.uniform(0, 0.01))
            lasted_s = monotonic() - began
        for child in self._children:
            self._end(child)

    def settle(self) -> None:
        """Let the network answer all questions, and compare."""
        self._process.identify()
        now = self._process.now()
        for number in range(8):
            self._process.round(now + hours(number))
        self._store.close()
        self.did["requests"] = self._requests()
        told = self._square.tell("here")
        for number in range(1, CARDS + 1):
            verdict = Verdict(self._store, told, f"{SPHERE}-{number}")
            self.wrong += [f"card {number}: {wrong}" for wrong in verdict.faults()]
            self.did[verdict.end] += 1
        self.did["too late"] = self._count_too_late()

    def _requests(self) -> int:
        asked = self._square.tell("here")["asked"]
        return int(asked.get("do", 0) + asked.get("undo", 0))

    def _count_too_late(self) -> int:
        """How many were stopped between the note and the call, and did not call."""
        with self._store.read() as tx:
            found = acts.in_state(tx, SPHERE, ActionState.UNSURE, ActionState.UNDO_UNSURE)
        return sum("too much time" in action.note for action in found)

    def _begin(self, part: Callable[[Random], None]) -> int:
        return fork(self._process, part, Random(self._chance.random()))

    def _stop(self, place: int) -> None:
        os.kill(self._children[place], signal.SIGSTOP)

    def _wake(self, place: int) -> None:
        os.kill(self._children[place], signal.SIGCONT)

    def _replace(self, place: int) -> None:
        self._end(self._children[place])
        self._children[place] = self._begin(self._parts[place])

    def _end(self, child: int) -> None:
        os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != -signal.SIGKILL:
            self.wrong.append(f"a process ended with {status}")


def run(folder: Path, square: Square, chance: Random) -> Quarrel:
    """A new home, some unrest, and the verdict in ``wrong``."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        store = Store(f"sqlite:///{home}/netbot.db", SPHERE)
        furnish(store, cards=CARDS)
        store.close()  # nobody forks with a database open
        quarrel = Quarrel(store, square, chance)
        quarrel.rage()
        quarrel.settle()
        store.close()
    return quarrel


def main(seed: int, first: int, step: int = 1, runs: int = 1) -> int:
    """Do these runs; 1 when anything went wrong."""
    shelf, wrong = SHELF if SHELF.is_dir() else None, 0
    with tempfile.TemporaryDirectory(prefix="netbot-", dir=shelf) as folder, Square() as square:
        for number in range(first, first + step * runs, step):
            quarrel = run(Path(folder), square, Random(f"{seed} {number}"))
            told = {"number": number, "wrong": quarrel.wrong, "did": quarrel.did}
            print(json.dumps(told), flush=True)
            wrong += len(quarrel.wrong)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
