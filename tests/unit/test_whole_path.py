"""From the bytes on a server to the queue: every sample, through the whole house, over days.

The server, the parse child, the shipped rules, the database and the queue are real; only the time
is ours.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.demo.blogserver import Asked, BlogServer
from netbot.model import StoredPost, Suggestion
from netbot.store import posts
from tests.samples import ISO_DATE, NAMES, NEWS, TEXT, JsonSample, Sample, sample

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
PASS = timedelta(hours=25)  # some samples wish to be left alone for a day

CROWDED = "crowded.json"
CROWD = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [
        {"id": str(n), "url": f"https://crowded.example/{n}", "title": f"Neuer Kurs Nummer {n}"}
        for n in range(12)
    ],
}
SOURCES = (*NAMES, CROWDED)

#: Its second post can be known by its words alone: its id and its link are those of the first.
INDISTINCT = "shared-link.xml"
#: It has neither ids nor links, so that nothing can be done at any address.
WITHOUT_ADDRESS = "rss092.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One day's look at all sources, and what was there to see afterwards."""

    report: engine.Report
    stored: dict[str, list[StoredPost]]
    cards: list[Suggestion]
    asked: list[Asked]  # in this look

    @property
    def posts(self) -> Counter[str]:
        return Counter({name: len(found) for name, found in self.stored.items()})

    @property
    def suggested(self) -> Counter[str]:
        return Counter(_name(card.client) for card in self.cards)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """What was seen at the first look, and after everything that happened to the feeds."""

    seeded: Look
    unchanged: Look
    published: Look
    renumbered: Look
    edited: Look
    edits: dict[str, int]  # how many posts each publisher edited


class Days:
    """A home that watches all sources, one client each."""

    def __init__(self, home: Path, blog: BlogServer) -> None:
        self.blog = blog
        self.samples: dict[str, Sample | JsonSample] = {name: sample(name) for name in NAMES}
        self.now = START
        blog.put(f"/{CROWDED}", json.dumps(CROWD).encode(), content_type="application/feed+json")
        _write_home(home, blog)
        self.sphere = app.open_sphere(home, "professional", START, fresh=True)

    def look(self) -> Look:
        """Watch all sources, as they are served now, a day after the last look."""
        for name, each in self.samples.items():
            self.blog.put(f"/{name}", each.body(), content_type="application/xml")
        sphere, asked = self.sphere, len(self.blog.requests)
        self.now += PASS
        report = engine.watch(sphere.store, sphere.networks, sphere.desk, self.now)
        queue = engine.queue(sphere.store, sphere.house, self.now, everything=True)
        with sphere.store.read() as tx:
            stored = {name: posts.recent(tx, _client(name), since=START) for name in SOURCES}
        return Look(
            report=report,
            stored=stored,
            cards=list(queue.cards),
            asked=self.blog.requests[asked:],
        )


def _client(name: str) -> str:
    return name.replace(".", "--")


def _name(client: str) -> str:
    return client.replace("--", ".")


def _write_home(home: Path, blog: BlogServer) -> None:
    netbot = {"watch": {"min_interval_s": 1, "allow_hosts": ["127.0.0.1"]}}
    professional = {
        "accounts": [{"id": "anna-web", "network": "web", "handle": "Anna Muster"}],
        "clients": [
            {"id": _client(name), "name": name, "sources": [blog.url(f"/{name}")]}
            for name in SOURCES
        ],
    }
    (home / "config").mkdir()
    for name, content in (("netbot", netbot), ("professional", professional)):
        (home / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diary]:
    with BlogServer() as blog:
        days = Days(tmp_path_factory.mktemp("home"), blog)
        publishers = days.samples.values()
        with days.sphere:
            seeded, unchanged = days.look(), days.look()
            for each in publishers:
                each.publish()
            published = days.look()
            for each in publishers:
                each.renumber()
                each.readdress()
            renumbered = days.look()
            edits = {name: each.edit() for name, each in days.samples.items() if name != INDISTINCT}
            yield Diary(
                seeded=seeded,
                unchanged=unchanged,
                published=published,
                renumbered=renumbered,
                edited=days.look(),
                edits=edits,
            )


def test_every_look_at_every_source_goes_well(diary):
    for look in (diary.seeded, diary.unchanged, diary.published, diary.renumbered, diary.edited):
        assert look.report.errors == {}
        assert look.report.looked == len(SOURCES) > 30


def test_the_first_look_stores_every_post_once_and_suggests_few(diary):
    written = Counter({name: len(sample(name).posts) for name in NAMES} | {CROWDED: 12})
    written["missing-ids.xml"] -= 1  # one of them is empty
    assert diary.seeded.posts == written
    assert diary.seeded.report.new == written.total()
    assert diary.seeded.report.suggested == diary.seeded.suggested.total() > 20
    assert diary.seeded.suggested[CROWDED] == max(diary.seeded.suggested.values()) == 3


def test_what_has_not_changed_is_not_sent_again(diary):
    assert {asked.status for asked in diary.seeded.asked} == {200}
    assert {asked.status for asked in diary.unchanged.asked} == {304}
    assert (diary.unchanged.report.new, diary.unchanged.report.suggested) == (0, 0)


def test_each_source_is_asked_unconditionally_once(diary):
    looks = (diary.seeded, diary.unchanged, diary.published, diary.renumbered, diary.edited)
    asked = [each for look in looks for each in look.asked]
    assert len(asked) == len(looks) * len(SOURCES)
    bare = Counter(each.path[1:] for each in asked if "if-none-match" not in each.headers)
    assert bare == Counter(SOURCES)


def test_a_new_post_of_each_is_stored_and_suggested_once(diary):
    before, after = diary.unchanged, diary.published
    assert after.posts - before.posts == Counter(NAMES)
    known = {card.id for card in before.cards}
    cards = [card for card in after.cards if card.id not in known]
    assert Counter(_name(card.client) for card in cards) == (
        Counter(NAMES) - Counter([WITHOUT_ADDRESS])
    )
    for card in cards:
        assert NEWS in card.post.post.title or not card.post.post.title
        assert card.post.post.text in {"", TEXT}  # one format has titles only
        assert card.post.post.published_at in {None, datetime.fromisoformat(ISO_DATE)}
        assert card.choice.target_url.endswith("/news-7")


@pytest.mark.parametrize("what", ["renumbered", "edited"])
def test_nothing_is_new_because_it_changed(diary, what):
    look: Look = getattr(diary, what)
    assert look.report.new == look.report.suggested == 0
    assert look.posts == diary.published.posts
    assert {card.id for card in look.cards} <= {card.id for card in diary.published.cards}


def test_other_ids_addresses_and_order_are_no_change(diary):
    assert diary.renumbered.report.changed == 0
    assert {asked.status for asked in diary.renumbered.asked if CROWDED not in asked.path} == {200}


def test_an_edited_post_is_one_update(diary):
    assert diary.edited.report.changed == sum(diary.edits.values())
    for name, edits in diary.edits.items():
        found = [each.post for each in diary.edited.stored[name]]
        assert sum("Corrected:" in post.title + post.text for post in found) == edits
