"""A Mastodon server on loopback that the real client library talks to, and that counts.

It keeps people, statuses and who did what; every write that it accepts stands in its journal;
what goes wrong is planned (``faults``). Tests in other processes steer it over ``/_control``.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from netbot import clock
from netbot.demo import mastodonapi
from netbot.demo.answering import Answer, Answering, is_applied, refusal
from netbot.demo.entities import Json, Teller
from netbot.demo.faults import Fault, Faults, Mishap
from netbot.demo.instance import Complaint, Instance, Person
from netbot.demo.journal import Entry, Journal
from netbot.demo.mastodonapi import Call
from netbot.demo.serving import Loopback

#: What ``/_control`` may call by name; the keys of the JSON are the parameters.
_STEERED = ("add_account", "revoke", "publish", "edit", "remove", "by_hand", "set_lag", "address")


class MastodonServer(Loopback):
    """One Mastodon server; several run side by side, each on its own port.

    ``journal`` may be shared by them, and with the tests in other processes by its file.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        journal: Journal | Path | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(port)
        self.journal = journal if isinstance(journal, Journal) else Journal(journal, now=now)
        self.faults = Faults()
        self.changes: set[str] = set()  # what it does to texts: some of ``entities.CHANGES``
        self.closing = threading.Event()
        self.instance = Instance(now)
        self._tokens: dict[str, Person] = {}
        self._lock = threading.RLock()
        self._now = now

    def start(self) -> None:
        """Listen; see ``Loopback.start``."""
        self.closing.clear()
        super().start()
        self.instance.base = self.url()

    def stop(self) -> None:
        """Stop listening, and let no stalled answer wait any longer."""
        self.closing.set()
        super().stop()

    @property
    def host(self) -> str:
        """host:port, as handles and ``allow_hosts`` name it."""
        return f"127.0.0.1:{self.port}"

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

    def written(self, **facts: Any) -> list[Entry]:
        """The accepted writes with these facts: verb, target, url, token, account, key, ref."""
        return self.journal.entries(kind="written", server=self.host, **facts)

    def asked(self, **facts: Any) -> list[Entry]:
        """The calls that arrived, whatever became of them."""
        return self.journal.entries(kind="asked", server=self.host, **facts)

    def counts(self) -> dict[tuple[str, str, str], int]:
        """How many writes were accepted for each (token, verb, target)."""
        found: dict[tuple[str, str, str], int] = {}
        for entry in self.written():
            mark = (entry["token"], entry["verb"], entry.get("target", ""))
            found[mark] = found.get(mark, 0) + 1
        return found

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
            if fault and not is_applied(fault):
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

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(Answering):
            closing = server.closing

            def answer(self, body: bytes) -> None:
                path = urlsplit(self.path).path
                if path.startswith("/_control/"):
                    self.reply(_control(server, path.removeprefix("/_control/"), body))
                    return
                call = mastodonapi.understand(self.command, self.path, self.headers, body)
                if call is None:
                    self.reply(refusal(404, "Not Found"))
                    return
                answer, fault = server.answer(call)
                self.reply_with(answer, fault)

        return Handler


def _control(server: MastodonServer, command: str, body: bytes) -> Answer:
    """What tests in other processes ask for; the keys of the JSON are the parameters' names."""
    facts = json.loads(body or b"{}")
    match command:
        case "fault":
            server.faults.plan(Fault(**facts | {"mishap": Mishap(facts["mishap"])}))
            return Answer(json={})
        case "clear":
            server.faults.clear()
            return Answer(json={})
        case "changes":
            server.changes = set(facts["changes"])
            return Answer(json={})
        case "journal":
            return Answer(json=server.journal.entries(**facts))
        case (
            "add_account"
            | "revoke"
            | "publish"
            | "edit"
            | "remove"
            | "by_hand"
            | "set_lag"
            | "address"
        ):
            return Answer(json={"result": getattr(server, command)(**facts)})
        case _:
            return refusal(404, f"there is no {command}")
