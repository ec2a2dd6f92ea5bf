from datetime import timedelta

import pytest

from netbot.daemon.clockstep import ClockStep, boot, steady_s
from tests.house import NOON, days, hours


def test_only_a_clock_that_was_set_makes_a_step():
    marks = iter((0.0, 3600.0, 7200.0, 7260.0, 7320.0, 93_720.0))
    steps = ClockStep(NOON, steady=lambda: next(marks))
    assert steps.since_last(NOON + hours(1)) == timedelta()
    assert steps.since_last(NOON + hours(2) + timedelta(seconds=29)) == timedelta()
    assert steps.since_last(NOON + days(1)) > hours(21)
    assert steps.since_last(NOON) < -hours(23)
    assert steps.since_last(NOON + days(1)) == timedelta()


def test_a_step_between_two_processes_is_noticed():
    first = ClockStep(NOON, steady=lambda: 100.0)
    second = ClockStep(NOON + days(2), steady=lambda: 3700.0)
    second.resume(first.mark)
    assert second.since_last(NOON + days(2)) == days(2) - hours(1)


@pytest.mark.parametrize("mark", ["", "x y z", "0.0 0.0 another-start", "0.0 0.0 ", "nan"])
def test_a_mark_that_means_nothing_here_is_left_alone(mark):
    steps = ClockStep(NOON, steady=lambda: 100.0)
    steps.resume(mark)
    assert steps.since_last(NOON) == timedelta()


def test_this_machine_says_since_when_it_runs():
    assert boot() == boot() != ""


def test_the_steady_clock_goes_forward():
    assert steady_s() <= steady_s()
