"""The parent's side of the parse child: asks, keeps the deadline, kills, starts anew."""

import contextlib
import json
import struct
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from netbot.feedparse.document import Document, Letter, Permission
from netbot.model import Refused

#: Lengths of the request's two parts, the facts and the body.
REQUEST = struct.Struct(">II")
#: Length of the answer, and whether the child has grown so much that it should be the last.
ANSWER = struct.Struct(">I?")

#: Address space of the child: its own 40 MiB, and room for the largest document that is fetched.
MEMORY_BYTES = 160 * 1024**2

_LARGEST_ANSWER = 64 * 1024**2


class Parser:
    """Reads documents in one persistent child, which has limits and no secrets.

    A document that makes the child fail costs only itself: the next one finds a new child.
    May be shared between threads, which then wait for each other. The child starts with the
    first document; ``close`` ends it.
    """

    def __init__(
        self, *, deadline_s: float = 8.0, cpu_s: int = 5, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self.crashes = 0  # documents that a child did not survive
        self._deadline_s = deadline_s
        self._limits = (str(cpu_s), str(memory_bytes))
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def parse(self, body: bytes, *, content_type: str, url: str) -> Document:
        """Read a document that was found at ``url``; raises ``Refused`` when it cannot be read."""
        facts = {"kind": "document", "content_type": content_type, "url": url}
        return Document.from_json(self._read(body, facts))

    def list_page(self, body: bytes, *, content_type: str, url: str) -> Document:
        """The entries of a page that has no feed; raises ``Refused`` when it cannot be read."""
        facts = {"kind": "page", "content_type": content_type, "url": url}
        return Document.from_json(self._read(body, facts))

    def open_letter(self, body: bytes) -> Letter:
        """Read a mail; raises ``Refused`` when it cannot be read."""
        return Letter.from_json(self._read(body, {"kind": "mail"}))

    def ask_robots(self, body: bytes, *, url: str, agent: str) -> Permission:
        """What a robots.txt says to ``agent`` about ``url``; raises ``Refused`` when unreadable."""
        facts = {"kind": "robots", "url": url, "agent": agent}
        return Permission.from_json(self._read(body, facts))

    def _read(self, body: bytes, facts: dict[str, str]) -> bytes:
        with self._lock:
            child = self._living_child()
            answer = self._ask(child, body, facts)
            if answer is None:
                self.crashes += 1
                self._end_child()
                raise Refused("The document cannot be read: it is far too large, or too damaged.")
        return answer

    def close(self) -> None:
        """End the child; a later document would start another."""
        with self._lock:
            self._end_child()

    def _living_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._end_child()
        if self._child is None:
            self._child = self._start_child()
        return self._child

    def _start_child(self) -> subprocess.Popen[bytes]:
        package = Path(__file__).parents[2]
        return subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "netbot.feedparse", *self._limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(package), "PYTHONUTF8": "1"},
            cwd="/",
            process_group=0,  # Ctrl-C at a terminal is the parent's to handle
        )

    def _ask(
        self, child: subprocess.Popen[bytes], body: bytes, facts: dict[str, str]
    ) -> bytes | None:
        """The child's answer; None when it died, or had to, before it could give one."""
        head = json.dumps(facts).encode()
        assert child.stdin is not None  # noqa: S101
        assert child.stdout is not None  # noqa: S101
        watchdog = threading.Timer(self._deadline_s, child.kill)
        watchdog.start()
        try:
            child.stdin.write(REQUEST.pack(len(head), len(body)) + head)
            child.stdin.write(body)
            child.stdin.flush()
            answer, is_last = _read_answer(child.stdout)
        except BrokenPipeError:
            return None
        finally:
            watchdog.cancel()
            watchdog.join()
        if is_last:
            self._end_child()
        return answer

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def _read_answer(pipe: IO[bytes]) -> tuple[bytes | None, bool]:
    head = pipe.read(ANSWER.size)
    if len(head) < ANSWER.size:
        return None, False
    size, is_last = ANSWER.unpack(head)
    answer = pipe.read(size) if size <= _LARGEST_ANSWER else b""
    return (answer if len(answer) == size else None), is_last
