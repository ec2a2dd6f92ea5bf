"""Real netbot processes on a real home, and what is to be seen of them from outside."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urljoin

from netbot import app, clock, engine, rules
from netbot.daemon.worker import find_faults
from netbot.demo.blogserver import BlogServer
from netbot.rules import wordbook
from netbot.store import posts

ROOT = Path(__file__).parents[2]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
PATIENCE_S = 30  # far more than anything takes on an idle machine

Seen = TypeVar("Seen")


def wait_for(look: Callable[[], Seen], what: str) -> Seen:
    """Look again and again until there is something to be seen, and return it."""
    deadline, pause = monotonic() + PATIENCE_S, threading.Event()
    while not (seen := look()):
        assert monotonic() < deadline, f"waited {PATIENCE_S} s in vain for {what}"
        pause.wait(0.05)
    return seen


def course(number: int, *, id: str = "", text: str = "") -> dict[str, str]:
    """An item of a JSON Feed; its address is what lasts."""
    return {
        "id": id or f"course-{number}",
        "url": f"https://courses.example/{number}",
        "title": f"Neuer Kurs {number}",
        "content_text": text or f"Kurs {number} beginnt bald, und es gibt noch freie Plätze.",
        "date_published": clock.now().isoformat(),
    }


class Home:
    """A home whose clients' feeds a ``BlogServer`` serves."""

    def __init__(self, folder: Path, blog: BlogServer) -> None:
        self.folder = folder
        self.blog = blog
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        (folder / "config").mkdir(parents=True)
        watch = {"min_interval_s": 1, "allow_hosts": ["127.0.0.1"]}
        self.write("netbot", {"watch": watch, "web": {"port": self.port}})

    def add_sphere(self, name: str, **sources: Sequence[str]) -> None:
        """Configure a sphere: client -> where it publishes, as paths or addresses."""
        clients = [
            {
                "id": client,
                "name": client,
                "sources": [urljoin(self.blog.url("/"), each) for each in places],
            }
            for client, places in sources.items()
        ]
        mine = {"id": f"anna-{name}", "network": "web", "handle": f"Anna {name}"}
        self.write(name, {"accounts": [mine], "clients": clients})
        data = self.folder / "data" / name
        data.mkdir(parents=True, exist_ok=True)
        (data / wordbook.FILE_NAME).write_bytes(_rule_words())

    def write(self, name: str, content: Mapping[str, Any] | str) -> None:
        """Write a configuration file as editors do: all at once."""
        text = content if isinstance(content, str) else json.dumps(content)
        new = self.folder / f"{name}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.folder / "config" / f"{name}.yaml")

    def publish(self, path: str, *items: Mapping[str, str] | int) -> None:
        """Serve a feed of these items, or of courses of these numbers, from now on."""
        shown = [course(each) if isinstance(each, int) else each for each in items]
        document = {"version": "https://jsonfeed.org/version/1.1", "items": shown}
        body = json.dumps(document).encode()
        self.blog.put(path, body, content_type="application/feed+json")

    def stored(self, client: str, sphere: str = "professional") -> list[str]:
        """The addresses of the client's posts in the database, in alphabetical order."""
        with self._open(sphere) as opened, opened.store.read() as tx:
            return sorted(each.post.url for each in posts.recent(tx, client, since=LONG_AGO))

    def queue(self, sphere: str = "professional", **facts: bool) -> engine.Queue:
        """What waits for the human."""
        with self._open(sphere) as opened:
            return engine.queue(opened.store, opened.house, clock.now(), **facts)

    def faults(self, sphere: str = "professional") -> list[str]:
        """What is wrong with the sphere's worker."""
        with self._open(sphere) as opened:
            return find_faults(opened, clock.now())

    def _open(self, sphere: str) -> app.Sphere:
        return app.open_sphere(self.folder, sphere, clock.now())


@cache
def _rule_words() -> bytes:
    """What every home would find out by itself, within two seconds: the forms of all rule words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rules.load(home=folder, sphere=None, shipped=True, cache=folder)
        return (folder / wordbook.FILE_NAME).read_bytes()


class Daemon:
    """A netbot process in a session of its own, so that its children can be told from others."""

    def __init__(self, home: Home, *arguments: str, **environ: str) -> None:
        self.log_file = home.folder / f"{monotonic()}.log"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "netbot", "--home", str(home.folder), *arguments],
                cwd=ROOT,
                env=os.environ | environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> tuple[int, float]:
        """Send SIGTERM; the exit code, and how many seconds it took until all had ended."""
        asked_at = monotonic()
        self.process.terminate()
        code = self.process.wait(PATIENCE_S)
        wait_for(lambda: not self.processes(), "the children's end")
        return code, monotonic() - asked_at

    def processes(self) -> dict[int, list[str]]:
        """The command line of each living process of the session, by id."""
        return dict(_session(self.process.pid))

    def child(self, *words: str) -> int | None:
        """The id of the process whose command line holds all these words."""
        found = [pid for pid, line in self.processes().items() if set(words) <= set(line)]
        return found[0] if found else None

    def said(self) -> list[dict[str, Any]]:
        """The log so far; fails on a line that is not JSON."""
        whole = self.log_file.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def says(self, **facts: object) -> list[dict[str, Any]]:
        """The events of the log that hold these facts."""
        return [event for event in self.said() if facts.items() <= event.items()]


def _session(leader: int) -> Iterator[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended since
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                line = (folder / "cmdline").read_bytes().decode()
                yield int(folder.name), line.split("\0")
