"""What netbot sends itself: once, and never again by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from netbot import engine
from netbot.engine import Approve, Dispatch, Hall, Undo, gate, outcome, sending
from netbot.model import (
    ActionState,
    Barred,
    Gone,
    Identity,
    PolicyRefused,
    RateLimited,
    Receipt,
    Refused,
    Sight,
    StoreError,
    SuggestionState,
    Transient,
    Unsure,
    Verb,
)
from netbot.network import Access
from netbot.store import accounts, acts, holds, performed, suggestions, touches
from tests.actor import STUDIO, TOOTS, ActingDay, Stage, open_policy, toot
from tests.house import NOON, days, hours

WORDS = "Glückwunsch zur neuen Werkstatt."
LATER = NOON + timedelta(seconds=60)


@pytest.fixture
def day(values):
    made = ActingDay(values)
    yield made
    made.store.close()


def approve(day, verb=Verb.LIKE, name="a", now=NOON) -> str:
    (told,) = [card for card in day.tell(name, now=now) if card.post.post.title.endswith(name)]
    day.decide(told.id, Approve(verb=verb, text=None if verb is Verb.LIKE else WORDS), now)
    return str(told.id)


def act(day, id="professional-1") -> Any:
    with day.store.read() as tx:
        return acts.latest(tx, "professional", id)


def known(day) -> Any:
    with day.store.read() as tx:
        return accounts.load(tx)["studio"]


def contacts(day) -> Any:
    with day.store.read() as tx:
        return touches.of_client(tx, "professional", "acme", limit=9)


def after(seconds):
    return LATER + timedelta(seconds=seconds)


@pytest.mark.parametrize("verb", [Verb.LIKE, Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND])
def test_an_approved_act_leaves_once_after_the_window(day, verb):
    approve(day, verb)
    assert day.send(NOON) == Dispatch()
    pending = act(day)
    with day.store.read() as tx:
        assert acts.receipt_of(tx, pending) is None
    assert [action.state for action in engine.outbox(day.store)] == [ActionState.PENDING]
    assert day.send(LATER).sent == 1
    assert day.stage.calls == [f"{verb} professional-1"]
    for seconds in (0, 5, 40, 4000):
        assert day.send(after(seconds)).sent == 0
    assert len(day.stage.calls) == 1
    (contact,) = contacts(day)
    assert (contact.kind, contact.text) == (verb.value, "" if verb is Verb.LIKE else WORDS)
    assert engine.outbox(day.store) == engine.troubles(day.store) == []


def test_what_left_is_read_back_and_then_believed(day):
    approve(day)
    day.send(LATER)
    day.stage.hidden = True
    assert day.send(after(4)).read_back == 0
    assert day.send(after(5)).read_back == 1
    day.stage.hidden = False
    assert day.send(after(30)).read_back == 1
    assert day.send(after(9999)).read_back == 0
    assert act(day).state is ActionState.SENT


def test_a_yes_that_is_not_to_be_seen_is_no_yes(day):
    approve(day)
    day.send(LATER)
    day.stage.stands.clear()
    for seconds in (5, 30, 120, 600):
        assert act(day).state is ActionState.SENT
        day.send(after(seconds))
    lost = act(day)
    assert (lost.state, lost.note) == (ActionState.UNSURE, outcome.MISSING)
    assert known(day).frozen_at == after(600)
    assert contacts(day) == []
    assert engine.troubles(day.store) == [lost]


@pytest.mark.parametrize(
    "error",
    [Transient("no route"), Refused("too long"), Gone("deleted"), PolicyRefused("no")],
)
def test_what_surely_did_not_happen_failed(day, error):
    approve(day)
    day.stage.ending, day.stage.applied = error, False
    assert day.send(LATER).failed == 1
    failed = act(day)
    assert (failed.state, failed.note) == (ActionState.FAILED, str(error))
    assert engine.troubles(day.store) == [failed]
    assert known(day).frozen_at is None
    assert contacts(day) == []
    day.stage.ending = None
    assert day.send(after(9999)).sent == 0


def test_only_the_human_sends_again_and_the_network_knows_it_as_the_same_act(day):
    card = approve(day, Verb.COMMENT)
    day.stage.ending, day.stage.applied = Transient("no route"), False
    day.send(LATER)
    key = act(day).key
    assert day.decide(card, Undo(), LATER).state is SuggestionState.WAITING
    assert engine.troubles(day.store) == []
    day.decide(card, Approve(verb=Verb.COMMENT, text=WORDS), LATER)
    assert engine.troubles(day.store) == []
    day.stage.ending = None
    assert day.send(after(60)).sent == 1
    assert act(day).key == key


def test_what_was_taken_back_and_approved_anew_is_another_act(day):
    card = approve(day, Verb.COMMENT)
    day.send(LATER)
    first = act(day)
    day.decide(card, Undo(), LATER)
    day.send(LATER)
    assert day.decide(card, Undo(), LATER).state is SuggestionState.WAITING
    day.decide(card, Approve(verb=Verb.COMMENT, text=WORDS), LATER)
    day.send(after(60))
    assert act(day).state is ActionState.SENT
    assert act(day).key != first.key


def test_a_barred_account_is_frozen_and_everything_else_of_it_waits(day):
    approve(day)
    day.stage.ending, day.stage.applied = Barred("the token is not valid"), False
    day.send(LATER)
    assert (known(day).frozen_at, known(day).note) == (LATER, "the token is not valid")
    day.stage.ending = None
    approve(day, name="b", now=LATER)
    assert day.send(after(60)).waiting == 1
    (waiting,) = engine.outbox(day.store)
    assert waiting.note == gate.FROZEN
    with day.store.write() as tx:
        accounts.thaw(tx, "studio")
    assert day.send(after(121)).sent == 1


def test_an_account_that_is_told_to_wait_waits(day):
    approve(day)
    day.stage.ending, day.stage.applied = RateLimited("slow down", retry_after_s=900), False
    day.send(LATER)
    assert known(day).resting_until == after(900)
    day.stage.ending = None
    approve(day, name="b", now=LATER)
    assert day.send(after(60)).waiting == 1
    assert day.send(after(899)) == Dispatch()
    assert day.send(after(900)).sent == 1


@pytest.mark.parametrize("applied", [True, False])
def test_nobody_knows_until_it_is_read_back(day, applied):
    approve(day, Verb.COMMENT)
    day.stage.ending, day.stage.applied = Unsure("the answer was lost"), applied
    assert day.send(LATER).unsure == 1
    assert (act(day).state, act(day).note) == (ActionState.UNSURE, "the answer was lost")
    assert [each.state for each in engine.troubles(day.store)] == [ActionState.UNSURE]
    for seconds in (5, 30, 120, 600, 9999):
        day.send(after(seconds))
    assert act(day).state is (ActionState.SENT if applied else ActionState.UNSURE)
    assert len(contacts(day)) == applied
    assert len(day.stage.calls) == 1


def test_a_network_that_cannot_be_read_back_leaves_it_to_the_human(day):
    card = approve(day)
    day.stage.ending = Unsure("lost")
    day.send(LATER)
    day.stage.unreadable = Transient("down")
    for seconds in (5, 30, 120, 600):
        assert day.send(after(seconds)).read_back == 1
    assert day.send(after(9999)).read_back == 0
    with pytest.raises(PolicyRefused, match="nobody knows yet"):
        day.decide(card, Undo(), LATER)
    assert engine.confirm(day.store, card, LATER).state is ActionState.SENT
    assert len(contacts(day)) == 1


def test_the_human_says_that_it_is_not_there(day):
    card = approve(day)
    day.stage.ending, day.stage.applied = Unsure("lost"), False
    day.send(LATER)
    assert engine.decline(day.store, card, LATER).state is ActionState.FAILED
    assert [each.state for each in engine.troubles(day.store)] == [ActionState.FAILED]
    assert day.decide(card, Undo(), LATER).state is SuggestionState.WAITING


def test_a_bar_while_reading_back_freezes(day):
    approve(day)
    day.send(LATER)
    day.stage.unreadable = Barred("logged out")
    day.send(after(5))
    assert known(day).note == "logged out"


def crash_in_call(day):
    def crash():
        raise KeyboardInterrupt

    day.stage.in_call = crash


@pytest.mark.parametrize("applied", [True, False])
def test_what_another_life_left_half_done_is_unsure(day, applied):
    approve(day)
    day.stage.ending, day.stage.applied = Transient("never seen"), applied
    crash_in_call(day)
    with pytest.raises(KeyboardInterrupt):
        day.send(LATER)
    assert act(day).state is ActionState.SENDING
    assert [each.state for each in engine.outbox(day.store)] == [ActionState.SENDING]
    with pytest.raises(PolicyRefused, match="just leaving"):
        day.decide("professional-1", Undo(), LATER)
    day.stage.ending = None
    assert day.send(LATER).unsure == 1
    assert (act(day).state, act(day).note) == (ActionState.UNSURE, sending.STALE)
    day.send(after(5))
    assert act(day).state is (ActionState.SENT if applied else ActionState.UNSURE)
    assert len(day.stage.calls) == 1


def test_what_was_liked_by_hand_already_is_found_and_not_liked_again(day):
    approve(day)
    day.stage.sight = lambda action: Sight(target="1", done=Receipt(ref="by-hand"))
    assert day.send(LATER).sent == 1
    assert day.stage.calls == []
    found = act(day)
    with day.store.read() as tx:
        assert acts.receipt_of(tx, found) == Receipt(ref="by-hand", found=True)
    assert day.send(after(5)).read_back == 0


def test_a_post_that_is_gone_takes_its_act_with_it(day):
    card = approve(day)

    def gone(action):
        raise Gone("deleted")

    day.stage.sight = gone
    assert day.send(LATER) == Dispatch()
    assert (act(day).state, act(day).note) == (ActionState.WITHDRAWN, sending.VANISHED)
    with day.store.read() as tx:
        assert suggestions.get(tx, "professional", card).state is SuggestionState.SUPERSEDED


def test_a_post_that_reads_differently_goes_back_to_the_human(day):
    card = approve(day)
    edited = toot("a", text="Wir haben uns anders entschieden.")
    day.stage.sight = lambda action: Sight(target="1", post=edited)
    day.send(LATER)
    assert (act(day).state, act(day).note) == (ActionState.WITHDRAWN, sending.EDITED)
    with day.store.read() as tx:
        edited_card = suggestions.get(tx, "professional", card)
    assert (edited_card.state, edited_card.post.post.text) == (SuggestionState.WAITING, edited.text)
    day.decide(card, Approve(verb=Verb.LIKE), LATER)
    assert day.send(after(60)).sent == 1


def test_the_same_post_told_elsewhere_may_read_differently(day):
    approve(day)
    day.stage.sight = lambda action: Sight(target="1", post=toot("a"))
    assert day.send(LATER).sent == 1


@pytest.mark.parametrize(
    ("error", "frozen", "resting"),
    [
        (Transient("down"), None, None),
        (Barred("logged out"), LATER, None),
        (RateLimited("slow", retry_after_s=60), None, after(60)),
    ],
)
def test_a_network_that_cannot_be_read_lets_the_act_wait(day, error, frozen, resting):
    approve(day)

    def fail(action):
        raise error

    day.stage.sight = fail
    assert day.send(LATER).waiting == 1
    (waiting,) = engine.outbox(day.store)
    assert (waiting.not_before, waiting.note) == (LATER + sending.UNREADABLE, str(error))
    assert (known(day).frozen_at, known(day).resting_until) == (frozen, resting)
    assert day.stage.calls == []


def test_without_the_secret_in_hand_the_act_waits(day):
    approve(day)
    assert engine.send(day.store, day.hall, {}, LATER).waiting == 1
    (waiting,) = engine.outbox(day.store)
    assert waiting.note == gate.NO_ACCOUNT
    assert day.send(LATER + gate.AGAIN).sent == 1
    sent = act(day)
    with day.store.write() as tx:
        acts.want_back(tx, sent, LATER)
    assert engine.send(day.store, day.hall, {}, after(200)) == Dispatch()


def test_stop_everything_stops_everything_but_reading(day):
    card = approve(day)
    day.paused = True
    assert day.send(LATER) == Dispatch()
    day.paused = False
    day.send(LATER)
    day.decide(card, Undo(), LATER)
    day.paused = True
    assert day.send(after(5)) == Dispatch(read_back=1)
    assert act(day).state is ActionState.SENT
    assert len(day.stage.calls) == 1


class Halting(ActingDay):
    """Somebody stops everything between the note and the call."""

    @property
    def hall(self):
        answers = iter([False, True])
        return replace(super().hall, paused=lambda: next(answers))


def test_a_stop_between_note_and_call_is_heard(values):
    day = Halting(values)
    approve(day)
    assert day.send(LATER).failed == 1
    assert (act(day).state, act(day).note) == (ActionState.FAILED, sending.STOPPED)
    assert day.stage.calls == []
    day.store.close()


def test_a_stop_between_note_and_take_back_is_heard(values):
    day = Halting(values)
    card = approve(day)
    hall = replace(day.hall, paused=lambda: False)
    engine.send(day.store, hall, {"studio": day.stage}, LATER)
    day.decide(card, Undo(), LATER)
    assert day.send(LATER).failed == 1
    assert (act(day).state, act(day).note) == (ActionState.SENT, sending.STOPPED)
    assert [each.state for each in engine.troubles(day.store)] == [ActionState.SENT]
    day.store.close()


def test_an_approval_that_is_too_old_never_leaves(day):
    card = approve(day)
    engine.settle(day.store, NOON + days(2))
    assert day.send(NOON + days(2)) == Dispatch()
    assert act(day, card).state is ActionState.WITHDRAWN


def test_a_client_in_peace_gets_nothing(day):
    approve(day)
    with day.store.write() as tx:
        holds.add(tx, "acme", NOON, NOON + days(14))
    assert day.send(LATER).waiting == 1
    assert day.stage.calls == []


def test_the_last_place_within_a_cap_is_given_once(day):
    day.policy = {"mastodon": open_policy(caps={Verb.LIKE: 1})}
    day.tell("a", "b")
    for n in (1, 2):
        day.decide(f"professional-{n}", Approve(verb=Verb.LIKE))
    assert day.send(LATER) == Dispatch(sent=1, waiting=1)
    assert len(day.stage.calls) == 1
    assert engine.outbox(day.store)[0].note == gate.CAP


def test_the_gate_is_asked_again_in_the_transaction_that_counts(day):
    approve(day)

    def tire(action):
        with day.store.write() as tx:
            accounts.rest(tx, "studio", after(60), "slow down")
        return Sight(target="1")

    day.stage.sight = tire
    assert day.send(LATER) == Dispatch(waiting=1)
    assert (day.stage.calls, act(day).note) == ([], gate.RESTING)


def test_an_act_called_back_while_the_post_is_looked_at_does_not_leave(day):
    card = approve(day)

    def call_back(action):
        day.decide(card, Undo(), LATER)
        return Sight(target="1")

    day.stage.sight = call_back
    assert day.send(LATER) == Dispatch()
    assert (day.stage.calls, act(day).state) == ([], ActionState.WITHDRAWN)


def test_what_an_act_costs_is_written_down_with_it(day):
    day.policy = {"mastodon": open_policy(cost_micros={Verb.LIKE: 6_000_000})}
    approve(day)
    day.send(LATER)
    with day.store.read() as tx:
        (done,) = performed.after(tx, NOON)
    assert (done.cost_micros, done.account, done.verb) == (6_000_000, "studio", Verb.LIKE)
    approve(day, name="b", now=LATER)
    assert day.send(after(60)).waiting == 1


def take_back(day, verb=Verb.COMMENT):
    card = approve(day, verb)
    day.send(LATER)
    assert day.decide(card, Undo(), LATER).state is SuggestionState.APPROVED
    assert act(day).take_back
    return card


@pytest.mark.parametrize("verb", [Verb.LIKE, Verb.SHARE, Verb.COMMENT])
def test_what_was_sent_is_taken_back(day, verb):
    card = take_back(day, verb)
    with pytest.raises(PolicyRefused, match="being taken back already"):
        day.decide(card, Undo(), LATER)
    assert day.send(LATER).taken_back == 1
    assert day.stage.calls == [f"{verb} {card}", f"undo {card}"]
    assert (act(day).state, day.stage.stands, contacts(day)) == (ActionState.UNDONE, {}, [])
    assert day.send(after(9999)) == Dispatch()


def test_where_netbot_cannot_take_back_it_says_where_the_human_can(day):
    card = approve(day, Verb.RECOMMEND)
    day.send(LATER)
    with pytest.raises(PolicyRefused, match=r"you can, at https://a\.example/r1"):
        day.decide(card, Undo(), LATER)


def test_what_the_human_should_know_of_a_done_act_is_no_trouble(day):
    card = approve(day)
    day.stage.note = "Somebody there has to look first."
    assert day.send(LATER).sent == 1
    assert act(day, card).note == day.stage.note
    assert engine.troubles(day.store) == []


class Site(Stage):
    """Takes comments and gives none back."""

    NETWORKS = ("wordpress",)


def test_a_comment_on_a_site_is_nobodys_to_take_back(day):
    login = replace(STUDIO, network="wordpress")
    day.house = replace(day.house, accounts=(login,))
    day.policy = {"wordpress": open_policy(network="wordpress", undo=())}
    day.stage = Site(Access(sphere="professional", account=login, secret="s3cret"))
    identity = day.stage.identify()
    with day.store.write() as tx:
        accounts.pin(tx, login, identity, "mark", NOON)
    day.seeded().shelf.show(TOOTS, toot("a", network="wordpress"))
    day.watch(NOON)
    [card] = day.cards()
    day.decide(card.id, Approve(verb=Verb.COMMENT, text=WORDS))
    assert day.send(LATER).sent == 1
    with pytest.raises(PolicyRefused, match="those who run the site"):
        day.decide(card.id, Undo(), LATER)


def test_what_is_gone_already_counts_as_taken_back(day):
    take_back(day)
    day.stage.ending = Gone("deleted by hand")
    assert day.send(LATER).taken_back == 1


def test_a_take_back_that_surely_failed_is_told_and_not_repeated(day):
    card = take_back(day)
    day.stage.ending, day.stage.applied = Barred("logged out"), False
    assert day.send(LATER).failed == 1
    still = act(day)
    assert (still.state, still.note, still.take_back) == (ActionState.SENT, "logged out", False)
    assert engine.troubles(day.store) == [still]
    assert known(day).frozen_at == LATER
    day.stage.ending = None
    assert day.send(after(5)).taken_back == 0
    day.decide(card, Undo(), LATER)
    assert day.send(LATER).taken_back == 1


@pytest.mark.parametrize("applied", [True, False])
def test_a_doubtful_take_back_is_read_back(day, applied):
    card = approve(day, Verb.COMMENT)
    day.send(LATER)
    assert day.send(after(5)).read_back == 1
    day.decide(card, Undo(), LATER)
    day.stage.ending, day.stage.applied = Unsure("lost"), applied
    assert day.send(LATER).unsure == 1
    assert act(day).state is ActionState.UNDO_UNSURE
    for seconds in (5, 30, 120, 600, 9999):
        day.send(after(seconds))
    assert len(day.stage.calls) == 2
    if applied:
        assert (act(day).state, contacts(day)) == (ActionState.UNDONE, [])
        return
    assert (act(day).state, act(day).note) == (ActionState.UNDO_UNSURE, outcome.STANDS)
    assert engine.decline(day.store, card, LATER).state is ActionState.SENT
    assert len(contacts(day)) == 1


def test_what_was_never_to_be_seen_is_not_proven_gone(day):
    card = take_back(day)
    day.stage.ending, day.stage.applied, day.stage.hidden = Unsure("lost"), False, True
    day.send(LATER)
    for seconds in (5, 30):
        day.send(after(seconds))
    assert act(day).state is ActionState.UNDO_UNSURE
    day.stage.hidden = False  # the network was slow to show it: there it is
    day.send(after(120))
    day.stage.stands.clear()  # and slow to take it away
    day.send(after(600))
    assert act(day).state is ActionState.UNDONE
    assert day.stage.calls == [f"comment {card}", f"undo {card}"]


def test_what_is_never_to_be_seen_after_a_doubtful_take_back_is_left_to_the_human(day):
    take_back(day)
    day.stage.ending, day.stage.hidden = Unsure("lost"), True
    day.send(LATER)
    for seconds in (5, 30, 120, 600, 9999):
        day.send(after(seconds))
    assert [one.state for one in engine.troubles(day.store)] == [ActionState.UNDO_UNSURE]


def test_what_only_the_human_saw_only_the_human_can_take_back(day):
    card = approve(day, Verb.COMMENT)
    day.stage.ending = Unsure("lost")
    day.send(LATER)
    engine.confirm(day.store, card, LATER)
    with pytest.raises(PolicyRefused, match="you can, at"):
        day.decide(card, Undo(), LATER)


def test_the_human_sees_that_it_is_gone(day):
    card = take_back(day)
    day.stage.ending = Unsure("lost")
    day.send(LATER)
    assert engine.confirm(day.store, card, LATER).state is ActionState.UNDONE
    assert contacts(day) == []


@pytest.mark.parametrize("applied", [True, False])
def test_a_take_back_that_another_life_left_half_done_is_unsure(day, applied):
    take_back(day)
    day.stage.ending, day.stage.applied = Transient("never seen"), applied
    crash_in_call(day)
    with pytest.raises(KeyboardInterrupt):
        day.send(LATER)
    with pytest.raises(PolicyRefused, match="just leaving"):
        day.decide("professional-1", Undo(), LATER)
    assert day.send(LATER).unsure == 1
    assert act(day).state is ActionState.UNDO_UNSURE


def test_a_wish_that_was_fulfilled_meanwhile_is_forgotten(day):
    take_back(day)
    wished = act(day)
    turn = sending._Round(store=day.store, hall=day.hall, actors={"studio": day.stage}, now=LATER)
    turn.take_back(wished)
    turn.take_back(wished)
    assert day.stage.calls == ["comment professional-1", "undo professional-1"]


def test_a_doubt_that_the_human_settled_meanwhile_is_left_alone(day):
    card = approve(day)
    day.stage.ending = Unsure("lost")
    day.send(LATER)
    turn = sending._Round(store=day.store, hall=day.hall, actors={"studio": day.stage}, now=LATER)
    doubtful = act(day)
    engine.decline(day.store, card, LATER)
    turn.read_back(doubtful, 0)
    turn_without = sending._Round(store=day.store, hall=day.hall, actors={}, now=LATER)
    turn_without.read_back(doubtful, 0)
    assert act(day).state is ActionState.FAILED


def test_no_act_goes_a_way_that_is_not_drawn(day):
    approve(day)
    pending = act(day)
    for state in (ActionState.SENT, ActionState.UNDONE, ActionState.CONFIRMED):
        with pytest.raises(StoreError, match="no act goes from pending"):
            with day.store.write() as tx:
                acts.move(tx, pending, state, LATER)
    with pytest.raises(StoreError, match="there is no act 99"), day.store.read() as tx:
        acts.get(tx, "professional", 99)
    day.send(LATER)
    with pytest.raises(StoreError, match="changed elsewhere"), day.store.write() as tx:
        acts.postpone(tx, pending, LATER, "late", LATER)


BOUND = ("client_id", "verb", "account_id", "network", "channel")


@pytest.mark.parametrize(
    "place",
    [
        "receipts.ref",
        "outbox.key",
        "outbox.target_sha",
        "outbox.text_sha",
        "suggestions.target_url",
        *(f"{table}.{column}" for table in ("outbox", "suggestions") for column in BOUND),
    ],
)
def test_what_was_written_down_never_changes(day, place):
    approve(day)
    day.send(LATER)
    table, column = place.split(".")
    with pytest.raises(DatabaseError, match="append-only or frozen"), day.store.write() as tx:
        tx.execute(text(f"UPDATE {table} SET {column} = 'x'"))


def test_without_an_account_that_somebody_vouched_for_the_human_acts(values):
    day = ActingDay(values, accounts=(replace(STUDIO, platform_id=None),))
    (card,) = day.tell("a")
    assert card.choice.channel == "handoff"
    day.decide(card.id, Approve(verb=Verb.LIKE))
    assert engine.outbox(day.store) == []
    assert [each.suggestion for each in engine.handed_off(day.store, day.house, NOON)] == [card.id]
    assert day.send(NOON + hours(1)) == Dispatch()
    day.store.close()


def test_accounts_and_holds_are_remembered(day):
    identity = Identity(platform_id="9", handle="@anna@a.example")
    with day.store.write() as tx:
        accounts.pin(tx, STUDIO, identity, "another", LATER)
        accounts.vouch(tx, "studio", "third", after(1))
        holds.add(tx, "acme", NOON, NOON + days(14))
        holds.add(tx, "acme", NOON, NOON + days(3))
    found = known(day)
    assert (found.platform_id, found.handle) == ("9", "@anna@a.example")
    assert (found.secret_mark, found.checked_at) == ("third", after(1))
    with day.store.write() as tx:
        assert holds.quiet(tx, NOON) == {"acme": NOON + days(14)}
        assert holds.quiet(tx, NOON + days(14)) == {}
        holds.end(tx, "acme", NOON)
        assert holds.quiet(tx, NOON) == {}


def test_every_step_is_counted(day):
    with day.store.read() as tx:
        assert acts.last_step(tx) == 0
    approve(day)
    with day.store.read() as tx:
        assert acts.last_step(tx) == 1


def test_without_anybody_who_could_stop_it_nothing_is_stopped(day):
    approve(day)
    hall = Hall(house=day.house, policy=day.policy, handoffs={})
    assert engine.send(day.store, hall, {"studio": day.stage}, LATER).sent == 1


def test_of_two_that_wait_each_says_why(day):
    day.tell("a", "b")
    for n in (1, 2):
        day.decide(f"professional-{n}", Approve(verb=Verb.LIKE))
    with day.store.write() as tx:
        accounts.freeze(tx, "studio", LATER, "blocked")
    assert day.send(LATER) == Dispatch(waiting=2)
    assert {action.note for action in engine.outbox(day.store)} == {gate.FROZEN}
