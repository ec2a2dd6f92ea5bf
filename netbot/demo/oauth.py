"""How apps are let in on the Mastodon stand-in: registered, granted by a person, paid by a code.

docs.joinmastodon.org/methods/oauth
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from urllib.parse import parse_qs, urlsplit

from netbot.demo.entities import Json
from netbot.demo.instance import Complaint, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A program that may ask people to let it in."""

    id: str
    secret: str
    place: str  # redirect URI
    scopes: frozenset[str]


@dataclass(slots=True)
class Apps:
    """The apps of one server, and the codes that wait to be used; each is good once."""

    known: dict[str, App] = field(default_factory=dict)
    codes: dict[str, tuple[App, Person, str]] = field(default_factory=dict)

    def register(self, params: Mapping[str, str]) -> Json:
        """A new app, as its owner is told."""
        app = App(
            id=token_hex(8),
            secret=token_hex(16),
            place=params["redirect_uris"],
            scopes=frozenset(params["scopes"].split()),
        )
        self.known[app.id] = app
        return {"id": "1", "name": params["client_name"], "client_id": app.id} | {
            "client_secret": app.secret
        }

    def grant(self, person: Person, url: str) -> str:
        """What a person reads who opens that address and agrees: the code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        app = self.known.get(asked["client_id"])
        if app is None or asked["redirect_uri"] != app.place or asked["response_type"] != "code":
            raise Complaint(400, "Client authentication failed due to unknown client")
        if not set(asked["scope"].split()) <= app.scopes:
            raise Complaint(400, "The requested scope is invalid, unknown, or malformed")
        code = token_hex(16)
        self.codes[code] = (app, person, asked["scope"])
        return code

    def pay(self, params: Mapping[str, str]) -> tuple[Person, Json]:
        """Whose token a code has bought, and what is told of it."""
        app = self.known.get(params.get("client_id", ""))
        if app is None or app.secret != params.get("client_secret"):
            raise Complaint(401, "Client authentication failed")
        found = self.codes.pop(params.get("code", ""), None)
        if found is None or found[0] is not app or params.get("redirect_uri") != app.place:
            raise Complaint(400, "The provided authorization grant is invalid")
        token = f"granted-{token_hex(16)}"
        return found[1], {"access_token": token, "token_type": "Bearer", "scope": found[2]}
