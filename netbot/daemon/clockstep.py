"""Noticing that the machine's clock was set, which is no reason to wait shorter or longer."""

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

#: A difference below this is drift, in seconds.
DRIFT_S = 30

# Goes on while the machine sleeps; where there is no such clock, the one that comes nearest.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_s() -> float:
    """Seconds since some moment, by a clock that nobody can set."""
    return time.clock_gettime(_STEADY)


def boot() -> str:
    """Since which start of the machine the steady clock counts; "" where nobody says."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


class ClockStep:
    """Compares the clock on the wall with one that nobody can set."""

    def __init__(self, now: datetime, *, steady: Callable[[], float] = steady_s) -> None:
        self._steady = steady
        self._last = now, steady()

    @property
    def mark(self) -> str:
        """Both clocks at the last call, for the process that comes after this one."""
        at, mark_s = self._last
        return f"{at.timestamp()} {mark_s} {boot()}"

    def resume(self, mark: str) -> None:
        """Go on from the mark of an earlier process, if the machine has not started anew since."""
        with contextlib.suppress(ValueError):  # none, or not ours
            at_s, mark_s, since = mark.split(" ")
            if since and since == boot():
                self._last = datetime.fromtimestamp(float(at_s), UTC), float(mark_s)

    def since_last(self, now: datetime) -> timedelta:
        """How far the clock was set forward since the last call (negative: back); else zero."""
        before, mark_s = self._last
        mark_now_s = self._steady()
        self._last = now, mark_now_s
        step = now - before - timedelta(seconds=mark_now_s - mark_s)
        return step if abs(step.total_seconds()) > DRIFT_S else timedelta()
