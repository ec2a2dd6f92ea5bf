"""HTML and addresses of strangers into plain text and plain addresses."""

import html
import re
import unicodedata
from urllib.parse import urljoin, urlsplit

from netbot.feedparse import orderly
from netbot.feedparse.letters import beyond_ascii

LONGEST_TEXT = 256 * 1024
LONGEST_LINE = 1000  # titles, names, tags
LONGEST_URL = 2048
DEEPEST = 200

_PARAGRAPHS = frozenset(
    (
        "blockquote",
        "dl",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ol",
        "p",
        "pre",
        "table",
        "ul",
    )
)
_LINES = frozenset(("article", "br", "dd", "div", "dt", "figcaption", "hr", "li", "section", "tr"))
# Marks that may stay open, or never hold anything: they do not nest.
_FLAT = "area|br|col|dd|dt|hr|img|input|li|link|meta|option|p|source|td|th|tr|wbr"

# Text that stays as it is: ASCII but "&" and "<", and letters that no encoding mistakes for two.
_PLAIN = re.compile(r"[!-%'-;=-~À-ÿ]++(?: [!-%'-;=-~À-ÿ]++)*+")
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_NESTING = re.compile(rf"<(/?)(?!(?:{_FLAT})\b)[a-zA-Z]", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>?")
# Only for what the cleaner wrote: there, every mark is of these two kinds and bare.
_PARAGRAPH_TAG = re.compile(rf"<br> ?<br>|</?(?:{'|'.join(sorted(_PARAGRAPHS))})>")
_LINE_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_LINES))})>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# C0 and C1 but tab and line feed, and halves of surrogate pairs.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Windows' own characters where ISO 8859-1 has none; the other line ends of Unicode.
_UNDEFINED = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
_MEANT = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in _UNDEFINED
} | {0x2028: "\n", 0x2029: "\n"}
# How a text begins whose UTF-8 was taken for ISO 8859-1 or windows-1252.
_TWICE = re.compile(
    r"[\x00-\x7f]*+[Â-ô][\x80-\xbf"
    + re.escape(bytes(set(range(0x80, 0xA0)) - _UNDEFINED).decode("cp1252"))
    + "]"
)
_BLANK_LINES = re.compile(r"\n{3,}")
_EUROPEAN = re.compile(
    "[\x00-\u024f\u0300-\u036f\u0370-\u052f\u1e00-\u1fff\u2000-\u2bff\ufe0f\ufeff\U0001f000-\U0001faff]*"
)
# Nothing to escape, to resolve or to decode, and a host of ordinary names.
_PLAIN_ADDRESS = re.compile(
    r"https?://[a-z0-9-]{1,63}+(?:\.[a-z0-9-]{1,63}+){1,5}+"
    r"(?:(?=/)(?:/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*+)*+/?(?:\?[A-Za-z0-9_]++=[A-Za-z0-9_.-]++)?)?"
)
_URL_NOISE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TRAILER = re.compile(
    r"\n+(?:The post|Der Beitrag) [^\n]{1,300}"
    r" (?:appeared first on|first appeared on|erschien zuerst auf) [^\n]{1,200}\Z"
)
# Flags for either case would make these four times as slow.
_LINK = re.compile(r"<[aA]\s[^<>]*\b[hH][rR][eE][fF]\b")
_MEDIUM = re.compile(
    r"<(?:[iI][mM][gG]|[vV][iI][dD][eE][oO]|[aA][uU][dD][iI][oO]|[iI][fF][rR][aA][mM][eE]"
    r"|[eE][mM][bB][eE][dD]|[oO][bB][jJ][eE][cC][tT])\b"
)


def to_text(source: str) -> str:
    """Readable plain text of HTML, or of text that is plain already; paragraphs stay apart."""
    source = source[:LONGEST_TEXT]
    if not source or _PLAIN.fullmatch(source):
        return source
    source = _mended(source)
    marked = orderly.breaks(source) if _MARKUP.search(source) else None
    return _finished(_loosened(source) if marked is None else _unescaped(_joined(marked)))


def _mended(source: str) -> str:
    source = _decoded_once(source)
    if not _MEANT.keys().isdisjoint(map(ord, beyond_ascii(source))):
        source = source.translate(_MEANT)
    return source


