"""The wire under the libraries: one request, one deadline, no wrong idea of what became of it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

import pytest

from netbot.demo.faults import Fault, Mishap
from netbot.demo.mastodon import MastodonServer
from netbot.fetch import libraries as wire
from netbot.fetch.guard import AllowList
from netbot.fetch.libraries import Exchange
from netbot.model import Barred, NetworkError, RateLimited, Refused, Transient, Unsure
from netbot.networks.mastodon.asking import Asker
from tests.mastodons import TOKEN

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
DATE = "Mon, 23 Nov 2026 11:00:00 GMT"


@contextmanager
def answering(reply: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers each request as told; yields its address and what it was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65536))
                try:
                    reply(connection)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def ask(base: str, *, timeout_s: float = 10.0, is_write: bool = True) -> None:
    asker = Asker(allow_hosts=["127.0.0.1"], timeout_s=timeout_s)
    asker.ask(base, lambda api: api.status_favourite("1")["id"], token=TOKEN, is_write=is_write)


def test_headers_that_drip_do_not_beat_the_deadline():
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000:
            connection.send(bytes([byte]))
            if done.wait(0.02):
                return

    with answering(drip) as (base, asked):
        began = monotonic()
        with pytest.raises(Unsure):
            ask(base, timeout_s=0.3)
        assert monotonic() - began < 5
        done.set()
    assert len(asked) == 1


def test_an_answer_without_end_is_cut_off():
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            connection.sendall(b" " * 65536)

    with answering(flood) as (base, asked), pytest.raises(Unsure):
        ask(base)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", Unsure),
        (b"nonsense\r\n\r\n", Unsure),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", Unsure),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Unsure),
        (b"HTTP/1.1 303 See Other\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", Unsure),
        (b"HTTP/1.1 307 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", Refused),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", Refused),
        (b"HTTP/1.1 408 Too Slow\r\nContent-Length: 0\r\n\r\n", Unsure),
        (b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n[]", Barred),
    ],
)
def test_an_answer_is_taken_for_what_it_says_for_sure(answer, error):
    with answering(lambda connection: connection.sendall(answer)) as (base, asked):
        with pytest.raises(NetworkError) as caught:
            ask(base)
    assert type(caught.value) is error
    assert len(asked) == 1
    assert asked[0].startswith(b"POST /api/v1/statuses/1/favourite HTTP/1.1\r\n")
    for line in (b"Accept-Encoding: identity", b"Connection: close", b"Bearer " + TOKEN.encode()):
        assert line in asked[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_is_not_carried_to_another_host(status):
    with answering(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as (
        other,
        asked,
    ):
        away = f"HTTP/1.1 {status} Moved\r\nLocation: {other}/\r\nContent-Length: 0\r\n\r\n"
        with answering(lambda connection: connection.sendall(away.encode())) as (base, _):
            with pytest.raises(NetworkError):
                ask(base)
            with pytest.raises(NetworkError):
                ask(base, is_write=False)
    assert asked == []


def test_proxies_and_passwords_of_the_environment_take_no_part(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login anna password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with MastodonServer() as server:
        server.add_account("studio", token=TOKEN)
        about = server.publish("acme", "Hallo")
        asker = Asker(allow_hosts=["127.0.0.1"], timeout_s=10)
        asker.ask(server.url(), lambda api: api.status_favourite(about)["id"], token=TOKEN)
        assert len(server.written()) == 1


def test_a_token_is_never_taken_for_the_name_of_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / TOKEN).write_text("another-token\nhttps://elsewhere.example\n")
    with MastodonServer() as server:
        server.add_account("studio", token=TOKEN)
        asker = Asker(allow_hosts=["127.0.0.1"], timeout_s=10)
        told = asker.ask(server.url(), lambda api: api.account_verify_credentials(), token=TOKEN)
        assert told["username"] == "studio"


def test_a_private_address_behind_a_public_name_is_hung_up_on():
    with MastodonServer() as server:
        exchange = Exchange(host="x", timeout_s=5, allowed=AllowList([]))
        with wire.Session(exchange) as session:
            with pytest.raises(OSError, match="not a public address"):
                session.get(server.url("/api/v1/instance"))
        assert (exchange.sent, server.asked()) == (False, [])
        assert isinstance(exchange.error(is_write=True, has_token=True), Transient)


def test_a_name_that_nobody_has_is_asked_for_later():
    asker = Asker(allow_hosts=[], timeout_s=5)
    with pytest.raises(Transient):
        asker.ask("https://127.0.0.1:1", lambda api: api.status("1"))


def test_when_time_is_up_before_anything_was_sent_nothing_is():
    with MastodonServer() as server:
        with pytest.raises(Transient):
            ask(server.url(), timeout_s=0.000001)
        assert server.asked() == []


def waits(**headers: str) -> int:
    """What a 429 with these headers asks for, in seconds."""
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    exchange = Exchange(
        host="x", timeout_s=5, allowed=AllowList([]), sent=True, status=429, headers=spelled
    )
    error = exchange.error(is_write=True, has_token=True)
    assert isinstance(error, RateLimited)
    return error.retry_after_s


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, wire.DEFAULT_WAIT_S),
        ({"x_ratelimit_reset": "2026-11-23T11:05:00.123456Z"}, 300),
        ({"x_ratelimit_reset": "2026-11-23T12:05:00+01:00"}, 300),
        ({"x_ratelimit_reset": "2026-11-23T11:05:00"}, 300),
        ({"x_ratelimit_reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x_ratelimit_reset": "soon"}, wire.DEFAULT_WAIT_S),
        ({"x_ratelimit_reset": "9" * 10}, 7 * 24 * 3600),
        ({"x_ratelimit_reset": "9" * 40}, wire.DEFAULT_WAIT_S),
        ({"x_ratelimit_reset": "2026-11-23T10:00:00Z"}, 1),
        ({"x_ratelimit_reset": "432.0"}, 432),
        ({"x_rate_limit_reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"retry_after": "45"}, 45),
        ({"retry_after": "45", "x_ratelimit_reset": "2026-11-23T11:05:00Z"}, 300),
    ],
)
def test_a_pause_lasts_as_long_as_the_server_says(headers, seconds):
    assert waits(date=DATE, **headers) == seconds


def test_a_pause_counts_by_the_clock_of_the_server():
    with MastodonServer() as server:
        server.add_account("studio", token=TOKEN)
        server.faults.plan(Fault(mishap=Mishap.STATUS, status=429, reset_s=600))
        with pytest.raises(RateLimited) as caught:
            ask(server.url())
    assert caught.value.retry_after_s in range(590, 602)  # its Date has no parts of a second


def test_one_exchange_is_one_request():
    with MastodonServer() as server:
        exchange = Exchange(host="x", timeout_s=5, allowed=AllowList(["127.0.0.1"]))
        with wire.Session(exchange) as session:
            session.get(server.url("/api/v1/instance"))
            with pytest.raises(OSError, match="one request"):
                session.get(server.url("/api/v1/instance"))
        assert len(server.asked()) == 1
