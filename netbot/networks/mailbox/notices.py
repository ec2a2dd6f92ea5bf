"""Notification mails of networks that no program may read: whom they are about, and which post."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from netbot.feedparse import Letter, MailLink
from netbot.feedparse.identity import canonical
from netbot.model import Post
from netbot.networks.mailbox.posts import sent_at

#: Where each network's mails come from, with their subdomains.
SENDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "linkedin": ("linkedin.com",),
        "xing": ("xing.com",),
        "facebook": ("facebookmail.com", "facebook.com"),
        "instagram": ("instagram.com",),
    }
)

#: What the address of a post looks like there.
_POSTS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "linkedin": re.compile(r"/(?:feed/update|posts|pulse|events|video)/"),
        "xing": re.compile(r"/(?:.*/)?(?:news|posts?|stories|discover|articles|events)/"),
        "facebook": re.compile(
            r"/(?:.+/(?:posts|photos|videos)/|story\.php|permalink\.php|photo|watch|events/|share/)"
        ),
        "instagram": re.compile(r"/(?:p|reel|tv)/"),
    }
)
_LEGAL = re.compile(
    r"[\s,]+(?:gmbh(?:\s*&\s*co\.?\s*kg)?|ug|ag|kg|ohg|gbr|e\.?\s?v\.?|e\.?\s?k\.?|se|inc\.?|ltd\.?"
    r"|llc|mbb|partgmbb)\.?$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r":\s*[„“\"»]?(?P<words>.{12,}?)[“”\"«]?\s*$")
_OPENING, _CLOSING = "„“»", "“”«"


def split(address: str) -> tuple[str, str]:
    """Network and name of a source such as ``linkedin: Mira Kern``; two "" for any other."""
    network, colon, name = address.partition(":")
    known = network.strip().lower()
    return (known, name.strip()) if colon and known in SENDERS and name.strip() else ("", "")


def post(letter: Letter, network: str, name: str, now: datetime) -> Post | None:
    """The post that a notification tells of, when it is about ``name``; else None."""
    if not _is_from(letter, network):
        return None
    links = [link for link in letter.links if _leads_to_post(link, network)]
    told = _about(letter, links, name)
    if told is None:
        return None
    entry = letter.entry
    place = canonical(told.url)
    return Post(
        network=network,
        url=told.url,
        title=_title(entry.title),
        text=told.words,
        keys=tuple(filter(None, (f"url:{place}" if place else "", *_own(entry.keys)))),
        author=name,
        language=entry.language,
        published_at=sent_at(letter, now),
    )


def _own(keys: Sequence[str]) -> list[str]:
    """A digest may tell of several posts: of its keys only the mail's own number is left."""
    return [key for key in keys if key.startswith("id:")]


def _is_from(letter: Letter, network: str) -> bool:
    domain = letter.sender.rpartition("@")[2]
    return any(domain == each or domain.endswith(f".{each}") for each in SENDERS[network])


def _leads_to_post(link: MailLink, network: str) -> bool:
    parts = urlsplit(link.url)
    host = parts.hostname or ""
    home = f"{network}.com"
    at_home = host == home or host.endswith(f".{home}")
    return at_home and _POSTS[network].match(f"{parts.path}") is not None


def _about(letter: Letter, links: Sequence[MailLink], name: str) -> MailLink | None:
    """The link beside which the name stands; the first where only the subject names it."""
    beside = next((link for link in links if _names(link.words, name)), None)
    if beside is not None or not _names(letter.entry.title, name):
        return beside
    return next(iter(links), None)


def _names(text: str, name: str) -> bool:
    """Whether a text names somebody; companies with or without their legal form."""
    said = " ".join(text.casefold().split())
    forms = {" ".join(name.casefold().split()), " ".join(_LEGAL.sub("", name).casefold().split())}
    return any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", said) for form in forms if form)


def _title(subject: str) -> str:
    """What the subject quotes, else the subject."""
    found = _QUOTED.search(subject)
    if found is None:
        return subject
    start = found.start("words")
    quoted = subject[start - 1] in _OPENING and subject.rstrip()[-1] in _CLOSING
    return found["words"] if quoted else subject[found.start() + 1 :].strip()
