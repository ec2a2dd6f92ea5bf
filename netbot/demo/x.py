"""A stand-in for X on loopback that tweepy talks to, and that counts: calls, writes and money."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

from netbot import clock
from netbot.demo import xapi
from netbot.demo.answering import Answer, Answering
from netbot.demo.faults import Fault
from netbot.demo.instance import Complaint
from netbot.demo.journal import Journal
from netbot.demo.standin import StandIn
from netbot.demo.xapi import Call
from netbot.demo.xmemory import Memory, Person

_LIMIT = 900
_TITLES = {
    401: "Unauthorized",
    402: "CreditsDepleted",
    403: "Forbidden",
    404: "Not Found Error",
    429: "Too Many Requests",
}


class XAnswering(Answering):
    """As X answers: Unix time in its limits, problems with a title and a detail."""

    def limits(self, window: timedelta, *, left: int = _LIMIT - 1) -> dict[str, str]:
        """``x-rate-limit-…``, the reset in Unix time."""
        reset = round((clock.now() + window).timestamp())
        return {
            "x-rate-limit-limit": str(_LIMIT),
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(reset),
        }

    def complain(self, status: int) -> Any:
        """A problem as X tells it."""
        return _problem(status, _TITLES.get(status, "Invalid Request"))


class XServer(StandIn):
    """X, all of it, with accounts, apps, prices and a spending limit."""

    STEERED: ClassVar[tuple[str, ...]] = (
        "add_account",
        "add_app",
        "revoke",
        "publish",
        "edit",
        "remove",
        "by_hand",
        "set_lag",
        "set_limit",
        "address",
    )
    ANSWERS: ClassVar[type[Answering]] = XAnswering

    def __init__(
        self,
        port: int = 0,
        *,
        journal: Journal | Path | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(port, journal=journal, now=now)
        self.memory = Memory(now)
        self.new_names = False  # whether it calls its fields ``post`` where they were ``tweet``
        self._tokens: dict[str, Person | None] = {}  # None: an app's own
        self._apps: dict[str, tuple[str, str, Person]] = {}  # client id -> secret, refresh token
        self._renewed = 0

    def add_account(self, name: str, *, token: str = "", shown: str = "") -> str:
        """An account, with a token if one is given; returns its id. A known one gets the token."""
        with self._lock:
            person = self.memory.admit(name, shown)
            if token:
                self._tokens[token] = person
            return person.id

    def add_app(self, name: str = "", *, token: str = "", **facts: str) -> None:
        """An app's own token, which only reads; or, with client_id, client_secret and
        refresh_token, an app that somebody has let in.
        """
        with self._lock:
            if token:
                self._tokens[token] = None
            if facts:
                login = facts.get("client_secret", "")
                person = self.memory.admit(name)
                self._apps[facts["client_id"]] = (login, facts["refresh_token"], person)

    def revoke(self, token: str) -> None:
        """Take that token for nobody's from now on."""
        with self._lock:
            self._tokens.pop(token, None)

    def publish(self, name: str, text: str, *, ago_s: float = 0, **facts: Any) -> str:
        """A post that somebody wrote without us; returns its id.

        ``facts`` may be parent (an id) and language.
        """
        with self._lock:
            at = self._now() - timedelta(seconds=ago_s)
            parent = facts.pop("parent", None)
            answered = self.memory.post(parent) if parent else None
            person = self.memory.admit(name)
            return self.memory.write(person, text, at=at, parent=answered, **facts).id

    def edit(self, id: str, text: str) -> str:
        """Let its author edit a post; returns the id of the new version."""
        with self._lock:
            return self.memory.edit(self.memory.post(id), text)

    def remove(self, id: str) -> None:
        """Let its author delete a post."""
        with self._lock:
            self.memory.post(id).deleted = True

    def by_hand(self, name: str, verb: str, id: str) -> None:
        """Let somebody repost or unrepost a post without us."""
        acts = {"repost": self.memory.repost, "unrepost": self.memory.unrepost}
        with self._lock:
            acts[verb](self.memory.admit(name), self.memory.post(id))

    def set_lag(self, reads: int) -> None:
        """What is written from now on is to be seen only after so many more reads."""
        with self._lock:
            self.memory.lag = reads

    def set_limit(self, micros: int | None) -> None:
        """The spending limit of the account, in 1e-6 USD; None for none."""
        with self._lock:
            self.memory.limit_micros = micros

    def address(self, id: str) -> str:
        """The page of a post, on X itself."""
        with self._lock:
            return f"https://x.com/{self.memory.post(id).author.name}/status/{id}"

    def respond(self, request: Answering, body: bytes) -> None:
        """Answer one call of the API."""
        if request.path == "/2/oauth2/token":
            request.reply_with(*self._renew(request, body))
            return
        call = xapi.understand(request.command, request.path, request.headers, body)
        if call is None:
            request.reply(Answer(status=404, json=_problem(404, "Not Found")))
            return
        request.reply_with(*self._answer(call))

    def _answer(self, call: Call) -> tuple[Answer, Fault | None]:
        """What goes out, and what goes wrong with it on its way."""
        with self._lock:
            person = self._tokens.get(call.token)
            self._note("asked", call, person)
            if call.token not in self._tokens:
                self._note("foreign", call, None)
                return Answer(status=401, json=_problem(401, "Unauthorized")), None
            kind = "write" if call.is_write else "read"
            fault = self.faults.take(call.verb, kind, "any")
            if fault and not fault.is_applied:
                return Answer(status=fault.status), fault
            return self._do(replace(call, person=person)), fault

    def _do(self, call: Call) -> Answer:
        try:
            if not call.is_write:
                self.memory.reads += 1
                return Answer(json=xapi.read(self.memory, call, new_names=self.new_names))
            told, target, ref, changed = xapi.write(self.memory, call)
        except Complaint as complaint:
            body = _problem(complaint.status, complaint.words)
            return Answer(status=complaint.status, json=body)
        verb = "reply" if call.verb == "post" and target else call.verb
        facts = {"verb": verb, "ref": ref, "changed": changed, "text": call.params.get("text", "")}
        about = target.id if target else ""
        self._note("written", call, call.person, **facts | {"target": about})
        return Answer(status=201 if call.verb == "post" else 200, json=told)

    def _renew(self, request: Answering, body: bytes) -> tuple[Answer, Fault | None]:
        """New tokens; the refresh token that was shown is good for nothing afterwards."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        client = form.get("client_id", "")
        with self._lock:
            login, refresh, person = self._apps.get(client, ("", "", None))
            self.journal.note(kind="renewed", server=self.host, app=client)
            fault = self.faults.take("renew", "any")
            if fault and not fault.is_applied:
                return Answer(status=fault.status), fault
            shown = request.headers.get("Authorization", "")
            if person is None or form.get("refresh_token") != refresh or bool(login) != bool(shown):
                return Answer(status=400, json={"error": "invalid_request"}), fault
            self._renewed += 1
            access, refresh = f"access-{self._renewed:08}", f"refresh-{self._renewed:08}"
            self._apps[client] = (login, refresh, person)
            self._tokens[access] = person
        told = {"token_type": "bearer", "expires_in": 7200, "access_token": access}
        return Answer(json=told | {"refresh_token": refresh}), fault

    def _note(self, kind: str, call: Call, person: Person | None, **facts: Any) -> None:
        noted = {
            "kind": kind,
            "server": self.host,
            "token": call.token,
            "account": person.name if person else "",
            "verb": call.verb,
            "target": call.id,
        }
        self.journal.note(**noted | facts)


def _problem(status: int, detail: str) -> dict[str, Any]:
    """A refusal as X tells it."""
    return {
        "title": _TITLES.get(status, "Invalid Request"),
        "detail": detail,
        "status": status,
        "type": "about:blank",
    }
