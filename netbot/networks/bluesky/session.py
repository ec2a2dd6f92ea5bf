"""The session of an account: begun with the app password, kept, and renewed while that works.

Servers let an account begin few sessions a day (docs.bsky.app/docs/advanced-guides/rate-limits),
so one is kept in the account's drawer over restarts. Each renewal hands out the next key to
renew with; it is in the drawer before it is used.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from netbot import clock, log
from netbot.model import Barred, PolicyRefused, Refused, Transient, UsageError
from netbot.network import Access, Guide
from netbot.networks.bluesky.asking import Asker, Told, need
from netbot.networks.bluesky.refusals import Stale
from netbot.text import mark

if TYPE_CHECKING:
    from atproto_client.client.raw import ClientRaw as Api

#: Where accounts begin their sessions that name no server of their own.
ENTRANCE = "https://bsky.social"

#: How one comes by an app password.
GUIDE = Guide(
    steps=(
        mark("Open https://bsky.app/settings/app-passwords and add an app password."),
        mark("Call it netbot; your direct messages are none of its business."),
        mark("Copy what is shown. Your own password belongs to no program."),
    ),
    secret=mark("the app password"),
    handle=r"@?([A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*",
    example="@you.bsky.social",
)

_EARLY = timedelta(minutes=2)  # a key that ends so soon is renewed before it is used
_PASSWORD = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the network knows us by for a while."""

    did: str
    server: str  # base address of the account's own server
    token: str = field(repr=False)  # for all requests but ...
    renewal: str = field(repr=False)  # ... the one for the next session
    mark: str = ""  # of the app password with which it was begun

    @classmethod
    def read(cls, kept: str) -> Self | None:
        """From a drawer; what cannot be read is as good as nothing."""
        try:
            return cls(**json.loads(kept))
        except (ValueError, TypeError):
            return None

    @classmethod
    def of(cls, told: Told, *, server: str, mark: str) -> Self:
        """From what the network hands out; ``server`` where it does not name another."""
        did = need(told, "did")
        return cls(
            did=did,
            server=_server_in(told.get("didDoc"), did) or server,
            token=need(told, "accessJwt"),
            renewal=need(told, "refreshJwt"),
            mark=mark,
        )

    def kept(self) -> str:
        """For the drawer."""
        return json.dumps(asdict(self))

    def ends_before(self, moment: datetime) -> bool:
        """Whether the token says so; one that cannot be read may have ended."""
        ends_at = _end_of(self.token)
        return ends_at is None or ends_at < moment


class Keeper:
    """Keeps the session of one account; may be asked by several threads."""

    def __init__(self, asker: Asker, access: Access) -> None:
        self.account = access.account
        self._asker = asker
        self._access = access
        self._lock = Lock()
        self._session: Session | None = None

    def session(self, *, instead_of: Session | None = None) -> Session:
        """A session that is good for a while; another than the one that the network refused.

        Raises ``Barred`` when the network does not know the app password, another
        ``NetworkError`` when it cannot be asked.
        """
        with self._lock:
            held = self._session
            if held is None or not _is_good(held, instead_of):
                held = self._recall() or held  # another process may have renewed it meanwhile
            if held is None:
                held = self._begin()
            elif not _is_good(held, instead_of):
                held = self._renew(held)
            self._session = held
            return held

    def _recall(self) -> Session | None:
        """What lies in the drawer; raises ``Refused`` where others could have read it."""
        drawer = self._access.drawer
        try:
            kept = Session.read(drawer.read()) if drawer else None
        except (PolicyRefused, UsageError) as error:
            raise Refused(str(error)) from error
        return kept if kept and kept.mark == self._access.mark else None

    def _renew(self, old: Session) -> Session:
        def renew(api: "Api") -> Told:
            return _as_told(api.com.atproto.server.refresh_session())

        try:
            told = self._asker.ask(old.server, renew, token=old.renewal)
        except (Stale, Barred):
            return self._begin()
        return self._keep(self._checked(told, server=old.server))

    def _begin(self) -> Session:
        account = self.account
        name, password = account.handle.strip().removeprefix("@"), self._access.secret.strip()
        if not _PASSWORD.fullmatch(password):
            raise Barred(f"What is kept as the app password of {account.id} is none.")

        def begin(api: "Api") -> Told:
            data = {"identifier": account.platform_id or name, "password": password}
            return _as_told(api.com.atproto.server.create_session(data))

        server = account.server.rstrip("/") or ENTRANCE
        self._asker.require_open(server)
        try:
            told = self._asker.ask(server, begin)
        except Refused as error:
            raise Barred(
                f"Bluesky does not let {account.id} in: make an app password for it in the settings"
                " there (your own password does not belong here), and see that the handle is right."
            ) from error
        return self._keep(self._checked(told, server=server))

    def _checked(self, told: Told, *, server: str) -> Session:
        """Raises ``Barred`` for an account that its server has closed."""
        if told.get("active") is False:
            raise Barred(f"The account {self.account.id} is closed: look at it there.")
        try:
            return Session.of(told, server=server, mark=self._access.mark)
        except (KeyError, TypeError, ValueError):
            raise Transient("The server hands out no usable session.") from None

    def _keep(self, session: Session) -> Session:
        log.hide(session.token)
        log.hide(session.renewal)
        try:
            if self._access.drawer:
                self._access.drawer.write(session.kept())
        except UsageError as error:  # it serves until the next start all the same
            log.warning("a session cannot be kept", account=self.account.id, why=str(error))
        return session


def _is_good(session: Session, refused: Session | None) -> bool:
    """Whether it will do for the next request."""
    return session != refused and not session.ends_before(clock.now() + _EARLY)


def _as_told(response: Any) -> Told:
    """A response of the library, under the network's own names."""
    told: Mapping[str, Any] = response.model_dump(by_alias=True)
    return told


def _server_in(document: Any, did: str) -> str:
    """The account's own server, as its public document names it; "" when it names none."""
    if not isinstance(document, Mapping) or document.get("id") != did:
        return ""
    services = document.get("service")
    for service in services if isinstance(services, list) else []:
        if isinstance(service, Mapping) and str(service.get("id")).endswith("#atproto_pds"):
            return str(service.get("serviceEndpoint") or "").rstrip("/")
    return ""


def _end_of(token: str) -> datetime | None:
    """When a token of three parts ends; nobody's signature is checked, the network does that."""
    try:
        body = token.split(".")[1]
        facts = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return datetime.fromtimestamp(facts["exp"], UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError, binascii.Error):
        return None
