"""The stand-in Bluesky itself, asked by the real client library as its authors meant it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from atproto_client import Client, models
from atproto_client.exceptions import (
    AtProtocolError,
    BadRequestError,
    NetworkError,
    RateLimitExceededError,
    RequestException,
    UnauthorizedError,
)

from netbot.demo import journal
from netbot.demo.atmosphere import LIKE, POST, REPOST, Complaint
from netbot.demo.bluesky import BlueskyServer
from netbot.demo.faults import Fault, Mishap
from netbot.demo.passes import ACCESS_LASTS

PASSWORD = "abcd-efgh-ijkl-mnop"
TEXT = "Hallo @studio.test, der Bericht ist da: https://acme.example/berichte"


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    with BlueskyServer() as running:
        running.add_account("studio", token=PASSWORD, shown="Studio Muster")
        running.add_account("acme", shown="ACME Übersetzer")
        yield running


def client(server: BlueskyServer, password: str = PASSWORD, name: str = "studio.test") -> Any:
    api = Client(server.url())
    api.login(name, password)
    return api


def stranger(server: BlueskyServer) -> Any:
    return Client(server.url())


def control(server: BlueskyServer, command: str, **facts: Any) -> Any:
    """What a test in another process does."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("POST", f"/_control/{command}", body=json.dumps(facts))
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def test_it_lets_in_whoever_has_an_app_password(server):
    api = client(server)
    assert (api.me.handle, api.me.display_name) == ("studio.test", "Studio Muster")
    assert api.com.atproto.server.get_session().did == server.add_account("studio")
    assert client(server, name=server.add_account("studio")).me.did == api.me.did
    for wrong in ((PASSWORD, "acme.test"), ("another", "studio.test")):
        with pytest.raises(UnauthorizedError):
            client(server, *wrong)
    server.revoke(PASSWORD)
    with pytest.raises(BadRequestError, match="InvalidToken"):
        api.com.atproto.server.get_session()
    with pytest.raises(UnauthorizedError, match="AuthMissing"):
        stranger(server).com.atproto.server.get_session()


def test_sessions_end_and_are_renewed(server):
    api = client(server)
    kept = api.export_session_string()
    server.expire()
    with pytest.raises(BadRequestError, match="ExpiredToken"):
        api.com.atproto.server.get_session()
    server.gate.now = lambda: datetime.now(UTC) - ACCESS_LASTS + timedelta(minutes=1)
    short = Client(server.url())
    short.login("studio.test", PASSWORD, fetch_bsky_profile=False)
    server.gate.now = lambda: datetime.now(UTC)
    short.com.atproto.server.get_session()  # the library renews it by what the token says
    assert [entry["verb"] for entry in server.asked() if entry["verb"] in {"begin", "renew"}] == [
        "begin",
        "begin",
        "renew",
    ]
    assert kept.split(":::")[1] == server.add_account("studio")


def test_people_are_found_by_handle_and_by_what_never_changes(server):
    did = server.add_account("acme")
    api = stranger(server)
    assert api.resolve_handle("acme.test").did == did
    assert api.get_profile(did).display_name == "ACME Übersetzer"
    for missing in (lambda: api.resolve_handle("nobody.test"), lambda: api.get_profile("x.test")):
        with pytest.raises(BadRequestError):
            missing()


def test_likes_and_reposts_are_records(server):
    about = server.publish("acme", TEXT)
    api = client(server)
    cid = server.world.record(about).cid
    first, second = api.like(about, cid), api.like(about, cid)
    assert first.uri != second.uri  # a new one takes the place of the old
    assert [each.uri for each in server.world.store(api.me.did, LIKE)] == [second.uri]
    repost = api.repost(about, cid)
    [post] = api.get_posts([about]).posts
    assert (post.viewer.like, post.viewer.repost) == (second.uri, repost.uri)
    assert (post.like_count, post.repost_count) == (1, 1)
    [unseen] = stranger(server).get_posts([about]).posts
    assert unseen.viewer.like is None
    assert api.unlike(first.uri)
    assert [each.uri for each in server.world.store(api.me.did, LIKE)] == [second.uri]
    assert api.unlike(second.uri)
    assert api.unrepost(repost.uri)
    assert server.world.store(api.me.did, REPOST) == []
    assert [(entry["verb"], entry["changed"]) for entry in server.written()] == [
        ("like", True),
        ("like", True),
        ("repost", True),
        ("unlike", False),
        ("unlike", True),
        ("unrepost", True),
    ]
    assert {entry["target"] for entry in server.written(verb="like")} == {about}
    assert server.counts()[PASSWORD, "like", about] == 2


