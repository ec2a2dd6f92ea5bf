"""What arrived at a stand-in network, in order: the witness that tests ask.

One line of JSON an entry. Besides ``n`` (from 1), ``at`` (ISO 8601, UTC), ``server`` and ``kind``
an entry holds what the server knows: ``token``, ``account``, ``verb``, ``target``, …
"""

import json
import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from netbot import clock

Entry = dict[str, Any]


class Journal:
    """Grows only. With a ``path`` each entry is in that file before the network answers."""

    def __init__(
        self, path: Path | None = None, *, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._now = now
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._file = None if path is None else os.open(path, flags, 0o600)

    def note(self, **facts: Any) -> None:
        """Add an entry; facts that are None or "" are left out."""
        told = {name: value for name, value in facts.items() if value not in {None, ""}}
        with self._lock:
            entry = {"n": len(self._entries) + 1, "at": self._now().isoformat()} | told
            self._entries.append(entry)
            if self._file is not None:
                os.write(self._file, f"{json.dumps(entry, ensure_ascii=False)}\n".encode())

    def entries(self, **facts: Any) -> list[Entry]:
        """The entries with these facts, oldest first."""
        with self._lock:
            return select(self._entries, **facts)

    def count(self, **facts: Any) -> int:
        """How many entries have these facts."""
        return len(self.entries(**facts))

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read(path: Path) -> list[Entry]:
    """What a journal of this or another process has written so far; a line half written waits."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines()]


def select(entries: list[Entry], **facts: Any) -> list[Entry]:
    """Those of ``entries`` that have all these facts."""
    return [
        entry for entry in entries if all(entry.get(name) == fact for name, fact in facts.items())
    ]
