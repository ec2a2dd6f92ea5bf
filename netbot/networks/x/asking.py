"""Asking X one thing by the library, paid for beforehand, under the house's own conditions.

tweepy knows one host, waits for ever, logs the token and, before some writes, asks who we are. So
its session is ours: it leads to the right host, ends in time, sends one request and puts the
token in itself; tweepy only ever sees a stand-in for it.
"""

import base64
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from netbot.fetch import USER_AGENT
from netbot.fetch.guard import AllowList
from netbot.model import Barred, Gone, NetworkError, RateLimited, Refused, Transient, Unsure
from netbot.network import Access
from netbot.networks.x.keys import LASTS_S, App, Fresh, Keys
from netbot.networks.x.telling import Told, is_missing

if TYPE_CHECKING:
    from tweepy import Client

    from netbot.fetch.libraries import Exchange

API = "https://api.x.com"

#: What X asks for, in 1e-6 USD (docs.x.com/x-api/getting-started/pricing): a post of somebody
#: else's, one of mine, a user, taking a post back.
POST, OWN, USER, TAKE_BACK = 5_000, 1_000, 10_000, 10_000

#: When X does not say how long: its shortest window (docs.x.com/x-api/fundamentals/rate-limits).
WINDOW_S = 900

#: For so long an account whose own spending limit at X is reached is left alone.
PAID_OUT_S = 6 * 3600

#: What reading an answer raises that is not as it should be.
UNUSABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)

_HOST = "https://api.twitter.com"  # as tweepy has it
_STAND_IN = "netbot"

_Result = TypeVar("_Result")


class Asker:
    """Asks for one account. ``timeout_s`` is for one request with everything in it."""

    def __init__(self, access: Access, *, allow_hosts: Sequence[str], timeout_s: float) -> None:
        self._access = access
        self._base = access.account.server.rstrip("/") or API
        self._allowed = AllowList(allow_hosts)
        self._timeout_s = timeout_s
        self._keys: Keys | None = None

    def read(
        self,
        call: "Callable[[Client], Told]",
        tell: Callable[[Told], _Result],
        *,
        price: int,
        most: int = 1,
        users: int = 0,
    ) -> _Result:
        """Let ``call`` make one request that brings ``most`` things at ``price`` each.

        ``tell`` reads the answer. As much as it may cost is set aside before, what did not come is
        given back; ``users`` may come along. Raises ``Gone`` when X has no such thing,
        ``Transient`` for an answer that makes no sense, and what asking raises.
        """
        told = self._pay(price * most + USER * users, lambda: self._ask(call, is_write=False))
        try:
            unneeded = price * (most - _count(told.get("data")))
            unneeded += USER * (users - _count((told.get("includes") or {}).get("users")))
            self._give_back(unneeded)
            if is_missing(told):
                raise Gone("X says that it is not there any more.")
            return tell(told)
        except UNUSABLE:
            raise Transient("X gives no usable answer; netbot will try again.") from None

    def write(self, call: "Callable[[Client], _Result]", *, price: int = 0) -> _Result:
        """Let ``call`` make one request that changes something; acts are paid by the engine."""
        return self._pay(price, lambda: self._ask(call, is_write=True))

    def _pay(self, micros: int, ask: Callable[[], _Result]) -> _Result:
        """X charges for what it delivers, so a refusal costs nothing, and a doubt counts."""
        if self._access.purse and micros:
            self._access.purse.take(micros)
        try:
            return ask()
        except (Transient, Unsure):
            raise
        except NetworkError:
            self._give_back(micros)
            raise

    def _give_back(self, micros: int) -> None:
        if self._access.purse and micros > 0:
            self._access.purse.give_back(micros)

    def _ask(self, call: "Callable[[Client], _Result]", *, is_write: bool) -> _Result:
        from tweepy import Client, TweepyException

        keys = self._own_keys()
        token = keys.token()
        exchange = self._exchange()
        client = Client(bearer_token=_STAND_IN, return_type=dict)
        client.user_agent = USER_AGENT
        with _session(exchange, self._base, f"Bearer {token}") as session:
            client.session = session
            try:
                return call(client)
            except (TweepyException, *UNUSABLE, OSError) as error:
                raise self._error(exchange, keys, error, is_write=is_write) from None

    def _error(
        self, exchange: "Exchange", keys: Keys, error: Exception, *, is_write: bool
    ) -> NetworkError:
        """What went wrong; what X says itself is listened to only about its own rules."""
        name = self._access.account.id
        match exchange.status:
            case 402:
                spent = (
                    f"X asks for money: the spending limit or credit of {name} there is reached."
                )
                return RateLimited(spent, retry_after_s=PAID_OUT_S)
            case 401 if keys.drop():
                return Transient("X does not take the token any more; netbot asks for a new one.")
            case 403 if is_write and _is_double(error):
                return Unsure("X says that this stands there already.")
            case 403 if is_write:
                return Refused(
                    "X lets no program do this here (403). Do it by hand: open the post."
                )
        return exchange.error(is_write=is_write, has_token=True)

    def _own_keys(self) -> Keys:
        if self._keys is None:
            self._keys = Keys(self._access, self._renew)
        return self._keys

    def _renew(self, app: App) -> Fresh:
        """New tokens for an old refresh token; see ``Keys``."""
        form = {"grant_type": "refresh_token", "refresh_token": app.refresh_token}
        basic = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
        login = f"Basic {basic}" if app.client_secret else ""
        exchange = self._exchange()
        with _session(exchange, self._base, login) as session:
            try:
                answer = session.request(
                    "POST", f"{_HOST}/2/oauth2/token", data=form | {"client_id": app.client_id}
                )
                if answer.status_code == 200:
                    told = answer.json()
                    return Fresh(
                        access_token=str(told["access_token"]),
                        refresh_token=str(told.get("refresh_token") or ""),
                        lasts_s=int(told.get("expires_in") or LASTS_S),
                    )
            except (*UNUSABLE, OSError):
                pass
        if exchange.status in {400, 401, 403}:
            raise Barred(
                f"X no longer takes the refresh token of {self._access.account.id}: let netbot in"
                " there once more, and put the new one in its place."
            )
        raise exchange.error(is_write=False, has_token=True)

    def _exchange(self) -> "Exchange":
        from netbot.fetch.libraries import Exchange, require_open

        return Exchange(
            host=require_open(self._base, self._allowed),
            timeout_s=self._timeout_s,
            allowed=self._allowed,
            default_wait_s=WINDOW_S,
        )


def _session(exchange: "Exchange", base: str, authorization: str) -> Any:
    """A session that leads to ``base`` and shows our own authorization, "" for none."""
    from netbot.fetch.libraries import Session

    class Seam(Session):
        def request(self, method: Any, url: Any, *args: Any, **facts: Any) -> Any:
            headers = dict(facts.pop("headers", None) or {}) | {"Authorization": authorization}
            facts["headers"] = {name: value for name, value in headers.items() if value}
            return super().request(method, f"{base}{str(url).removeprefix(_HOST)}", *args, **facts)

    return Seam(exchange)


def _count(things: object) -> int:
    if isinstance(things, list):
        return len(things)
    return 1 if things else 0


def _is_double(error: Exception) -> bool:
    said = getattr(error, "api_messages", [])
    return any("duplicate" in str(one).casefold() for one in said)
