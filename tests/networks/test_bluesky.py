"""Acting on Bluesky: the real library on the stand-in network."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Self

import pytest

from netbot.demo.atmosphere import LIKE, POST, REPOST, Atmosphere
from netbot.demo.bluesky import BlueskyServer
from netbot.demo.faults import Fault, Mishap
from netbot.model import (
    Account,
    Barred,
    EngagementKind,
    Gone,
    Identity,
    NetworkError,
    PolicyRefused,
    RateLimited,
    Refused,
    Source,
    Transient,
    Unsure,
    UsageError,
    Verb,
    hash_post,
)
from netbot.network import Access, Network
from netbot.networks.bluesky import Bluesky
from netbot.networks.bluesky.records import rkey_of
from netbot.networks.bluesky.session import Session
from tests.blueskies import KEY, PASSWORD, TEXT, Drawer, Studio, studio_on
from tests.networks import contract

REPLY = "@acme.test Danke für den Bericht über Größe: https://studio.example/x #nett"
ACTS = [(Verb.LIKE, ""), (Verb.SHARE, ""), (Verb.COMMENT, REPLY), (Verb.RECOMMEND, "Lesenswert.")]
CALLS = {Verb.LIKE: "like", Verb.SHARE: "repost", Verb.COMMENT: "reply", Verb.RECOMMEND: "post"}
KINDS = {Verb.LIKE: LIKE, Verb.SHARE: REPOST, Verb.COMMENT: POST, Verb.RECOMMEND: POST}


class Stage(contract.ActingStage):
    """For the contract of all networks."""

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server: BlueskyServer = BlueskyServer()

    def __enter__(self) -> Self:
        super().__enter__()
        self.own = self.server.add_account("studio", token=PASSWORD)
        self.server.add_account("acme")
        return self

    @property
    def account(self) -> Account:
        return Account(
            id="studio",
            network=self.network,
            handle="@studio.test",
            platform_id=self.own,
            server=self.server.url(),
        )

    @property
    def secret(self) -> str:
        return PASSWORD

    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> Bluesky:
        return Bluesky(access, allow_hosts=["127.0.0.1"], timeout_s=timeout_s)

    def stranger(self) -> str:
        """Only a session can be another's: a password opens one account and no other."""
        self.server.add_account("anna", token="anna-anna-anna-anna")
        access = self.access(secret="anna-anna-anna-anna", handle="@anna.test", platform_id=None)
        Bluesky(access).identify()
        assert access.drawer is not None
        self.mixed_up = access.drawer
        return access.secret

    def with_secret(self, secret: str) -> Network:
        access = self.access(secret=secret)
        if secret.startswith("anna"):
            access = replace(access, drawer=self.mixed_up)
        return self._keep(self.open(access))

    def publish(self, text: str) -> str:
        return self.server.address(self.server.publish("acme", text))

    def edit(self, url: str, text: str) -> None:
        self.server.edit(_uri(url), text)

    def remove(self, url: str) -> None:
        self.server.remove(_uri(url))

    def arrived(self) -> int:
        return len(writes(self.server))

    def written(self) -> int:
        return len(self.server.written(changed=True))

    def source(self) -> Source:
        address = self.server.url("/profile/acme.test")
        return Source(client="acme", network=self.network, address=address)

    def be_nice(self, url: str) -> None:
        self.server.by_hand("acme", "like", _uri(url))


def _uri(url: str) -> str:
    _, did, _, rkey = url.rsplit("/", 3)
    return f"at://{did}/{POST}/{rkey}"


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    with BlueskyServer() as running:
        yield running


@pytest.fixture
def studio(server: BlueskyServer) -> Studio:
    return studio_on(server)


@pytest.fixture
def target(server: BlueskyServer) -> str:
    return server.publish("acme", TEXT, ago_s=3600)


@pytest.fixture
def about(server: BlueskyServer, target: str) -> str:
    return server.address(target)


def writes(server: BlueskyServer) -> list[str]:
    verbs = {*CALLS.values(), "unlike", "unrepost", "delete"}
    return [entry["verb"] for entry in server.asked() if entry["verb"] in verbs]


def begun(server: BlueskyServer) -> list[str]:
    """How sessions were asked for."""
    return [each["verb"] for each in server.asked() if each["verb"] in {"begin", "renew"}]


