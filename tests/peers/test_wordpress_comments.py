"""Commenting on a real WordPress, from the post in its feed to the comment below it."""

from dataclasses import replace
from typing import Any

import pytest

from netbot.cli.main import run
from netbot.model import Account, ActionState, Channel, PolicyRefused, RateLimited, Refused, Verb
from netbot.networks.wordpress import MODERATED
from tests.peers.doer import MINUTE, Doer
from tests.peers.wordpress import WordPress

pytestmark = pytest.mark.e2e

WORDS = "Danke! A & B <habe> ich „sofort“ gelesen – und weitergegeben.\n\nHerzlich, Anna"


def doer_on(blog: WordPress, tmp_path, name: str) -> Doer:
    account = Account(id="acme-blog", network="wordpress", handle=name, server=blog.home)
    return Doer(tmp_path, account, blog.passwords[name], f"{blog.home}/feed/", [blog.home])


def comments(blog: WordPress, **facts: str) -> list[dict[str, Any]]:
    query = "".join(f"&{name}={value}" for name, value in facts.items())
    found: list[dict[str, Any]] = blog.rest("GET", f"comments&status=all{query}")[1]
    return found


def test_from_the_feed_to_a_comment_that_nobody_can_take_back(blog, tmp_path, capsys):
    doer = doer_on(blog, tmp_path, "writer")
    post = blog.publish("Größere Räume", "<p>Wir sind umgezogen.</p>")
    [card] = doer.look()
    assert (card.choice.verb, card.choice.channel) == (Verb.COMMENT, Channel.API)
    assert card.choice.target_url == post.link
    assert run(["show", card.id, "--home", str(tmp_path)]) == 0
    assert "cannot be taken back" in capsys.readouterr().out

    doer.approve(card, Verb.COMMENT, WORDS)
    assert doer.send().sent == 1
    [said] = comments(blog)
    assert (said["author_name"], said["post"]) == ("writer", post.id)
    assert (doer.action(card).state, doer.action(card).note) == (ActionState.SENT, MODERATED)
    assert doer.place(card) == said["link"]
    assert doer.send().read_back == 1
    assert doer.action(card).state is ActionState.SENT

    with pytest.raises(PolicyRefused, match="by those who run the site"):
        doer.undo(card)
    status, told = blog.rest("DELETE", f"comments/{said['id']}", as_user="writer")
    assert (status, told["code"]) == (403, "rest_cannot_delete")


def test_what_was_said_already_is_done_and_not_said_twice(blog, tmp_path):
    doer = doer_on(blog, tmp_path, "guest")
    post = blog.publish("Größere Räume", "<p>Wir sind umgezogen.</p>")
    [card] = doer.look()
    words = {"post": post.id, "content": "Glückwunsch zum Umzug!"}
    assert blog.rest("POST", "comments", words, as_user="guest")[0] == 201
    status, told = blog.rest("POST", "comments", words, as_user="guest")
    assert (status, told["code"]) == (409, "comment_duplicate")

    doer.approve(card, Verb.COMMENT, words["content"])
    assert doer.send().sent == 1  # found by the 409: a guest cannot see what is held
    assert doer.place(card) == post.link
    assert len(comments(blog)) == 1


def test_a_site_that_says_no_is_understood(blog, tmp_path):
    doer = doer_on(blog, tmp_path, "guest")
    post = blog.publish("Größere Räume", "<p>Wir sind umgezogen.</p>")
    [card] = doer.look()
    assert blog.rest("POST", "comments", {"post": post.id, "content": "1."}, "guest")[0] == 201
    doer.approve(card, Verb.COMMENT, "Gleich danach etwas anderes.")
    assert doer.send().failed == 1
    assert "pause" in doer.action(card).note

    action, port = doer.action(card), doer.port()
    port.identify()
    leaving = replace(action, state=ActionState.SENDING)
    with pytest.raises(RateLimited):
        port.perform(leaving, port.look(leaving), float("inf"))
    blog.rest("POST", f"posts/{post.id}", {"comment_status": "closed"})
    with pytest.raises(Refused, match="closed for comments"):
        port.perform(leaving, port.look(leaving), float("inf"))


@pytest.mark.parametrize("name", ["writer", "guest"])
def test_an_answer_to_my_comment_is_heard(blog, tmp_path, name):
    doer = doer_on(blog, tmp_path, name)
    post = blog.publish("Größere Räume", "<p>Wir sind umgezogen.</p>")
    words = {"post": post.id, "content": "Glückwunsch zum Umzug!"}
    mine = blog.rest("POST", "comments", words, as_user=name)[1]
    blog.rest("POST", f"comments/{mine['id']}", {"status": "approve"})
    answer = {"post": post.id, "parent": mine["id"], "content": "Danke &amp; bis bald"}
    theirs = blog.rest("POST", "comments", answer)[1]
    [heard] = doer.port().engagements(doer.now.replace(microsecond=0) - 10 * MINUTE)
    assert (heard.text, heard.object_url) == ("Danke & bis bald", mine["link"])
    assert heard.url == theirs["link"]
