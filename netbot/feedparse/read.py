"""Decides what a document is, and reads it: feed, JSON feed, or page that points to feeds."""

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
_UNMARKED_UTF16 = {b"\x00<": "utf-16-be", b"<\x00": "utf-16-le"}
_GOOD_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\ufffd]")
# Feeds may have a server's chatter before them, but not a book.
_HEAD_BYTES = 64 * 1024


def read_document(body: bytes, content_type: str, url: str) -> Document:
    """Read whatever was found at ``url``; a document that is no feed is taken for a page."""
    data = as_utf8(body, content_type)
    if data.lstrip()[:1] == b"{":
        return _read_json(data, url)
    if _PAGE_START.match(data[:_HEAD_BYTES]) or not _FEED_MARK.search(data[:_HEAD_BYTES]):
        return read_page(data.decode("utf-8", "replace"), url)
    fast = read_fast(data)
    feed = fast or read_tolerant(data)
    if feed is None:
        return read_page(data.decode("utf-8", "replace"), url)
    hours, days = read_quiet(data)
    document = _document(feed, url, fast=fast is not None)
    return replace(document, quiet_hours=hours, quiet_days=days)


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
    # A zero byte means UTF-16 without a mark, an escape one of the old Japanese encodings.
    if b"\x00" in body[:4] or b"\x1b" in body:
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decode(body: bytes, content_type: str) -> str:
    from w3lib.encoding import html_to_unicode

    unmarked = _UNMARKED_UTF16.get(body[:2])
    if unmarked:
        return body.decode(unmarked, "replace")
    damaged = body.decode("utf-8", "replace")
    if damaged.count("\ufffd") < len(_GOOD_BEYOND_ASCII.findall(damaged)):
        return damaged
    encoding, text = html_to_unicode(content_type or None, body, default_encoding="cp1252")
    # Of all wrong declarations this is the most frequent.
    return body.decode("cp1252", "replace") if encoding == "utf-8" else text
