"""Passkeys: another key beside the password. Needs the extra ``passkeys``.

What a device signs is checked by the library as WebAuthn says (w3.org/TR/webauthn-3, sections 7.1
and 7.2): our question, our address, the owner verified, a counter that grows.
"""

import hashlib
import json
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from netbot.model import UsageError
from netbot.store.door import Door, Passkey
from netbot.text import mark

#: How long a question to a device can be answered.
ASK_LASTS = timedelta(minutes=5)

#: So many questions are open at once; the oldest are forgotten first.
MOST_ASKED = 1000

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Place:
    """What passkeys know these pages by."""

    rp_id: str  # the host
    origin: str  # scheme, host and port


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to a device, open until it is answered once."""

    place: Place
    challenge: bytes
    ends_at: datetime
    name: str  # of the passkey to be made, "" for a login
    by: str  # the session that makes it, "" for a login


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser is handed: the options for its device, and what binds them to it."""

    options: str  # JSON
    ticket: str


class Passkeys:
    """One for each process that serves the page; its threads share it."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._door = Door(path)
        self._now = now
        self._lock = threading.Lock()
        self._asked: dict[str, Asked] = {}

    @property
    def is_installed(self) -> bool:
        """Whether the extra is there."""
        return find_spec("webauthn") is not None

    def everything(self) -> list[Passkey]:
        """All passkeys, the oldest first."""
        return self._door.passkeys()

    def open_at(self, place: Place | None) -> bool:
        """Whether somebody can log in with one there."""
        return self.is_installed and place is not None and bool(self._of(place))

    def ask_for_new(self, place: Place, name: str, session: str) -> Question:
        """Let a device make one for whoever is in. Raises ``UsageError`` without a name."""
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers import structs

        called = " ".join(name.split())
        if not 0 < len(called) <= LONGEST_NAME:
            raise UsageError(mark("name it in at most {most} characters"), most=LONGEST_NAME)
        challenge, ticket = self._ask(place, name=called, by=session)
        wanted = structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        options = generate_registration_options(
            rp_id=place.rp_id,
            rp_name="netbot",
            user_id=hashlib.sha256(place.origin.encode()).digest(),  # a device has one for a place
            user_name=urlsplit(place.origin).netloc,
            challenge=challenge,
            timeout=_milliseconds(ASK_LASTS),
            authenticator_selection=wanted,
            exclude_credentials=[
                structs.PublicKeyCredentialDescriptor(id=each.credential)
                for each in self._of(place)
            ],
        )
        return Question(options_to_json(options), ticket)

    def add(self, answer: str, ticket: str, session: str) -> bool:
        """Keep the one that a device has made; False for what was not asked for or is unsound."""
        from webauthn import verify_registration_response
        from webauthn.helpers.exceptions import WebAuthnException

        asked, credential = self._take(ticket), _parse(answer)
        if asked is None or credential is None or not asked.name or asked.by != session:
            return False
        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=asked.challenge,
                expected_rp_id=asked.place.rp_id,
                expected_origin=asked.place.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError):
            return False
        passkey = Passkey(
            name=asked.name,
            rp_id=asked.place.rp_id,
            credential=made.credential_id,
            public_key=made.credential_public_key,
            counter=made.sign_count,
            made_at=self._now(),
        )
        return self._door.add_passkey(passkey)

    def ask(self, place: Place) -> Question:
        """Let a device show one of ours; which ones there are is not told to strangers."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement

        challenge, ticket = self._ask(place)
        options = generate_authentication_options(
            rp_id=place.rp_id,
            challenge=challenge,
            timeout=_milliseconds(ASK_LASTS),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return Question(options_to_json(options), ticket)

    def opens(self, answer: str, ticket: str) -> bool:
        """Whether a device has answered our question with one of ours; noted if so."""
        from webauthn import verify_authentication_response
        from webauthn.helpers.exceptions import WebAuthnException

        asked, credential = self._take(ticket), _parse(answer)
        if asked is None or credential is None or asked.name:
            return False
        kept = self._find(asked.place, str(credential.get("id", "")))
        if kept is None:
            return False
        try:
            shown = verify_authentication_response(
                credential=credential,
                expected_challenge=asked.challenge,
                expected_rp_id=asked.place.rp_id,
                expected_origin=asked.place.origin,
                credential_public_key=kept.public_key,
                credential_current_sign_count=kept.counter,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError):
            return False
        return self._door.use_passkey(kept.id, shown.new_sign_count, self._now())

    def remove(self, id: int) -> bool:
        """Let it open nothing any more; whether there was one."""
        return self._door.remove_passkey(id)

    def _of(self, place: Place) -> list[Passkey]:
        return [each for each in self._door.passkeys() if each.rp_id == place.rp_id]

    def _find(self, place: Place, id: str) -> Passkey | None:
        from webauthn.helpers import bytes_to_base64url

        named = (each for each in self._of(place) if bytes_to_base64url(each.credential) == id)
        return next(named, None)

    def _ask(self, place: Place, name: str = "", by: str = "") -> tuple[bytes, str]:
        challenge, ticket, now = secrets.token_bytes(32), secrets.token_urlsafe(32), self._now()
        asked = Asked(place=place, challenge=challenge, ends_at=now + ASK_LASTS, name=name, by=by)
        with self._lock:
            self._asked[ticket] = asked
            while len(self._asked) > MOST_ASKED:
                del self._asked[next(iter(self._asked))]
        return challenge, ticket

    def _take(self, ticket: str) -> Asked | None:
        """Each question is answered once, in vain or not."""
        with self._lock:
            asked = self._asked.pop(ticket, None)
        return asked if asked and asked.ends_at > self._now() else None


def find_place(front: str, host: str) -> Place | None:
    """What passkeys know the pages by for a browser that asks for this host.

    None where browsers have none: without TLS but on this machine's own name, and at numbers.
    ``front`` is the pages' address as seen from outside.
    """
    outside = urlsplit(front)
    is_outside = host.lower() == outside.netloc.lower()
    origin = f"{outside.scheme if is_outside else 'http'}://{host}".lower()
    name = urlsplit(origin).hostname or ""
    is_safe = origin.startswith("https://") or name == "localhost"
    return Place(name, origin) if is_safe and not _is_number(name) else None


def find_named(host: str) -> str:
    """The address by name of this machine's own pages, for whoever asks for it by number.

    "" for every other host.
    """
    own = re.fullmatch(r"(?:127\.0\.0\.1|\[::1\])(:\d+)?", host)
    return f"http://localhost{own[1] or ''}" if own else ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _parse(answer: str) -> dict[str, Any] | None:
    try:
        credential = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return credential if isinstance(credential, dict) else None


def _milliseconds(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)
