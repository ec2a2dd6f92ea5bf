"""Pages without a feed: what is an entry, what is none, and how politely they are asked."""

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.model import Gone, Refused, Source, Transient
from netbot.network import Access
from netbot.networks.page import Pages
from tests.networks import contract
from tests.newsite import NAMES, SHOWN, Site, changed, sample


class Stage(contract.Stage):
    """For the contract of all networks."""

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server = BlogServer()
        self.shown: dict[str, str] = {}

    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> Pages:
        return Pages(access, allow_hosts=["127.0.0.1"])

    def publish(self, text: str) -> str:
        url: str = self.server.url(f"/news/{len(self.shown)}-angelegt")
        self.edit(url, text)
        return url

    def edit(self, url: str, text: str) -> None:
        self.shown[url] = text
        self.server.put(urlsplit(url).path, text.encode(), content_type="text/html")
        self._show()

    def remove(self, url: str) -> None:
        del self.shown[url]
        self.server.remove(urlsplit(url).path)
        self._show()

    def source(self) -> Source:
        return Source(client="acme", network="page", address=self.server.url("/aktuelles"))

    def _show(self) -> None:
        entries = "".join(
            f'<article><h2><a href="{url}">Nachricht {url[-12]}: {html.escape(text[:30])}</a></h2>'
            f"<p>22.11.2026</p><p>{html.escape(text)}</p></article>"
            for url, text in reversed(self.shown.items())
        )
        page = f"<html><title>Acme</title><body><h1>Aktuelles</h1>{entries}</body></html>"
        self.server.put("/aktuelles", page.encode(), content_type="text/html; charset=utf-8")


@pytest.fixture
def site():
    with BlogServer() as server:
        made = Site(server)
        yield made
        made.port.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_entries_of_a_page_are_its_posts(site, name):
    site.show(sample(name))
    batch = site.look()
    assert [post.title for post in batch.posts] == SHOWN[name]
    assert all(post.url.startswith("http") and len(post.text) > 40 for post in batch.posts)
    assert len({post.keys[0] for post in batch.posts}) == len(batch.posts)
    assert not {"Impressum", "Öffnungszeiten"} & {post.title for post in batch.posts}


@pytest.mark.parametrize("name", NAMES)
def test_an_edited_page_shows_the_same_posts(site, name):
    """A word in a headline, a sentence in a text, and everything around them."""
    site.show(sample(name))
    before = site.look().posts
    word = SHOWN[name][0].split()[-1].rstrip(".:")
    page = changed(name, word, f"{word}e")
    encoding = "latin-1" if name == "table" else "utf-8"
    text = page.decode(encoding)
    text = re.sub(r"(?i)</body>", "<p>Besucher heute: 4712</p></body>", text)
    site.show(text.encode(encoding))
    after = site.look()
    assert [set(a.keys) & set(b.keys) != set() for a, b in zip(before, after.posts, strict=True)]
    known = {key for post in before for key in post.keys}
    assert all(known & set(post.keys) for post in after.posts)


@pytest.mark.parametrize(
    ("name", "anchor"),
    [("flat", "<h3>Wir ziehen um</h3>"), ("anchors", '<div class="eintrag" id="k')],
)
def test_a_new_entry_on_top_is_the_only_new_one(site, name, anchor):
    site.show(sample(name))
    known = {key for post in site.look().posts for key in post.keys}
    entry = {
        "flat": "<h3>Wir suchen dich</h3><p>Eine Stelle am Empfang, halbtags und unbefristet.</p>",
        "anchors": '<div class="eintrag" id="schnee"><p>22. November 2026</p><h3>Schnee</h3>'
        "<p>Der erste Schnee liegt, und die Gänse wundern sich sehr darüber.</p></div>",
    }[name]
    site.show(changed(name, anchor, entry + anchor))
    fresh = [post.title for post in site.look().posts if not known & set(post.keys)]
    assert len(fresh) == 1
    assert fresh[0] in {"Wir suchen dich", "Schnee"}


