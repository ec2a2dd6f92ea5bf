"""Which parser reads a document must make no difference to what netbot knows of its posts.

The documents of ``parity/seen`` helped to build the gate of the fast path; those of
``parity/unseen`` were written when it stood, to try it.
"""

import io
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest

from netbot.feedparse import Entry
from netbot.feedparse.fast import read_fast
from netbot.feedparse.identity import identities
from netbot.feedparse.raw import RawFeed, finish
from netbot.feedparse.read import as_utf8, read_document
from netbot.feedparse.tolerant import read_tolerant
from tests.mutations import mutants

PARITY = Path(__file__).parent / "parity"
PLACE = "https://host.example/dir/feed.xml"
KINDS = ("seen", "unseen")


def documents(kind: str) -> list[tuple[str, str]]:
    files = sorted((PARITY / kind).iterdir())
    return [(file.name, file.read_text(encoding="utf-8")) for file in files]


def finished(feed: RawFeed | None) -> list[Entry]:
    if feed is None:
        return []
    # The language of a feed may differ in broken heads; that of an entry is its own.
    own = replace(feed, language=None)
    return identities([finish(raw, own, PLACE) for raw in feed.entries])


def let_through(kind: str, seed: int) -> Iterator[tuple[str, bytes, RawFeed]]:
    """Broken documents that the fast path trusts itself with."""
    for name, body in mutants(documents(kind), seed, 1_000_000):
        data = as_utf8(body, "")
        feed = read_fast(data)
        if feed is not None:
            yield name, data, feed


@pytest.mark.parametrize("name", [name for kind in KINDS for name, _ in documents(kind)])
def test_whole_documents_are_read_alike(name: str) -> None:
    text = next(text for kind in KINDS for found, text in documents(kind) if found == name)
    data = as_utf8(text.encode(), "")
    fast, tolerant = read_fast(data), read_tolerant(data)
    assert tolerant is not None
    assert len(finished(tolerant)) >= 1
    if fast is not None:
        assert finished(fast) == finished(tolerant)
        assert (fast.title, fast.language, fast.wish_s) == (
            tolerant.title,
            tolerant.language,
            tolerant.wish_s,
        )


@pytest.mark.parametrize(("kind", "seed"), [("unseen", 2027), ("seen", 2028)])
def test_broken_documents_lose_no_entry_and_no_key(kind: str, seed: int, soak: int) -> None:
    count = 300 * soak if kind == "unseen" else 100 * soak
    entries = 0
    for name, data, feed in itertools.islice(let_through(kind, seed), count):
        fast, tolerant = finished(feed), finished(read_tolerant(data))
        assert [(e.keys, e.url, e.title) for e in fast] == [
            (e.keys, e.url, e.title) for e in tolerant
        ], name
        entries += len(tolerant)
    assert entries > count


def test_nothing_that_feedparser_finds_is_lost_on_the_way(soak: int) -> None:
    found = 0
    for name, body in mutants(documents("unseen"), 2029, 300 * soak):
        try:
            headers = {"content-type": "application/xml"}
            truth = feedparser.parse(io.BytesIO(body), response_headers=headers)
        except (KeyError, TypeError, UnicodeError, ValueError):
            continue  # feedparser has faults of its own
        expected = {str(entry.get("title", "")).strip() for entry in truth["entries"]}
        document = read_document(body, "application/xml", PLACE)
        assert len(document.entries) >= len(expected - {""}), name
        found += len(document.entries)
    assert found > 300


def test_most_feeds_take_the_fast_path() -> None:
    taken = [read_document(text.encode(), "", PLACE).fast for _, text in documents("unseen")]
    assert sum(taken) >= len(taken) - 2
