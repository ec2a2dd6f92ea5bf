"""The guard: nothing private is dialled, however it is spelled."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.fetch import Answer, Limits, Request, fetch_all
from netbot.fetch.guard import AllowList, Blocked, dial_public, is_public
from netbot.model import NetworkError, Refused, Transient


@contextlib.contextmanager
def sentinels() -> Iterator[int]:
    """Listens on loopback of both kinds; fails when anybody knocked."""
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = first.getsockname()[1]
        second = socket.create_server(("::1", port), family=socket.AF_INET6)
        listeners = [first, stack.enter_context(second)]
        yield port
        for listener in listeners:
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()


def ask(url: str, *, limits: Limits | None = None) -> Answer:
    [(_, answer)] = fetch_all([Request(url=url)], allow_hosts=["127.0.0.1"], limits=limits)
    if isinstance(answer, NetworkError):
        raise answer
    return answer


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.2",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "１２７.０.０.１",
    "127。0。0。1",
    "user:pass@127.0.0.1",
    "acme.example@127.0.0.1",
    "127.0.0.1%2Eacme.example@127.0.0.1",
    "127.255.255.254",
    "0x7f.0x0.0x0.0x1",
    "0x7f.0.0.1",
    "00000177.0.0.1",
    "127.00.00.01",
    "4294967295",
    "0x0",
    "00",
    "0.0",
    "LocalHost.LocalDomain",
    "ip6-localhost",
    "ｌｏｃａｌｈｏｓｔ",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "①②⑦.0.0.1",
    "127%2E0%2E0%2E1",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[0000:0000:0000:0000:0000:ffff:7f00:0001]",
    "[::FFFF:127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2001:0:7f00:1::]",
    "[::1%25lo]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[fc00::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[ff02::1%25lo]",
    "[5f00::1]",
    "[3fff::1]",
    "[2002:c0a8:0101::1]",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00::1]",
    "[ff02::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
]


def test_no_spelling_reaches_a_private_address() -> None:
    with sentinels() as port:
        requests = [Request(url=f"http://{host}:{port}/") for host in SPELLINGS]
        answers = dict(fetch_all(requests, limits=Limits(ports=(port,), connect_s=2)))
        reached = [asked.url for asked, answer in answers.items() if isinstance(answer, Answer)]
        assert reached == []
        # A name may also fail to resolve; what matters is that nobody knocked.
        kinds = {type(answer) for answer in answers.values()}
        assert kinds <= {Refused, Transient}
        assert sum(isinstance(answer, Refused) for answer in answers.values()) >= 40


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_reaches_a_private_address(status: int) -> None:
    with BlogServer() as blog, sentinels() as port:
        requests = []
        for number, host in enumerate(SPELLINGS):
            if host.startswith("127.0.0.1") or "@127.0.0.1" in host:
                continue  # opened below, so that the first step may be taken
            location = f"http://{host}:{port}/".encode().decode("latin-1")
            blog.put(f"/{number}", status=status, headers={"Location": location})
            requests.append(Request(url=blog.url(f"/{number}")))
        limits = Limits(ports=(port,), connect_s=2)
        allowed = [f"127.0.0.1:{blog.port}"]
        answers = [answer for _, answer in fetch_all(requests, allow_hosts=allowed, limits=limits)]
    assert len(answers) == len(requests) >= 50
    assert all(isinstance(answer, Refused | Transient) for answer in answers)


# Nobody has this address, and nobody can have it soon: its block is not given out.
PUBLIC = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2d00::1", 80, 0, 0))


def private(address: str, port: int) -> tuple[Any, ...]:
    where = (address, port, 0, 0) if ":" in address else (address, port)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", where)


@pytest.mark.allow_hosts(["127.0.0.1", "::1", "2d00::1"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_a_name_that_changes_its_mind_reaches_nobody(address: str) -> None:
    with sentinels() as port:
        asked: list[str] = []

        def lookup(host: str, port: int, **kind: int) -> list[tuple[Any, ...]]:
            asked.append(host)
            return [PUBLIC] if len(asked) == 1 else [private(address, port)]

        limits = Limits(ports=(port,), connect_s=0.2)
        url = f"http://rebinding.example:{port}/"
        kinds = []
        for _ in range(3):
            [(_, answer)] = fetch_all([Request(url=url)], limits=limits, lookup=lookup)
            kinds.append(type(answer))
        assert kinds == [Transient, Refused, Refused]
        assert asked == ["rebinding.example"] * 3


@pytest.mark.allow_hosts(["127.0.0.1", "::1", "2d00::1"])
def test_a_private_address_among_public_ones_is_not_tried() -> None:
    with sentinels() as port:

        def lookup(host: str, port: int, **kind: int) -> list[tuple[Any, ...]]:
            return [PUBLIC, private("127.0.0.1", port), private("::1", port)]

        limits = Limits(ports=(port,), connect_s=0.2)
        request = Request(url=f"http://mixed.example:{port}/")
        [(_, answer)] = fetch_all([request], limits=limits, lookup=lookup)
        assert isinstance(answer, NetworkError)


def test_a_name_that_is_never_found_keeps_nobody_waiting() -> None:
    release = threading.Event()

    def lookup(host: str, port: int, **kind: int) -> list[tuple[Any, ...]]:
        if host.startswith("slow"):
            release.wait(60)
        return [private("127.0.0.1", port)]

    with BlogServer() as blog:
        blog.put("/", b"x")
        hosts = [*(f"slow{n}.example" for n in range(7)), "quick.example"]
        requests = [Request(url=blog.url("/").replace("127.0.0.1", host)) for host in hosts]
        limits = Limits(connect_s=0.3, total_s=0.5)
        answers = dict(fetch_all(requests, allow_hosts=hosts, limits=limits, lookup=lookup))
    assert not release.is_set()
    release.set()
    kinds = [type(answers[request]) for request in requests]
    assert kinds == [Transient] * 7 + [Answer]


def test_a_redirect_is_guarded_too() -> None:
    with BlogServer() as blog, socket.create_server(("127.0.0.2", 0)) as sentinel:
        sentinel.setblocking(False)
        port = sentinel.getsockname()[1]
        blog.put("/inside", status=302, headers={"Location": f"http://127.0.0.2:{port}/"})
        with pytest.raises(Refused, match="allow_hosts"):
            ask(blog.url("/inside"), limits=Limits(ports=(port,)))
        with pytest.raises(BlockingIOError):
            sentinel.accept()


def test_a_public_host_has_its_usual_ports_only() -> None:
    with pytest.raises(Refused, match="port 22"):
        ask("http://acme.example:22/")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/", "acme", "http://", "", "http://[x"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(Refused, match="https://"):
        ask(url)


@pytest.mark.parametrize(
    ("entry", "host", "port", "open_"),
    [
        ("127.0.0.1", "127.0.0.1", 8080, True),
        ("127.0.0.1:80", "127.0.0.1", 80, True),
        ("127.0.0.1:80", "127.0.0.1", 81, False),
        (" NAS.Local ", "nas.local", 80, True),
        ("nas.local:8080", "NAS.local", 8080, True),
        ("::1", "::1", 80, True),
        ("[::1]", "::1", 9, True),
        ("[::1]:80", "::1", 9, False),
        ("127.0.0.1", "127.0.0.2", 80, False),
    ],
)
def test_opened_hosts(entry: str, host: str, port: int, open_: bool) -> None:
    assert AllowList([entry]).covers(host, port) is open_


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_every_dial_is_looked_at() -> None:
    family, kind = socket.AF_INET, socket.SOCK_STREAM
    with dial_public((family, kind, 0, "", ("93.184.215.14", 80))) as public:
        assert public.family == family
    with pytest.raises(Blocked):
        dial_public((family, kind, 0, "", ("100.64.0.1", 80)))
