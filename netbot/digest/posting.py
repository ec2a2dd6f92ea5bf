"""Handing a mail to the server that the configuration names, once."""

import smtplib
import ssl
from contextlib import ExitStack
from email.message import EmailMessage
from urllib.parse import urlsplit

from netbot.model import Digest, NetbotError, Unsure, UsageError

#: For each step of the conversation, in seconds.
TIMEOUT_S = 30.0

#: Ports: TLS from the first byte (RFC 8314), and TLS after STARTTLS (RFC 6409).
IMPLICIT, SUBMISSION = 465, 587

#: Hosts that are this very machine.
HERE = ("127.0.0.1", "localhost", "::1")


class NotSent(NetbotError):
    """The mail has surely not left; it can be tried again."""


def post(mail: EmailMessage, digest: Digest, password: str | None) -> None:
    """Hand the mail over, by TLS unless the server is on this machine.

    Raises ``UsageError`` when the configuration does not suffice, ``NotSent`` when the mail has
    surely not left and ``Unsure`` when nobody knows.
    """
    if not digest.server:
        raise UsageError("no mail server is configured: add digest.server (smtp.example.com)")
    if digest.user and password is None:
        raise UsageError(f"there is no password for {digest.user} at {digest.server}")
    try:
        server = _connect(digest, password)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{digest.server} takes no mail: {_said(error)}") from error
    try:
        server.send_message(mail)
    except (
        smtplib.SMTPRecipientsRefused,
        smtplib.SMTPSenderRefused,
        smtplib.SMTPDataError,
        smtplib.SMTPNotSupportedError,
    ) as error:
        raise NotSent(f"{digest.server} did not take the mail: {_said(error)}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unsure(f"{digest.server} broke off; whether the mail left, nobody knows") from error
    finally:
        server.close()


def _connect(digest: Digest, password: str | None) -> smtplib.SMTP:
    parts = urlsplit(f"//{digest.server}")
    host = parts.hostname or ""
    here = host in HERE
    port = parts.port or (25 if here else IMPLICIT)
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if port == IMPLICIT and not here:
        server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    with ExitStack() as undo:
        undo.callback(server.close)
        if not here and port != IMPLICIT:
            server.starttls(context=context)
        if digest.user and password is not None:
            server.login(digest.user, password)
        undo.pop_all()
    return server


def _said(error: Exception) -> str:
    """What a server or the machine said, in one line; never what was sent to it."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            told = "; ".join(f"{code} {_text(text)}" for code, text in error.recipients.values())
        case smtplib.SMTPResponseException():
            told = f"{error.smtp_code} {_text(error.smtp_error)}"
        case OSError():
            told = error.strerror or type(error).__name__
        case _:
            told = type(error).__name__
    return " ".join(told.split())[:200]


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