def test_it_says_whom_the_network_takes_us_for(server, studio):
    own = server.add_account("studio")
    assert studio.port.whoami() == Identity(platform_id=own, handle="@studio.test")


@pytest.mark.parametrize(("verb", "text"), ACTS)
def test_an_act_is_one_request_and_can_be_read_back_and_taken_back(
    server, studio, target, verb, text
):
    about = server.address(target)
    if verb is Verb.RECOMMEND:
        text = f"{text}\n\n{about}"
    action = studio.approved(verb, about, text)
    assert studio.port.read_back(action) is None
    receipt = studio.perform(action)
    assert not receipt.found
    assert writes(server) == [CALLS[verb]]
    [written] = server.written()
    assert (written["verb"], written["token"], written["changed"]) == (CALLS[verb], PASSWORD, True)
    assert (written["ref"], written["key"]) == (receipt.ref, rkey_of(KEY))
    if text:
        assert (written["text"], receipt.url) == (text, server.address(receipt.ref))
    else:
        assert (written["target"], written["url"], receipt.url) == (target, about, about)
    seen = studio.port.read_back(action)
    assert seen == replace(receipt, found=True)
    assert studio.port.look(action).done == seen
    studio.undo(action, receipt)
    assert studio.port.read_back(action) is None
    assert len(writes(server)) == 2
    assert len(server.written(changed=True)) == 2
    with pytest.raises(Gone):
        studio.undo(action, receipt)
    assert len(writes(server)) == 2


@pytest.mark.parametrize(("verb", "text"), ACTS)
def test_the_same_act_twice_is_one_record(server, studio, about, verb, text):
    action = studio.approved(verb, about, text)
    sight = studio.port.look(action)
    studio.port.identify()
    made = {studio.port.perform(action, sight, monotonic() + 5).ref for _ in range(2)}
    assert len(made) == 1
    assert [entry["changed"] for entry in server.written()] == [True, False]
    assert len(server.world.store(server.add_account("studio"), KINDS[verb])) == 1


def test_names_of_records_follow_from_the_key():
    names = {rkey_of(f"{number:032x}") for number in range(2_000)}
    assert len(names) == 2_000
    assert rkey_of(KEY) == rkey_of(KEY)
    assert {len(name) for name in names} == {13}
    assert set("".join(names)) <= set("234567abcdefghijklmnopqrstuvwxyz")
    # In the order of names, and so of time, they come before what is written today.
    assert max(names) < Atmosphere(lambda: datetime(2026, 1, 1, tzinfo=UTC)).next_name()


def test_an_answer_names_what_it_answers_and_whom_and_leads_where_it_says(server, studio, target):
    server.add_account("acme")
    middle = server.publish("acme", "Zweiter Teil", parent=target)
    receipt = studio.perform(studio.approved(Verb.COMMENT, server.address(middle), REPLY))
    record = server.world.record(receipt.ref).value
    assert record["reply"]["parent"]["uri"] == middle
    assert record["reply"]["root"]["uri"] == target
    raw = REPLY.encode()
    marked = [
        (raw[each["index"]["byteStart"] : each["index"]["byteEnd"]].decode(), each["features"][0])
        for each in record["facets"]
    ]
    assert [shown for shown, _ in marked] == ["@acme.test", "https://studio.example/x", "#nett"]
    assert [
        feature.get("did") or feature.get("uri") or feature["tag"] for _, feature in marked
    ] == [
        server.add_account("acme"),
        "https://studio.example/x",
        "nett",
    ]


def test_whoever_is_not_on_the_network_is_not_linked(server, studio, about):
    text = "Grüße auch an @niemand.test"
    receipt = studio.perform(studio.approved(Verb.COMMENT, about, text))
    assert "facets" not in server.world.record(receipt.ref).value


@pytest.mark.parametrize("is_quotable", [True, False])
def test_what_is_recommended_is_shown_within_where_its_author_allows(
    server, studio, target, about, is_quotable
):
    if not is_quotable:
        server.shut(target, "quotes")
    receipt = studio.perform(studio.approved(Verb.RECOMMEND, about, f"Lesenswert: {about}"))
    embed = server.world.record(receipt.ref).value.get("embed")
    assert (embed is not None) == is_quotable
    if embed:
        assert server.world.reference(target).items() <= embed["record"].items()


