"""The passwords and sessions of a stand-in Bluesky: tokens that look like those of the network."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from netbot.demo.atmosphere import Complaint, Json, Person

ACCESS_LASTS = timedelta(hours=2)
RENEWAL_LASTS = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Who comes with a token, and what for."""

    person: Person
    password: str  # with which the session was begun
    kind: str  # access or refresh
    ends_at: datetime


@dataclass(slots=True)
class Gatehouse:
    """Lets people in; whoever uses it holds its lock."""

    now: Callable[[], datetime]
    passwords: dict[str, Person] = field(default_factory=dict)
    passes: dict[str, Pass] = field(default_factory=dict)
    _number: int = 0

    def begin(self, name: str, password: str) -> tuple[Pass, str, str]:
        """A session for whoever has that password: the pass, its token, its renewal."""
        person = self.passwords.get(password)
        if person is None or name.lower() not in {person.did, person.handle}:
            raise Complaint(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._hand_out(person, password)

    def renew(self, token: str) -> tuple[Pass, str, str]:
        """The next session."""
        old = self.admit(token, "refresh")
        return self._hand_out(old.person, old.password)

    def admit(self, token: str, kind: str = "access") -> Pass:
        """Who comes with that token; a ``Complaint`` for one that is not good."""
        if not token:
            raise Complaint(401, "AuthMissing", "Authentication Required")
        found = self.passes.get(token)
        if found is None or found.kind != kind or found.password not in self.passwords:
            raise Complaint(400, "InvalidToken", "Token could not be verified")
        if found.ends_at <= self.now():
            raise Complaint(400, "ExpiredToken", "Token has expired")
        return found

    def expire(self) -> None:
        """Let every access token of now be over, whatever it says itself."""
        for token, each in list(self.passes.items()):
            if each.kind == "access":
                over = Pass(
                    person=each.person, password=each.password, kind="access", ends_at=self.now()
                )
                self.passes[token] = over

    def _hand_out(self, person: Person, password: str) -> tuple[Pass, str, str]:
        access = self._sign(person, password, "access", self.now() + ACCESS_LASTS)
        renewal = self._sign(person, password, "refresh", self.now() + RENEWAL_LASTS)
        return self.passes[access], access, renewal

    def _sign(self, person: Person, password: str, kind: str, ends_at: datetime) -> str:
        self._number += 1
        body = {
            "scope": f"com.atproto.{kind}",
            "sub": person.did,
            "exp": int(ends_at.timestamp()),
            "jti": str(self._number),
        }
        token = ".".join((_part({"typ": "JWT", "alg": "HS256"}), _part(body), "c2lnbmVk"))
        self.passes[token] = Pass(person=person, password=password, kind=kind, ends_at=ends_at)
        return token


def _part(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
