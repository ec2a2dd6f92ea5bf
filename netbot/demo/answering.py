"""How a stand-in network answers: as its API does, or as its faults want it."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from netbot import clock
from netbot.demo.faults import Fault, Mishap
from netbot.demo.serving import hang_up

_LIMIT = 300  # calls in five minutes (docs.joinmastodon.org/api/rate-limits)
_WINDOW = timedelta(minutes=5)
_BROKEN = "<!DOCTYPE html><html><body><h1>We're sorry, but something went wrong.</h1></body></html>"
_WORDS = {
    401: "The access token is invalid",
    403: "This action is not allowed",
    404: "Record not found",
    409: "Conflict",
    410: "Gone",
    422: "Validation failed",
    429: "Too many requests",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back."""

    status: int = 200
    json: Any = None
    page: str | None = None  # HTML, in place of the JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """What is sent."""
        if self.page is not None:
            return self.page.encode()
        return encoded(self.json)

    @property
    def all_headers(self) -> dict[str, str]:
        """With the kind of the body."""
        kind = {} if self.page is None else {"Content-Type": "text/html; charset=utf-8"}
        return kind | dict(self.headers)


def refusal(status: int, words: str) -> Answer:
    """An error as the API tells it."""
    return Answer(status=status, json={"error": words})


class Answering(BaseHTTPRequestHandler):
    """Reads one request, writes one answer and closes the connection."""

    protocol_version = "HTTP/1.1"
    closing: ClassVar[threading.Event]  # set when nobody shall wait any longer

    def answer(self, body: bytes) -> None:
        """Answer the request with this body by one of the methods below."""
        raise NotImplementedError(f"{type(self).__name__} answers nothing")

    def do_GET(self) -> None:
        """Any method: the path decides."""
        self.close_connection = True
        self.answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815

    def reply(self, answer: Answer) -> None:
        """As the network does when all goes well."""
        headers = self.limits(_WINDOW) | answer.all_headers
        self._send(answer.status, headers, answer.body)

    def limits(self, window: timedelta, *, left: int = _LIMIT - 1) -> dict[str, str]:
        """The headers that tell how many calls are left for how long."""
        reset = (clock.now() + window).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "X-RateLimit-Limit": str(_LIMIT),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": reset,
        }

    def complain(self, status: int) -> Any:
        """The body of a refusal."""
        return {"error": _WORDS.get(status, "No")}

    def reply_with(self, answer: Answer, fault: Fault | None) -> None:
        """The answer, gone wrong as ``fault`` says."""
        if fault is None:
            self.reply(answer)
            return
        match fault.mishap:
            case Mishap.LOST_REQUEST | Mishap.LOST_ANSWER:
                hang_up(self.connection)
            case Mishap.STALL:
                self.closing.wait(fault.seconds)
                hang_up(self.connection)
            case Mishap.CUT_ANSWER:
                self._send(answer.status, {}, answer.body, cut=True)
                hang_up(self.connection)
            case Mishap.DRIP:
                self._drip(answer.body, fault.seconds)
            case Mishap.GARBLED:
                headers = self.limits(_WINDOW) | dict(fault.headers)
                self._send(200, headers, (fault.body or "{").encode())
            case Mishap.STATUS:
                self._send(fault.status, self._fault_headers(fault), self._fault_body(fault))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; the journal is the log."""

    def _send(
        self, status: int, headers: Mapping[str, str], body: bytes, *, cut: bool = False
    ) -> None:
        told = {"Content-Type": "application/json; charset=utf-8"} | dict(headers)
        self.send_response(status)
        for name, value in told.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.wfile.flush()

    def _drip(self, body: bytes, seconds: float) -> None:
        """Never silent for long, never done: what defeats a time-out that counts each read."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body:
            if self.closing.wait(seconds / len(body)):
                break
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def _fault_headers(self, fault: Fault) -> dict[str, str]:
        kind = {"Content-Type": "text/html; charset=utf-8"} if fault.status >= 500 else {}
        until = None if fault.reset_s is None else timedelta(seconds=fault.reset_s)
        limits = self.limits(until, left=0) if until is not None else {}
        return kind | limits | dict(fault.headers)

    def _fault_body(self, fault: Fault) -> bytes:
        if fault.body is not None:
            return fault.body.encode()
        if fault.status >= 500:
            return _BROKEN.encode()
        return encoded(self.complain(fault.status))


def encoded(value: Any) -> bytes:
    """JSON as it goes out; bytes as they are."""
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
