"""From a place where somebody publishes to a client whose posts are watched."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from netbot.app.places import Chosen
from netbot.app.sphere import Sphere
from netbot.model import Client, Context, Post, Source, Verdict
from netbot.network import Batch

#: How many of a new client's posts are shown.
SHOWN = 5

#: An id is typed by hand now and then.
LONGEST_ID = 40

#: Ids that no client gets by itself: an address of the page is called so.
_TAKEN = frozenset({"new"})

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A client to be, and what stands at the one place where they publish."""

    client: Client
    batch: Batch | None  # None: netbot does not look there, or not now
    latest: tuple[tuple[Post, Verdict], ...]  # newest first

    @property
    def source(self) -> Source:
        """The one place where the client publishes, as far as is known."""
        return self.client.sources[0]


def look(sphere: Sphere, place: Chosen) -> Batch | None:
    """What a place shows, asked now; None where netbot does not look, or not now.

    Raises ``NetworkError`` when it does not answer.
    """
    if not place.can_be_seen:
        return None
    return sphere.networks[place.source.network].fetch(place.source, "")


def meet(sphere: Sphere, place: Chosen, told: Client, batch: Batch | None, now: datetime) -> Found:
    """Fill in what was not told of a client by what the place showed, and judge the last posts.

    What stands in ``told.sources`` does not count. Raises ``ConfigError`` for rules with errors.
    """
    from netbot.rules import judge

    source, rules = place.source, sphere.rules
    shown = batch or Batch(posts=(), cursor="")
    name = told.name or one_line(shown.title or place.title) or _host(place.site)
    client_id = told.id or _free_id(name, place.site, {each.id for each in sphere.house.clients})
    client = replace(
        told,
        id=client_id,
        name=name or source.address,
        language=told.language or _language(shown),
        sources=(replace(source, client=client_id),),
    )
    context = Context(now=now, client=client, source=client.sources[0])
    latest = tuple((post, judge(post, rules, context)) for post in _latest(shown.posts))
    return Found(client=client, batch=batch, latest=latest)


def take_up(sphere: Sphere, source: Source, batch: Batch | None, now: datetime) -> int:
    """Take in what a new source showed; how many suggestions that made.

    Nothing where nothing was seen (None), or where the source is not to be watched.
    """
    from netbot import engine

    if batch is None or source not in sphere.house.sources:
        return 0
    return engine.take_up(sphere.store, sphere.desk, source, batch, now).suggested


def client_entry(client: Client) -> dict[str, Any]:
    """The client as it is written down."""
    since = client.since or ""
    entry = {
        "id": client.id,
        "name": client.name,
        "language": client.language,
        "tags": client.tags,
        "cadence_days": client.cadence_days,
        "since": int(since) if since.isascii() and since.isdigit() else since,
        "sources": [source_entry(source) for source in client.sources],
    }
    return {key: value for key, value in entry.items() if value}


def source_entry(source: Source) -> str | dict[str, Any]:
    """A source as it is written down: a site is its address alone."""
    if source.network == "web" and not source.look_in_days:
        return source.address
    entry = {"network": source.network, "address": source.address}
    return entry | ({"look_in_days": source.look_in_days} if source.look_in_days else {})


def slug(name: str) -> str:
    """The name as an id: small letters, digits and single hyphens; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_GERMAN))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return found if len(found) <= LONGEST_ID else found[: LONGEST_ID + 1].rpartition("-")[0]


def one_line(text: str) -> str:
    """What can be read of it, as a name."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:200]


def _free_id(name: str, address: str, taken: set[str]) -> str:
    wanted = slug(name) or slug(_host(address)) or "client"
    numbers = (f"{wanted}-{number}" for number in range(2, len(taken) + 4))
    return next(each for each in (wanted, *numbers) if each not in taken | _TAKEN)


def _latest(shown: Sequence[Post]) -> list[Post]:
    """The newest posts; the order of the feed where some have no date."""
    dates: Mapping[int, datetime | None] = {id(post): post.published_at for post in shown}
    if all(dates.values()):
        shown = sorted(shown, key=lambda post: str(post.published_at), reverse=True)
    return list(shown[:SHOWN])


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _language(batch: Batch) -> str | None:
    """As the feed declares it, else as its small words betray it."""
    from netbot import draft

    declared = (batch.language or "").replace("_", "-")
    if _LANGUAGE.fullmatch(declared):
        return declared
    text = " ".join(f"{post.title} {post.text[:2000]}" for post in batch.posts[:SHOWN])
    sample = Post(network="web", url="", title="", text=text, keys=())
    nobody = Client(id="", name="")
    guesses = {draft.language_of(sample, nobody, default) for default in ("de", "en")}
    return guesses.pop() if len(guesses) == 1 else None
