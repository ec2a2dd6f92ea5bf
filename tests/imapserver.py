"""A mail server on loopback that speaks as much IMAP as reading takes, and notes what it hears."""

import socketserver
import threading
from types import TracebackType
from typing import Self

USER, PASSWORD = "anna", "geheim-und-lang"


class ImapServer:
    """One folder ``Newsletter`` with mails by number; ``misbehave`` is what goes wrong next."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.validity = 77
        self.heard: list[str] = []
        self.misbehave = ""  # drip, drop or garbage
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._serve(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        port: int = self._server.server_address[1]
        return port

    def url(self, folder: str = "Newsletter") -> str:
        return f"imap://127.0.0.1:{self.port}/{folder}"

    def put(self, raw: bytes) -> None:
        """One more mail arrives."""
        self.mails[max(self.mails, default=0) + 1] = raw

    def _serve(self, handler: socketserver.StreamRequestHandler) -> None:
        send = handler.wfile.write
        if self.misbehave == "garbage":
            send(b"220 this is no mail store\r\n")
            return
        if self.misbehave == "drip":
            while not self._stopping.wait(0.05):
                try:
                    send(b"*")
                except OSError:
                    return
        send(b"* OK ready\r\n")
        for line in handler.rfile:
            tag, _, words = line.decode().strip().partition(" ")
            self.heard.append(words)
            if self.misbehave == "drop" and words.startswith("UID FETCH"):
                return
            send(b"".join(self._answer(words)) + f"{tag} {self._verdict(words)}\r\n".encode())
            if words == "LOGOUT":
                return

    def _verdict(self, words: str) -> str:
        if words.startswith("LOGIN") and PASSWORD not in words:
            return "NO [AUTHENTICATIONFAILED] wrong"
        if words.startswith("EXAMINE") and "Newsletter" not in words:
            return "NO there is no such folder"
        return "OK [READ-ONLY] done" if words.startswith("EXAMINE") else "OK done"

    def _answer(self, words: str) -> list[bytes]:
        match words.split():
            case ["CAPABILITY"]:
                return [b"* CAPABILITY IMAP4rev1\r\n"]
            case ["EXAMINE", *_]:
                count = f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] ok\r\n"
                return [count.encode()]
            case ["UID", "SEARCH", "UID", span]:
                low = int(span.partition(":")[0])
                newest = max(self.mails, default=0)
                found = [uid for uid in self.mails if uid >= low or uid == newest]
                return [f"* SEARCH {' '.join(map(str, found))}\r\n".encode()]
            case ["UID", "FETCH", uid, *_] if int(uid) in self.mails:
                raw = self.mails[int(uid)]
                head = f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}\r\n".encode()
                return [head, raw, b")\r\n"]
            case ["LOGOUT"]:
                return [b"* BYE\r\n"]
            case _:
                return []
