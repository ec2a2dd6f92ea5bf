"""The order of the queue, for who needs no more of its cards."""

from netbot import engine
from netbot.engine import Skip
from netbot.model import SkipReason
from tests.house import BLOG, NOON, Day, days, hours, post


def test_the_line_is_the_queue_without_its_cards(make_day):
    day: Day = make_day(daily_limit=3).seeded()
    facts = {"title": "Auszeichnung für die Werkstatt"}
    day.shelf.show(BLOG, *(post(name, **(facts if name == "c" else {})) for name in "abcde"))
    day.watch(NOON)
    whole = [card.id for card in day.cards()]
    assert len(whole) == 5
    assert engine.line(day.store, day.house, NOON, everything=True) == whole
    assert engine.line(day.store, day.house, NOON) == whole[:3]

    day.decide(whole[0], Skip(reason=SkipReason.OTHER))
    assert engine.line(day.store, day.house, NOON) == whole[1:3]
    engine.leave_in_peace(day.store, "acme", NOON + days(3), NOON)
    assert engine.line(day.store, day.house, NOON + hours(1), everything=True) == []