def test_what_was_done_by_hand_is_seen(server, studio, target, about):
    server.by_hand("studio", "like", target)
    server.by_hand("studio", "repost", target)
    server.publish("studio", REPLY, parent=target)
    server.publish("studio", f"Lesenswert.\n{about}")
    for verb, text in [*ACTS[:3], (Verb.RECOMMEND, f"Lesenswert. {about}")]:
        action = studio.approved(verb, about, text)
        done = studio.port.look(action).done
        assert done is not None
        assert done.found
        studio.undo(action, done)
        assert studio.port.read_back(action) is None


def test_the_like_that_took_the_place_of_ours_is_taken_back(server, studio, target, about):
    action = studio.approved(Verb.LIKE, about)
    receipt = studio.perform(action)
    server.by_hand("studio", "like", target)  # the network lets the new one replace ours
    studio.undo(action, receipt)
    assert server.world.store(server.add_account("studio"), LIKE) == []


def test_a_like_that_the_window_still_shows_is_gone_all_the_same(server, studio, about):
    action = studio.approved(Verb.LIKE, about)
    receipt = studio.perform(action)
    server.set_lag(50)
    studio.undo(action, receipt)
    assert studio.port.read_back(action) is None
    with pytest.raises(Gone):
        studio.undo(action, receipt)


def test_a_window_that_is_slow_to_show_deceives_nobody(server, studio, about):
    server.set_lag(50)
    for verb, text in ACTS:
        action = studio.approved(verb, about, text, key=str(verb) * 4)
        receipt = studio.perform(action)
        assert studio.port.read_back(action) == replace(receipt, found=True)


def test_another_answer_is_not_taken_for_ours(server, studio, target, about):
    server.publish("studio", "Schön!", parent=target)
    mine = server.publish("studio", "Ein Gespräch", parent=target)
    server.publish("studio", REPLY, parent=mine)
    server.publish("anna", REPLY, parent=target)
    server.publish("studio", REPLY)
    server.publish("studio", "Lesenswert. https://acme.example/anderes")
    assert studio.port.read_back(studio.approved(Verb.COMMENT, about, REPLY)) is None
    recommended = studio.approved(Verb.RECOMMEND, about, f"Lesenswert. {about}")
    assert studio.port.read_back(recommended) is None


def test_the_post_is_seen_as_watching_saw_it(server, studio, target, about):
    seen = studio.port.look(studio.approved(Verb.LIKE, about)).post
    assert seen is not None
    assert (seen.network, seen.url, seen.title, seen.text) == ("bluesky", about, "", TEXT)
    server.edit(target, "Doch anders")
    changed = studio.port.look(studio.approved(Verb.LIKE, about)).post
    assert changed is not None
    assert hash_post(changed) != hash_post(seen)
    assert changed.keys[:2] == seen.keys[:2]


def test_an_address_with_a_handle_leads_to_the_same_post(server, studio, target, about):
    named = about.replace(server.add_account("acme"), "acme.test")
    assert studio.perform(studio.approved(Verb.LIKE, named)).url == named
    assert [entry["target"] for entry in server.written()] == [target]
    lost = about.replace(server.add_account("acme"), "nobody.test")
    with pytest.raises(Gone, match="nobody"):
        studio.port.look(studio.approved(Verb.LIKE, lost))


def test_what_is_no_longer_there_is_left_alone(server, studio, target, about):
    server.remove(target)
    for verb, text in ACTS:
        action = studio.approved(verb, about, text)
        with pytest.raises(Gone):
            studio.port.look(action)
        assert studio.port.read_back(action) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.example/blog/1",
        "https://acme.example/profile/acme.test/post/3kaaaaaaaaa22",
        "https://bsky.app/profile/acme.test",
        "mailto:anna@acme.example",
        "http://[",
    ],
)
def test_what_is_no_post_on_the_network_is_left_alone(server, studio, url):
    with pytest.raises(Refused, match="by hand"):
        studio.port.look(studio.approved(Verb.LIKE, url))
    assert server.asked() == []


