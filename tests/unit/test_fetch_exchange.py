"""One request on behalf of an account: made once, and told as it ended."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from netbot.demo.faults import Fault, Mishap
from netbot.demo.homepage import HomePage
from netbot.fetch import Answer, Call, Limits, Reply, exchange, links, refusal
from netbot.model import Barred, Gone, NetworkError, RateLimited, Refused, Transient, Unsure

SECRET = "Bearer geheim-7f3a"


@pytest.fixture
def site() -> Iterator[HomePage]:
    with HomePage() as site:
        yield site


def ask(site: HomePage, method: str = "GET", path: str = "/", **facts: Any) -> Reply:
    options = {"allow_hosts": ["127.0.0.1"]} | facts.pop("options", {})
    return exchange(Call(method=method, url=site.url(path), **facts), **options)


@pytest.mark.parametrize("status", [200, 301, 307, 401, 403, 404, 410, 418, 429, 500, 503])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_every_status_is_an_answer_to_the_one_request(site, status, method):
    headers = {"Location": site.url("/elsewhere")}
    site.faults.plan(Fault(mishap=Mishap.STATUS, status=status, headers=headers, on="any"))
    reply = ask(site, method, "/micropub", body=b"x=1")
    assert (reply.status, reply.is_done) == (status, status < 300)
    assert len(site.asked()) == 1


LOST = (Mishap.LOST_REQUEST, Mishap.LOST_ANSWER, Mishap.CUT_ANSWER, Mishap.STALL, Mishap.DRIP)


@pytest.mark.parametrize("mishap", LOST)
@pytest.mark.parametrize(("method", "error"), [("GET", Transient), ("POST", Unsure)])
def test_a_lost_answer_is_told_and_nothing_is_asked_again(site, mishap, method, error):
    site.faults.plan(Fault(mishap=mishap, on="any"))
    options = {"limits": Limits(total_s=0.3)}
    with pytest.raises(error) as caught:
        ask(site, method, "/micropub", headers={"Authorization": SECRET}, options=options)
    assert len(site.asked()) == 1
    assert SECRET not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_an_answer_that_is_too_long_is_lost(site):
    site.post(content="x" * 3000)
    with pytest.raises(Transient):
        ask(site, path="/posts/0", options={"limits": Limits(wire_bytes=1000)})


def test_where_nobody_listens_nothing_has_left():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Transient):
        exchange(Call(method="POST", url=f"http://127.0.0.1:{port}/"), allow_hosts=["127.0.0.1"])


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://2130706433:{port}/", "ftp://127.0.0.1/", "http://"]
)
def test_what_is_inside_or_no_address_is_refused(site, url):
    with pytest.raises(Refused):
        exchange(Call(method="POST", url=url.format(port=site.port)))
    assert site.asked() == []


def test_a_name_that_leads_inside_is_refused(site):
    def lookup(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", site.port))]

    call = Call(method="POST", url=f"http://evil.example:{site.port}/")
    with pytest.raises(Refused, match="private network"):
        exchange(call, limits=Limits(ports=(site.port,)), lookup=lookup)
    assert site.asked() == []


def test_a_secret_leaves_under_tls_only():
    call = Call(url="http://blog.example/", headers={"Authorization": SECRET})
    with pytest.raises(Refused, match="https only"):
        exchange(call)
    assert SECRET not in repr(call)


READ = Call(url="https://blog.example/a?token=x")
WRITE = Call(url="https://blog.example/a", method="POST", headers={"Authorization": SECRET})


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (200, Transient, Unsure),
        (302, Refused, Refused),
        (400, Refused, Refused),
        (401, Refused, Barred),
        (403, Refused, Barred),
        (404, Gone, Gone),
        (408, Transient, Unsure),
        (409, Transient, Unsure),
        (410, Gone, Gone),
        (422, Refused, Refused),
        (425, Transient, Unsure),
        (429, RateLimited, RateLimited),
        (500, Transient, Unsure),
        (503, Transient, Unsure),
    ],
)
def test_what_a_status_amounts_to(status, read, write):
    for call, error in ((READ, read), (WRITE, write)):
        found: NetworkError = refusal(
            Reply(url=call.url, status=status, headers={}, body=b""), call
        )
        assert type(found) is error
        assert "token" not in str(found)


@pytest.mark.parametrize(("told", "pause_s"), [({}, 300), ({"retry-after": "7"}, 7)])
def test_a_pause_is_as_long_as_asked_for(told, pause_s):
    error = refusal(Reply(url=READ.url, status=429, headers=told, body=b""), READ)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == pause_s


def test_repeated_headers_are_joined_and_a_page_is_no_json(site):
    reply = ask(site)
    assert reply.headers["link"].count("rel=") == 3
    with pytest.raises(ValueError, match="Expecting"):
        reply.json()


def test_links_come_from_headers_first_and_keep_their_kind():
    body = b'<link rel="ALTERNATE x" type="Text/A" href="c"><a rel=me href="/d">d</a>'
    told = {
        "content-type": "text/html",
        "link": '</e>; rel="f g"; type="h/i", <j>; title=k, <http://[>; rel=l',
    }
    page = Answer(url="https://blog.example/a/b", status=200, headers=told, body=body)
    assert [(each.url, sorted(each.rels), each.type) for each in links(page)] == [
        ("https://blog.example/e", ["f", "g"], "h/i"),
        ("https://blog.example/a/c", ["alternate", "x"], "text/a"),
        ("https://blog.example/d", ["me"], ""),
    ]
