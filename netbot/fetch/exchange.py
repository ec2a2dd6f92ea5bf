"""One request on behalf of an account: made once, by the same guard, and told as it ended.

Nothing is repeated, nobody's redirect is followed, and every status is an answer. What became of
a write is known exactly, or is said to be unknown.
"""

import asyncio
import json
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from netbot.fetch.answers import retry_after_s, shown
from netbot.fetch.body import unpack
from netbot.fetch.client import (
    Client,
    Limits,
    Lookup,
    address_of,
    not_connected,
    open_client,
    run_in,
    running_loop,
)
from netbot.fetch.guard import AllowList
from netbot.model import Barred, Gone, NetworkError, RateLimited, Refused, Transient, Unsure

#: When a 429 does not say how long, in seconds.
DEFAULT_PAUSE_S = 300

_READS = ("GET", "HEAD")
_OPEN_ENDED = (408, 409, 425)  # too slow, in conflict, too early: it may be done, or will be


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked of a server."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a secret
    body: bytes = field(default=b"", repr=False)

    @property
    def is_write(self) -> bool:
        """Whether it changes anything there."""
        return self.method not in _READS

    @property
    def has_secret(self) -> bool:
        """Whether it says who we are."""
        return "Authorization" in self.headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server said, whatever it was."""

    url: str
    status: int
    headers: Mapping[str, str]  # names in lower case, repeated ones joined by ", "
    body: bytes = field(repr=False)

    @property
    def is_done(self) -> bool:
        """Whether it did what was asked (2xx)."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; raises ``ValueError`` when it is none."""
        return json.loads(self.body)


def exchange(
    call: Call,
    *,
    allow_hosts: Sequence[str] = (),
    limits: Limits | None = None,
    lookup: Lookup = socket.getaddrinfo,
) -> Reply:
    """Make the one request and return what was said, within ``limits.total_s`` for all of it.

    Raises ``Refused`` or ``Transient`` when it has surely not arrived, and for any failure of a
    request that only reads; ``Unsure`` when a write left and its answer was lost.
    """
    limits = limits or Limits()
    _require_privacy(call, AllowList(allow_hosts))
    with running_loop() as loop:
        client = run_in(loop, open_client(AllowList(allow_hosts), limits, lookup))
        try:
            return run_in(loop, _ask(client, call, limits))
        finally:
            run_in(loop, client.close())


def refusal(reply: Reply, call: Call) -> NetworkError:
    """What a reply amounts to that is not as hoped: the error of its status.

    A status that leaves open whether a write was done, a 2xx that makes no sense included, is
    ``Unsure``.
    """
    place, status = shown(reply.url), reply.status
    match status:
        case 429:
            wait_s = retry_after_s([reply.headers.get("retry-after", "")], datetime.now(UTC))
            pause_s = DEFAULT_PAUSE_S if wait_s is None else wait_s
            error: NetworkError = RateLimited(
                f"{place} asks for a pause (429).", retry_after_s=pause_s
            )
        case 401 | 403 if call.has_secret:
            error = Barred(
                f"{place} does not take the account's word ({status}): look at the account there,"
                " and at its secret."
            )
        case 404 | 410:
            error = Gone(f"{place} says that it is not there ({status}).")
        case _ if 300 <= status < 500 and status not in _OPEN_ENDED:
            error = Refused(f"{place} refuses the request ({status}).")
        case _ if call.is_write:
            error = Unsure(f"{place} was asked, and its answer ({status}) makes no sense.")
        case _:
            error = Transient(f"{place} gives no usable answer ({status}); netbot will try again.")
    return error


def _require_privacy(call: Call, allowed: AllowList) -> None:
    """A secret leaves under TLS only, unless the user opened that host."""
    parts = urlsplit(str(address_of(call.url)))
    if parts.scheme == "https" or not call.has_secret:
        return
    if not allowed.covers(parts.hostname or "", parts.port or 80):
        raise Refused(
            f"{parts.netloc} is asked with https only. If it is yours, add it to"
            " watch.allow_hosts in config/netbot.yaml."
        )


async def _ask(client: Client, call: Call, limits: Limits) -> Reply:
    import aiohttp

    url = address_of(call.url)
    session = client.session_for(url)
    try:
        async with asyncio.timeout(limits.total_s):
            async with session.request(
                call.method,
                url,
                headers=call.headers,
                data=call.body or None,
                allow_redirects=False,
            ) as response:
                packed = await client.body_of(response)
                encoding = response.headers.get("Content-Encoding", "")
                most = {"decoded_bytes": limits.decoded_bytes, "ratio": limits.ratio}
                return Reply(
                    url=str(url),
                    status=response.status,
                    headers=_joined(response.headers.items()),
                    body=unpack(packed, encoding, **most),
                )
    except aiohttp.InvalidURL as error:
        raise Refused(f"{shown(str(url))} is no address that can be asked.") from error
    except aiohttp.ClientConnectorError as error:
        raise not_connected(url, error.os_error) from error
    except aiohttp.ConnectionTimeoutError as error:
        raise Transient(f"{shown(str(url))} cannot be reached in time.") from error
    except (aiohttp.ClientError, NetworkError, OSError):
        raise _lost(call) from None  # some of these repeat the headers, and so the secret


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        known = headers.get(name.lower())
        headers[name.lower()] = f"{known}, {value}" if known else value
    return headers


def _lost(call: Call) -> NetworkError:
    place = shown(call.url)
    if call.is_write:
        return Unsure(f"{place} was asked, and its answer was lost.")
    return Transient(f"{place} gives no usable answer; netbot will try again.")