def test_the_same_name_twice_is_one_record(server):
    api = client(server)
    record = models.AppBskyFeedPost.Record(text="Hallo", created_at="2026-11-01T10:00:00Z")

    def put(text: str) -> Any:
        data = {"repo": api.me.did, "collection": POST, "rkey": "3kaaaaaaaaa22"}
        record.text = text
        return api.com.atproto.repo.put_record(data | {"record": record})

    assert put("Hallo").uri == put("Hallo").uri
    assert put("Anders").cid != put("Hallo").cid
    assert [entry["changed"] for entry in server.written()] == [True, False, True, True]
    assert len(api.app.bsky.feed.post.list(api.me.did).records) == 1
    with pytest.raises(BadRequestError, match="300"):
        put("x" * 301)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"rkey": "self"}, "record key"),
        ({"record": {"$type": LIKE, "createdAt": "x"}}, "Invalid"),
        ({"record": {"$type": POST, "text": "x"}}, "Invalid"),
        ({"repo": "acme.test"}, "repo"),
    ],
)
def test_what_is_no_proper_record_is_refused(server, facts, words):
    api = client(server)
    record = {"$type": POST, "text": "x", "createdAt": "2026-11-01T10:00:00Z"}
    data = {"repo": api.me.did, "collection": POST, "rkey": "3kaaaaaaaaa22", "record": record}
    with pytest.raises(BadRequestError, match=words):
        api.com.atproto.repo.put_record(data | facts)
    assert server.written() == []


def test_answers_hang_together(server):
    first = server.publish("acme", TEXT)
    second = server.publish("acme", "Zweiter Teil", parent=first)
    third = server.publish("anna", "Dritter", parent=second)
    reply = server.world.record(third).value["reply"]
    assert (reply["parent"]["uri"], reply["root"]["uri"]) == (second, first)
    api = client(server)
    ref = models.create_strong_ref(server.world.record(first))
    made = api.send_post("Danke!", reply_to=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref))
    [written] = server.written()
    assert (written["verb"], written["target"], written["url"]) == (
        "reply",
        first,
        server.address(first),
    )
    assert (written["ref"], written["text"]) == (made.uri, "Danke!")
    assert api.delete_post(made.uri)
    with pytest.raises(BadRequestError, match="RecordNotFound"):
        api.app.bsky.feed.post.get(api.me.did, made.uri.rpartition("/")[2])


def test_feeds_are_walked_back_page_by_page(server):
    made = [server.publish("acme", f"Nachricht {n}", ago_s=100 - n) for n in range(5)]
    server.publish("acme", "Gern!", parent=server.publish("anna", "Danke"))
    other = server.publish("anna", "Noch etwas")
    server.by_hand("acme", "repost", other)
    api = stranger(server)
    page = api.get_author_feed("acme.test", limit=4)
    rest = api.get_author_feed("acme.test", limit=4, cursor=page.cursor)
    items = page.feed + rest.feed
    assert [item.post.uri for item in items] == [other, *reversed(made)]
    assert [item.reason is not None for item in items] == [True] + [False] * 5
    assert items[0].reason.by.handle == "acme.test"
    assert api.get_author_feed("acme.test", cursor=rest.cursor).feed == []
    server.remove(other)
    assert api.get_author_feed("acme.test", limit=1).feed == []


def test_what_others_do_is_told(server):
    mine = server.publish("studio", "Neues")
    server.by_hand("acme", "like", mine)
    answer = server.publish("acme", "Schön", parent=mine)
    server.by_hand("acme", "follow", server.add_account("studio"))
    server.by_hand("studio", "like", mine)
    api = client(server)
    told = api.app.bsky.notification.list_notifications(
        {"reasons": ["like", "reply", "follow"]}
    ).notifications
    assert [each.reason for each in told] == ["follow", "reply", "like"]
    assert (told[1].uri, told[1].reason_subject) == (answer, mine)
    server.by_hand("acme", "unlike", mine)
    likes = api.app.bsky.notification.list_notifications({"reasons": ["like"]})
    assert likes.notifications == []


