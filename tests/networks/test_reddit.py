"""Reddit: the real praw on the stand-in, with a key and without."""

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from time import monotonic
from typing import Any, Self

import pytest

from netbot.demo.faults import Fault, Mishap
from netbot.demo.reddit import RedditServer
from netbot.model import (
    Account,
    Barred,
    EngagementKind,
    Gone,
    Identity,
    NetworkError,
    RateLimited,
    Refused,
    Source,
    Transient,
    Unsure,
    Verb,
    hash_post,
)
from netbot.network import Access
from netbot.networks.feed import Feeds
from netbot.networks.reddit import Reddit
from netbot.networks.reddit.telling import fullname_of
from tests.house import NOON
from tests.mastodons import Studio
from tests.networks import contract

KEY = {"client_id": "app", "client_secret": "app-secret-1", "refresh_token": "refresh-77aa"}
SCRIPT = {
    "client_id": "script",
    "client_secret": "script-secret-1",
    "username": "studio",
    "password": "correct horse",
}
SOURCE = Source(client="acme", network="reddit", address="u/acme")
TITLE = "Warum ein Satz im Vertrag mehr wert ist als drei im Prospekt"
TEXT = "Ein Fall aus der Praxis & was wir <daraus> gelernt haben.\n\nMehr dazu im Herbst."
REPLY = "Danke, gern gelesen & geteilt <3"
WRITES = ("vote", "comment", "submit", "delete")


class Stage(contract.ActingStage):
    """For the contract of all networks."""

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server: RedditServer = RedditServer(now=lambda: NOON)

    def __enter__(self) -> Self:
        super().__enter__()
        self.own = self.server.add_account("studio", key=KEY)
        return self

    @property
    def account(self) -> Account:
        return Account(
            id="studio",
            network=self.network,
            handle="u/studio",
            platform_id=self.own,
            server=self.server.url(),
        )

    @property
    def secret(self) -> str:
        return json.dumps(KEY)

    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> Reddit:
        return Reddit(access, timeout_s=timeout_s)

    def stranger(self) -> str:
        key = KEY | {"refresh_token": "refresh-of-anna"}
        self.server.add_account("anna", key=key)
        return json.dumps(key)

    def publish(self, text: str) -> str:
        return self.server.address(self.server.publish("acme", text[:60], text=text))

    def edit(self, url: str, text: str) -> None:
        self.server.edit(fullname_of(url), text)

    def remove(self, url: str) -> None:
        self.server.remove(fullname_of(url))

    def arrived(self) -> int:
        return len(writes(self.server))

    def written(self) -> int:
        return len(self.server.written(changed=True))

    def source(self) -> Source:
        return SOURCE

    def be_nice(self, url: str) -> None:
        self.server.comment("acme", fullname_of(url), "Gern geschehen!")


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer() as running:
        yield running


def studio_on(server: RedditServer, key: Mapping[str, str] = KEY, **facts: Any) -> Studio:
    own = server.add_account("studio", key=key)
    account = Account(
        id="studio", network="reddit", handle="u/studio", platform_id=own, server=server.url()
    )
    return Studio(account, kind=Reddit, **{"secret": json.dumps(key)} | facts)


@pytest.fixture
def studio(server: RedditServer) -> Studio:
    return studio_on(server)


@pytest.fixture
def about(server: RedditServer) -> str:
    return server.address(server.publish("acme", TITLE, text=TEXT, ago_s=3600))


def writes(server: RedditServer) -> list[str]:
    return [entry["verb"] for entry in server.asked() if entry["verb"] in WRITES]


NUMBER = '{"client_id": "a", "refresh_token": 12345678}'

# Without a key.


@pytest.fixture
def reader(server: RedditServer) -> Iterator[Reddit]:
    with Feeds(allow_hosts=["127.0.0.1"]) as feeds:
        port = Reddit(allow_hosts=["127.0.0.1"], site=server.url())
        port.feeds = feeds
        yield port


