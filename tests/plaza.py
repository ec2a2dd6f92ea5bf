"""A network for tests: it remembers and counts what is asked of it, and fails as it is told.

It runs as a process of its own (``python -m tests.plaza``), so that what it knows survives
whoever asks and is killed. It holds many towns that know nothing of each other, one a test.
One question a connection, one line of JSON each way.
"""

import json
import socket
import struct
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

from netbot.model import (
    Account,
    Action,
    Barred,
    Gone,
    Handoff,
    Identity,
    NetworkError,
    Post,
    RateLimited,
    Receipt,
    Refused,
    Sight,
    Transient,
    Unsure,
    Verb,
)
from netbot.network import Access, Network


class Fault(StrEnum):
    """What may become of a question."""

    OK = "ok"
    LOST_REQUEST = "lost request"  # reset before anything was done
    LOST_ANSWER = "lost answer"  # done, then reset
    REFUSED = "4xx"
    BARRED = "401"
    LIMITED = "429"
    BROKEN = "5xx"  # not done
    BROKEN_DONE = "5xx, done"
    TIMEOUT = "timeout"  # no answer, not done
    TIMEOUT_DONE = "timeout, done"
    TIMEOUT_LATE = "timeout, done late"  # after the next time that somebody looks for it


STATUS = {
    Fault.REFUSED: 422,
    Fault.BARRED: 401,
    Fault.LIMITED: 429,
    Fault.BROKEN: 500,
    Fault.BROKEN_DONE: 500,
}
STALLS = (Fault.TIMEOUT, Fault.TIMEOUT_DONE, Fault.TIMEOUT_LATE)
AT_ONCE = (Fault.OK, Fault.LOST_ANSWER, Fault.BROKEN_DONE, Fault.TIMEOUT_DONE)

#: A refused, limited or lost question stays what it is when it only reads.
READS = ("look", "read", "whoami")

ME = Identity(platform_id="7001", handle="@studio@plaza.example")
PAUSE_S = 90  # after a 429

Json = dict[str, Any]


@dataclass(slots=True)
class Town:
    """What one test's network remembers."""

    post: Json  # as it is shown, at every address
    changes: Json  # how it reads from the look of that number on
    changed_from: int
    faults: dict[str, list[str]]  # by question, in order
    asked: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    standing: dict[str, Json] = field(default_factory=dict)  # by ref
    keys: dict[str, str] = field(default_factory=dict)  # idempotency key -> ref
    late: list[Json] = field(default_factory=list)  # asked, and still to be done

    def _take_fault(self, op: str) -> Fault:
        planned = self.faults.get(op)
        return Fault(planned.pop(0)) if planned else Fault.OK

    def hear(self, asked: Json) -> tuple[Fault, Json]:
        """What becomes of a question, and the answer to it if it is done at once."""
        self.asked[asked["op"]] += 1
        self.asked[f"{asked['op']} {asked.get('target')}"] += 1
        fault, late = self._take_fault(asked["op"]), self.late
        self.late = [asked] if fault is Fault.TIMEOUT_LATE else []
        if asked["op"] in READS:
            told = self.answer(asked) if fault in AT_ONCE else {}
            self.catch_up(late)
        else:
            self.catch_up(late)
            told = self.answer(asked) if fault in AT_ONCE else {}
        return fault, told

    def catch_up(self, late: list[Json]) -> None:
        """Do what was asked long ago."""
        for asked in late:
            self.answer(asked)

    def answer(self, asked: Json) -> Json:
        """Do what is asked."""
        match asked["op"]:
            case "look":
                return self._look(asked)
            case "read":
                return {"ref": self._find(asked)}
            case "do":
                return {"ref": self._do(asked)}
            case "undo":
                found = self.standing.pop(asked["ref"], None)
                self.done["undo"] += found is not None
                return {} if found else {"status": 404}
            case _:
                return {"platform_id": ME.platform_id, "handle": ME.handle}

    def _look(self, asked: Json) -> Json:
        if self.asked["look"] >= self.changed_from:
            self.post |= self.changes
        if self.post.get("gone"):
            return {"status": 404}
        done = self._find(asked) if asked["verb"] != Verb.COMMENT else None
        return {"post": self.post | {"url": asked["target"]}, "ref": done}

    def _find(self, asked: Json) -> str | None:
        same = ("verb", "target", "text")
        return next(
            (
                ref
                for ref, stands in self.standing.items()
                if all(stands[name] == asked[name] for name in same)
            ),
            None,
        )

    def _do(self, asked: Json) -> str:
        ref = self.keys.get(asked["key"])
        if ref not in self.standing:
            ref = (self._find(asked) if asked["verb"] != Verb.COMMENT else None) or ""
        if not ref:
            self.done["do"] += 1
            ref = f"{asked['verb']}-{self.done['do']}"
            self.standing[ref] = asked
            self.keys[asked["key"]] = ref
        return ref

    def tell(self) -> Json:
        """Everything that a test wants to know."""
        self.catch_up(self.late)
        self.late = []
        return {"asked": self.asked, "done": self.done, "standing": list(self.standing.values())}


