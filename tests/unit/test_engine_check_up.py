"""How every source is, those that need the human first; and through whom one speaks with whom."""

from dataclasses import replace

from netbot.engine import Condition, SourceHealth, check_up, voices
from netbot.model import Account, Gone, Refused, Transient
from netbot.store import sources
from tests.house import ACME, BLOG, NOON, POLICY, SECOND, Day, days, hours, house, on, post

THIRD = on("https://third.example/feed")
FOURTH = on("https://fourth.example/feed")
MANY = replace(ACME, sources=(*ACME.sources, THIRD, FOURTH))


def found(day: Day, now=NOON) -> list[SourceHealth]:
    return check_up(day.store, day.house, now)


def test_what_is_dead_stands_first(make_day):
    day = make_day(MANY)
    day.shelf.show(BLOG, post("a", published_at=NOON - days(3)))
    day.watch(NOON - hours(3))
    day.shelf.fail(SECOND, Transient("no route"))
    day.shelf.fail(FOURTH.address, Gone("410"))
    day.watch(NOON - hours(1))
    day.shelf.show(BLOG)
    conditions = [(each.watched.source.address, each.condition) for each in found(day)]
    assert conditions == [
        (FOURTH.address, Condition.DEAD),
        (SECOND, Condition.STUMBLING),
        (BLOG, Condition.WELL),
        (THIRD.address, Condition.WELL),
    ]
    dead, stumbling, well, _ = found(day)
    assert well.newest_at == NOON - days(3)
    assert (dead.newest_at, dead.problems[0].kind.value) == (None, "gone")
    assert (stumbling.problems, stumbling.is_alive, well.is_alive) == ((), True, True)


def test_alive_is_what_answered_within_a_day(day):
    day.watch(NOON)
    assert [each.is_alive for each in found(day, NOON + hours(23))] == [True, True]
    assert [each.is_alive for each in found(day, NOON + hours(24))] == [False, False]


def test_a_source_that_was_never_looked_at_is_new(day):
    with day.store.write() as tx:
        sources.align(tx, ACME.sources, NOON)
    assert [each.condition for each in found(day)] == [Condition.NEW, Condition.NEW]
    assert not any(each.is_alive for each in found(day))


def test_what_answers_and_needs_the_human_asks(day):
    day.watch(NOON)
    with day.store.write() as tx:
        sources.set_aside(tx, 2, NOON)
    first, second = found(day)
    assert (first.watched.id, first.condition) == (2, Condition.ASKING)
    assert second.condition is Condition.WELL


def test_what_left_the_configuration_is_left_out(make_day):
    day = make_day(MANY)
    day.watch(NOON)
    day.shelf.fail(BLOG, Refused("403"))
    with day.store.write() as tx:
        sources.align(tx, (THIRD,), NOON)
    assert [each.watched.source for each in found(day)] == [THIRD]


def test_one_speaks_through_the_accounts_that_nobody_has_to_choose():
    second = Account(id="studio-linkedin", network="linkedin", handle="studio")
    alone, several = house(), house()
    several = replace(several, accounts=(*several.accounts, second))
    assert [each.id for each in voices(ACME, alone, POLICY)] == ["anna-web", "anna-linkedin"]
    assert [each.id for each in voices(ACME, several, POLICY)] == ["anna-web"]
    named = replace(ACME, accounts=("studio-linkedin",))
    assert [each.id for each in voices(named, several, {})] == ["anna-web", "studio-linkedin"]
