"""Acting on another's idea of a Mastodon server: PyPI's mastodon_mock, by ``make pypeers``."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from mastodon import Mastodon as Api

from netbot.model import Account, Barred, Gone, Post, Refused, Source, Verb
from netbot.networks.mastodon import Mastodon
from tests.mastodons import Studio
from tests.peers.programs import BIN, free_port, running

TOKEN = "mock_token"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that is up."""
    port = free_port()
    command = [str(BIN / "mastodon_mock"), "serve", "--in-memory", "--host", "127.0.0.1", "--port"]
    with running([*command, str(port)], port):
        yield f"http://localhost:{port}"  # as it calls itself in the addresses of its posts


@pytest.fixture
def studio(server: str) -> Studio:
    """Its one account, pinned."""
    host = server.removeprefix("http://")
    account = Account(id="studio", network="mastodon", handle=f"@testuser@{host}", server=server)
    own = Studio(account, secret=TOKEN).port.whoami()
    assert own.handle == account.handle
    return Studio(replace(account, platform_id=own.platform_id), secret=TOKEN)


def newest(server: str) -> Post:
    source = Source(client="acme", network="mastodon", address=f"{server}/@testuser")
    return Mastodon(allow_hosts=["localhost"]).fetch(source, "").posts[0]


@pytest.fixture
def about(server: str) -> str:
    """A post to act upon, as watching sees it."""
    made = Api(access_token=TOKEN, api_base_url=server).status_post("Neues & Gutes <3")
    post = newest(server)
    assert (post.url, post.text) == (str(made.url), "Neues & Gutes <3")
    return post.url


@pytest.mark.parametrize(
    ("verb", "text"),
    [
        (Verb.LIKE, ""),
        (Verb.SHARE, ""),
        (Verb.COMMENT, "@testuser Danke & <gern> gelesen: https://studio.example/a"),
        (Verb.RECOMMEND, "Lesenswert: "),
    ],
)
def test_an_act_is_done_read_back_and_taken_back(studio, about, verb, text):
    text = f"{text}{about}" if verb is Verb.RECOMMEND else text
    action = studio.approved(verb, about, text, key=f"{verb}-{about}")
    assert studio.port.look(action).done is None
    receipt = studio.perform(action)
    seen = studio.port.read_back(action)
    assert seen == replace(receipt, found=True)
    if text:
        assert studio.perform(action).ref == receipt.ref
    studio.undo(action, receipt)
    assert studio.port.read_back(action) is None


def test_what_is_refused_or_gone_is_told_apart(server, studio, about):
    empty = studio.approved(Verb.COMMENT, about, "")
    with pytest.raises(Refused, match="422"):
        studio.perform(empty)
    with pytest.raises(Gone):
        studio.port.look(studio.approved(Verb.LIKE, f"{server}/@testuser/1"))
    stranger = Studio(studio.account, secret="another")
    with pytest.raises(Barred):
        stranger.port.whoami()
