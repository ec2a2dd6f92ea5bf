"""Where somebody publishes: found behind an address, chosen by options or by the human."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import typer

from netbot import app
from netbot.app import Sphere
from netbot.cli.place import Place, is_terminal, texts_of
from netbot.model import Refused, Source, UsageError
from netbot.network import SourceHint

#: How often the human looks in where nothing else is said.
USUAL_DAYS = 14

_COMMENTS = re.compile(r"comment|kommentar", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the options say."""

    feed: int | None = None
    page: bool = False
    mailbox: str | None = None
    look_in_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A source that nobody's yet."""

    source: Source
    site: str  # the address that was given
    title: str = ""
    can_be_seen: bool = True  # by netbot, now and without a secret


def find_source(here: Place, opened: Sphere, url: str, wish: Wish) -> Chosen:
    """The one source behind an address; asks where there are several ways and somebody is there.

    Raises ``UsageError`` where nobody is, ``Refused`` when there is none, ``NetworkError``.
    """
    if wish.mailbox is not None:
        return _by_mail(url, wish.mailbox)
    if wish.page:
        return _at(opened, SourceHint(network="page", address=_full(url)), url)
    if wish.look_in_days is not None:
        return _by_hand(url, wish.look_in_days)
    hints = app.resolve(opened.networks, url)
    posts_only = [hint for hint in hints if not _COMMENTS.search(f"{hint.address} {hint.title}")]
    if not hints:
        return _without_feed(here, opened, url)
    hint = _choose(here, opened, posts_only or hints, wish.feed)
    if hint.network not in opened.networks:
        return _by_hand(hint.address, USUAL_DAYS)
    return _at(opened, hint, url)


def _choose(
    here: Place, opened: Sphere, hints: Sequence[SourceHint], feed: int | None
) -> SourceHint:
    if feed is None and len(hints) == 1:
        return hints[0]
    lines = [f"{hint.address}  {hint.title}".rstrip() for hint in hints]
    if feed is None and asks(here):
        feed = ask(texts_of(opened).get("Which feed?"), lines, default=1)
    if feed is None or not 1 <= feed <= len(hints):
        raise UsageError("\n".join(["say which feed with --feed N:", *numbered(lines)]))
    return hints[feed - 1]


def _without_feed(here: Place, opened: Sphere, url: str) -> Chosen:
    """What else there is: the page itself, their newsletter, or your own eyes."""
    if not asks(here):
        raise Refused(
            f"{url} shows no feed. Watch the page itself with --page, their newsletter with"
            " --mailbox SENDER, or look there yourself with --look-in-days 14"
        )
    _ = texts_of(opened).get
    ways = (
        _("Watch this page for new entries"),
        _("Read their newsletter"),
        _("Look there myself every {n} days").format(n=USUAL_DAYS),
    )
    match ask(_("There is no feed. How shall netbot hear of them?"), ways, default=1):
        case 1:
            return _at(opened, SourceHint(network="page", address=_full(url)), url)
        case 2:
            return _by_mail(url, typer.prompt(_("Who sends it? An address, or a List-Id")))
        case _:
            return _by_hand(url, USUAL_DAYS)


def _at(opened: Sphere, hint: SourceHint, url: str) -> Chosen:
    network = opened.networks[hint.network]
    return Chosen(
        source=Source(client="", network=hint.network, address=hint.address),
        site=hint.address if "://" in hint.address else url,
        title=hint.title,
        can_be_seen=not network.WATCHES_BY_ACCOUNT,
    )


def _by_mail(url: str, sender: str) -> Chosen:
    source = Source(client="", network="mailbox", address=sender.strip())
    return Chosen(source=source, site=_full(url), can_be_seen=False)


def _by_hand(url: str, days: int) -> Chosen:
    address = _full(url)
    network = app.network_of(address)
    source = Source(client="", network=network, address=address, look_in_days=days)
    return Chosen(source=source, site=address, title=_name_in(address), can_be_seen=False)


def _name_in(address: str) -> str:
    """What the address of a profile calls its owner; "" on a site of their own."""
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2].lstrip("@")
    return last if app.network_of(address) != "web" else ""


def _full(url: str) -> str:
    url = url.strip()
    return url if "://" in url else f"https://{url}"


def asks(here: Place) -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty() and is_terminal() and not here.json


def ask(question: str, lines: Sequence[str], *, default: int | None = None) -> int:
    """Offer numbered lines; the number that was chosen."""
    typer.echo("\n".join(numbered(lines)))
    return ask_number(question, range(1, len(lines) + 1), default=default)


def ask_number(question: str, numbers: range, *, default: int | None) -> int:
    """Ask until one of these numbers is the answer."""
    while True:
        number: int = typer.prompt(question, default=default, type=int)
        if number in numbers:
            return number


def numbered(lines: Sequence[str]) -> list[str]:
    """The lines with the numbers by which they are chosen."""
    return [f"  {number}  {line}" for number, line in enumerate(lines, 1)]
