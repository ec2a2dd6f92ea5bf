"""Guarded HTTP against real sockets on loopback: limits, guard, redirects, errors."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.fetch import (
    USER_AGENT,
    Answer,
    Hop,
    Limits,
    NotFound,
    Request,
    fetch_all,
    http_date,
    retry_after_s,
    shown,
)
from netbot.model import Gone, NetworkError, RateLimited, Refused, Transient

HOME = ("127.0.0.1",)


@pytest.fixture(scope="module")
def blog() -> Iterator[BlogServer]:
    with BlogServer() as blog:
        yield blog


def ask(
    url: str, *, allow: Sequence[str] = HOME, limits: Limits | None = None, **headers: str
) -> Answer:
    request = Request(url=url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    [(asked, answer)] = fetch_all([request], allow_hosts=allow, limits=limits)
    assert asked is request
    if isinstance(answer, NetworkError):
        raise answer
    return answer


@contextlib.contextmanager
def raw_server(reply: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that speaks as ``reply`` pleases, to one visitor; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    reply(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


# Manners


def test_a_document_comes_as_it_is(blog: BlogServer) -> None:
    blog.put("/a", "Grüße".encode(), content_type="text/xml", headers={"X-A": "1"})
    answer = ask(blog.url("/a#part"))
    assert (answer.url, answer.status, answer.body) == (blog.url("/a"), 200, "Grüße".encode())
    assert answer.headers["content-type"] == "text/xml"
    assert answer.headers["x-a"] == "1"
    assert answer.hops == ()


def test_what_is_sent_is_polite(blog: BlogServer) -> None:
    blog.put("/cookie", headers={"Set-Cookie": "id=1"})
    for _ in range(2):
        ask(blog.url("/cookie"), If_None_Match='W/"a-b"', If_Modified_Since="Sat, 01 Jan 2000")
    headers = dict(blog.requests[-1].headers)
    assert headers.pop("host") == f"127.0.0.1:{blog.port}"
    assert headers == {
        "user-agent": USER_AGENT,
        "accept-encoding": "gzip, deflate",
        "accept": "*/*",
        "if-none-match": 'W/"a-b"',
        "if-modified-since": "Sat, 01 Jan 2000",
    }
    assert USER_AGENT.startswith("netbot/")
    assert "https://" in USER_AGENT


def test_unchanged_is_an_answer(blog: BlogServer) -> None:
    blog.put("/same", b"x")
    tag = ask(blog.url("/same")).headers["etag"]
    answer = ask(blog.url("/same"), If_None_Match=tag)
    assert (answer.status, answer.body) == (304, b"")


def test_a_host_is_asked_one_request_at_a_time() -> None:
    inside = threading.Semaphore(1)
    crowded: list[bool] = []

    def reply(connection: socket.socket) -> None:
        crowded.append(not inside.acquire(blocking=False))
        threading.Event().wait(0.005)
        inside.release()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    with contextlib.ExitStack() as stack:
        urls = [stack.enter_context(raw_server(reply)) for _ in range(12)]
        answers = dict(fetch_all([Request(url=url) for url in urls], allow_hosts=HOME))
    assert [type(answer) for answer in answers.values()] == [Answer] * 12
    assert crowded == [False] * 12


def test_a_slow_host_keeps_nobody_else_waiting(blog: BlogServer) -> None:
    blog.put("/quick", b"x")
    release = threading.Event()

    def reply(connection: socket.socket) -> None:
        release.wait(10)

    with raw_server(reply) as slow:
        slow_request = Request(url=slow.replace("127.0.0.1", "localhost"))
        requests = [slow_request, *(Request(url=blog.url("/quick")) for _ in range(20))]
        answers = fetch_all(requests, allow_hosts=["127.0.0.1", "localhost"])
        quick = [request for request, _ in itertools.islice(answers, 20)]
        assert slow_request not in quick
        answers.close()
        release.set()


def test_closing_early_leaves_nothing_behind(blog: BlogServer) -> None:
    blog.put("/many", b"x")
    answers = fetch_all([Request(url=blog.url("/many")) for _ in range(30)], allow_hosts=HOME)
    next(answers)
    answers.close()
    assert "fetch" not in {thread.name for thread in threading.enumerate()}
    assert list(fetch_all([])) == []


# Redirects


def test_redirects_are_followed_and_told(blog: BlogServer) -> None:
    blog.put("/1", status=301, headers={"Location": "/2"})
    blog.put("/2", status=307, headers={"Location": blog.url("/3")})
    blog.put("/3", b"here")
    answer = ask(blog.url("/1"))
    assert (answer.url, answer.body) == (blog.url("/3"), b"here")
    assert answer.hops == (
        Hop(url=blog.url("/1"), status=301),
        Hop(url=blog.url("/2"), status=307),
    )


def test_a_redirect_may_ask_for_a_pause(blog: BlogServer) -> None:
    blog.put("/1", status=302, headers={"Location": "/2", "Retry-After": "7200"})
    blog.put("/2", b"here")
    assert [hop.wait_s for hop in ask(blog.url("/1")).hops] == [7200]


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("/circle", "circles"),
        ("", "circles"),
        ("javascript:alert(1)", "web address"),
        ("file:///etc/passwd", "web address"),
        ("http://[broken", "no address"),
    ],
)
def test_redirects_have_an_end(blog: BlogServer, location: str, why: str) -> None:
    blog.put("/circle", status=302, headers={"Location": location})
    with pytest.raises(Refused, match=why):
        ask(blog.url("/circle"))


def test_no_way_back_from_https() -> None:
    from yarl import URL

    from netbot.fetch.client import _next_address

    start = URL("https://user:secret@a.example/x")
    with pytest.raises(Refused, match="back to http"):
        _next_address(start, "http://a.example/x")
    assert _next_address(start, "https://me:too@b.example/").user is None
    assert _next_address(start, "/y").user == "user"


# Errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFound),
        (410, Gone),
        (403, Refused),
        (400, Refused),
        (300, Refused),
        (206, Transient),
        (408, Transient),
        (500, Transient),
        (503, Transient),
        (429, RateLimited),
    ],
)
def test_every_status_is_some_error(blog: BlogServer, status: int, kind: type[Exception]) -> None:
    blog.put("/status", b"<html>", status=status)
    with pytest.raises(NetworkError) as caught:
        ask(blog.url("/status?secret=1"))
    assert type(caught.value) is kind
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("status", "wait", "seconds"), [(429, "77", 77), (503, "9", 9)])
def test_a_pause_is_told(blog: BlogServer, status: int, wait: str, seconds: int) -> None:
    blog.put("/pause", status=status, headers={"Retry-After": wait})
    with pytest.raises(RateLimited) as caught:
        ask(blog.url("/pause"))
    assert caught.value.retry_after_s == seconds


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ([], None),
        (["0"], 0),
        (["120"], 120),
        (["120", "3600"], 3600),
        (["-5"], None),
        (["soon"], None),
        (["1e9"], None),
        (["٣"], None),
        (["soon", "60"], 60),
        (["60, 120"], 120),
        ([f"60, {format_datetime(NOW + timedelta(hours=2), usegmt=True)}, 120"], 7200),
        (["Saturday, 21-Nov-26 14:00:00 GMT, 60"], 7200),
        (["1000000000000"], 604800),
        (["9" * 400], 604800),
        ([format_datetime(NOW + timedelta(hours=2), usegmt=True)], 7200),
        ([format_datetime(NOW - timedelta(hours=2), usegmt=True)], 0),
        (["Fri, 31 Dec 9999 23:59:59 GMT"], 604800),
        (["Fri, 99 Dec 2026 99:99:99 GMT"], None),
    ],
)
def test_retry_after(values: list[str], seconds: int | None) -> None:
    assert retry_after_s(values, NOW) == seconds


def test_http_dates() -> None:
    assert http_date("Sat, 21 Nov 2026 12:00:00 GMT") == NOW
    assert http_date("Sat, 21 Nov 2026 12:00:00 -0000") == NOW
    assert http_date("0") is None


def test_an_address_is_shown_without_its_secrets() -> None:
    assert shown("https://me:pw@a.example:8443/x?token=1#y") == "https://a.example:8443/x"
    assert shown("http://[broken") == "this address"


def test_nobody_there(blog: BlogServer) -> None:
    blog.put("/drop", drop=True)
    with pytest.raises(Transient, match="breaks off"):
        ask(blog.url("/drop"))
    with socket.create_server(("127.0.0.1", 0)) as vacant:
        port = vacant.getsockname()[1]
    with pytest.raises(Transient, match="cannot be reached"):
        ask(f"http://127.0.0.1:{port}/")
    with pytest.raises(Transient, match="cannot be reached"):
        ask("http://nowhere.invalid/")
    with pytest.raises(Transient, match="certificate"):
        ask(blog.url("/").replace("http:", "https:"))


def drip(connection: socket.socket) -> None:
    """One header byte at a time, for ever."""
    stop = threading.Event()
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    with contextlib.suppress(OSError):
        while not stop.wait(0.05):
            connection.sendall(b"H")


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    with contextlib.suppress(OSError):
        for number in itertools.count():
            connection.sendall(b"X-%d: y\r\n" % number)


def endless_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b"x" * 65536)


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def says(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (drip, Transient),
        (silent, Transient),
        (endless_headers, Transient),
        (endless_body, Refused),
        (says(b"SSH-2.0-OpenSSH_9\r\n\r\n"), Transient),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"), Transient),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Transient),
        (says(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n"), NetworkError),
        (says(b"HTTP/1.1 200 OK\r\n" + b"X: yyyyyyyyyyyy\r\n" * 100 + b"\r\n"), Refused),
        (says(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx"), Refused),
    ],
)
def test_hostile_servers_are_left(
    reply: Callable[[socket.socket], None], kind: type[NetworkError]
) -> None:
    limits = Limits(connect_s=2, idle_s=0.3, total_s=0.6, header_bytes=1000, wire_bytes=10**6)
    with raw_server(reply) as url, pytest.raises(kind):
        ask(url, limits=limits)


def test_a_packed_answer_arrives_unpacked(blog: BlogServer) -> None:
    blog.put("/packed", b"<rss/>" * 999, gzip=True)
    assert ask(blog.url("/packed")).body == b"<rss/>" * 999
