"""Acting on Mastodon: the real library on the stand-in server."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Self

import pytest

from netbot.demo.faults import Fault, Mishap
from netbot.demo.mastodon import MastodonServer
from netbot.model import (
    Account,
    Barred,
    Gone,
    Identity,
    NetworkError,
    PolicyRefused,
    RateLimited,
    Refused,
    Sight,
    Source,
    Transient,
    Unsure,
    Verb,
    hash_post,
)
from netbot.network import Access
from netbot.networks.mastodon import Mastodon
from tests.mastodons import KEY, TEXT, TOKEN, Studio, studio_on
from tests.networks import contract


class Stage(contract.ActingStage):
    """For the contract of all networks."""

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server: MastodonServer = MastodonServer()

    def __enter__(self) -> Self:
        super().__enter__()
        self.own = self.server.add_account("studio", token=TOKEN)
        self.server.add_account("acme")
        return self

    @property
    def account(self) -> Account:
        return Account(
            id="studio",
            network=self.network,
            handle=f"@studio@{self.server.host}",
            platform_id=f"{self.own}@{self.server.host}",
            server=self.server.url(),
        )

    @property
    def secret(self) -> str:
        return TOKEN

    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> Mastodon:
        return Mastodon(access, allow_hosts=["127.0.0.1"], timeout_s=timeout_s)

    def stranger(self) -> str:
        self.server.add_account("anna", token="anna-token")
        return "anna-token"

    def publish(self, text: str) -> str:
        return self.server.address(self.server.publish("acme", text))

    def edit(self, url: str, text: str) -> None:
        self.server.edit(_id(url), text)

    def remove(self, url: str) -> None:
        self.server.remove(_id(url))

    def arrived(self) -> int:
        return len(writes(self.server))

    def written(self) -> int:
        return len(self.server.written(changed=True))

    def source(self) -> Source:
        return Source(client="acme", network=self.network, address=f"{self.server.url()}/@acme")

    def be_nice(self, url: str) -> None:
        self.server.by_hand("acme", "favourite", _id(url))


def _id(url: str) -> str:
    return url.rpartition("/")[2]


REPLY = "@acme Danke für den Bericht, A & B <habe> ich sofort gelesen: https://studio.example/x"
ACTS = [(Verb.LIKE, ""), (Verb.SHARE, ""), (Verb.COMMENT, REPLY), (Verb.RECOMMEND, "Lesenswert.")]
CALLS = {
    Verb.LIKE: "favourite",
    Verb.SHARE: "reblog",
    Verb.COMMENT: "reply",
    Verb.RECOMMEND: "post",
}


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as running:
        yield running


@pytest.fixture
def studio(server: MastodonServer) -> Studio:
    return studio_on(server)


@pytest.fixture
def about(server: MastodonServer) -> str:
    return server.address(server.publish("acme", TEXT, ago_s=3600))


def writes(server: MastodonServer) -> list[str]:
    verbs = ("favourite", "unfavourite", "reblog", "unreblog", "post", "delete")
    return [entry["verb"] for entry in server.asked() if entry["verb"] in verbs]


def test_it_says_whom_the_network_takes_us_for(server, studio):
    own = server.add_account("studio")
    assert studio.port.whoami() == Identity(
        platform_id=f"{own}@{server.host}", handle=f"@studio@{server.host}"
    )


@pytest.mark.parametrize(("verb", "text"), ACTS)
def test_an_act_is_one_request_and_can_be_read_back_and_taken_back(
    server, studio, about, verb, text
):
    if verb is Verb.RECOMMEND:
        text = f"{text}\n\n{about}"
    action = studio.approved(verb, about, text)
    assert studio.port.read_back(action) is None
    receipt = studio.perform(action)
    assert not receipt.found
    assert writes(server) == [CALLS[verb].replace("reply", "post")]
    [written] = server.written()
    assert (written["verb"], written["token"], written["changed"]) == (CALLS[verb], TOKEN, True)
    if text:
        assert written["text"] == text
        assert written["key"] == KEY
        assert server.address(receipt.ref) == receipt.url
    else:
        assert (written["url"], receipt.url) == (about, about)
    seen = studio.port.read_back(action)
    assert seen is not None
    assert (seen.ref, seen.url, seen.found) == (receipt.ref, receipt.url, True)
    sight = studio.port.look(action)
    assert sight.done == seen
    studio.undo(action, receipt)
    assert studio.port.read_back(action) is None
    assert len(writes(server)) == 2
    assert len(server.written(changed=True)) == 2


@pytest.mark.parametrize(("verb", "text"), ACTS[2:])
def test_the_same_key_makes_no_second_post(server, studio, about, verb, text):
    action = studio.approved(verb, about, text)
    sight = studio.port.look(action)
    studio.port.identify()
    made = {studio.port.perform(action, sight, monotonic() + 5).ref for _ in range(2)}
    assert len(made) == 1
    assert [entry["changed"] for entry in server.written()] == [True, False]


def test_what_was_done_by_hand_is_seen(server, studio, about):
    target = about.rpartition("/")[2]
    server.by_hand("studio", "favourite", target)
    server.by_hand("studio", "reblog", target)
    server.publish("studio", REPLY, parent=target)
    for verb, text in ACTS[:3]:
        done = studio.port.look(studio.approved(verb, about, text)).done
        assert done is not None
        assert done.found


def test_another_answer_is_not_taken_for_ours(server, studio, about):
    target = about.rpartition("/")[2]
    server.publish("studio", "Schön!", parent=target)
    mine = server.publish("studio", "Ein Gespräch", parent=target)
    server.publish("studio", REPLY, parent=mine)
    server.publish("anna", REPLY, parent=target)
    server.publish("studio", REPLY)
    server.publish("studio", "Lesenswert. https://acme.example/anderes")
    assert studio.port.read_back(studio.approved(Verb.COMMENT, about, REPLY)) is None
    recommended = studio.approved(Verb.RECOMMEND, about, f"Lesenswert. {about}")
    assert studio.port.read_back(recommended) is None


@pytest.mark.parametrize("change", ["wrap", "squeeze", "escape"])
@pytest.mark.parametrize("text", [REPLY, "  Danke   sehr\r\n\r\n— bis bald!  ", "👍", "<3 & mehr"])
def test_a_text_that_the_server_changed_is_found_again(server, studio, about, change, text):
    server.changes = {change}
    for verb in (Verb.COMMENT, Verb.RECOMMEND):
        written = f"{text}\n\n{about}" if verb is Verb.RECOMMEND else text
        action = studio.approved(verb, about, written, key=verb.value * 4)
        receipt = studio.perform(action)
        seen = studio.port.read_back(action)
        assert seen is not None
        assert seen.ref == receipt.ref


def test_a_network_that_is_slow_to_show_is_asked_again(server, studio, about):
    server.set_lag(3)
    action = studio.approved(Verb.COMMENT, about, REPLY)
    studio.perform(action)
    assert studio.port.read_back(action) is None
    assert studio.port.read_back(action) is not None


def test_the_post_is_seen_as_watching_saw_it(server, studio, about):
    seen = studio.port.look(studio.approved(Verb.LIKE, about)).post
    assert seen is not None
    assert (seen.network, seen.url, seen.title, seen.text) == ("mastodon", about, "", TEXT)
    server.edit(about.rpartition("/")[2], "Doch anders")
    changed = studio.port.look(studio.approved(Verb.LIKE, about)).post
    assert changed is not None
    assert hash_post(changed) != hash_post(seen)
    assert changed.keys[:2] == seen.keys[:2]


def test_a_post_of_another_server_is_acted_upon_at_home(server, studio):
    with MastodonServer() as theirs:
        status = theirs.publish("acme", TEXT)
        about = theirs.address(status)
        stranger = studio.approved(Verb.LIKE, about)
        with pytest.raises(Refused, match="does not find the post"):
            studio.port.look(stranger)
        server.befriend(theirs)
        receipt = studio.perform(stranger)
        assert receipt.ref != status
        assert (theirs.written(), theirs.asked(token=TOKEN)) == ([], [])
        assert [entry["url"] for entry in server.written()] == [about]
        sight = studio.port.look(stranger)
        assert sight.post is not None
        assert sight.post.text == TEXT
        server.faults.plan(Fault(mishap=Mishap.GARBLED, on="search", body='{"statuses": [{}]}'))
        with pytest.raises(Transient):
            studio.port.look(stranger)
        theirs.faults.plan(Fault(mishap=Mishap.STATUS, status=401, on="status"))
        ours = studio.port.look(stranger)
        assert ours.post == replace(sight.post, author=ours.post.author if ours.post else "")
        theirs.faults.plan(Fault(mishap=Mishap.STATUS, status=503, on="status"))
        with pytest.raises(Transient):
            studio.port.look(stranger)
        theirs.remove(status)
        with pytest.raises(Gone):
            studio.port.look(stranger)


def test_what_is_no_longer_there_or_public_is_left_alone(server, studio):
    hidden = server.publish("acme", "nur für Freunde", visibility="private")
    with pytest.raises(Refused, match="no longer public"):
        studio.port.look(studio.approved(Verb.LIKE, server.address(hidden)))
    with pytest.raises(Gone):
        studio.port.look(studio.approved(Verb.LIKE, f"{server.url()}/@acme/1"))
    with pytest.raises(Refused, match="by hand"):
        studio.port.look(studio.approved(Verb.LIKE, "https://acme.example/blog/1"))


def test_another_post_than_the_one_meant_is_left_alone(server, studio, about):
    other = server.publish("acme", "Etwas anderes")
    wrong = about.replace("@acme", "@anna")
    for url in (wrong, f"{server.url()}/@anna/{other}"):
        with pytest.raises(Refused, match="does not find"):
            studio.port.look(studio.approved(Verb.LIKE, url))


def test_a_post_that_vanishes_before_the_call_fails_for_sure(server, studio, about):
    for verb, text in ACTS[:3]:
        action = studio.approved(verb, about, text)
        sight = Sight(target="12345 public")
        studio.port.identify()
        with pytest.raises(Gone):
            studio.port.perform(action, sight, monotonic() + 5)
    assert server.written() == []


def test_taking_back_what_is_gone_says_so(server, studio, about):
    action = studio.approved(Verb.COMMENT, about, REPLY)
    receipt = studio.perform(action)
    server.remove(receipt.ref)
    with pytest.raises(Gone):
        studio.undo(action, receipt)


def test_an_answer_is_as_quiet_as_what_it_answers(server, studio):
    for visibility, expected in (("unlisted", "unlisted"), ("public", "public")):
        quiet = server.address(server.publish("acme", TEXT, visibility=visibility))
        receipt = studio.perform(studio.approved(Verb.COMMENT, quiet, REPLY, key=visibility * 4))
        assert server.instance.statuses[receipt.ref].visibility == expected


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
    (Fault(mishap=Mishap.GARBLED, body='"yes"'), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, headers={"X-RateLimit-Reset": "soon"}), Unsure, 1),
    (Fault(mishap=Mishap.GARBLED, headers={"Content-Encoding": "gzip"}), Unsure, 1),
    (Fault(mishap=Mishap.STATUS, status=500), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=503, applied=True), Unsure, 1),
    (Fault(mishap=Mishap.STATUS, status=409), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=302, headers={"Location": "/x"}), Unsure, 0),
    (Fault(mishap=Mishap.STATUS, status=401), Barred, 0),
    (Fault(mishap=Mishap.STATUS, status=403), Barred, 0),
    (Fault(mishap=Mishap.STATUS, status=404), Gone, 0),
    (Fault(mishap=Mishap.STATUS, status=410), Gone, 0),
    (Fault(mishap=Mishap.STATUS, status=422), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=308, headers={"Location": "/x"}), Refused, 0),
    (Fault(mishap=Mishap.STATUS, status=429), RateLimited, 0),
]


@pytest.mark.parametrize("act", [ACTS[0], ACTS[2]])
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
    assert server.faults.left == 0
    assert len(writes(server)) == 1
    assert len(server.written()) == written
    assert TOKEN not in caplog.text + repr(caught.value)
    assert caught.value.__suppress_context__
    if error is Unsure:
        assert (studio.port.read_back(action) is not None) == bool(written)


def test_a_server_that_repeats_the_token_is_not_quoted(server, studio, about):
    echo = Fault(mishap=Mishap.STATUS, on="verify", status=422, body=f'{{"error": "{TOKEN}"}}')
    server.faults.plan(echo)
    with pytest.raises(Refused) as caught:
        studio.port.whoami()
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(studio.port.access)


@pytest.mark.parametrize("undone", [Fault(mishap=Mishap.LOST_ANSWER), Fault(mishap=Mishap.GARBLED)])
def test_a_take_back_may_be_unsure_as_well(server, studio, about, undone):
    action = studio.approved(Verb.SHARE, about)
    receipt = studio.perform(action)
    server.faults.plan(undone)
    with pytest.raises(Unsure):
        studio.undo(action, receipt)
    assert studio.port.read_back(action) is None


def test_like_that_was_not_taken_is_no_like(server, studio, about):
    action = studio.approved(Verb.LIKE, about)
    body = '{"id": "1", "favourited": false}'
    sight = studio.port.look(action)
    studio.port.identify()
    server.faults.plan(Fault(mishap=Mishap.GARBLED, body=body))
    with pytest.raises(Unsure):
        studio.port.perform(action, sight, monotonic() + 5)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(mishap=Mishap.LOST_REQUEST, on="any"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="any"), Transient),
        (Fault(mishap=Mishap.GARBLED, on="any", body='{"id": "1"}'), Transient),
        (Fault(mishap=Mishap.STATUS, status=502, on="any"), Transient),
        (Fault(mishap=Mishap.STATUS, status=401, on="any"), Barred),
        (Fault(mishap=Mishap.STATUS, status=429, on="any", reset_s=60), RateLimited),
    ],
)
def test_a_look_that_fails_tells_why(server, studio, about, fault, error):
    server.faults.plan(fault)
    with pytest.raises(NetworkError) as caught:
        studio.port.look(studio.approved(Verb.LIKE, about))
    assert type(caught.value) is error
    assert writes(server) == []


def test_a_server_that_is_not_there_is_asked_later(server, studio, about):
    action = studio.approved(Verb.LIKE, about)
    sight = studio.port.look(action)
    studio.port.identify()
    server.stop()
    with pytest.raises(Transient, match="cannot be reached"):
        studio.port.perform(action, sight, monotonic() + 5)


def test_tokens_of_others_do_not_get_far(server, about):
    studio = studio_on(server, secret="anna-token")
    server.add_account("anna", token="anna-token")
    assert studio.port.identify().handle == f"@anna@{server.host}"
    action = studio.approved(Verb.LIKE, about)
    with pytest.raises(PolicyRefused, match="another's"):
        studio.port.perform(action, studio.port.look(action), monotonic() + 5)
    server.revoke("anna-token")
    with pytest.raises(Barred):
        studio.port.identify()
    assert writes(server) == []


@pytest.mark.parametrize("secret", ["", "  ", "two words", "brok\nen", "ümlaut"])
def test_what_is_no_token_is_not_sent(server, secret):
    studio = studio_on(server, secret=secret)
    with pytest.raises(Barred, match="studio"):
        studio.port.whoami()
    assert server.asked() == []


def test_without_an_account_nobody_acts():
    with pytest.raises(Barred):
        Mastodon().whoami()


def test_the_server_is_the_one_of_the_handle_and_has_tls(server):
    studio = studio_on(server, account={"server": ""}, timeout_s=0.5)
    with pytest.raises(Transient):  # https is spoken to a server without
        studio.port.whoami()
    shut = Access(sphere="professional", account=studio_on(server).account, secret=TOKEN)
    with pytest.raises(Refused, match="https only"):
        Mastodon(shut).whoami()
    assert server.asked() == []


def test_who_was_nice_to_me_is_told_with_words_and_place(server, studio, about):
    mine = server.publish("studio", "Heute erschienen: unser Glossar.", ago_s=60)
    server.by_hand("acme", "favourite", mine)
    server.by_hand("acme", "reblog", mine)
    server.by_hand("studio", "favourite", mine)
    server.publish("acme", "@studio Vielen Dank dafür!", parent=mine)
    server.publish("anna", "Siehe auch @studio und ihre Glossare")
    told = studio.port.engagements(datetime(2020, 1, 1, tzinfo=UTC))
    assert [(each.kind, each.handle.split("@")[1]) for each in told] == [
        ("like", "acme"),
        ("share", "acme"),
        ("reply", "acme"),
        ("mention", "anna"),
    ]
    like, share, reply, mention = told
    assert like.object_url == share.object_url == server.address(mine)
    assert (reply.text, reply.object_url) == ("@studio Vielen Dank dafür!", "")
    assert reply.url.startswith(f"{server.url()}/@acme/")
    assert (mention.name, mention.who_url) == ("anna", f"{server.url()}/@anna")


def test_many_notices_are_read_page_by_page(server, studio):
    for each in range(95):
        server.publish("acme", f"@studio Nachricht {each}")
    told = studio.port.engagements(datetime(2020, 1, 1, tzinfo=UTC))
    assert [each.text for each in told] == [f"@studio Nachricht {each}" for each in range(95)]
    assert len([call for call in server.asked() if call["verb"] == "notifications"]) == 3
    assert studio.port.engagements(told[-1].at + timedelta(days=1)) == []
