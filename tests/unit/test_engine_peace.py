"""A client in a sad moment is left in peace: cards, posts, approved acts, and how it ends."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from netbot import engine
from netbot.engine import Approve, FalseAlarm, Skip, Snooze, Undo
from netbot.engine.gate import IN_PEACE
from netbot.model import (
    Action,
    ActionState,
    Client,
    ClientStatus,
    PolicyRefused,
    Ruling,
    SkipReason,
    SuggestionState,
    UsageError,
    Verb,
)
from netbot.store import accounts, acts, holds, suggestions, touches
from tests.actor import TOOTER, TOOTS, ActingDay, toot
from tests.house import ACME, BLOG, NOON, SECOND, Day, days, hours, post

SAD = "Unser Gründer ist verstorben."
FAREWELL = "Schweren Herzens gebe ich den Vorsitz des Vereins ab."
REST = Skip(reason=SkipReason.OTHER)
LATER = NOON + hours(2)


class Office(ActingDay):
    """A day in which netbot itself acts, and time has its say before."""

    def send(self, now: datetime) -> engine.Dispatch:
        engine.settle(self.store, now)
        return super().send(now)

    def act(self, id: str) -> Action:
        with self.store.read() as tx:
            found = acts.latest(tx, "professional", id)
        assert found is not None
        return found

    def sadden(self, now: datetime = LATER) -> None:
        self.shelf.show(TOOTS, toot("sad", text=SAD, published_at=now))
        self.watch(now)


@pytest.fixture
def office(values) -> Iterator[Office]:
    made = Office(values)
    yield made
    made.store.close()


def sadden(day: Day, name: str = "sad", now=LATER, where: str = SECOND, **facts) -> None:
    day.shelf.show(where, post(name, text=SAD, **({"published_at": now} | facts)))
    day.watch(now)


def verbs(day: Day, now=LATER) -> list[Verb]:
    return [card.choice.verb for card in day.cards(now)]


def until(day: Day, now=LATER):
    with day.store.read() as tx:
        return holds.quiet(tx, now).get("acme")


def test_a_death_notice_after_five_cards_one_of_them_approved_and_waiting(office: Office):
    first, *rest = office.tell(*"abcde")
    assert len(rest) == 4
    office.decide(first.id, Approve(), LATER - hours(0.01))
    office.sadden()
    soon = LATER + hours(0.01)
    assert verbs(office, soon) == [Verb.GESTURE]
    for step in range(0, 15 * 24, 3):
        now = soon + hours(step)
        office.send(now)
        office.watch(now)
        assert set(verbs(office, now)) <= {Verb.GESTURE}
        assert engine.handed_off(office.store, office.house, now) == []
    assert office.stage.calls == []
    assert office.act(first.id).state is ActionState.WITHDRAWN
    with office.store.read() as tx:
        cards = suggestions.count(tx)
    assert cards[SuggestionState.EXPIRED] == 5


def test_what_waits_says_why_and_never_leaves(office: Office):
    (card,) = office.tell("a")
    office.decide(card.id, Approve())
    office.sadden()
    office.send(LATER)
    assert office.act(card.id).note == IN_PEACE
    assert [action.suggestion for action in engine.outbox(office.store)] == [card.id]


def test_a_false_alarm_lets_an_approved_act_leave_after_all(office: Office):
    chosen, other = office.tell("a", "b")
    office.decide(chosen.id, Approve())
    office.sadden()
    office.send(LATER)
    (gesture,) = office.cards(LATER)
    office.decide(gesture.id, FalseAlarm(), LATER)
    assert [card.id for card in office.cards(LATER)] == [other.id]
    assert office.send(LATER).sent == 0, "there is time to change one's mind again"
    assert office.send(LATER + hours(0.1)).sent == 1
    assert office.act(chosen.id).state is ActionState.SENT


def test_only_what_waits_for_peace_is_hurried(office: Office):
    (early,) = office.tell("a")
    office.decide(early.id, Approve())
    office.sadden()
    office.send(LATER)
    act = office.act(early.id)
    with office.store.write() as tx:
        acts.postpone(tx, act, LATER + days(1), "another reason", LATER)
    engine.end_peace(office.store, office.house, "acme", LATER)
    assert office.act(early.id).not_before == LATER + days(1)


def test_approvals_that_grew_old_meanwhile_come_back_as_cards(office: Office):
    (card,) = office.tell("a")
    office.decide(card.id, Approve())
    office.sadden()
    alarm = LATER + days(5)
    office.send(alarm)
    (gesture,) = office.cards(alarm)
    office.decide(gesture.id, FalseAlarm(), alarm)
    (back,) = office.cards(alarm)
    assert (back.id, back.state) == (card.id, SuggestionState.WAITING)
    assert office.send(alarm + hours(1)).sent == 0


def test_all_public_cards_wait_unseen_and_come_back_with_their_time(day: Day):
    day.seeded().shelf.show(BLOG, post("a"), post("b"))
    day.watch(NOON)
    first, second = day.cards()
    day.decide(second.id, Snooze(until=NOON + days(1)))
    sadden(day)
    (gesture,) = day.cards(LATER)
    assert (gesture.choice.verb, until(day)) == (Verb.GESTURE, LATER + days(14))
    later = LATER + days(9)
    assert engine.settle(day.store, later) == 1, "the sleeping one wakes, unseen"
    day.decide(gesture.id, FalseAlarm(), later)
    shown = {card.id: card for card in day.cards(later)}
    assert shown.keys() == {first.id, second.id}
    assert shown[first.id].expires_at == first.expires_at + days(9)
    assert until(day, later) is None


def test_who_comes_back_late_has_a_day_at_least(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    (card,) = day.cards()
    sadden(day, now=card.expires_at - hours(1))
    soon = card.expires_at - hours(0.9)
    assert engine.end_peace(day.store, day.house, "acme", soon)
    _gesture, back = day.cards(soon)
    assert back.expires_at == soon + hours(24)
    assert not engine.end_peace(day.store, day.house, "acme", soon)


def test_after_two_weeks_nothing_old_floods_in(day: Day):
    day.seeded().shelf.show(BLOG, post("a"), post("b"))
    day.watch(NOON)
    sadden(day)
    day.shelf.show(BLOG, post("merry", published_at=NOON + days(3)))
    assert day.watch(NOON + days(3)).suggested == 0
    over = LATER + days(14)
    assert until(day, over) is None
    engine.settle(day.store, over)
    assert verbs(day, over) == [Verb.GESTURE]
    day.shelf.show(BLOG, post("merry", published_at=NOON + days(3)), post("z", published_at=over))
    assert day.watch(over + hours(1)).suggested == 1


def test_a_second_moment_lengthens_and_makes_no_second_card(day: Day):
    sadden(day.seeded())
    (gesture,) = day.cards(LATER)
    again = LATER + days(2)
    sadden(day, "wake", again)
    assert (until(day, again), len(day.cards(again))) == (again + days(14), 1)
    day.decide(gesture.id, REST, again)
    third = LATER + days(4)
    sadden(day, "third", third)
    assert (until(day, third), day.cards(third)) == (third + days(14), [])
    with day.store.read() as tx:
        hold = holds.of_client(tx, "acme", third)
    assert hold is not None
    assert hold.since == LATER


def test_two_moments_at_once_make_one_card(day: Day):
    day.seeded().shelf.show(BLOG, post("a", text=SAD), post("b", text=SAD + " Wir trauern."))
    assert day.watch(NOON).suggested == 1


def test_after_a_false_alarm_the_same_story_holds_no_more(day: Day):
    sadden(day.seeded())
    (gesture,) = day.cards(LATER)
    day.decide(gesture.id, FalseAlarm(), LATER)
    soon = LATER + hours(2)
    day.shelf.show(SECOND, post("sad", text=SAD + " Berichtigt.", published_at=LATER))
    assert day.watch(soon).changed == 1
    assert until(day, soon) is None
    sadden(day, "another", soon + hours(2))
    assert len(day.cards(soon + hours(2))) == 1


def test_a_false_alarm_can_be_taken_back(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    sadden(day)
    (gesture,) = day.cards(LATER)
    day.decide(gesture.id, FalseAlarm(), LATER)
    assert verbs(day) == [Verb.COMMENT]
    day.decide(gesture.id, Undo(), LATER + hours(1))
    assert (verbs(day), until(day)) == ([Verb.GESTURE], LATER + days(14))


def test_to_rest_keeps_the_peace_and_so_does_a_letter(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    sadden(day)
    (gesture,) = day.cards(LATER)
    day.decide(gesture.id, REST, LATER)
    assert (verbs(day), until(day)) == ([], LATER + days(14))
    day.decide(gesture.id, Undo(), LATER)
    assert until(day) == LATER + days(14)
    day.decide(gesture.id, Approve(), LATER)
    engine.hand_off(day.store, day.hall, gesture.id, LATER)
    engine.confirm(day.store, gesture.id, LATER)
    assert (verbs(day), until(day)) == ([], LATER + days(14))
    with day.store.read() as tx:
        assert [t.kind for t in touches.of_client(tx, "professional", "acme", limit=9)] == [
            "gesture"
        ]


def test_a_card_that_is_open_in_another_window_is_refused(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    (card,) = day.cards()
    sadden(day)
    with pytest.raises(PolicyRefused, match="in peace until 2026-12-07; `netbot client peace acme"):
        day.decide(card.id, Approve(text="Schön!"), LATER)
    day.decide(card.id, REST, LATER)


def test_acts_by_hand_are_not_offered_and_come_back(day: Day):
    day.seeded().shelf.show(BLOG, post("a"), post("b"))
    day.watch(NOON)
    begun, waiting = day.cards()
    for card in (begun, waiting):
        day.decide(card.id, Approve(text="Schön!"))
    engine.hand_off(day.store, day.hall, begun.id, NOON)
    sadden(day)
    assert engine.perform(day.store, day.hall, LATER) == []
    held = engine.held(day.store, day.house, LATER)
    assert [action.suggestion for action in held] == [begun.id, waiting.id]
    with pytest.raises(PolicyRefused, match="left in peace"):
        engine.hand_off(day.store, day.hall, begun.id, LATER)
    engine.end_peace(day.store, day.house, "acme", LATER)
    assert len(engine.perform(day.store, day.hall, LATER)) == 2
    assert engine.held(day.store, day.house, LATER) == []


def test_an_act_that_the_human_has_done_all_the_same_is_noted(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    (card,) = day.cards()
    day.decide(card.id, Approve(text="Schön!"))
    sadden(day)
    assert engine.confirm(day.store, card.id, LATER).state is ActionState.CONFIRMED


def test_other_clients_are_not_held(make_day: Callable[..., Day]):
    other = Client(id="other", name="Other", sources=(replace(ACME.sources[1], client="other"),))
    day = make_day(replace(ACME, sources=ACME.sources[:1]), other).seeded()
    day.shelf.show(SECOND, post("x", url="https://second.example/x"))
    day.watch(NOON)
    sadden(day, where=BLOG)
    assert {card.client: card.choice.verb for card in day.cards(LATER)} == {
        "acme": Verb.GESTURE,
        "other": Verb.COMMENT,
    }


def test_a_moment_of_last_week_counts_and_one_of_last_month_does_not(day: Day):
    day.seeded().shelf.show(BLOG, post("old", text=SAD, published_at=NOON - days(20)))
    assert (day.watch(NOON).suggested, until(day, NOON)) == (0, None)
    day.shelf.show(SECOND, post("new", text=SAD, published_at=NOON - days(10)))
    later = NOON + hours(2)
    assert (day.watch(later).suggested, until(day, later)) == (1, later + days(14))


def test_without_days_of_peace_only_the_card_is_made(make_day: Callable[..., Day]):
    day = make_day(peace_days=0).seeded()
    day.shelf.show(BLOG, post("a"), post("b", text=SAD), post("c", text=SAD + " Auch er."))
    assert day.watch(NOON).suggested == 3
    assert until(day, NOON) is None


def test_a_moment_that_is_refused_as_well_holds_without_a_card(day: Day):
    day.seeded().shelf.show(BLOG, post("a", text=f"Glücksspiel: {SAD}"))
    assert (day.watch(NOON).suggested, until(day, NOON)) == (0, NOON + days(14))


def test_a_moment_among_nonsense_is_a_moment(day: Day):
    day.seeded().shelf.show(BLOG, post("a", text=f"Gewinnspiel! {SAD}"))
    day.watch(NOON)
    (card,) = day.cards()
    assert (card.choice.verb, until(day, NOON)) == (Verb.GESTURE, NOON + days(14))
    assert [reason.rule for reason in card.verdict.reasons] == ["raffle"]


def test_a_story_that_turns_sad_elsewhere_takes_its_merry_card_along(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    day.shelf.show(SECOND, post("z", title=post("a").title, text=SAD, published_at=NOON))
    assert day.watch(LATER).suggested == 1
    assert verbs(day) == [Verb.GESTURE]
    with day.store.read() as tx:
        assert suggestions.count(tx)[SuggestionState.SUPERSEDED] == 1


def test_what_the_moment_was_is_stored_nowhere(day: Day):
    sadden(day.seeded())
    day.shelf.show(SECOND, post("sad", text=SAD + " Mehr.", published_at=LATER))
    day.watch(LATER + hours(2))
    (card,) = day.cards(LATER + hours(2))
    assert (card.verdict.ruling, card.verdict.link, card.verdict.reasons) == (
        Ruling.SKIP,
        "moment",
        (),
    )
    with day.store.read() as tx:
        dump = [
            str(row)
            for table in ("suggestions", "holds", "decisions", "texts")
            for row in tx.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert not [row for row in dump if "bereavement" in row or "Todesfall" in row]
    trace = engine.trace(day.store, day.desk, card, LATER)
    assert [(reason.rule, reason.matched) for reason in trace.reasons] == [
        ("bereavement", "verstorben")
    ]


def test_other_cards_tell_what_they_kept(day: Day):
    day.seeded().shelf.show(BLOG, post("a", text="Studie: KI ersetzt bald alle Berufe."))
    day.watch(NOON)
    (card,) = day.cards()
    assert engine.trace(day.store, day.desk, card, NOON) == card.verdict


def test_a_false_alarm_is_about_a_moment_only(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    with pytest.raises(UsageError, match="no moment for tact"):
        day.decide(day.cards()[0].id, FalseAlarm())


def test_the_human_may_leave_anybody_in_peace(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    engine.leave_in_peace(day.store, "acme", NOON + days(3), NOON)
    assert day.cards() == []
    assert [hold.client for hold in engine.left_in_peace(day.store, NOON)] == ["acme"]
    sadden(day)
    assert verbs(day) == [Verb.GESTURE], "nobody has spoken of this moment yet"
    hold = engine.hold_of(day.store, "acme", LATER)
    assert hold is not None
    assert (hold.since, hold.until) == (NOON, LATER + days(14))


def test_posts_that_a_human_wishes_for_are_refused_meanwhile(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    wished = day.cards()[0].post.id
    sadden(day)
    with pytest.raises(PolicyRefused, match="left in peace"):
        engine.propose(day.store, day.desk, wished, LATER)
    (gesture,) = day.cards(LATER)
    assert engine.propose(day.store, day.desk, gesture.post.id, LATER).id == gesture.id


def test_a_rule_that_likes_something_may_ask_for_a_letter(day: Day):
    """Not every personal card is about a sad moment; a held client has none of these."""
    from netbot.engine.suggest import Suggester
    from netbot.model import Verdict

    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    (card,) = day.cards()
    letter = Verdict(ruling=Ruling.PASS, link=None, suggest=("gesture",))
    with day.store.write() as tx:
        maker = Suggester(tx=tx, sphere="professional", desk=day.desk, client=ACME, now=NOON)
        maker.reconsider(card.post.story, card.post.id, letter)
    (after,) = day.cards()
    assert (after.choice.verb, until(day, NOON)) == (Verb.GESTURE, None)


@pytest.mark.parametrize("status", [ClientStatus.RESTING, ClientStatus.ENDED])
def test_with_whom_it_rests_or_ended_nothing_public_happens(office: Office, status: ClientStatus):
    chosen, other = office.tell("a", "b")
    office.decide(chosen.id, Approve())
    office.house = replace(office.house, clients=(replace(TOOTER, status=status),))
    assert office.cards() == []
    assert office.send(LATER).sent == 0
    office.shelf.show(TOOTS, *(toot(name) for name in "abc"))
    report = office.watch(LATER)
    assert report.suggested == 0
    assert report.new == (1 if status is ClientStatus.RESTING else 0)
    with pytest.raises(PolicyRefused, match=f"is {status} in the configuration"):
        office.decide(other.id, Approve(), LATER)


def test_in_memoriam_nothing_is_watched_and_nothing_comes_up(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.house = replace(day.house, clients=(replace(ACME, status=ClientStatus.IN_MEMORIAM),))
    assert day.watch(NOON).looked == 0
    assert day.house.sources == ()


def test_a_client_who_left_the_configuration_is_named_by_id(day: Day):
    day.seeded().shelf.show(BLOG, post("a"))
    day.watch(NOON)
    (card,) = day.cards()
    sadden(day)
    day.house = replace(day.house, clients=())
    with pytest.raises(PolicyRefused, match="acme is left in peace"):
        day.decide(card.id, Approve(text="Schön!"), LATER)
    assert engine.quiet_now(day.store, day.house, LATER) == {"acme"}


def test_what_was_sent_lately_and_what_is_frozen_is_listed(office: Office):
    (card,) = office.tell("a")
    office.decide(card.id, Approve())
    office.send(LATER)
    assert [action.suggestion for action in engine.sent(office.store, LATER)] == [card.id]
    assert engine.sent(office.store, LATER + days(31)) == []
    assert engine.frozen_accounts(office.store, office.house) == []
    with office.store.write() as tx:
        accounts.freeze(tx, "studio", LATER, "blocked")
    assert [each.account for each in engine.frozen_accounts(office.store, office.house)] == [
        "studio"
    ]


def test_where_a_rule_is_less_sure_only_the_post_is_left_alone(day: Day):
    merry = verbs(day.seeded())
    day.shelf.show(SECOND, post("bye", text=FAREWELL, published_at=LATER))
    day.watch(LATER)
    assert sorted(verbs(day)) == sorted([Verb.GESTURE, *merry])
    assert until(day) is None
    later = LATER + hours(2)
    sadden(day, now=later)
    assert until(day, later) == later + days(14)
    assert verbs(day, later) == [Verb.GESTURE, Verb.GESTURE]


def test_a_farewell_of_who_is_left_in_peace_makes_no_card(day: Day):
    sadden(day)
    day.shelf.show(SECOND, post("bye", text=FAREWELL, published_at=LATER))
    day.watch(LATER + hours(1))
    assert verbs(day, LATER + hours(1)) == [Verb.GESTURE]