def test_what_its_author_does_not_want_is_not_done(server, studio, target, about):
    server.shut(target, "replies")
    with pytest.raises(Refused, match="answer"):
        studio.port.look(studio.approved(Verb.COMMENT, about, REPLY))
    studio.port.look(studio.approved(Verb.LIKE, about))
    blocked = {
        "uri": target,
        "cid": "x",
        "author": {"did": "did:plc:x", "handle": "acme.test", "viewer": {"blockedBy": True}},
        "record": {"text": "x", "createdAt": "2026-11-01T10:00:00Z"},
        "indexedAt": "2026-11-01T10:00:00Z",
    }
    body = json.dumps({"posts": [blocked]})
    server.faults.plan(Fault(mishap=Mishap.GARBLED, on="posts", body=body))
    with pytest.raises(Refused, match="blocked"):
        studio.port.look(studio.approved(Verb.LIKE, about))


def test_a_text_that_is_too_long_never_leaves(server, studio, about):
    fits = "ä" * 298 + "👨‍👩‍👧" + "🇩🇪"
    assert studio.port.count(fits) == 300
    with pytest.raises(Refused, match="300"):
        studio.port.look(studio.approved(Verb.COMMENT, about, f"{fits}!"))
    assert server.asked() == []
    assert studio.perform(studio.approved(Verb.COMMENT, about, fits)).url


FAULTS = [
    (Fault(mishap=Mishap.LOST_REQUEST), Unsure, 0),
    (Fault(mishap=Mishap.LOST_ANSWER), Unsure, 1),
    (Fault(mishap=Mishap.CUT_ANSWER), Unsure, 1),
    (Fault(mishap=Mishap.STALL), Unsure, 0),
    (Fault(mishap=Mishap.STALL, applied=True), Unsure, 1),
    (Fault(mishap=Mishap.DRIP), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, body="{}"), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, body="[1]"), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, body='{"uri": "at://x/y/z", "cid": "b"}'), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, headers={"Content-Encoding": "gzip"}), Unsure, 1),
    (Fault(mishap=Mishap.STATUS, status=500), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=503, applied=True), Unsure, 1),
    (Fault(mishap=Mishap.STATUS, status=409), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=302, headers={"Location": "/x"}), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=400), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=400, body='{"error": "ExpiredToken"}'), Transient, 0),
    (Fault(mishap=Mishap.STATUS, status=401), Barred, 0),
    (Fault(mishap=Mishap.STATUS, status=403), Barred, 0),
    (Fault(mishap=Mishap.STATUS, status=404), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=413), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=308, headers={"Location": "/x"}), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=429), RateLimited, 0),
]


@pytest.mark.parametrize("act", [ACTS[0], ACTS[2]])
@pytest.mark.parametrize("case", FAULTS)
def test_whatever_goes_wrong_one_request_is_made(server, about, act, case, caplog):
    caplog.set_level(logging.DEBUG)
    fault, error, written = case
    waits = fault.mishap in {Mishap.STALL, Mishap.DRIP}
    studio = studio_on(server, timeout_s=0.5 if waits else 10.0)
    action = studio.approved(act[0], about, act[1])
    sight = studio.port.look(action)
    studio.port.identify()
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        studio.port.perform(action, sight, monotonic() + 5)
    assert type(caught.value) is error
    assert server.faults.left == 0
    assert len(writes(server)) == 1
    assert len(server.written()) == written
    tokens = [
        json.loads(each)[name] for each in studio.drawer.kept for name in ("token", "renewal")
    ]
    told = caplog.text + repr(caught.value) + repr(studio.port.access)
    assert not [each for each in (PASSWORD, *tokens) if each in told]
    assert caught.value.__suppress_context__
    if error is Unsure:
        assert (studio.port.read_back(action) is not None) == bool(written)


@pytest.mark.parametrize(
    ("facts", "seconds"),
    [
        ({}, range(300, 301)),
        ({"reset_s": 600}, range(598, 602)),
        ({"headers": {"Retry-After": "45"}}, [45]),
    ],
)
def test_a_pause_lasts_as_long_as_the_network_says(server, studio, about, facts, seconds):
    studio.port.identify()
    server.faults.plan(Fault(mishap=Mishap.STATUS, on="any", status=429, **facts))
    with pytest.raises(RateLimited) as caught:
        studio.port.look(studio.approved(Verb.LIKE, about))
    assert caught.value.retry_after_s in seconds


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(mishap=Mishap.LOST_REQUEST, on="posts"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="posts"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="posts", body='{"posts": [{"uri": 1}]}'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="posts", body="[]"), Transient),
        (Fault(mishap=Mishap.STATUS, on="posts", status=502), Transient),
        (Fault(mishap=Mishap.STATUS, on="posts", status=401), Barred),
        (Fault(mishap=Mishap.STATUS, on="resolve", status=403), Barred),
        (Fault(mishap=Mishap.GARBLED, on="record", body='{"uri": ""}'), Transient),
        (Fault(mishap=Mishap.GARBLED, on="records", body='{"records": 7}'), Transient),
    ],
)
def test_a_look_that_fails_tells_why(server, studio, about, fault, error):
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        studio.port.look(studio.approved(Verb.COMMENT, about, REPLY))
    assert type(caught.value) is error
    assert writes(server) == []