def test_without_a_key_its_feeds_are_read(server, reader, about):
    comment = server.comment("acme", server.publish("anna", "Eine Frage"), "Eine gute Frage, ja!")
    server.publish("acme", "Nur ein Link, aber was für einer", link="https://acme.example/neu")
    batch = reader.fetch(SOURCE, "")
    link, answer, post = batch.posts
    assert (post.network, post.title, post.text) == ("reddit", TITLE, TEXT)
    assert (post.url, post.author, post.kind) == (about, "u/acme", "original")
    assert post.keys[:2] == (f"id:{fullname_of(about)}", f"url:{about.rstrip('/')}")
    assert (link.text, link.kind) == ("", "original")
    assert (answer.kind, answer.title, answer.text) == ("reply", "", "Eine gute Frage, ja!")
    assert answer.keys[0] == f"id:{comment}"
    assert (batch.place, batch.moved) == ("", False)
    assert [entry["verb"] for entry in server.asked()] == ["feed"]
    assert not reader.fetch(SOURCE, batch.cursor).changed
    sub = Source(client="acme", network="reddit", address="r/translation")
    assert len(reader.fetch(sub, "").posts) == 3


def test_what_reddit_shows_to_nobody_without_a_key_is_said(server, reader, about):
    server.shuts_feeds = True
    [(_, error)] = reader.fetch_many([(SOURCE, "")])
    assert type(error) is Refused
    assert "403" in str(error)
    with pytest.raises(Refused, match="feeds only"):
        Reddit().fetch(SOURCE, "")
    for ask in (reader.whoami, lambda: reader.engagements(NOON)):
        with pytest.raises(Barred):
            ask()


def test_the_same_post_has_the_same_identity_with_and_without_a_key(server, reader, studio, about):
    [there] = reader.fetch(SOURCE, "").posts
    [here] = studio.port.fetch(SOURCE, "").posts
    assert there.keys[:2] == here.keys[:2]
    reader.reread(there)  # says nothing
    studio.port.reread(here)
    server.remove(fullname_of(about))
    with pytest.raises(Gone):
        studio.port.reread(here)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("u/acme", ["u/acme"]),
        ("/user/Acme-1/", ["u/Acme-1"]),
        ("r/translation", ["r/translation"]),
        ("https://www.reddit.com/user/acme/", ["u/acme"]),
        ("https://old.reddit.com/r/translation/.rss", ["r/translation"]),
        ("reddit.com/u/acme", ["u/acme"]),
        ("https://www.reddit.com/r/translation/comments/abc/x/", []),
        ("https://acme.example/u/acme", []),
        ("https://[", []),
        ("@acme", []),
    ],
)
def test_places_on_reddit(written, found):
    assert [hint.address for hint in Reddit().resolve(written)] == found


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.reddit.com/r/a/comments/1x2/some_words/", "t3_1x2"),
        ("https://www.reddit.com/user/acme/comments/1x2/", "t3_1x2"),
        ("https://reddit.com/comments/1x2", "t3_1x2"),
        ("https://www.reddit.com/r/a/comments/1x2/some_words/9z/?context=3", "t1_9z"),
        ("https://redd.it/1x2", "t3_1x2"),
        ("https://redd.it/", ""),
        ("https://acme.example/comments/1x2", ""),
        ("ftp://reddit.com/comments/1x2", ""),
    ],
)
def test_addresses_of_things(url, name):
    if name:
        assert fullname_of(url) == name
    else:
        with pytest.raises(Refused, match="by hand"):
            fullname_of(url)


# With one.


def test_with_a_key_submissions_and_comments_are_watched(server, studio, about):
    question = server.publish("anna", "Eine Frage")
    server.comment("acme", question, "Eine <gute> Frage & mehr")
    server.publish("acme", "Nur ein Link", link="https://acme.example/neu")
    link, answer, post = studio.port.fetch(SOURCE, "").posts
    assert (post.title, post.text, post.author) == (TITLE, TEXT, "u/acme")
    assert (post.kind, post.in_reply_to, post.published_at is not None) == ("original", None, True)
    assert (answer.kind, answer.title, answer.text) == ("reply", "", "Eine <gute> Frage & mehr")
    assert answer.in_reply_to == server.address(question)
    assert (link.text, link.links) == ("https://acme.example/neu", 1)
    assert len(server.asked()) == 1
    sub = Source(client="acme", network="reddit", address="r/translation")
    assert len(studio.port.fetch(sub, "").posts) == 3