def _finished(text: str) -> str:
    if "The post" in text or "Der Beitrag" in text:
        text = _TRAILER.sub("", text)
    return unicodedata.normalize("NFC", text)[:LONGEST_TEXT]


def _loosened(source: str) -> str:
    """The same as ``_unescaped`` of whatever a stranger sent."""
    if _MARKUP.search(source):
        source = _without_markup(source)
    text = _CONTROL.sub("", html.unescape(source).replace("\r\n", "\n").replace("\r", "\n"))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _unescaped(text: str) -> str:
    """Entities of orderly text as what they stand for, and no space where none should be."""
    pieces = [piece.strip(" ") for piece in html.unescape(text).split("\xa0")]
    if all(piece and piece[0] != "\n" != piece[-1] for piece in pieces):
        return " ".join(pieces)
    lines = (" ".join(line.split()) for line in "\xa0".join(pieces).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _decoded_once(text: str) -> str:
    """The text as it was before somebody took its UTF-8 for an 8-bit encoding.

    Mended only where that is certain: every character fits, and the outcome is in an alphabet
    of Europe, punctuation or emoji. A text with one right umlaut beside "Ã¼" means what it says.
    """
    while _TWICE.match(text):
        once = _as_utf8(text, "latin-1") or _as_utf8(text, "cp1252")
        if once is None or not _EUROPEAN.fullmatch(once):
            break
        text = once
    return text


def _as_utf8(text: str, encoding: str) -> str | None:
    try:
        return text.encode(encoding).decode()
    except UnicodeError:
        return None


def to_line(source: str) -> str:
    """One line of plain text, for titles and names; undoes escaping that was done twice."""
    line = to_text(source[: LONGEST_LINE * 8])
    if "&" in line and _ENTITY.search(line):
        line = to_text(line)
    return " ".join(line.split())[:LONGEST_LINE]


def _without_markup(source: str) -> str:
    """Turn marks into line breaks or nothing; entities stay as they are."""
    import nh3

    if _is_too_deep(source):
        return _ANY_TAG.sub("\n", source)
    clean = nh3.clean(source, tags=_PARAGRAPHS | _LINES, attributes={})
    return _joined(_LINE_TAG.sub("\n", _PARAGRAPH_TAG.sub("\f", " ".join(clean.split()))))


def _joined(marked: str) -> str:
    """Paragraphs and their lines, which form feeds and line feeds mark, without empty ones."""
    return "\n\n".join(filter(None, map(_lines, marked.split("\f"))))


def _lines(paragraph: str) -> str:
    return "\n".join(filter(None, map(str.strip, paragraph.split("\n"))))


def _is_too_deep(source: str) -> bool:
    """Whether marks nest deeper than any honest page; the cleaner's time grows with the square."""
    if source.count("<") <= DEEPEST:
        return False
    depth = 0
    for mark in _NESTING.finditer(source):
        depth = max(0, depth - 1) if mark[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False


def count_links(source: str) -> int:
    """How many links HTML holds."""
    return len(_LINK.findall(source[:LONGEST_TEXT]))


def count_media(source: str) -> int:
    """How many images, sounds and films HTML holds."""
    return len(_MEDIUM.findall(source[:LONGEST_TEXT]))


def is_plain_address(address: str) -> bool:
    """Whether this is an absolute http(s) address that is written as every browser would."""
    return len(address) <= LONGEST_URL and _PLAIN_ADDRESS.fullmatch(address) is not None


def absolute(address: str, base: str) -> str:
    """The absolute http(s) address, safe to open; "" when it is none."""
    return address if is_plain_address(address) else _absolute(address, base)


def _absolute(address: str, base: str) -> str:
    from w3lib.url import safe_url_string

    address = _URL_NOISE.sub("", address).strip().replace("&amp;", "&")
    if not address or len(address) > LONGEST_URL:
        return ""
    try:
        url: str = safe_url_string(urljoin(base, address))
        parts = urlsplit(url)
    except ValueError:
        return ""
    usable = parts.scheme in ("http", "https") and parts.hostname and len(url) <= LONGEST_URL
    return url if usable else ""
