"""When the next look is: wishes, patience, quiet hours, hosts that want a pause, wrong clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbot.engine import follow_clock, schedule
from netbot.model import Client, Gone, RateLimited, Transient
from netbot.network import Quiet
from netbot.store import sources
from tests.house import ACME, BLOG, NOON, SECOND, Day, days, health, hours, house, on, watched

# Patience


@given(failures=st.integers(1, 10_000), name=st.text("abc", max_size=5))
def test_patience_grows_to_a_day_and_no_further(failures: int, name: str):
    source = watched(source=on(f"https://{name}.example/"))
    wait = schedule.after_failure(source, house(), NOON, failures=failures, since=NOON) - NOON
    assert hours(1) <= wait <= min(days(1), hours(2.0 ** min(failures, 5)))


def test_feeds_of_one_host_do_not_come_back_together():
    waits = {
        schedule.after_failure(
            watched(source=on(f"https://x.example/{number}")), house(), NOON, failures=4, since=NOON
        )
        for number in range(50)
    }
    assert len(waits) > 45
    assert max(waits) - min(waits) > hours(10)


def test_after_two_weeks_a_door_is_tried_once_a_week_and_for_ever():
    for shut in (days(14), days(400)):
        since = NOON - shut
        after = schedule.after_failure(watched(), house(), NOON, failures=99, since=since)
        assert after == NOON + days(7)
    rare = house(min_interval_s=30 * 86_400)
    after = schedule.after_failure(watched(), rare, NOON, failures=99, since=NOON - days(15))
    assert after == NOON + days(30)
    soon = schedule.after_failure(watched(), rare, NOON, failures=1, since=NOON)
    assert soon == NOON + days(30)


# Quiet hours and days


@pytest.mark.parametrize(
    ("skip_hours", "skip_days", "planned", "expected"),
    [
        ((), (), "2026-11-23T11:59", "2026-11-23T11:59"),
        ((12, 13), (), "2026-11-23T11:59", "2026-11-23T11:59"),
        ((12, 13), (), "2026-11-23T12:00", "2026-11-23T14:00"),
        ((12, 13), (), "2026-11-23T13:59", "2026-11-23T14:00"),
        ((22, 23, 0, 1), (), "2026-11-23T22:30", "2026-11-24T02:00"),
        ((), (1,), "2026-11-23T23:59", "2026-11-23T23:59"),
        ((), (1,), "2026-11-24T00:00", "2026-11-25T00:00"),
        ((0, 1, 2), (1, 2), "2026-11-24T09:00", "2026-11-26T03:00"),
        ((), (5, 6), "2026-11-28T09:00", "2026-11-30T00:00"),
        ((), (1, 2, 3, 4, 5, 6), "2026-11-24T09:00", "2026-11-30T00:00"),
        (tuple(range(24)), (), "2026-11-23T12:34", "2026-11-23T12:34"),
        ((), tuple(range(7)), "2026-11-23T12:34", "2026-11-23T12:34"),
        (tuple(range(1, 24)), (0, 1, 2, 3, 4, 5), "2026-11-23T12:34", "2026-11-29T00:00"),
    ],
)
def test_nobody_comes_while_a_feed_is_quiet(skip_hours, skip_days, planned, expected):
    quiet = Quiet(hours=frozenset(skip_hours), days=frozenset(skip_days))
    at = datetime.fromisoformat(planned).replace(tzinfo=UTC)
    found = schedule.outside(quiet, at, NOON)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(
    st.frozensets(st.integers(0, 23)),
    st.frozensets(st.integers(0, 6)),
    st.integers(0, 7 * 86_400),
)
def test_quiet_never_brings_a_look_nearer_nor_puts_it_off_for_ever(hours_off, days_off, ahead_s):
    quiet = Quiet(hours=hours_off, days=days_off)
    at = NOON + timedelta(seconds=ahead_s)
    found = schedule.outside(quiet, at, NOON)
    assert at <= found <= max(at, NOON + days(7))
    assert found == at or (found.hour not in hours_off and found.weekday() not in days_off)


def test_quiet_holds_for_every_kind_of_plan(day: Day):
    quiet = Quiet(hours=frozenset({12, 13}))
    day.shelf.show(BLOG, quiet=quiet)
    day.watch(NOON)
    assert health(day).next_check == NOON.replace(hour=14)
    day.watch(NOON.replace(hour=14))
    day.shelf.fail(BLOG, Transient("no route"))
    tomorrow = NOON + days(1)
    day.watch(tomorrow)
    planned = health(day).next_check
    assert planned is not None
    assert planned >= tomorrow.replace(hour=14)
    assert schedule.before_a_look(health(day), day.house, NOON).hour == 14


def test_a_lost_look_is_not_made_up_for_sooner_than_was_right():
    wished = watched(tried_at=NOON - days(1), next_check=NOON)
    assert schedule.before_a_look(wished, house(), NOON) == NOON + days(1)
    weekly = watched(tried_at=NOON - days(7), next_check=NOON)
    assert schedule.before_a_look(weekly, house(), NOON) == NOON + days(1)
    first = watched()
    assert schedule.before_a_look(first, house(), NOON) == NOON + hours(1) + timedelta(minutes=5)
    local = house(allow_hosts=("acme.example",), min_interval_s=2)
    assert schedule.before_a_look(first, local, NOON) == NOON + timedelta(seconds=2)


def test_a_wait_counts_from_the_answer(day: Day):
    answered = iter(NOON + timedelta(minutes=minutes) for minutes in (1, 9))
    day.watch(NOON, present=lambda: next(answered))
    assert health(day).next_check == NOON + timedelta(minutes=61)
    assert health(day, SECOND).next_check == NOON + timedelta(minutes=69)


# Hosts


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://acme.example/feed", "acme.example"),
        ("ACME.example/feed", "acme.example"),
        ("http://user:pass@acme.example:8080/", "acme.example"),
        ("http://[::1]:80/", "::1"),
        ("http://[bad/", ""),
        ("http://x.example:99999/", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address(address: str, host: str):
    assert schedule.host_of(on(address)) == host


def three_on_two_hosts() -> Client:
    places = ("https://a.example/1", "https://a.example/2", "https://b.example/1")
    return Client(id="acme", name="ACME", sources=tuple(on(place) for place in places))


def test_a_pause_holds_for_all_that_stands_on_the_host(make_day):
    day = make_day(three_on_two_hosts())
    first, second, third = (source.address for source in day.house.clients[0].sources)
    day.shelf.fail(first, RateLimited("429", retry_after_s=4 * 3600))
    day.watch(NOON)
    pause = NOON + hours(4)
    assert (health(day, first).next_check, health(day, first).paused_until) == (pause, pause)
    report = day.watch(NOON + hours(2))
    assert report.looked == 1
    assert health(day, second).next_check == pause
    assert health(day, third).tried_at == NOON + hours(2)
    day.shelf.show(first)
    assert day.watch(pause).looked == 3
    assert health(day, first).paused_until is None


def test_a_pause_holds_for_sources_that_are_added_while_it_lasts(make_day):
    day = make_day(three_on_two_hosts())
    first = day.house.clients[0].sources[0].address
    day.shelf.fail(first, RateLimited("429", retry_after_s=4 * 3600))
    day.watch(NOON)
    new = on("https://A.example/new")
    day.house = house(*day.house.clients, Client(id="acme2", name="A", sources=(new,)))
    day.watch(NOON + hours(1))
    assert health(day, new.address).tried_at is None
    day.shelf.fail(first, Transient("no route"))
    assert day.watch(NOON + hours(4)).errors.keys() == {first}
    assert health(day, new.address).tried_at == NOON + hours(4)


def test_two_pauses_on_a_host_end_with_the_later():
    pauses = schedule.host_pauses(
        [
            watched(paused_until=NOON + hours(3)),
            watched(paused_until=NOON + hours(1)),
            watched(paused_until=NOON + hours(2)),
            watched(source=on("https://other.example")),
            watched(source=on("https://clock.example"), paused_until=NOON + days(8)),
        ],
        NOON,
    )
    assert pauses == {"acme.example": NOON + hours(3)}


def test_sources_that_fail_are_asked_last(day: Day):
    day.seeded().shelf.fail(BLOG, Transient("no route"))
    day.watch(NOON)
    later = NOON + days(2)
    with day.store.read() as tx:
        assert [each.source.address for each in sources.due(tx, later)] == [SECOND, BLOG]


def test_what_was_gone_and_is_configured_anew_begins_anew(day: Day):
    day.seeded().shelf.fail(SECOND, Gone("410"))
    day.watch(NOON)
    day.house = house(Client(id="acme", name="ACME", sources=ACME.sources[:1]))
    day.watch(NOON + hours(2))
    day.house = house(ACME)
    day.shelf.show(SECOND)
    assert day.watch(NOON + hours(4)).looked == 2
    assert (health(day, SECOND).failures, health(day, SECOND).gone_at) == (0, None)


def test_what_left_the_configuration_is_not_looked_at_though_an_answer_was_under_way(day: Day):
    day.seeded()
    day.house = house(Client(id="acme", name="ACME", sources=ACME.sources[:1]))
    day.watch(NOON)
    second = health(day, SECOND).id
    with day.store.write() as tx:
        sources.postpone(tx, second, NOON)
    assert day.watch(NOON + hours(2)).looked == 1


# Clocks


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"next_check": NOON + days(7)}, None),
        ({"next_check": NOON + days(7.1)}, NOON + hours(1)),
        ({"next_check": NOON + days(3650)}, NOON + hours(1)),
        ({"next_check": NOON + days(1), "tried_at": NOON + hours(23)}, NOON + hours(1)),
        ({"next_check": NOON + hours(0.5), "tried_at": NOON + hours(0.2)}, NOON + hours(0.5)),
        ({"next_check": NOON + days(1), "tried_at": NOON - hours(1)}, None),
        ({"next_check": None, "tried_at": NOON + days(30)}, None),
    ],
)
def test_plans_of_a_wrong_clock_are_made_anew(facts, expected):
    assert schedule.clamp(watched(**facts), house(), NOON) == expected


def test_a_gone_source_stays_gone_whatever_the_clock_says(day: Day):
    day.seeded().shelf.fail(SECOND, Gone("410"))
    day.watch(NOON + days(3650))
    day.watch(NOON)
    assert health(day, SECOND).next_check is None


def test_a_clock_that_went_ahead_and_came_back_silences_nobody(day: Day):
    day.seeded()
    day.watch(NOON + days(3650))
    assert day.watch(NOON).looked == 0
    assert health(day).next_check == NOON + hours(1)
    assert day.watch(NOON + hours(1)).looked == 2


def test_plans_move_with_a_clock_that_is_set(day: Day):
    day.watch(NOON)
    follow_clock(day.store, hours(5))
    assert day.watch(NOON + hours(5.9)).looked == 0
    assert day.watch(NOON + hours(6)).looked == 2
    follow_clock(day.store, hours(-5))
    assert health(day).next_check == NOON + hours(2)
    day.shelf.fail(SECOND, Gone("410"))
    day.watch(NOON + hours(2))
    with day.store.write() as tx:
        tx.exec_driver_sql("UPDATE sources SET tried_at = NULL")
    follow_clock(day.store, hours(1))
    assert health(day, SECOND).next_check is None