@pytest.mark.parametrize("undone", [Fault(mishap=Mishap.LOST_ANSWER), Fault(mishap=Mishap.STALL)])
def test_a_take_back_may_be_unsure_as_well(server, about, undone):
    studio = studio_on(server, timeout_s=0.5)
    action = studio.approved(Verb.SHARE, about)
    receipt = studio.perform(action)
    server.faults.plan(undone)
    with pytest.raises(Unsure):
        studio.undo(action, receipt)
    assert (studio.port.read_back(action) is None) == (undone.mishap is Mishap.LOST_ANSWER)


def test_a_network_that_is_not_there_is_asked_later(server, studio, about):
    action = studio.approved(Verb.LIKE, about)
    sight = studio.port.look(action)
    studio.port.identify()
    server.stop()
    with pytest.raises(Transient, match="cannot be reached"):
        studio.port.perform(action, sight, monotonic() + 5)


def test_one_session_serves_for_long_and_over_restarts(server, studio, about):
    studio.perform(studio.approved(Verb.LIKE, about))
    again = studio_on(server, drawer=studio.drawer)
    again.perform(again.approved(Verb.SHARE, about))
    assert begun(server) == ["begin"]
    server.expire()
    again.port.whoami()
    third = studio_on(server, drawer=studio.drawer)
    third.port.whoami()
    assert begun(server) == ["begin", "renew"]
    assert len(studio.drawer.kept) == 2


def test_a_token_that_is_about_to_end_is_renewed_before_it_is_used(server, studio, about):
    server.gate.now = lambda: datetime.now(UTC) - timedelta(hours=1, minutes=59)
    studio.port.identify()
    server.gate.now = lambda: datetime.now(UTC)
    studio.perform(studio.approved(Verb.LIKE, about))
    assert begun(server) == ["begin", "renew"]
    assert server.journal.count(kind="foreign") == 0


def test_a_renewal_is_kept_before_it_is_used(server, studio):
    studio.port.identify()
    server.expire()
    server.faults.plan(Fault(mishap=Mishap.LOST_REQUEST, on="session"))
    with pytest.raises(Transient):
        studio.port.whoami()
    renewed = json.loads(studio.drawer.text)["renewal"]
    assert renewed != json.loads(studio.drawer.kept[0])["renewal"]
    studio_on(server, drawer=studio.drawer).port.whoami()
    assert begun(server) == ["begin", "renew"]


def test_a_session_that_cannot_be_renewed_is_begun_anew(server, studio):
    studio.port.identify()
    server.gate.passes.clear()
    assert studio.port.whoami().handle == "@studio.test"
    assert begun(server) == ["begin", "renew", "begin"]


def test_a_renewal_that_fails_for_now_begins_nothing(server, studio):
    studio.port.identify()
    server.expire()
    server.faults.plan(Fault(mishap=Mishap.STATUS, on="renew", status=502))
    with pytest.raises(Transient):
        studio.port.whoami()
    assert begun(server) == ["begin", "renew"]


def test_a_session_that_another_process_renewed_is_taken_over(server, studio):
    studio.port.identify()
    other = studio_on(server, drawer=studio.drawer)
    other.port.identify()
    server.expire()
    other.port.identify()
    studio.port.identify()
    assert begun(server) == ["begin", "renew"]


def test_a_session_that_cannot_be_kept_serves_until_the_end(server, caplog):
    class Jammed(Drawer):
        def write(self, text: str) -> None:
            raise UsageError("the folder is read-only")

    studio = studio_on(server, drawer=Jammed())
    assert studio.port.whoami() == studio.port.whoami()
    assert begun(server) == ["begin"]


def test_a_session_that_others_could_read_is_not_used(server):
    class Open(Drawer):
        def read(self) -> str:
            raise PolicyRefused("others can read it: chmod 600")

    with pytest.raises(Refused, match="chmod"):
        studio_on(server, drawer=Open()).port.whoami()
    assert server.asked() == []


