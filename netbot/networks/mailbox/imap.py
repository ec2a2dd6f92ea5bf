"""An IMAP folder, read without a trace: it is only examined, and no mail is marked as seen."""

import contextlib
import imaplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from netbot.model import Barred, Refused, Transient
from netbot.network import Access

#: Of each mail so many bytes are read; what follows are attachments.
MOST_BYTES = 4 * 1024**2

#: So many mails are read at a look, the oldest first; at the first look the newest.
MOST_MAILS = 200

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a box has been read."""

    validity: int = 0  # RFC 9051 §2.3.1.1: with another one, all numbers begin anew
    uid: int = 0

    def is_after(self, other: "Place") -> bool:
        """Whether a reader who has come to ``other`` has not seen this."""
        return self.validity != other.validity or self.uid > other.uid

    def advanced(self, reached: "Place | None") -> "Place":
        """Where a reader is after a look that went so far; None: there was none."""
        return reached if reached is not None and reached.is_after(self) else self


@dataclass(frozen=True, slots=True, kw_only=True)
class _Address:
    host: str
    port: int
    folder: str
    is_plain: bool  # without TLS


class Box:
    """One folder of an account: ``imaps://mail.example/Newsletter`` (RFC 5092), INBOX if unnamed.

    Without TLS (``imap://``) only a host that ``allow_hosts`` names is spoken to. A look takes
    ``timeout_s`` seconds at most.
    """

    def __init__(self, access: Access, *, allow_hosts: Sequence[str], timeout_s: float) -> None:
        self._access = access
        self._address = _read(access.account.server, allow_hosts)
        self._timeout_s = timeout_s

    def read(self, places: Sequence[Place]) -> tuple[list[tuple[Place, bytes]], Place]:
        """The mails after the earliest of those places, oldest first, and where they end.

        Raises ``Barred`` for a wrong password, ``Refused`` or ``Transient``.
        """
        return self._ask(lambda session: _collect(session, self._address.folder, places))

    def visit(self) -> str:
        """See whether the password opens the folder, and read nothing; returns the host.

        Raises as ``read`` does.
        """
        self._ask(lambda session: _open(session, self._address.folder))
        return self._address.host

    def _ask(self, question: Callable[[imaplib.IMAP4], _Result]) -> _Result:
        try:
            with self._session() as session:
                return question(session)
        except imaplib.IMAP4.abort as error:
            raise Transient(f"{self._address.host} broke off: {error}"[:300]) from error
        except imaplib.IMAP4.error as error:
            raise Refused(f"{self._address.host} does not answer as IMAP: {error}"[:300]) from error
        except (OSError, ValueError) as error:
            raise Transient(f"{self._address.host} cannot be read: {error}"[:300]) from error

    @contextlib.contextmanager
    def _session(self) -> Iterator[imaplib.IMAP4]:
        address = self._address
        watchdog = threading.Event()
        kind = _Plain if address.is_plain else _Tls
        session = kind(address.host, address.port, self._timeout_s, watchdog)
        try:
            self._log_in(session)
            yield session
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                session.logout()
        finally:
            watchdog.set()
            with contextlib.suppress(OSError):
                session.shutdown()

    def _log_in(self, session: imaplib.IMAP4) -> None:
        account = self._access.account
        try:
            session.login(account.handle, self._access.secret)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise Barred(
                f"{self._address.host} does not let {account.handle} in: check the password"
            ) from None


class _Plain(imaplib.IMAP4):
    """Ends after so much time, until ``over`` is set; from the greeting on.

    A server that sends a byte now and then never runs into a socket's own time-out.
    """

    def __init__(self, host: str, port: int, total_s: float, over: threading.Event) -> None:
        self._total_s = total_s
        self._over = over
        self._connect_to(host, port)

    def _connect_to(self, host: str, port: int) -> None:
        imaplib.IMAP4.__init__(self, host, port, timeout=self._total_s)

    def open(self, host: str = "", port: int | None = 0, timeout: float | None = None) -> None:
        """Connect, and let the clock run."""
        super().open(host, port or 0, timeout)
        threading.Thread(target=self._guard, args=(self.socket(),), daemon=True).start()

    def _guard(self, connection: socket.socket) -> None:
        if not self._over.wait(self._total_s):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Tls(_Plain, imaplib.IMAP4_SSL):
    """The same by TLS, with a certificate that can be trusted."""

    def _connect_to(self, host: str, port: int) -> None:
        context = ssl.create_default_context()
        imaplib.IMAP4_SSL.__init__(self, host, port, ssl_context=context, timeout=self._total_s)


def _read(server: str, allow_hosts: Sequence[str]) -> _Address:
    parts = urlsplit(server)
    host, is_plain = parts.hostname or "", parts.scheme == "imap"
    port = parts.port or (143 if is_plain else 993)
    if parts.scheme not in {"imap", "imaps"} or not host:
        raise Refused(f"{server} is no mail server; write it like imaps://mail.example/INBOX")
    if is_plain and not {host, f"{host}:{port}"} & set(allow_hosts):
        raise Refused(f"{host} would be spoken to without TLS; write imaps://")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return _Address(host=host, port=port, folder=folder, is_plain=is_plain)


def _collect(
    session: imaplib.IMAP4, folder: str, places: Sequence[Place]
) -> tuple[list[tuple[Place, bytes]], Place]:
    _open(session, folder)
    validity = _number(session.response("UIDVALIDITY")[1])
    starts = [place.uid if place.validity == validity else 0 for place in places]
    low = min(starts, default=0)
    _, found = session.uid("SEARCH", "UID", f"{low + 1}:*")
    uids = sorted(int(each) for each in (found[0] or b"").split() if int(each) > low)
    chosen = uids[:MOST_MAILS] if low else uids[-MOST_MAILS:]
    mails = [(Place(validity=validity, uid=uid), _mail(session, uid)) for uid in chosen]
    end = Place(validity=validity, uid=max([*chosen, low]))
    return [(place, raw) for place, raw in mails if raw], end


def _open(session: imaplib.IMAP4, folder: str) -> None:
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    status, _ = session.select(quoted, readonly=True)
    if status != "OK":
        raise Refused(f"there is no folder {folder} in that mailbox: check the account's server")


def _mail(session: imaplib.IMAP4, uid: int) -> bytes:
    """One mail's beginning; b"" when it was deleted meanwhile."""
    _, parts = session.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{MOST_BYTES}>)")
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")


def _number(values: Sequence[object]) -> int:
    first = values[0] if values else None
    return int(first) if isinstance(first, bytes) and first.isdigit() else 0