def test_what_has_not_changed_says_so_and_an_edit_does(server, studio, about):
    first = studio.port.fetch(SOURCE, "")
    again = studio.port.fetch(SOURCE, first.cursor)
    assert (again.changed, again.posts) == (False, ())
    server.edit(fullname_of(about), "Ein ganz anderer Text, der hier nun steht.")
    [post] = studio.port.fetch(SOURCE, again.cursor).posts
    assert post.keys[:2] == first.posts[0].keys[:2]
    server.remove(fullname_of(about), by_moderator=True)
    assert studio.port.fetch(SOURCE, "").posts == ()
    with pytest.raises(Gone):
        studio.port.reread(post)


@pytest.mark.parametrize("key", [KEY, SCRIPT])
def test_it_says_whom_the_network_takes_us_for(server, key):
    studio = studio_on(server, key)
    own = server.add_account("studio")
    for _ in range(3):
        assert studio.port.whoami() == Identity(platform_id=own, handle="u/studio")
    assert server.journal.count(kind="token") == 1


def test_a_vote_is_one_vote_upwards(server, studio, about):
    receipt = studio.perform(studio.approved(Verb.LIKE, about))
    [written] = server.written()
    assert (written["dir"], written["target"]) == ("1", receipt.ref)
    assert writes(server) == ["vote"]


def test_a_recommendation_has_a_title_and_its_link(server, studio, about):
    text = "Lesenswert: Verträge in zwei Sprachen\n\nVor allem der Teil über Klauseln."
    studio.perform(studio.approved(Verb.RECOMMEND, about, text))
    [made] = [each for each in server.memory.things if each.author.name == "studio"]
    assert (made.subreddit, made.link) == ("u_studio", about)
    assert (made.title, made.text) == (
        "Lesenswert: Verträge in zwei Sprachen",
        "Vor allem der Teil über Klauseln.",
    )
    with pytest.raises(Refused, match="300 characters"):
        studio.port.look(studio.approved(Verb.RECOMMEND, about, "x" * 301))


def test_a_share_is_a_crosspost_on_my_own_page(server, studio, about):
    studio.perform(studio.approved(Verb.SHARE, about))
    [made] = [each for each in server.memory.things if each.author.name == "studio"]
    assert made.crosspost_of is not None
    assert (made.crosspost_of.name, made.title) == (fullname_of(about), TITLE)
    comment = server.address(server.comment("acme", fullname_of(about), "Noch etwas"))
    with pytest.raises(Refused, match="not an answer"):
        studio.port.look(studio.approved(Verb.SHARE, comment))


def test_a_comment_may_be_answered_and_voted_for(server, studio, about):
    comment = server.address(server.comment("acme", fullname_of(about), "Und was meint ihr dazu?"))
    for verb, text in ((Verb.LIKE, ""), (Verb.COMMENT, REPLY)):
        action = studio.approved(verb, comment, text)
        receipt = studio.perform(action)
        assert studio.port.read_back(action) is not None
        studio.undo(action, receipt)
        assert studio.port.read_back(action) is None


def test_what_is_seen_is_what_watching_saw(server, studio, about):
    [post] = studio.port.fetch(SOURCE, "").posts
    seen = studio.port.look(studio.approved(Verb.LIKE, post.url)).post
    assert seen is not None
    assert hash_post(seen) == hash_post(post)


def test_a_thread_that_is_closed_is_left_alone(server, studio, about):
    action = studio.approved(Verb.COMMENT, about, REPLY)
    sight = studio.port.look(action)
    server.lock(fullname_of(about))
    with pytest.raises(Refused, match="any more"):
        studio.port.look(action)
    studio.port.identify()
    with pytest.raises(Refused, match="THREAD_LOCKED"):
        studio.port.perform(action, sight, monotonic() + 5)
    server.remove(fullname_of(about))
    with pytest.raises(Gone):
        studio.port.perform(action, sight, monotonic() + 5)
    assert server.written() == []


def test_a_comment_that_is_not_shown_is_looked_for(server, studio, about):
    server.is_shy = True
    action = studio.approved(Verb.COMMENT, about, REPLY)
    with pytest.raises(Unsure):
        studio.perform(action)
    assert studio.port.read_back(action) is not None
    assert writes(server) == ["comment"]


