"""The key of an account on X: a token as it stands, or one that is renewed.

What is kept as the secret is either a token, or a JSON object with ``client_id``,
``refresh_token`` and, of a confidential app, ``client_secret``. A token got with it lasts two
hours, and each renewal comes with another refresh token, which alone is good from then on: so it
is in the drawer, on the disk, before anybody uses what came with it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Self

from netbot import clock, log
from netbot.model import Barred, PolicyRefused, Refused, UsageError
from netbot.network import Access, Guide
from netbot.text import mark

#: How one comes by a key (docs.x.com, OAuth 2.0 with PKCE).
GUIDE = Guide(
    steps=(
        mark("Open https://developer.x.com and make an app there, with OAuth 2.0 set up."),
        mark(
            "Let the app in for your account, with these scopes: tweet.read tweet.write users.read"
            " offline.access. X then gives out a refresh token."
        ),
        mark(
            "Put it into one line of JSON, without client_secret if the app has none:"
            ' {{"client_id": "…", "client_secret": "…", "refresh_token": "…"}}'
        ),
        mark("A mere access token does as well, for the two hours that it lasts."),
    ),
    secret=mark("the line of JSON, or the token"),
    handle=r"@?[A-Za-z0-9_]+",
    example="@you",
)

#: A token is renewed when it lasts no longer than this.
MARGIN = timedelta(minutes=2)

#: How long a token lasts when X does not say (docs.x.com, OAuth 2.0 with PKCE), in seconds.
LASTS_S = 7200

_TOKEN = re.compile(r"[\x21-\x7e]+")

# Two threads of a process must not use up the same refresh token.
_renewing = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What a program needs to renew a token."""

    client_id: str
    refresh_token: str
    client_secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What lies in the drawer."""

    mark: str  # of the secret with which it began
    refresh_token: str
    access_token: str = ""
    lasts_until: str = ""  # ISO 8601

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From the drawer; None when nothing of use lies in it."""
        try:
            held = cls(**json.loads(text))
            if held.access_token:
                datetime.fromisoformat(held.lasts_until).astimezone(UTC)
        except (ValueError, TypeError):
            return None
        return held

    def is_good(self, now: datetime) -> bool:
        """Whether its token may be shown to X."""
        if not self.access_token:
            return False
        return datetime.fromisoformat(self.lasts_until).astimezone(UTC) > now + MARGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What X gives for a refresh token."""

    access_token: str
    refresh_token: str  # "" when the old one stays good
    lasts_s: int


#: Asks X for new tokens with an app's.
Renewal = Callable[[App], Fresh]


class Keys:
    """The keys of one access. ``renew`` asks X; ``now`` tells the time."""

    def __init__(
        self, access: Access, renew: Renewal, *, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._access = access
        self._renew = renew
        self._now = now
        self._app, self._plain = _read(access)
        self._memory = ""  # where there is no drawer

    def token(self) -> str:
        """A token that is good now, renewed if need be.

        Raises ``Barred`` when there is none, ``Refused`` when a new one could not be kept, and
        what asking raises.
        """
        if self._app is None:
            return self._plain
        with _renewing:
            held = self._held(self._app)
            if not held.is_good(self._now()):
                held = self._renewed(self._app, held)
        log.hide(held.access_token)
        return held.access_token

    def drop(self) -> bool:
        """X does not take the token any more; whether it can be renewed."""
        if self._app is None:
            return False
        with _renewing:
            self._put(replace(self._held(self._app), access_token="", lasts_until=""))
        return True

    def _renewed(self, app: App, held: _Held) -> _Held:
        self._put(held)  # what cannot be kept must not be asked for: the old one ends with it
        try:
            fresh = self._renew(replace(app, refresh_token=held.refresh_token))
        except Barred:
            after = self._held(app)
            if after != held and after.is_good(self._now()):  # another process was quicker
                return after
            raise
        new = _Held(
            mark=held.mark,
            refresh_token=fresh.refresh_token or held.refresh_token,
            access_token=_proper(fresh.access_token, self._access.account.id),
            lasts_until=(self._now() + timedelta(seconds=fresh.lasts_s)).isoformat(),
        )
        self._put(new)
        return new

    def _held(self, app: App) -> _Held:
        """What was handed out last, unless the human has put another secret in place since."""
        drawer = self._access.drawer
        try:
            held = _Held.read(drawer.read() if drawer else self._memory)
        except (PolicyRefused, UsageError) as error:
            raise Refused(str(error)) from error
        if held is None or held.mark != self._access.mark:
            held = _Held(mark=self._access.mark, refresh_token=app.refresh_token)
        log.hide(held.refresh_token)
        return held

    def _put(self, held: _Held) -> None:
        text = json.dumps(asdict(held))
        if self._access.drawer is None:
            self._memory = text
            return
        try:
            self._access.drawer.write(text)
        except UsageError as error:
            raise Refused(str(error)) from error


def _read(access: Access) -> tuple[App | None, str]:
    """The app, or the plain token, that a secret is. Raises ``Barred``."""
    secret, name = access.secret.strip(), access.account.id
    if not secret.startswith("{"):
        return None, _proper(secret, name)
    try:
        app = App(**json.loads(secret))
        log.hide(app.client_secret)
        log.hide(app.refresh_token)
    except (AttributeError, TypeError, ValueError):
        raise Barred(
            f"The secret of {name} cannot be read: it is a token, or JSON with client_id,"
            " refresh_token and perhaps client_secret."
        ) from None
    return app, ""


def _proper(token: str, name: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise Barred(f"What is kept as the token of {name} is none.")
    return token
