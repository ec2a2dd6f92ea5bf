"""What the morning mail says: text and HTML, no picture, no address but our own page's."""

import re
import unicodedata
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from netbot import engine
from netbot.app import Sphere
from netbot.model import Suggestion, Verb
from netbot.text import Texts, translator

if TYPE_CHECKING:
    from jinja2 import Environment

    from netbot.web.words import Words

_ADDRESS = re.compile(r"\b(?:https?|ftp|mailto|data|javascript):\S+|\bwww\.\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One card, as the mail shows it."""

    client: str
    title: str  # "" for a moment for tact: such a mail may be read over somebody's shoulder
    excerpt: str
    act: str  # what is suggested, as whom and where
    why: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much waits in a sphere."""

    sphere: str  # its name for people
    cards: int
    by_hand: int  # acts that wait for the human's hands
    troubles: int  # acts, sources and accounts that need the human

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.cards or self.by_hand or self.troubles)


def count_up(sphere: Sphere, now: datetime) -> Counts:
    """What the mail and the notifications tell of."""
    return Counts(
        sphere=_words(sphere, now).sphere(sphere.name),
        cards=len(engine.queue(sphere.store, sphere.house, now).cards),
        by_hand=len(engine.handed_off(sphere.store, sphere.house, now)),
        troubles=_troubles(sphere, now),
    )


def compose(sphere: Sphere, now: datetime) -> EmailMessage | None:
    """The mail of now; None when nothing waits and nothing is wrong, or no mail is wanted."""
    digest = sphere.house.digest
    if digest is None or not digest.to:
        return None
    counts = count_up(sphere, now)
    if counts.is_quiet:
        return None
    content = _content(sphere, counts, digest.front, now)
    look = _look()
    mail = EmailMessage()
    mail["Subject"] = str(content["subject"])
    mail["From"] = Address("netbot", addr_spec=digest.sender)
    mail["To"] = digest.to
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid("netbot", domain=digest.sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    mail.set_content(look.get_template("mail.txt").render(content), cte="quoted-printable")
    mail.add_alternative(
        look.get_template("mail.html").render(content), subtype="html", cte="quoted-printable"
    )
    return mail


def _content(sphere: Sphere, counts: Counts, front: str, now: datetime) -> Mapping[str, object]:
    words = _words(sphere, now)
    texts = words.texts
    waiting = engine.queue(sphere.store, sphere.house, now)
    lines = [_line(card, words, f"{front}{sphere.name}/cards/") for card in waiting.cards]
    cards = tell_cards(texts, counts.cards)
    return {
        "_": texts.get,
        "ngettext": texts.plural,
        "language": texts.language,
        "subject": f"netbot · {counts.sphere}: {cards}",
        "heading": cards,
        "day": words.weekday(now),
        "lines": lines,
        "more": waiting.more,
        "waits": counts.by_hand,
        "troubles": counts.troubles,
        "alive": _alive(sphere, now),
        "front": f"{front}{sphere.name}",
    }


def tell_cards(texts: Texts, n: int) -> str:
    """How many cards wait, in words."""
    return texts.plural("{n} card waits", "{n} cards wait", n).format(n=n)


def _words(sphere: Sphere, now: datetime) -> "Words":
    from netbot.web.words import Words

    texts = translator(sphere.house.language)
    return Words(texts=texts, house=sphere.house, now=now, policy=sphere.policy)


def _line(card: Suggestion, words: "Words", cards: str) -> Line:
    from netbot.web.words import excerpt

    post, reason = card.post.post, next(iter(card.verdict.reasons), None)
    is_personal = card.choice.verb is Verb.GESTURE and not card.choice.is_look_in
    return Line(
        client=_plain(words.client(card.client)),
        title="" if is_personal else _plain(post.title),
        excerpt="" if is_personal else excerpt(_plain(post.text)),
        act=_plain(words.act(card.choice)),
        why=_plain(reason.because or reason.rule) if reason and not is_personal else "",
        link=f"{cards}{card.id.rpartition('-')[2]}",
    )


def _troubles(sphere: Sphere, now: datetime) -> int:
    """How many acts, sources and accounts need the human."""
    found: tuple[Sized, ...] = (
        engine.troubles(sphere.store),
        engine.problems(sphere.store, sphere.house, now),
        engine.frozen_accounts(sphere.store, sphere.house),
        sphere.alarms(),
    )
    return sum(map(len, found))


def _alive(sphere: Sphere, now: datetime) -> tuple[int, int]:
    """How many sources were seen within a day, and how many there are."""
    found = engine.check_up(sphere.store, sphere.house, now)
    return sum(each.is_alive for each in found), len(found)


def _plain(text: str) -> str:
    """One line of a stranger's words, without addresses: they would be links in a mail."""
    kept = "".join(
        " " if unicodedata.category(each)[0] in "CZ" else each for each in _ADDRESS.sub("…", text)
    )
    return " ".join(kept.split())


def _look() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("netbot.digest"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
