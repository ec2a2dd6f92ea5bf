"""Feeds in which every field is hostile, and a home that reads them as it reads any feed."""

import json
import random
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from netbot import app, engine
from netbot.demo.blogserver import BlogServer
from netbot.engine import Approve
from netbot.engine.thanks import receive, weigh
from netbot.model import Account, Engagement, EngagementKind, NetbotError

FOLDER = Path(__file__).with_name("hostile")
SPHERE = "professional"
RULE = """
champion:
  - {name: loud, when: {phrase: [alert, script]}, suggest: [comment], because: "found {match}"}
"""
#: What XML 1.0 cannot hold (w3.org/TR/xml, production 2).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SOUNDS = (
    ("Bar", "Fel", "Gun", "Kor", "Lem", "Nud", "Pos", "Ral", "Sim", "Tov"),
    ("ande", "ebel", "icht", "orsa", "ulme", "athe", "eine", "osto", "iller", "usch"),
)
_WORDS = ["".join(sounds) for sounds in product(*_SOUNDS)]


def strings() -> list[str]:
    """All of them; each file says where its kind comes from."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return list(dict.fromkeys(each for file in files for each in file["strings"]))


def rss(entries: Sequence[str], at: datetime) -> bytes:
    """RSS 2.0 with all that people put into it."""
    items = "".join(
        f"<item><title>{escape(bad)}</title><link>{escape(_link(n, bad))}</link>"
        f"<guid isPermaLink='false'>{n} {escape(bad)}</guid><author>{escape(bad)}</author>"
        f"<dc:creator>{escape(bad)}</dc:creator><category>{escape(bad)}</category>"
        f"<comments>{escape(bad)}</comments><source url={quoteattr(bad)}>{escape(bad)}</source>"
        f"<enclosure url={quoteattr(bad)} type={quoteattr(bad)} length='1'/>"
        f"<media:content url={quoteattr(bad)} medium='image'>"
        f"<media:title>{escape(bad)}</media:title>"
        f"<media:description>{escape(bad)}</media:description></media:content>"
        f"<description>{escape(_body(n, bad))}</description>"
        f"<content:encoded>{escape(_body(n, bad))}</content:encoded>"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for n, bad in enumerate(map(_in_xml, entries))
    )
    name = escape(_in_xml(entries[0]))
    return (
        "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'"
        " xmlns:media='http://search.yahoo.com/mrss/'"
        " xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        f"<title>{name}</title><link>{name}</link><description>{name}</description>{items}"
        "</channel></rss>"
    ).encode()


def atom(entries: Sequence[str], at: datetime) -> bytes:
    """Atom, in which a title may be markup."""
    items = "".join(
        f"<entry><title type='{('text', 'html')[n % 2]}'>{escape(bad)} {n}</title>"
        f"<link href={quoteattr(_link(n, bad))}/><id>{n} {escape(bad)}</id>"
        f"<link rel='enclosure' href={quoteattr(bad)} title={quoteattr(bad)}/>"
        f"<author><name>{escape(bad)}</name><uri>{escape(bad)}</uri></author>"
        f"<category term={quoteattr(bad)} label={quoteattr(bad)}/>"
        f"<summary type='html'>{escape(bad)}</summary>"
        f"<content type='html'>{escape(_body(n, bad))}</content><rights>{escape(bad)}</rights>"
        f"<updated>{at.isoformat()}</updated><published>{at.isoformat()}</published></entry>"
        for n, bad in enumerate(map(_in_xml, entries))
    )
    name = escape(_in_xml(entries[0]))
    return (
        "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>"
        f"<title>{name}</title><subtitle>{name}</subtitle><id>urn:x</id>{items}</feed>"
    ).encode()


def json_feed(entries: Sequence[str], at: datetime) -> bytes:
    """JSON Feed, which can hold every sign there is."""
    items = [
        {
            "id": f"{n} {bad}",
            "url": _link(n, bad),
            "external_url": bad,
            "title": bad,
            "content_html": _body(n, bad),
            "summary": bad,
            "image": bad,
            "banner_image": bad,
            "date_published": at.isoformat(),
            "authors": [{"name": bad, "url": bad, "avatar": bad}],
            "tags": [bad],
            "language": bad,
            "attachments": [{"url": bad, "mime_type": bad, "title": bad}],
        }
        for n, bad in enumerate(entries)
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": entries[0], "icon": entries[0]}
    return json.dumps(head | {"description": entries[0], "items": items}).encode()


KINDS: tuple[tuple[Callable[[Sequence[str], datetime], bytes], str], ...] = (
    (json_feed, "application/feed+json"),
    (rss, "application/rss+xml"),
    (atom, "application/atom+xml"),
)


def _in_xml(text: str) -> str:
    return _NOT_XML.sub("", text)


def _link(number: int, bad: str) -> str:
    """Every third is hostile as a whole, and leads nowhere that a card could lead to."""
    return bad if number % 3 == 2 else f"https://hostile.example/{number}?{bad}"


def _body(number: int, bad: str) -> str:
    """The string as markup and as words, between words by which no two posts are alike."""
    chance = random.Random(f"{number} {bad}")
    some = " ".join(chance.sample(_WORDS, 30))
    return f"<p>{escape(bad)}</p><a href={quoteattr(bad)}>x</a>{bad}<p>{some}</p>"


@dataclass(frozen=True, slots=True)
class Reader:
    """A home with one client, whose feed stands on a server of ours."""

    home: Path
    server: BlogServer
    now: datetime

    def write(self, bad: str) -> None:
        """A client and accounts of that name, and a rule that quotes what it found."""
        for name in ("config", "rules"):
            (self.home / name).mkdir(parents=True)
        source, name = self.server.url("/feed"), json.dumps(bad)
        (self.home / "config/netbot.yaml").write_text(
            "language: en\nrules: {shipped: false}\nqueue: {daily_limit: 50}\n"
            "watch: {min_interval_s: 1, allow_hosts: [127.0.0.1]}\n"
        )
        (self.home / f"config/{SPHERE}.yaml").write_text(
            f"accounts:\n  - {{id: web, network: web, handle: {name}}}\n"
            f"clients:\n  - {{id: acme, name: {name}, sources: [{source}]}}\n"
        )
        (self.home / "rules/values.yaml").write_text(RULE)

    def read(self, entries: Sequence[str], kind: int) -> int:
        """Look at an empty feed, then at this one; how many cards there are."""
        make, content_type = KINDS[kind % len(KINDS)]
        for shown, at in (("", self.now - timedelta(days=1)), (entries, self.now)):
            body = make(shown, at) if shown else atom([" "], at).replace(b"entry", b"x")
            self.server.put("/feed", body, content_type=content_type)
            with app.open_sphere(self.home, SPHERE, at, fresh=True) as sphere:
                engine.watch(sphere.store, sphere.networks, sphere.desk, at)
        self._act(entries)
        with app.open_sphere(self.home, SPHERE, self.now) as sphere:
            return len(engine.queue(sphere.store, sphere.house, self.now, everything=True).cards)

    def _act(self, entries: Sequence[str]) -> None:
        """Say yes to a few in hostile words, take one in hand, and be thanked for something."""
        acme = Account(id="web", network="mastodon", handle=entries[0], platform_id="7")
        with app.open_sphere(self.home, SPHERE, self.now) as sphere:
            cards = engine.queue(sphere.store, sphere.house, self.now).cards
            for card, bad in zip(cards[:4], entries, strict=False):
                with suppress(NetbotError):
                    engine.decide(sphere.store, sphere.hall, card.id, Approve(text=bad), self.now)
                    engine.hand_off(sphere.store, sphere.hall, card.id, self.now)
            (client,) = sphere.house.clients
            done = [_kindness(n, bad, self.now) for n, bad in enumerate(entries[:5])]
            heard = [weigh(sphere.desk, acme, client, each, self.now) for each in done]
            with sphere.store.write() as tx:
                receive(tx, SPHERE, sphere.desk, heard, self.now)

    def add(self, bad: str) -> str:
        """The address at which a phone or a bookmarklet hands such a post on."""
        told = quote(bad, safe="")
        return f"/{SPHERE}/add?url={told}&title={told}&text={told}"


def _kindness(number: int, bad: str, at: datetime) -> Engagement:
    return Engagement(
        id=f"{number} {bad}",
        kind=EngagementKind.REPLY,
        at=at,
        handle=bad,
        who_url=bad,
        object_url=bad,
        text=bad,
    )
