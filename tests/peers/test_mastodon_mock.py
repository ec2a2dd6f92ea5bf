"""Acting on another's idea of a Mastodon server: PyPI's mastodon_mock, by ``make mastodon``."""

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from mastodon import Mastodon as Api

from netbot.model import Account, Barred, Gone, Post, Refused, Source, Verb
from netbot.networks.mastodon import Mastodon
from tests.mastodons import Studio

MOCK = Path(__file__).parents[2] / "build" / "mastodon" / "bin" / "mastodon_mock"
TOKEN = "mock_token"
WAIT_S = 30


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that is up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = subprocess.Popen(
        [MOCK, "serve", "--in-memory", "--host", "127.0.0.1", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://localhost:{port}"  # as it calls itself in the addresses of its posts
    finally:
        run.terminate()
        run.wait(timeout=WAIT_S)


def _wait_for(port: int) -> None:
    began = monotonic()
    while monotonic() < began + WAIT_S:
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise TimeoutError("mastodon_mock does not answer")


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
