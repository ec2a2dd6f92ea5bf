"""One request on the wire: sent once, ended in time, and what became of it known exactly.

The library would follow redirects, wait for each piece of an answer anew, and call lost answers
and refused connections by one name. So the wire itself remembers whether anything was sent and
which status came back, and ``Exchange.error`` decides by that. No message holds anything that the
library or the server said: either may repeat a password or token.
"""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from time import monotonic
from typing import Any

import httpcore
import httpx

from netbot import clock
from netbot.fetch import http_date, retry_after_s
from netbot.fetch.guard import AllowList, is_public
from netbot.model import Barred, NetworkError, RateLimited, Refused, Transient, Unsure
from netbot.networks.bluesky.asking import Missing, Stale

#: Bytes of an answer; a page of 100 posts with all that hangs on them has a tenth of that.
LONGEST_ANSWER = 8 * 1024 * 1024

#: When a 429 does not say how long: the window of docs.bsky.app/docs/advanced-guides/rate-limits.
DEFAULT_WAIT_S = 300
_LONGEST_WAIT_S = 7 * 24 * 3600

_MOVED = (301, 307, 308)  # nothing was done here: the same request belongs elsewhere
_OPEN_ENDED = (408, 409, 425)  # too slow, in conflict, too early: it may be done, or will be

#: What goes wrong under way, in the words of the library below.
_BROKEN = (
    OSError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What is known of the one request under way."""

    host: str
    timeout_s: float  # for all of it: name, connection, request, answer
    allowed: AllowList  # hosts that may be private
    started: float = field(default_factory=monotonic)
    sent: bool = False  # something of the request may have left
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    name: str = ""  # what the network calls the error, such as ExpiredToken

    def left_s(self) -> float:
        """Seconds until the deadline; raises ``TimeoutError`` after it."""
        left = self.started + self.timeout_s - monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        return left

    def error(self, *, is_write: bool, has_token: bool) -> NetworkError:
        """What a failed exchange amounts to."""
        if self.status is None and not self.sent:
            return Transient(f"{self.host} cannot be reached; netbot will try again.")
        if is_write and self._may_have_happened():
            return Unsure(f"{self.host} was asked, and its answer was lost or makes no sense.")
        return self._refusal(has_token=has_token) or Transient(
            f"{self.host} gives no usable answer; netbot will try again."
        )

    def _refusal(self, *, has_token: bool) -> NetworkError | None:
        """What a status says for sure; None when it says nothing."""
        match self.status:
            case 400 if self.name in {"ExpiredToken", "InvalidToken"}:
                return Stale(f"{self.host} has ended the session; netbot will begin another.")
            case 400 if self.name == "RecordNotFound":
                return Missing(f"{self.host} has no such record.")
            case 429:
                asked = f"{self.host} asks for a pause (429)."
                return RateLimited(asked, retry_after_s=self._wait_s())
            case 401 | 403:
                return _barred(self.host, self.status, has_token=has_token)
            case status if status in _MOVED:
                moved = f"{self.host} sends us elsewhere ({status})."
                return Refused(f"{moved} Name the right server in the configuration.")
            case status if status and 400 <= status < 500 and status not in _OPEN_ENDED:
                return Refused(f"{self.host} refuses the request ({status}).")
        return None

    def _may_have_happened(self) -> bool:
        status = self.status
        if status is None or status in _OPEN_ENDED:
            return True
        return not 400 <= status < 500 and status not in _MOVED

    def _wait_s(self) -> int:
        """What ``RateLimit-Reset`` (Unix time) or ``Retry-After`` ask for."""
        now = http_date(self.headers.get("date", "")) or clock.now()
        reset = _moment(self.headers.get("ratelimit-reset", ""))
        waits = [
            round((reset - now).total_seconds()) if reset else None,
            retry_after_s([self.headers.get("retry-after", "")], now),
        ]
        asked = max((wait for wait in waits if wait is not None), default=DEFAULT_WAIT_S)
        return min(max(asked, 1), _LONGEST_WAIT_S)


def _barred(host: str, status: int, *, has_token: bool) -> Refused:
    if not has_token:
        return Refused(f"{host} shows this only to its own members ({status}).")
    return Barred(
        f"{host} no longer takes the app password's word ({status}): check the account there, and"
        " make a new app password if need be."
    )


def _moment(text: str) -> datetime | None:
    """A Unix time; None for anything else."""
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) < 12 else None


class Wire(httpx.BaseTransport):
    """Sends a request as it is, once: no retry, no redirect, no proxy, no packed answer."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ``httpx.NetworkError`` for whatever goes wrong; the exchange knows the rest."""
        request.headers["Accept-Encoding"] = "identity"
        request.headers["Connection"] = "close"
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.read(),
        )
        try:
            with httpcore.ConnectionPool(
                ssl_context=_tls(), network_backend=_Guarded(self._exchange)
            ) as pool:
                answer = pool.handle_request(asked)
                return self._received(answer)
        except _BROKEN as error:
            raise httpx.NetworkError(type(error).__name__) from None

    def _received(self, answer: httpcore.Response) -> httpx.Response:
        """The answer, whole; one that leads elsewhere or is packed is none."""
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in answer.headers}
        self._exchange.status, self._exchange.headers = answer.status, headers
        if answer.status // 100 == 3 or headers.get("content-encoding", "identity") != "identity":
            raise OSError("sent elsewhere, or packed though nobody asked for it")
        received = 0
        parts = []
        for part in answer.iter_stream():
            received += len(part)
            if received > LONGEST_ANSWER:
                raise OSError("the answer is too long")
            parts.append(part)
        return httpx.Response(answer.status, headers=answer.headers, content=b"".join(parts))


@cache
def _tls() -> ssl.SSLContext:
    """One for all requests: making it takes longer than many a request."""
    return ssl.create_default_context()


class _Guarded(httpcore.NetworkBackend):
    """Dials public addresses, and those that the user opened."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._dialler = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection whose every operation ends at the deadline of the whole exchange."""
        dialled = self._dialler.connect_tcp(host, port, self._exchange.left_s())
        where = dialled.get_extra_info("server_addr")[0]
        if not self._exchange.allowed.covers(host, port) and not is_public(where):
            dialled.close()
            raise OSError("not a public address")
        return _Timed(dialled, self._exchange)


class _Timed(httpcore.NetworkStream):
    def __init__(self, wrapped: httpcore.NetworkStream, exchange: Exchange) -> None:
        self._wrapped = wrapped
        self._exchange = exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next piece of the answer."""
        return self._wrapped.read(max_bytes, self._exchange.left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it; from here on nobody knows for sure that nothing has left."""
        left = self._exchange.left_s()
        self._exchange.sent = True
        self._wrapped.write(buffer, left)

    def close(self) -> None:
        """Hang up."""
        self._wrapped.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same line, sealed."""
        left = self._exchange.left_s()
        return _Timed(self._wrapped.start_tls(ssl_context, server_hostname, left), self._exchange)

    def get_extra_info(self, info: str) -> Any:
        """What the line knows of itself."""
        return self._wrapped.get_extra_info(info)
