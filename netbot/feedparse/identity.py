"""Which post is which: the same keys whichever parser read it, and whatever its feed renames.

Two posts of one source that share any key are one post. So a key that several entries of one
document carry says nothing about any of them and is left out.
"""

import functools
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from netbot.feedparse.document import Entry
from netbot.feedparse.letters import beyond_ascii
from netbot.feedparse.plain import is_plain_address

#: Letters and digits below which a text is too common to tell posts apart.
ENOUGH_TEXT = 40

_LONGEST_ID = 500
# Advertisers, newsletters, and Medium, which marks every link with the reader it was made for.
_TRACKING = re.compile(
    r"(?:utm_\w+|_hsenc|_hsmi|dclid|fbclid|gbraid|gclid|igshid|mc_cid|mc_eid|mkt_tok|msclkid"
    r"|twclid|wbraid|yclid)(?:=|$)|source=rss-",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNTELLING = re.compile(r"[\W_]+")
# A text in one alphabet has few letters beyond ASCII, and each may be replaced at a stroke.
_FEW = 60
_ASCII_UNTELLING = bytes(code for code in range(128) if not chr(code).isalnum())
_LOWER = bytes(range(256)).lower()


def canonical(url: str) -> str:
    """One spelling for all addresses of one page; "" when it is no http(s) address."""
    if is_plain_address(url):
        address, _, query = url.partition("?")
        asks = f"?{query}" if query and not _TRACKING.match(query) else ""
        host, _, path = address.partition("://")[2].partition("/")
        return f"https://{host}/{path.rstrip('/')}{asks}"
    return _canonical(url)


def _canonical(url: str) -> str:
    """The same for addresses with something to mend."""
    from w3lib.url import canonicalize_url

    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            return ""
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        if parts.port not in (None, _DEFAULT_PORTS[parts.scheme]):
            host = f"{host}:{parts.port}"
        path = parts.path.rstrip("/") or "/"
        bare = urlunsplit(("https", host, path, _without_tracking(parts.query), ""))
        spelled: str = canonicalize_url(bare)
    except ValueError:
        return ""
    return spelled


def identities(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with their ``keys``; those that nothing tells apart come once.

    Strongest first: ``id:`` the feed's own id (left out where it only repeats the link),
    ``url:`` the canonical link, ``hash:`` of title and text when there is enough of both. An
    entry without any gets a hash of title and date; one without even these is dropped.
    """
    by_keys: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        by_keys.setdefault(_strong_keys(entry) or _stub_key(entry), entry)
    carriers = Counter(key for keys in by_keys for key in keys)
    keyed = []
    for keys, entry in by_keys.items():
        own = tuple(key for key in keys if carriers[key] == 1) or _stub_key(entry)
        if own:
            keyed.append(replace(entry, keys=own, guid=""))
    return keyed


def _strong_keys(entry: Entry) -> tuple[str, ...]:
    keys = []
    link = canonical(entry.url)
    guid = canonical(entry.guid) or " ".join(entry.guid.split())
    if guid and guid != link:
        keys.append(f"id:{guid if len(guid) <= _LONGEST_ID else _digest(guid)}")
    if link:
        keys.append(f"url:{link}")
    words = fold(entry.title + entry.text)
    if len(words) >= ENOUGH_TEXT:
        keys.append(f"hash:{_digest(words)}")
    return tuple(keys)


def _stub_key(entry: Entry) -> tuple[str, ...]:
    if not entry.title and not entry.published:
        return ()
    return (f"hash:{_digest(f'{fold(entry.title)} {entry.published}')}",)


def fold(text: str) -> str:
    """Letters and digits only, so that typography and white space make no difference."""
    text = unicodedata.normalize("NFC", text)
    beyond = beyond_ascii(text)
    if len(beyond) > _FEW:
        return _UNTELLING.sub("", text.casefold())
    data = text.encode("utf-8", "surrogatepass")
    for character in beyond:
        folded = _fold_one(character)
        if folded != character:
            old = character.encode("utf-8", "surrogatepass")
            data = data.replace(old, folded.encode("utf-8", "surrogatepass"))
    return data.translate(_LOWER, _ASCII_UNTELLING).decode("utf-8", "surrogatepass")


@functools.lru_cache(maxsize=4096)
def _fold_one(character: str) -> str:
    return _UNTELLING.sub("", character.casefold())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def is_tracking(parameter: str) -> bool:
    """Whether ``name=value`` of a query only tells who is reading, or by which way."""
    return _TRACKING.match(parameter) is not None


def _without_tracking(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not _TRACKING.match(part))
