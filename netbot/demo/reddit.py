"""A stand-in for Reddit on loopback that praw talks to, and that counts: API and feeds alike."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

from netbot import clock
from netbot.demo import redditapi
from netbot.demo.answering import Answer, Answering
from netbot.demo.faults import Fault
from netbot.demo.instance import Complaint
from netbot.demo.journal import Journal
from netbot.demo.redditapi import Call
from netbot.demo.redditmemory import Letter, Memory, Redditor, Rule
from netbot.demo.standin import StandIn

_TOKEN = "/api/v1/access_token"
_LIMIT = 100  # calls in ten minutes
_WORDS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


class RedditAnswering(Answering):
    """As Reddit answers: its limits in seconds, errors with a number."""

    def limits(self, window: timedelta, *, left: int = _LIMIT - 1) -> dict[str, str]:
        """``x-ratelimit-…``, the reset in seconds from now."""
        return {
            "x-ratelimit-used": str(_LIMIT - left),
            "x-ratelimit-remaining": f"{left}.0",
            "x-ratelimit-reset": str(round(window.total_seconds())),
        }

    def complain(self, status: int) -> Any:
        """A refusal as Reddit tells it."""
        return {"message": _WORDS.get(status, "Bad Request"), "error": status}


class RedditServer(StandIn):
    """Reddit, all of it: site, API and the place that gives tokens."""

    STEERED: ClassVar[tuple[str, ...]] = (
        "add_account",
        "revoke",
        "publish",
        "comment",
        "write_to",
        "edit",
        "remove",
        "lock",
        "by_hand",
        "set_lag",
        "address",
    )
    ANSWERS: ClassVar[type[Answering]] = RedditAnswering

    def __init__(
        self,
        port: int = 0,
        *,
        journal: Journal | Path | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(port, journal=journal, now=now)
        self.memory = Memory(now)
        self.is_shy = False  # whether it does not show the comments that it takes
        self.shuts_feeds = False  # whether it shows feeds to nobody without a key
        self._keys: dict[str, Redditor] = {}  # what lets somebody in, as one text
        self._tokens: dict[str, Redditor] = {}

    def add_account(self, name: str, *, key: Mapping[str, str] | None = None) -> str:
        """An account, and the key of a program that it lets in; returns its id."""
        with self._lock:
            person = self.memory.admit(name)
            if key:
                self._keys[_spelled(key)] = person
            return person.id

    def revoke(self) -> None:
        """Take no token and no key for anybody's from now on."""
        with self._lock:
            self._tokens.clear()
            self._keys.clear()

    def publish(self, name: str, title: str, *, ago_s: float = 0, **facts: Any) -> str:
        """A submission that somebody made without us; returns its full name.

        ``facts`` may be subreddit, text and link.
        """
        with self._lock:
            at = self._now() - timedelta(seconds=ago_s)
            person = self.memory.admit(name)
            facts = {"subreddit": "translation"} | facts
            return self.memory.submit(person, title, at=at, **facts).name

    def comment(self, name: str, parent: str, text: str, *, ago_s: float = 0) -> str:
        """A comment that somebody wrote without us; returns its full name."""
        with self._lock:
            at = self._now() - timedelta(seconds=ago_s)
            thing = self.memory.live(parent)
            return self.memory.comment(self.memory.admit(name), thing, text, at=at).name

    def write_to(self, name: str, about: str) -> None:
        """Let a letter that is no comment lie in somebody's inbox."""
        with self._lock:
            to = self.memory.admit(name)
            self.memory.letters.append(Letter(kind="unknown", to=to, about=self.memory.live(about)))

    def edit(self, name: str, text: str) -> None:
        """Let its author change what a thing says."""
        with self._lock:
            thing = self.memory.live(name)
            thing.text, thing.edited_at = text, self._now()

    def remove(self, name: str, *, by_moderator: bool = False) -> None:
        """Let its author delete a thing, or a moderator remove it."""
        with self._lock:
            thing = self.memory.live(name)
            thing.removed, thing.deleted = by_moderator, not by_moderator

    def lock(self, name: str) -> None:
        """Let a thread take no answers any more."""
        with self._lock:
            self.memory.live(name).locked = True

    def by_hand(self, name: str, direction: int, about: str) -> None:
        """Let somebody vote without us."""
        with self._lock:
            self.memory.vote(self.memory.admit(name), self.memory.live(about), direction)

    def set_lag(self, reads: int) -> None:
        """What is written from now on is to be seen only after so many more reads."""
        with self._lock:
            self.memory.lag = reads

    def address(self, name: str) -> str:
        """The page of a thing, on Reddit itself."""
        with self._lock:
            return f"https://www.reddit.com{self.memory.live(name).permalink}"

    def respond(self, request: Answering, body: bytes) -> None:
        """Answer one call of the API, or for a feed."""
        if request.path == _TOKEN:
            request.reply_with(*self._give_token(request, body))
            return
        call = redditapi.understand(request.command, request.path, request.headers, body)
        if call is None:
            request.reply(Answer(status=404, json=request.complain(404)))
            return
        request.reply_with(*self._answer(request, call))

    def _answer(self, request: Answering, call: Call) -> tuple[Answer, Fault | None]:
        """What goes out, and what goes wrong with it on its way."""
        with self._lock:
            call = replace(call, person=self._tokens.get(call.token))
            self._note("asked", call)
            is_shut = self.shuts_feeds if call.verb == "feed" else call.person is None
            if is_shut:
                status = 403 if call.verb == "feed" else 401
                return Answer(status=status, json=request.complain(status)), None
            kind = "write" if call.is_write else "read"
            fault = self.faults.take(call.verb, kind, "any")
            if fault and not fault.is_applied:
                return Answer(status=fault.status), fault
            return self._do(request, call), fault

    def _do(self, request: Answering, call: Call) -> Answer:
        try:
            if not call.is_write:
                self.memory.reads += 1
                if call.verb == "feed":
                    kind = {"Content-Type": "application/atom+xml; charset=UTF-8"}
                    return Answer(json=redditapi.feed(self.memory, call), headers=kind)
                return Answer(json=redditapi.read(self.memory, call))
            told, ref, changed = redditapi.write(self.memory, call, is_shy=self.is_shy)
        except Complaint as complaint:
            return Answer(status=complaint.status, json=request.complain(complaint.status))
        except Rule as rule:
            return Answer(json={"json": {"errors": [[rule.name, rule.words, None]]}})
        params = call.params
        text = params.get("text") or params.get("title", "")
        self._note("written", call, ref=ref, changed=changed, text=text, dir=params.get("dir", ""))
        return Answer(json=told)

    def _give_token(self, request: Answering, body: bytes) -> tuple[Answer, Fault | None]:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        login = base64.b64decode(request.headers.get("Authorization", "Basic ").split()[-1])
        client_id, _, client_secret = login.decode().partition(":")
        shown = form | {"client_id": client_id, "client_secret": client_secret}
        with self._lock:
            self.journal.note(kind="token", server=self.host, app=client_id)
            fault = self.faults.take("token", "any")
            if fault and not fault.is_applied:
                return Answer(status=fault.status), fault
            person = self._keys.get(_spelled(shown))
            if person is None:
                return Answer(json={"error": "invalid_grant"}), fault
            token = f"token-of-{person.name}-{len(self._tokens):06}"
            self._tokens[token] = person
        told = {"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": "*"}
        return Answer(json=told), fault

    def _note(self, kind: str, call: Call, **facts: Any) -> None:
        noted = {
            "kind": kind,
            "server": self.host,
            "token": call.token,
            "account": call.person.name if call.person else "",
            "verb": call.verb,
            "target": call.target,
        }
        self.journal.note(**noted | facts)


def _spelled(key: Mapping[str, str]) -> str:
    """What a key or a request shows of it, as one text."""
    names = ("client_id", "client_secret", "refresh_token", "username", "password")
    return json.dumps([key.get(name, "") for name in names])
