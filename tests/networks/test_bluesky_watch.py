"""Watching accounts on Bluesky: the real library on the stand-in network, without an account."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from netbot.demo.bluesky import BlueskyServer
from netbot.demo.faults import Fault, Mishap
from netbot.fetch import NotFound
from netbot.model import Gone, NetworkError, RateLimited, Refused, Source, Transient
from netbot.network import SourceHint
from netbot.networks.bluesky import Bluesky
from netbot.networks.bluesky.telling import PAGES, VIEW, Address, Place, page_of, posts
from tests.blueskies import TEXT, studio_on

LINK = "https://acme.example/berichte/2026/herbst-und-winter"


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    with BlueskyServer() as running:
        running.add_account("acme", shown="ACME Übersetzer")
        yield running


@pytest.fixture
def port() -> Bluesky:
    return Bluesky(allow_hosts=["127.0.0.1"], timeout_s=10)


def source(server: BlueskyServer, name: str = "acme") -> Source:
    address = server.url(f"/profile/{name}.test")
    return Source(client="acme", network="bluesky", address=address)


def link(shown: str, text: str, to: str) -> dict[str, object]:
    start = len(text[: text.index(shown)].encode())
    index = {"byteStart": start, "byteEnd": start + len(shown.encode())}
    return {"index": index, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": to}]}


def test_a_record_becomes_a_post(server, port):
    uri = server.publish("acme", f"{TEXT} <b>", ago_s=60, langs=["de"], tags=["Übersetzung"])
    batch = port.fetch(source(server), "")
    [post] = batch.posts
    assert (batch.title, batch.changed, post.network) == ("ACME Übersetzer", True, "bluesky")
    assert (post.url, post.text) == (server.address(uri), f"{TEXT} <b>")
    assert (post.title, post.author, post.language) == ("", "ACME Übersetzer", "de")
    assert (post.tags, post.links, post.media) == (("Übersetzung",), 0, 0)
    assert (post.kind, post.in_reply_to) == ("original", None)
    assert post.keys[0] == f"id:{uri}"
    assert post.keys[1].startswith("url:https://127.0.0.1")
    assert post.keys[2].startswith("hash:")
    assert not [entry for entry in server.asked() if "token" in entry]


def test_links_that_were_cut_for_show_are_whole(server, port):
    text = "Größe zählt: acme.example/berichte/20… und neu.acme.example, mehr hier"
    facets = [
        link("acme.example/berichte/20…", text, LINK),
        link("neu.acme.example", text, "https://neu.acme.example"),
        link("hier", text, "https://acme.example/mehr"),
    ]
    server.publish("acme", text, facets=facets)
    [post] = port.fetch(source(server), "").posts
    assert post.text == f"Größe zählt: {LINK} und https://neu.acme.example, mehr hier"
    assert post.links == 3


@pytest.mark.parametrize(
    "facet",
    [
        {"index": {"byteStart": 900, "byteEnd": 990}, "features": [{"uri": LINK}]},
        {"index": {"byteStart": 0, "byteEnd": 5}, "features": [{"uri": f"{LINK}{'x' * 2_000}"}]},
        {"index": {"byteStart": 0, "byteEnd": 5}, "features": [{"uri": "javascript:alert(1)"}]},
        {"index": {"byteStart": 0, "byteEnd": 5}, "features": []},
    ],
)
def test_marks_that_make_no_sense_change_no_text(server, port, facet):
    server.publish("acme", "Guten Tag…", facets=[facet])
    [post] = port.fetch(source(server), "").posts
    assert post.text == "Guten Tag…"


@pytest.mark.parametrize(
    ("embed", "links", "media"),
    [
        ({"images": [{}, {}]}, 0, 2),
        ({"video": {}}, 0, 1),
        ({"external": {"uri": LINK}}, 1, 0),
        ({"record": {"uri": "at://x"}, "media": {"images": [{}]}}, 0, 1),
        ({"record": {"uri": "at://x/y/z"}}, 0, 0),
    ],
)
def test_what_hangs_on_a_post_is_counted(server, port, embed, links, media):
    if "record" in embed:
        embed = embed | {"record": server.world.reference(server.publish("anna", "x"))}
    server.publish("acme", TEXT, embed=embed)
    [post] = port.fetch(source(server), "").posts
    assert (post.links, post.media) == (links, media)


def test_a_thread_knows_its_beginning(server, port):
    first = server.publish("acme", "Erster Teil", ago_s=9)
    server.publish("acme", "Zweiter Teil", parent=first)
    second, begin = port.fetch(source(server), "").posts
    assert (begin.text, begin.kind) == ("Erster Teil", "original")
    assert (second.kind, second.in_reply_to) == ("reply", server.address(first))


def test_reposts_and_answers_to_others_are_left_out(server, port):
    other = server.publish("anna", "Etwas ganz anderes")
    server.by_hand("acme", "repost", other)
    server.publish("acme", "Danke!", parent=other)
    assert port.fetch(source(server), "").posts == ()


def test_a_time_that_nobody_can_have_written_at_is_the_time_it_was_seen(server, port):
    server.publish("acme", TEXT, createdAt="2999-01-01T00:00:00.000Z")
    server.publish("acme", "Ohne Zeit", createdAt="gestern")
    seen = {post.published_at for post in port.fetch(source(server), "").posts}
    assert all(at and abs(at - datetime.now(UTC)) < timedelta(minutes=5) for at in seen)


def test_nothing_new_is_told_as_such(server, port):
    server.publish("acme", TEXT)
    first = port.fetch(source(server), "")
    again = port.fetch(source(server), first.cursor)
    assert (again.changed, again.posts, again.cursor) == (False, (), first.cursor)
    assert [entry["verb"] for entry in server.asked()] == ["profile", "feed", "feed"]


def test_an_edit_is_the_same_post_with_another_text(server, port):
    uri = server.publish("acme", TEXT)
    before = port.fetch(source(server), "")
    server.edit(uri, "Der Herbstbericht kommt eine Woche später, bitte noch etwas Geduld.")
    after = port.fetch(source(server), before.cursor)
    assert after.changed
    assert after.posts[0].keys[:2] == before.posts[0].keys[:2]
    assert after.posts[0].text != before.posts[0].text
    server.remove(uri)
    gone = port.fetch(source(server), after.cursor)
    assert (gone.changed, gone.posts) == (True, ())


def test_after_a_long_silence_nothing_is_missed(server, port):
    made = [server.publish("acme", f"Nachricht {n}", ago_s=9_000 - n) for n in range(3)]
    first = port.fetch(source(server), "")
    made += [server.publish("acme", f"Nachricht {n}", ago_s=9_000 - n) for n in range(3, 130)]
    later = port.fetch(source(server), first.cursor)
    fresh = [server.address(each) for each in made[:2:-1]]
    assert [post.url for post in later.posts][: len(fresh)] == fresh
    assert not port.fetch(source(server), later.cursor).changed


def test_a_silence_of_years_is_walked_in_pages_and_no_further(server, port):
    server.publish("acme", "Am Anfang", ago_s=99_999)
    first = port.fetch(source(server), "")
    for number in range(600):
        server.publish("acme", f"Nachricht {number}", ago_s=9_000 - number)
    assert len(port.fetch(source(server), first.cursor).posts) == 550
    assert len(server.asked(verb="feed")) == 1 + 11


def test_a_new_handle_loses_nobody(server, port):
    server.publish("acme", TEXT)
    cursor = port.fetch(source(server), "").cursor
    server.world.admit("acme").handle = "acme-neu.test"
    server.publish("acme", "Wir heißen jetzt anders")
    assert len(port.fetch(source(server), cursor).posts) == 2


@pytest.mark.parametrize("cursor", ["", "nonsense", '{"other": 1}', "[]"])
def test_a_cursor_that_cannot_be_read_is_as_good_as_none(server, port, cursor):
    server.publish("acme", TEXT)
    assert len(port.fetch(source(server), cursor).posts) == 1


def test_who_wants_members_only_is_read_as_a_member(server, port):
    server.publish("acme", TEXT)
    cursor = port.fetch(source(server), "").cursor
    server.label("acme", "!no-unauthenticated")
    for known in ("", cursor):
        with pytest.raises(Refused, match="members"):
            port.fetch(source(server), known)
    member = studio_on(server).port
    [post] = member.fetch(source(server), "").posts
    assert post.text == TEXT
    assert [entry["verb"] for entry in server.asked(account="studio.test")] == ["profile", "feed"]


POST_AT = "at://did:plc:x/app.bsky.feed.post/3kaaaaaaaaa22"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(mishap=Mishap.STATUS, status=400, on="profile"), NotFound),
        (Fault(mishap=Mishap.STATUS, status=400, on="feed"), Refused),
        (Fault(mishap=Mishap.STATUS, status=401, on="feed"), Refused),
        (Fault(mishap=Mishap.STATUS, status=404, on="feed"), Refused),
        (Fault(mishap=Mishap.STATUS, status=429, on="feed"), RateLimited),
        (Fault(mishap=Mishap.STATUS, status=500, on="feed"), Transient),
        (Fault(mishap=Mishap.LOST_ANSWER, on="feed"), Transient),
        (Fault(mishap=Mishap.CUT_ANSWER, on="feed"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="profile", body="{}"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="profile", body='{"did": 7}'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="feed", body='{"feed": [{"post": {}}]}'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="feed", body='{"feed": [7]}'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="feed", body="[]"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="feed", body="<html>"), Transient),
    ],
)
def test_what_goes_wrong(server, port, fault, error):
    server.publish("acme", TEXT)
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        port.fetch(source(server), "")
    assert type(caught.value) is error


@pytest.mark.parametrize("record", [{}, {"text": None}, {"text": "x", "reply": {"parent": {}}}])
def test_a_post_that_cannot_be_told_is_no_answer(server, port, record):
    view = {
        "uri": POST_AT,
        "cid": "x",
        "author": {"did": "did:plc:x", "handle": "acme.test"},
        "record": record,
        "indexedAt": "2026-11-01T10:00:00Z",
    }
    body = json.dumps({"feed": [{"post": view}]})
    server.faults.plan(Fault(mishap=Mishap.GARBLED, on="feed", body=body))
    with pytest.raises(Transient):
        port.fetch(source(server), "")


def test_many_are_looked_at_and_one_that_fails_harms_no_other(server, port):
    for number in range(12):
        server.publish(f"client{number}", f"Neues von {number}")
    sources = [source(server, f"client{number}") for number in range(12)]
    sources += [source(server, "nobody"), Source(client="a", network="bluesky", address="?")]
    answers = dict(port.fetch_many([(each, "") for each in sources]))
    assert len(answers) == 14
    found = [answers[each] for each in sources]
    assert [type(each).__name__ for each in found] == ["Batch"] * 12 + ["NotFound", "Refused"]
    watching = port.fetch_many([(each, "") for each in sources])
    next(watching)
    watching.close()


def test_a_post_that_vanished_is_gone(server, port):
    uri = server.publish("acme", TEXT)
    [post] = port.fetch(source(server), "").posts
    port.reread(post)
    server.remove(uri)
    with pytest.raises(Gone):
        port.reread(post)
    server.stop()
    with pytest.raises(Transient):
        port.reread(post)


def test_where_the_address_does_not_tell_nobody_is_asked(server, port):
    server.publish("acme", TEXT)
    [post] = port.fetch(source(server), "").posts
    asked = len(server.asked())
    for url in (server.url("/profile/acme.test/post/3kaaaaaaaaa22"), "https://acme.example/a", ""):
        port.reread(replace(post, url=url))
    assert len(server.asked()) == asked


def test_an_address_leads_to_its_account(server, port):
    did = server.add_account("acme")
    page = server.url("/profile/acme.test")
    hint = SourceHint(network="bluesky", address=page, title="ACME Übersetzer")
    for written in (page, f"{page}/", server.url(f"/profile/{did}")):
        assert port.resolve(written) == (hint,)
    asked = len(server.asked())
    for foreign in (
        "acme.example",
        "https://acme.example/blog",
        "https://acme.example/profile/acme.test",
        "https://www.xing.com/profile/Anna_Muster",
        server.url(),
        "http://[",
        "",
    ):
        assert port.resolve(foreign) == ()
    assert len(server.asked()) == asked
    assert port.resolve(server.url("/profile/nobody.test")) == ()


def test_only_what_was_opened_may_show_the_network(server):
    for opened in ((), ("127.0.0.1:9",)):
        with pytest.raises(Refused, match=r"@acme\.test"):
            Bluesky(allow_hosts=opened).fetch(source(server), "")
    assert server.asked() == []


@pytest.mark.parametrize(
    ("written", "actor", "pages"),
    [
        ("@acme.bsky.social", "acme.bsky.social", PAGES),
        (" ACME.Example ", "acme.example", PAGES),
        ("did:plc:ewvi7nxzyoun6zhxrhs64oiz", "did:plc:ewvi7nxzyoun6zhxrhs64oiz", PAGES),
        ("did:web:Acme.example", "did:web:Acme.example", PAGES),
        ("https://bsky.app/profile/acme.example", "acme.example", PAGES),
        ("https://www.bsky.app/profile/acme.example/", "acme.example", PAGES),
        ("http://127.0.0.1:3000/profile/a.test", "a.test", "http://127.0.0.1:3000"),
    ],
)
def test_an_account_is_named_in_several_ways(written, actor, pages):
    address = Address.read(written)
    assert (address.actor, address.pages) == (actor, pages)
    assert address.view == (VIEW if pages == PAGES else pages)
    assert Address.read(address.written(actor)) == address


@pytest.mark.parametrize(
    "written",
    [
        "acme",
        "@acme",
        "@acme@example.social",
        "https://bsky.app",
        "ftp://x/profile/a.test",
        "?",
        "https://a@bsky.app/profile/acme.test",
        "https://bsky.app/profile/",
        "127.0.0.1",
    ],
)
def test_what_names_no_account_is_refused(written):
    with pytest.raises(Refused, match=r"@name\.bsky\.social"):
        Address.read(written)


def test_addresses_of_posts_tell_author_and_name():
    place = Place.read("https://bsky.app/profile/acme.example/post/3kaaaaaaaaa22")
    assert place == Place(pages=PAGES, actor="acme.example", rkey="3kaaaaaaaaa22")
    assert place is not None
    assert place.view == VIEW
    assert place.uri("did:plc:x") == POST_AT
    assert page_of(POST_AT, PAGES) == "https://bsky.app/profile/did:plc:x/post/3kaaaaaaaaa22"
    assert page_of("at://did:plc:x/app.bsky.feed.like/3kaaaaaaaaa22", PAGES) == ""
    for url in ("https://bsky.app/profile/acme.example", "mailto:a@b.example", "http://[", ""):
        assert Place.read(url) is None
    assert posts([], PAGES) == ()
