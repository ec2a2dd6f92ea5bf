"""Where somebody publishes: found behind an address, chosen by options or by the human."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from netbot import app
from netbot.app import Chosen, Sphere
from netbot.cli.place import Place, is_terminal, texts_of
from netbot.model import Refused, UsageError
from netbot.network import SourceHint


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the options say."""

    feed: int | None = None
    page: bool = False
    mailbox: str | None = None
    look_in_days: int | None = None


def find_source(here: Place, opened: Sphere, url: str, wish: Wish) -> Chosen:
    """The one source behind an address; asks where there are several ways and somebody is there.

    Raises ``UsageError`` where nobody is, ``Refused`` when there is none, ``NetworkError``.
    """
    if wish.mailbox is not None:
        return app.by_mail(url, wish.mailbox)
    if wish.page:
        return app.by_page(opened.networks, url)
    if wish.look_in_days is not None:
        return app.by_hand(url, wish.look_in_days)
    hints = app.find_places(opened.networks, url)
    if not hints:
        return _without_feed(here, opened, url)
    return app.choose_place(opened.networks, _choose(here, opened, hints, wish.feed), url)


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
        _("Look there myself every {n} days").format(n=app.USUAL_DAYS),
    )
    match ask(_("There is no feed. How shall netbot hear of them?"), ways, default=1):
        case 1:
            return app.by_page(opened.networks, url)
        case 2:
            return app.by_mail(url, typer.prompt(_("Who sends it? An address, or a List-Id")))
        case _:
            return app.by_hand(url, app.USUAL_DAYS)


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
