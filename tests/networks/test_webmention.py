"""Answering from one's own site: stand-ins here, a real receiver in tests/peers."""

from collections.abc import Iterator
from typing import Self

import pytest

from netbot.demo.blogserver import BlogServer
from netbot.demo.faults import Fault, Mishap
from netbot.demo.homepage import HomePage
from netbot.model import Account, Barred, Gone, Identity, Refused, Transient, Unsure, Verb
from netbot.network import Access
from netbot.networks.webmention import UNCERTAIN, UNTOLD, Webmention
from tests.networks import contract
from tests.networks.contract import TEXT, WORDS, perform, undo

TOKEN = "micropub-token-7f3a"


class Stage(contract.ActingStage):
    """For the contract of all networks: my site is the server, the client's is another one."""

    tells_reset = False

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.server: HomePage = HomePage()
        self.blog = HomePage()

    def __enter__(self) -> Self:
        super().__enter__()
        self.blog.start()
        self.server.tokens.add(TOKEN)
        return self

    def __exit__(self, *error: object) -> None:
        self.blog.stop()
        super().__exit__(None, None, None)

    @property
    def account(self) -> Account:
        host = self.server.host
        return Account(
            id="my-site",
            network=self.network,
            handle=host,
            platform_id=f"{host}/",
            server=self.server.url(),
        )

    @property
    def secret(self) -> str:
        return TOKEN

    def open(self, access: Access | None, *, timeout_s: float = 10.0) -> Webmention:
        return Webmention(access, allow_hosts=["127.0.0.1"], timeout_s=timeout_s)

    def stranger(self) -> str:
        self.server.me = "https://besuch.example/"
        return TOKEN

    def publish(self, text: str) -> str:
        return self.blog.post(content=text)

    def edit(self, url: str, text: str) -> None:
        """A post of a site says its words to people."""

    def remove(self, url: str) -> None:
        [note] = [note for note in self.blog.notes if note.url == url]
        note.gone = True

    def arrived(self) -> int:
        return len([one for one in self.server.asked() if one["verb"] in {"create", "delete"}])

    def written(self) -> int:
        return len(self.server.written())


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage("webmention") as stage:
        yield stage


@pytest.mark.parametrize("verb", [Verb.LIKE, Verb.SHARE, Verb.COMMENT])
def test_a_post_stands_on_my_site_and_theirs_is_told_once(stage, verb):
    port, url = stage.port(), stage.publish(TEXT)
    receipt = perform(port, stage.approved(verb, url))
    assert stage.blog.mentions == {(receipt.url, url): 1}
    [mine] = stage.server.notes
    name = {Verb.LIKE: "like-of", Verb.SHARE: "repost-of", Verb.COMMENT: "in-reply-to"}[verb]
    words = {"content": WORDS[verb]} if WORDS[verb] else {}
    assert (mine.url, mine.facts) == (receipt.url, {name: url} | words)
    undo(port, stage.approved(verb, url), receipt)
    assert mine.gone
    assert stage.blog.mentions == {(receipt.url, url): 2}


def test_a_post_that_is_only_promised_counts(stage):
    stage.server.is_slow = True
    assert perform(stage.port(), stage.approved(Verb.LIKE, stage.publish(TEXT))).note == ""


def test_a_site_that_takes_no_word_is_left_alone_and_nothing_is_posted(stage):
    stage.blog.endpoint = ""
    with pytest.raises(Refused, match="nothing was posted"):
        perform(stage.port(), stage.approved(Verb.LIKE, stage.publish(TEXT)))
    assert stage.arrived() == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault(mishap=Mishap.STATUS, status=400, on="mention"),
        Fault(mishap=Mishap.STATUS, status=302, on="mention"),
        Fault(mishap=Mishap.LOST_ANSWER, on="mention"),
        Fault(mishap=Mishap.LOST_REQUEST, on="mention"),
    ],
)
def test_word_that_is_not_taken_is_said_and_never_a_second_post(stage, fault):
    port = stage.port()
    action = stage.approved(Verb.LIKE, stage.publish(TEXT))
    stage.blog.faults.plan(fault)
    receipt = perform(port, action)
    assert (receipt.note, receipt.found) == (UNTOLD, False)
    again = port.look(action).done
    assert again is not None
    assert (again.ref, again.note) == (receipt.ref, UNCERTAIN)
    assert stage.written() == 1


