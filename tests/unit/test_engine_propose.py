import re
from dataclasses import replace

import pytest

from netbot.engine import Approve, Skip, Snooze, propose, take_up, vanish
from netbot.model import (
    Client,
    Gone,
    PolicyRefused,
    SkipReason,
    Source,
    SuggestionState,
    Transient,
    UnknownId,
    Verb,
)
from netbot.network import Batch
from netbot.store import posts, sources, suggestions
from tests.house import ACME, BLOG, NOON, SECOND, days, hours, house, post

OLD = NOON - days(400)


def remembered(day, *shown):
    """Posts that stood in a source when it was first seen; their ids by their names."""
    day.shelf.show(BLOG, *shown)
    day.watch(NOON)
    with day.store.read() as tx:
        found = posts.recent(tx, "acme", since=NOON)
    return {each.post.keys[0].removeprefix("id:"): each.id for each in found}


def state(day, id):
    with day.store.read() as tx:
        return suggestions.get(tx, "professional", id).state


def test_a_post_of_any_age_can_be_queued_by_hand(day):
    ids = remembered(day, post("founding", published_at=OLD))
    assert day.cards() == []
    card = propose(day.store, day.desk, ids["founding"], NOON)
    assert [each.id for each in day.cards()] == [card.id]
    assert card.state is SuggestionState.WAITING
    assert card.choice.verb is Verb.COMMENT
    assert card.draft
    assert card.score.parts["wish"] == card.score.total == 5.0
    assert day.decide(card.id, Approve(text="Auf die nächsten Jahre!")).id == card.id


def test_a_wish_lies_above_what_netbot_found(day):
    ids = remembered(day, post("new"), post("founding", published_at=OLD))
    wished = propose(day.store, day.desk, ids["founding"], NOON)
    assert day.cards()[0].id == wished.id


def test_wishing_twice_or_for_what_waits_already_makes_no_second_card(day):
    ids = remembered(day, post("new"), post("founding", published_at=OLD))
    waiting = {card.post.id: card.id for card in day.cards()}
    assert propose(day.store, day.desk, ids["new"], NOON).id == waiting[ids["new"]]
    first = propose(day.store, day.desk, ids["founding"], NOON)
    assert propose(day.store, day.desk, ids["founding"], NOON).id == first.id
    assert len(day.cards()) == 2


def test_a_wish_wakes_a_card_that_sleeps(day):
    ids = remembered(day, post("new"))
    [card] = day.cards()
    day.decide(card.id, Snooze(until=NOON + days(3)))
    assert day.cards() == []
    assert propose(day.store, day.desk, ids["new"], NOON).snoozed_until is None
    assert [each.id for each in day.cards()] == [card.id]


@pytest.mark.parametrize("how", ["skipped", "expired"])
def test_what_was_passed_over_can_be_wished_for_again(day, how):
    ids = remembered(day, post("new"))
    [card] = day.cards()
    now = NOON if how == "skipped" else card.expires_at
    if how == "skipped":
        day.decide(card.id, Skip(reason=SkipReason.OTHER))
    again = propose(day.store, day.desk, ids["new"], now)
    assert again.id != card.id
    assert again.expires_at > now


def test_what_was_approved_is_not_queued_again(day):
    ids = remembered(day, post("new"))
    [card] = day.cards()
    day.decide(card.id, Approve(text="Glückwunsch!"))
    with pytest.raises(PolicyRefused, match=rf"{card.id} tells this story"):
        propose(day.store, day.desk, ids["new"], NOON)


def test_a_wish_outweighs_a_rule_against_nonsense_and_says_so(day):
    ids = remembered(day, post("raffle", text="Unser Gewinnspiel im Advent"))
    assert day.cards() == []
    card = propose(day.store, day.desk, ids["raffle"], NOON)
    assert [reason.rule for reason in card.verdict.reasons] == ["raffle"]
    assert card.choice.verb is Verb.COMMENT


def test_a_moment_for_tact_leaves_the_gesture_only(day):
    ids = remembered(
        day, post("mourning", text="Unsere Gründerin ist verstorben", published_at=OLD)
    )
    card = propose(day.store, day.desk, ids["mourning"], NOON)
    assert card.choice.verb is Verb.GESTURE
    assert card.alternatives == ()


def test_a_conviction_outweighs_a_wish(day):
    ids = remembered(day, post("bets", text="Wir machen Glücksspiel", published_at=OLD))
    with pytest.raises(PolicyRefused, match=r"against your rule gambling \(rules/values.yaml:3\)"):
        propose(day.store, day.desk, ids["bets"], NOON)
    assert day.cards() == []


