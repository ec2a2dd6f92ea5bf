"""Every local date has one morning: whole years, five zones, every quarter of an hour."""

import os
import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from netbot import engine
from netbot.clock import due_date, end_of_hours, moment_of, next_at
from netbot.store import Store, dates
from tests.house import NOON, days, hours, house

ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
)
QUARTERS = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 15, 30, 45)]
YEARS = range(2026, 2026 + int(os.environ.get("NETBOT_SOAK", "1")))
TICK = timedelta(microseconds=1)


def dates_of(year):
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", YEARS)
def test_a_year_of_mornings(zone, year):
    """A date's morning is due from one moment on until the next date's: no gap, no second one."""
    for at in QUARTERS:
        moments = [(day, moment_of(day, at, zone)) for day in dates_of(year)]
        for (day, here), (_, there) in pairwise(moments):
            assert timedelta(hours=22) < there - here < timedelta(hours=26)
            assert due_date(here, at, zone) == day == due_date(there - TICK, at, zone)
            assert next_at(here, at, zone) == there


@pytest.mark.parametrize("zone", ZONES)
def test_clocks_on_the_wall_show_the_hour(zone):
    """But for the hour that is left out in spring, when they show the one after it."""
    for day in dates_of(2026):
        for at in ("00:00", "02:15", "08:00", "23:45"):
            shown = moment_of(day, at, zone).astimezone(ZoneInfo(zone))
            late = f"{shown:%H:%M}" != at
            assert shown.date() == day
            assert not late or shown.utcoffset() != (shown - timedelta(days=1)).utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_ticks_opens_each_date_once(zone):
    """The very function that the worker calls, on its own database, at odd moments."""
    draw = random.Random(zone)
    with Store("sqlite://", "professional") as store:
        at, now, opened = house(time_zone=zone, opens_at="02:30"), NOON, []
        while now < NOON + days(365):
            opened += [day] if (day := engine.open_day(store, at, now)) else []
            now += timedelta(minutes=draw.randint(1, 600))
    assert opened == [opened[0] + timedelta(days=n) for n in range(len(opened))]
    assert len(opened) in {365, 366}


def open_at(*moments, at="08:00"):
    with Store("sqlite://", "professional") as store:
        home = house(opens_at=at)
        return [engine.open_day(store, home, moment) for moment in moments]


def test_a_clock_that_is_set_opens_no_date_twice():
    today, morning = NOON.date(), NOON - hours(4)  # 08:00 in Berlin
    assert open_at(morning, morning - hours(1), morning) == [today, today - days(1), None]
    forward = open_at(NOON, NOON + days(1), NOON, NOON + days(1), NOON + days(2))
    assert forward == [today, today + days(1), None, None, today + days(2)]
    past = NOON - days(3650)
    assert open_at(NOON, past, past + hours(1), NOON + hours(1)) == [today, past.date(), None, None]


def test_a_machine_that_slept_catches_up_with_one_morning():
    friday = NOON + days(4)
    assert open_at(NOON, friday, friday) == [NOON.date(), friday.date(), None]
    evening = NOON + hours(8)
    slept = open_at(evening, evening + hours(8), at="23:45")
    assert slept == [evening.date() - days(1), evening.date()]


def test_of_two_processes_one_opens_the_date():
    with Store("sqlite://", "professional") as store, store.write() as tx:
        assert dates.open_date(tx, NOON.date(), NOON)
        assert not dates.open_date(tx, NOON.date(), NOON)


def test_both_nights_in_berlin():
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert moment_of(spring, "02:30", "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment_of(autumn, "02:30", "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_hours_that_end_where_they_begin_are_none():
    assert end_of_hours(NOON, "08:00", "08:00", "UTC") is None
    assert end_of_hours(NOON, "10:00", "12:00", "UTC") == NOON + hours(1)
    assert end_of_hours(NOON, "11:00", "12:00", "UTC") == NOON + hours(1)
    assert end_of_hours(NOON, "09:00", "11:00", "UTC") is None
