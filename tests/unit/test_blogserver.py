"""The stand-in blog host itself, asked by the standard library's client."""

import gzip
from http.client import HTTPConnection, HTTPException, HTTPResponse

import pytest

from netbot.demo.blogserver import BlogServer


def ask(
    blog: BlogServer, path: str, method: str = "GET", **headers: str
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", blog.port, timeout=10)
    try:
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=spelled)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_it_serves_what_it_was_given() -> None:
    with BlogServer() as blog:
        blog.put("/feed.xml", b"<rss/>", content_type="text/xml", headers={"X-Extra": "1"})
        response, body = ask(blog, "/feed.xml?page=1")
        assert (response.status, body) == (200, b"<rss/>")
        assert response.headers["Content-Type"] == "text/xml"
        assert response.headers["X-Extra"] == "1"
        assert blog.url("/feed.xml") == f"http://127.0.0.1:{blog.port}/feed.xml"
        assert ask(blog, "/other")[0].status == 404
        assert ask(blog, "/feed.xml", "HEAD")[1] == b""


def test_it_knows_what_has_not_changed() -> None:
    with BlogServer() as blog:
        blog.put("/a", b"one")
        first, _ = ask(blog, "/a")
        tag, date = first.headers["ETag"], first.headers["Last-Modified"]
        assert ask(blog, "/a", If_None_Match=tag)[0].status == 304
        assert ask(blog, "/a", If_Modified_Since=date)[0].status == 304
        assert ask(blog, "/a", If_None_Match='"other"', If_Modified_Since=date)[0].status == 200
        blog.put("/a", b"two")
        assert ask(blog, "/a", If_None_Match=tag)[1] == b"two"


def test_its_switches() -> None:
    with BlogServer() as blog:
        blog.put("/bare", b"x", validators=False)
        blog.put("/packed", b"x" * 999, gzip=True)
        blog.put("/gone", status=410)
        blog.put("/drop", drop=True)
        assert ask(blog, "/bare")[0].headers["ETag"] is None
        assert gzip.decompress(ask(blog, "/packed")[1]) == b"x" * 999
        assert ask(blog, "/gone")[0].status == 410
        with pytest.raises((HTTPException, ConnectionError)):
            ask(blog, "/drop")
        blog.remove("/gone")
        assert ask(blog, "/gone")[0].status == 404


def test_it_remembers_who_asked() -> None:
    with BlogServer() as blog:
        blog.put("/drop", drop=True)
        ask(blog, "/a?b=c", "HEAD", X_Name="me")
        with pytest.raises((HTTPException, ConnectionError)):
            ask(blog, "/drop")
        first, second = blog.requests
        assert (first.method, first.path, first.status) == ("HEAD", "/a?b=c", 404)
        assert first.headers["x-name"] == "me"
        assert second.status == 0


def test_it_comes_back_on_its_port_with_its_pages() -> None:
    blog = BlogServer()
    blog.stop()
    with blog:
        port = blog.port
        blog.put("/a", b"still here")
    with pytest.raises(ConnectionError):
        ask(blog, "/a")
    with blog:
        assert blog.port == port
        assert ask(blog, "/a")[1] == b"still here"
    with BlogServer(port) as another:
        assert another.port == port
