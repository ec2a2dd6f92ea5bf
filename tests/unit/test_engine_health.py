"""Posts set aside until the human says what they are, and sources that need the human."""

from datetime import timedelta

import pytest

from netbot.engine import ProblemKind, SourceProblem, problems, settle_source
from netbot.engine.health import silent_since
from netbot.engine.quarantine import is_odd
from netbot.engine.schedule import PASS_S
from netbot.model import Client, Gone, Post, RateLimited, Refused, Source, Transient, UsageError
from netbot.network import KEYLESS
from netbot.store import posts, sources
from tests.house import ACME, BLOG, NOON, SECOND, Day, days, health, hours, house, on, post, watched

LATER = NOON + hours(2)
PASS = timedelta(seconds=PASS_S)


def found(day: Day, now=NOON) -> list[SourceProblem]:
    return problems(day.store, day.house, now)


def kinds(day: Day, now=NOON) -> list[ProblemKind]:
    return [problem.kind for problem in found(day, now)]


def numbered(count: int, *, at=NOON, prefix: str = "p") -> list[Post]:
    """Posts of the last days, as a feed that numbers its posts anew shows them."""
    return [
        post(f"{prefix}{number}", published_at=at - hours(7 * number)) for number in range(count)
    ]


def quarantined(day: Day) -> Day:
    """The day, with twelve posts set aside of which the human knows nothing yet."""
    day.seeded().watch(NOON - days(1))
    day.shelf.show(BLOG, *numbered(12))
    day.watch(NOON)
    return day


# Set aside


@pytest.mark.parametrize(
    ("count", "old", "odd"),
    [
        (9, 9, False),
        (10, 4, False),
        (10, 5, True),
        (11, 5, False),
        (11, 6, True),
        (50, 0, False),
        (50, 24, False),
        (51, 0, True),
        (500, 500, True),
    ],
)
def test_many_old_or_very_many_posts_are_odd(count: int, old: int, odd: bool):
    seen = watched(seeded_at=NOON - days(30), succeeded_at=NOON)
    shown = [post(str(n), published_at=NOON - hours(1 if n < old else -1)) for n in range(count)]
    assert is_odd(shown, seen) is odd
    assert not is_odd(shown, watched())


def test_what_was_published_while_an_answer_was_on_its_way_is_not_old():
    asleep = watched(seeded_at=NOON - days(30), tried_at=NOON - hours(9), succeeded_at=NOON)
    assert not is_odd([post(str(n), published_at=NOON - hours(1)) for n in range(12)], asleep)


def test_what_was_published_within_the_minute_of_the_look_is_not_old():
    just = NOON + hours(1 / 120)
    seen = watched(seeded_at=NOON - days(30), tried_at=just, succeeded_at=just)
    assert not is_odd([post(str(n), published_at=NOON) for n in range(12)], seen)


def test_posts_without_a_date_are_not_old():
    seen = watched(seeded_at=NOON, succeeded_at=NOON)
    assert not is_odd([post(str(n), published_at=None) for n in range(20)], seen)


@pytest.mark.parametrize(
    ("count", "undated", "odd"), [(9, 9, False), (10, 10, True), (12, 6, True), (12, 5, False)]
)
def test_posts_without_a_date_are_when_all_others_have_vanished(count, undated, odd):
    seen = watched(seeded_at=NOON - days(30), succeeded_at=NOON)
    new = [post(str(n), published_at=None if n < undated else LATER) for n in range(count)]
    assert is_odd(new, seen, swept=True) is odd
    assert not is_odd(new, watched(), swept=True)


def undated(count: int, prefix: str) -> list[Post]:
    return [post(f"{prefix}{number}", published_at=None) for number in range(count)]


def test_a_feed_without_dates_that_numbers_its_posts_anew_is_noticed(make_day):
    day = make_day(ACME)
    day.shelf.show(BLOG, *undated(12, "old"))
    day.watch(NOON - days(1))
    before = day.cards(NOON - days(1))
    day.shelf.show(BLOG, *undated(12, "again"))
    day.watch(NOON)
    assert kinds(day) == [ProblemKind.QUARANTINED]
    assert {card.id for card in day.cards()} <= {card.id for card in before}


