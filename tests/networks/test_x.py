"""X: the real tweepy on the stand-in."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Self

import pytest

from netbot.demo.faults import Fault, Mishap
from netbot.demo.x import XServer
from netbot.demo.xmemory import PRICES
from netbot.fetch import NotFound
from netbot.model import (
    Account,
    Barred,
    EngagementKind,
    Gone,
    Identity,
    NetworkError,
    PolicyRefused,
    RateLimited,
    Receipt,
    Refused,
    Sight,
    Source,
    Transient,
    Unsure,
    Verb,
    hash_post,
)
from netbot.network import Access
from netbot.networks.x import X, asking, telling
from netbot.networks.x.telling import EDITABLE
from tests.drawers import Drawer, Purse
from tests.house import NOON
from tests.mastodons import TOKEN, Studio
from tests.networks import contract

SOURCE = Source(client="acme", network="x", address="@acme")
SECRET = {"client_id": "app", "client_secret": "app-secret-1", "refresh_token": "refresh-000"}
TEXT = "Unser Herbstbericht ist da: https://acme.example/berichte/2026/herbst A & B <3 #Bericht"
CALL = "Was meint @studio dazu?"
REPLY = "Danke, gern gelesen. & weiter so <3 https://studio.example/x"
ACTS = [(Verb.SHARE, ""), (Verb.COMMENT, REPLY), (Verb.RECOMMEND, "Lesenswert.")]
WRITES = ("post", "delete", "repost", "unrepost", "like")
HOUR = 3600


class Stage(contract.ActingStage):
    """For the contract of all networks; X is half an hour ahead of what was published."""

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server: XServer = XServer(now=lambda: NOON)

    def __enter__(self) -> Self:
        super().__enter__()
        self.own = self.server.add_account("studio", token=TOKEN)
        return self

    @property
    def account(self) -> Account:
        return Account(
            id="studio",
            network=self.network,
            handle="@studio",
            platform_id=self.own,
            server=self.server.url(),
        )

    @property
    def secret(self) -> str:
        return TOKEN

    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> X:
        return X(access, timeout_s=timeout_s, now=lambda: NOON + EDITABLE)

    def stranger(self) -> str:
        self.server.add_account("anna", token="anna-token")
        return "anna-token"

    def publish(self, text: str) -> str:
        return self.server.address(self.server.publish("acme", f"{text} @studio"))

    def edit(self, url: str, text: str) -> None:
        self.server.edit(url.rpartition("/")[2], f"{text} @studio")

    def remove(self, url: str) -> None:
        self.server.remove(url.rpartition("/")[2])

    def arrived(self) -> int:
        return len(writes(self.server))

    def written(self) -> int:
        return len(self.server.written(changed=True))

    def source(self) -> Source:
        return SOURCE

    def be_nice(self, url: str) -> None:
        self.server.publish("acme", "Gern geschehen!", parent=url.rpartition("/")[2])


@pytest.fixture
def server() -> Iterator[XServer]:
    with XServer() as running:
        yield running


def studio_on(server: XServer, **facts: Any) -> Studio:
    own = server.add_account("studio", token=TOKEN)
    account = Account(
        id="studio", network="x", handle="@studio", platform_id=own, server=server.url()
    )
    return Studio(account, kind=X, **facts)


@pytest.fixture
def purse() -> Purse:
    return Purse()


@pytest.fixture
def studio(server: XServer, purse: Purse) -> Studio:
    return studio_on(server, purse=purse)


@pytest.fixture
def about(server: XServer) -> str:
    return server.address(server.publish("acme", CALL, ago_s=HOUR))


def writes(server: XServer) -> list[str]:
    return [entry["verb"] for entry in server.asked() if entry["verb"] in WRITES]


# Watching.


def test_a_timeline_is_read_once_and_only_what_is_new_again(server, studio, purse):
    server.publish("acme", TEXT, ago_s=3 * HOUR)
    server.publish("acme", "Zweiter Beitrag, und er ist auch schon älter", ago_s=2 * HOUR)
    server.publish("acme", "RT", ago_s=HOUR, parent=server.publish("anna", "Hm?", ago_s=HOUR))
    first = studio.port.fetch(SOURCE, "")
    assert [post.text for post in reversed(first.posts)] == [
        TEXT,
        "Zweiter Beitrag, und er ist auch schon älter",
    ]
    assert (first.changed, first.title, first.wish_s) == (True, "acme", 6 * HOUR)
    again = studio.port.fetch(SOURCE, first.cursor)
    assert (again.posts, again.changed) == ((), False)
    assert again.cursor == first.cursor
    later = server.publish("acme", "Dritter", ago_s=HOUR)
    third = studio.port.fetch(SOURCE, again.cursor)
    assert [post.url for post in third.posts] == [server.address(later)]
    verbs = [entry["verb"] for entry in server.asked()]
    assert verbs == ["lookup", "timeline", "timeline", "timeline"]
    assert purse.spent == server.memory.spent_micros == PRICES["user"] + 3 * PRICES["post"]


def test_a_post_says_all_that_x_tells_of_it(server, studio):
    long = f"{'Ein langer Gedanke über Sprache. ' * 20}Mehr: https://acme.example/lang?a=1&b=2 Ende"
    server.publish("acme", TEXT, ago_s=3 * HOUR)
    written = server.publish("acme", long, ago_s=2 * HOUR, language="de")
    for new_names in (False, True):
        server.new_names = new_names
        post, other = studio.port.fetch(SOURCE, "").posts
        assert (post.text, post.url, post.title) == (long, server.address(written), "")
        assert (post.network, post.author, post.language) == ("x", "@acme", "de")
        assert (post.kind, post.in_reply_to, post.links, post.media) == ("original", None, 1, 0)
        assert post.keys[:2] == (f"id:x:{written}", f"url:{server.address(written)}")
        assert (other.text, other.tags) == (TEXT, ("Bericht",))


def test_an_edited_post_is_one_post_and_waits_until_it_is_final(server, studio):
    server.publish("acme", "Ein alter Beitrag, der schon lange so dasteht", ago_s=HOUR)
    first = server.publish("acme", "Tippfeler im Beitrag", ago_s=600)
    batch = studio.port.fetch(SOURCE, "")
    assert [post.text for post in batch.posts] == ["Ein alter Beitrag, der schon lange so dasteht"]
    second = server.edit(first, "Tippfehler im Beitrag")
    later = X(studio.port.access, now=lambda: datetime.now(UTC) + timedelta(minutes=25))
    [final] = later.fetch(SOURCE, batch.cursor).posts
    assert (final.text, final.url) == ("Tippfehler im Beitrag", server.address(second))
    assert final.keys[0] == f"id:x:{first}"
    server.edit(first, "Nie wieder")
    assert (
        telling.posts([{"id": "5", "text": "a", "created_at": "2026-11-22T10:00:00Z"}], "acme")[
            0
        ].keys[0]
        == "id:x:5"
    )


def test_what_is_still_open_is_not_lost_behind_what_is_final(server, studio):
    """An edit renews the id, so an older post may carry a newer id than one that is open still."""
    old = server.publish("acme", "Der ältere von beiden", ago_s=40 * 60)
    server.publish("acme", "Der jüngere von beiden", ago_s=10 * 60)
    server.edit(old, "Der ältere von beiden, bearbeitet")
    first = studio.port.fetch(SOURCE, "")
    assert [post.text for post in first.posts] == ["Der ältere von beiden, bearbeitet"]
    later = X(studio.port.access, now=lambda: datetime.now(UTC) + timedelta(minutes=25))
    texts = {post.text for post in later.fetch(SOURCE, first.cursor).posts}
    assert "Der jüngere von beiden" in texts


def test_a_long_silence_is_walked_page_by_page(server, studio, purse):
    server.publish("acme", "Der erste von vielen", ago_s=HOUR)
    first = studio.port.fetch(SOURCE, "")
    for number in range(45):
        server.publish("acme", f"Beitrag {number} nach der Stille", ago_s=HOUR)
    batch = studio.port.fetch(SOURCE, first.cursor)
    assert len(batch.posts) == 45
    assert server.asked(verb="timeline")[-1]["n"] - server.asked(verb="timeline")[1]["n"] == 2
    assert purse.spent == server.memory.spent_micros


def test_kinds_of_posts_are_marked():
    base = {"id": "7", "text": "Hm", "created_at": "2026-11-22T10:00:00.000Z"}
    for old, new in (("referenced_tweets", "referenced_posts"),) * 2:
        for relation, kind, link in (
            ("replied_to", "reply", "https://x.com/i/status/5"),
            ("retweeted", "share", None),
            ("quoted", "original", None),
        ):
            for name in (old, new):
                [post] = telling.posts([base | {name: [{"type": relation, "id": 5}]}], "acme")
                assert (post.kind, post.in_reply_to) == (kind, link)


def test_pictures_leave_no_address_in_the_text():
    told = {
        "id": "7",
        "text": "Schau https://t.co/a und https://t.co/b",
        "created_at": "2026-11-22T10:00:00Z",
        "lang": "und",
        "attachments": {"media_keys": ["3_1"]},
        "entities": {
            "urls": [
                {
                    "url": "https://t.co/a",
                    "expanded_url": "https://acme.example/x",
                    "unwound_url": "https://www.acme.example/x",
                },
                {
                    "url": "https://t.co/b",
                    "media_key": "3_1",
                    "expanded_url": "https://x.com/acme/status/7/photo/1",
                },
            ]
        },
    }
    [post] = telling.posts([told], "acme")
    assert post.text == "Schau https://www.acme.example/x und"
    assert (post.links, post.media, post.language) == (1, 1, None)


def test_without_a_key_it_says_what_is_missing(server):
    port = X()
    with pytest.raises(Refused, match="with a key only"):
        port.fetch(SOURCE, "")
    [(source, error)] = port.fetch_many([(SOURCE, "")])
    assert (source, type(error)) == (SOURCE, Refused)
    port.reread(telling.posts([{"id": "5", "text": "", "created_at": "2026-11-22T10:00Z"}], "a")[0])
    for ask in (port.whoami, lambda: port.engagements(datetime.now(UTC))):
        with pytest.raises(Barred):
            ask()


def test_an_account_that_is_not_there(server, studio):
    with pytest.raises(NotFound):
        studio.port.fetch(SOURCE, "")
    with pytest.raises(Refused, match="no account on X"):
        studio.port.fetch(Source(client="acme", network="x", address="https://acme.example"), "")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("https://x.com/acme", ["@acme"]),
        ("x.com/acme/", ["@acme"]),
        ("https://twitter.com/acme?s=20", ["@acme"]),
        ("https://mobile.twitter.com/Acme_1", ["@Acme_1"]),
        ("https://x.com/home", []),
        ("https://x.com/acme/status/1", []),
        ("https://acme.example/acme", []),
        ("http://[", []),
        ("@acme@example.social", []),
        ("acme", []),
    ],
)
def test_addresses_of_accounts(written, found):
    assert [hint.address for hint in X().resolve(written)] == found


def test_once_told_off_nobody_is_asked_any_more(server, studio):
    for name in ("acme", "second", "third"):
        server.publish(name, "Ein Beitrag, der schon älter ist", ago_s=HOUR)
    sources = [Source(client=n, network="x", address=f"@{n}") for n in ("acme", "second", "third")]
    server.faults.plan(Fault(mishap=Mishap.STATUS, status=429, on="timeline", after=1, reset_s=60))
    answers = dict(studio.port.fetch_many([(source, "") for source in sources]))
    kinds = [type(answers[source]).__name__ for source in sources]
    assert kinds == ["Batch", "RateLimited", "RateLimited"]
    assert len(server.asked(verb="lookup")) == 2
    server.faults.plan(Fault(mishap=Mishap.STATUS, status=503, on="any"))
    answers = dict(studio.port.fetch_many([(source, "") for source in sources]))
    kinds = [type(answers[source]).__name__ for source in sources]
    assert kinds == ["Transient", "Batch", "Batch"]


def test_a_post_that_is_gone_is_gone(server, studio, about):
    [post] = studio.port.fetch(SOURCE, "").posts
    studio.port.reread(post)
    server.remove(about.rpartition("/")[2])
    with pytest.raises(Gone):
        studio.port.reread(post)
    with pytest.raises(Gone):
        studio.port.look(studio.approved(Verb.SHARE, about))


@pytest.mark.parametrize("cursor", ["", "nonsense", '{"user": "1000", "other": 1}', "[]"])
def test_a_cursor_that_cannot_be_read_is_none(server, studio, about, cursor):
    assert len(studio.port.fetch(SOURCE, cursor).posts) == 1


# Money.


def test_what_the_budget_does_not_hold_is_not_asked(server, about):
    purse = Purse(PRICES["user"] + 10 * PRICES["post"] - 1)
    studio = studio_on(server, purse=purse)
    with pytest.raises(RateLimited, match="money"):
        studio.port.fetch(SOURCE, "")
    assert [entry["verb"] for entry in server.asked()] == ["lookup"]
    assert purse.spent == PRICES["user"]


def test_the_spending_limit_at_x_is_a_pause(server, studio, about, purse):
    server.set_limit(PRICES["user"])
    studio.port.identify()
    spent = purse.spent
    with pytest.raises(RateLimited, match="spending limit") as caught:
        studio.port.look(studio.approved(Verb.SHARE, about))
    assert caught.value.retry_after_s == asking.PAID_OUT_S
    assert purse.spent == spent
    action = studio.approved(Verb.SHARE, about)
    with pytest.raises(RateLimited):
        studio.port.perform(action, Sight(target=about.rpartition("/")[2]), monotonic() + 5)
    assert server.written() == []


def test_a_lost_answer_is_counted_and_a_refusal_is_not(server, studio, purse):
    server.faults.plan(Fault(mishap=Mishap.LOST_ANSWER, on="me"))
    with pytest.raises(Transient):
        studio.port.whoami()
    assert purse.spent == PRICES["user"]
    server.faults.plan(Fault(mishap=Mishap.STATUS, status=429, on="me"))
    with pytest.raises(RateLimited):
        studio.port.whoami()
    assert purse.spent == PRICES["user"]


# Acting.


def test_it_says_whom_the_network_takes_us_for(server, studio):
    assert studio.port.whoami() == Identity(
        platform_id=server.add_account("studio"), handle="@studio"
    )


@pytest.mark.parametrize(("verb", "text"), ACTS)
def test_an_act_is_one_request_and_can_be_read_back_and_taken_back(
    server, studio, about, verb, text
):
    if verb is Verb.RECOMMEND:
        text = f"{text}\n\n{about}"
    action = studio.approved(verb, about, text, created_at=datetime.now(UTC))
    assert studio.port.read_back(action) is None
    receipt = studio.perform(action)
    assert not receipt.found
    call = {"share": "repost", "comment": "reply", "recommend": "post"}[verb]
    [written] = server.written()
    assert (written["verb"], written["token"], written["changed"]) == (call, TOKEN, True)
    assert written.get("text", "") == text
    assert len(writes(server)) == 1
    seen = studio.port.read_back(action)
    assert seen is not None
    assert (seen.ref, seen.url, seen.found) == (receipt.ref, receipt.url, True)
    assert studio.port.look(action).done == seen
    studio.undo(action, receipt)
    assert studio.port.read_back(action) is None
    assert len(writes(server)) == 2


def test_what_is_seen_is_what_watching_saw(server, studio, about):
    [post] = studio.port.fetch(SOURCE, "").posts
    seen = studio.port.look(studio.approved(Verb.SHARE, post.url)).post
    assert seen is not None
    assert hash_post(seen) == hash_post(post)
    assert seen.keys == post.keys


def test_an_answer_leaves_only_where_it_was_asked_for(server, studio):
    other = server.address(server.publish("acme", "Und was meint ihr?", ago_s=HOUR))
    with pytest.raises(Refused, match="names you"):
        studio.port.look(studio.approved(Verb.COMMENT, other, REPLY))
    action = studio.approved(Verb.COMMENT, other, REPLY)
    studio.port.identify()
    with pytest.raises(Refused, match="by hand"):
        studio.port.perform(action, Sight(target=other.rpartition("/")[2]), monotonic() + 5)
    assert server.written() == []


def test_an_account_that_vanished_may_come_back(server, studio):
    cursor = json.dumps({"user": "999", "name": "acme", "since": "1"})
    with pytest.raises(NotFound):
        studio.port.fetch(SOURCE, cursor)


def test_what_is_no_post_on_x_is_left_to_the_human(studio):
    for url in ("https://acme.example/blog/1", "https://x.com/acme", "http://["):
        with pytest.raises(Refused, match="by hand"):
            studio.port.look(studio.approved(Verb.SHARE, url))


def test_a_yes_that_means_no_is_no_yes(server, studio, about):
    action = studio.approved(Verb.SHARE, about)
    sight = studio.port.look(action)
    studio.port.identify()
    no, yes = '{"data": {"retweeted": false}}', '{"data": {"retweeted": true}}'
    server.faults.plan(Fault(mishap=Mishap.GARBLED, body=no))
    with pytest.raises(Unsure):
        studio.port.perform(action, sight, monotonic() + 5)
    server.faults.plan(Fault(mishap=Mishap.GARBLED, body=yes))
    with pytest.raises(Unsure):
        studio.undo(action, Receipt(ref=sight.target))


def test_likes_leave_by_hand_only(server, studio, about):
    studio.port.identify()
    with pytest.raises(PolicyRefused):
        studio.port.perform(studio.approved(Verb.LIKE, about), Sight(target="1"), monotonic() + 5)
    assert writes(server) == []


def test_a_text_that_stands_there_already_is_looked_for(server, studio, about):
    """X refuses a copy: after a lost answer that means that the first one has arrived."""
    action = studio.approved(Verb.COMMENT, about, REPLY)
    sight = studio.port.look(action)
    studio.perform(action)
    with pytest.raises(Unsure, match="already"):
        studio.port.perform(action, sight, monotonic() + 5)
    assert studio.port.read_back(action) is not None
    assert len(server.written()) == 1


def test_a_network_that_is_slow_to_show_is_asked_again(server, studio, about):
    server.set_lag(3)
    action = studio.approved(Verb.SHARE, about)
    studio.perform(action)
    assert studio.port.read_back(action) is None
    studio.port.read_back(action)
    assert studio.port.read_back(action) is not None


def test_what_was_done_by_hand_is_seen(server, studio, about):
    server.by_hand("studio", "repost", about.rpartition("/")[2])
    done = studio.port.look(studio.approved(Verb.SHARE, about)).done
    assert done is not None
    assert done.found


SOON = {"x-rate-limit-reset": "soon"}
FAULTS = [
    (Fault(mishap=Mishap.LOST_REQUEST), Unsure, 0),
    (Fault(mishap=Mishap.LOST_ANSWER), Unsure, 1),
    (Fault(mishap=Mishap.CUT_ANSWER), Unsure, 1),
    (Fault(mishap=Mishap.STALL), Unsure, 0),
    (Fault(mishap=Mishap.STALL, applied=True), Unsure, 1),
    (Fault(mishap=Mishap.DRIP), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, body="[1]"), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, body='{"data": {}}'), Unsure, 1),
    (Fault(mishap=Mishap.STATUS, status=500), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=503, applied=True), Unsure, 1),
    (Fault(mishap=Mishap.STATUS, status=401), Barred, 0),
    (Fault(mishap=Mishap.STATUS, status=402), RateLimited, 0),
    (Fault(mishap=Mishap.STATUS, status=403), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=403, body="[1]"), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=404), Gone, 0),
    (Fault(mishap=Mishap.STATUS, status=400), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=429), RateLimited, 0),
    (Fault(mishap=Mishap.STATUS, status=429, reset_s=120), RateLimited, 0),
    (
        Fault(mishap=Mishap.STATUS, status=429, headers={"x-rate-limit-reset": "soon"}),
        RateLimited,
        0,
    ),
]


@pytest.mark.parametrize("act", ACTS[:2])
@pytest.mark.parametrize("case", FAULTS)
def test_whatever_goes_wrong_one_request_is_made(server, about, act, case, caplog):
    caplog.set_level(logging.DEBUG)
    fault, error, written = case
    waits = fault.mishap in {Mishap.STALL, Mishap.DRIP}
    studio = studio_on(server, timeout_s=0.3 if waits else 10.0)
    action = studio.approved(act[0], about, act[1])
    sight = studio.port.look(action)
    studio.port.identify()
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        studio.port.perform(action, sight, monotonic() + 5)
    assert type(caught.value) is error
    assert len(writes(server)) == 1
    assert len(server.written()) == written
    assert TOKEN not in caplog.text + repr(caught.value)
    if isinstance(caught.value, RateLimited) and fault.status == 429:
        assert caught.value.retry_after_s in (range(115, 123) if fault.reset_s else [900])
    if error is Unsure:
        assert (studio.port.read_back(action) is not None) == bool(written)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(mishap=Mishap.LOST_REQUEST, on="any"), Transient),
        (Fault(mishap=Mishap.STATUS, status=502, on="any"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="any", body='{"data": [1]}'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="any", body='{"data": {"id": "1"}}'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="any", body="[1]"), Transient),
        (Fault(mishap=Mishap.STATUS, status=401, on="any"), Barred),
        (Fault(mishap=Mishap.STATUS, status=403, on="any"), Barred),
        (Fault(mishap=Mishap.STATUS, status=429, on="any"), RateLimited),
    ],
)
def test_a_look_that_fails_tells_why(server, studio, about, fault, error):
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        studio.port.look(studio.approved(Verb.SHARE, about))
    assert type(caught.value) is error


def test_an_apps_own_token_watches_and_does_not_act(server, about):
    studio = studio_on(server, secret="app-only-bearer")
    server.add_app(token="app-only-bearer")
    assert len(studio.port.fetch(SOURCE, "").posts) == 1
    with pytest.raises(Barred):
        studio.port.whoami()


def test_an_account_that_nobody_checked_has_no_posts_of_its_own(server, about):
    studio = studio_on(server)
    account = Account(id="studio", network="x", handle="@studio", server=server.url())
    unsure = Studio(account, kind=X)
    with pytest.raises(Barred, match="account check studio"):
        unsure.port.look(studio.approved(Verb.SHARE, about))


@pytest.mark.parametrize(
    "secret",
    [
        "two words",
        "ümlaut-token",
        '{"client_id": 1',
        '{"a": "b"}',
        '{"client_id": "a", "refresh_token": 1}',
    ],
)
def test_what_is_no_key_is_not_sent(server, secret):
    with pytest.raises(Barred, match="studio"):
        studio_on(server, secret=secret).port.whoami()
    assert server.asked() == []


# Keys that are renewed.

SOMETIME = '{"access_token": "access-1", "expires_in": "soon"}'


def renewing(server: XServer, drawer: Drawer | None, **facts: Any) -> Studio:
    server.add_app("studio", **SECRET)
    return studio_on(server, secret=json.dumps(SECRET), drawer=drawer, mark="m", **facts)


@pytest.mark.parametrize("has_drawer", [True, False])
def test_a_token_is_renewed_once_and_used_as_long_as_it_lasts(server, has_drawer):
    studio = renewing(server, Drawer() if has_drawer else None)
    for _ in range(3):
        assert studio.port.whoami().handle == "@studio"
    assert server.journal.count(kind="renewed") == 1


def test_a_refresh_token_is_kept_before_what_came_with_it_is_used(server):
    drawer = Drawer()
    studio = renewing(server, drawer)
    server.faults.plan(Fault(mishap=Mishap.LOST_REQUEST, on="me"))
    with pytest.raises(Transient):
        studio.port.whoami()
    kept = json.loads(drawer.read())
    assert (kept["refresh_token"], kept["access_token"]) == ("refresh-00000001", "access-00000001")
    another = renewing_again(server, drawer)
    assert another.port.whoami().handle == "@studio"
    assert server.journal.count(kind="renewed") == 1


def renewing_again(server: XServer, drawer: Drawer, mark: str = "m") -> Studio:
    """As after a restart."""
    return studio_on(server, secret=json.dumps(SECRET), drawer=drawer, mark=mark)


def test_what_cannot_be_kept_is_not_asked_for(server):
    drawer = Drawer()
    drawer.is_full = True
    with pytest.raises(Refused, match="disk is full"):
        renewing(server, drawer).port.whoami()
    assert server.journal.count(kind="renewed") == 0


def test_a_token_that_x_revoked_is_asked_for_anew(server):
    drawer = Drawer()
    studio = renewing(server, drawer)
    studio.port.whoami()
    server.revoke("access-00000001")
    with pytest.raises(Transient, match="new one"):
        studio.port.whoami()
    assert studio.port.whoami().handle == "@studio"
    assert server.journal.count(kind="renewed") == 2


def test_an_old_token_is_renewed_before_it_is_shown(server):
    drawer = Drawer()
    studio = renewing(server, drawer)
    studio.port.whoami()
    old = json.loads(drawer.read()) | {"lasts_until": datetime.now(UTC).isoformat()}
    drawer.write(json.dumps(old))
    studio.port.whoami()
    assert server.journal.count(kind="renewed") == 2
    assert [entry["token"] for entry in server.asked(verb="me")] == [
        "access-00000001",
        "access-00000002",
    ]


@pytest.mark.parametrize(
    "lies",
    [
        "nonsense",
        "[1]",
        '{"mark": "m", "refresh_token": "r", "access_token": "a", "lasts_until": "soon"}',
        '{"mark": "m", "refresh_token": "r", "access_token": "a", "lasts_until": 5}',
    ],
)
def test_what_makes_no_sense_in_the_drawer_is_not_used(server, lies):
    assert renewing(server, Drawer(lies)).port.whoami().handle == "@studio"
    assert server.journal.count(kind="renewed") == 1


class Open(Drawer):
    """A drawer that others could look into."""

    def read(self) -> str:
        raise PolicyRefused("others can read it; close it")


def test_a_drawer_that_others_can_read_is_not_used(server):
    studio = renewing(server, Open())
    [(_, error)] = studio.port.fetch_many([(SOURCE, "")])
    assert type(error) is Refused
    assert "close it" in str(error)


def test_another_secret_begins_anew(server):
    drawer = Drawer()
    renewing(server, drawer).port.whoami()
    server.add_app("studio", **SECRET)
    renewing_again(server, drawer, mark="another").port.whoami()
    assert json.loads(drawer.read())["mark"] == "another"
    assert server.journal.count(kind="renewed") == 2


def test_a_refresh_token_that_was_used_up_bars(server):
    studio = renewing(server, Drawer())
    server.add_app("studio", **SECRET | {"refresh_token": "another one"})
    with pytest.raises(Barred, match="once more"):
        studio.port.whoami()
    assert server.asked() == []


class Shared(Drawer):
    """Another process has renewed the token while this one was asking."""

    def read(self) -> str:
        held = super().read()
        if len(self.kept) < 1:
            return held
        lasts = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        return json.dumps(
            {"mark": "m", "refresh_token": "r", "access_token": "quick", "lasts_until": lasts}
        )


def test_another_process_may_be_quicker(server):
    studio = renewing(server, Shared())
    server.add_account("studio", token="quick")
    server.add_app("studio", **SECRET | {"refresh_token": "another one"})
    assert studio.port.whoami().handle == "@studio"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(mishap=Mishap.LOST_ANSWER, on="renew"), Transient),
        (Fault(mishap=Mishap.STATUS, status=503, on="renew"), Transient),
        (Fault(mishap=Mishap.STATUS, status=429, on="renew"), RateLimited),
        (Fault(mishap=Mishap.GARBLED, on="renew", body="{}"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="renew", body=SOMETIME), Transient),
    ],
)
def test_a_renewal_that_fails_tells_why(server, fault, error):
    studio = renewing(server, Drawer())
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        studio.port.whoami()
    assert type(caught.value) is error


# Who was nice to me.


def test_who_named_or_answered_me(server, studio, purse):
    begin = datetime.now(UTC) - timedelta(hours=1)
    server.add_account("anna", shown="Anna Muster")
    server.publish("anna", "@studio früher einmal", ago_s=2 * HOUR)
    mine = server.publish("studio", "Meine Gedanken", ago_s=3 * HOUR)
    answer = server.publish("anna", "Sehr schön!", ago_s=1800, parent=mine)
    named = server.publish("acme", "Danke an @studio & alle", ago_s=900)
    first, second = studio.port.engagements(begin)
    assert (first.kind, first.handle, first.name) == (EngagementKind.REPLY, "@anna", "Anna Muster")
    assert first.object_url == server.address(mine)
    assert (first.url, first.text) == (server.address(answer), "Sehr schön!")
    assert (second.kind, second.id) == (EngagementKind.MENTION, f"x:{named}")
    assert (second.object_url, second.text) == ("", "Danke an @studio & alle")
    assert purse.spent == server.memory.spent_micros == 2 * PRICES["own"] + 2 * PRICES["user"]
    assert studio.port.engagements(datetime.now(UTC) - timedelta(minutes=1)) == []
    assert studio.port.engagements(datetime.now(UTC) + timedelta(days=1)) == ()


def test_many_mentions_come_page_by_page(server, studio, purse):
    for number in range(50):
        server.publish("acme", f"@studio Gruß {number}", ago_s=HOUR)
    found = studio.port.engagements(datetime.now(UTC) - timedelta(hours=2))
    assert len({each.id for each in found}) == 50
    assert purse.spent == server.memory.spent_micros