def test_a_network_that_is_slow_to_show_is_asked_again(server, studio, about):
    server.set_lag(3)
    action = studio.approved(Verb.COMMENT, about, REPLY)
    studio.perform(action)
    assert studio.port.read_back(action) is None
    studio.port.read_back(action)
    assert studio.port.read_back(action) is not None


def test_what_was_done_by_hand_is_seen(server, studio, about):
    server.by_hand("studio", 1, fullname_of(about))
    done = studio.port.look(studio.approved(Verb.LIKE, about)).done
    assert done is not None
    assert done.found


def limited(words: str) -> Fault:
    """What Reddit says, with a 200, to whoever writes too often."""
    body = json.dumps({"json": {"errors": [["RATELIMIT", words, "ratelimit"]]}})
    return Fault(mishap=Mishap.STATUS, status=200, body=body)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Looks like you've been doing that a lot. Take a break for 9 minutes", 540),
        ("try again in 3 seconds.", 3),
        ("try again in 500 milliseconds.", 500),
        ("try again in 2 hours.", 7200),
        ("try again later.", 600),
    ],
)
def test_a_limit_that_is_told_in_words_is_kept(server, studio, about, words, seconds):
    action = studio.approved(Verb.COMMENT, about, REPLY)
    sight = studio.port.look(action)
    studio.port.identify()
    server.faults.plan(limited(words))
    began = monotonic()
    with pytest.raises(RateLimited) as caught:
        studio.port.perform(action, sight, monotonic() + 5)
    assert caught.value.retry_after_s == seconds
    assert monotonic() - began < 2  # nobody slept
    assert writes(server) == ["comment"]


FAULTS = [
    (Fault(mishap=Mishap.LOST_REQUEST), Unsure, 0),
    (Fault(mishap=Mishap.LOST_ANSWER), Unsure, 1),
    (Fault(mishap=Mishap.CUT_ANSWER), Unsure, 1),
    (Fault(mishap=Mishap.STALL), Unsure, 0),
    (Fault(mishap=Mishap.GARBLED, body="[1]"), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, body='{"json": {}}'), Unsure, 1),
    *((Fault(mishap=Mishap.STATUS, status=status), Unsure, 0) for status in (500, 502, 503, 520)),
    (Fault(mishap=Mishap.STATUS, status=408), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=401), Barred, 0),
    (Fault(mishap=Mishap.STATUS, status=403), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=400), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=400, body='{"reason": "BAD_SR_NAME"}'), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=429), RateLimited, 0),
    (Fault(mishap=Mishap.STATUS, status=429, headers={"retry-after": "soon"}), RateLimited, 0),
    (Fault(mishap=Mishap.STATUS, status=429, reset_s=120), RateLimited, 0),
]


@pytest.mark.parametrize("case", FAULTS)
def test_praw_sends_one_post_whatever_goes_wrong(server, about, case, caplog):
    """By itself praw sends three, and sleeps in between."""
    caplog.set_level(logging.DEBUG)
    fault, error, written = case
    studio = studio_on(server, timeout_s=0.5 if fault.mishap is Mishap.STALL else 10.0)
    action = studio.approved(Verb.COMMENT, about, REPLY)
    sight = studio.port.look(action)
    studio.port.identify()
    server.faults.plan(fault)
    began = monotonic()
    with pytest.raises(NetworkError) as caught:
        studio.port.perform(action, sight, monotonic() + 5)
    assert type(caught.value) is error
    assert writes(server) == ["comment"]
    assert len(server.written()) == written
    assert monotonic() - began < 2
    for secret in (*KEY.values(), "token-of-studio"):
        assert secret == "app" or secret not in caplog.text + repr(caught.value)
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after_s == (fault.reset_s or 600)


def test_limits_that_are_nearly_reached_put_nobody_to_sleep(server, studio):
    used_up = {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-used": "100",
        "x-ratelimit-reset": "500",
    }
    body = json.dumps({"id": "1", "name": "studio"})
    server.faults.plan(Fault(mishap=Mishap.GARBLED, on="me", headers=used_up, body=body))
    began = monotonic()
    for _ in range(2):
        studio.port.whoami()
    assert monotonic() - began < 2


