"""Asking Reddit one thing by the library, without a retry, a nap or a look into any file.

praw repeats what fails, sleeps until limits end, reads ``praw.ini`` and the environment, and asks
for tokens on its way. So its session is ours and sends one request; it is told everything, what is
empty too; and it is handed a token that was got before.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from netbot import log
from netbot.fetch import USER_AGENT
from netbot.fetch.guard import AllowList
from netbot.model import Barred, Gone, NetworkError, RateLimited, Refused
from netbot.network import Access, Guide
from netbot.networks.reddit.telling import SITE
from netbot.text import mark

if TYPE_CHECKING:
    from praw import Reddit as Api
    from praw.exceptions import RedditAPIException

    from netbot.fetch.libraries import Exchange

API = "https://oauth.reddit.com"

#: How one comes by a key (support.reddithelp.com/hc/articles/42728983564564).
GUIDE = Guide(
    steps=(
        mark("Reddit approves each program singly: ask first. Until then --by-hand does well."),
        mark("Open https://www.reddit.com/prefs/apps and create an app of the kind “script”."),
        mark(
            "Put its name and secret into one line of JSON, with your name and password:"
            ' {{"client_id": "…", "client_secret": "…", "username": "…", "password": "…"}}'
        ),
        mark(
            "A refresh token can stand in place of both. It needs these scopes: identity read"
            " history vote submit edit privatemessages."
        ),
    ),
    secret=mark("the line of JSON"),
    handle=r"u/[A-Za-z0-9_-]+",
    example="u/you",
)

#: When Reddit does not say how long: its window (github.com/reddit-archive/reddit/wiki/API).
WINDOW_S = 600

#: A token is renewed so many seconds before it ends.
MARGIN_S = 120

#: What reading an answer raises that is not as it should be.
UNUSABLE = (AttributeError, AssertionError, IndexError, KeyError, TypeError, ValueError)

#: What praw has for these things in its own file.
_SETTINGS: dict[str, Any] = {
    "check_for_async": False,
    "check_for_updates": False,
    "comment_kind": "t1",
    "message_kind": "t4",
    "password": None,
    "ratelimit_seconds": -1,
    "redditor_kind": "t2",
    "redirect_uri": None,
    "refresh_token": None,
    "short_url": "https://redd.it",
    "submission_kind": "t3",
    "subreddit_kind": "t5",
    "timeout": 60,  # ours is shorter, and for all of it
    "trophy_kind": "t6",
    "username": None,
    "window_size": WINDOW_S,
}
_GONE = frozenset(("DELETED_COMMENT", "DELETED_LINK", "DELETED_THING", "THING_NOT_FOUND"))
_PAUSE = re.compile(r"(?P<number>\d{1,4}) (?P<unit>millisecond|second|minute|hour)")
_UNITS = {"millisecond": 1, "second": 1, "minute": 60, "hour": 3600}

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a program shows to be let in for somebody: a refresh token, or name and password."""

    client_id: str
    client_secret: str = ""
    refresh_token: str = ""
    username: str = ""
    password: str = ""

    @property
    def form(self) -> dict[str, str]:
        """What asks for a token (RFC 6749 §6 and §4.3)."""
        if self.refresh_token:
            return {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        return {"grant_type": "password", "username": self.username, "password": self.password}


def read_key(access: Access) -> Key:
    """The key that is kept as an account's secret. Raises ``Barred``."""
    try:
        key = Key(**json.loads(access.secret))
        for part in (key.client_secret, key.refresh_token, key.password):
            log.hide(part)
    except (AttributeError, TypeError, ValueError):
        key = None
    if key is None or not (key.refresh_token or (key.username and key.password)):
        raise Barred(
            f"The secret of {access.account.id} is no key for Reddit: it is JSON with client_id,"
            " client_secret, and either refresh_token or username and password."
        )
    return key


class Asker:
    """Asks for one account. ``timeout_s`` is for one request with everything in it."""

    def __init__(self, access: Access, *, allow_hosts: Sequence[str], timeout_s: float) -> None:
        own = access.account.server.rstrip("/")
        self._access = access
        self._site, self._api = (own, own) if own else (SITE, API)
        self._allowed = AllowList(allow_hosts)
        self._timeout_s = timeout_s
        self._token, self._ends_s = "", 0.0  # monotonic
        self._asking = Lock()

    def ask(self, call: "Callable[[Api], _Result]", *, is_write: bool = False) -> _Result:
        """Let ``call`` make one request and read its answer.

        Raises a ``NetworkError``. Nothing that library or network say is passed on, but for the
        names of Reddit's own rules.
        """
        from praw.exceptions import PRAWException, RedditAPIException
        from prawcore import PrawcoreException

        token = self._current()
        exchange = self._exchange(self._api)
        with self._session(exchange) as session:
            try:
                return call(self._praw(session, token))
            except RedditAPIException as error:
                raise _complaint(error) from None
            except (PRAWException, PrawcoreException, *UNUSABLE, OSError):
                raise self._error(exchange, is_write=is_write) from None

    def _error(self, exchange: "Exchange", *, is_write: bool) -> NetworkError:
        if exchange.status == 401:
            self._token = ""  # another one may do
        if exchange.status == 403 and is_write:
            return Refused("Reddit does not let this account do it there (403). Do it by hand.")
        return exchange.error(is_write=is_write, has_token=True)

    def _praw(self, session: Any, token: str) -> "Api":
        from praw import Reddit as Api

        api = Api(
            "DEFAULT",
            client_id=read_key(self._access).client_id,
            client_secret=None,  # so that praw can be handed a token
            oauth_url=self._api,
            reddit_url=self._site,
            requestor_class=_requestor(),
            requestor_kwargs={"session": session},
            user_agent=USER_AGENT,
            **_SETTINGS,
        )
        api.auth.implicit(access_token=token, expires_in=WINDOW_S, scope="*")
        return api

    def _current(self) -> str:
        """A token that is good now."""
        with self._asking:
            if not self._token or monotonic() > self._ends_s:
                self._token, lasts_s = self._new_token(read_key(self._access))
                self._ends_s = monotonic() + lasts_s - MARGIN_S
            return self._token

    def _new_token(self, key: Key) -> tuple[str, float]:
        exchange = self._exchange(self._site)
        with self._session(exchange) as session:
            try:
                answer = session.post(
                    f"{self._site}/api/v1/access_token",
                    auth=(key.client_id, key.client_secret),
                    data=key.form,
                    headers={"User-Agent": USER_AGENT},
                )
                told = answer.json() if answer.status_code == 200 else {"error": ""}
                if "error" not in told:
                    token = str(told["access_token"])
                    log.hide(token)
                    return token, float(told["expires_in"])
                is_no = answer.status_code in {200, 400, 401}  # Reddit refuses with a 200, too
            except (*UNUSABLE, OSError):
                is_no = False
        if is_no:
            raise Barred(
                f"Reddit does not take the key of {self._access.account.id}: check the app there,"
                " and what is kept here."
            )
        raise exchange.error(is_write=False, has_token=True)

    def _session(self, exchange: "Exchange") -> Any:
        from netbot.fetch.libraries import Session

        return Session(exchange)

    def _exchange(self, base: str) -> "Exchange":
        from netbot.fetch.libraries import Exchange, require_open

        return Exchange(
            host=require_open(base, self._allowed),
            timeout_s=self._timeout_s,
            allowed=self._allowed,
            default_wait_s=WINDOW_S,
        )


def _requestor() -> Any:
    """A requestor after which praw finds nothing that it would repeat."""
    from prawcore import Requestor, ResponseException

    class Once(Requestor):
        def request(self, *args: Any, timeout: float | None = None, **facts: Any) -> Any:
            facts["timeout"] = timeout or self.timeout
            response = self._http.request(*args, **facts)
            if response.status_code > 400:  # what a 400 says praw reads well
                raise ResponseException(response)
            return response

    return Once


def _complaint(error: "RedditAPIException") -> NetworkError:
    """What Reddit says in so many words: then it has done nothing."""
    kinds = [str(item.error_type) for item in error.items]
    if "RATELIMIT" in kinds:
        asked = " ".join(str(item.message) for item in error.items)
        return RateLimited("Reddit asks this account for a pause.", retry_after_s=_pause_s(asked))
    if _GONE & set(kinds):
        return Gone("Reddit says that it is not there any more.")
    named = ", ".join(kind for kind in kinds if re.fullmatch(r"[A-Z_]{1,40}", kind))
    return Refused(f"Reddit does not take it ({named or 'it does not say why'}). Do it by hand.")


def _pause_s(asked: str) -> int:
    pause = _PAUSE.search(asked)
    return max(1, int(pause["number"]) * _UNITS[pause["unit"]]) if pause else WINDOW_S
