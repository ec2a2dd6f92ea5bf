"""Names into addresses, in threads that nobody waits for when they hang."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

_Found = Sequence[tuple[Any, ...]]


class Names(AbstractResolver):
    """Asks ``lookup``, which is called like ``socket.getaddrinfo`` and may block for as long."""

    def __init__(self, lookup: Callable[..., _Found]) -> None:
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """All addresses of ``host``; raises ``OSError`` when there is none."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Found] = loop.create_future()

        def look() -> None:
            settle: Callable[[], None]
            try:
                found = self._lookup(host, port, type=socket.SOCK_STREAM, family=family)
            except (OSError, UnicodeError) as error:
                failure = OSError(f"the name is not known ({error})")
                settle = lambda: answer.set_exception(failure)  # noqa: E731
            else:
                settle = lambda: answer.set_result(found)  # noqa: E731
            # Whoever asked may have given up, and the loop may be closed by now.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(lambda: None if answer.done() else settle())

        threading.Thread(target=look, name="lookup", daemon=True).start()
        return [_result(host, found) for found in await answer]

    async def close(self) -> None:
        """Nothing is kept."""


def _result(host: str, found: tuple[Any, ...]) -> ResolveResult:
    family, _, protocol, _, where = found
    # The scope of a link-local address belongs to the address.
    scope = f"%{where[3]}" if family == socket.AF_INET6 and where[3] else ""
    return ResolveResult(
        hostname=host,
        host=f"{where[0]}{scope}" if "%" not in where[0] else where[0],
        port=where[1],
        family=family,
        proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
