"""The gate of the fast path: lets through only documents that hold nothing surprising.

It knows the elements and attributes which both parsers read alike, and turns away whatever else
it sees. A document that is turned away costs time; one let through wrongly would cost a post.
"""

import functools
import itertools
import re
from xml.parsers import expat

_CONTROLS = bytes({*range(32), 127} - {9, 10, 13})
# Contents without their sections of CDATA: what is left shows the structure.
_SECTION = re.compile(rb"<!\[CDATA\[[^\]]*(?:\](?!\]>)[^\]]*)*\]\]>")
# What stands where a section stood.
_MARK = "\N{OBJECT REPLACEMENT CHARACTER}".encode()
_PROLOG = re.compile(
    rb"\A(?:\s+|<\?xml-stylesheet\s[^<>]{0,300}\?>|<!--[^-]{0,500}(?:-(?!-)[^-]{0,500}){0,50}-->)*"
)
_COMMENT = re.compile(rb"<!--[^-]*(?:-(?!->)[^-]*)*-->")
_ROOT = re.compile(
    rb"<(rss|feed|rdf:RDF)((?:\s+[A-Za-z][\w:.-]*\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*)\s*>"
)
_XMLNS = re.compile(rb"\sxmlns(?::([\w.-]+))?\s*=\s*[\"']([^\"']*)")
_TAG = re.compile(rb"<(/?)([\w:.-]+)(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*?(/?)>")
_ODD_HEAD = re.compile(
    rb"<(?:title|language|ttl|sy:\w+)(?:\s[^<>]*)?>[^<]*<(?!/)|<(?:language|ttl|sy:\w+)\s"
    rb"|<source[\s/>]|<(?!title|language|ttl)(?i:title|language|ttl)[\s>]"
)
_WORDPRESS_SITE = re.compile(rb"<site xmlns=\"com-wordpress:feed-additions:1\">")
# Blogger declares these anew with every use.
_BLOGGERS_NAMESPACES = re.compile(
    rb"\sxmlns:(?:media=[\"']http://search\.yahoo\.com/mrss/|thr=[\"']http://purl\.org/syndication/thread/1\.0)"
    rb"[\"'](?=[\s/>])"
)
_DECLARATION = re.compile(rb"<[!?]")
_NAME = re.compile(rb"<(/?[\w:.-]+)")
#: Where an entry starts in what is left of a document without sections.
ENTRY_START = re.compile(rb"<(?:item|entry)(?=[\s>])")

