"""The entries of a page that has no feed: news, dates and the like, told by how they repeat.

A page's entries look alike. Headlines that stand in the same place of the same kind of box are
taken for one list; the list that looks most like news counts. Navigation, footers and lists of
bare links do not.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from netbot.feedparse.dates import find_date, is_only_date
from netbot.feedparse.document import Document, Entry
from netbot.feedparse.identity import canonical, fold, identities
from netbot.feedparse.plain import absolute, count_media, to_line, to_text
from netbot.feedparse.pruning import prune
from netbot.feedparse.read import as_utf8
from netbot.feedparse.segments import Segment, segments

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

#: Entries of one page that are read; older ones are further down, or on another page.
MOST_ENTRIES = 100

#: Headlines of one kind below this score are menus, slogans or a single notice.
NEWSLIKE = 1.4

_LONGEST_PAGE = 4 * 1024**2
_LONGEST_TITLE = 300
_FURNITURE = (
    "script,style,noscript,template,svg,iframe,form,button,select,nav,aside,dialog,[hidden],"
    "[role=navigation],[role=contentinfo],[role=search],[role=banner],[role=complementary],"
    "[role=dialog],[aria-hidden=true]"
)
_FURNITURE_NAME = re.compile(
    r"(?:^|[\s_-])(?:nav|navi|navbar|navigation|menu|menue|breadcrumbs?|footer|cookies?|consent"
    r"|sidebar|pagination|pager|social|share|sharing|skip|skiplinks?|languages?|topbar|copyright"
    r"|widget-area|related|kontaktleiste)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HEADLINES = ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "strong", "b", "a")
_RANKS = dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), 0.6) | {"dt": 0.3}
# Rows and points without any headline: their first words serve, where there is a date.
_ROWS = ("tr", "li")
_BOXES = ",".join((*_HEADLINES, *_ROWS))
_LONGEST_ROW = 3000
_MORE = re.compile(
    r"(?:weiter ?lesen|mehr(?: erfahren| lesen| dazu| infos?)?|lesen sie mehr|details"
    r"|zum (?:artikel|beitrag)|read more|more|continue reading|learn more|ansehen|öffnen)"
    r"\s*[.…»›→>]*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r".{12,160}?(?<![0-9])[.!?](?=\s|$)")
_POSITION = re.compile(r"[a-z]*[-_]?\d{1,3}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    """One entry as it stands on the page."""

    entry: Entry
    score: float
    anchor: str = ""


def list_page(body: bytes, content_type: str, url: str) -> Document:
    """The entries of a page that was found at ``url``; none where nothing looks like a list."""
    from selectolax.lexbor import LexborHTMLParser

    source = as_utf8(body, content_type).decode("utf-8", "replace")
    tree = LexborHTMLParser(source[:_LONGEST_PAGE])
    title, language, base = _head(tree, url)
    _clear(tree)
    lists = [[_read(each, base, url) for each in group] for group in _groups(tree)]
    scored = [([each for each in found if each], _score(found)) for found in lists]
    best, _ = max(scored, key=lambda pair: pair[1], default=([], 0.0))
    entries = identities([_named(each, best, url) for each in best[:MOST_ENTRIES]])
    return Document(
        is_feed=False,
        title=title,
        language=language,
        entries=tuple(_placed(each, url, language) for each in entries),
    )


def _head(tree: "LexborHTMLParser", url: str) -> tuple[str, str | None, str]:
    """Title, language and base address of the page."""
    title, base, root = (
        tree.css_first("title"),
        tree.css_first("base[href]"),
        tree.css_first("html"),
    )
    language = (root.attributes.get("lang") or "") if root else ""
    spoken = language if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", language) else None
    href = base.attributes.get("href") or "" if base else ""
    return to_line(title.text()) if title else "", spoken, absolute(href, url) or url


def _clear(tree: "LexborHTMLParser") -> None:
    """Take away what stands on every page of the site."""
    prune(tree.css(_FURNITURE))
    kept = ("article", "li", "section", "main")
    prune(node for node in tree.css("header,footer") if not _within(node, kept))
    prune(node for node in tree.css("[class],[id]") if _is_furniture(node))


def _is_furniture(node: "LexborNode") -> bool:
    name = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
    whole = node.tag in {"html", "body", "main", "article"}
    return not whole and _FURNITURE_NAME.search(name) is not None


def _within(node: "LexborNode", tags: Sequence[str]) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in tags:
            return True
        parent = parent.parent
    return False


def _groups(tree: "LexborHTMLParser") -> Iterator[list[Segment]]:
    """Headlines that stand in the same kind of place, each with what belongs to it."""
    kinds: defaultdict[tuple[str, ...], list[LexborNode]] = defaultdict(list)
    for node in tree.css(_BOXES):
        longest = _LONGEST_ROW if node.tag in _ROWS else _LONGEST_TITLE
        if 3 <= len(_line(node)) <= longest:
            kinds[_kind(_place(node))].append(node)
    for headlines in kinds.values():
        yield segments(headlines[: MOST_ENTRIES * 2])


def _place(node: "LexborNode") -> tuple[str, ...]:
    """The tags on the way to a node, and the classes of the nearest two."""
    path: list[str] = []
    step: LexborNode | None = node
    depth = 0
    while step is not None and step.tag not in {"body", "html"} and len(path) < 40:
        name = (step.attributes.get("class") or "").split() if depth in {0, 1} else []
        plain = sorted(word for word in name if not re.search(r"\d|odd|even|first|last", word))
        path.append(" ".join((step.tag or "", *plain)))
        step, depth = step.parent, depth + 1
    return tuple(path)


def _kind(place: tuple[str, ...]) -> tuple[str, ...]:
    """What is the same for headlines of one list; those with a class of their own may lie apart."""
    tag = place[0].partition(" ")[0]
    return place[:2] if tag in _RANKS and any(" " in step for step in place[:2]) else place


def _read(segment: Segment, base: str, url: str) -> _Found | None:
    """An entry with its score, or None where there are no words."""
    title = to_line(segment.headline.html or "")
    lines = to_text(segment.html)
    own = _link(segment, base, url)
    published = _published(segment, f"{title}\n{lines}")
    if segment.headline.tag in _ROWS or is_only_date(title):
        title, lines = _retitled(lines)
        if not published:
            return None
    stamps = {fold(node.text()) for node in segment.css("time")}
    text = _teaser(lines, {fold(title), *stamps})
    if not re.search(r"[^\W\d_]{2}", title) or _MORE.fullmatch(title):
        return None
    rank = _RANKS.get(segment.headline.tag or "", 0.0)
    wordy = min(len(text), 200) / 200
    score = rank + (0.8 if published else 0) + (0.4 if own else 0) + (0.5 + wordy if text else 0)
    return _Found(
        Entry(
            url=own,
            title=title,
            text=text,
            published=published,
            links=segment.html.count("<a "),
            media=count_media(segment.html),
        ),
        score + (0.4 if len(title) >= 20 else 0),
        segment.anchor,
    )


def _published(segment: Segment, text: str) -> str | None:
    stamps = [node.attributes.get("datetime") or "" for node in segment.css("time[datetime]")]
    found = next(filter(None, map(find_date, (*stamps, text))), None)
    return found.isoformat(timespec="seconds") if found else None


def _retitled(lines: str) -> tuple[str, str]:
    """The first sentence that is no date is the headline then."""
    rest = [line for line in lines.splitlines() if line and not is_only_date(line)]
    if not rest:
        return "", ""
    sentence = _SENTENCE.match(rest[0])
    return (sentence[0] if sentence else rest[0])[:_LONGEST_TITLE], "\n".join(rest)


def _teaser(lines: str, known: set[str]) -> str:
    """What the entry says besides its headline, its date and "read more"."""
    kept = [
        line
        for line in lines.splitlines()
        if fold(line) not in known and not is_only_date(line) and not _MORE.fullmatch(line)
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _link(segment: Segment, base: str, url: str) -> str:
    """Where the entry leads: its headline's address, else that of "read more", else the first."""
    links = [
        (urljoin(base, (node.attributes.get("href") or "").strip()), node)
        for node in segment.links()
    ]
    pages = [
        (address, node)
        for href, node in links
        if (address := absolute(href, base)) and urldefrag(address)[0] != urldefrag(url)[0]
    ]
    more = [address for address, node in pages if _MORE.fullmatch(_line(node))]
    first = [address for address, node in pages if segment.is_of_headline(node)]
    return next(iter([*first, *more, *(address for address, _ in pages)]), "")


