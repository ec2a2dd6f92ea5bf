"""Thank-yous: from a favour to a card, to the human's own hands, and what tact has to say."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from netbot.claims import Claims
from netbot.engine import (
    Approve,
    FalseAlarm,
    Skip,
    Snooze,
    Undo,
    confirm,
    end_peace,
    hand_off,
    hear,
    held,
    hold_of,
    leave_in_peace,
    perform,
    settle,
    thank,
    trace,
    vanish,
)
from netbot.engine.taste import learn_order
from netbot.model import (
    ActionState,
    Channel,
    ClientStatus,
    EngagementKind,
    Gone,
    PolicyRefused,
    Refused,
    SkipReason,
    Source,
    StoredPost,
    SuggestionState,
    UnknownId,
    Verb,
)
from netbot.networks.handoff import Handoffs
from netbot.rules.loading import Rules
from netbot.store import acts, judgements, performed, suggestions, touches
from tests.actor import STUDIO, TOOTER, toot
from tests.ears import ListeningDay, done
from tests.house import NOON, days, hours

KIND = EngagementKind
MOURNING = "Unsere Gründerin ist gestern verstorben. Danke für deinen Beitrag."


@pytest.fixture
def listen(values: Rules) -> Iterator[Callable[..., ListeningDay]]:
    made: list[ListeningDay] = []

    def make(**facts: Any) -> ListeningDay:
        made.append(ListeningDay(values, **facts))
        return made[-1]

    yield make
    for day in made:
        day.store.close()


@pytest.fixture
def day(listen: Callable[..., ListeningDay]) -> ListeningDay:
    return listen().begun()


def test_a_favour_makes_a_card_that_names_it(day):
    heard = day.hear(NOON, done("1"))
    assert heard.cards == 1
    [card] = day.cards()
    assert (card.choice.verb, card.choice.channel) == (Verb.THANK, Channel.HANDOFF)
    assert (card.choice.account, card.choice.network) == ("studio", "mastodon")
    assert card.choice.target_url == card.post.post.url == "https://a.example/@acme"
    assert card.expires_at == NOON + days(21)
    assert card.draft == "Thank you for passing on my post. I was very glad about it."
    [favour] = card.favours
    assert (favour.kind, favour.object_url) == (KIND.SHARE, "https://a.example/@studio/1")
    assert card.post.post.published_at == favour.at == NOON


def test_a_like_or_a_follower_makes_none(day):
    assert day.hear(NOON, done("1", KIND.LIKE), done("2", KIND.FOLLOW)).cards == 0
    assert day.cards() == []
    assert len(day.contacts()) == 2


def test_one_card_however_many_favours_came_in(day):
    told = done("1"), done("2", KIND.REPLY, at=NOON)
    assert day.hear(NOON, *told).cards == 1
    later = NOON + hours(1)
    assert day.hear(later, done("3", KIND.MENTION, at=later), done("4", at=later)).cards == 0
    [card] = day.cards(later)
    assert [each.kind for each in card.favours] == [
        KIND.SHARE,
        KIND.REPLY,
        KIND.MENTION,
        KIND.SHARE,
    ]
    assert card.draft == (
        "Herzlichen Dank fürs Weitergeben meines Beitrags, für die Antwort auf meinen Beitrag und "
        "für die Erwähnung. Darüber habe ich mich sehr gefreut."
    )
    assert card.expires_at == later + days(21)
    assert card.score.total == 4
    assert card.post.post.text == "Das hilft uns sehr.\n\nDas hilft uns sehr."
    assert card.choice.target_url == "https://a.example/@acme/2"
    assert [each.target_url for each in card.alternatives] == [
        "https://a.example/@acme",
        "https://a.example/@acme/3",
    ]


def test_a_sleeping_card_takes_what_comes_in_and_sleeps_on(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    day.decide(card.id, Snooze(until=NOON + days(2)))
    later = NOON + days(1)
    assert day.hear(later, done("2", at=later)).cards == 0
    assert day.cards(later) == []
    [card] = day.cards(NOON + days(2))
    assert len(card.favours) == 2


def test_a_card_that_was_skipped_is_over_and_the_next_favour_is_new(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    day.decide(card.id, Skip(reason=SkipReason.OTHER))
    later = NOON + days(1)
    assert day.hear(later, done("2", at=later)).cards == 1
    [fresh] = day.cards(later)
    assert [each.at for each in fresh.favours] == [later]


def test_the_draft_is_in_the_language_of_the_client(listen):
    day = listen(clients=(replace(TOOTER, language="de"),)).begun()
    day.hear(NOON, done("1"), done("2", KIND.MENTION))
    [card] = day.cards()
    assert card.draft == (
        "Herzlichen Dank fürs Weitergeben meines Beitrags und für die Erwähnung. "
        "Darüber habe ich mich sehr gefreut."
    )


def test_thank_yous_lie_before_what_clients_publish(day):
    [public] = day.tell("a")
    day.hear(NOON, done("1"))
    assert [card.choice.verb for card in day.cards()] == [Verb.THANK, public.choice.verb]


def thanked(day: ListeningDay, id: str, now=NOON) -> None:
    day.decide(id, Approve(), now)
    hand_off(day.store, day.hall, id, now)
    confirm(day.store, id, now)


def test_it_goes_through_the_human_s_own_hands_and_is_a_contact(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    day.decide(card.id, Approve(text="Danke, das war lieb."))
    assert day.send(NOON + days(1)).sent == 0
    assert day.stage.calls == []
    [(action, handoff)] = perform(day.store, day.hall, NOON)
    assert not isinstance(handoff, Refused)
    assert (action.state, handoff.text) == (ActionState.HANDED_OFF, "Danke, das war lieb.")
    confirm(day.store, card.id, NOON)
    assert day.contacts() == [("out", "thank", "Danke, das war lieb."), ("in", "share", "")]


def test_what_is_opened_is_their_page_and_nothing_public_is_filled_in(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    day.decide(card.id, Approve())
    with day.store.read() as tx:
        action = acts.latest(tx, "professional", card.id)
    assert action is not None
    handoff = Handoffs("mastodon").handoff(action, STUDIO)
    assert (handoff.url, handoff.prefilled) == ("https://a.example/@acme", False)


def test_one_may_thank_again_for_the_next_favour(day):
    day.hear(NOON, done("1"))
    thanked(day, day.cards()[0].id)
    later = NOON + days(9)
    day.hear(later, done("2", at=later))
    [card] = day.cards(later)
    thanked(day, card.id, later)
    assert [kind for _, kind, _ in day.contacts()] == ["thank", "share"] * 2


def test_no_dose_and_no_cap_counts_a_thank_you(day):
    day.hear(NOON, done("1"))
    thanked(day, day.cards()[0].id)
    with day.store.read() as tx:
        assert performed.after(tx, NOON - days(1)) == []
        assert touches.times(tx, since=NOON - days(1), thanks=False) == {}
        assert touches.times(tx, since=NOON - days(1)) == {"acme": [NOON]}


def test_another_sphere_may_thank_the_same_person(day, tmp_path):
    day.claims = Claims(tmp_path, "professional")
    day.hear(NOON, done("1"))
    [card] = day.cards()
    assert day.decide(card.id, Approve()).state is SuggestionState.APPROVED
    held = {each.name for each in tmp_path.rglob("*") if each.is_file()}
    assert held == {"claims.key"}  # and no claim on the page


def test_a_post_that_is_gone_takes_no_thank_you_with_it(day):
    [public] = day.tell("a")
    mine = thank(day.store, day.desk, "acme", NOON, about=public)

    def reread(post: StoredPost) -> None:
        raise Gone("not there")

    assert vanish(day.store, day.desk, reread, NOON) == [public.id]
    assert [card.id for card in day.cards()] == [mine.id]


def test_a_thank_you_is_nobodys_taste(day):
    day.hear(NOON, done("1"))
    thanked(day, day.cards()[0].id)
    with day.store.read() as tx:
        assert judgements.judgements(tx, limit=10) == []
    assert learn_order(day.store) == 0


@pytest.mark.parametrize("status", [ClientStatus.RESTING, ClientStatus.ENDED])
def test_where_nothing_is_suggested_there_is_no_card(listen, status):
    day = listen(clients=(replace(TOOTER, status=status),)).begun()
    heard = day.hear(NOON, done("1"))
    assert heard.cards == 0
    assert heard.kept == (status is ClientStatus.RESTING)
    assert len(day.contacts()) == heard.kept


def test_words_against_a_conviction_are_not_thanked_for(day):
    text = "Das Glücksspiel im Beitrag ist großartig."
    assert day.hear(NOON, done("1", KIND.REPLY, text=text)).cards == 0
    assert day.contacts() == [("in", "reply", text)]


def test_words_that_would_be_nonsense_as_a_post_are_kind_as_an_answer(day):
    day.hear(NOON, done("1", KIND.REPLY, text="Dein Gewinnspiel war lustig."))
    assert len(day.cards()) == 1


def test_words_that_are_a_moment_for_tact_bring_peace_and_no_thanks(day):
    [public] = day.tell("a")
    heard = day.hear(NOON, done("1"), done("2", KIND.REPLY, text=MOURNING))
    assert heard.cards == 2  # the other one lies unseen
    [card] = day.cards()
    assert card.choice.verb is Verb.GESTURE
    assert (card.choice.account, card.choice.target_url) == (None, "https://a.example/@acme/2")
    assert card.post.post.text == MOURNING
    assert card.verdict.reasons == ()
    assert [reason.rule for reason in trace(day.store, day.desk, card, NOON).reasons] == [
        "bereavement"
    ]
    hold = hold_of(day.store, "acme", NOON)
    assert hold is not None
    assert hold.until == NOON + days(14)
    assert public.id not in {each.id for each in day.cards()}


def test_a_second_moment_only_lengthens_the_peace(day):
    day.hear(NOON, done("1", KIND.REPLY, text=MOURNING))
    later = NOON + days(2)
    assert day.hear(later, done("2", KIND.REPLY, text=MOURNING, at=later)).cards == 0
    hold = hold_of(day.store, "acme", later)
    assert hold is not None
    assert hold.until == later + days(14)
    assert len(day.cards(later)) == 1


def test_where_the_house_knows_no_peace_each_moment_has_its_card(listen):
    day = listen(peace_days=0).begun()
    told = (done(str(n), KIND.REPLY, text=MOURNING) for n in range(2))
    assert day.hear(NOON, *told).cards == 2
    assert hold_of(day.store, "acme", NOON) is None


def test_a_false_alarm_brings_the_thank_you_to_light(day):
    day.hear(NOON, done("1"), done("2", KIND.REPLY, text=MOURNING))
    [gesture] = day.cards()
    day.decide(gesture.id, FalseAlarm(), NOON + hours(1))
    [card] = day.cards(NOON + hours(1))
    assert (card.choice.verb, len(card.favours)) == (Verb.THANK, 1)


def test_in_peace_thank_yous_lie_unseen_and_take_what_comes_in(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    leave_in_peace(day.store, "acme", NOON + days(14), NOON)
    assert day.cards() == []
    with pytest.raises(PolicyRefused, match="left in peace"):
        day.decide(card.id, Approve())
    later = NOON + days(1)
    assert day.hear(later, done("2", at=later)).cards == 0
    settle(day.store, NOON + days(13))
    end_peace(day.store, day.house, "acme", NOON + days(13))
    [card] = day.cards(NOON + days(13))
    assert len(card.favours) == 2


def test_what_was_approved_waits_as_long_as_there_is_peace(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    day.decide(card.id, Approve())
    leave_in_peace(day.store, "acme", NOON + days(1), NOON)
    assert [action.suggestion for action in held(day.store, day.house, NOON)] == [card.id]
    with pytest.raises(PolicyRefused, match="left in peace"):
        hand_off(day.store, day.hall, card.id, NOON)


def test_it_expires_after_three_weeks(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    settle(day.store, NOON + days(21))
    with day.store.read() as tx:
        after = suggestions.get(tx, "professional", card.id)
    assert after.state is SuggestionState.EXPIRED


def test_a_decision_about_it_can_be_undone(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    thanked(day, card.id)
    assert day.decide(card.id, Undo()).state is SuggestionState.APPROVED
    assert day.contacts() == [("in", "share", "")]
    assert day.decide(card.id, Undo()).state is SuggestionState.WAITING


def test_the_human_may_wish_to_thank_for_a_post(day):
    [public] = day.tell("a")
    card = thank(day.store, day.desk, "acme", NOON, about=public)
    assert (card.choice.verb, card.choice.account) == (Verb.THANK, "studio")
    assert card.post.id == public.post.id
    assert card.choice.target_url == public.choice.target_url
    assert card.favours == ()
    assert card.draft == "Herzlichen Dank […]. Darüber habe ich mich sehr gefreut."
    with pytest.raises(PolicyRefused, match="gap"):
        day.decide(card.id, Approve())
    assert {each.id for each in day.cards()} == {card.id, public.id}


def test_one_that_waits_already_is_that_card_and_a_sleeping_one_wakes(day):
    day.hear(NOON, done("1"))
    [card] = day.cards()
    assert thank(day.store, day.desk, "acme", NOON).id == card.id
    day.decide(card.id, Snooze(until=NOON + days(30)))
    late = NOON + days(30.9)
    assert thank(day.store, day.desk, "acme", late).expires_at == late + days(1)
    assert [each.id for each in day.cards(late)] == [card.id]


def test_a_client_is_thanked_at_the_page_that_is_named(listen):
    places = (
        Source(client="acme", network="mastodon", address="@acme@a.example"),
        Source(client="acme", network="web", address="https://acme.example/team"),
    )
    day = listen(clients=(replace(TOOTER, handles=places),))
    card = thank(day.store, day.desk, "acme", NOON)
    assert card.choice.target_url == card.post.post.url == "https://acme.example/team"
    assert card.choice.account is None
    assert card.post.post.published_at is None


def test_else_where_they_published_last(day):
    day.tell("a")
    card = thank(day.store, day.desk, "acme", NOON)
    assert card.choice.target_url == "https://a.example/@acme/a"
    assert card.post.id == 0


def test_and_else_nowhere(day):
    day.seeded()
    day.shelf.show("@acme@a.example", toot("a", url=""))
    day.watch(NOON)
    with pytest.raises(PolicyRefused, match="handles"):
        thank(day.store, day.desk, "acme", NOON)
    with pytest.raises(UnknownId, match="no client zeta"):
        thank(day.store, day.desk, "zeta", NOON)


def test_nobody_who_is_left_in_peace_is_thanked_by_hand(day):
    [public] = day.tell("a")
    leave_in_peace(day.store, "acme", NOON + days(1), NOON)
    with pytest.raises(PolicyRefused, match="left in peace"):
        thank(day.store, day.desk, "acme", NOON, about=public)


def test_a_client_who_left_the_configuration_meanwhile_is_a_stranger(day):
    day.house = replace(day.house, clients=())
    assert day.hear(NOON, done("1")).kept == 0


def test_a_thank_you_by_hand_takes_the_favours_that_come_in(day):
    [public] = day.tell("a")
    mine = thank(day.store, day.desk, "acme", NOON, about=public)
    assert hear(day.store, day.desk, {"studio": day.ears}, NOON).kept == 0
    later = NOON + hours(1)
    assert day.hear(later, done("1", at=later)).cards == 0
    with day.store.read() as tx:
        card = suggestions.get(tx, "professional", mine.id)
    assert [each.kind for each in card.favours] == [KIND.SHARE]
    assert card.post.id == public.post.id