def test_a_token_that_ended_is_asked_for_anew(server, studio):
    studio.port.whoami()
    server.faults.plan(Fault(mishap=Mishap.STATUS, status=401, on="me"))
    with pytest.raises(Barred):
        studio.port.whoami()
    studio.port.whoami()
    assert server.journal.count(kind="token") == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(mishap=Mishap.LOST_REQUEST, on="token"), Transient),
        (Fault(mishap=Mishap.STATUS, status=503, on="token"), Transient),
        (Fault(mishap=Mishap.STATUS, status=429, on="token"), RateLimited),
        (Fault(mishap=Mishap.STATUS, status=401, on="token"), Barred),
        (Fault(mishap=Mishap.GARBLED, on="token"), Transient),
        (Fault(mishap=Mishap.LOST_REQUEST, on="me"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="me"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="me", body='{"id": "1"}'), Transient),
        (Fault(mishap=Mishap.STATUS, status=403, on="me"), Barred),
    ],
)
def test_asking_that_fails_tells_why(server, studio, fault, error):
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        studio.port.whoami()
    assert type(caught.value) is error


def test_a_key_that_reddit_does_not_know_bars(server):
    studio = studio_on(server)
    server.revoke()
    with pytest.raises(Barred, match="check the app"):
        studio.port.whoami()


@pytest.mark.parametrize(
    "secret", ["token", "{}", '{"client_id": "a"}', '{"client": "a"}', "[1]", NUMBER]
)
def test_what_is_no_key_is_not_sent(server, secret):
    with pytest.raises(Barred, match="studio"):
        studio_on(server, secret=secret).port.whoami()
    assert server.journal.count(kind="token") == 0


def test_no_file_and_no_variable_redirects_it(server, tmp_path, monkeypatch):
    from praw.config import Config

    (tmp_path / "praw.ini").write_text(
        "[DEFAULT]\noauth_url=http://127.0.0.1:1\nratelimit_seconds=600\n[other]\nusername=anna\n"
    )
    monkeypatch.chdir(tmp_path)
    for name in ("username", "password", "refresh_token", "client_id", "client_secret"):
        monkeypatch.setenv(f"praw_{name}", "anna")
    monkeypatch.setenv("praw_site", "other")
    monkeypatch.setenv("PRAW_ALLOW_ENDPOINT_OVERRIDE", "1")
    Config.CONFIG = None
    try:
        assert studio_on(server).port.whoami().handle == "u/studio"
    finally:
        Config.CONFIG = None


# Who was nice to me.


def test_who_answered_or_named_me(server, studio, about):
    mine = server.publish("studio", "Meine Frage", ago_s=7200)
    early = server.comment("anna", mine, "Sehr früh", ago_s=7000)
    first = server.comment("anna", mine, "Eine <gute> Frage", ago_s=3000)
    own = server.comment("studio", fullname_of(about), "Meine Antwort", ago_s=2500)
    second = server.comment("acme", own, "Danke!", ago_s=2000)
    third = server.comment("acme", fullname_of(about), "Was meint u/studio?", ago_s=1000)
    server.write_to("studio", about=fullname_of(about))
    found = studio.port.engagements(server._now() - timedelta(hours=1))
    assert [each.id for each in found] == [first, second, third]
    reply, answer, mention = found
    assert (reply.kind, reply.handle, reply.text) == (
        EngagementKind.REPLY,
        "u/anna",
        "Eine <gute> Frage",
    )
    assert reply.object_url == server.address(mine)
    assert reply.url == server.address(first)
    assert answer.object_url == server.address(own)
    assert (mention.kind, mention.object_url) == (EngagementKind.MENTION, "")
    assert early not in {each.id for each in found}


def test_a_full_inbox_is_read_page_by_page(server, studio):
    mine = server.publish("studio", "Meine Frage", ago_s=7200)
    for number in range(150):
        server.comment("anna", mine, f"Antwort {number}", ago_s=3000)
    assert len(studio.port.engagements(server._now() - timedelta(hours=1))) == 150
    assert len(server.asked(verb="inbox")) == 2
