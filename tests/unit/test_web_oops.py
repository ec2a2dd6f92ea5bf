"""Oops in a browser: each state leads to its help, and the log keeps what was done."""

from pathlib import Path

import pytest

from netbot.model import ActionState, Verb
from netbot.store import touches
from tests.bureau import Bureau
from tests.house import days

S = ActionState


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "home")


def test_what_has_not_left_is_called_back(bureau):
    (card,) = bureau.tell("a")
    bureau.approve(card)
    page = bureau.get("/outbox/1/oops")
    assert "It has not left yet." in page.text
    assert "A word to them" not in page.text
    after = bureau.press(page, "/cards/1/undo")
    assert after.form("/approve")
    assert bureau.state(card) == "withdrawn"


def test_what_is_in_hand_is_left_or_deleted(bureau):
    (card,) = bureau.tell("a")
    bureau.approve(card)
    bureau.walk(card, S.HANDED_OFF)
    page = bureau.get("/outbox/1/oops")
    assert "It is in your hands." in page.text
    assert page.form("/cards/1/undo")
    after = bureau.press(page, "/outbox/1/oops")
    assert "Nothing of it stands anywhere." in after.text
    assert "you deleted it there" in after.text
    assert bureau.state(card) == "declined"


def test_a_comment_on_a_site_names_those_who_can_delete_it(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card)
    page = bureau.get("/outbox/1/oops")
    assert "Only those who run it can take it away." in page.text
    assert "Write to those who run the site" in page.text
    assert [link for link in page.page.links if link["href"] == "https://acme.example/a"]
    fields = [form.fields for form in page.page.forms if form.action.endswith("/oops")]
    assert [each["what"] for each in fields] == ["deleted", "apologised", "noted"]
    assert fields[1]["text"].startswith("Guten Tag, mein Kommentar zu „Neues aus der Werkstatt: a“")


def test_a_link_passed_on_is_deleted_among_ones_own_posts(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card, verb=Verb.SHARE)
    page = bureau.get("/outbox/1/oops")
    assert "Open www.linkedin.com" in page.text
    assert "Open it as anna-muster: nobody else can delete it." in page.text
    assert "share as anna-muster on LinkedIn" in page.text


@pytest.mark.parametrize(
    ("states", "said", "button"),
    [
        ((S.SENDING,), "It is on its way at this very moment.", ""),
        ((S.SENDING, S.FAILED), "Nothing of it stands anywhere.", ""),
        ((S.SENDING, S.UNSURE), "Nobody knows whether it stands there.", "/outbox/1/done"),
        ((S.SENDING, S.SENT), "Only those who run it", "/outbox/1/oops"),
        ((S.SENDING, S.SENT, S.UNDOING, S.UNDO_UNSURE), "Nobody knows", "/outbox/1/not-done"),
    ],
)
def test_what_netbot_sends_leads_to_its_help(bureau, states, said, button):
    (card,) = bureau.tell("a")
    bureau.approve(card)
    bureau.walk(card, *states)
    page = bureau.get("/outbox/1/oops")
    assert said in page.text
    actions = [form.action for form in page.page.forms]
    if button:
        assert f"/professional{button}" in actions
    assert "/professional/cards/1/undo" not in actions


def test_an_apology_is_written_down_when_its_gap_is_filled(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card)
    page = bureau.get("/outbox/1/oops")
    form = next(each for each in page.page.forms if each.fields.get("what") == "apologised")
    again = bureau.caller.send(form, text="Hello [...], I typed this.")
    assert again.status == 409
    assert "still has a gap" in again.text
    kept = next(each for each in again.page.forms if each.fields.get("what") == "apologised")
    assert kept.fields["text"] == "Hello [...], I typed this."
    after = bureau.caller.follow(bureau.caller.send(form, text="Sorry.\r\nAnna"))
    assert "you apologised Sorry. Anna" in after.text
    with bureau.sphere() as sphere, sphere.store.read() as tx:
        newest = touches.of_client(tx, "professional", "acme", limit=1)[0]
    assert (newest.kind, newest.text) == ("apology", "Sorry.\nAnna")
    assert "from you: an apology" in bureau.get("/clients/acme").text
    assert "you apologised Sorry." in bureau.get("/log").text


def test_a_note_needs_words(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card)
    page = bureau.get("/outbox/1/oops")
    form = next(each for each in page.page.forms if each.fields.get("what") == "noted")
    empty = bureau.caller.send(form)
    assert (empty.status, "Say in a few words what went wrong." in empty.text) == (422, True)
    assert bureau.caller.send(form, what="bought").status == 422
    after = bureau.caller.follow(bureau.caller.send(form, text="Too fast."))
    assert "you noted Too fast." in after.text


def test_a_form_that_is_not_ours_loses_no_word(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card)
    form = next(
        each
        for each in bureau.get("/outbox/1/oops").page.forms
        if each.fields.get("what") == "noted"
    )
    answer = bureau.caller.send(form, token="stale", text="Typed for long.")
    assert answer.status == 403
    assert "Typed for long." in answer.body
    assert "you noted" not in bureau.get("/outbox/1/oops").text


def test_without_an_act_or_after_long_there_is_no_help(bureau):
    (card,) = bureau.tell("a")
    assert bureau.get("/outbox/1/oops").status == 409
    assert "nothing was approved here" in bureau.get("/outbox/1/oops").text
    bureau.done(card)
    assert bureau.get("/outbox/1/oops").status == 200
    bureau.now += days(31)
    assert "more than 30 days ago" in bureau.get("/outbox/1/oops").text
    assert bureau.get("/outbox/99/oops").status == 404


def test_the_outbox_lists_what_was_done_by_hand_with_the_way_to_help(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card)
    page = bureau.get("/outbox")
    assert "Done by hand in the last 30 days" in page.text
    assert [link for link in page.page.links if link["href"] == "/professional/outbox/1/oops"]
    bureau.now += days(31)
    assert "Done by hand" not in bureau.get("/outbox").text
