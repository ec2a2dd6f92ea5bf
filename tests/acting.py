"""A network with accounts, made for tests: it asks a server that gives away what it was told."""

import base64
import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import urllib3

from netbot import networks
from netbot.app.networks import all_kinds
from netbot.model import Barred, Identity, RateLimited, Source, Transient, Verb
from netbot.network import Batch, Network

NETWORK = "xing"  # policy.yaml knows it, and no program will ever act there

#: How the server may answer, besides naming whose token it was given.
MISHAPS = ("json", "html", "header", "redirect", "base64", "drop", "slow down")


class Parrot(Network):
    """Asks the server at the account's handle, and quotes its answers at length."""

    NETWORKS = (NETWORK,)
    VERBS = frozenset({Verb.LIKE, Verb.COMMENT})
    WATCHES_BY_ACCOUNT = True

    def fetch(self, source: Source, cursor: str) -> Batch:
        """Nothing new, ever."""
        return Batch(posts=(), cursor=cursor, changed=False)

    def whoami(self) -> Identity:
        assert self.access is not None
        url = f"{self.access.account.handle}?access_token={quote(self.access.secret, safe='')}"
        bearer = f"Bearer {self.access.secret}".encode().decode("latin-1")
        headers = {"Authorization": bearer}
        try:
            with urllib3.PoolManager(retries=False) as pool:
                answer = pool.request("GET", url, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise Transient(f"{url}: {error!r} {headers}") from error
        said = f"{answer.status} {answer.reason} {dict(answer.headers)} {answer.data!r}"
        if answer.status == 429:
            raise RateLimited(said, retry_after_s=120)
        if answer.status != 200:
            cause = ValueError(f"{url} answered {said} to {headers}")
            raise Barred(said if answer.status == 401 else str(cause)) from cause
        platform_id, _, handle = answer.data.decode().partition(" ")
        return Identity(platform_id=platform_id, handle=handle)


class _Answer(BaseHTTPRequestHandler):
    server: "Gossip"

    def do_GET(self) -> None:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        token = token.encode("latin-1").decode()
        self.server.asked.append(token)
        match self.server.mishap:
            case "json":
                self._say(401, f'{{"error": "{token} is no token of {self.path}"}}')
            case "html":
                self._say(403, f"<h1>Forbidden</h1><p>{html.escape(token)}</p>")
            case "header":
                self._say(401, "", **{"X-You-Said": quote(token)})
            case "redirect":
                self._say(302, "", Location=f"/?token={quote(token)}")
            case "base64":
                self._say(401, base64.b64encode(f"user:{token}".encode()).decode())
            case "drop":
                self.close_connection = True
            case "slow down":
                self._say(429, token)
            case _:
                self._say(200, self.server.known.get(token, "0 @nobody"))

    def _say(self, status: int, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


class Gossip(ThreadingHTTPServer):
    """The server: ``known`` says whose each token is, ``mishap`` how it answers instead."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.known: dict[str, str] = {}  # token -> "<platform id> <handle>"
        self.asked: list[str] = []  # the tokens it was shown
        self.mishap = ""

    def handle(self, name: str) -> str:
        """The handle of an account of this server: the address at which to ask."""
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def admit(self, name: str, token: str, platform_id: str) -> str:
        """A new account; returns its handle."""
        self.known[token] = f"{platform_id} {self.handle(name)}"
        return self.handle(name)


@contextmanager
def gossip() -> Iterator[Gossip]:
    """A running server, and a file among the networks that acts on it."""
    with Gossip() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with _among_the_networks():
            yield server
        server.shutdown()


@contextmanager
def _among_the_networks() -> Iterator[None]:
    """As if the file had always lain there; nothing else is told of it."""
    folder = str(Path(__file__).parent / "more_networks")
    networks.__path__.append(folder)
    all_kinds.cache_clear()
    try:
        yield
    finally:
        networks.__path__.remove(folder)
        sys.modules.pop("netbot.networks.parrot", None)
        all_kinds.cache_clear()