def test_a_feed_without_dates_may_publish_and_may_begin_late(make_day):
    day = make_day(ACME)
    day.shelf.show(BLOG, *undated(12, "old"))
    day.watch(NOON - days(1))
    day.shelf.show(BLOG, *undated(11, "new"), *undated(12, "old")[:1])
    day.shelf.show(SECOND, *undated(12, "first"))
    day.watch(NOON)
    assert kinds(day) == []


def test_a_feed_that_numbers_its_posts_anew_leaves_the_queue_alone(day: Day):
    quarantined(day)
    assert day.cards() == []
    (problem,) = found(day)
    assert (problem.kind, problem.since) == (ProblemKind.QUARANTINED, NOON)
    assert "12 posts at once" in problem.what.format(**problem.facts)
    assert f"settle {BLOG} --new" in problem.mend.format(**problem.facts)
    report = day.watch(LATER)
    assert (report.new, report.suggested) == (0, 0)


def test_a_post_that_comes_while_others_wait_is_suggested(day: Day):
    quarantined(day).shelf.show(BLOG, post("fresh", published_at=LATER), *numbered(12))
    assert day.watch(LATER).suggested == 1
    assert kinds(day, LATER) == [ProblemKind.QUARANTINED]


def test_an_edit_of_a_post_that_waits_makes_no_card(day: Day):
    edited = post("p0", text="Unser Gründer ist verstorben.")
    quarantined(day).shelf.show(BLOG, edited, *numbered(12)[1:])
    assert day.watch(LATER).changed == 1
    assert day.cards(LATER) == []


def test_new_ones_are_judged_and_suggested(day: Day):
    quarantined(day)
    (problem,) = found(day)
    assert settle_source(day.store, day.desk, problem.id, LATER, are_new=True) == 12
    assert len(day.cards(LATER)) == 12
    assert found(day, LATER) == []
    assert day.watch(LATER).new == 0


def test_old_ones_rest_for_ever(day: Day):
    quarantined(day)
    (problem,) = found(day)
    assert settle_source(day.store, day.desk, problem.id, LATER, are_new=False) == 0
    assert (day.cards(LATER), found(day, LATER)) == ([], [])
    assert day.watch(LATER).suggested == 0
    with day.store.read() as tx:
        assert posts.aside(tx, problem.id) == []


def test_an_answer_is_given_once(day: Day):
    quarantined(day)
    settle_source(day.store, day.desk, 1, LATER, are_new=False)
    for source in (1, 99):
        with pytest.raises(UsageError, match="given already"):
            settle_source(day.store, day.desk, source, LATER, are_new=True)


def test_the_answer_may_come_when_the_client_has_gone(day: Day):
    quarantined(day)
    day.house = house(Client(id="other", name="Other"))
    assert found(day) == []
    assert settle_source(day.store, day.desk, 1, LATER, are_new=True) == 0


def test_a_second_flood_waits_with_the_first(day: Day):
    quarantined(day).shelf.show(BLOG, *numbered(12, prefix="again"))
    day.watch(LATER)
    (problem,) = found(day, LATER)
    assert (problem.since, problem.facts["count"]) == (NOON, "24")


def test_a_story_that_waits_may_be_told_by_another_source(day: Day):
    quarantined(day)
    day.shelf.show(SECOND, post("p0", keys=("id:other", "url:https://acme.example/p0")))
    assert day.watch(LATER).suggested == 1
    assert settle_source(day.store, day.desk, 1, LATER, are_new=True) == 11


# Sources that need the human


def test_a_house_in_order_has_no_problems(day: Day):
    assert found(day.seeded()) == []


def test_gone_is_told_until_it_is_mended(day: Day):
    day.seeded().shelf.fail(SECOND, Gone("410"))
    day.watch(NOON)
    (problem,) = found(day, NOON + days(90))
    assert (problem.kind, problem.since, problem.source.address) == (
        ProblemKind.GONE,
        NOON,
        SECOND,
    )
    day.house = house(Client(id="acme", name="ACME", sources=ACME.sources[:1]))
    day.watch(NOON + days(90))
    assert found(day, NOON + days(90)) == []