def test_a_post_without_a_title_is_named_by_its_address(day):
    ids = remembered(day, post("bets", title="", text="Wir machen Glücksspiel"))
    with pytest.raises(PolicyRefused, match=re.escape("https://acme.example/bets")):
        propose(day.store, day.desk, ids["bets"], NOON)


def test_where_no_account_may_act_nothing_is_queued(make_day):
    day = make_day(accounts=())
    ids = remembered(day, post("new"))
    with pytest.raises(PolicyRefused, match="no account of yours"):
        propose(day.store, day.desk, ids["new"], NOON)


def test_only_what_is_known_can_be_wished_for(day):
    ids = remembered(day, post("new"))
    with pytest.raises(UnknownId, match="there is no post 99"):
        propose(day.store, day.desk, 99, NOON)
    emptied = replace(day.desk, house=house(Client(id="other", name="Other")))
    with pytest.raises(UnknownId, match="acme is no longer in the configuration"):
        propose(day.store, emptied, ids["new"], NOON)


def test_a_new_source_is_seeded_with_what_it_showed_and_not_asked_again(day):
    source = ACME.sources[0]
    shown = Batch(posts=(post("new"), post("old", published_at=OLD)), cursor="next", title="ACME")
    taken = take_up(day.store, day.desk, source, shown, NOON)
    assert (taken.new, taken.suggested) == (2, 1)
    with day.store.read() as tx:
        first, second = sources.everything(tx)
    assert (first.source, first.seeded_at, first.cursor) == (source, NOON, "next")
    assert first.next_check == NOON + hours(1)
    assert (second.seeded_at, second.next_check) == (None, NOON)
    day.shelf.show(SECOND, post("other"))
    assert day.watch(NOON).looked == 1


def gone(*urls):
    """What rereading finds: 404 or 410 at these addresses."""

    def reread(seen):
        if seen.post.url in urls:
            raise Gone(f"{seen.post.url} is gone")
        return seen

    return reread


def test_a_card_goes_with_its_post(day):
    remembered(day, post("one"), post("two"))
    kept, left = sorted(day.cards(), key=lambda card: card.post.post.url)
    asked = gone(left.post.post.url)
    assert vanish(day.store, day.desk, asked, NOON) == [left.id]
    assert state(day, left.id) is SuggestionState.SUPERSEDED
    assert [card.id for card in day.cards()] == [kept.id]
    with day.store.read() as tx:
        assert posts.by_ids(tx, [left.post.id])[left.post.id].gone
    assert vanish(day.store, day.desk, asked, NOON) == []


def test_a_card_stays_when_nobody_can_tell(day):
    def reread(_seen):
        raise Transient("no answer")

    remembered(day, post("one"))
    assert vanish(day.store, day.desk, reread, NOON) == []
    assert len(day.cards()) == 1


def test_a_gesture_outlives_the_post(day):
    remembered(day, post("mourning", text="Unsere Gründerin ist verstorben"))
    [card] = day.cards()
    assert vanish(day.store, day.desk, gone(card.post.post.url), NOON) == []
    assert len(day.cards()) == 1


def twice(day):
    """One story in two places."""
    elsewhere = "https://second.example/one"
    day.shelf.show(SECOND, post("one", url=elsewhere, keys=("id:second", f"url:{elsewhere}")))
    remembered(day, post("one"))
    [card] = day.cards()
    assert {choice.target_url for choice in card.alternatives} == {post("one").url, elsewhere}
    return card, elsewhere


def test_a_story_that_stands_elsewhere_is_told_from_there(day):
    card, elsewhere = twice(day)
    left = next(url for url in (post("one").url, elsewhere) if url != card.choice.target_url)
    assert vanish(day.store, day.desk, gone(card.choice.target_url), NOON) == [card.id]
    [successor] = day.cards()
    assert {each.target_url for each in (successor.choice, *successor.alternatives)} == {left}


def test_a_place_that_is_gone_is_offered_no_longer(day):
    card, elsewhere = twice(day)
    others = {post("one").url, elsewhere} - {card.choice.target_url}
    assert vanish(day.store, day.desk, gone(*others), NOON) == []
    [same] = day.cards()
    assert same.id == card.id
    assert {choice.target_url for choice in same.alternatives} == {card.choice.target_url}


def test_no_card_follows_for_a_client_who_has_left(day):
    card, _elsewhere = twice(day)
    emptied = replace(
        day.desk,
        house=house(
            Client(
                id="other",
                name="Other",
                sources=(Source(client="other", network="web", address=BLOG),),
            )
        ),
    )
    assert vanish(day.store, emptied, gone(card.choice.target_url), NOON) == [card.id]
    assert day.cards() == []