def test_a_session_of_another_password_is_not_used(server, studio):
    studio.port.identify()
    server.add_account("studio", token="wxyz-wxyz-wxyz-wxyz")
    other = studio_on(
        server, secret="wxyz-wxyz-wxyz-wxyz", mark="mark-2", drawer=Drawer(studio.drawer.text)
    )
    other.port.identify()
    assert begun(server) == ["begin", "begin"]


@pytest.mark.parametrize("kept", ["", "nonsense", "[]", '{"did": "did:plc:x"}'])
def test_what_is_no_session_is_as_good_as_none(server, kept):
    studio = studio_on(server, drawer=Drawer(kept))
    assert studio.port.whoami().handle == "@studio.test"


@pytest.mark.parametrize(
    "told", ["{}", '{"did": "did:plc:x", "handle": "x.test", "accessJwt": "", "refreshJwt": ""}']
)
def test_a_session_that_makes_no_sense_is_none(server, studio, told):
    server.faults.plan(Fault(mishap=Mishap.GARBLED, on="begin", body=told))
    with pytest.raises(Transient):
        studio.port.whoami()
    assert studio.drawer.kept == []


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {
            "id": "did:plc:other",
            "service": [{"id": "#atproto_pds", "serviceEndpoint": "https://x"}],
        },
        {"id": "did:plc:x", "service": {}},
        {"id": "did:plc:x", "service": [7, {"id": "#else", "serviceEndpoint": "https://x"}]},
        {"id": "did:plc:x", "service": [{"id": "#atproto_pds"}]},
    ],
)
def test_where_no_server_is_named_the_entrance_serves(document):
    told = {"did": "did:plc:x", "accessJwt": "a", "refreshJwt": "b", "didDoc": document}
    session = Session.of(told, server="https://entrance.example", mark="")
    assert session.server == "https://entrance.example"
    assert session.ends_before(datetime.now(UTC))  # what it says is no time at all


def test_a_network_that_takes_no_session_is_asked_later(server, studio, about):
    body = '{"error": "ExpiredToken"}'
    server.faults.plan(
        Fault(mishap=Mishap.STATUS, on="posts", status=400, body=body, times=2),
    )
    with pytest.raises(Transient):
        studio.port.look(studio.approved(Verb.LIKE, about))
    assert begun(server) == ["begin", "renew"]


def test_a_session_is_begun_without_a_drawer_as_well(server, about):
    studio = studio_on(server)
    assert studio.port.access is not None
    port = Bluesky(replace(studio.port.access, drawer=None))
    assert port.whoami() == port.whoami()
    assert begun(server) == ["begin"]


def test_the_server_that_the_network_names_is_asked_from_then_on(server, about):
    with BlueskyServer() as home:
        server.elsewhere = home.url("/")
        home.gate, home.world = server.gate, server.world
        studio = studio_on(server)
        studio.perform(studio.approved(Verb.LIKE, about))
        assert [entry["verb"] for entry in server.asked()] == ["begin"]
        assert [entry["verb"] for entry in home.written()] == ["like"]


def test_a_server_inside_is_not_asked_because_the_network_says_so(server):
    server.elsewhere = "http://169.254.169.254"
    studio = studio_on(server)
    with pytest.raises(Refused, match="https only"):
        studio.port.whoami()
    with BlueskyServer() as inside:
        server.elsewhere = f"https://localhost:{inside.port}"
        shut = studio_on(server, allow_hosts=(f"127.0.0.1:{server.port}",))
        with pytest.raises(Transient, match="cannot be reached"):
            shut.port.whoami()
        assert inside.asked() == []


def test_passwords_of_others_do_not_get_far(server, about):
    server.add_account("anna", token="anna-anna-anna-anna")
    studio = studio_on(
        server, secret="anna-anna-anna-anna", account={"handle": "anna.test", "platform_id": None}
    )
    assert studio.port.identify().handle == "@anna.test"
    action = studio.approved(Verb.LIKE, about)
    with pytest.raises(PolicyRefused):
        studio.port.perform(action, studio.port.look(action), monotonic() + 5)
    assert writes(server) == []
    mine = studio_on(server, secret="anna-anna-anna-anna")
    with pytest.raises(Barred, match="app password"):
        mine.port.identify()


