"""Acts that the human performs in the own browser: the address to open and the text to paste.

An address is either the post's own or one of the forms listed here. Every value is
percent-encoded, and what a feed claims to be an address is refused unless it is a plain one.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import idna

from netbot.graphemes import graphemes
from netbot.model import PERSONAL, Account, Action, Handoff, Refused, Verb
from netbot.network import Network, SourceHint

#: Browsers and servers cut longer addresses off.
MAX_URL = 2_000

#: What X counts for a link, whatever its length (config v3 of github.com/twitter/twitter-text);
#: Mastodon counts the same.
LINK_WEIGHT = 23


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A page on which the human passes on a link; the names are its query parameters."""

    page: str  # without query; ``{server}`` is the account's own; a program's own scheme counts
    link: str = ""  # takes the address; "" when the text has to carry it
    text: str = ""  # takes the text; "" when the human pastes it
    line_end: str = "\n"  # between two lines of the text


#: Where each network's own posts stand, subdomains included.
HOSTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "bluesky": ("bsky.app",),
        "facebook": ("facebook.com",),
        "hackernews": ("news.ycombinator.com",),
        "linkedin": ("linkedin.com",),
        "reddit": ("reddit.com",),
        "threads": ("threads.com", "threads.net"),
        "x": ("x.com", "twitter.com"),
        "xing": ("xing.com",),
    }
)

#: The same for all networks that have a place of their own.
_PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **HOSTS,
        "devto": ("dev.to",),
        "github": ("github.com",),
        "instagram": ("instagram.com",),
        "medium": ("medium.com",),
        "substack": ("substack.com",),
        "youtube": ("youtube.com", "youtu.be"),
    }
)

#: Networks at whose profiles the human looks, unless another file can read them.
LOOKED_AT = (
    *("bluesky", "facebook", "hackernews", "instagram", "linkedin", "reddit", "threads", "x"),
    "xing",
)

#: Where a link that stands elsewhere is passed on.
FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "bluesky": Form(page="https://bsky.app/intent/compose", text="text"),
        "facebook": Form(page="https://www.facebook.com/sharer/sharer.php", link="u"),
        "hackernews": Form(page="https://news.ycombinator.com/submitlink", link="u"),
        "linkedin": Form(page="https://www.linkedin.com/sharing/share-offsite/", link="url"),
        "mail": Form(page="mailto:", text="body", line_end="\r\n"),  # RFC 6068 §5
        "mastodon": Form(page="https://{server}/share", text="text"),
        "reddit": Form(page="https://www.reddit.com/submit", link="url"),
        "telegram": Form(page="https://t.me/share/url", link="url", text="text"),
        "threads": Form(page="https://www.threads.com/intent/post", link="url", text="text"),
        "threema": Form(page="threema://compose", text="text"),
        "whatsapp": Form(page="https://api.whatsapp.com/send", text="text"),
        "x": Form(page="https://x.com/intent/tweet", link="url", text="text"),
        "xing": Form(page="https://www.xing.com/spi/shares/new", link="url"),
    }
)

_X_STATUS = re.compile(r"/(?:i/web|i|[A-Za-z0-9_]{1,15})/status(?:es)?/([0-9]{1,20})(?:/|$)")
_FEDIVERSE_STATUS = re.compile(
    r"/(?:@[^/]+/[0-9]+|(?:@|users/)[^/]+/statuses/[0-9A-Za-z]+|notes/[0-9a-z]+|notice/[0-9A-Za-z]+)/?"
)
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*\.?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@(\w[\w.-]*)@[\w.-]*\w(?::\d+)?")
_GREETING = re.compile(rf"\A{_MENTION.pattern}\s+")


