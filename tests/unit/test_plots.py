"""Small plots: where each mark stands, and when there is nothing to see."""

from datetime import UTC, date, datetime, timedelta

import pytest

from netbot.model import Direction
from netbot.web import plots

OUT, IN = Direction.OUT, Direction.IN
TODAY = date(2026, 11, 22)  # a Sunday
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def test_fewer_than_three_contacts_show_nothing():
    assert plots.contacts({}, TODAY) is None
    assert plots.contacts({("2026-11", OUT): 2}, TODAY) is None
    assert plots.contacts({("2020-11", OUT): 99}, TODAY) is None
    assert plots.contacts({("2026-11", OUT): 1, ("2026-10", IN): 2}, TODAY) is not None


def test_mine_stand_on_the_line_and_theirs_hang_from_it():
    plot = plots.contacts({("2026-11", OUT): 40, ("2026-10", IN): 10, ("2025-12", OUT): 20}, TODAY)
    assert plot is not None
    assert [column.first for column in plot.columns] == [
        date(2025, 12, 1),
        *(date(2026, month, 1) for month in range(1, 12)),
    ]
    first, october, november = plot.columns[0], plot.columns[-2], plot.columns[-1]
    for column in (first, november):
        assert column.mine_y + column.mine_height == pytest.approx(plot.line_y)
    assert november.mine_height == pytest.approx(2 * first.mine_height, abs=0.1)
    assert november.mine_height == pytest.approx(4 * october.theirs_height, abs=0.2)
    assert (october.mine_height, november.theirs_height) == (0, 0)
    assert (plot.mine, plot.theirs, plot.most) == (60, 10, 40)
    assert november.mine_y >= 0
    assert plot.line_y + october.theirs_height <= plot.height <= plots.HEIGHT + 0.1
    assert first.x > 0
    assert november.x + november.width < plots.WIDTH


def test_few_contacts_make_a_low_plot():
    plot = plots.contacts({("2026-11", OUT): 1, ("2026-10", OUT): 1, ("2026-09", IN): 1}, TODAY)
    assert plot is not None
    assert plot.height < plots.HEIGHT / 2
    assert plots.first_of_year(TODAY) == date(2025, 12, 1)


def answered(weeks_ago: int, *waited_h: float) -> list[tuple[datetime, datetime]]:
    decided = MONDAY - timedelta(weeks=weeks_ago)
    return [(decided - timedelta(hours=hours), decided) for hours in waited_h]


def test_fewer_than_three_answers_show_nothing():
    assert plots.waits([], TODAY) is None
    assert plots.waits(answered(0, 1, 2), TODAY) is None
    assert plots.waits(answered(30, 1, 2, 3), TODAY) is None


def test_each_week_has_its_median_and_its_middle_half():
    plot = plots.waits([*answered(0, 1, 2, 3, 4, 5), *answered(2, 10)], TODAY)
    assert plot is not None
    before, now = plot.weeks
    assert (before.monday, now.monday) == (date(2026, 11, 2), date(2026, 11, 16))
    assert (now.lower, now.median, now.upper, now.answers) == (2, 3, 4, 5)
    assert (before.lower, before.median, before.upper, before.answers) == (10, 10, 10, 1)
    assert plot.top == 10
    assert now.upper_y < now.median_y < now.lower_y < plot.base_y
    assert before.median_y == pytest.approx(6)
    assert before.x < now.x < plots.WIDTH
    assert plots.first_week(TODAY) == date(2026, 8, 31)


def test_answers_at_once_lie_on_the_base():
    later = [(decided + timedelta(hours=1), decided) for _, decided in answered(0, 1, 1, 1)]
    plot = plots.waits(later, TODAY)
    assert plot is not None
    assert (plot.weeks[0].median, plot.weeks[0].median_y, plot.top) == (0, plot.base_y, 1)


def test_sources_make_one_bar_in_order():
    order = ["dead", "new", "well"]
    assert plots.conditions(["well", "dead"], order) is None
    plot = plots.conditions(["well", "dead", "well", "well"], order)
    assert plot is not None
    dead, well = plot.shares
    assert (dead.name, dead.many, dead.x, dead.width) == ("dead", 1, 0, 90)
    assert (well.name, well.many, well.x, well.width) == ("well", 3, 90, 270)
    assert plot.total == 4
