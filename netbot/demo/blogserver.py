"""A blog host on loopback: serves what it is given and remembers who asked."""

import gzip
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler

from netbot import clock
from netbot.demo import readerscore
from netbot.demo.readerscore import Asked
from netbot.demo.serving import Loopback, hang_up

__all__ = ["SCORE_PATH", "Asked", "BlogServer", "Page"]

#: Where the server tells how politely it was read.
SCORE_PATH = "/reader-score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands at one path."""

    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    validators: bool = True  # ETag and Last-Modified, and 304 for whoever sends them back
    modified: str = ""  # Last-Modified, as an HTTP date
    gzip: bool = False
    drop: bool = False  # hang up instead of answering

    @property
    def etag(self) -> str:
        """The validator of this body."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'

    def answer(self, asked: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a request with these headers."""
        headers = {"Content-Type": self.content_type}
        if self.validators and self.status == 200:
            headers |= {"ETag": self.etag, "Last-Modified": self.modified}
        headers |= self.headers
        if self.validators and self.status == 200 and self._is_known(asked, headers):
            return 304, headers, b""
        if not self.gzip:
            return self.status, headers, self.body
        return self.status, headers | {"Content-Encoding": "gzip"}, gzip.compress(self.body)

    @staticmethod
    def _is_known(asked: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        if "if-none-match" in asked:
            return asked["if-none-match"] == headers.get("ETag")
        return asked.get("if-modified-since") == headers.get("Last-Modified")


class BlogServer(Loopback):
    """A web host on 127.0.0.1 that runs in threads of its own while it is entered.

    What was put stays over ``stop`` and ``start``, and so does the port.
    """

    def __init__(self, port: int = 0, *, now: Callable[[], datetime] = clock.now) -> None:
        super().__init__(port)
        self._now = now
        self._pages: dict[str, Page] = {}
        self._requests: list[Asked] = []
        self._lock = threading.Lock()

    def put(
        self,
        path: str,
        body: bytes = b"",
        *,
        content_type: str = "application/rss+xml; charset=utf-8",
        headers: Mapping[str, str] | None = None,
        status: int = 200,
        validators: bool = True,
        gzip: bool = False,
        drop: bool = False,
    ) -> None:
        """Serve ``body`` at ``path`` from now on; ``headers`` win over those made here.

        A header is sent once for each line of its value.
        """
        page = Page(
            body=body,
            content_type=content_type,
            headers=headers or {},
            status=status,
            validators=validators,
            modified=formatdate(usegmt=True),
            gzip=gzip,
            drop=drop,
        )
        with self._lock:
            self._pages[path] = page

    def remove(self, path: str) -> None:
        """Answer 404 there from now on."""
        with self._lock:
            self._pages.pop(path, None)

    @property
    def requests(self) -> list[Asked]:
        """Everything asked so far, oldest first."""
        with self._lock:
            return list(self._requests)

    def _answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path == SCORE_PATH:
            return 200, {"Content-Type": "text/html; charset=utf-8"}, self._score()
        with self._lock:
            page = self._pages.get(path) or self._pages.get(path.partition("?")[0])
        if page is None:
            return 404, {"Content-Type": "text/plain"}, b"nothing here\n"
        if page.drop:
            return 0, {}, b""
        return page.answer(headers)

    def _score(self) -> bytes:
        return readerscore.page([asked for asked in self.requests if asked.path != SCORE_PATH])

    def _note(self, asked: Asked) -> None:
        with self._lock:
            self._requests.append(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        blog = self

        class Handler(_Handler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answered, body = blog._answer(self.path, headers)
                asked = Asked(
                    method=self.command,
                    path=self.path,
                    headers=headers,
                    status=status,
                    at=blog._now(),
                    answered=answered,
                )
                blog._note(asked)
                self.reply(status, answered, body)

            do_HEAD = do_GET  # noqa: N815

        return Handler


class _Handler(BaseHTTPRequestHandler):
    """Writes one answer and closes the connection."""

    protocol_version = "HTTP/1.1"

    def reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.close_connection = True
        if not status:
            hang_up(self.connection)
            return
        self.send_response(status)
        for name, value in headers.items():
            for line in value.split("\n"):
                self.send_header(name, line)
        self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; ``requests`` is the log."""
