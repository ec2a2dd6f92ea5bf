"""What goes wrong at a stand-in network, and when."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Mishap(StrEnum):
    """The ways in which a call goes wrong."""

    LOST_REQUEST = "lost request"  # the connection breaks before anything is done
    LOST_ANSWER = "lost answer"  # it is done, then the connection breaks
    CUT_ANSWER = "cut answer"  # it is done, and the answer breaks off in its middle
    STALL = "stall"  # no answer for ``seconds``; done only if ``applied``
    DRIP = "drip"  # it is done, and the answer comes byte by byte over ``seconds``
    STATUS = "status"  # an answer with ``status``; done only if ``applied``
    GARBLED = "garbled"  # it is done, and the answer, a 200, makes no sense


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong."""

    mishap: Mishap
    on: str = "write"  # any, read, write, or a verb of the server, such as favourite
    after: int = 0  # so many calls of that kind go well before
    times: int = 1  # so many go wrong
    applied: bool = False
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None  # None: what the network itself sends with such a status
    reset_s: int | None = None  # with 429: seconds until the limit ends; None = not said
    seconds: float = 60.0

    @property
    def is_applied(self) -> bool:
        """Whether the network does what it was asked to, for all that goes wrong."""
        match self.mishap:
            case Mishap.LOST_REQUEST:
                return False
            case Mishap.STALL | Mishap.STATUS:
                return self.applied
            case _:
                return True


class Faults:
    """The schedule: what was planned first happens first."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = threading.Lock()

    def plan(self, *faults: Fault) -> None:
        """Let these happen, besides what is planned already."""
        with self._lock:
            self._planned += faults

    def clear(self) -> None:
        """Let nothing more go wrong."""
        with self._lock:
            self._planned.clear()

    @property
    def left(self) -> int:
        """How many plans have not come to their end."""
        with self._lock:
            return len(self._planned)

    def take(self, *names: str) -> Fault | None:
        """What goes wrong with a call of these names; the first plan that names it counts it."""
        with self._lock:
            for place, fault in enumerate(self._planned):
                if fault.on in names:
                    return self._use(place, fault)
        return None

    def _use(self, place: int, fault: Fault) -> Fault | None:
        if fault.after:
            self._planned[place] = replace(fault, after=fault.after - 1)
            return None
        if fault.times > 1:
            self._planned[place] = replace(fault, times=fault.times - 1)
        else:
            del self._planned[place]
        return fault