class Handoffs(Network):
    """One network whose acts the human performs: ``Handoffs("linkedin")``.

    On one that is not among ``NETWORKS`` the post itself is opened.
    """

    NETWORKS: ClassVar[tuple[str, ...]] = (
        "wordpress",
        "web",
        "webmention",
        "mastodon",
        "bluesky",
        "x",
        "reddit",
        "linkedin",
        "xing",
        "facebook",
        "instagram",
        "threads",
        "youtube",
        "github",
        "devto",
        "hackernews",
        "medium",
        "substack",
        "telegram",
        "whatsapp",
        "threema",
        "mail",
        "mailbox",
        "page",
    )

    def __init__(self, network: str) -> None:
        self.network = network

    def handoff(self, action: Action, account: Account | None) -> Handoff:
        """What the human opens and pastes; raises ``Refused`` for an address that is no plain one.

        On Mastodon ``account`` names the server on which the human is at home.
        """
        target = plain_address(action.choice.target_url)
        verb = action.choice.verb
        if verb in PERSONAL:
            return _open(target, action.text)
        if verb is Verb.RECOMMEND or (verb is Verb.SHARE and not self._is_native(target)):
            return self._pass_on(target, action.text, account)
        return self._react(verb, target, action.text, account)

    def resolve(self, url: str) -> Sequence[SourceHint]:
        """A profile that the human looks at; nothing is asked for."""
        address = url if "://" in url else f"https://{url}"
        here = self.network in LOOKED_AT and network_of(address) == self.network
        return (SourceHint(network=self.network, address=address),) if here else ()

    def count(self, text: str) -> int:
        """Graphemes on Bluesky, weighted characters on X, characters elsewhere.

        On Mastodon a link counts 23, and a mention without its server.
        """
        return _COUNTS.get(self.network, len)(text)

    def _is_native(self, target: str) -> bool:
        """Whether the target is one of this network's own posts."""
        parts = urlsplit(target)
        if self.network == "webmention":
            return True  # an own site answers whatever stands anywhere
        if self.network == "mastodon":
            return _FEDIVERSE_STATUS.fullmatch(parts.path) is not None
        host = parts.hostname or ""
        homes = HOSTS.get(self.network, ())
        return any(host == home or host.endswith(f".{home}") for home in homes)

    def _pass_on(self, target: str, text: str, account: Account | None) -> Handoff:
        form = FORMS.get(self.network)
        if form is None:
            return _open(target, text)
        server = _server(account) if self.network == "mastodon" else ""
        return _fill(form, form.page.format(server=server), target, text)

    def _react(self, verb: Verb, target: str, text: str, account: Account | None) -> Handoff:
        match self.network:
            case "x":
                return self._react_on_x(verb, target, text)
            case "mastodon":
                page = f"https://{_server(account)}/authorize_interaction"
                text = _GREETING.sub("", text)  # the box there names the author already
                return _first_short([_prefill(page, {"uri": target}, text)]) or _open(target, text)
            case "webmention" if account and account.server:
                return _open(plain_address(account.server), _linked(text, target))
            case "web" | "wordpress" if verb is Verb.COMMENT:
                return _open(urlsplit(target)._replace(fragment="respond").geturl(), text)
            case _:
                return _open(target, text)

    def _react_on_x(self, verb: Verb, target: str, text: str) -> Handoff:
        status = _X_STATUS.match(urlsplit(target).path) if self._is_native(target) else None
        if status is None:
            return _open(target, text)
        if verb is Verb.LIKE:
            return _prefill("https://x.com/intent/like", {"tweet_id": status[1]}, text)
        if verb is Verb.COMMENT:
            return _reply_on_x(status[1], text)
        if text:
            return self._pass_on(target, text, None)  # X makes a quote of it
        return _prefill("https://x.com/intent/retweet", {"tweet_id": status[1]}, text)


