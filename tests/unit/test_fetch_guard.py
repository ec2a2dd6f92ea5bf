"""The guard: nothing private is dialled, however it is spelled."""

import socket

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.fetch import Answer, Limits, Request, fetch_all
from netbot.fetch.guard import AllowList, Blocked, dial_public, is_public
from netbot.model import NetworkError, Refused, Transient


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
    with socket.create_server(("127.0.0.1", 0)) as sentinel:
        sentinel.setblocking(False)
        port = sentinel.getsockname()[1]
        requests = [Request(url=f"http://{host}:{port}/") for host in SPELLINGS]
        answers = dict(fetch_all(requests, limits=Limits(ports=(port,), connect_s=2)))
        reached = [asked.url for asked, answer in answers.items() if isinstance(answer, Answer)]
        assert reached == []
        # A name may also fail to resolve; what matters is that nobody knocked.
        kinds = {type(answer) for answer in answers.values()}
        assert kinds <= {Refused, Transient}
        assert sum(isinstance(answer, Refused) for answer in answers.values()) >= 30
        with pytest.raises(BlockingIOError):
            sentinel.accept()


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
