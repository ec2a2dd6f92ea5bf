"""Answering from one's own site to a site with a real receiver: what counts is the row it keeps."""

import html
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from netbot.demo.homepage import HomePage
from netbot.model import Account, ActionState, Channel, Verb
from tests.peers.doer import Doer
from tests.peers.programs import BIN, free_port, running

TOKEN = "micropub-token-7f3a"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The client's site; its address."""
    port, folder = free_port(), tmp_path_factory.mktemp("receiver")
    program = [str(BIN / "python"), str(Path(__file__).with_name("receiver.py"))]
    with running([*program, str(port), str(folder)], port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def mine() -> Iterator[HomePage]:
    with HomePage() as site:
        site.tokens.add(TOKEN)
        yield site


def rows(theirs: str, target: str) -> list[dict[str, Any]]:
    """What the receiver has kept of mentions of a post."""
    query = urlencode({"resource": target, "direction": "incoming"})
    connection = HTTPConnection(theirs.removeprefix("http://"))
    connection.request("GET", f"/webmentions?{query}")
    told: list[dict[str, Any]] = json.loads(connection.getresponse().read())
    connection.close()
    return told


KINDS = {Verb.LIKE: "like", Verb.SHARE: "repost", Verb.COMMENT: "reply"}


@pytest.mark.parametrize("verb", KINDS)
def test_from_the_feed_to_the_row_and_back(theirs, mine, tmp_path, verb):
    words = "Glückwunsch zum Umzug! A & B <c>" if verb is Verb.COMMENT else ""
    account = Account(id="site", network="webmention", handle=mine.host, server=mine.url())
    doer = Doer(tmp_path, account, TOKEN, f"{theirs}/feed.xml", [theirs, mine.url()])
    [card] = doer.look()
    target = f"{theirs}/posts/1"
    assert {card.choice.verb, *(each.verb for each in card.alternatives)} == KINDS.keys()
    assert (card.choice.target_url, card.choice.channel) == (target, Channel.API)

    doer.approve(card, verb, words)
    assert doer.send().sent == 1
    [row] = rows(theirs, target)
    assert (row["source"], row["target"]) == (doer.place(card), target)
    assert row["mention_type"] == KINDS[verb]
    assert words in html.unescape(row["content"] or "")
    assert doer.action(card).note == ""
    assert doer.send().read_back == 1

    doer.undo(card)
    assert doer.send().taken_back == 1
    assert doer.action(card).state is ActionState.UNDONE
    assert rows(theirs, target) == []