def _score(found: Sequence[_Found | None]) -> float:
    """How much a list looks like news; 0 for what surely is none."""
    kept = [each for each in found if each]
    if not kept:
        return 0.0
    mean = sum(each.score for each in kept) / len(kept)
    alone = len(kept) == 1
    if mean < NEWSLIKE or (alone and not (kept[0].entry.published and kept[0].entry.text)):
        return 0.0
    return mean * math.sqrt(min(len(kept), 12))


def _named(found: _Found, all_found: Sequence[_Found], url: str) -> Entry:
    """The entry with what tells it apart while it is edited: its own address, anchor or headline.

    Anchors that only count would change hands when something is put on top.
    """
    entry = found.entry
    shared = Counter(canonical(each.entry.url) for each in all_found)
    if entry.url and shared[canonical(entry.url)] == 1:
        return entry
    lasting = found.anchor if not _POSITION.fullmatch(found.anchor) else ""
    guid = f"anchor:{lasting}" if lasting else f"title:{fold(entry.title)}"
    anchored = f"{urldefrag(url)[0]}#{found.anchor}" if found.anchor else ""
    return replace(entry, guid=guid, url="", author=entry.url or anchored)


def _placed(entry: Entry, url: str, language: str | None) -> Entry:
    """The entry with an address to open, which need not be one of its own."""
    return replace(entry, url=entry.url or entry.author or url, author="", language=language)


def _line(node: "LexborNode") -> str:
    return " ".join(node.text(separator=" ").split())
