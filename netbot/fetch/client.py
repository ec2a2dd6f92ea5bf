"""The client itself: an event loop in a thread of its own, handed out as a plain iterator."""

import asyncio
import concurrent.futures
import contextlib
import errno
import functools
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from netbot import __version__
from netbot.fetch.answers import Answer, Hop, Request, complaint, retry_after_s, shown
from netbot.fetch.body import refuse_unasked, unpack
from netbot.fetch.guard import AllowList, dial_public
from netbot.model import NetworkError, RateLimited, Refused, Transient

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, ClientSession
    from yarl import URL

USER_AGENT = f"netbot/{__version__} (feed reader; +https://netbot.example/reader)"

_REDIRECTS = (301, 302, 303, 307, 308)
_OPEN_IT = "If it is yours, add the host to watch.allow_hosts in config/netbot.yaml."

#: Finds the addresses of a name; called like ``socket.getaddrinfo``.
Lookup = Callable[..., Sequence[tuple[Any, ...]]]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may cost, and where it may go; sizes in bytes."""

    connect_s: float = 10.0
    idle_s: float = 10.0  # between two packets
    total_s: float = 30.0  # with all redirects
    wire_bytes: int = 5 * 1024**2
    decoded_bytes: int = 20 * 1024**2
    ratio: int = 100  # unpacked to packed
    header_bytes: int = 64 * 1024
    redirects: int = 5
    pool: int = 8  # requests under way at once
    ports: tuple[int, ...] = (80, 443)  # of public hosts


def fetch_all(
    requests: Sequence[Request],
    *,
    allow_hosts: Sequence[str] = (),
    limits: Limits | None = None,
    lookup: Lookup = socket.getaddrinfo,
) -> Generator[tuple[Request, Answer | NetworkError], None, None]:
    """Ask all addresses and yield each request with its answer, or its error, as they come in.

    One request at a time goes to a host, and none any more once it asks for a pause.
    ``allow_hosts`` (``host`` or ``host:port``, spelled as in the address) may be private and use
    any port; all others must be public, on one of ``limits.ports``. ``lookup`` finds the
    addresses of a name as ``socket.getaddrinfo`` does. A slow consumer slows the asking down;
    closing the iterator early drops what is under way.
    """
    limits = limits or Limits()
    with running_loop() as loop:
        client = run_in(loop, open_client(AllowList(allow_hosts), limits, lookup))
        try:
            for future in concurrent.futures.as_completed(
                [asyncio.run_coroutine_threadsafe(client.ask(asked), loop) for asked in requests]
            ):
                # Unpacked one at a time, so that only one of them is large.
                request, answer = future.result()
                yield request, _unpacked(answer, limits)
                loop.call_soon_threadsafe(client.make_room)
        finally:
            run_in(loop, client.close())


@contextlib.contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread of its own while entered."""
    loop = _new_loop()
    thread = threading.Thread(target=loop.run_forever, name="fetch", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def run_in(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, _Result]) -> _Result:
    """What ``work`` gives when that loop does it; this thread waits for it."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()


@functools.cache
def _tls() -> ssl.SSLContext:
    """One for the whole process: loading the certificates costs far more than a request."""
    return ssl.create_default_context()


async def open_client(allowed: AllowList, limits: Limits, lookup: Lookup) -> "Client":
    """A client for the loop in which this runs; to be closed there as well."""
    return Client(allowed, limits, lookup)


class Client:
    """Two sessions: one that dials public addresses only, one for the hosts the user opened."""

    def __init__(self, allowed: AllowList, limits: Limits, lookup: Lookup) -> None:
        from netbot.fetch.names import Names
        from netbot.fetch.wire import Connector

        self._allowed = allowed
        self._limits = limits
        self._room = asyncio.Semaphore(limits.pool)
        self._lanes: defaultdict[str | None, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pauses: dict[str | None, RateLimited] = {}  # hosts that want no more questions
        names = Names(lookup)
        guarded = Connector(ssl=_tls(), resolver=names, socket_factory=dial_public)
        self._public = self._session(guarded)
        self._opened = self._session(Connector(ssl=_tls(), resolver=names))

    def _session(self, connector: Any) -> "ClientSession":
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar

        limits = self._limits
        return ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            timeout=ClientTimeout(total=None, connect=limits.connect_s, sock_read=limits.idle_s),
            max_line_size=limits.header_bytes,
            max_field_size=limits.header_bytes,
            middlewares=(_ask_but_once,),
        )

    async def close(self) -> None:
        """Drop what is under way and give everything back."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._public.close()
        await self._opened.close()

    def make_room(self) -> None:
        """One more answer is out of the house; the next request may start."""
        self._room.release()

    async def ask(self, request: Request) -> tuple[Request, Answer | NetworkError]:
        """The answer to one request; takes a place that ``make_room`` gives back."""
        try:
            url = address_of(request.url)
        except Refused as error:
            await self._room.acquire()
            return request, error
        async with self._lanes[url.host]:
            await self._room.acquire()
            if url.host in self._pauses:
                return request, self._pauses[url.host]
            try:
                async with asyncio.timeout(self._limits.total_s):
                    return request, await self._follow(url, request.headers)
            except RateLimited as error:
                self._pauses[url.host] = error
                return request, error
            except NetworkError as error:
                return request, error
            except TimeoutError:
                return request, Transient(f"{shown(request.url)} takes too long to answer.")

    async def _follow(self, url: "URL", headers: Mapping[str, str]) -> Answer:
        """Ask, and go where we are sent; redirects to other hosts do not wait in their lane."""
        hops: list[Hop] = []
        while len(hops) <= self._limits.redirects:
            answer = await self._ask_once(url, headers)
            if answer.status not in _REDIRECTS:
                return Answer(
                    url=str(url),
                    status=answer.status,
                    headers=answer.headers,
                    body=answer.body,
                    hops=tuple(hops),
                )
            wait_s = retry_after_s([answer.headers.get("retry-after", "")], datetime.now(UTC))
            hops.append(Hop(url=str(url), status=answer.status, wait_s=wait_s))
            url = _next_address(url, answer.headers.get("location", ""))
        raise Refused(f"{shown(hops[0].url)} sends us round in circles; check the address.")

    async def _ask_once(self, url: "URL", headers: Mapping[str, str]) -> Answer:
        """One exchange, redirects included; raises the error of every other unfriendly status."""
        import aiohttp

        try:
            async with self.session_for(url).get(
                url, headers=headers, allow_redirects=False
            ) as response:
                return await self._read(url, response)
        except aiohttp.InvalidURL as error:
            raise Refused(f"{shown(str(url))} is no address that can be asked.") from error
        except aiohttp.ClientConnectorError as error:
            raise not_connected(url, error.os_error) from error
        except TimeoutError as error:
            raise Transient(f"{shown(str(url))} takes too long to answer.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Transient(f"{shown(str(url))} breaks off: {error}"[:300]) from error

    def session_for(self, url: "URL") -> "ClientSession":
        """The session that may dial that host; raises ``Refused`` where none may."""
        host, port = url.host or "", url.port or 0
        if self._allowed.covers(host, port):
            return self._opened
        if port not in self._limits.ports:
            raise Refused(
                f"{shown(str(url))} uses port {port}, which netbot leaves alone. {_OPEN_IT}"
            )
        return self._public

    async def _read(self, url: "URL", response: "ClientResponse") -> Answer:
        headers: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in response.headers.items():
            headers[name.lower()].append(value)
        if sum(len(name) + len(value) for name, value in response.raw_headers) > (
            self._limits.header_bytes
        ):
            raise Refused(f"{shown(str(url))} sends more headers than a page needs.")
        if response.status not in (200, 304, *_REDIRECTS):
            raise complaint(str(url), response.status, headers)
        return Answer(
            url=str(url),
            status=response.status,
            headers={name: ", ".join(values) for name, values in headers.items()},
            body=await self.body_of(response) if response.status == 200 else b"",
        )

    async def body_of(self, response: "ClientResponse") -> bytes:
        """The body as it comes over the wire."""
        refuse_unasked(response.headers.get("Content-Encoding", ""))
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._limits.wire_bytes:
                raise Refused(f"The document is larger than {self._limits.wire_bytes} bytes.")
        return bytes(body)


def _unpacked(answer: Answer | NetworkError, limits: Limits) -> Answer | NetworkError:
    """The answer with its body unpacked, or the error that its body is."""
    if isinstance(answer, NetworkError) or not answer.body:
        return answer
    try:
        encoding = answer.headers.get("content-encoding", "")
        body = unpack(answer.body, encoding, decoded_bytes=limits.decoded_bytes, ratio=limits.ratio)
        return replace(answer, body=body)
    except NetworkError as error:
        return error


async def _ask_but_once(request: "ClientRequest", ask: "ClientHandlerType") -> "ClientResponse":
    """Keep aiohttp from asking again, at once and unseen, when a connection breaks."""
    import aiohttp

    try:
        return await ask(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Transient(f"{shown(str(request.url))} breaks off: {error}"[:300]) from error


def address_of(text: str) -> "URL":
    """An address that may be asked; raises ``Refused`` for anything but http and https."""
    from yarl import URL

    try:
        url = URL(text)
    except ValueError as error:
        raise Refused(
            f"{text[:200]!r} is no address; write it like https://acme.example"
        ) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Refused(f"{shown(text)!r} is no web address; it must begin with https:// or http://")
    return url.with_fragment(None)


def _next_address(url: "URL", location: str) -> "URL":
    """Where a redirect leads; a password stays with the host it was meant for."""
    from yarl import URL

    try:
        target = address_of(str(url.join(URL(location))))
    except ValueError as error:
        raise Refused(f"{shown(str(url))} sends us to a place that is no address.") from error
    if url.scheme == "https" and target.scheme == "http":
        raise Refused(f"{shown(str(url))} sends us from https back to http.")
    return target if target.host == url.host else target.with_user(None)


def not_connected(url: "URL", error: OSError) -> NetworkError:
    """What it means that nobody could be reached there, or might be."""
    if error.errno == errno.EACCES:
        return Refused(f"{shown(str(url))} lies inside a private network. {_OPEN_IT}")
    if isinstance(error, ssl.SSLError):
        return Transient(f"{shown(str(url))} has no certificate that can be trusted: {error}"[:300])
    return Transient(f"{shown(str(url))} cannot be reached: {error}"[:300])
