"""HTML and addresses of strangers into plain text and plain addresses."""

import html
import re
import unicodedata
from urllib.parse import urljoin, urlsplit

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
_MEANT = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
} | {0x2028: "\n", 0x2029: "\n"}
_MISTAKEN = re.compile("[\x80-\x9f\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")
_EUROPEAN = re.compile(
    "[\x00-\u024f\u0300-\u036f\u0370-\u052f\u1e00-\u1fff\u2000-\u2bff\ufe0f\ufeff\U0001f000-\U0001faff]*"
)
_URL_NOISE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TRAILER = re.compile(
    r"\n+(?:The post|Der Beitrag) [^\n]{1,300}"
    r" (?:appeared first on|first appeared on|erschien zuerst auf) [^\n]{1,200}\Z"
)
_LINK = re.compile(r"<a\s[^<>]*\bhref\b", re.IGNORECASE)
_MEDIUM = re.compile(r"<(?:img|video|audio|iframe|embed|object)\b", re.IGNORECASE)


def to_text(source: str) -> str:
    """Readable plain text of HTML, or of text that is plain already; paragraphs stay apart."""
    source = _decoded_once(source[:LONGEST_TEXT])
    if _MISTAKEN.search(source):
        source = source.translate(_MEANT)
    if _MARKUP.search(source):
        source = _without_markup(source)
    text = _CONTROL.sub("", html.unescape(source).replace("\r\n", "\n").replace("\r", "\n"))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    text = _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
    return unicodedata.normalize("NFC", _TRAILER.sub("", text))[:LONGEST_TEXT]


def _decoded_once(text: str) -> str:
    """The text as it was before somebody took its UTF-8 for an 8-bit encoding.

    Mended only where that is certain: every character fits, and the outcome is in an alphabet
    of Europe, punctuation or emoji. A text with one right umlaut beside "Ã¼" means what it says.
    """
    while not text.isascii():
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
    if _ENTITY.search(line):
        line = to_text(line)
    return " ".join(line.split())[:LONGEST_LINE]


def _without_markup(source: str) -> str:
    """Turn marks into line breaks or nothing; entities stay as they are."""
    import nh3

    if _is_too_deep(source):
        return _ANY_TAG.sub("\n", source)
    clean = nh3.clean(source, tags=_PARAGRAPHS | _LINES, attributes={})
    marked = _PARAGRAPH_TAG.sub("\f", " ".join(clean.split()))
    paragraphs = (_lines(part) for part in _LINE_TAG.sub("\n", marked).split("\f"))
    return "\n\n".join(filter(None, paragraphs))


def _lines(paragraph: str) -> str:
    return "\n".join(filter(None, (line.strip() for line in paragraph.split("\n"))))


def _is_too_deep(source: str) -> bool:
    """Whether marks nest deeper than any honest page; the cleaner's time grows with the square."""
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


def absolute(address: str, base: str) -> str:
    """The absolute http(s) address, safe to open; "" when it is none."""
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
