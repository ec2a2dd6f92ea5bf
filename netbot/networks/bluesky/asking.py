"""Asking a server one thing by the library, under the house's own conditions."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from netbot.fetch import USER_AGENT
from netbot.fetch.guard import AllowList

if TYPE_CHECKING:
    from atproto_client.client.raw import ClientRaw as Api

#: What a server tells, as it came.
Told = Mapping[str, Any]

#: What reading an answer raises that is not as it should be.
UNUSABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)

_Result = TypeVar("_Result")


class Asker:
    """``allow_hosts`` (``host`` or ``host:port``) may be private and be spoken to without TLS.

    ``timeout_s`` is for one request with everything in it. May be used by several threads.
    """

    def __init__(self, *, allow_hosts: Sequence[str], timeout_s: float) -> None:
        self._allowed = AllowList(allow_hosts)
        self._timeout_s = timeout_s

    def ask(
        self,
        base: str,
        call: "Callable[[Api], _Result]",
        *,
        token: str = "",
        is_write: bool = False,
    ) -> _Result:
        """Let ``call`` make one request to the server at ``base`` and read its answer.

        Raises a ``NetworkError``, as the wire saw it. Nothing that library or server say is
        passed on: either may repeat a password or token.
        """
        import httpx
        from atproto_client.client.raw import ClientRaw as Api
        from atproto_client.exceptions import AtProtocolError, RequestErrorBase
        from atproto_client.request import Request

        from netbot.networks.bluesky.wire import Exchange, Wire

        exchange = Exchange(
            host=self.require_open(base), timeout_s=self._timeout_s, allowed=self._allowed
        )
        request = Request(transport=Wire(exchange), trust_env=False)
        request.add_additional_header("User-Agent", USER_AGENT)
        if token:
            request.add_additional_header("Authorization", f"Bearer {token}")
        try:
            with closing(request):
                return call(Api(base, request))
        except (AtProtocolError, httpx.HTTPError, *UNUSABLE) as error:
            if isinstance(error, RequestErrorBase):
                exchange.name = _name_of(error)
            raise exchange.error(is_write=is_write, has_token=bool(token)) from None

    def is_opened(self, base: str) -> bool:
        """Whether the user opened this server by name."""
        parts = urlsplit(base)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return self._allowed.covers(parts.hostname or "", port)

    def require_open(self, base: str) -> str:
        """The host of a server; raises ``Refused`` without TLS, unless the user opened it."""
        from netbot.fetch.libraries import require_open

        return require_open(base, self._allowed)


def query(api: "Api", name: str, params: Any) -> Told:
    """What a question brings, as it came: one odd record must not spoil a whole page."""
    return _told(api.invoke_query(name, params, output_encoding="application/json").content)


def _told(content: Any) -> Told:
    if not isinstance(content, Mapping):
        raise TypeError("the answer is no object")
    return content


def need(told: Told, name: str) -> str:
    """A text that must be there."""
    value = told[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"there is no {name}")
    return value


def _name_of(error: Any) -> str:
    """What the network calls an error; "" when it does not say."""
    return str(getattr(getattr(error.response, "content", None), "error", None) or "")