def test_a_take_back_that_theirs_did_not_hear_of_is_for_the_human(stage):
    port = stage.port()
    action = stage.approved(Verb.LIKE, stage.publish(TEXT))
    receipt = perform(port, action)
    stage.blog.faults.plan(Fault(mishap=Mishap.STATUS, status=500, on="mention"))
    with pytest.raises(Unsure, match="may still show it"):
        undo(port, action, receipt)
    assert stage.server.notes[0].gone
    assert port.read_back(action) is None


def test_where_the_other_post_is_gone_nobody_is_told(stage):
    port, url = stage.port(), stage.publish(TEXT)
    action = stage.approved(Verb.LIKE, url)
    receipt = perform(port, action)
    stage.remove(url)
    undo(port, action, receipt)
    assert stage.server.notes[0].gone
    assert sum(stage.blog.mentions.values()) == 1


def test_what_my_site_does_not_delete_still_stands(stage):
    port = stage.port()
    action = stage.approved(Verb.LIKE, stage.publish(TEXT))
    receipt = perform(port, action)
    stage.faults.plan(Fault(mishap=Mishap.STATUS, status=400, on="delete"))
    with pytest.raises(Refused):
        undo(port, action, receipt)
    assert sum(stage.blog.mentions.values()) == 1


def test_a_site_that_does_not_list_its_posts_cannot_tell(stage):
    stage.server.lists_posts = False
    port = stage.port()
    action = stage.approved(Verb.LIKE, stage.publish(TEXT))
    assert port.look(action).done is None
    with pytest.raises(Transient, match="nobody can tell"):
        port.read_back(action)


@pytest.mark.parametrize("body", ["[]", "{", '{"items": [1]}', '{"items": [{"properties": 1}]}'])
def test_a_list_that_makes_no_sense_cannot_tell(stage, body):
    action = stage.approved(Verb.LIKE, stage.publish(TEXT))
    stage.faults.plan(Fault(mishap=Mishap.GARBLED, body=body, on="list"))
    with pytest.raises(Transient):
        stage.port().read_back(action)


def test_another_answer_is_not_taken_for_mine(stage):
    port, url = stage.port(), stage.publish(TEXT)
    stage.server.post(in_reply_to=url, content="Etwas ganz anderes.")
    stage.server.post(like_of=stage.publish(TEXT))
    action = stage.approved(Verb.COMMENT, url)
    assert port.look(action).done is None
    by_hand = stage.server.post(in_reply_to=url, content=f" {WORDS[Verb.COMMENT]}\n")
    done = port.look(action).done
    assert done is not None
    assert done.ref == by_hand


#: As sites write properties: a word, a cited thing, HTML.
CITED = {
    "url": ["https://my.example/1"],
    "in-reply-to": [{"type": ["h-cite"], "properties": {"url": ["{target}"]}}],
    "content": [{"html": "<p>Danke f&uuml;r den Bericht, den habe ich sofort gelesen.</p>"}],
}


def test_things_with_properties_and_html_are_understood(stage):
    import json

    url = stage.publish(TEXT)
    items = {"items": [{"type": ["h-entry"], "properties": CITED}]}
    body = json.dumps(items).replace("{target}", url)
    stage.faults.plan(Fault(mishap=Mishap.GARBLED, body=body, on="list"))
    seen = stage.port().read_back(stage.approved(Verb.COMMENT, url))
    assert seen is not None
    assert seen.url == "https://my.example/1"


def test_whose_a_token_is_the_site_says_or_takes(stage):
    host = stage.server.host
    assert stage.port().whoami() == Identity(platform_id=f"{host}/", handle=host)
    stage.server.me = "https://Anna.example/notes/"
    known = Identity(platform_id="anna.example/notes/", handle="anna.example/notes")
    assert stage.port().whoami() == known
    stage.server.me = "nothing:"
    with pytest.raises(Barred, match="no address"):
        stage.port().whoami()
    stage.server.tells_tokens = False
    assert stage.port().whoami().handle == host
    with pytest.raises(Barred):
        stage.with_secret("another").whoami()


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"server": ""}, "as the server"), ({"secret": "two words"}, "is none")],
)
def test_an_account_that_is_not_as_it_should_be_says_so(stage, facts, words):
    with pytest.raises(Barred, match=words):
        stage.open(stage.access(**facts)).whoami()
    with pytest.raises(Barred, match="none is given"):
        stage.open(None).whoami()


