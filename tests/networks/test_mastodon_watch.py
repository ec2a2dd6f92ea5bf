"""Watching accounts on Mastodon: the real library on the stand-in server, without a token."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from netbot.demo.faults import Fault, Mishap
from netbot.demo.mastodon import MastodonServer
from netbot.feedparse.identity import canonical
from netbot.fetch import NotFound
from netbot.model import Gone, NetworkError, RateLimited, Refused, Source, Transient
from netbot.network import SourceHint
from netbot.networks.mastodon import Mastodon
from netbot.networks.mastodon.telling import Address, status_place
from tests.mastodons import TEXT


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as running:
        running.add_account("acme", shown="ACME Übersetzer")
        yield running


@pytest.fixture
def port() -> Mastodon:
    return Mastodon(allow_hosts=["127.0.0.1"], timeout_s=10)


def source(server: MastodonServer, name: str = "acme") -> Source:
    return Source(client="acme", network="mastodon", address=f"{server.url()}/@{name}")


def test_a_status_becomes_a_post(server, port):
    status = server.publish("acme", f"{TEXT} #Übersetzung @acme", ago_s=60, language="de")
    batch = port.fetch(source(server), "")
    [post] = batch.posts
    assert (batch.title, batch.changed, post.network) == ("ACME Übersetzer", True, "mastodon")
    assert post.url == server.address(status)
    assert post.text == f"{TEXT} #Übersetzung @acme"
    assert (post.title, post.author, post.language) == ("", "ACME Übersetzer", "de")
    assert (post.tags, post.links, post.media) == (("übersetzung",), 1, 0)
    assert (post.kind, post.in_reply_to) == ("original", None)
    uri = f"{server.url()}/users/acme/statuses/{status}"
    assert post.keys[:2] == (f"id:{canonical(uri)}", f"url:{canonical(post.url)}")
    assert post.keys[2].startswith("hash:")
    assert server.asked() == [entry for entry in server.asked() if "token" not in entry]


def test_a_warning_stands_before_the_text_and_a_thread_knows_its_beginning(server, port):
    first = server.publish("acme", "Erster Teil", spoiler="Lang", language=None)
    server.publish("acme", "Zweiter Teil", parent=first, visibility="unlisted")
    second, begin = port.fetch(source(server), "").posts
    assert (begin.text, begin.language) == ("Lang\n\nErster Teil", None)
    assert (second.kind, second.in_reply_to) == ("reply", server.address(first))


def test_boosts_answers_to_others_and_what_is_not_public_are_left_out(server, port):
    other = server.publish("anna", "Etwas ganz anderes")
    server.by_hand("acme", "reblog", other)
    server.publish("acme", "Danke, @anna", parent=other)
    server.publish("acme", "nur für Freunde", visibility="private")
    assert port.fetch(source(server), "").posts == ()


def test_nothing_new_is_told_as_such(server, port):
    server.publish("acme", TEXT)
    first = port.fetch(source(server), "")
    again = port.fetch(source(server), first.cursor)
    assert (again.changed, again.posts, again.cursor) == (False, (), first.cursor)
    assert [entry["verb"] for entry in server.asked()] == ["lookup", "timeline", "timeline"]


def test_an_edit_is_the_same_post_with_another_text(server, port):
    status = server.publish("acme", TEXT)
    before = port.fetch(source(server), "")
    server.edit(status, "Der Herbstbericht kommt eine Woche später, bitte noch etwas Geduld.")
    after = port.fetch(source(server), before.cursor)
    assert after.changed
    assert after.posts[0].keys[:2] == before.posts[0].keys[:2]
    assert after.posts[0].text != before.posts[0].text
    server.remove(status)
    gone = port.fetch(source(server), after.cursor)
    assert (gone.changed, gone.posts) == (True, ())


def test_after_a_long_silence_nothing_is_missed(server, port):
    ids = [server.publish("acme", f"Nachricht {number}") for number in range(3)]
    first = port.fetch(source(server), "")
    ids += [server.publish("acme", f"Nachricht {number}") for number in range(3, 130)]
    later = port.fetch(source(server), first.cursor)
    assert [post.url for post in later.posts] == [server.address(each) for each in ids[:2:-1]]
    calm = port.fetch(source(server), later.cursor)
    assert not calm.changed


def test_a_silence_of_years_is_walked_in_pages_and_no_further(server, port):
    server.publish("acme", "Am Anfang")
    first = port.fetch(source(server), "")
    for number in range(500):
        server.publish("acme", f"Nachricht {number}")
    assert len(port.fetch(source(server), first.cursor).posts) == 440
    assert len(server.asked(verb="timeline")) == 1 + 11


@pytest.mark.parametrize("cursor", ["", "nonsense", '{"other": 1}', "[]"])
def test_a_cursor_that_cannot_be_read_is_as_good_as_none(server, port, cursor):
    server.publish("acme", TEXT)
    assert len(port.fetch(source(server), cursor).posts) == 1


def test_an_account_that_came_back_with_another_id_is_found_again(server, port):
    server.publish("acme", TEXT)
    cursor = port.fetch(source(server), "").cursor
    server.faults.plan(Fault(mishap=Mishap.STATUS, status=404, on="timeline"))
    assert len(port.fetch(source(server), cursor).posts) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(mishap=Mishap.STATUS, status=404, on="lookup"), NotFound),
        (Fault(mishap=Mishap.STATUS, status=410, on="timeline", times=2), Gone),
        (Fault(mishap=Mishap.STATUS, status=401, on="timeline"), Refused),
        (Fault(mishap=Mishap.STATUS, status=429, on="timeline"), RateLimited),
        (Fault(mishap=Mishap.STATUS, status=500, on="timeline"), Transient),
        (Fault(mishap=Mishap.LOST_ANSWER, on="timeline"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="lookup", body="{}"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="timeline", body='[{"id": "1"}]'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="timeline", body='[{"visibility": "public"}]'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="timeline", body='{"error": "no"}'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="timeline", body="[[]]"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="timeline", body="[7]"), Transient),
    ],
)
def test_what_goes_wrong(server, port, fault, error):
    server.publish("acme", TEXT)
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        port.fetch(source(server), "")
    assert type(caught.value) is error


def test_a_status_without_a_usable_time_is_no_answer(server, port):
    body = (
        '[{"id": "1", "uri": "https://a.example/1", "visibility": "public", "content": "x",'
        ' "account": {"id": "1", "username": "acme"}, "created_at": "yesterday"}]'
    )
    server.faults.plan(Fault(mishap=Mishap.GARBLED, on="timeline", body=body))
    with pytest.raises(Transient):
        port.fetch(source(server), "")


def test_many_are_looked_at_and_one_that_fails_harms_no_other(server, port):
    for number in range(12):
        server.publish(f"client{number}", f"Neues von {number}")
    sources = [source(server, f"client{number}") for number in range(12)]
    sources += [source(server, "nobody"), Source(client="a", network="mastodon", address="?")]
    answers = dict(port.fetch_many([(each, "") for each in sources]))
    assert len(answers) == 14
    found = [answers[each] for each in sources]
    assert [type(each).__name__ for each in found] == ["Batch"] * 12 + ["NotFound", "Refused"]
    watching = port.fetch_many([(each, "") for each in sources])
    next(watching)
    watching.close()


def test_a_post_that_vanished_is_gone(server, port):
    status = server.publish("acme", TEXT)
    [post] = port.fetch(source(server), "").posts
    port.reread(post)
    server.remove(status)
    with pytest.raises(Gone):
        port.reread(post)
    server.stop()
    with pytest.raises(Transient):
        port.reread(post)


def test_where_the_address_does_not_tell_nobody_is_asked(server, port):
    server.publish("acme", TEXT)
    [post] = port.fetch(source(server), "").posts
    asked = len(server.asked())
    port.reread(replace(post, url=f"{server.url()}/objects/7"))
    assert len(server.asked()) == asked


def test_an_address_leads_to_its_account(server, port):
    hint = SourceHint(network="mastodon", address=f"{server.url()}/@acme", title="ACME Übersetzer")
    for written in (f"{server.url()}/@acme", f"{server.url()}/users/acme/"):
        assert port.resolve(written) == (hint,)
    for foreign in (
        f"{server.url()}/@nobody",
        "https://acme.example/blog",
        server.url(),
        "http://[",
        "",
    ):
        assert port.resolve(foreign) == ()


def test_only_what_was_opened_may_be_private_or_without_tls(server):
    for opened, why in (((), "https only"), (("127.0.0.1:9",), "https only")):
        with pytest.raises(Refused, match=why):
            Mastodon(allow_hosts=opened).fetch(source(server), "")
    secure = Source(client="a", network="mastodon", address=f"@acme@{server.host}")
    with pytest.raises(Transient, match="cannot be reached"):
        Mastodon(timeout_s=2).fetch(secure, "")
    assert server.asked() == []


@pytest.mark.parametrize(
    ("written", "base", "user"),
    [
        ("@acme@example.social", "https://example.social", "acme"),
        (" acme@Example.Social ", "https://example.social", "acme"),
        ("https://example.social/@acme", "https://example.social", "acme"),
        ("https://example.social/users/acme/", "https://example.social", "acme"),
        ("https://mine.example/@acme@example.social", "https://example.social", "acme"),
        ("https://[2001:db8::1]:8443/@acme", "https://[2001:db8::1]:8443", "acme"),
        ("http://127.0.0.1:3000/@acme", "http://127.0.0.1:3000", "acme"),
    ],
)
def test_an_account_is_named_in_several_ways(written, base, user):
    address = Address.read(written)
    assert (address.base, address.user) == (base, user)
    assert Address.read(address.written()) == address


@pytest.mark.parametrize(
    "written",
    [
        "acme",
        "@acme",
        "https://example.social",
        "ftp://example.social/@acme",
        "https://a@b.example/@c",
    ],
)
def test_what_names_no_account_is_refused(written):
    with pytest.raises(Refused, match="@name@server"):
        Address.read(written)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://example.social/@acme/11", ("https://example.social", "11")),
        ("https://example.social/users/acme/statuses/11", ("https://example.social", "11")),
        ("https://gts.example/@acme/statuses/01HZ", ("https://gts.example", "01HZ")),
        ("https://pl.example/notice/AbC9", ("https://pl.example", "AbC9")),
        ("https://example.social/@acme", None),
        ("https://acme.example/blog/11", None),
        ("mailto:a@b.example", None),
        ("https://example.social:x/@acme/11", None),
    ],
)
def test_addresses_of_statuses_tell_server_and_id(url, place):
    assert status_place(url) == place
