"""The wire under Bluesky: one request, one deadline, and no wrong idea of what became of it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import httpx
import pytest

from netbot.demo.bluesky import BlueskyServer
from netbot.fetch.guard import AllowList
from netbot.model import Barred, NetworkError, Refused, Transient, Unsure
from netbot.networks.bluesky.asking import Asker
from netbot.networks.bluesky.wire import Exchange, Wire

TOKEN = "a-token"
DATA = {
    "repo": "did:plc:abcabcabcabcabcabcabcabc",
    "collection": "app.bsky.feed.like",
    "rkey": "3k",
}


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


def delete(api: Any) -> None:
    api.com.atproto.repo.delete_record(DATA)


def ask(base: str, *, timeout_s: float = 10.0, is_write: bool = True) -> None:
    asker = Asker(allow_hosts=["127.0.0.1"], timeout_s=timeout_s)
    asker.ask(base, delete, token=TOKEN, is_write=is_write)


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
        (b"HTTP/1.1 303 See Other\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", Unsure),
        (b"HTTP/1.1 307 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", Refused),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", Refused),
        (b"HTTP/1.1 408 Too Slow\r\nContent-Length: 0\r\n\r\n", Unsure),
        (b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n[]", Barred),
        (b"HTTP/1.1 502 Bad\r\nContent-Length: 6\r\n\r\n<html>", Unsure),
    ],
)
def test_an_answer_is_taken_for_what_it_says_for_sure(answer, error):
    with answering(lambda connection: connection.sendall(answer)) as (base, asked):
        with pytest.raises(NetworkError) as caught:
            ask(base)
    assert type(caught.value) is error
    assert len(asked) == 1
    assert asked[0].startswith(b"POST /xrpc/com.atproto.repo.deleteRecord HTTP/1.1\r\n")
    for line in (b"accept-encoding: identity", b"connection: close", b"bearer " + TOKEN.encode()):
        assert line in asked[0].lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_is_not_carried_to_another_host(status):
    with answering(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as (
        other,
        asked,
    ):
        away = f"HTTP/1.1 {status} Moved\r\nLocation: {other}/\r\nContent-Length: 0\r\n\r\n"
        with answering(lambda connection: connection.sendall(away.encode())) as (base, _):
            for is_write in (True, False):
                with pytest.raises(NetworkError):
                    ask(base, is_write=is_write)
    assert asked == []


def test_proxies_of_the_environment_take_no_part(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with BlueskyServer() as server:
        with pytest.raises(Transient):
            ask(server.url(), is_write=False)
        assert len(server.asked()) == 1


def exchange(**facts: Any) -> Exchange:
    values: dict[str, Any] = {"host": "x", "timeout_s": 5, "allowed": AllowList([])}
    return Exchange(**(values | facts))


def test_a_private_address_behind_a_public_name_is_hung_up_on():
    with BlueskyServer() as server:
        seen = exchange()
        with httpx.Client(transport=Wire(seen)) as client:
            with pytest.raises(httpx.NetworkError):
                client.get(server.url("/xrpc/app.bsky.feed.getPosts"))
        assert (seen.sent, server.asked()) == (False, [])
        assert isinstance(seen.error(is_write=True, has_token=True), Transient)


def test_an_exchange_is_one_request():
    with BlueskyServer() as server:
        seen = exchange(allowed=AllowList(["127.0.0.1"]))
        with httpx.Client(transport=Wire(seen)) as client:
            client.get(server.url("/xrpc/app.bsky.feed.getPosts"))
            with pytest.raises(httpx.NetworkError):
                client.get(server.url("/xrpc/app.bsky.feed.getPosts"))
        assert len(server.asked()) == 1


def test_whoever_is_not_there_is_asked_later():
    asker = Asker(allow_hosts=[], timeout_s=5)
    with pytest.raises(Transient):
        asker.ask("https://127.0.0.1:1", delete, is_write=True)


def test_a_server_that_speaks_no_tls_is_not_spoken_to():
    with BlueskyServer() as server:
        asker = Asker(allow_hosts=["127.0.0.1"], timeout_s=5)
        with pytest.raises(Transient):
            asker.ask(server.url().replace("http:", "https:"), delete, is_write=True)
        assert server.asked() == []


def test_when_time_is_up_before_anything_was_sent_nothing_is():
    with BlueskyServer() as server:
        with pytest.raises(Transient):
            ask(server.url(), timeout_s=0.000001)
        assert server.asked() == []
