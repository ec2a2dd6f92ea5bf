"""Lives that are cut short: forks a process for each life of a run, and judges what is left.

A program of its own, because a process may be forked safely only while it has one thread and no
database open: ``python -m tests.crash.nursery SEED NUMBER`` replays one run and tells its story;
``SEED FIRST STEP RUNS`` does so many runs and tells of each in a line of JSON.
"""

import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from netbot.store import Store
from tests.crash import points
from tests.crash.lives import Life, strike_at
from tests.crash.plans import POST, SPHERE, Plan, cells, furnish, plan
from tests.crash.verdict import Verdict, story
from tests.house import NOON
from tests.plaza import Square

#: Killing a process takes nothing from a file, so the files need no disk.
SHELF = Path("/dev/shm")

#: So many lives are lived before the first is forked.
REHEARSALS = 20

#: Below so many faults with which a crash point was met, it gets more runs than others.
SELDOM = 3

Tell = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Run:
    """One run and what is to be told of it."""

    plan: Plan
    story: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    end: str = ""

    @property
    def struck_first(self) -> bool:
        """Whether the point that the run's number stands for was met."""
        return self.plan.point in self.struck

    def told(self) -> str:
        """As a line of JSON, with its story if there is something to understand."""
        story = self.story if self.faults else []
        return json.dumps(asdict(self) | {"story": story})


class Nursery:
    """Runs on databases in a folder, with the towns of one square."""

    def __init__(self, folder: Path, square: Square) -> None:
        self._folder = folder
        self._square = square
        self._file = folder / "home" / "netbot.db"
        self._file.parent.mkdir()
        self._store = Store(f"sqlite:///{self._file}", SPHERE)
        furnish(self._store)
        self._store.close()
        self._template = self._file.read_bytes()

    def warm_up(self, plan: Plan) -> None:
        """Live once in this process: whoever is forked later need not think up each query anew."""
        town = self._found(plan)
        self._live(plan, town, NOON, None, lambda _: None)
        self._store.close()

    def run(self, plan: Plan) -> Run:
        """Live, die, live again; the last life is left in peace and judged."""
        run, town, now = Run(plan=plan), self._found(plan), NOON
        for death, gap_s in zip((*plan.deaths, None), (*plan.gaps_s, 0), strict=True):
            life = partial(self._live, plan, town, now, death)
            lines, status = spawn(life)
            run.story += [*lines, f"ended with {status}"]
            run.struck += [line[7:] for line in lines if line.startswith("struck ")]
            times = [line[3:] for line in lines if line.startswith("at ")]
            now = datetime.fromisoformat(times[-1]) if times else now
            now += timedelta(seconds=gap_s)
            if status not in {0, -signal.SIGKILL}:
                run.faults.append(f"a life ended with {status}")
        self._judge(run, town)
        self._square.close(town)
        return run

    def _found(self, plan: Plan) -> str:
        """A town and a home in which nothing has happened."""
        shutil.rmtree(self._file.parent)
        self._file.parent.mkdir()
        self._file.write_bytes(self._template)
        town = f"town-{plan.number}"
        self._square.open(
            town,
            post=POST,
            changes=plan.changes,
            changed_from=plan.changed_from,
            faults=plan.faults,
        )
        return town

    def _live(
        self, plan: Plan, town: str, now: datetime, death: tuple[str, int] | None, tell: Tell
    ) -> None:
        if death is not None:
            strike_at(*death, partial(_die, death[0], tell))
        Life(
            plan=plan, store=self._store, port=self._square.port, town=town, now=now, tell=tell
        ).live()

    def _judge(self, run: Run, town: str) -> None:
        told = self._square.tell(town)
        run.story.append(f"the town: {json.dumps(told)}")
        verdict = Verdict(self._store, told)
        run.faults += verdict.faults()
        run.end = verdict.end
        run.story += story(self._store)
        self._store.close()


def _die(point: str, tell: Tell) -> None:
    tell(f"struck {point}")
    os.kill(os.getpid(), signal.SIGKILL)


def spawn(live: Callable[[Tell], None]) -> tuple[list[str], int]:
    """Let a forked process live; what it told, and its exit code (negative: the signal)."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _be(live, lambda line: void(os.write(writing, f"{line}\n".encode())))
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        lines = told.read().splitlines()
    return lines, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def void(_: object) -> None:
    """Nothing."""


def _be(live: Callable[[Tell], None], tell: Tell) -> None:
    """Whatever happens, this process never returns into its parent's code."""
    code = 70
    try:
        live(tell)
        code = 0
    finally:
        if code:
            tell(traceback.format_exc())
        os._exit(code)


def numbers(mine: range, runs: int, struck: Collection[int], width: int) -> Iterator[int]:
    """So many numbers of runs, where they are needed most.

    ``struck`` holds the pairs of crash point and fault that were met; there are ``width`` points.
    """
    left = iter(range(runs))
    for again in count():
        for cell in _wanting(mine, struck, width):
            if next(left, None) is None:
                return
            yield cell + again * mine.stop


def _wanting(mine: range, struck: Collection[int], width: int) -> Sequence[int]:
    """The pairs of the points that are seldom met; else those not met yet; else all."""
    met = Counter(cell % width for cell in struck)
    seldom = [cell for cell in mine if met[cell % width] < SELDOM]
    return seldom or [cell for cell in mine if cell not in struck] or mine


def rehearse(nursery: Nursery, where: Sequence[str]) -> None:
    """Live some lives in this process: a child need not think up each query anew."""
    for number in range(REHEARSALS):
        nursery.warm_up(plan(0, number, where))
    gc.disable()
    gc.freeze()  # so that a child does not copy what it only looks at


def main(seed: int, number: int, *share: int) -> int:
    """Replay a run, or do a share of many; 1 when there was a fault."""
    shelf, where, faults = SHELF if SHELF.is_dir() else None, points.everywhere(), 0
    with tempfile.TemporaryDirectory(prefix="netbot-", dir=shelf) as folder, Square() as square:
        nursery = Nursery(Path(folder), square)
        rehearse(nursery, where)
        if not share:
            run = nursery.run(plan(seed, number, where))
            print(run.plan, *run.story, f"end: {run.end}", *run.faults, sep="\n")
            return int(bool(run.faults))
        step, runs = share
        struck: set[int] = set()
        mine = range(number, cells(where), step)
        for each in numbers(mine, runs, struck, len(where)):
            run = nursery.run(plan(seed, each, where))
            struck.update({each % cells(where)} if run.struck_first else ())
            faults += len(run.faults)
            print(run.told(), flush=True)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
