"""A client's blog is a real WordPress: what netbot sees of it, and what the blog sees of netbot."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.cli.main import run
from netbot.model import Suggestion, SuggestionState
from netbot.store import sources, suggestions
from tests.peers.wordpress import WordPress

pytestmark = pytest.mark.e2e

HOUR = timedelta(hours=1)
ACCOUNTS = "accounts:\n  - {id: my-web, network: web, handle: Anna Muster}\n"


class Watcher:
    """A home with the blog as its only client, looked at every hour."""

    def __init__(self, home: Path, blog: WordPress) -> None:
        self.home, self.host = home, f"127.0.0.1:{blog.port}"
        self.now = datetime.now(UTC)
        (home / "config").mkdir()
        settings = f"watch: {{allow_hosts: ['{self.host}']}}\nrules: {{shipped: false}}\n"
        (home / "config/netbot.yaml").write_text(settings, encoding="utf-8")
        clients = f"clients:\n  - id: acme\n    name: ACME\n    sources: [{blog.home}/feed/]\n"
        self.file = home / "config/professional.yaml"
        self.file.write_text(ACCOUNTS + clients, encoding="utf-8")

    def look(self) -> engine.Report:
        """The next look, an hour later."""
        self.now += HOUR
        with app.open_sphere(self.home, "professional", self.now, fresh=True) as sphere:
            return engine.watch(sphere.store, sphere.networks, sphere.desk, self.now)

    def cards(self) -> dict[str, str]:
        """What waits: titles, and the ids of their cards."""
        with app.open_sphere(self.home, "professional", self.now) as sphere:
            cards = engine.queue(sphere.store, sphere.house, self.now, everything=True).cards
        return {card.post.post.title: card.id for card in cards}

    def card(self, id: str) -> Suggestion:
        with app.open_sphere(self.home, "professional", self.now) as sphere:
            with sphere.store.read() as tx:
                return suggestions.get(tx, "professional", id)

    def cursor(self) -> dict[str, str]:
        with app.open_sphere(self.home, "professional", self.now) as sphere:
            with sphere.store.read() as tx:
                [watched] = sources.everything(tx)
        found: dict[str, str] = json.loads(watched.cursor)
        return found

    def reread(self) -> list[str]:
        """Look at the address of each waiting card again; the cards that went."""
        with app.open_sphere(self.home, "professional", self.now) as sphere:
            feeds = sphere.networks["web"]
            return engine.vanish(sphere.store, sphere.desk, feeds.reread, self.now)


@pytest.fixture
def watcher(tmp_path: Path, blog: WordPress) -> Watcher:
    """One who has seen the blog once, when there was one post."""
    blog.publish("Willkommen", "<p>Hier schreiben wir in Zukunft.</p>")
    watcher = Watcher(tmp_path, blog)
    assert watcher.look().new == 1
    return watcher


def test_a_new_post_is_in_the_queue_at_the_next_check(blog, watcher):
    assert set(watcher.cards()) == {"Willkommen"}
    post = blog.publish("Größere Räume", "<p>Wir sind <b>umgezogen</b> &amp; feiern.</p>")
    report = watcher.look()
    assert (report.new, report.changed, report.suggested, report.errors) == (1, 0, 1, {})
    card = watcher.card(watcher.cards()["Größere Räume"])
    assert card.post.post.text == "Wir sind umgezogen & feiern."
    assert card.post.post.author == "anna"
    assert card.choice.target_url == post.link


def test_in_between_the_blog_has_nothing_to_send(blog, watcher):
    asked = len(blog.answers("/feed/", 1))
    validators = watcher.cursor()
    for _ in range(3):
        report = watcher.look()
        assert (report.looked, report.new, report.changed, report.errors) == (1, 0, 0, {})
    assert blog.answers("/feed/", asked + 3)[asked:] == [304, 304, 304]
    seen = blog.ask(f"{blog.home}/feed/").headers
    assert (validators["etag"], validators["modified"]) == (seen["etag"], seen["last-modified"])
    assert watcher.cursor() == validators
    assert set(watcher.cards()) == {"Willkommen"}


def test_after_a_pause_a_new_post_still_comes(blog, watcher):
    watcher.look()
    blog.publish("Nachtrag", "<p>Noch etwas.</p>")
    assert watcher.look().new == 1
    assert watcher.look().new == 0


def test_an_edit_is_an_update_and_no_second_card(blog, watcher):
    post = blog.publish("Entwurf", "<p>Erster Stand.</p>")
    watcher.look()
    before = watcher.cards()
    blog.edit(post, title="Endfassung", content="<p>Zweiter Stand.</p>")
    report = watcher.look()
    assert (report.new, report.changed, report.suggested) == (0, 1, 0)
    after = watcher.cards()
    assert after["Endfassung"] == before["Entwurf"]
    assert len(after) == 2
    assert watcher.card(after["Endfassung"]).post.post.text == "Zweiter Stand."


def test_a_post_that_is_taken_out_is_no_error_and_its_card_gives_way(blog, watcher):
    post = blog.publish("Übereilt", "<p>Das war zu früh.</p>")
    watcher.look()
    cards = watcher.cards()
    assert watcher.reread() == []
    blog.delete(post)
    report = watcher.look()
    assert (report.new, report.changed, report.errors) == (0, 0, {})
    assert watcher.cards() == cards  # the feed alone cannot tell deleted from old
    assert watcher.reread() == [cards["Übereilt"]]
    assert watcher.card(cards["Übereilt"]).state is SuggestionState.SUPERSEDED
    assert set(watcher.cards()) == {"Willkommen"}


def test_a_post_that_the_feed_no_longer_shows_may_still_stand(blog, watcher):
    for number in range(10):  # as many as the feed of a WordPress shows
        blog.publish(f"Notiz {number}", f"<p>Gedanke Nummer {number}.</p>")
    assert watcher.look().new == 10
    assert "Willkommen" not in blog.ask(f"{blog.home}/feed/").body
    assert watcher.reread() == []
    assert "Willkommen" in watcher.cards()


def test_the_feed_is_found_from_the_front_page(blog, watcher, capsys):
    watcher.file.write_text(f"{ACCOUNTS}clients:\n", encoding="utf-8")
    code = run(["client", "add", f"{blog.home}/", "--home", str(watcher.home), "--json"])
    said = capsys.readouterr()
    assert code == 0, said.err
    answer = json.loads(said.out)
    assert answer["client"]["name"] == "Büro Ährenkranz"
    assert answer["client"]["sources"] == [f"{blog.home}/feed/"]
    assert [post["title"] for post in answer["posts"]] == ["Willkommen"]