def test_the_next_issue_is_another_entry(site):
    def listing(*weeks):
        rows = "".join(
            f"<h3>Speiseplan der Woche {week}</h3><p>Suppe, Nudeln und am Freitag Fisch.</p>"
            for week in weeks
        )
        return f"<html><body><div class=inhalt>{rows}</div></body></html>".encode()

    site.show(listing(47, 46))
    known = {key for post in site.look().posts for key in post.keys}
    site.show(listing(48, 47))
    fresh = [post.title for post in site.look().posts if not known & set(post.keys)]
    assert fresh == ["Speiseplan der Woche 48"]


def test_what_only_looks_like_a_list_is_none(site):
    links = "".join(f"<li><a href='/{n}'>Eine Seite über Thema {n}</a></li>" for n in range(9))
    site.show(f"<html><body><ul>{links}</ul><h1>Willkommen</h1><p>Hallo</p></body>".encode())
    with pytest.raises(Refused, match="nothing that looks like news"):
        site.look()


def test_it_asks_once_and_then_whether_anything_is_new(site):
    site.show(sample("article"))
    first, second = site.look(), site.look()
    assert (first.changed, second.changed, second.conditional) == (True, False, True)
    pages = [asked for asked in site.server.requests if asked.path == "/aktuelles"]
    assert [asked.status for asked in pages] == [200, 304]
    assert site.asked().count("/robots.txt") == 1
    site.look(after=timedelta(days=1))
    assert site.asked().count("/robots.txt") == 2


def test_a_page_that_changes_around_its_entries_is_no_news(site):
    site.show(sample("article"))
    site.look()
    site.show(sample("article").replace(b"</main>", b"</main><p>Token 4711</p>"))
    assert not site.look().changed


def test_what_robots_txt_bars_is_not_asked_for(site):
    site.show(sample("article"))
    site.server.put(
        "/robots.txt", b"User-agent: *\nDisallow: /aktuelles\n", content_type="text/plain"
    )
    with pytest.raises(Refused, match="look_in_days"):
        site.look()
    assert site.asked() == ["/robots.txt"]


def test_a_rule_for_us_counts_before_one_for_all(site):
    site.show(sample("article"))
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: netbot\nAllow: /\n"
    site.server.put("/robots.txt", rules.encode(), content_type="text/plain")
    assert len(site.look().posts) == 3


def test_two_pages_of_a_site_are_asked_as_far_apart_as_it_wishes(site):
    site.show(sample("article"))
    site.server.put("/termine", sample("terms"), content_type="text/html")
    site.server.put("/robots.txt", b"User-agent: *\nCrawl-delay: 0.3\n", content_type="text/plain")
    other = Source(client="acme", network="page", address=site.server.url("/termine"))
    answers = dict(site.port.fetch_many([(site.source, ""), (other, "")]))
    assert {len(batch.posts) for batch in answers.values()} == {3}
    at = [asked.at for asked in site.server.requests if asked.path in {"/aktuelles", "/termine"}]
    assert len(at) == 2


def test_a_site_in_trouble_is_left_alone(site):
    site.show(sample("article"))
    site.server.put("/robots.txt", b"", status=503)
    with pytest.raises(Transient):
        site.look()
    assert site.asked() == ["/robots.txt"]


def test_a_post_that_is_gone_is_noticed(site):
    site.show(sample("article"))
    post = site.look().posts[0]
    with pytest.raises(Gone):
        site.port.reread(post)


def test_an_address_resolves_to_its_page_or_to_nothing(site):
    site.show(sample("article"))
    [hint] = site.port.resolve(site.source.address)
    assert (hint.network, hint.title) == ("page", "Neuigkeiten · Buchhandlung Eselsohr")
    site.show(b"<html><body><p>Nichts</p></body></html>")
    assert site.port.resolve(site.source.address) == ()
    assert site.port.resolve("@acme@example.social") == ()
