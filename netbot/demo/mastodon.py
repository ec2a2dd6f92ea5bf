"""A Mastodon server on loopback that the real client library talks to, and that counts.

It keeps people, statuses and who did what; every write that it accepts stands in its journal;
what goes wrong is planned (``faults``). Tests in other processes steer it over ``/_control``.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from netbot import clock
from netbot.demo import mastodonapi
from netbot.demo.answering import Answer, Answering, refusal
from netbot.demo.entities import Json, Teller
from netbot.demo.faults import Fault
from netbot.demo.instance import Complaint, Instance, Person
from netbot.demo.journal import Journal
from netbot.demo.mastodonapi import Call
from netbot.demo.standin import StandIn


class MastodonServer(StandIn):
    """One Mastodon server; several run side by side, each on its own port.

    ``journal`` may be shared by them, and with the tests in other processes by its file.
    """

    STEERED: ClassVar[tuple[str, ...]] = (
        "add_account",
        "revoke",
        "publish",
        "edit",
        "remove",
        "by_hand",
        "set_lag",
        "address",
    )

    def __init__(
        self,
        port: int = 0,
        *,
        journal: Journal | Path | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(port, journal=journal, now=now)
        self.changes: set[str] = set()  # what it does to texts: some of ``entities.CHANGES``
        self.instance = Instance(now)
        self._tokens: dict[str, Person] = {}

    def start(self) -> None:
        """Listen; see ``Loopback.start``."""
        super().start()
        self.instance.base = self.url()

    def add_account(self, name: str, *, token: str = "", shown: str = "") -> str:
        """An account, with a token if one is given; returns its id. A known one gets the token."""
        with self._lock:
            person = self.instance.admit(name, shown)
            if token:
                self._tokens[token] = person
            return person.id

    def revoke(self, token: str) -> None:
        """Take that token for nobody's from now on."""
        with self._lock:
            self._tokens.pop(token, None)

    def befriend(self, other: "MastodonServer") -> None:
        """Let this server fetch statuses from another one when their address is searched for."""
        with self._lock:
            self.instance.friends.append(other.instance)

    def publish(self, name: str, text: str, *, ago_s: float = 0, **facts: Any) -> str:
        """A status that somebody wrote without us; returns its id.

        ``facts`` may be parent (an id), visibility, language and spoiler.
        """
        with self._lock:
            at = self._now() - timedelta(seconds=ago_s)
            person = self.instance.admit(name)
            return self.instance.write(person, text, at=at, **facts)[0].id

    def edit(self, id: str, text: str) -> None:
        """Change what a status says."""
        with self._lock:
            words = self.instance.status(id).words
            words.text, words.edited_at = text, self._now()

    def remove(self, id: str) -> None:
        """Let its author delete a status."""
        with self._lock:
            self.instance.status(id).words.deleted = True

    def by_hand(self, name: str, verb: str, id: str) -> None:
        """Let somebody favourite, unfavourite, reblog or unreblog a status without us."""
        acts = {"favourite", "unfavourite", "reblog", "unreblog"} & {verb}
        with self._lock:
            for act in acts:
                getattr(self.instance, act)(self.instance.admit(name), id)

    def set_lag(self, reads: int) -> None:
        """What is written from now on is to be seen only after so many more reads."""
        with self._lock:
            self.instance.lag = reads

    def address(self, id: str) -> str:
        """The page of a status."""
        with self._lock:
            return self.instance.status(id).url

    def answer(self, call: Call) -> tuple[Answer, Fault | None]:
        """What goes out, and what goes wrong with it on its way."""
        kind = "write" if call.is_write else "read"
        with self._lock:
            person = self._tokens.get(call.token)
            self._note("asked", call, person)
            if call.token and person is None:
                self._note("foreign", call, None)
                return refusal(401, "The access token is invalid"), None
            if person is None and call.is_private:
                return refusal(401, "This method requires an authenticated user"), None
            fault = self.faults.take(call.verb, kind, "any")
            if fault and not fault.is_applied:
                return Answer(status=fault.status), fault
            return self._do(replace(call, person=person)), fault

    def _do(self, call: Call) -> Answer:
        try:
            if call.is_write:
                return Answer(json=self._write(call))
            self.instance.reads += 1
            return mastodonapi.read(self.instance, self._teller(call), call)
        except Complaint as complaint:
            return refusal(complaint.status, complaint.words)

    def _write(self, call: Call) -> Json:
        status, target, changed = mastodonapi.write(self.instance, call)
        verb = "reply" if call.verb == "post" and target else call.verb
        self._note(
            "written",
            call,
            call.person,
            verb=verb,
            target=target.id if target else "",
            url=target.url if target else "",
            ref=status.id,
            changed=changed,
            text=call.params.get("status", ""),
        )
        return self._teller(call).status(status)

    def _teller(self, call: Call) -> Teller:
        """Tells what is so now."""
        return Teller(self.instance, call.person, self.changes)

    def _note(self, kind: str, call: Call, person: Person | None, **facts: Any) -> None:
        noted = {
            "kind": kind,
            "server": self.host,
            "token": call.token,
            "account": person.name if person else "",
            "verb": call.verb,
            "target": call.id,
            "key": call.key,
        }
        self.journal.note(**noted | facts)

    def respond(self, request: Answering, body: bytes) -> None:
        """Answer one call of the API."""
        call = mastodonapi.understand(request.command, request.path, request.headers, body)
        if call is None:
            request.reply(refusal(404, "Not Found"))
            return
        answer, fault = self.answer(call)
        request.reply_with(answer, fault)

    def control(self, command: str, facts: Json) -> Answer:
        """What tests in other processes ask for; see ``StandIn.control``."""
        if command == "changes":
            self.changes = set(facts["changes"])
            return Answer(json={})
        return super().control(command, facts)