_ATOM = b"http://www.w3.org/2005/Atom"
# What the usual prefixes stand for; a prefix in other service is turned away.
_USUAL = {
    b"atom": {_ATOM},
    b"atom10": {_ATOM},
    b"a10": {_ATOM},
    b"content": {b"http://purl.org/rss/1.0/modules/content/"},
    b"dc": {b"http://purl.org/dc/elements/1.1/"},
    b"dcterms": {b"http://purl.org/dc/terms/"},
    b"feedburner": {b"http://rssnamespace.org/feedburner/ext/1.0"},
    b"geo": {b"http://www.w3.org/2003/01/geo/wgs84_pos#"},
    b"georss": {b"http://www.georss.org/georss"},
    b"itunes": {
        b"http://www.itunes.com/dtds/podcast-1.0.dtd",
        b"http://www.itunes.com/DTDs/PodCast-1.0.dtd",
        b"http://www.itunes.com/DTDs/Podcast-1.0.dtd",
    },
    b"media": {b"http://search.yahoo.com/mrss/", b"http://search.yahoo.com/mrss"},
    b"rdf": {b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
    b"slash": {b"http://purl.org/rss/1.0/modules/slash/"},
    b"sy": {b"http://purl.org/rss/1.0/modules/syndication/"},
    b"thr": {b"http://purl.org/syndication/thread/1.0"},
    b"wfw": {b"http://wellformedweb.org/CommentAPI/"},
    b"admin": {b"http://webns.net/mvcb/"},
    b"cc": {
        b"http://web.resource.org/cc/",
        b"http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html",
    },
    b"creativeCommons": {b"http://backend.userland.com/creativeCommonsRssModule"},
    b"taxo": {b"http://purl.org/rss/1.0/modules/taxonomy/"},
    b"trackback": {b"http://madskills.com/public/xml/rss/module/trackback/"},
    b"psc": {b"http://podlove.org/simple-chapters"},
    b"xhtml": {b"http://www.w3.org/1999/xhtml"},
}
# The tolerant parser goes by the address behind a prefix; these it knows.
_KNOWN_PLACES = re.compile(
    rb"purl\.org|w3\.org|userland|netscape|itunes|yahoo|harvard|example\.com|creativecommons|podlove"
    rb"|wellformedweb|webns|georss|opengis|prismstandard|madskills|rssnamespace|pie/|echo",
    re.IGNORECASE,
)
_ROOTS: dict[bytes, tuple[set[bytes | None], list[bytes]]] = {
    b"rss": ({None}, [b"rss", b"channel"]),
    b"feed": ({_ATOM, b"http://purl.org/atom/ns#"}, [b"feed"]),
    b"rdf:RDF": ({b"http://purl.org/rss/1.0/"}, [b"rdf:RDF"]),
}

# What may stand in an entry, once each ...
_ONCE = {
    b"item": frozenset(
        (
            *(b"title", b"guid", b"description", b"content:encoded", b"pubDate", b"dc:date"),
            *(b"dc:creator", b"author", b"itunes:author", b"comments", b"source"),
            b"atom:updated",
        )
    ),
    b"entry": frozenset(
        (
            b"title",
            b"id",
            b"summary",
            b"content",
            b"published",
            b"updated",
            b"author",
            b"dc:creator",
        )
    ),
}
# ... as often as it likes ...
_MANY = frozenset(
    (b"link", b"category", b"enclosure", b"media:content", b"media:thumbnail", b"atom:link")
)
# ... and what both parsers leave alone. Prefixes that are not usual may hold anything flat.
_LEFT_ALONE = re.compile(
    rb"post-id|(?:slash|wfw|thr|feedburner|geo|trackback):[\w.-]+"
    rb"|itunes:(?:duration|episode|episodeType|season|image|explicit|block|title)"
    rb"|(?!(?:" + b"|".join(_USUAL) + rb"|xml):)[\w.-]+:[\w.-]+"
)
_AUTHORS = (b"dc:creator", b"author", b"itunes:author")
# Of each of these an entry has one or none: the parsers choose differently among several.
_RIVALS = (
    {b"pubDate", b"dc:date"},
    *({one, other} for one, other in itertools.combinations(_AUTHORS, 2)),
)
# In RSS 1.0 the fast parser overlooks these, as it does a category of Atom without attributes.
_UNFIT = (
    (b" rdf:about=", b"<content:encoded"),
    (b" rdf:about=", b"<guid"),
    (b"<entry", b"<category>"),
)
# No honest entry has so many; the search among them takes the square of their number.
_MOST_TAGS = 500
# What some may hold.
_PERSON = frozenset((b"name", b"uri", b"url", b"email"))
_MEDIUM = frozenset(
    (b"media:title", b"media:description", b"media:credit", b"media:thumbnail", b"media:rating")
)

# The link of an entry, of which it may have one; among several each must say what it is.
_LINK = re.compile(rb"<link(?![\w:.-])(?![^<>]*\srel=[\"'](?!alternate[\"']))")
_ALTERNATE = re.compile(rb"<link(?=\s)[^<>]*\srel=[\"']alternate[\"']")
# Links whose meaning depends on who reads them.
_ODD_LINK = re.compile(
    rb"<(?:atom:link|source|media:content|enclosure)[/>]|<link\s[^<>]*(?<!/)>(?!</link>)"
    rb"|<link(?=\s)[^<>]*\srel=[\"']"
    rb"(?!(?:self|alternate|edit|enclosure|replies|related|via|next|previous|license|hub|shortlink)[\"'])"
    rb"|<link(?![^<>]*\srel=[\"'](?!alternate))[^<>]*\stype=[\"'](?!(?:text/html|application/xhtml\+xml)[\"'])"
)
_TEXT_TYPE = rb"\stype=(?:\"(?:text|html)\"|'(?:text|html)')"
_SCOPE = rb"(?:\sxml:(?:base|lang|space)=\"[^\"<>]*\")*"
_FACTS = rb"(?:\s(?:href|type|title)=\"[^\"<>]*\")*"
_WITH_ATTRIBUTES = re.compile(rb"<[\w:.-]+\s")


def _with(name: bytes, *attributes: bytes) -> bytes:
    """A pattern for an element that has some of these attributes, whatever they say."""
    return (
        rb"(?:"
        + name
        + rb")(?:\s+(?:"
        + b"|".join(attributes)
        + rb")\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))+"
    )


_USUAL_ATTRIBUTES = re.compile(
    rb"<(?=[\w:.-]+\s)(?:"
    + b"|".join(
        (
            rb"guid\sisPermaLink=\"(?:true|false)\"",
            rb"(?:title|summary|content)(?:" + _TEXT_TYPE + rb")?" + _SCOPE,
            rb"media:(?:title|description)" + _TEXT_TYPE,
            rb"(?:entry|item)\sxml:lang=\"[^\"<>]*\"",
            rb"post-id\sxmlns=\"com-wordpress:feed-additions:1\"",
            rb"atom:link" + _FACTS + rb"\srel=\"(?!alternate|enclosure)[\w.:/-]+\"" + _FACTS,
            _with(b"category", b"term", b"label", b"scheme", b"domain"),
            _with(b"enclosure", b"url", b"length", b"type"),
            _with(rb"media:[\w.-]+", b"url", b"medium", rb"\w+"),
            _with(b"link", b"rel", b"href", b"type", b"hreflang", b"title", b"length", rb"thr:\w+"),
            _with(b"gd:image", rb"[\w:.-]+"),
            _with(b"item", b"rdf:about"),
            _with(b"source", b"url"),
            _with(b"itunes:image", b"href"),
            _with(_LEFT_ALONE.pattern, rb"(?!xml)[\w:.-]+"),
        )
    )
    + rb")\s*/?>"
)
# Times of quiet may follow the entries.
_QUIET = frozenset((b"skipHours", b"hour", b"skipDays", b"day"))
_ENDS = ((), (b"/channel", b"/rss"), (b"/rdf:RDF",), (b"/feed",))


def bones(data: bytes) -> bytes | None:
    """What holds a document together, without its sections; None when it is not to be trusted."""
    if len(data.translate(None, _CONTROLS)) != len(data) or not _is_well_formed(data):
        return None
    start = _PROLOG.match(data)
    left = _SECTION.sub(_MARK, data[start.end() if start else 0 :])
    first = ENTRY_START.search(left)
    # Behind the last end tag there can be nothing but comments and instructions.
    end = left.find(b">", left.rfind(b"</")) + 1
    if first is None or b"<?" in left[end:]:
        return None
    head = _COMMENT.sub(b"", left[: first.start()])
    body = left[first.start() : end]
    if b"xmlns:" in body:
        body = _BLOGGERS_NAMESPACES.sub(b"", body)
    if _DECLARATION.search(head) or _DECLARATION.search(body):
        return None
    return head + body if _is_usual_head(head) and _are_usual_entries(body) else None


def _is_well_formed(data: bytes) -> bool:
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return False
    return True


def _is_usual_head(head: bytes) -> bool:
    """Whether the root is a known one, with known namespaces, and holds the first entry itself."""
    root = _ROOT.match(head)
    rest = _WORDPRESS_SITE.sub(b"", head)
    if (
        root is None
        or b"xml:base" in rest
        or b"xmlns" in rest[root.end() :]
        or _ODD_HEAD.search(head)
    ):
        return False
    own, path = _ROOTS[root[1]]
    spaces: dict[bytes, bytes] = dict(_XMLNS.findall(root[2]))
    if spaces.pop(b"", None) not in own:
        return False
    return all(_is_usual_prefix(*space) for space in spaces.items()) and _open(head) == path


def _is_usual_prefix(prefix: bytes, place: bytes) -> bool:
    if prefix in _USUAL:
        return place in _USUAL[prefix]
    return prefix != b"xml" and not _KNOWN_PLACES.search(place)


def _open(head: bytes) -> list[bytes]:
    """The elements that are still open at the end; none when there was an odd entry before."""
    path: list[bytes] = []
    for slash, name, empty in _TAG.findall(head):
        if name.rpartition(b":")[2].lower() in (b"item", b"entry"):
            return []
        if slash:
            path.pop()
        elif not empty:
            path.append(name)
    return path


def _are_usual_entries(body: bytes) -> bool:
    if any(mark in body and other in body for mark, other in _UNFIT):
        return False
    if _ODD_LINK.search(body) or len(_WITH_ATTRIBUTES.findall(body)) != len(
        _USUAL_ATTRIBUTES.findall(body)
    ):
        return False
    starts = [match.start() for match in ENTRY_START.finditer(body)]
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        names = tuple(_NAME.findall(body, start, end))
        links = names.count(b"link")
        if len(_LINK.findall(body, start, end)) != min(links, 1) or not _is_usual_entry(names):
            return False
        if links > 1 and not _ALTERNATE.search(body, start, end):
            return False
    return True


@functools.lru_cache(maxsize=1000)
def _is_usual_entry(names: tuple[bytes, ...]) -> bool:
    """Whether the tags of one entry, in order, are flat and known; feeds repeat themselves."""
    entry = names[0]
    if len(names) > _MOST_TAGS or b"/" + entry not in names:
        return False
    end = names.index(b"/" + entry)
    behind = tuple(name for name in names[end + 1 :] if name.lstrip(b"/") not in _QUIET)
    if behind not in _ENDS:
        return False
    found = _children(names[1:end])
    # Where a title of its own for players comes first, or alone, the parsers disagree.
    if b"itunes:title" in found and b"title" not in found[: found.index(b"itunes:title")]:
        return False
    once = [name for name in found if name not in _MANY and not _LEFT_ALONE.fullmatch(name)]
    return (
        len(once) == len(set(once))
        and _ONCE[entry].issuperset(once)
        and not any(rivals.issubset(once) for rivals in _RIVALS)
    )


def _children(names: tuple[bytes, ...]) -> list[bytes]:
    """The elements of an entry; one that holds what it should not comes as ``?``."""
    found: list[bytes] = []
    at = 0
    while at < len(names):
        name = names[at]
        end = b"/" + name
        if end in names[at:]:
            until = names.index(end, at)
            found.append(name if _may_hold(name, names[at + 1 : until]) else b"?")
            at = until
        else:
            found.append(name)
        at += 1
    return found


def _may_hold(name: bytes, inner: tuple[bytes, ...]) -> bool:
    held = {part.lstrip(b"/") for part in inner}
    if name == b"author":
        return all(part in _PERSON or _LEFT_ALONE.fullmatch(part) for part in held)
    return not held or (name == b"media:content" and held <= _MEDIUM)
