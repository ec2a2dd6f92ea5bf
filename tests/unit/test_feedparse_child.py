"""The parse child: the pipe, its limits, and what it survives."""

import io
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from netbot.feedparse import Document, FeedLink, Parser
from netbot.feedparse.__main__ import serve
from netbot.feedparse.parser import ANSWER, REQUEST
from netbot.feedparse.read import read_document
from netbot.model import Refused

FEEDS = Path(__file__).parent / "feeds"
PLACE = "https://host.example/dir/feed.xml"


def read(name: str) -> Document:
    return read_document((FEEDS / name).read_bytes(), "", PLACE)


def rss(items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def item(**fields: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<item>{inner}</item>"


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as parser:
        yield parser


def test_the_child_reads_what_the_reader_reads(parser: Parser) -> None:
    body = (FEEDS / "wordpress.xml").read_bytes()
    assert parser.parse(body, content_type="", url=PLACE) == read("wordpress.xml")


def test_the_pipe_carries_every_character() -> None:
    document = Document(is_feed=True, title='"\n\u2028🎉\ud800', links=(FeedLink(url="u"),))
    assert Document.from_json(document.to_json()).title == '"\n\u2028🎉?'


def test_requests_are_served_until_the_input_ends() -> None:
    facts = json.dumps({"kind": "document", "content_type": "", "url": PLACE}).encode()
    body = (FEEDS / "hugo.xml").read_bytes()
    question = REQUEST.pack(len(facts), len(body)) + facts + body
    answers = io.BytesIO()
    serve(io.BytesIO(question * 2), answers, 600)
    size, _ = ANSWER.unpack(answers.getvalue()[: ANSWER.size])
    assert len(answers.getvalue()) == 2 * (ANSWER.size + size)
    assert Document.from_json(answers.getvalue()[ANSWER.size :][:size]) == read("hugo.xml")


def test_the_child_has_no_surroundings(parser: Parser) -> None:
    parser.parse(b"", content_type="", url=PLACE)
    assert parser._child is not None
    process = Path(f"/proc/{parser._child.pid}")
    names = {pair.partition(b"=")[0] for pair in (process / "environ").read_bytes().split(b"\0")}
    assert names <= {b"PYTHONPATH", b"PYTHONUTF8", b""}
    assert (process / "cwd").readlink() == Path("/")


def test_a_child_killed_between_documents_is_replaced(parser: Parser) -> None:
    parser.parse(b"", content_type="", url=PLACE)
    assert parser._child is not None
    os.kill(parser._child.pid, signal.SIGKILL)
    parser._child.wait()
    crashes = parser.crashes
    assert parser.parse(rss(item(title="a")), content_type="", url=PLACE).is_feed
    assert parser.crashes == crashes


def test_a_child_killed_over_a_document_costs_only_that_document() -> None:
    # A stopped child takes the document and never answers: then the deadline kills it.
    with Parser(deadline_s=0.2) as parser:
        with parser._lock:
            os.kill(parser._living_child().pid, signal.SIGSTOP)
        with pytest.raises(Refused, match="cannot be read"):
            parser.parse(b"x" * 1_000_000, content_type="", url=PLACE)
        parser._deadline_s = 60
        assert parser.parse(rss(item(title="a")), content_type="", url=PLACE).is_feed
        assert parser.crashes == 1


def test_a_document_may_not_take_all_memory(parser: Parser) -> None:
    with Parser(memory_bytes=100 * 1024**2) as small:
        with pytest.raises(Refused):
            small.parse(b"<rss><item>" + b"<a>" * 3_000_000, content_type="", url=PLACE)
        assert small.parse(rss(item(title="a")), content_type="", url=PLACE).is_feed


def test_a_document_may_not_take_all_the_time() -> None:
    tags = "</category><category>".join(map(str, range(50_000)))
    with Parser(cpu_s=1) as hasty:
        with pytest.raises(Refused):
            hasty.parse(rss(item(category=tags)), content_type="", url=PLACE)
        assert hasty.parse(rss(item(title="a")), content_type="", url=PLACE).is_feed


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE rss [<!ENTITY l0 "ha">' + LAUGHS + b"]>" + rss(item(title="&l9;")),
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item(title="&x;")),
        b"<rss>" + b"<a>" * 30_000 + rss(item(title="a")),
        rss(item(title="a", description="&lt;div&gt;" * 100_000)),
        rss(item(title="a", description="<![CDATA[" + "<!--" * 100_000 + "]]>")),
        rss(item(title="&#xd800;&#x0;")),
        b"<!doctype html>" + b"<!--" * 4_000,
        b"<!-- a -->" * 6_000 + b"<rss",
        bytes(range(256)) * 400,
    ],
)
def test_hostile_documents_end_and_reveal_nothing(parser: Parser, body: bytes) -> None:
    try:
        document = parser.parse(body, content_type="text/xml", url=PLACE)
    except Refused:
        return
    assert "root:" not in str(document)
    assert len(document.to_json()) < 2 * 1024**2
