"""What the human decides, and what becomes of it."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import ClauseElement

from netbot import engine
from netbot.claims import Claims
from netbot.engine import Approve, Skip, Snooze, Undo
from netbot.model import (
    Account,
    ActionState,
    Channel,
    Choice,
    Direction,
    Handoff,
    Outcome,
    PolicyRefused,
    Refused,
    SkipReason,
    StoreError,
    Suggestion,
    SuggestionState,
    UnknownId,
    UsageError,
    Verb,
    hash_approval,
    hash_post,
)
from netbot.store import acts, schema, suggestions, touches
from tests.house import BLOG, NOON, Day, Hands, days, hours, house, post

WORDS = "200 Gäste in der alten Druckerei. Läuft die Presse noch?"
CARD = "professional-1"


@pytest.fixture
def queued(day: Day) -> Day:
    """A day with five cards of one client."""
    day.seeded().shelf.show(BLOG, *(post(name) for name in "abcde"))
    day.watch(NOON)
    return day


def card(day: Day, id: str = CARD) -> Suggestion:
    with day.store.read() as tx:
        return suggestions.get(tx, "professional", id)


def action(day: Day, id: str = CARD) -> Any:
    with day.store.read() as tx:
        return acts.latest(tx, "professional", id)


def log(day: Day, table: Table) -> list[Any]:
    with day.store.read() as tx:
        return list(tx.execute(table.select()).mappings())


def test_an_approval_freezes_exactly_what_was_seen(queued):
    decided = queued.decide(CARD, Approve(text=WORDS))
    assert decided.state is SuggestionState.APPROVED
    done = action(queued)
    assert (done.state, done.text, done.choice) == (ActionState.PENDING, WORDS, decided.choice)
    assert done.expires_at == NOON + hours(48)
    account = queued.house.account("anna-web")
    shown = decided.post.post
    assert done.approval_hash == hash_approval(
        "professional", decided.choice, account, WORDS, hash_post(shown)
    )
    (decision,) = log(queued, schema.decisions)
    assert (decision["outcome"], decision["post_sha"]) == (Outcome.APPROVED, hash_post(shown))


def test_every_field_is_bound():
    choice = Choice(
        verb=Verb.COMMENT,
        target_url="https://acme.example/a",
        account="anna",
        network="web",
        channel=Channel.HANDOFF,
    )
    anna = Account(id="anna", network="web", handle="Anna", platform_id="1")
    shown, edited = hash_post(post("a")), hash_post(post("a", text="anders"))
    seen = {
        hash_approval("professional", choice, anna, "text", shown),
        hash_approval("private", choice, anna, "text", shown),
        hash_approval("professional", replace(choice, verb=Verb.LIKE), anna, "text", shown),
        hash_approval("professional", replace(choice, account="b"), anna, "text", shown),
        hash_approval("professional", replace(choice, network="x"), anna, "text", shown),
        hash_approval("professional", replace(choice, target_url="b"), anna, "text", shown),
        hash_approval("professional", choice, replace(anna, platform_id="2"), "text", shown),
        hash_approval("professional", choice, None, "text", shown),
        hash_approval("professional", choice, anna, "text.", shown),
        hash_approval("professional", choice, anna, "text", edited),
    }
    assert len(seen) == 10


def test_a_text_with_a_gap_cannot_be_approved(queued):
    with pytest.raises(PolicyRefused, match="still has a gap"):
        queued.decide(CARD, Approve())
    assert card(queued).state is SuggestionState.WAITING
    assert log(queued, schema.decisions) == []


def test_a_comment_needs_words_and_no_more_than_the_network_takes(queued):
    with pytest.raises(PolicyRefused, match="needs words"):
        queued.decide(CARD, Approve(text="  "))
    with pytest.raises(PolicyRefused, match="the text is 201 long, web takes 200"):
        queued.decide(CARD, Approve(text="x" * 201))


def test_a_network_without_a_limit_takes_any_length(queued):
    hall = queued.hall
    unlimited = {"web": replace(hall.policy["web"], text_limit=None)}
    for policy in (unlimited, {}):
        first = queued.cards()[0].id
        wide = replace(hall, policy=policy)
        decided = engine.decide(queued.store, wide, first, Approve(text="x" * 9999), NOON)
        assert decided.state is SuggestionState.APPROVED


def test_only_a_listed_act_can_be_approved(queued):
    with pytest.raises(UsageError, match=r"does not offer that\. It offers: comment https"):
        queued.decide(CARD, Approve(verb=Verb.LIKE))
    with pytest.raises(UsageError, match="does not offer that"):
        queued.decide(CARD, Approve(target_url="https://elsewhere.example/"))
    with pytest.raises(UsageError, match="does not offer that"):
        queued.decide(CARD, Approve(account="studio", text=WORDS))
    queued.decide(CARD, Approve(verb=Verb.SHARE, account="anna-linkedin"))
    assert (action(queued).choice.network, action(queued).text) == ("linkedin", "")


def test_an_alternative_does_not_carry_the_draft_of_another_verb(queued):
    queued.decide(CARD, Approve(verb=Verb.SHARE))
    assert action(queued).text == ""


def test_a_like_carries_no_text(make_day):
    mine = (Account(id="studio", network="mastodon", handle="@studio"),)
    day = make_day(accounts=mine).seeded()
    day.shelf.show(BLOG, post("a", network="mastodon"))
    day.watch(NOON)
    with pytest.raises(UsageError, match="a like carries no text"):
        day.decide(CARD, Approve(text="schön"))
    assert day.decide(CARD, Approve()).choice.verb is Verb.LIKE


def test_an_account_that_is_gone_acts_no_more(queued):
    queued.house = house(accounts=())
    with pytest.raises(PolicyRefused, match="anna-web is no longer in the configuration"):
        queued.decide(CARD, Approve(text=WORDS))


def test_one_act_on_one_target_happens_once(queued):
    first, second = queued.cards()[:2]
    with queued.store.write() as tx:
        tx.exec_driver_sql("DROP TRIGGER suggestions_frozen")
        tx.execute(
            schema.suggestions.update()
            .where(schema.suggestions.c.id == 2)
            .values(target_url=first.choice.target_url)
        )
    queued.decide(first.id, Approve(text=WORDS))
    with pytest.raises(PolicyRefused, match="already decided or done"):
        queued.decide(second.id, Approve(text=WORDS))
    assert card(queued, second.id).state is SuggestionState.WAITING
    queued.decide(first.id, Undo())
    queued.decide(second.id, Approve(text=WORDS))


def test_no_and_later(queued):
    assert queued.decide(CARD, Skip(reason=SkipReason.MOMENT)).state is SuggestionState.SKIPPED
    later = queued.decide("professional-2", Snooze(until=NOON + days(9)))
    assert (later.state, later.snoozed_until) == (SuggestionState.SNOOZED, NOON + days(9))
    assert later.expires_at == NOON + days(10)
    with pytest.raises(UsageError, match="has passed; name a later time"):
        queued.decide("professional-3", Snooze(until=NOON))
    reasons = [row["reason"] for row in log(queued, schema.decisions)]
    assert reasons == [SkipReason.MOMENT, None]


def test_a_snoozed_card_comes_back_by_itself(queued):
    queued.decide(CARD, Snooze(until=NOON + hours(30)))
    assert CARD not in {each.id for each in queued.cards(NOON + hours(29))}
    assert CARD in {each.id for each in queued.cards(NOON + hours(30))}
    assert engine.settle(queued.store, NOON + hours(31)) == 1
    assert card(queued).state is SuggestionState.WAITING


def test_what_is_decided_or_expired_is_not_decided_again(queued):
    queued.decide(CARD, Skip(reason=SkipReason.OTHER))
    with pytest.raises(PolicyRefused, match="is skipped already; `netbot undo professional-1`"):
        queued.decide(CARD, Approve(text=WORDS))
    with pytest.raises(PolicyRefused, match="has expired"):
        queued.decide("professional-2", Approve(text=WORDS), NOON + days(5))
    for wrong in ("professional-99", "private-1", "professional-x", "1"):
        with pytest.raises(UnknownId):
            queued.decide(wrong, Skip(reason=SkipReason.OTHER))


def test_silence_never_means_yes(queued):
    assert engine.settle(queued.store, NOON + days(5)) == 5
    assert card(queued).state is SuggestionState.EXPIRED
    assert queued.cards(NOON + days(5)) == []
    with pytest.raises(PolicyRefused, match="nobody decided that"):
        queued.decide(CARD, Undo(), NOON + days(5))


def test_the_daily_limit_counts_what_was_decided_today(make_day):
    day = make_day(daily_limit=3).seeded()
    day.shelf.show(BLOG, *(post(name) for name in "abcde"))
    day.watch(NOON)

    def today(now=NOON):
        found = engine.queue(day.store, day.house, now)
        return len(found.cards), found.more, found.decided

    assert today() == (3, 2, 0)
    day.decide("professional-1", Skip(reason=SkipReason.OTHER))
    day.decide("professional-2", Snooze(until=NOON + days(1)))
    assert today() == (1, 2, 2)
    day.decide("professional-1", Undo())
    assert today() == (1, 3, 2)
    assert today(NOON + days(1)) == (3, 2, 0)


def test_hand_over_do_and_remember(queued):
    queued.decide(CARD, Approve(text=WORDS))
    with pytest.raises(PolicyRefused, match="nothing to hand over"):
        engine.hand_off(queued.store, queued.hall, "professional-2", NOON)
    handed, slip = engine.hand_off(queued.store, queued.hall, CARD, NOON)
    assert handed.state is ActionState.HANDED_OFF
    assert (slip.url, slip.text) == ("https://acme.example/a#respond", WORDS)
    assert engine.hand_off(queued.store, queued.hall, CARD, NOON)[1] == slip
    assert engine.confirm(queued.store, CARD, NOON + hours(1)).state is ActionState.CONFIRMED
    with queued.store.read() as tx:
        (touch,) = touches.of_client(tx, "professional", "acme", limit=5)
    assert (touch.kind, touch.direction, touch.text) == ("comment", Direction.OUT, WORDS)
    with pytest.raises(PolicyRefused, match="this act is confirmed already"):
        engine.confirm(queued.store, CARD, NOON)
    states = [(row["from_state"], row["to_state"]) for row in log(queued, schema.history)]
    assert states == [
        (None, "pending"),
        ("pending", "handed_off"),
        ("handed_off", "confirmed"),
    ]


def test_done_without_having_asked_for_the_slip(queued):
    queued.decide(CARD, Approve(text=WORDS))
    assert engine.confirm(queued.store, CARD, NOON).state is ActionState.CONFIRMED
    assert len(log(queued, schema.history)) == 3


def test_not_done_frees_the_target(queued):
    queued.decide(CARD, Approve(text=WORDS))
    assert engine.decline(queued.store, CARD, NOON).state is ActionState.WITHDRAWN
    queued.decide(CARD, Undo())
    queued.decide(CARD, Approve(text=WORDS))
    engine.hand_off(queued.store, queued.hall, CARD, NOON)
    assert engine.decline(queued.store, CARD, NOON).state is ActionState.DECLINED
    assert [each.id for each in engine.handed_off(queued.store, queued.house, NOON)] == []


def test_undo_goes_back_one_step_at_a_time(queued):
    queued.decide(CARD, Approve(text=WORDS))
    engine.confirm(queued.store, CARD, NOON)
    queued.decide(CARD, Undo())
    assert action(queued).state is ActionState.HANDED_OFF
    with queued.store.read() as tx:
        assert touches.of_client(tx, "professional", "acme", limit=5) == []
    assert queued.decide(CARD, Undo()).state is SuggestionState.WAITING
    assert action(queued).state is ActionState.DECLINED
    with pytest.raises(UsageError, match="nothing to undo"):
        queued.decide(CARD, Undo())


def test_a_second_decision_is_undone_without_touching_the_first_act(queued):
    queued.decide(CARD, Approve(text=WORDS))
    queued.decide(CARD, Undo())
    queued.decide(CARD, Skip(reason=SkipReason.OTHER))
    later = NOON + days(30)
    assert queued.decide(CARD, Undo(), later).expires_at == later + days(1)
    assert action(queued).state is ActionState.WITHDRAWN


def test_what_netbot_itself_sent_is_not_undone_here(queued):
    queued.decide(CARD, Approve(text=WORDS))
    seen = action(queued)
    with queued.store.write() as tx:
        acts.move(tx, seen, ActionState.SENDING, NOON)
    with pytest.raises(PolicyRefused, match="just leaving"):
        queued.decide(CARD, Undo())


def test_an_act_is_moved_by_one_only(queued):
    queued.decide(CARD, Approve(text=WORDS))
    seen = action(queued)
    with queued.store.write() as tx:
        acts.move(tx, seen, ActionState.HANDED_OFF, NOON)
        with pytest.raises(StoreError, match="changed elsewhere"):
            acts.move(tx, seen, ActionState.HANDED_OFF, NOON)


def test_approvals_do_not_last_for_ever(queued):
    queued.decide(CARD, Approve(text=WORDS))
    with pytest.raises(PolicyRefused, match="approval has expired"):
        engine.hand_off(queued.store, queued.hall, CARD, NOON + hours(48))
    assert engine.perform(queued.store, queued.hall, NOON + hours(49)) == []
    assert action(queued).state is ActionState.WITHDRAWN
    assert card(queued).state is SuggestionState.EXPIRED


def test_perform_lists_what_waits_for_the_human_and_does_nothing_else(queued):
    for number in (1, 2):
        queued.decide(f"professional-{number}", Approve(text=f"{WORDS} {number}"))
    slips = engine.perform(queued.store, queued.hall, NOON)
    assert [
        (each.suggestion, slip.text[-1]) for each, slip in slips if isinstance(slip, Handoff)
    ] == [
        ("professional-1", "1"),
        ("professional-2", "2"),
    ]
    again = engine.perform(queued.store, queued.hall, NOON + hours(72))
    assert [each.state for each, _ in again] == [ActionState.HANDED_OFF] * 2


def test_an_address_that_cannot_be_opened_stops_no_other_act(queued):
    class Careful(Hands):
        def handoff(self, action, account):
            if action.suggestion == CARD:
                raise Refused("this address is a trick")
            return super().handoff(action, account)

    for number in (1, 2):
        queued.decide(f"professional-{number}", Approve(text=WORDS))
    hall = replace(queued.hall, handoffs=dict.fromkeys(queued.hall.policy, Careful()))
    (first, refused), (second, slip) = engine.perform(queued.store, hall, NOON)
    assert (first.state, str(refused)) == (ActionState.PENDING, "this address is a trick")
    assert (second.state, slip) == (
        ActionState.HANDED_OFF,
        Handoff(url="https://acme.example/b#respond", text=WORDS, prefilled=False),
    )


def test_a_gesture_is_approved_without_account_or_words(day):
    day.seeded().shelf.show(BLOG, post("a", text="Unser Gründer ist verstorben."))
    day.watch(NOON)
    day.decide(CARD, Approve())
    engine.confirm(day.store, CARD, NOON)
    with day.store.read() as tx:
        assert touches.of_client(tx, "professional", "acme", limit=1)[0].kind == "gesture"


def test_an_act_of_netbots_own_waits_in_the_outbox(queued):
    seen = card(queued)
    draft = suggestions.Draft(
        post=seen.post,
        choice=replace(seen.choice, channel=Channel.API),
        alternatives=(),
        verdict=seen.verdict,
        score=seen.score,
        text=WORDS,
        expires_at=NOON + days(1),
    )
    queued.decide(CARD, Skip(reason=SkipReason.OTHER))
    with queued.store.write() as tx:
        number = suggestions.insert_suggestion(tx, draft, NOON)
    mine = f"professional-{number}"
    queued.decide(mine, Approve())
    with pytest.raises(PolicyRefused, match="nothing to hand over"):
        engine.hand_off(queued.store, queued.hall, mine, NOON)
    with queued.store.read() as tx:
        row = tx.execute(schema.outbox.select()).mappings().one()
        assert acts.count(tx) == {ActionState.PENDING: 1}
    assert row["not_before"] == NOON + hours(1 / 60)


def test_forgotten_words_leave_the_card(queued):
    with queued.store.write() as tx:
        tx.execute(schema.texts.delete())
    (first, *_) = queued.cards()
    assert (first.draft, first.verdict.reasons) == ("", ())


def test_every_statement_can_be_said_to_postgresql(day):
    from sqlalchemy import event

    said: list[ClauseElement] = []
    dialect = postgresql.dialect()
    event.listen(day.store.engine, "before_execute", lambda _c, clause, *_: said.append(clause))
    day.seeded().shelf.show(BLOG, *(post(name) for name in "abc"))
    day.watch(NOON)
    day.decide("professional-1", Approve(text=WORDS))
    engine.perform(day.store, day.hall, NOON)
    engine.confirm(day.store, "professional-1", NOON)
    day.decide("professional-1", Undo())
    day.decide("professional-2", Skip(reason=SkipReason.OTHER))
    engine.queue(day.store, day.house, NOON)
    engine.settle(day.store, NOON + days(9))
    assert len(said) > 60
    for clause in said:
        assert str(clause.compile(dialect=dialect))


def test_the_hands_count_what_they_are_given():
    assert Hands().count("Grüße") == 5


def test_another_sphere_that_acts_there_stands_in_the_way(queued, tmp_path):
    theirs = Claims(tmp_path, "private")
    theirs.take(card(queued).choice.target_url)
    queued.claims = Claims(tmp_path, "professional")
    with pytest.raises(PolicyRefused, match="one sphere only"):
        queued.decide(CARD, Approve(text=WORDS))
    assert (card(queued).state, action(queued)) == (SuggestionState.WAITING, None)
    theirs.keep_only([])
    queued.decide(CARD, Approve(text=WORDS))


def test_what_was_taken_back_is_free_for_another_sphere(queued, tmp_path):
    queued.claims = Claims(tmp_path, "professional")
    queued.decide(CARD, Approve(text=WORDS))
    theirs, target = Claims(tmp_path, "private"), card(queued).choice.target_url
    assert engine.release(queued.store, queued.hall) == 0
    with pytest.raises(PolicyRefused):
        theirs.take(target)
    queued.decide(CARD, Undo())
    assert theirs.take(target)


def test_what_is_personal_claims_nothing(day, tmp_path):
    day.seeded().claims = Claims(tmp_path, "professional")
    day.shelf.show(BLOG, post("a", text="Unser Gründer ist verstorben."))
    day.watch(NOON)
    day.decide(CARD, Approve(text="Mein Beileid."))
    assert list((tmp_path / "claims").iterdir()) == []
