"""A day after a holiday: fifteen cards, some that netbot sends and some for the user's own hands.

Two rooms of one invented studio: Mastodon, where netbot acts, and X and blogs, where it may not.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from netbot import app, engine
from netbot.model import Account, Identity, Post, Source, Suggestion
from netbot.network import Batch, Network
from netbot.store import accounts
from tests.told import NOW

#: The clients by what a yes to their card does: netbot sends it, one likes by hand, one writes.
SENT, LIKED, WRITTEN = 9, 3, 3

_NETBOT = """\
language: {language}
time_zone: Europe/Berlin
queue: {{daily_limit: 20, undo_window_s: 3600}}
"""

_ACCOUNTS = """\
accounts:
  - {id: studio, network: mastodon, handle: "@studio@social.example"}
  - {id: studio-x, network: x, handle: studio, opener: "Firefox, profile Studio"}
  - {id: studio-web, network: web, handle: Nora Feldkamp}
clients:
"""


class Publishers(Network):
    """Every client has published once."""

    NETWORKS: ClassVar[tuple[str, ...]] = ("mastodon", "web", "x")

    def __init__(self, at: datetime) -> None:
        self.at = at

    def fetch(self, source: Source, cursor: str) -> Batch:
        return Batch(posts=(_post(source, self.at),), cursor="seen")


def write_home(home: Path, language: str) -> None:
    """Fifteen clients, and one more without any post."""
    (home / "config").mkdir(parents=True)
    (home / "rules").mkdir()
    (home / "config" / "netbot.yaml").write_text(_NETBOT.format(language=language))
    entries = [_entry(number) for number in range(SENT + LIKED + WRITTEN)]
    text = _ACCOUNTS + "".join(entries) + "  - {id: quiet, name: Quiet Client}\n"
    (home / "config" / "professional.yaml").write_text(text)


def tell(home: Path, language: str, now: datetime = NOW) -> None:
    """A home with fifteen cards, an hour old."""
    write_home(home, language)
    then = now - timedelta(hours=1)
    with app.open_sphere(home, "professional", then) as sphere:
        account = next(each for each in sphere.house.accounts if each.id == "studio")
        _pin(sphere, account, then)
    with app.open_sphere(home, "professional", then, fresh=True) as sphere:
        networks = dict.fromkeys(Publishers.NETWORKS, Publishers(then - timedelta(hours=2)))
        engine.watch(sphere.store, networks, sphere.desk, then)


def cards(home: Path, now: datetime = NOW) -> Sequence[Suggestion]:
    """What waits, in the order in which the user comes to it."""
    with app.open_sphere(home, "professional", now) as sphere:
        return engine.queue(sphere.store, sphere.house, now).cards


def _pin(sphere: app.Sphere, account: Account, now: datetime) -> None:
    who = Identity(platform_id="7", handle=account.handle)
    with sphere.store.write() as tx:
        accounts.pin(tx, account, who, "mark", now)


def _entry(number: int) -> str:
    if number < SENT:
        place = f'{{network: mastodon, address: "@client-{number}@social.example"}}'
    elif number < SENT + LIKED:
        place = f'{{network: x, address: "@client_{number}"}}'
    else:
        place = f"https://client-{number}.example/feed.xml"
    name = f"Client {number:02} & Söhne"
    return f'  - {{id: client-{number}, name: "{name}", sources: [{place}]}}\n'


#: What each of them writes about; no two stories are alike.
_SUBJECTS = (
    "a lathe", "the harbour", "old maps", "a choir", "glass roofs", "winter honey", "typefaces",
    "a loom", "orchards", "stone bridges", "paper mills", "a bakery", "kites", "wool", "clay",
)  # fmt: skip


def _post(source: Source, at: datetime) -> Post:
    number = int(source.client.rpartition("-")[2])
    subject = _SUBJECTS[number]
    addresses = {
        "mastodon": f"https://social.example/@client-{number}/{1000 + number}",
        "x": f"https://x.com/client_{number}/status/{1000 + number}",
        "web": f"https://client-{number}.example/news/{number}",
    }
    url = addresses[source.network]
    words = f"Part {number} of our year was about {subject}: {subject} taught us {number} things."
    return Post(
        network=source.network,
        url=url,
        title=f"What {subject} taught us" if source.network == "web" else "",
        text=words,
        keys=(f"url:{url}",),
        language="en",
        published_at=at - timedelta(minutes=number),
    )