def test_a_site_without_micropub_is_not_mine_to_post_on(stage):
    with BlogServer() as plain:
        plain.put("/", b"<html></html>", content_type="text/html")
        with pytest.raises(Refused, match="no Micropub"):
            stage.open(stage.access(server=plain.url(""))).whoami()


def test_an_answer_without_a_place_is_not_believed(stage):
    stage.faults.plan(Fault(mishap=Mishap.STATUS, status=201, applied=True, on="create"))
    with pytest.raises(Unsure):
        perform(stage.port(), stage.approved(Verb.LIKE, stage.publish(TEXT)))
    assert stage.blog.mentions == {}


HTML = "text/html; charset=utf-8"
#: Page, its headers, and where mentions go; after webmention.rocks.
DISCOVERIES = [
    ("", {"Link": "</wm>; rel=webmention"}, "/wm"),
    ("", {"Link": '</wm?q=a,b>; rel="me webmention"; x="1, 2"'}, "/wm?q=a,b"),
    ("", {"Link": '</me>; rel="me", <wm>; REL="webmention"'}, "/blog/wm"),
    ("", {"Link": "<>; rel=webmention"}, "/blog/post"),
    ("", {"Link": "</no>; rel=notwebmention"}, ""),
    ('<link rel="webmention" href="/wm">', {}, "/wm"),
    ('<a href="../wm" rel="nofollow webmention">x</a>', {}, "/wm"),
    ('<link rel="webmention" href="">', {}, "/blog/post"),
    ('<link rel="webmention"><a rel="webmention" href="/wm">x</a>', {}, "/wm"),
    ('<a rel="webmention" href="/a">x</a><link rel="webmention" href="/b">', {}, "/a"),
    ('<!-- <link rel="webmention" href="/no"> --><a rel=webmention href=/wm>x</a>', {}, "/wm"),
    ('<code>&lt;link rel="webmention" href="/no"&gt;</code>', {}, ""),
    ('<base href="/other/"><link rel="webmention" href="wm">', {}, "/other/wm"),
    ('<link rel="webmention" href="/no">', {"Link": "</wm>; rel=webmention"}, "/wm"),
    ('<link rel="webmention" href="http://[">', {}, ""),
]


@pytest.mark.parametrize(("page", "headers", "place"), DISCOVERIES)
def test_where_word_is_taken_is_found_as_the_specification_says(stage, page, headers, place):
    with BlogServer() as blog:
        blog.put("/blog/post", page.encode(), content_type=HTML, headers=headers)
        url = blog.url("/blog/post")
        sight = stage.port().look(stage.approved(Verb.LIKE, url))
        assert sight.target.partition(" ")[2] == (blog.url(place) if place else "")


def test_what_is_no_page_names_nothing_in_its_text(stage):
    with BlogServer() as blog:
        blog.put("/a", b'<link rel="webmention" href="/wm">', content_type="text/plain")
        sight = stage.port().look(stage.approved(Verb.LIKE, blog.url("/a")))
        assert sight.target.endswith(" ")


@pytest.mark.parametrize(
    "inside", ["http://127.0.0.1:{port}/", "http://2130706433:{port}/", "http://[::1]:{port}/"]
)
def test_no_address_inside_is_told_however_it_is_spelled(stage, inside):
    """Only the two sites are open to us; a third one inside waits for a visit in vain."""
    with BlogServer() as blog, BlogServer() as sentinel:
        target = inside.format(port=sentinel.port)
        blog.put("/a", headers={"Link": f"<{target}>; rel=webmention"}, content_type=HTML)
        access = Access(
            sphere="professional",
            account=stage.account,
            secret=TOKEN,
            allow_hosts=(stage.server.host, f"127.0.0.1:{blog.port}"),
        )
        port = Webmention(access)
        receipt = perform(port, stage.approved(Verb.LIKE, blog.url("/a")))
        assert receipt.note == UNTOLD
        assert sentinel.requests == []


def test_a_post_that_is_gone_is_gone(stage):
    with pytest.raises(Gone):
        stage.port().look(stage.approved(Verb.LIKE, stage.blog.url("/posts/404")))
    stage.blog.faults.plan(Fault(mishap=Mishap.STATUS, status=502, on="page"))
    with pytest.raises(Transient):
        stage.port().look(stage.approved(Verb.LIKE, stage.publish(TEXT)))