def test_failing_is_told_after_a_day(day: Day):
    day.seeded().watch(NOON - hours(2))
    day.shelf.fail(SECOND, Transient("no route to second.example"))
    day.watch(NOON)
    assert kinds(day, NOON + hours(23)) == []
    (problem,) = found(day, NOON + days(1))
    assert (problem.kind, problem.since) == (ProblemKind.FAILING, NOON - hours(2))
    assert problem.facts["error"] == "no route to second.example"
    day.shelf.show(SECOND)
    day.watch(NOON + days(2))
    assert kinds(day, NOON + days(2)) == []


@pytest.mark.parametrize("error", [Transient("no route"), RateLimited("429", retry_after_s=9)])
def test_what_never_answered_is_told_at_once(day: Day, error):
    day.shelf.fail(SECOND, error)
    day.watch(NOON)
    (problem,) = found(day)
    assert (problem.kind, problem.since) == (ProblemKind.FAILING, NOON)


def test_moved_is_told_from_the_first_day_it_is_known(day: Day):
    new = "https://new.example/feed"
    day.seeded().shelf.show(BLOG, place=new, moved=True)
    day.watch(NOON)
    day.watch(NOON + days(3))
    (problem,) = found(day, NOON + days(3))
    assert (problem.kind, problem.since) == (ProblemKind.MOVED, NOON)
    assert problem.what.format(**problem.facts) == f"{BLOG} has moved to {new}."
    day.shelf.show(BLOG)
    day.watch(NOON + days(4))
    assert found(day, NOON + days(4)) == []


def test_a_feed_found_by_way_of_a_page_has_not_moved(day: Day):
    day.seeded().shelf.show(BLOG, place="https://acme.example/feed", moved=False)
    day.watch(NOON)
    assert found(day) == []


@pytest.mark.parametrize(
    ("ages", "silent"),
    [
        ((31, 40, 50), False),
        ((31, 33, 35, 37), True),
        ((29, 30, 31, 32), False),
        ((50, 60, 70, 80), True),
        ((39, 49, 59, 69), False),
        ((80, 110, 140, 170), False),
        ((121, 151, 181, 211), True),
        ((900, 900, 900, 900), True),
    ],
)
def test_silence_is_measured_by_what_was_usual(ages, silent):
    appeared = [NOON - days(age) for age in ages]
    assert silent_since(appeared, NOON) == (appeared[0] if silent else None)


def test_a_source_that_used_to_publish_is_told_silent(day: Day):
    day.shelf.show(BLOG, *(post(f"p{age}", published_at=NOON - days(age)) for age in range(60, 80)))
    day.watch(NOON)
    (problem,) = found(day)
    assert (problem.kind, problem.since) == (ProblemKind.SILENT, NOON - days(60))
    assert problem.what.format(**problem.facts).endswith("nothing new since 2026-09-24.")
    day.shelf.fail(BLOG, Transient("no route"))
    day.watch(NOON + days(1))
    assert kinds(day, NOON + days(1)) == []
    assert kinds(day, NOON + days(3)) == [ProblemKind.FAILING]


def test_posts_without_date_appear_when_they_are_first_seen(day: Day):
    for age in (50, 48, 46, 44):
        shown = [post(f"p{name}", published_at=None) for name in range(50, age - 1, -2)]
        day.shelf.show(BLOG, *shown)
        day.watch(NOON - days(age))
    assert kinds(day, NOON - days(15)) == []
    assert kinds(day, NOON) == [ProblemKind.SILENT]


def test_the_most_urgent_comes_first(day: Day):
    quarantined(day).shelf.fail(SECOND, Gone("410"))
    day.shelf.fail(BLOG, Transient("no route"))
    day.watch(NOON + days(1))
    wanted = [ProblemKind.QUARANTINED, ProblemKind.GONE, ProblemKind.FAILING]
    assert kinds(day, NOON + days(5)) == wanted


# Two addresses, one place


def twins(make_day, *addresses: str, client: str = "acme") -> Day:
    places = tuple(on(address, client) for address in addresses)
    day: Day = make_day(Client(id=client, name="ACME", sources=places))
    return day


