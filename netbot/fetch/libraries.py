"""One request of somebody's library: sent once, ended in time, its outcome known exactly.

For libraries that bring their own words for everything and speak through ``requests``. They tell
a refused connection, a lost answer and a broken server apart by sentences only. So the wire itself
remembers whether anything was sent and which status came back, and ``Exchange.error`` decides by
that. No message holds anything that the library or the server said: either may repeat the token.
"""

import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from netbot import clock
from netbot.fetch.answers import http_date, retry_after_s
from netbot.fetch.guard import AllowList, is_public
from netbot.model import Barred, Gone, NetworkError, RateLimited, Refused, Transient, Unsure

#: Bytes of an answer; a page of 40 long posts has a tenth of that.
LONGEST_ANSWER = 8 * 1024 * 1024

#: When a 429 does not say how long: the window of docs.joinmastodon.org/api/rate-limits.
DEFAULT_WAIT_S = 300
_LONGEST_WAIT_S = 7 * 24 * 3600

#: Where networks say when the limit ends: Mastodon and Reddit, X, Bluesky.
_RESETS = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_A_MOMENT = 1_000_000_000  # from here on a number is Unix time, below it is seconds from now

_MOVED = (301, 307, 308)  # nothing was done here: the same request belongs elsewhere
_OPEN_ENDED = (408, 409, 425)  # too slow, in conflict, too early: it may be done, or will be


def require_open(base: str, allowed: AllowList) -> str:
    """The host of a server. Raises ``Refused`` for one without TLS that the user has not opened."""
    parts = urlsplit(base)
    if parts.scheme != "https" and not allowed.covers(parts.hostname or "", parts.port or 80):
        raise Refused(
            f"{parts.netloc} is asked with https only. If it is yours, add it to"
            " watch.allow_hosts in config/netbot.yaml."
        )
    return parts.netloc


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What is known of the one request under way."""

    host: str
    timeout_s: float  # for all of it: name, connection, request, answer
    allowed: AllowList  # hosts that may be private
    default_wait_s: int = DEFAULT_WAIT_S  # when a 429 does not say how long
    started: float = field(default_factory=monotonic)
    begun: bool = False  # a request was handed over
    sent: bool = False  # something of it may have left
    received: int = 0  # bytes
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

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
            case 429:
                asked = f"{self.host} asks for a pause (429)."
                return RateLimited(asked, retry_after_s=self._wait_s())
            case 401 | 403:
                return _barred(self.host, self.status, has_token=has_token)
            case 404 | 410:
                return Gone(f"{self.host} says that it is not there ({self.status}).")
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
        """What a reset (ISO 8601, Unix time, or seconds) or ``Retry-After`` ask for."""
        now = http_date(self.headers.get("date", "")) or clock.now()
        waits = [
            retry_after_s([self.headers.get("retry-after", "")], now),
            *(_until(self.headers.get(name, ""), now) for name in _RESETS),
        ]
        asked = max((wait for wait in waits if wait is not None), default=self.default_wait_s)
        return min(max(asked, 1), _LONGEST_WAIT_S)


def _barred(host: str, status: int, *, has_token: bool) -> Refused:
    if not has_token:
        return Refused(f"{host} shows this only to its own members ({status}).")
    return Barred(
        f"{host} no longer takes the token's word ({status}): check the account there, and its"
        " token."
    )


def _until(reset: str, now: datetime) -> int | None:
    """Seconds from now until a reset; None when it cannot be read."""
    number = _number(reset)
    if number is not None and number < _A_MOMENT:
        return round(number)
    moment = _moment(reset, number)
    return round((moment - now).total_seconds()) if moment else None


def _number(text: str) -> float | None:
    text = text[:12]
    return float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else None


def _moment(text: str, number: float | None) -> datetime | None:
    try:
        if number is not None:
            return datetime.fromtimestamp(number, UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


class Session(requests.Session):
    """Sends a request as it is, once: no retry, no redirect, no proxy, no password file.

    A second request of the same exchange is refused: no library repeats what it was asked to do.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self.headers.update({"Accept-Encoding": "identity", "Connection": "close"})
        adapter = _Adapter(exchange)
        self.mount("https://", adapter)
        self.mount("http://", adapter)


class _Adapter(HTTPAdapter):
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        super().__init__(max_retries=Retry(0, read=False))

    def init_poolmanager(self, *args: Any, **facts: Any) -> None:
        super().init_poolmanager(*args, **facts)
        mark = {"exchange": self._exchange}
        plain = type("_Plain", (_Watched, HTTPConnection), mark)
        secure = type("_Secure", (_Watched, HTTPSConnection), mark)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

    def send(self, *args: Any, **facts: Any) -> requests.Response:
        if self._exchange.begun:
            raise requests.exceptions.InvalidSchema("an exchange is one request")
        self._exchange.begun = True
        response = super().send(*args, **facts)
        self._exchange.status = response.status_code
        self._exchange.headers = {name.lower(): value for name, value in response.headers.items()}
        if response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            raise requests.exceptions.ContentDecodingError("packed, though nobody asked for it")
        return response


class _Watched(HTTPConnection):
    """A connection to a public address, or one that the user opened, with one deadline for all."""

    exchange: Exchange

    def _new_conn(self) -> socket.socket:
        dialled = super()._new_conn()
        open_by_name = self.exchange.allowed.covers(self.host, self.port or self.default_port)
        if not open_by_name and not is_public(dialled.getpeername()[0]):
            dialled.close()
            raise NewConnectionError(self, "not a public address")
        return dialled

    def connect(self) -> None:
        super().connect()
        self.sock = cast(socket.socket, _Timed(self.sock, self.exchange))


class _Timed:
    """A socket whose every operation ends at the deadline of the whole exchange."""

    def __init__(self, wrapped: socket.socket, exchange: Exchange) -> None:
        self._wrapped = wrapped
        self._exchange = exchange

    def sendall(self, data: bytes) -> None:
        """Send all of it; from here on nobody knows for sure that nothing has left."""
        self._wrapped.settimeout(self._exchange.left_s())
        self._exchange.sent = True
        self._wrapped.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        """The answer, to be read."""
        return io.BufferedReader(_Answer(self._wrapped, self._exchange))

    def settimeout(self, _: float | None) -> None:
        """The deadline stands already."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)


class _Answer(io.RawIOBase):
    def __init__(self, wrapped: socket.socket, exchange: Exchange) -> None:
        self._wrapped = wrapped
        self._raw = wrapped.makefile("rb", buffering=0)
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._wrapped.settimeout(self._exchange.left_s())
        count = self._raw.readinto(buffer) or 0
        self._exchange.received += count
        if self._exchange.received > LONGEST_ANSWER:
            raise OSError("the answer is too long")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