def test_a_password_that_was_taken_away_bars_the_account(server, studio):
    studio.port.identify()
    server.revoke(PASSWORD)
    with pytest.raises(Barred, match="app password"):
        studio.port.identify()


def test_a_closed_account_is_barred(server, studio):
    studio.port.identify()
    server.world.admit("studio").closed = True
    with pytest.raises(Barred, match="closed"):
        studio.port.identify()
    fresh = studio_on(server)
    with pytest.raises(Barred, match="closed"):
        fresh.port.identify()


@pytest.mark.parametrize("secret", ["", "  ", "two words", "brok\nen", "ümlaut"])
def test_what_is_no_password_is_not_sent(server, secret):
    studio = studio_on(server, secret=secret)
    with pytest.raises(Barred, match="studio"):
        studio.port.whoami()
    assert server.asked() == []


def test_without_an_account_nobody_acts():
    with pytest.raises(Barred):
        Bluesky().whoami()


def test_without_tls_only_opened_servers_are_asked(server):
    studio = studio_on(server)
    shut = Access(sphere="professional", account=studio.account, secret=PASSWORD)
    with pytest.raises(Refused, match="https only"):
        Bluesky(shut).whoami()
    assert server.asked() == []


def test_who_was_kind_is_told_oldest_first(server, studio):
    began = datetime.now(UTC) - timedelta(seconds=1)
    mine = server.publish("studio", "Neues aus der Werkstatt")
    server.add_account("acme", shown="ACME <Übersetzer>")
    acme = server.add_account("acme")
    server.by_hand("acme", "like", mine)
    server.by_hand("acme", "repost", mine)
    reply = server.publish("acme", "Toll, wie immer!", parent=mine)
    facts = {"embed": {"$type": "app.bsky.embed.record", "record": server.world.reference(mine)}}
    quote = server.publish("acme", "Seht euch das an", **facts)
    mention = {"index": {"byteStart": 0, "byteEnd": 12}, "features": [{"did": studio_did(server)}]}
    named = server.publish("acme", "@studio.test hallo", facets=[mention])
    server.by_hand("acme", "follow", studio_did(server))
    server.by_hand("studio", "like", mine)
    found = studio.port.engagements(began)
    page, here = server.url("/profile/acme.test"), server.address(mine)
    assert [(each.kind, each.object_url, each.url, each.text) for each in found] == [
        (EngagementKind.LIKE, here, "", ""),
        (EngagementKind.SHARE, here, "", ""),
        (EngagementKind.REPLY, here, server.address(reply), "Toll, wie immer!"),
        (EngagementKind.MENTION, here, server.address(quote), "Seht euch das an"),
        (EngagementKind.MENTION, "", server.address(named), "@studio.test hallo"),
        (EngagementKind.FOLLOW, "", "", ""),
    ]
    assert {(each.handle, each.who_url, each.name) for each in found} == {
        ("@acme.test", page, "ACME <Übersetzer>")
    }
    assert len({each.id for each in found}) == 6
    assert all(each.id.startswith(f"at://{acme}/") and each.at >= began for each in found)
    assert studio.port.engagements(datetime.now(UTC) + timedelta(minutes=1)) == []
    assert writes(server) == []


def studio_did(server: BlueskyServer) -> str:
    return server.add_account("studio")


def test_much_kindness_is_read_page_by_page_as_far_as_the_last_time(server, studio):
    mine = server.publish("studio", "Neues")
    for number in range(250):
        server.by_hand(f"reader{number}", "like", mine)
    for record in list(server.world.records.values())[1:121]:
        record.indexed_at = datetime.now(UTC) - timedelta(days=3)
    found = studio.port.engagements(datetime.now(UTC) - timedelta(days=1))
    assert len(found) == 130
    assert len(server.asked(verb="notifications")) == 2
    everything = studio.port.engagements(datetime.now(UTC) - timedelta(days=9))
    assert len(everything) == 250
    assert [each.at for each in everything] == sorted(each.at for each in everything)


@pytest.mark.parametrize("body", ["{}", '{"notifications": [{"reason": "like"}]}', "[]"])
def test_kindness_that_cannot_be_read_is_asked_for_later(server, studio, body):
    server.faults.plan(Fault(mishap=Mishap.GARBLED, on="notifications", body=body))
    with pytest.raises(Transient):
        studio.port.engagements(datetime.now(UTC))
