"""What the stand-ins for single sites share: they listen, count, and go wrong as planned."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from netbot import clock
from netbot.demo.answering import Answer, Answering
from netbot.demo.faults import Fault, Faults
from netbot.demo.journal import Entry, Journal
from netbot.demo.serving import Loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    login: str  # what ``Authorization`` says
    body: bytes
    verb: str = ""  # the site's own name of it, for faults and the journal

    @property
    def form(self) -> dict[str, str]:
        """The body of a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def is_write(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"


class Site(Loopback):
    """A site on loopback; ``journal`` tells what arrived, ``faults`` is what goes wrong."""

    def __init__(
        self,
        port: int = 0,
        *,
        journal: Journal | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(port)
        self.now = now
        self.journal = journal or Journal(now=now)
        self.faults = Faults()
        self.closing = threading.Event()
        self.lock = threading.RLock()

    @property
    def host(self) -> str:
        """host:port, as ``allow_hosts`` names it."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; see ``Loopback.start``."""
        self.closing.clear()
        super().start()

    def stop(self) -> None:
        """Stop listening, and let no stalled answer wait any longer."""
        self.closing.set()
        super().stop()

    def written(self, **facts: Any) -> list[Entry]:
        """The writes that were done, with these facts."""
        return self.journal.entries(kind="written", server=self.host, **facts)

    def asked(self, **facts: Any) -> list[Entry]:
        """The requests that arrived, whatever became of them."""
        return self.journal.entries(kind="asked", server=self.host, **facts)

    def name(self, visit: Visit) -> str:
        """What the site calls a request."""
        raise NotImplementedError(f"{type(self).__name__} names nothing")

    def serve(self, visit: Visit) -> Answer:
        """The answer when all goes well."""
        raise NotImplementedError(f"{type(self).__name__} serves nothing")

    def answer(self, visit: Visit) -> tuple[Answer, Fault | None]:
        """What goes out, and what goes wrong with it on its way."""
        with self.lock:
            self.note("asked", visit)
            kind = "write" if visit.is_write else "read"
            fault = self.faults.take(visit.verb, kind, "any")
            if fault and not fault.is_applied:
                return Answer(status=fault.status), fault
            return self.serve(visit), fault

    def note(self, kind: str, visit: Visit, **facts: Any) -> None:
        """Write into the journal."""
        told = {"kind": kind, "server": self.host, "verb": visit.verb, "login": visit.login}
        self.journal.note(**told | facts)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(Answering):
            closing = site.closing

            def answer(self, body: bytes) -> None:
                parts = urlsplit(self.path)
                visit = Visit(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    login=self.headers.get("Authorization", ""),
                    body=body,
                )
                visit = replace(visit, verb=site.name(visit))
                self.reply_with(*site.answer(visit))

        return Handler
