"""What the stand-ins for single sites share: requests told by what the site calls them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from netbot.demo.answering import Answer, Answering
from netbot.demo.faults import Fault
from netbot.demo.standin import StandIn


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


class Site(StandIn):
    """A site on loopback: ``journal`` tells what arrived, ``faults`` is what goes wrong."""

    def name(self, visit: Visit) -> str:
        """What the site calls a request."""
        raise NotImplementedError(f"{type(self).__name__} names nothing")

    def serve(self, visit: Visit) -> Answer:
        """The answer when all goes well."""
        raise NotImplementedError(f"{type(self).__name__} serves nothing")

    def answer(self, visit: Visit) -> tuple[Answer, Fault | None]:
        """What goes out, and what goes wrong with it on its way."""
        with self._lock:
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

    def respond(self, request: Answering, body: bytes) -> None:
        """Answer one request."""
        parts = urlsplit(request.path)
        visit = Visit(
            method=request.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            login=request.headers.get("Authorization", ""),
            body=body,
        )
        visit = replace(visit, verb=self.name(visit))
        request.reply_with(*self.answer(visit))
