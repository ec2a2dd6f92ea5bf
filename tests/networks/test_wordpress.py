"""Commenting on a site with WordPress: the stand-in here, a real one in tests/peers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest

from netbot.demo.faults import Fault, Mishap
from netbot.demo.wordpress import WordPressSite
from netbot.model import (
    Account,
    Barred,
    EngagementKind,
    Gone,
    Identity,
    RateLimited,
    Refused,
    Transient,
    Unsure,
    Verb,
)
from netbot.network import Access
from netbot.networks.wordpress import MODERATED, WordPress
from tests.networks import contract
from tests.networks.contract import TEXT, perform

PASSWORD = "abcd efgh ijkl mnop qrst uvwx"
WORDS = "Danke! A & B <habe> ich „sofort“ gelesen: https://studio.example/a?b=1&c=2\n\nAnna"


class Stage(contract.ActingStage):
    """For the contract of all networks."""

    tells_reset = False

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server: WordPressSite = WordPressSite()

    def __enter__(self) -> Self:
        super().__enter__()
        self.own = self.server.admit("anna", PASSWORD, writes=True)
        return self

    @property
    def account(self) -> Account:
        return Account(
            id="acme-blog",
            network=self.network,
            handle="anna",
            platform_id=f"{self.own}@{self.server.host}",
            server=self.server.url(),
        )

    @property
    def secret(self) -> str:
        return PASSWORD

    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> WordPress:
        return WordPress(access, allow_hosts=["127.0.0.1"], timeout_s=timeout_s)

    def stranger(self) -> str:
        self.server.admit("besuch", "pass word of the guest")
        return "besuch:pass word of the guest"

    def publish(self, text: str) -> str:
        return self.server.publish(f"herbstbericht-{len(self.server.posts)}")

    def edit(self, url: str, text: str) -> None:
        """A site tells programs no text that a feed would tell in other words."""

    def remove(self, url: str) -> None:
        self.server.remove(url)

    def arrived(self) -> int:
        return len(self.server.asked(verb="comment"))

    def written(self) -> int:
        return len(self.server.written())

    def be_nice(self, url: str) -> None:
        page, _, number = url.partition("#comment-")
        self.server.comment(page, "Gern geschehen!", parent=int(number))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage("wordpress") as stage:
        yield stage


@pytest.mark.parametrize("pretty", [True, False])
@pytest.mark.parametrize("names_links", [True, False])
def test_the_api_is_found_wherever_the_site_keeps_it(stage, pretty, names_links):
    stage.server.pretty, stage.server.names_links = pretty, names_links
    port = stage.port()
    assert port.whoami() == Identity(platform_id=f"1@{stage.server.host}", handle="anna")
    receipt = perform(port, stage.approved(Verb.COMMENT, stage.publish(TEXT), WORDS))
    assert (receipt.ref, receipt.note, receipt.found) == ("1", "", False)


def test_a_post_whose_page_names_no_number_is_found_by_its_name(stage):
    stage.server.names_numbers = False
    url = stage.publish(TEXT)
    assert stage.port().look(stage.approved(Verb.COMMENT, url)).target.endswith(" 11")
    with pytest.raises(Refused, match="no post of this site"):
        stage.port().look(stage.approved(Verb.COMMENT, stage.server.url("/")))


def test_what_was_approved_is_shown_letter_for_letter(stage):
    action = stage.approved(Verb.COMMENT, stage.publish(TEXT), WORDS)
    port = stage.port()
    perform(port, action)
    [written] = stage.server.written()
    assert written["text"] == WORDS.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert port.read_back(action) is not None
    assert port.read_back(stage.approved(Verb.COMMENT, action.choice.target_url, "Anders")) is None


def test_what_is_held_is_done_and_said_so(stage):
    stage.server.holds = True
    action = stage.approved(Verb.COMMENT, stage.publish(TEXT))
    port = stage.port()
    receipt = perform(port, action)
    assert receipt.note == MODERATED
    seen = port.read_back(action)
    assert seen is not None
    assert (seen.found, seen.note) == (True, MODERATED)


def test_of_what_is_held_a_mere_guest_cannot_be_sure(stage):
    stage.server.admit("anna", PASSWORD, writes=False)
    port = stage.port()
    action = stage.approved(Verb.COMMENT, stage.publish(TEXT))
    with pytest.raises(Transient, match="nobody can tell"):
        port.read_back(action)
    perform(port, action)
    assert port.read_back(action) is not None
    stage.server.holds = True
    held = stage.approved(Verb.COMMENT, stage.publish(TEXT))
    assert perform(port, held).note == MODERATED
    with pytest.raises(Transient):
        port.read_back(held)
    twin = perform(port, held)
    assert (twin.found, twin.url, len(stage.server.written())) == (True, held.choice.target_url, 2)


def test_the_same_words_again_are_found_and_not_said_twice(stage):
    port, url = stage.port(), stage.publish(TEXT)
    action = stage.approved(Verb.COMMENT, url)
    sight = port.look(action)
    stage.server.comment(url, action.text, by="anna")
    port.identify()
    receipt = port.perform(action, sight, float("inf"))
    assert (receipt.ref, receipt.found, stage.written()) == ("1", True, 0)
    stage.server.faults.plan(Fault(mishap=Mishap.STATUS, status=500, on="comments"))
    receipt = port.perform(action, sight, float("inf"))
    assert (receipt.ref, receipt.found) == ("post 11", True)


@pytest.mark.parametrize(
    ("code", "status", "error", "words"),
    [
        ("rest_comment_closed", 403, Refused, "closed for comments"),
        ("rest_comment_draft_post", 403, Refused, "no longer published"),
        ("comment_flood", 400, RateLimited, "pause"),
        ("comment_flood", 429, RateLimited, "pause"),
        ("rest_comment_content_invalid", 400, Refused, "refuses"),
        ("rest_cannot_create", 403, Barred, "account"),
        ("rest_post_invalid_id", 404, Gone, "not there"),
        ("something_else", 409, Unsure, "no sense"),
        ("moved", 302, Refused, "refuses"),
        ("teapot", 207, Unsure, "no sense"),
    ],
)
def test_no_is_told_in_the_words_of_the_house(stage, code, status, error, words):
    port = stage.port()
    action = stage.approved(Verb.COMMENT, stage.publish(TEXT))
    body = f'{{"code": "{code}"}}'
    stage.faults.plan(Fault(mishap=Mishap.STATUS, status=status, body=body, on="comment"))
    with pytest.raises(error, match=words) as caught:
        perform(port, action)
    assert isinstance(caught.value, Barred) == (error is Barred)
    assert (stage.arrived(), stage.written()) == (1, 0)


def test_a_site_that_says_too_fast_is_left_alone_for_as_long_as_it_asks(stage):
    port = stage.port()
    port.identify()
    stage.server.flooded = True
    action = stage.approved(Verb.COMMENT, stage.publish(TEXT))
    with pytest.raises(RateLimited) as caught:
        perform(port, action)
    assert caught.value.retry_after_s == 60
    asked = Fault(
        mishap=Mishap.STATUS,
        status=429,
        body='{"code": "comment_flood"}',
        headers={"Retry-After": "120"},
        on="comment",
    )
    stage.faults.plan(asked)
    with pytest.raises(RateLimited) as caught:
        perform(port, action)
    assert caught.value.retry_after_s == 120


def test_the_password_goes_to_the_one_site_only(stage):
    with WordPressSite() as other:
        url = other.publish("anderswo")
        with pytest.raises(Refused, match="keeps its API at"):
            stage.port().look(stage.approved(Verb.COMMENT, url))
        assert not [asked for asked in other.asked() if "login" in asked]
    stage.server.is_wordpress = False
    with pytest.raises(Refused, match="names no API"):
        stage.port().whoami()


@pytest.mark.parametrize(
    ("facts", "error", "words"),
    [
        ({"server": ""}, Barred, "as its server"),
        ({"handle": "niemand"}, Barred, "account"),
    ],
)
def test_an_account_that_is_not_as_it_should_be_says_so(stage, facts, error, words):
    with pytest.raises(error, match=words):
        stage.open(stage.access(**facts)).whoami()
    with pytest.raises(Barred, match="none is given"):
        stage.open(None).whoami()


@pytest.mark.parametrize("body", ["[]", "{}", '"', "null", '{"id": 1}'])
def test_an_answer_that_makes_no_sense_is_nobodys_identity(stage, body):
    stage.faults.plan(Fault(mishap=Mishap.GARBLED, body=body, on="whoami"))
    with pytest.raises(Transient):
        stage.port().whoami()


def test_a_site_without_its_api_says_so(stage):
    stage.faults.plan(Fault(mishap=Mishap.STATUS, status=404, on="whoami"))
    with pytest.raises(Refused, match="keeps its API shut"):
        stage.port().whoami()


def test_a_page_that_cannot_be_read_is_asked_later(stage):
    url = stage.publish(TEXT)
    stage.faults.plan(Fault(mishap=Mishap.STATUS, status=502, on="page"))
    with pytest.raises(Transient):
        stage.port().look(stage.approved(Verb.COMMENT, url))


def test_an_answer_to_my_comment_is_heard_and_my_own_is_not(stage):
    url = stage.publish(TEXT)
    port = stage.port()
    began = datetime.now(UTC).replace(microsecond=0)
    assert port.engagements(began) == ()
    receipt = perform(port, stage.approved(Verb.COMMENT, url))
    other = stage.server.comment(url, "Ich auch.")
    stage.server.comment(url, "Stimmt.", parent=other)
    stage.server.comment(url, "Und noch etwas.", by="anna", parent=int(receipt.ref))
    stage.server.comment(url, "Wie sch&ouml;n &amp; gut!", parent=int(receipt.ref))
    [heard] = port.engagements(began)
    assert heard.kind is EngagementKind.REPLY
    assert (heard.handle, heard.text, heard.object_url) == (
        "Besuch",
        "Wie schön & gut!",
        receipt.url,
    )
    assert heard.id == f"5@{stage.server.host}"
    assert port.engagements(began + timedelta(days=2)) == []