def test_a_source_that_moves_to_another_is_not_polled_twice(make_day):
    day = twins(make_day, "https://old.example/feed", "https://new.example/feed").seeded()
    old, new = (source.address for source in day.house.clients[0].sources)
    day.shelf.show(old, post("a"), place="http://new.example/feed/", moved=True)
    day.shelf.show(new, post("a", keys=("id:a",)))
    assert day.watch(NOON).suggested == 1
    assert day.watch(LATER).looked == 1
    assert health(day, old).tried_at == NOON
    (problem,) = found(day, LATER)
    assert problem.kind is ProblemKind.DOUBLE
    assert problem.what.format(**problem.facts) == f"{old} leads to the same place as {new}."


def test_the_merged_one_takes_over_when_the_other_goes(make_day):
    day = twins(make_day, "https://old.example/feed", "https://new.example/feed").seeded()
    old, new = (source.address for source in day.house.clients[0].sources)
    day.shelf.show(old, place=new, moved=True)
    day.watch(NOON)
    day.shelf.fail(new, Gone("410"))
    assert day.watch(LATER).errors.keys() == {new}
    assert kinds(day, LATER) == [ProblemKind.GONE, ProblemKind.MOVED]
    assert day.watch(LATER + hours(2)).looked == 1
    day.shelf.show(new)
    day.house = house(Client(id="acme", name="ACME", sources=(on(new),)))
    day.watch(LATER + hours(4))
    assert health(day, new).tried_at is not None


def test_two_spellings_of_one_address_are_looked_at_as_one(make_day):
    day = twins(make_day, "https://acme.example/feed", "acme.example/feed/?utm_source=x")
    assert day.watch(NOON).looked == 2
    assert day.watch(LATER).looked == 1
    assert kinds(day, LATER) == [ProblemKind.DOUBLE]


def test_a_page_and_its_feed_are_looked_at_as_one(make_day):
    day = twins(make_day, "https://acme.example/", "https://acme.example/feed")
    page, _feed = (source.address for source in day.house.clients[0].sources)
    day.shelf.show(page, place="https://acme.example/feed")
    day.watch(NOON)
    assert day.watch(LATER).looked == 1


def test_sources_of_two_clients_stay_two(make_day):
    one = Client(id="one", name="One", sources=(on(BLOG, "one"),))
    two = Client(id="two", name="Two", sources=(on(BLOG, "two"),))
    day = make_day(one, two)
    assert day.watch(NOON).looked == day.watch(LATER).looked == 2


def test_addresses_that_are_none_are_not_the_same(make_day):
    day = twins(make_day, "http://[bad", "http://[worse")
    day.watch(NOON)
    assert day.watch(LATER).looked == 2


def test_another_network_at_the_same_address_is_another_source():
    from netbot.engine import moves

    other = watched(id=2, source=Source(client="acme", network="page", address=BLOG))
    assert moves.twin(watched(), BLOG, [watched(), other]) is None
    assert moves.twin(watched(), BLOG, [watched(id=3)]) == 3
    for facts in ({"configured": False}, {"gone_at": NOON}, {"merged_into": 1}):
        assert moves.twin(watched(), BLOG, [watched(id=3, **facts)]) is None


def test_the_rhythm_of_each_source_is_its_own(day: Day):
    day.shelf.show(BLOG, *numbered(5))
    day.shelf.show(SECOND, post("z", published_at=NOON - days(9)))
    day.watch(NOON)
    with day.store.read() as tx:
        first, second = (each.id for each in sources.everything(tx))
        rhythm = posts.rhythm(tx, last=3, since=NOON)
        quiet = posts.rhythm(tx, last=3, since=NOON - hours(1))
    assert rhythm[first] == [NOON, NOON - hours(7), NOON - hours(14)]
    assert rhythm[second] == [NOON - days(9)]
    assert quiet.keys() == {second}


def test_a_source_that_needs_a_key_says_so_at_once_and_is_asked_as_ever(day):
    day.seeded()
    day.shelf.fail(BLOG, Refused(KEYLESS))
    for number in range(5):
        at = NOON + hours(2 * number)
        day.watch(at)
        assert health(day).next_check == at + hours(1) + PASS
    problem = found(day, at)[0]
    assert (problem.kind, problem.since) == (ProblemKind.KEYLESS, NOON)
    assert "account check" in problem.mend
    day.shelf.show(BLOG)
    day.watch(NOON + days(1))
    assert kinds(day, NOON + days(1)) == []
