"""Decides what a document is, and reads it: feed, JSON feed, or page that points to feeds."""

import codecs
import itertools
import json
import re
from dataclasses import replace
from typing import Any

from netbot.feedparse.document import Document
from netbot.feedparse.fast import read_fast
from netbot.feedparse.identity import identities
from netbot.feedparse.jsonfeed import is_json_feed, read_json_feed
from netbot.feedparse.page import read_page
from netbot.feedparse.quiet import read_quiet
from netbot.feedparse.raw import MOST_ENTRIES, RawFeed, finish
from netbot.feedparse.tolerant import read_tolerant

_UTF8_BOM = b"\xef\xbb\xbf"
_XML_DECLARATION = re.compile(rb"\A\s*<\?xml\s[^>]{0,200}\?>")
_FEED_MARK = re.compile(rb"<(?:\w{1,20}:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_PAGE_START = re.compile(
    rb"\A\s*(?:<!--(?:[^-]|-(?!->))*-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE
)
# A flag for either case would make this five times as slow.
_ENTRY_START = re.compile(rb"<(?:\w{1,20}:)?(?:[iI][tT][eE][mM]|[eE][nN][tT][rR][yY])[\s>/]")
_ROOT = re.compile(rb"<(rss|feed|rdf:RDF)[\s>]")
_CLOSING = {b"rss": b"</channel></rss>", b"feed": b"</feed>", b"rdf:RDF": b"</rdf:RDF>"}
# How a document begins when its characters take more than a byte and no mark says so.
_WIDE = (
    (re.compile(rb"\x00\x00\x00[<{]"), "utf-32-be"),
    (re.compile(rb"[<{]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00[<{]\x00[^\x00]"), "utf-16-be"),
    (re.compile(rb"[<{]\x00[^\x00]\x00"), "utf-16-le"),
)
_BEYOND_ASCII = bytes(range(128, 256))
_CHUNK_BYTES = 1024**2  # decoded at once when only the outcome matters
# Feeds may have a server's chatter before them, but not a book.
_HEAD_BYTES = 64 * 1024


def read_document(body: bytes, content_type: str, url: str) -> Document:
    """Read whatever was found at ``url``; a document that is no feed is taken for a page."""
    data = as_utf8(body, content_type)
    if data.lstrip()[:1] == b"{":
        return _read_json(data, url)
    if not _FEED_MARK.search(data[:_HEAD_BYTES]):
        return read_page(data.decode("utf-8", "replace"), url)
    is_page = _PAGE_START.match(data[:_HEAD_BYTES]) is not None
    if is_page and not _ROOT.search(data, 0, _HEAD_BYTES):
        return read_page(data.decode("utf-8", "replace"), url)
    data = _without_surplus(data)
    fast = read_fast(data)
    feed = fast or read_tolerant(data)
    # Some servers put the start of a page in front of a feed; some pages show pieces of one.
    if feed is None or (is_page and not feed.entries):
        return read_page(data.decode("utf-8", "replace"), url)
    hours, days = read_quiet(data)
    document = _document(feed, url, fast=fast is not None)
    return replace(document, quiet_hours=hours, quiet_days=days)


def _without_surplus(data: bytes) -> bytes:
    """As many entries as are read at most; a catalogue of everything ever said costs too much."""
    surplus = next(itertools.islice(_ENTRY_START.finditer(data), MOST_ENTRIES, None), None)
    if surplus is None:
        return data
    root = _ROOT.search(data, 0, _HEAD_BYTES)
    return data[: surplus.start()] + (_CLOSING[root[1]] if root else b"")


def _read_json(data: bytes, url: str) -> Document:
    try:
        values: Any = json.loads(data)
    except (ValueError, RecursionError):
        return Document(is_feed=False)
    if not is_json_feed(values):
        return Document(is_feed=False)
    return _document(read_json_feed(values), url, fast=False)


def _document(feed: RawFeed, url: str, *, fast: bool) -> Document:
    entries = [finish(entry, feed, url) for entry in feed.entries[:MOST_ENTRIES]]
    return Document(
        is_feed=True,
        title=feed.title,
        language=feed.language,
        wish_s=feed.wish_s,
        entries=tuple(identities(entries)),
        fast=fast,
    )


def as_utf8(body: bytes, content_type: str) -> bytes:
    """The document as UTF-8 without byte order mark and XML declaration.

    What is UTF-8, but for a few broken bytes, is taken for it whatever anybody declares: other
    encodings hardly ever look like it by chance. Otherwise byte order mark, HTTP, and the
    document itself are believed in this order, and windows-1252 comes last.
    """
    data = body if _is_utf8(body) else _decode(body, content_type).encode("utf-8", "replace")
    return _XML_DECLARATION.sub(b"", data.removeprefix(_UTF8_BOM), count=1)


def _is_utf8(body: bytes) -> bool:
    # An escape means one of the old Japanese encodings.
    if _wide(body) or b"\x1b" in body:
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), _CHUNK_BYTES):
            decoder.decode(body[start : start + _CHUNK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _wide(body: bytes) -> str | None:
    return next((encoding for start, encoding in _WIDE if start.match(body)), None)


def _decode(body: bytes, content_type: str) -> str:
    from w3lib.encoding import html_to_unicode

    if wide := _wide(body):
        return body.decode(wide, "replace")
    damaged = body.decode("utf-8", "replace")
    broken = damaged.count("\ufffd")
    if broken < len(damaged) - len(body.translate(None, _BEYOND_ASCII)) - broken:
        return damaged
    try:
        encoding, text = html_to_unicode(content_type or None, body, default_encoding="cp1252")
    except (LookupError, UnicodeError):  # "base64" and the like are no encodings of text
        return body.decode("cp1252", "replace")
    # The most frequent of all wrong declarations; and nobody writes UTF-16 without any zero.
    is_wrong = encoding == "utf-8" or (encoding[:6] in ("utf-16", "utf-32") and b"\0" not in body)
    return body.decode("cp1252", "replace") if is_wrong else text
