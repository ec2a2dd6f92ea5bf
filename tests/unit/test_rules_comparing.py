"""Comparisons: what they mean, and which are refused."""

import pytest

from netbot.rules.comparing import Measure, compare

HOUR = 3600


@pytest.mark.parametrize(
    ("written", "measure", "yes", "no"),
    [
        ("> 0.6", Measure.SHARE, 0.61, 0.6),
        (">= 0,5", Measure.SHARE, 0.5, 0.4),
        ("≤ 3", Measure.COUNT, 3, 4),
        ("<3", Measure.COUNT, 2, 3),
        ("= 2", Measure.COUNT, 2, 1),
        ("== 2", Measure.COUNT, 2, 1),
        (0, Measure.COUNT, 0, 1),
        (1.0, Measure.SHARE, 1.0, 0.9),
        ("< 3 days", Measure.AGE, 71 * HOUR, 72 * HOUR),
        ("> 2 Wochen", Measure.AGE, 337 * HOUR, 336 * HOUR),
        ("<= 90 Minuten", Measure.AGE, 1.5 * HOUR, 1.6 * HOUR),
        ("≥ 1 Stunde", Measure.AGE, HOUR, HOUR - 1),
    ],
)
def test_comparison(written, measure, yes, no):
    comparison = compare(written, measure)
    assert comparison.holds(yes)
    assert not comparison.holds(no)


@pytest.mark.parametrize(
    ("written", "measure", "says"),
    [
        ("many", Measure.COUNT, "no comparison"),
        ("> -1", Measure.COUNT, "no comparison"),
        ("soon", Measure.AGE, "< 3 days"),
        ("< 3", Measure.AGE, "needs a unit"),
        ("< 3 years", Measure.AGE, "needs a unit"),
        ("> 3 days", Measure.COUNT, "does not belong"),
        ("< 0", Measure.COUNT, "never be true"),
        ("= 0.5", Measure.COUNT, "never be true"),
        ("> 1", Measure.SHARE, "never be true"),
        (">= 1.1", Measure.SHARE, "never be true"),
        ("2", Measure.SHARE, "never be true"),
        (">= 0", Measure.COUNT, "always true"),
        ("< 1.1", Measure.SHARE, "always true"),
        ("<= 1", Measure.SHARE, "always true"),
    ],
)
def test_refused(written, measure, says):
    with pytest.raises(ValueError, match=says):
        compare(written, measure)