class _Handler(StreamRequestHandler):
    def handle(self) -> None:
        line = self.rfile.readline()
        if line.endswith(b"\n"):  # whoever asked may have died in the middle
            self._answer(json.loads(line))

    def _answer(self, asked: Json) -> None:
        square: _Square = self.server  # type: ignore[assignment]
        with square.lock:
            if asked["op"] in {"open", "tell", "close"}:
                return self._reply(square.arrange(asked))
            town = square.towns[asked["town"]]
            fault, told = town.hear(asked)
        if fault in STALLS:
            self.rfile.read()  # until the caller hangs up
        elif fault in {Fault.LOST_REQUEST, Fault.LOST_ANSWER}:
            hang_up = struct.pack("ii", 1, 0)  # no linger: a reset, no farewell
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hang_up)
        else:
            self._reply(told | ({"status": STATUS[fault]} if fault in STATUS else {}))
        return None

    def _reply(self, told: Json) -> None:
        self.wfile.write(json.dumps({"status": 200} | told).encode() + b"\n")


class _Square(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.towns: dict[str, Town] = {}
        self.lock = threading.Lock()

    def arrange(self, asked: Json) -> Json:
        """Open a town, tell of it, or close it."""
        name = asked["town"]
        if asked["op"] == "open":
            self.towns[name] = Town(**asked["facts"])
            return {}
        return (self.towns.pop(name) if asked["op"] == "close" else self.towns[name]).tell()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that are killed leave broken pipes behind."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Square:
    """The process of the towns, while entered."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.plaza"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()  # it ends with its input

    def open(self, town: str, **facts: Any) -> None:
        """A new town; ``facts`` are the fields of ``Town``."""
        ask(self.port, {"town": town, "op": "open", "facts": facts})

    def tell(self, town: str) -> Json:
        """What has been asked and done there, and what stands."""
        return ask(self.port, {"town": town, "op": "tell"})

    def close(self, town: str) -> None:
        """Forget a town."""
        ask(self.port, {"town": town, "op": "close"})


def ask(port: int, question: Json, timeout_s: float = 30.0) -> Json:
    """One question; raises ``OSError`` when there is no answer."""
    with socket.create_connection(("127.0.0.1", port), timeout_s) as line:
        line.sendall(json.dumps(question).encode() + b"\n")
        answer = line.makefile("rb").readline()
    if not answer.endswith(b"\n"):
        raise ConnectionResetError("the answer broke off")
    told: Json = json.loads(answer)
    return told


class Plaza(Network):
    """One account in one town."""

    NETWORKS = ("mastodon",)
    VERBS = frozenset({Verb.LIKE, Verb.SHARE, Verb.COMMENT})
    UNDOES = VERBS

    def __init__(
        self, access: Access | None = None, *, port: int, town: str, timeout_s: float
    ) -> None:
        super().__init__(access)
        self._port = port
        self._town = town
        self._timeout_s = timeout_s

    def whoami(self) -> Identity:
        told = self._ask("whoami")
        return Identity(platform_id=told["platform_id"], handle=told["handle"])

    def handoff(self, action: Action, account: Account | None) -> Handoff:
        return Handoff(url=action.choice.target_url, text=action.text, prefilled=False)

    def look(self, action: Action) -> Sight:
        told = self._ask("look", **_facts(action))
        shown = Post(network="mastodon", keys=(told["post"]["url"],), **told["post"])
        return Sight(target=action.choice.target_url, post=shown, done=_receipt(told))

    def read_back(self, action: Action) -> Receipt | None:
        return _receipt(self._ask("read", **_facts(action)))

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        told = self._ask("do", **_facts(action), key=action.key)
        return Receipt(ref=told["ref"])

    def _undo(self, action: Action, receipt: Receipt) -> None:
        self._ask("undo", **_facts(action), ref=receipt.ref)

    def _ask(self, op: str, **facts: str) -> Json:
        question = {"town": self._town, "op": op} | facts
        try:
            told = ask(self._port, question, 30 if op == "whoami" else self._timeout_s)
        except ConnectionRefusedError as error:
            raise Transient("nobody listens") from error
        except OSError as error:
            raise (Transient if op in READS else Unsure)(f"no answer: {error}") from error
        if told["status"] != 200:
            raise _error(told["status"], op)
        return told


def plaza(account: Account, *, port: int, town: str, timeout_s: float = 10) -> Plaza:
    """The account there, for the sphere of the tests."""
    access = Access(sphere="professional", account=account, secret="key")
    return Plaza(access, port=port, town=town, timeout_s=timeout_s)


def _facts(action: Action) -> dict[str, str]:
    choice = action.choice
    return {"verb": choice.verb.value, "target": choice.target_url, "text": action.text}


def _receipt(told: Json) -> Receipt | None:
    return Receipt(ref=told["ref"]) if told["ref"] else None


def _error(status: int, op: str) -> NetworkError:
    words = f"the plaza says {status}"
    match status:
        case 401:
            return Barred(words)
        case 404:
            return Gone(words)
        case 429:
            return RateLimited(words, retry_after_s=PAUSE_S)
        case 500:
            return Transient(words) if op in READS else Unsure(words)
        case _:
            return Refused(words)


def _serve() -> None:
    """Be the square until standard input ends."""
    with _Square() as square:
        threading.Thread(target=square.serve_forever, args=(0.05,), daemon=True).start()
        print(square.server_address[1], flush=True)  # noqa: T201
        sys.stdin.read()
        square.shutdown()


if __name__ == "__main__":
    _serve()
