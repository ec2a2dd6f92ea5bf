"""Asking a server one thing by the library, under the house's own conditions."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from netbot.fetch import USER_AGENT
from netbot.fetch.guard import AllowList

if TYPE_CHECKING:
    from mastodon import Mastodon as Api

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
        token: str | None = None,
        is_write: bool = False,
    ) -> _Result:
        """Let ``call`` make one request to the server at ``base`` and read its answer.

        Raises a ``NetworkError``, as the wire saw it. Nothing that library or server say is
        passed on: either may repeat the token.
        """
        from mastodon import Mastodon as Api
        from mastodon import MastodonError

        from netbot.fetch.libraries import Exchange, Session, require_open

        host = require_open(base, self._allowed)
        exchange = Exchange(host=host, timeout_s=self._timeout_s, allowed=self._allowed)
        with Session(exchange) as session:
            api = Api(
                api_base_url=base,
                ratelimit_method="throw",
                request_timeout=self._timeout_s,
                session=session,
                user_agent=USER_AGENT,
            )
            api.access_token = token  # given above, it would be taken for the name of a file first
            try:
                return call(api)
            except (MastodonError, *UNUSABLE):
                raise exchange.error(is_write=is_write, has_token=bool(token)) from None
