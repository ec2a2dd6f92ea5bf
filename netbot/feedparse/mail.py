"""Mails of strangers into letters: what they say, who sent them, and where they lead.

Nothing that a mail points to is ever asked for: images, links and style sheets stay where they
are.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice

from netbot.feedparse.document import Entry, Letter, MailLink
from netbot.feedparse.identity import identities
from netbot.feedparse.markedup import Anchor, read_markup
from netbot.feedparse.plain import LONGEST_LINE, absolute, to_line, to_text
from netbot.feedparse.tracking import is_detour, without_reader

_MOST_PARTS = 100
_MOST_LINKS = 200
_LONGEST_WORDS = 2000
_DOWNLOADED = "attachment"
_PREFIX = re.compile(r"(?:\s*(?:fwd?|wg|re|aw)\s*:|\s*\[[^\[\]]{1,40}\])+\s*", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:neu(?:er beitrag)? (?:im|auf dem|in unserem) blog|neuer beitrag|neuer artikel|new post"
    r"|new on (?:the|our) blog|newsletter)\s*(?:[^\w\s]|\s[–-])\s*",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s<>\"']{4,2000}", re.IGNORECASE)
_ONLINE = re.compile(
    r"im (?:web)?browser|browser-?(?:ansicht|version)|online-?(?:ansicht|version|ausgabe)"
    r"|web-?(?:ansicht|version)|webview|(?:view|read|open)\b.{0,30}\b(?:online|browser|web)"
    r"|online (?:lesen|ansehen|anzeigen|öffnen)"
    r"|nicht richtig (?:angezeigt|dargestellt)|darstellungsprobleme",
    re.IGNORECASE,
)
_LEAVE = re.compile(
    r"abmelde|abbestell|austragen|unsubscri|opt-?out|einstellungen (?:ändern|verwalten)|preferences"
    r"|profil (?:ändern|aktualisieren)|update your profile|weiterempfehlen|forward to a friend",
    re.IGNORECASE,
)
_READ_ON = re.compile(
    r"weiter ?lesen|(?:jetzt|mehr|artikel|beitrag) lesen|mehr erfahren|zum (?:artikel|beitrag|blog)"
    r"|read (?:more|on|the)|continue reading|lesen sie|hier lesen|»",
    re.IGNORECASE,
)


def open_letter(body: bytes) -> Letter:
    """Read a mail; whatever is broken in it is left out."""
    mail = message_from_bytes(body)
    plain, markup = _bodies(mail)
    text, anchors, headline, language = _read(plain, markup)
    title = _title(_header(mail, "Subject")) or headline
    date = _date(_header(mail, "Date"))
    url = _place(anchors, _header(mail, "Archived-At").strip().strip("<>"))
    told = without_reader(url)
    entry = Entry(
        guid=_header(mail, "Message-ID").strip().strip("<>"),
        url="" if is_detour(told) else told,
        title=title,
        text=text,
        author=_sender(mail)[0],
        language=language,
        published=date.isoformat(timespec="seconds") if date else None,
        links=len(anchors),
    )
    [named] = identities([entry]) or [entry]
    return Letter(
        entry=replace(named, url=told),
        sender=_sender(mail)[1],
        list_id=_list_id(_header(mail, "List-Id")),
        links=tuple(
            MailLink(url=without_reader(each.url), words=each.around[:_LONGEST_WORDS])
            for each in anchors[:_MOST_LINKS]
            if not each.leaves
        ),
    )


def _bodies(mail: Message) -> tuple[str, str]:
    """The first plain and the first HTML text of the mail; attachments are none."""
    found = {"text/plain": "", "text/html": ""}
    for part in islice(mail.walk(), _MOST_PARTS):
        kind = part.get_content_type()
        attached = str(part.get("Content-Disposition", "")).lower().startswith(_DOWNLOADED)
        if kind in found and not attached and not found[kind]:
            found[kind] = _decoded(part)
    return found["text/plain"], found["text/html"]


def _decoded(part: Message) -> str:
    """The part's text: declared charset, else UTF-8, else windows-1252."""
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    declared = str(part.get_content_charset() or "utf-8")
    if declared in {"iso-8859-1", "latin-1", "us-ascii", "ascii"}:
        declared = "utf-8" if _is_utf8(data) else "cp1252"  # what is meant, and never less
    for charset in (declared, "utf-8"):
        try:
            return data.decode(charset)
        except (UnicodeError, LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(plain: str, markup: str) -> tuple[str, list[Anchor], str, str | None]:
    """Text, links, first headline and language; the HTML is what the sender cared for."""
    if markup.strip():
        seen = read_markup(markup, leave=_LEAVE, online=_ONLINE)
        if seen.text:
            return seen.text, seen.anchors, seen.headline, seen.language
    anchors = [
        Anchor(url=address, words=line, around=line, leaves=_LEAVE.search(line) is not None)
        for line in _paragraphs(plain)
        for found in _URL.findall(line)
        if (address := absolute(found.rstrip(".,;:!?)]"), ""))
    ]
    return to_text(html.escape(_without_footer(plain))), anchors, "", None


def _paragraphs(plain: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", plain.replace("\r\n", "\n")):
        yield " ".join(block.split())


def _without_footer(plain: str) -> str:
    """The text up to the signature, without paragraphs about the subscription."""
    body = re.split(r"(?m)^-- ?\r?$", plain, maxsplit=1)[0]
    blocks = re.split(r"\r?\n\s*\r?\n", body)
    return "\n\n".join(each for each in blocks if not (_LEAVE.search(each) or _is_online(each)))


def _is_online(text: str) -> bool:
    return len(text) < 300 and _ONLINE.search(text) is not None


def _place(anchors: Sequence[Anchor], archived_at: str) -> str:
    """Where it can be read: its archive, the article that it tells of, or the page of itself.

    What leads past a counter comes last, for it knows who is reading.
    """
    usable = [each for each in anchors if not each.leaves]
    online = [each.url for each in usable if _ONLINE.search(each.words) or _is_online(each.around)]
    told = [each for each in usable if each.url not in online]
    heads = list(dict.fromkeys(each.url for each in told if each.is_headline))
    more = list(dict.fromkeys(each.url for each in told if _READ_ON.search(each.words)))
    articles = heads or more
    alone = articles if len(articles) == 1 else []
    ranked = [absolute(archived_at, ""), *alone, *online, *articles, *(each.url for each in told)]
    straight = (url for url in ranked if url and not is_detour(url))
    return next(straight, "") or next(filter(None, ranked), "")


def _title(subject: str) -> str:
    """The subject without what mail programs and senders put before it."""
    plain = _PREFIX.sub("", subject, count=1) if _PREFIX.match(subject) else subject
    label = _LABEL.match(plain)
    bare = plain[label.end() :] if label and len(plain) - label.end() >= 12 else plain
    return to_line(html.escape(bare, quote=False))


def _header(mail: Message, name: str) -> str:
    """One header as people would read it; "" when it is missing or cannot be read."""
    found = (value for each, value in mail.raw_items() if each.lower() == name.lower())
    data = str(next(found, "")).encode("utf-8", "surrogateescape")[: LONGEST_LINE * 4]
    value = data.decode() if _is_utf8(data) else data.decode("cp1252", "replace")
    try:
        parts = decode_header(value)
    except HeaderParseError:
        return value
    return " ".join("".join(_header_part(*part) for part in parts).split())


def _header_part(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return content
    for name in (charset or "utf-8", "utf-8"):
        try:
            return content.decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _sender(mail: Message) -> tuple[str, str]:
    """Name and address in lower case of the one who wrote it."""
    found = getaddresses([_header(mail, "From")])
    name, address = found[0] if found else ("", "")
    return to_line(html.escape(name, quote=False)), address.strip().lower()[:320]


def _list_id(header: str) -> str:
    named = re.search(r"<([^<>]{1,255})>\s*$", header)
    return (named[1] if named else header).strip().lower()[:255]


def _date(header: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(header)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
