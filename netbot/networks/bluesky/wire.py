"""One request on the wire: sent once, ended in time, and what became of it known exactly.

The library would follow redirects, wait for each piece of an answer anew, and call lost answers
and refused connections by one name. So the wire itself remembers whether anything was sent and
which status came back, and ``Exchange.error`` decides by that. No message holds anything that the
library or the server said: either may repeat a password or token.
"""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx

from netbot.fetch import libraries as exchange
from netbot.fetch.guard import is_public
from netbot.model import NetworkError, Refused
from netbot.networks.bluesky.refusals import Missing, Stale

#: What goes wrong under way, in the words of the library below.
_BROKEN = (
    OSError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


@dataclass(kw_only=True)
class Exchange(exchange.Exchange):
    """What is known of the one request under way, with what this network says besides."""

    name: str = ""  # what the network calls the error, such as ExpiredToken

    def _refusal(self, *, has_token: bool) -> NetworkError | None:
        match self.status, self.name:
            case 400, "ExpiredToken" | "InvalidToken":
                return Stale(f"{self.host} has ended the session; netbot will begin another.")
            case 400, "RecordNotFound":
                return Missing(f"{self.host} has no such record.")
            case ((404 | 410), _):  # of the call, never of a post
                return Refused(f"{self.host} does not speak Bluesky's language ({self.status}).")
        return super()._refusal(has_token=has_token)


class Wire(httpx.BaseTransport):
    """Sends a request as it is, once: no retry, no redirect, no proxy, no packed answer."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ``httpx.NetworkError`` for whatever goes wrong; the exchange knows the rest."""
        if self._exchange.begun:
            raise httpx.NetworkError("an exchange is one request")
        self._exchange.begun = True
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
        parts = []
        for part in answer.iter_stream():
            self._exchange.received += len(part)
            if self._exchange.received > exchange.LONGEST_ANSWER:
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
