"""The connection under a request: aiohttp's own, but not endlessly patient."""

import asyncio
import functools
from typing import Any

from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler

# A server may announce its answer (1xx) as often as it likes, and aiohttp keeps every word of it.
MOST_ANSWERS = 100
_ANSWER = b"\nHTTP/"


class Connector(TCPConnector):
    """Dials, and hangs up on whoever begins answer after answer."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        kind: type[ResponseHandler] = _Conversation
        self._factory = functools.partial(kind, loop=self._loop)


class _Conversation(ResponseHandler):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._begun = 0

    def data_received(self, data: bytes) -> None:
        """Pass on what came, unless it is too many answers for one question."""
        self._begun += data.count(_ANSWER)
        if self._begun > MOST_ANSWERS:
            self.abort()
        else:
            super().data_received(data)
