"""The supervisor: starts the processes, keeps them running, and ends them."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from netbot import app, log
from netbot.daemon.child import environment, make_empty, netbot
from netbot.daemon.stop import Stop

#: After SIGTERM a child may take this long before it is killed, in seconds: less than the ten after
#: which container engines lose patience with us.
GRACE_S = 8

#: The longest pause before a child that keeps dying is started again, in seconds.
LONGEST_PAUSE_S = 60

#: A child that lived this long died of something new, in seconds.
HEALTHY_S = 60

BEAT_S = 0.2


@dataclass(slots=True, kw_only=True)
class Child:
    """One process, started again whenever it ends by itself."""

    name: str
    command: Sequence[str]
    folder: Path  # an empty one, for it to work and be at home in
    sphere: str | None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # these two in monotonic seconds
    start_at: float = 0.0
    deaths: int = 0  # one soon after the other

    def keep_alive(self) -> None:
        """Start the process when it is not running and its pause is over."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self._mourn(code)
        if monotonic() >= self.start_at:
            self._start()

    def end(self) -> None:
        """Ask the process to end."""
        if self.process is not None:
            self.process.terminate()

    def bury(self, deadline: float) -> None:
        """Wait until the process has ended; kill it at the deadline (monotonic seconds)."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("killed", child=self.name)
            self.process.kill()
            self.process.wait()

    def _start(self) -> None:
        make_empty(self.folder)
        self.process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=environment(self.sphere, os.environ, self.folder),
            stdin=subprocess.DEVNULL,
        )
        self.started_at = monotonic()

    def _mourn(self, code: int) -> None:
        lived_s = monotonic() - self.started_at
        self.deaths = 1 if lived_s > HEALTHY_S else self.deaths + 1
        pause_s = min(LONGEST_PAUSE_S, 2 ** min(self.deaths - 1, 10))
        self.process, self.start_at = None, monotonic() + pause_s
        log.error("ended", child=self.name, code=code, again_in_s=pause_s)


def supervise(home: Path, *, web: bool) -> None:
    """Run one worker a sphere, and the page, until SIGTERM. Raises ``UsageError``."""
    log.configure(process="supervisor")
    children = [_worker(home, name) for name in app.sphere_names(home)]
    if web:
        children.append(_web(home))
    stop = Stop()
    log.info("started", home=str(home), children=[child.name for child in children])
    try:
        while not stop.wait(BEAT_S):
            for child in children:
                child.keep_alive()
    finally:
        _end_all(children)
    log.info("stopped")


def _end_all(children: Sequence[Child]) -> None:
    for child in children:
        child.end()
    deadline = monotonic() + GRACE_S
    for child in children:
        child.bury(deadline)


def _worker(home: Path, sphere: str) -> Child:
    arguments = ("worker", "--home", str(home), "--sphere", sphere)
    folder = app.data_folder(home, sphere) / "empty"
    return Child(name=f"worker {sphere}", command=netbot(*arguments), folder=folder, sphere=sphere)


def _web(home: Path) -> Child:
    arguments = ("web", "--home", str(home))
    folder = home / "data" / "empty"
    return Child(name="web", command=netbot(*arguments), folder=folder, sphere=None)
