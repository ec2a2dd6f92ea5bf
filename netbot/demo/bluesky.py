"""A Bluesky network on loopback that the real client library talks to, and that counts.

It is entrance, own server of everybody and public window in one. Every write that it accepts
stands in its journal; what goes wrong is planned (``faults``). Tests in other processes steer it
over ``/_control``.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from netbot import clock
from netbot.demo import blueskyapi
from netbot.demo.answering import Answer, Answering
from netbot.demo.atmosphere import FOLLOW, LIKE, POST, REPOST, Atmosphere, Complaint, Json, stamp
from netbot.demo.blueskyapi import Call
from netbot.demo.faults import Fault
from netbot.demo.journal import Journal
from netbot.demo.passes import Gatehouse, Pass
from netbot.demo.standin import StandIn

_NAMES = {
    400: "InvalidRequest",
    401: "AuthenticationRequired",
    403: "Forbidden",
    404: "XRPCNotSupported",
    429: "RateLimitExceeded",
}
_LIMIT = 3000  # calls in five minutes (docs.bsky.app/docs/advanced-guides/rate-limits)
_MARKS = {"like": LIKE, "repost": REPOST, "follow": FOLLOW}


class BlueskyAnswering(Answering):
    """As the network words its answers."""

    def limits(self, window: timedelta, *, left: int = _LIMIT - 1) -> dict[str, str]:
        """The headers that tell how many calls are left for how long."""
        return {
            "RateLimit-Limit": str(_LIMIT),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(int((clock.now() + window).timestamp())),
        }

    def complain(self, status: int) -> Any:
        """The body of a refusal."""
        return {"error": _NAMES.get(status, "Error"), "message": "No"}


class BlueskyServer(StandIn):
    """The whole of Bluesky on one port.

    ``journal`` may be shared with other stand-ins, and with the tests in other processes by its
    file.
    """

    STEERED: ClassVar[tuple[str, ...]] = (
        "add_account",
        "revoke",
        "expire",
        "label",
        "publish",
        "edit",
        "remove",
        "by_hand",
        "shut",
        "set_lag",
        "address",
    )
    ANSWERS: ClassVar[type[Answering]] = BlueskyAnswering

    def __init__(
        self,
        port: int = 0,
        *,
        journal: Journal | Path | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(port, journal=journal, now=now)
        self.world = Atmosphere(now)
        self.gate = Gatehouse(now)
        self.elsewhere = ""  # the server that sessions send to, when not this one

    def add_account(self, name: str, *, token: str = "", shown: str = "") -> str:
        """An account, with an app password if one is given; returns its DID."""
        with self._lock:
            person = self.world.admit(name, shown)
            if token:
                self.gate.passwords[token] = person
            return person.did

    def revoke(self, token: str) -> None:
        """Take that app password, and all sessions begun with it, for nobody's from now on."""
        with self._lock:
            self.gate.passwords.pop(token, None)

    def expire(self) -> None:
        """Let every session need a renewal."""
        with self._lock:
            self.gate.expire()

    def label(self, name: str, label: str) -> None:
        """Let somebody wear a label, such as ``!no-unauthenticated``."""
        with self._lock:
            self.world.admit(name).labels.append(label)

    def publish(self, name: str, text: str, *, ago_s: float = 0, **facts: Any) -> str:
        """A post that somebody wrote without us; returns its name.

        ``facts`` may be parent (the name of a post), and whatever a record may hold.
        """
        with self._lock:
            at = self._now() - timedelta(seconds=ago_s)
            value: Json = {"$type": POST, "text": text, "createdAt": stamp(at), "langs": ["de"]}
            parent = facts.pop("parent", None)
            if parent:
                facts["reply"] = self._answering(parent)
            record = self.world.create(self.world.admit(name), POST, value | facts)
            record.indexed_at = at
            return record.uri

    def edit(self, uri: str, text: str) -> None:
        """Put another post in the place of one, as apps for tinkerers can."""
        with self._lock:
            old = self.world.record(uri)
            value = old.value | {"text": text}
            made, _ = self.world.put(old.author, POST, old.rkey, value)
            made.indexed_at = old.indexed_at

    def remove(self, uri: str) -> None:
        """Let its author delete a post."""
        with self._lock:
            self.world.delete(uri)

    def shut(self, uri: str, gate: str) -> None:
        """Let nobody answer (``replies``) or quote (``quotes``) a post."""
        with self._lock:
            self.world.record(uri).gates.add(gate)

    def by_hand(self, name: str, verb: str, uri: str) -> None:
        """Let somebody like, unlike, repost or unrepost a post, or follow a DID, without us."""
        kind = _MARKS[verb.removeprefix("un")]
        with self._lock:
            person = self.world.admit(name)
            if verb.startswith("un"):
                for each in self.world.store(person.did, kind):
                    if each.subject == uri:
                        self.world.delete(each.uri)
                return
            subject = uri if verb == "follow" else self.world.reference(uri)
            value = {"$type": kind, "subject": subject, "createdAt": stamp(self._now())}
            self.world.create(person, kind, value)

    def set_lag(self, reads: int) -> None:
        """The window shows what is written from now on only after so many more looks."""
        with self._lock:
            self.world.lag = reads

    def address(self, uri: str) -> str:
        """The page of a post."""
        _, _, did, _, rkey = uri.split("/")
        return self.url(f"/profile/{did}/post/{rkey}")

    def answer(self, call: Call) -> tuple[Answer, Fault | None]:
        """What goes out, and what goes wrong with it on its way."""
        with self._lock:
            try:
                return self._admitted(call)
            except Complaint as complaint:
                return _refused(complaint), None

    def _admitted(self, call: Call) -> tuple[Answer, Fault | None]:
        held = self._pass_of(call)
        self._note("asked", call, held)
        call = replace(call, person=held.person if held else None)
        fault = self.faults.take(call.verb, call.kind, "any")
        if fault and not fault.is_applied:
            return Answer(status=fault.status), fault
        try:
            return Answer(json=self._do(call, held)), fault
        except Complaint as complaint:
            return _refused(complaint), fault

    def _pass_of(self, call: Call) -> Pass | None:
        """Who calls; whoever comes with a bad token is noted and sent away."""
        if call.kind == "pass" or not (call.token or call.is_private):
            return None
        try:
            return self.gate.admit(call.token)
        except Complaint:
            self._note("asked", call, None)
            self._note("foreign", call, None)
            raise

    def _do(self, call: Call, held: Pass | None) -> Json:
        match call.kind:
            case "pass":
                return self._let_in(call)
            case "read":
                return blueskyapi.read(self.world, call)
            case _:
                return self._write(call, held)

    def _let_in(self, call: Call) -> Json:
        if call.name == "renew":
            held, access, renewal = self.gate.renew(call.token)
        else:
            held, access, renewal = self.gate.begin(
                call.params["identifier"], call.params["password"]
            )
        person = held.person
        return {
            "did": person.did,
            "handle": person.handle,
            "accessJwt": access,
            "refreshJwt": renewal,
            "active": not person.closed,
            "didDoc": _document(person.did, self.elsewhere or self.url()),
        }

    def _write(self, call: Call, held: Pass | None) -> Json:
        uri, cid, changed = blueskyapi.write(self.world, call)
        record = call.params.get("record") or {}
        about = _about(record) or (uri if call.name == "delete" else "")
        self._note(
            "written",
            call,
            held,
            target=about,
            url=self.address(about) if f"/{POST}/" in about else "",
            ref=uri,
            changed=changed,
            text=record.get("text", ""),
        )
        return {"uri": uri, "cid": cid, "validationStatus": "valid"} if cid else {}

    def _answering(self, parent: str) -> Json:
        above = self.world.record(parent)
        root = (above.value.get("reply") or {}).get("root") or self.world.reference(parent)
        return {"parent": self.world.reference(parent), "root": root}

    def _note(self, kind: str, call: Call, held: Pass | None, **facts: Any) -> None:
        noted = {
            "kind": kind,
            "server": self.host,
            "token": held.password if held else call.token,
            "account": held.person.handle if held else "",
            "verb": call.verb,
            "key": call.params.get("rkey", "") if call.kind == "write" else "",
        }
        self.journal.note(**noted | facts)

    def respond(self, request: Answering, body: bytes) -> None:
        """Answer one call of the API."""
        call = blueskyapi.understand(request.command, request.path, request.headers, body)
        if call is None:
            missing = {"error": "XRPCNotSupported", "message": "No such method"}
            request.reply(Answer(status=404, json=missing))
            return
        answer, fault = self.answer(call)
        request.reply_with(answer, fault)


def _refused(complaint: Complaint) -> Answer:
    told = {"error": complaint.name, "message": complaint.words}
    return Answer(status=complaint.status, json=told)


def _about(record: Json) -> str:
    """The post that a record is about, or ""."""
    subject = record.get("subject")
    parent = (record.get("reply") or {}).get("parent")
    named = subject if isinstance(subject, dict) else parent
    return str(named["uri"]) if named else ""


def _document(did: str, server: str) -> Json:
    """Somebody's public document, which names their server."""
    service = {
        "id": "#atproto_pds",
        "type": "AtprotoPersonalDataServer",
        "serviceEndpoint": server,
    }
    return {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": did,
        "alsoKnownAs": [],
        "verificationMethod": [],
        "service": [service],
    }
