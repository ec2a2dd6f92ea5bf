"""P5: a feed from its bytes to posts that are told apart, beside feedparser and expat."""

import io
from collections.abc import Iterator, Sequence
from typing import Any
from xml.parsers import expat

import feedparser

from bench.documents import documents
from bench.table import Row, cpu_s
from netbot.feedparse import Document, Parser

SEED, COUNT = 2031, 120
TARGET = 50.0
PLACE = "https://host.example/feed.xml"

_Bodies = Sequence[bytes]


def measure() -> Iterator[Row]:
    """All documents, and those that take the fast path."""
    made = list(documents(SEED, COUNT))
    bodies = [body for _, body in made]
    read = _read(bodies)
    fast = [body for body, document in zip(bodies, read, strict=True) if document.fast]
    lost = sum(_lost(body, document) for body, document in zip(bodies, read, strict=True))
    facts = f"{sum(map(len, bodies)) / 1e6:.0f} MB, {sum(len(d.entries) for d in read)} entries"
    yield from _beside(f"P5 parse {COUNT} feeds, {facts}, {lost} lost", bodies, TARGET)
    yield from _beside(f"P5 the {len(fast)} of them on the fast path", fast, None)


def _beside(quantity: str, bodies: _Bodies, target: float | None) -> Iterator[Row]:
    size = sum(map(len, bodies)) / 1e6
    # A child starts once a day and not for every hundred feeds.
    start = cpu_s(lambda: _read(bodies[:1]))
    ours = cpu_s(lambda: _read(bodies)) - start
    peers = {
        "feedparser": cpu_s(lambda: _feedparser(bodies), rounds=2),
        "feedparser, bare": cpu_s(
            lambda: _feedparser(bodies, sanitize_html=False, resolve_relative_uris=False), rounds=2
        ),
        "expat (floor)": cpu_s(lambda: _expat(bodies)),
    }
    for name, theirs in peers.items():
        yield Row(
            quantity=quantity,
            netbot=f"{size / ours:.1f} MB/s",
            beside=f"{name} {size / theirs:.1f} MB/s",
            value=theirs / ours,
            unit="x",
            target=target if name == "feedparser" else None,
            at_least=True,
        )


def _read(bodies: _Bodies) -> list[Document]:
    """As the worker does: through the pipe of the parse child and back."""
    with Parser(deadline_s=60) as parser:
        return [parser.parse(body, content_type="application/xml", url=PLACE) for body in bodies]


def _feedparser(bodies: _Bodies, **options: bool) -> list[Any]:
    headers = {"content-type": "application/xml"}
    return [
        feedparser.parse(io.BytesIO(body), response_headers=headers, **options) for body in bodies
    ]


def _expat(bodies: _Bodies) -> None:
    for body in bodies:
        try:
            expat.ParserCreate().Parse(body, True)
        except expat.ExpatError:
            continue


def _lost(body: bytes, document: Document) -> int:
    """Entries that feedparser tells apart and we have not."""
    [feed] = _feedparser([body])
    names = ("id", "link", "title", "published", "updated")
    known = {tuple(str(entry.get(name, "")) for name in names) for entry in feed["entries"]}
    return max(0, len(known - {("",) * len(names)}) - len(document.entries))
