"""What all stand-in networks have: a journal, faults, and a way for others to steer them."""

import json
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

from netbot import clock
from netbot.demo.answering import Answer, Answering, refusal
from netbot.demo.faults import Fault, Faults, Mishap
from netbot.demo.journal import Entry, Journal
from netbot.demo.serving import Loopback


class StandIn(Loopback):
    """A network on loopback, spoken to by the real client library; it counts.

    ``journal`` may be shared by several, and with the tests in other processes by its file. What
    goes wrong is planned (``faults``). Tests in other processes steer it over ``/_control``.
    """

    #: What ``/_control`` may call by name; the keys of the JSON are the parameters.
    STEERED: ClassVar[tuple[str, ...]] = ()

    #: How it answers.
    ANSWERS: ClassVar[type[Answering]] = Answering

    def __init__(
        self,
        port: int = 0,
        *,
        journal: Journal | Path | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(port)
        self.journal = journal if isinstance(journal, Journal) else Journal(journal, now=now)
        self.faults = Faults()
        self.closing = threading.Event()
        self._lock = threading.RLock()
        self._now = now

    def start(self) -> None:
        """Listen; see ``Loopback.start``."""
        self.closing.clear()
        super().start()

    def stop(self) -> None:
        """Stop listening, and let no stalled answer wait any longer."""
        self.closing.set()
        super().stop()

    @property
    def host(self) -> str:
        """host:port, as handles and ``allow_hosts`` name it."""
        return f"127.0.0.1:{self.port}"

    def written(self, **facts: Any) -> list[Entry]:
        """The accepted writes with these facts: verb, target, url, token, account, ref and more."""
        return self.journal.entries(kind="written", server=self.host, **facts)

    def asked(self, **facts: Any) -> list[Entry]:
        """The calls that arrived, whatever became of them."""
        return self.journal.entries(kind="asked", server=self.host, **facts)

    def counts(self) -> dict[tuple[str, str, str], int]:
        """How many writes were accepted for each (token, verb, target)."""
        found: dict[tuple[str, str, str], int] = {}
        for entry in self.written():
            mark = (entry["token"], entry["verb"], entry.get("target", ""))
            found[mark] = found.get(mark, 0) + 1
        return found

    def respond(self, request: Answering, body: bytes) -> None:
        """Answer one call of the API."""
        raise NotImplementedError(f"{type(self).__name__} answers nothing")

    def control(self, command: str, facts: dict[str, Any]) -> Answer:
        """What tests in other processes ask for; the keys of the JSON are the parameters' names."""
        match command:
            case "fault":
                self.faults.plan(Fault(**facts | {"mishap": Mishap(facts["mishap"])}))
                return Answer(json={})
            case "clear":
                self.faults.clear()
                return Answer(json={})
            case "journal":
                return Answer(json=self.journal.entries(**facts))
            case _ if command in self.STEERED:
                return Answer(json={"result": getattr(self, command)(**facts)})
            case _:
                return refusal(404, f"there is no {command}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        def answer(request: Answering, body: bytes) -> None:
            self._route(request, body)

        return type("Handler", (self.ANSWERS,), {"closing": self.closing, "answer": answer})

    def _route(self, request: Answering, body: bytes) -> None:
        path = request.path.partition("?")[0]
        if path.startswith("/_control/"):
            command = path.removeprefix("/_control/")
            request.reply(self.control(command, json.loads(body or b"{}")))
        else:
            self.respond(request, body)