def test_the_window_shows_later_and_the_store_at_once(server):
    about, api = server.publish("acme", TEXT), client(server)
    server.set_lag(2)
    like = api.like(about, server.world.record(about).cid)
    assert api.app.bsky.feed.like.get(api.me.did, like.uri.rpartition("/")[2]).uri == like.uri
    seen = [api.get_posts([about]).posts[0].viewer.like for _ in range(3)]
    assert seen == [None, like.uri, like.uri]
    api.unlike(like.uri)
    assert [api.get_posts([about]).posts[0].viewer.like for _ in range(3)] == [like.uri, None, None]


def test_what_an_author_shuts_is_told(server):
    about = server.publish("acme", TEXT)
    for gate in ("replies", "quotes"):
        server.shut(about, gate)
    [post] = client(server).get_posts([about]).posts
    assert (post.viewer.reply_disabled, post.viewer.embedding_disabled) == (True, True)


def test_an_edit_keeps_name_and_time(server):
    about = server.publish("acme", TEXT, ago_s=60)
    before = server.world.record(about)
    server.edit(about, "Doch anders")
    after = server.world.record(about)
    assert (after.uri, after.indexed_at) == (before.uri, before.indexed_at)
    assert after.cid != before.cid
    server.remove(about)
    with pytest.raises(Complaint):
        server.edit(about, "Noch einmal")
    assert stranger(server).get_posts([about]).posts == []


@pytest.mark.parametrize(
    ("fault", "error", "written"),
    [
        (Fault(mishap=Mishap.LOST_REQUEST), AtProtocolError, 0),
        (Fault(mishap=Mishap.LOST_ANSWER), AtProtocolError, 1),
        (Fault(mishap=Mishap.STATUS, status=401), UnauthorizedError, 0),
        (Fault(mishap=Mishap.STATUS, status=400), BadRequestError, 0),
        (Fault(mishap=Mishap.STATUS, status=429, reset_s=60), RateLimitExceededError, 0),
        (Fault(mishap=Mishap.STATUS, status=502, applied=True), NetworkError, 1),
        (Fault(mishap=Mishap.STATUS, status=503), RequestException, 0),
    ],
)
def test_faults_meet_the_call_that_they_are_meant_for(server, fault, error, written):
    about, api = server.publish("acme", TEXT), client(server)
    server.faults.plan(fault)
    api.get_posts([about])
    with pytest.raises(Exception) as caught:  # noqa: PT011
        api.like(about, server.world.record(about).cid)
    if error is not AtProtocolError:
        assert isinstance(caught.value, error)
    assert len(server.written()) == written
    assert server.faults.left == 0
    if isinstance(caught.value, RateLimitExceededError):
        assert caught.value.reset_at is not None
        assert caught.value.remaining == 0
    api.like(about, server.world.record(about).cid)


def test_it_is_steered_from_other_processes(server, tmp_path):
    control(server, "add_account", name="anna", token="anna-anna")
    uri = control(server, "publish", name="anna", text="Hallo")["result"]
    assert control(server, "address", uri=uri)["result"] == server.address(uri)
    control(server, "edit", uri=uri, text="Hallo!")
    control(server, "by_hand", name="acme", verb="like", uri=uri)
    control(server, "fault", mishap="status", on="posts", status=503)
    with pytest.raises(RequestException):
        stranger(server).get_posts([uri])
    control(server, "clear")
    [post] = stranger(server).get_posts([uri]).posts
    assert (post.record.text, post.like_count) == ("Hallo!", 1)
    asked = control(server, "journal", kind="asked")
    assert [entry["verb"] for entry in asked] == ["posts", "posts"]
    assert "error" in control(server, "nonsense")


def test_unknown_calls_and_tokens_are_told_apart(server):
    with pytest.raises(RequestException, match="404"):
        stranger(server).app.bsky.graph.get_follows({"actor": "acme.test"})
    api = client(server)
    api.request.add_additional_header("Authorization", "Bearer other")
    raw = Client(server.url())
    raw.request.add_additional_header("Authorization", "Bearer other")
    with pytest.raises(BadRequestError, match="InvalidToken"):
        raw.get_posts([server.publish("acme", TEXT)])
    [foreign] = server.journal.entries(kind="foreign")
    assert foreign["token"] == "other"


def test_the_journal_is_in_its_file_before_the_answer(tmp_path):
    file = tmp_path / "journal"
    with BlueskyServer(journal=file) as server:
        server.add_account("studio", token=PASSWORD)
        about = server.publish("acme", TEXT)
        client(server).like(about, server.world.record(about).cid)
        [written] = journal.select(journal.read(Path(file)), kind="written")
        assert (written["verb"], written["account"]) == ("like", "studio.test")
    server.journal.close()
