from datetime import timedelta

from netbot.daemon.clockstep import ClockStep, steady_s
from tests.house import NOON, days, hours


def test_only_a_clock_that_was_set_makes_a_step():
    marks = iter((0.0, 3600.0, 7200.0, 7260.0, 7320.0, 93_720.0))
    steps = ClockStep(NOON, steady=lambda: next(marks))
    assert steps.since_last(NOON + hours(1)) == timedelta()
    assert steps.since_last(NOON + hours(2) + timedelta(seconds=29)) == timedelta()
    assert steps.since_last(NOON + days(1)) > hours(21)
    assert steps.since_last(NOON) < -hours(23)
    assert steps.since_last(NOON + days(1)) == timedelta()


def test_the_steady_clock_goes_forward():
    assert steady_s() <= steady_s()
