"""A web host that answers in every way that breaks readers, on many loopback addresses at once."""

import contextlib
import gzip
import itertools
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

#: Speaks to one visitor: the connection, the document asked for, and "it is time to stop".
Behaviour = Callable[[socket.socket, bytes, threading.Event], None]

_PAUSE_S = 0.02
_ZEROS = gzip.compress(b"\0" * 20_000_000)
_DEFLATED_ZEROS = zlib.compress(b"\0" * 20_000_000)


def _head(status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/rss+xml"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _plain(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    return _head(status, Content_Length=str(len(body)), Connection="close", **headers) + body


def _says(answer: Callable[[bytes], bytes]) -> Behaviour:
    def behave(connection: socket.socket, body: bytes, stop: threading.Event) -> None:
        connection.sendall(answer(body))

    return behave


def _goes_on(start: bytes, parts: Callable[[bytes], Iterator[bytes]], pause_s: float) -> Behaviour:
    """Sends ``start``, then ``parts`` until somebody has had enough."""

    def behave(connection: socket.socket, body: bytes, stop: threading.Event) -> None:
        connection.sendall(start)
        for part in parts(body):
            if stop.is_set():
                return
            connection.sendall(part)
            if pause_s:
                stop.wait(pause_s)

    return behave


def _resets_after(share: float) -> Behaviour:
    def behave(connection: socket.socket, body: bytes, stop: threading.Event) -> None:
        if share:
            connection.sendall(
                _head(Content_Length=str(len(body))) + body[: int(len(body) * share)]
            )
        # Zero seconds of linger make the kernel send a reset instead of a farewell.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def _silent(connection: socket.socket, body: bytes, stop: threading.Event) -> None:
    connection.settimeout(5)
    connection.recv(1)


def _chunks(body: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n0\r\n" % (len(body), extension, body)


def _singles(body: bytes) -> Iterator[bytes]:
    return (body[n : n + 1] for n in range(len(body)))


def _for_ever(part: bytes) -> Callable[[bytes], Iterator[bytes]]:
    return lambda body: itertools.repeat(part)


def _numbered(body: bytes) -> Iterator[bytes]:
    return (b"X-%d: y\r\n" % number for number in itertools.count())


_CHUNKED = _head(Transfer_Encoding="chunked")
_START = b"HTTP/1.1 200 OK\r\nX: "

_BEHAVIOURS: Mapping[str, Behaviour] = {
    "honest": _says(_plain),
    "silent": _silent,
    "drips the body": _goes_on(_head(), _singles, _PAUSE_S),
    "drips the head": _goes_on(_START, _for_ever(b"H"), _PAUSE_S),
    "drips an announced body": _goes_on(_head(Content_Length="9999999"), _singles, _PAUSE_S),
    "drips chunks": _goes_on(_CHUNKED, _for_ever(b"1\r\nx\r\n"), _PAUSE_S),
    "headers without end": _goes_on(b"HTTP/1.1 200 OK\r\n", _numbered, 0),
    "one header without end": _goes_on(_START, _for_ever(b"y" * 65536), 0),
    "body without end": _goes_on(_head(), _for_ever(b"x" * 65536), 0),
    "chunks without end": _goes_on(_CHUNKED, _for_ever(b"1\r\nx\r\n" * 9999), 0),
    "trailers without end": _goes_on(_CHUNKED + b"0\r\n", _numbered, 0),
    "chunk extension without end": _goes_on(_CHUNKED + b"5;", _for_ever(b"x" * 65536), 0),
    "informs without end": _goes_on(b"", _for_ever(b"HTTP/1.1 103 Early Hints\r\n\r\n"), 0),
    "asks to continue without end": _goes_on(b"", _for_ever(b"HTTP/1.1 100 C\r\n\r\n"), _PAUSE_S),
    "blank lines without end": _goes_on(b"", _for_ever(b"\r\n" * 9999), 0),
    "switches protocols": _says(
        lambda body: _head("101 Switching Protocols", Upgrade="h2c") + body
    ),
    "bad chunk size": _says(lambda body: _CHUNKED + b"zz\r\n" + body),
    "huge chunk size": _says(lambda body: _CHUNKED + b"ffffffffffffffff\r\n" + body),
    "negative chunk size": _says(lambda body: _CHUNKED + b"-5\r\n" + body),
    "chunk without its end": _says(lambda body: _CHUNKED + b"%x\r\n" % len(body) + body),
    "chunk longer than said": _says(lambda body: _CHUNKED + b"1\r\n" + body + b"\r\n0\r\n\r\n"),
    "chunk with a long extension": _says(lambda body: _CHUNKED + _chunks(body, b";x" * 9999)),
    "no last chunk": _says(lambda body: _CHUNKED + _chunks(body)[:-3]),
    "negative length": _says(lambda body: _head(Content_Length="-1") + body),
    "length of words": _says(lambda body: _head(Content_Length="many") + body),
    "enormous length": _says(lambda body: _head(Content_Length="9" * 30) + body),
    "longer than said": _says(lambda body: _head(Content_Length=str(len(body) // 2)) + body),
    "shorter than said": _says(lambda body: _head(Content_Length=str(len(body) + 99)) + body),
    "two lengths": _says(
        lambda body: b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 9\r\n\r\n" + body
    ),
    "length and chunks": _says(
        lambda body: _head(Content_Length="3", Transfer_Encoding="chunked") + _chunks(body)
    ),
    "unknown transfer": _says(lambda body: _head(Transfer_Encoding="gzip, secret") + body),
    "gzip": _says(lambda body: _plain(gzip.compress(body, 1), Content_Encoding="gzip")),
    "gzip bomb": _says(lambda body: _plain(_ZEROS, Content_Encoding="gzip")),
    "gzip bomb, twenty times": _says(lambda body: _plain(_ZEROS * 20, Content_Encoding="gzip")),
    "deflate bomb": _says(lambda body: _plain(_DEFLATED_ZEROS, Content_Encoding="deflate")),
    "gzip in gzip": _says(
        lambda body: _plain(gzip.compress(gzip.compress(body, 1), 1), Content_Encoding="gzip")
    ),
    "gzip, twice announced": _says(lambda body: _plain(_ZEROS, Content_Encoding="gzip, gzip")),
    "gzip that is none": _says(lambda body: _plain(body, Content_Encoding="gzip")),
    "deflate that is none": _says(lambda body: _plain(body, Content_Encoding="deflate")),
    "gzip cut off": _says(lambda body: _plain(_ZEROS[:1000], Content_Encoding="gzip")),
    "gzip and garbage": _says(
        lambda body: _plain(gzip.compress(body, 1) + b"\x1f\x8bxx", Content_Encoding="gzip")
    ),
    "gzip that nobody announced": _says(lambda body: _plain(gzip.compress(body, 1))),
    "brotli": _says(lambda body: _plain(body, Content_Encoding="br")),
    "secret packing": _says(lambda body: _plain(body, Content_Encoding="x" * 9999)),
    "reset at once": _resets_after(0),
    "reset in the middle": _resets_after(0.5),
    "reset at the end": _resets_after(1),
    "hangs up": _says(lambda body: b""),
    "only blank lines": _says(lambda body: b"\r\n\r\n"),
    "HTTP/0.9": _says(lambda body: body),
    "HTTP/9.9": _says(lambda body: _plain(body).replace(b"HTTP/1.1", b"HTTP/9.9", 1)),
    "HTTP/2 preface": _says(lambda body: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + body),
    "SSH": _says(lambda body: b"SSH-2.0-OpenSSH_9.9\r\n" + body),
    "TLS alert": _says(lambda body: b"\x15\x03\x01\x00\x02\x02\x46" + body),
    "status of letters": _says(lambda body: b"HTTP/1.1 OK 200\r\n\r\n" + body),
    "status without a line": _says(lambda body: b"200 OK\r\n\r\n" + body),
    "status of a megabyte": _says(
        lambda body: b"HTTP/1.1 200 " + b"O" * 10**6 + b"\r\n\r\n" + body
    ),
    "negative status": _says(lambda body: b"HTTP/1.1 -200 OK\r\n\r\n" + body),
    "status of 30 digits": _says(lambda body: b"HTTP/1.1 " + b"2" * 30 + b" OK\r\n\r\n" + body),
    "circle": _says(lambda body: _plain(b"", "302 Found", Location="?again")),
    "redirect inside": _says(lambda body: _plain(b"", "302 Found", Location="http://127.0.9.9:9/")),
    "redirect to metadata": _says(
        lambda body: _plain(b"", "307 T", Location="http://169.254.169.254/latest/meta-data/")
    ),
    "redirect to a file": _says(lambda body: _plain(b"", "301 M", Location="file:///etc/passwd")),
    "redirect to a script": _says(
        lambda body: _plain(b"", "301 M", Location="javascript:alert(1)")
    ),
    "redirect to nowhere": _says(lambda body: _plain(b"", "301 Moved")),
    "redirect to garbage": _says(lambda body: _plain(b"", "301 M", Location="http://[\x01\xff")),
    "redirect of a megabyte": _says(lambda body: _plain(b"", "301 M", Location="/" + "x" * 10**6)),
    "redirect with a new header": _says(
        lambda body: _plain(b"", "302 F", Location="/x%0d%0aHost:%20evil\rX: y")
    ),
    "redirect for years": _says(
        lambda body: _plain(b"", "302 F", Location="/missing", Retry_After="9" * 40)
    ),
    "header with NUL": _says(lambda body: _plain(body, X="a\0b")),
    "header with a bare line feed": _says(lambda body: _plain(body, X="a\nSet-Cookie: b=c")),
    "header without a name": _says(lambda body: b"HTTP/1.1 200 OK\r\n: x\r\n\r\n" + body),
    "header without a colon": _says(lambda body: b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n" + body),
    "folded header": _says(lambda body: b"HTTP/1.1 200 OK\r\nX: a\r\n\tb\r\n\r\n" + body),
    "header of 100 KiB": _says(lambda body: _plain(body, X="y" * 100 * 1024)),
    "ten thousand headers": _says(
        lambda body: b"HTTP/1.1 200 OK\r\n" + b"X: yyyyyy\r\n" * 10_000 + b"\r\n" + body
    ),
    "a thousand cookies": _says(
        lambda body: b"HTTP/1.1 200 OK\r\n" + b"Set-Cookie: a=b\r\n" * 1000 + b"\r\n" + body
    ),
    "odd validators": _says(lambda body: _plain(body, ETag='"\xff\x01' * 99, Last_Modified="\x7f")),
    "odd content type": _says(
        lambda body: b"HTTP/1.1 200 OK\r\nContent-Type: ;;=\xff;charset=zlib\r\n\r\n" + body
    ),
    "two answers": _says(lambda body: _head(Content_Length="0") + _plain(body)),
    "an answer and more": _says(lambda body: _plain(body)[:-1] + b"x" * 100_000),
    "not modified": _says(lambda body: _head("304 Not Modified", Content_Length="99") + body),
    "not modified, with a body": _says(lambda body: _plain(body, "304 Not Modified")),
    "too many requests": _says(lambda body: _plain(body, "429 T", Retry_After="99999999999")),
    "unavailable until yesterday": _says(
        lambda body: _plain(body, "503 U", Retry_After="Sat, 01 Jan 2000 00:00:00 GMT")
    ),
    **{
        f"status {status}": _says(lambda body, status=status: _plain(body, f"{status} X"))  # type: ignore[misc]
        for status in (
            *("000", "102", "199", "201", "202", "203", "204", "205", "206", "226", "300", "305"),
            *("306", "399", "400", "401", "407", "410", "418", "451", "499", "500", "511", "599"),
            *("600", "999"),
        )
    },
}


def behaviours() -> Sequence[str]:
    """The names of all of them."""
    return tuple(_BEHAVIOURS)


class HostileServer:
    """Listens on one port of several loopback hosts while it is entered."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = hosts
        self._pages: dict[str, tuple[Behaviour, bytes]] = {}
        self._stop = threading.Event()
        self._listeners: dict[str, socket.socket] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for host in self._hosts:
            self._listeners[host] = socket.create_server((host, 0))
            self._start(self._listen, self._listeners[host])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        for listener in self._listeners.values():
            # A listener that is only closed would keep its thread waiting.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join()

    def put(self, host: str, path: str, behaviour: str, body: bytes) -> str:
        """Answer there with ``body`` in this way from now on; gives the address."""
        self._pages[path] = (_BEHAVIOURS[behaviour], body)
        return f"http://{host}:{self._listeners[host].getsockname()[1]}{path}"

    def _start(self, work: Callable[[socket.socket], None], connection: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(connection,), daemon=True)
        thread.start()
        self._threads = [*(alive for alive in self._threads if alive.is_alive()), thread]

    def _listen(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._start(self._answer, connection)

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            request = b""
            while b"\r\n\r\n" not in request:
                part = connection.recv(65536)
                if not part:
                    return
                request += part
            path = request.split(b" ", 2)[1].decode("latin-1").partition("?")[0]
            missing = (_says(lambda body: _plain(body, "404 Not Found")), b"")
            behave, body = self._pages.get(path, missing)
            behave(connection, body, self._stop)
