"""How a process ends: by SIGTERM, by Ctrl+C, or because its supervisor has died."""

import os
import signal
from collections.abc import Mapping
from queue import Empty, SimpleQueue

#: In a child's environment: the process id of its supervisor.
SUPERVISOR = "NETBOT_SUPERVISOR"


class Stop:
    """Waits to be told to stop; to be made in the main thread, once a process."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        # A handler runs in the middle of whatever the main thread does. Setting an Event there
        # can wait for ever on the lock of the very `wait` that it interrupts; this put cannot.
        self._signals: SimpleQueue[int] = SimpleQueue()
        # Asked of the environment, for the supervisor may have died before we could ask the kernel.
        self._parent = int(environ.get(SUPERVISOR, os.getppid()))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _frame: self._signals.put(number))

    def wait(self, timeout_s: float) -> bool:
        """Whether it is time to stop; returns as soon as it is, at the latest after the timeout."""
        try:
            self._signals.get(timeout=timeout_s)
        except Empty:
            return os.getppid() != self._parent
        return True