def network_of(url: str) -> str:
    """The network on which a post stands: ``web`` for any site."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    for network, homes in _PLACES.items():
        if any(host == home or host.endswith(f".{home}") for home in homes):
            return network
    return "mastodon" if _FEDIVERSE_STATUS.fullmatch(parts.path) else "web"


def plain_address(url: str) -> str:
    """``url`` in plain ASCII with its host in punycode; raises ``Refused`` for any trick in it."""
    if "\\" in url or not all(map(_is_visible, url)):
        raise Refused(
            "The post's address holds characters that no address has. Open the post by hand."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"The post's address cannot be read ({error}). Open it by hand.") from error
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or "%" in parts.netloc:
        raise Refused("The post's address is no plain http or https address. Open it by hand.")
    host = _plain_host(parts.hostname or "")
    return SplitResult(
        parts.scheme,
        host if port is None else f"{host}:{port}",
        quote(parts.path, safe="/%:@!$&'()*+,;=~"),
        quote(parts.query, safe="/%:@!$&'()*+,;=~?"),
        quote(parts.fragment, safe="/%:@!$&'()*+,;=~?"),
    ).geturl()


def _is_visible(character: str) -> bool:
    """Neither a space nor a control, direction or zero-width mark."""
    return unicodedata.category(character)[0] not in "CZ"


def _plain_host(host: str) -> str:
    """The host as a browser would ask for it."""
    try:
        if ":" in host:
            return f"[{ipaddress.IPv6Address(host)}]"
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
        if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            return str(ipaddress.IPv4Address(host))  # 0x7f.1 is an address in disguise
    except ValueError as error:
        raise Refused(f"No site has the name {host!a}. Open the post by hand.") from error
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise Refused(f"No site has the name {host!a}. Open the post by hand.")
    return host


def _server(account: Account | None) -> str:
    """The server in a handle such as ``@name@example.social``, or the one named beside it."""
    name, _, server = (account.handle if account else "").lstrip("@").partition("@")
    server = urlsplit(account.server).netloc if account and account.server else server
    address = plain_address(f"https://{server}") if name and server else ""
    host = address.removeprefix("https://")
    if not host or "/" in host or "?" in host or "#" in host:
        raise Refused("Write the Mastodon account's handle as @name@server in the configuration.")
    return host


def _open(url: str, text: str) -> Handoff:
    """The post itself; an address too long for browsers loses its query, then its path."""
    parts = urlsplit(url)
    shorter = (url, parts._replace(query="", fragment="").geturl(), _front(url))
    return Handoff(
        url=next(one for one in shorter if len(one) <= MAX_URL), text=text, prefilled=False
    )


def _front(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _prefill(page: str, query: Mapping[str, str], text: str) -> Handoff:
    """``page`` with the query; what of ``text`` that does not hold is pasted."""
    url = f"{page}?{urlencode(query, quote_via=quote, safe='')}"
    return Handoff(url=url, text=text, prefilled=bool(text) and text in query.values())


def _first_short(handoffs: Iterable[Handoff]) -> Handoff | None:
    return next((handoff for handoff in handoffs if len(handoff.url) <= MAX_URL), None)


def _reply_on_x(status: str, text: str) -> Handoff:
    page, bare = "https://x.com/intent/tweet", {"in_reply_to": status}
    full = _prefill(page, bare | {"text": text}, text)
    return (_first_short([full]) if text else None) or _prefill(page, bare, text)


def _fill(form: Form, page: str, target: str, text: str) -> Handoff:
    """``form`` with as much in its address as fits; the rest is for the clipboard."""
    linked = _linked(text, target).replace("\n", form.line_end)
    if form.link:
        link = {form.link: target}
        written = {form.text: text} | ({} if target in text else link)
        queries = [(written, text)] if form.text and text else []
        queries.append((link, text))
    else:
        queries = [({form.text: linked}, linked)]
    ways = (_prefill(page, query, paste) for query, paste in queries)
    bare = _front(page) if page.startswith("https:") else page
    return _first_short(ways) or Handoff(url=bare, text=linked, prefilled=False)


def _linked(text: str, target: str) -> str:
    """The text with its link, once."""
    if target in text:
        return text
    return f"{text}\n\n{target}" if text else target


def _weighted(text: str) -> int:
    """X's count: a link 23, an emoji of any make 2, wide scripts 2, all else 1 a character."""
    links = len(_LINK.findall(text))
    return links * LINK_WEIGHT + sum(map(_weight, graphemes(_LINK.sub("", text))))


def _weight(cluster: str) -> int:
    """The ranges of weight 1 are those of config v3 of github.com/twitter/twitter-text."""
    light = (range(0x1100), range(0x2000, 0x200E), range(0x2010, 0x2020), range(0x2032, 0x2038))
    weights = [1 if any(ord(one) in span for span in light) else 2 for one in cluster]
    is_emoji = any(unicodedata.category(one) == "So" for one in cluster)
    return min(sum(weights), 2) if is_emoji else sum(weights)


def _tooted(text: str) -> int:
    """docs.joinmastodon.org/user/posting; an emoji of any make counts one there."""
    return len(graphemes(_MENTION.sub(r"@\1", _LINK.sub("x" * LINK_WEIGHT, text))))


_COUNTS: Mapping[str, Callable[[str], int]] = MappingProxyType(
    {"bluesky": lambda text: len(graphemes(text)), "mastodon": _tooted, "x": _weighted}
)
