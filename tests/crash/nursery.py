"""Lives that are cut short: forks a process for each life of a run, and judges what is left.

A program of its own, because a process may be forked safely only while it has one thread and no
database open: ``python -m tests.crash.nursery SEED NUMBER`` replays one run and tells its story;
with FIRST STEP LAST for the number it tells of each of these runs in a line of JSON.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from netbot.store import Store
from tests.crash import points
from tests.crash.lives import Life, strike_at
from tests.crash.stage import CARD, POST, SPHERE, Plan, furnish, plan
from tests.crash.verdict import Verdict
from tests.house import NOON
from tests.plaza import Square

#: Killing a process takes nothing from a file, so the files need no disk.
SHELF = Path("/dev/shm")  # noqa: S108

Tell = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Run:
    """One run and what is to be told of it."""

    plan: Plan
    story: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    end: str = ""

    def told(self) -> str:
        """As a line of JSON."""
        return json.dumps(asdict(self), default=str)


class Nursery:
    """Runs on databases in a folder, with the towns of one square."""

    def __init__(self, folder: Path, square: Square) -> None:
        self._folder = folder
        self._square = square
        self._template = folder / "template.db"
        lines, status = spawn(lambda tell: furnish(self._template))
        if status:
            raise RuntimeError("\n".join(lines))

    def run(self, plan: Plan) -> Run:
        """Live, die, live again; the last life is left in peace and judged."""
        run, town, now = Run(plan=plan), f"town-{plan.number}", NOON
        home = self._folder / town
        home.mkdir()
        shutil.copyfile(self._template, home / "netbot.db")
        self._square.open(town, POST, plan.changes, plan.faults)
        for death, gap_s in zip((*plan.deaths, None), (*plan.gaps_s, 0), strict=True):
            life = partial(self._live, plan, home / "netbot.db", now, death)
            lines, status = spawn(life)
            run.story += [*lines, f"ended with {status}"]
            run.struck += [line[7:] for line in lines if line.startswith("struck ")]
            times = [line[3:] for line in lines if line.startswith("at ")]
            now = datetime.fromisoformat(times[-1]) if times else now
            now += timedelta(seconds=gap_s)
            if status not in {0, -signal.SIGKILL}:
                run.faults.append(f"a life ended with {status}")
        self._judge(run, home / "netbot.db", town)
        shutil.rmtree(home)
        self._square.close(town)
        return run

    def _live(
        self, plan: Plan, file: Path, now: datetime, death: tuple[str, int] | None, tell: Tell
    ) -> None:
        if death is not None:
            strike_at(*death, partial(_die, death[0], tell))
        with Store(f"sqlite:///{file}", SPHERE) as store:
            Life(
                plan=plan, store=store, port=self._square.port, town=file.parent.name, now=now,
                tell=tell,
            ).live()

    def _judge(self, run: Run, file: Path, town: str) -> None:
        told = self._square.tell(town)
        run.story.append(f"the town: {json.dumps(told)}")
        with Store(f"sqlite:///{file}", SPHERE) as store:
            verdict = Verdict(store, told)
            run.faults += verdict.faults()
            run.end = verdict.end
            run.story += verdict.story()


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


def main(seed: int, numbers: range, *, aloud: bool) -> int:
    """Do these runs; 1 when there was a fault."""
    shelf = SHELF if SHELF.is_dir() else None
    where, faults = points.everywhere(), 0
    with tempfile.TemporaryDirectory(prefix="netbot-", dir=shelf) as folder, Square() as square:
        nursery = Nursery(Path(folder), square)
        for number in numbers:
            run = nursery.run(plan(seed, number, where))
            faults += len(run.faults)
            if aloud:
                print(run.plan, *run.story, f"end: {run.end}", *run.faults, sep="\n")
            else:
                print(run.told(), flush=True)
    return int(bool(faults))


if __name__ == "__main__":
    seed, first, *more = map(int, sys.argv[1:])
    step, last = more or (1, first + 1)
    sys.exit(main(seed, range(first, last, step), aloud=not more))
