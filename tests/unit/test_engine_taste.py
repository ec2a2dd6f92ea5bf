"""The order of what waits follows past decisions; it hides nothing and says why."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbot.engine import (
    Approve,
    FalseAlarm,
    Skip,
    Snooze,
    Undo,
    explain_order,
    learn_order,
    propose,
)
from netbot.model import SkipReason, Verb
from netbot.rules.ranking import Because
from netbot.store import posts, suggestions
from tests.house import BLOG, NOON, SECOND, Day, days, hours, post

ORGAN = "Orgelbau in der Kapelle, mit neuen Pfeifen"
SALE = "Rabatt auf alle Regale, nur noch heute"
YES = Approve(text="Wie schön.")
NO = Skip(reason=SkipReason.OTHER)


def show(day, *subjects, start=0):
    """One new post about each of them; returns their cards by title."""
    day.shelf.show(
        BLOG,
        *(
            post(f"p{start + number}", title=f"{subject} {start + number}", text=subject)
            for number, subject in enumerate(subjects)
        ),
    )
    day.watch(NOON + hours(start))
    return {card.post.post.title: card for card in day.cards(NOON + hours(start))}


def settle(day, subjects, at=NOON):
    """Approve what is about organs, skip the rest."""
    for card in show(day, *subjects).values():
        day.decide(card.id, YES if card.post.post.text == ORGAN else NO, at)


@pytest.fixture
def taught(day: Day) -> Day:
    settle(day.seeded(), [ORGAN, SALE] * 5)
    return day


def order(day, start=40):
    return [card.post.post.text for card in day.cards(NOON + hours(start))]


def test_what_is_like_approved_posts_comes_first(taught):
    cards = show(taught, SALE, ORGAN, start=40)
    assert order(taught) == [ORGAN, SALE]
    parts = [card.score.parts["liked"] for card in cards.values()]
    assert parts[0] > 0 > parts[1]
    for card in cards.values():
        assert card.score.total == round(sum(card.score.parts.values()), 2)


def test_before_any_decision_nothing_moves(day):
    cards = show(day.seeded(), SALE, ORGAN)
    assert all("liked" not in card.score.parts for card in cards.values())
    assert learn_order(day.store) == 0


def test_nothing_is_done_until_there_is_something_new(taught):
    cards = show(taught, SALE, ORGAN, SALE, start=40)
    assert learn_order(taught.store) == 0
    (first, *_) = cards.values()
    taught.decide(first.id, Snooze(until=NOON + days(5)), NOON + hours(40))
    assert learn_order(taught.store) == 0  # it says nothing about the post
    taught.decide(first.id, Skip(reason=SkipReason.NONSENSE), NOON + hours(41))
    assert learn_order(taught.store) == 2


def test_what_is_taken_back_counts_no_more(taught):
    one, other = show(taught, ORGAN, ORGAN, start=40).values()
    before = other.score.parts["liked"]

    def liked():
        learn_order(taught.store)
        with taught.store.read() as tx:
            return suggestions.get(tx, "professional", other.id).score.parts["liked"]

    taught.decide(one.id, NO, NOON + hours(40))
    assert liked() < before
    taught.decide(one.id, Undo(), NOON + hours(41))
    assert liked() == before


@pytest.mark.parametrize("why", [SkipReason.TOO_OFTEN, SkipReason.MOMENT, SkipReason.WRONG_ACCOUNT])
def test_a_skip_that_is_not_about_the_post_teaches_nothing(day, why):
    for card in show(day.seeded(), *[SALE] * 4).values():
        day.decide(card.id, Skip(reason=why))
    (card,) = show(day, SALE, start=10).values()
    assert "liked" not in card.score.parts
    assert explain_order(day.store, [card.post]) == [[]]
    assert explain_order(day.store, []) == []


def test_what_is_personal_teaches_nothing_and_stays_on_top(taught):
    sad = post("sad", title="Abschied", text="Unser Gründer ist verstorben. " + SALE)
    taught.shelf.show(SECOND, replace(sad, published_at=NOON + hours(40)))
    show(taught, ORGAN, start=40)
    card = next(c for c in taught.cards(NOON + hours(40)) if c.choice.verb is Verb.GESTURE)
    assert "liked" not in card.score.parts
    taught.decide(card.id, FalseAlarm(), NOON + hours(41))
    assert learn_order(taught.store) == 0


def test_a_wish_is_not_weighed(taught):
    old = post("old", title="Rabatt von damals", text=SALE, published_at=NOON - days(300))
    taught.shelf.show(BLOG, old)
    taught.watch(NOON + hours(40))
    with taught.store.read() as tx:
        number = posts.newest(tx, limit=1)[0].id
    wished = propose(taught.store, taught.desk, number, NOON + hours(40))
    learn_order(taught.store)
    assert taught.cards(NOON + hours(40))[0].score == wished.score


def test_what_was_decided_meanwhile_stays_as_it_was(taught):
    (card,) = show(taught, ORGAN, start=40).values()
    taught.decide(card.id, YES, NOON + hours(40))
    with taught.store.write() as tx:
        suggestions.rescore(tx, "professional", {card.id: replace(card.score, total=99.0)})
    with taught.store.read() as tx:
        assert suggestions.get(tx, "professional", card.id).score == card.score


def test_the_reasons_are_what_was_counted(taught):
    (card,) = show(taught, ORGAN, start=40).values()
    (told,) = explain_order(taught.store, [card.post])
    assert told[0] == Because(kind="word", what="Kapelle", approved=5, decided=5)
    assert len(told) == 3


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.sampled_from([ORGAN, SALE, "Neues"]), st.booleans()), max_size=6),
    st.lists(st.sampled_from([ORGAN, SALE, "Neues"]), max_size=4),
)
def test_the_order_hides_nothing(make_day, decided, waiting):
    day = make_day().seeded()
    for card, (_, yes) in zip(
        show(day, *(text for text, _ in decided)).values(), decided, strict=True
    ):
        day.decide(card.id, YES if yes else NO)
    cards = show(day, *waiting, start=40)
    assert len(cards) == len(waiting)
    again = day.cards(NOON + hours(40))
    assert [card.id for card in again] == [
        card.id for card in sorted(again, key=lambda c: (-c.score.total, int(c.id[13:])))
    ]


def test_the_queue_brings_no_model_along(netbot):
    told = "import sys; from netbot.cli.main import run; run(sys.argv[1:]); print(*sys.modules)"
    call = [sys.executable, "-c", told, "queue", "--json", "--home", str(netbot.home)]
    names = subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()
    assert "netbot.engine.queue" in names
    heavy = ("scores", "meaning", "measuring", "loading", "judging", "learning")
    assert not {f"netbot.rules.{name}" for name in heavy} & set(names)
