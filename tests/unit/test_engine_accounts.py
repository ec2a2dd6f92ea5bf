"""Whether an account may act: whom its secret is for, asked when it has something to do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from netbot import log
from netbot.engine import Approve, frozen_accounts, vouch, with_pins
from netbot.model import (
    Barred,
    Identity,
    NetworkError,
    RateLimited,
    Transient,
    Unsure,
)
from netbot.network import Access, Network
from netbot.rules.loading import Rules
from netbot.store import accounts
from netbot.store.accounts import Known
from tests.actor import STUDIO, ActingDay
from tests.house import NOON, Day, days, hours, house

ANNA = Identity(platform_id="7", handle="@studio@a.example")
BERTA = Identity(platform_id="8", handle="@berta@a.example")
ID = STUDIO.id


class Mirror(Network):
    """Says of every secret what a test wants, and counts how often it was asked."""

    NETWORKS = ("mastodon",)

    def __init__(self, access: Access | None, answer: Identity | NetworkError = ANNA) -> None:
        super().__init__(access)
        self.answer = answer
        self.asked = 0

    def whoami(self) -> Identity:
        self.asked += 1
        if isinstance(self.answer, NetworkError):
            raise self.answer
        return self.answer


def known(day: Day, id: str = ID) -> Known:
    with day.store.read() as tx:
        return accounts.load(tx)[id]


def pin(day: Day, identity: Identity = ANNA, *, mark: str = "m", at=NOON) -> None:
    """What `netbot account check` does when the human has said yes."""
    mine = day.house.account(ID)
    assert mine is not None
    with day.store.write() as tx:
        accounts.pin(tx, mine, identity, mark, at)
        day.house = with_pins(day.house, accounts.load(tx))


def actor(day: Day, answer: Identity | NetworkError = ANNA, *, mark: str = "m") -> Mirror:
    mine = day.house.account(ID)
    assert mine is not None
    secret = "the-secret-of-anna"
    return Mirror(Access(sphere="professional", account=mine, secret=secret, mark=mark), answer)


def ask(day: Day, mirror: Mirror, now=NOON) -> bool:
    vouched = vouch(day.store, day.house, {ID: mirror}, now)
    assert vouched in ({}, {ID: mirror})
    return bool(vouched)


@pytest.fixture
def day(values: Rules) -> Iterator[ActingDay]:
    """A house with an account that a human has confirmed, and nothing to do."""
    day = ActingDay(values)
    yield day
    day.store.close()


@pytest.fixture
def busy(day: ActingDay) -> ActingDay:
    """The same, when an act waits that netbot is to send as ``ID``."""
    [card] = day.tell("award", now=NOON - hours(2))
    day.decide(card.id, Approve(), NOON - hours(1))
    return day


def test_asked_once_a_local_date_and_for_each_secret_and_process(busy):
    mirror = actor(busy)
    pin(busy, at=NOON - days(1))
    assert ask(busy, mirror)
    assert known(busy).checked_at == NOON
    assert ask(busy, mirror, NOON + timedelta(seconds=2))
    assert mirror.asked == 1
    # 22:30 and 23:30 UTC are two dates in Berlin
    assert ask(busy, mirror, NOON + hours(11.5))
    assert ask(busy, mirror, NOON + hours(12.5))
    assert mirror.asked == 2
    changed = actor(busy, mark="another")
    assert ask(busy, changed, NOON + hours(13))
    assert (changed.asked, known(busy).secret_mark) == (1, "another")
    again = actor(busy, mark="another")
    assert ask(busy, again, NOON + hours(13))
    assert again.asked == 1


def test_a_clock_that_was_set_back_asks_again(busy):
    mirror = actor(busy)
    assert ask(busy, mirror, NOON)
    assert ask(busy, mirror, NOON - hours(0.5))
    assert mirror.asked == 2


def test_who_has_nothing_to_do_is_not_asked(day):
    pin(day)
    mirror = actor(day)
    assert not ask(day, mirror)
    assert mirror.asked == 0


def test_whom_no_human_has_confirmed_does_nothing(busy):
    mirror = actor(busy)
    with busy.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM accounts")
    assert not ask(busy, mirror)
    nobody = replace(STUDIO, platform_id=None)
    elsewhere = replace(STUDIO, network="linkedin")
    other = replace(STUDIO, platform_id="8")
    pin(busy)
    for mine in (nobody, elsewhere, other):
        stale = Mirror(Access(sphere="professional", account=mine, secret="x", mark="m"))
        assert not ask(busy, stale)
        assert stale.asked == 0
    assert not ask(busy, Mirror(None))
    with busy.store.write() as tx:
        tx.exec_driver_sql("UPDATE accounts SET platform_id = NULL")
    assert not ask(busy, actor(busy))


def test_a_secret_of_somebody_else_freezes_the_account(busy):
    mirror = actor(busy, BERTA)
    assert not ask(busy, mirror)
    assert known(busy).frozen_at == NOON
    assert known(busy).note == (
        "its secret is for @berta@a.example (8), not for @studio@a.example (7)"
    )
    mirror.answer = ANNA
    assert not ask(busy, mirror, NOON + days(1))
    assert mirror.asked == 1
    [problem] = frozen_accounts(busy.store, busy.house)
    assert problem.what.format(**problem.facts).startswith(f"{ID} is frozen since 2026-11-23 11:00")
    assert problem.mend.format(**problem.facts).endswith(f"netbot account check {ID}")
    assert frozen_accounts(busy.store, replace(busy.house, accounts=())) == []
    pin(busy)
    assert frozen_accounts(busy.store, busy.house) == []
    assert ask(busy, mirror, NOON + days(1))


def test_a_secret_that_is_no_longer_taken_freezes_it_too(busy):
    log.hide("the-secret-of-anna")
    assert not ask(busy, actor(busy, Barred("401: the-secret-of-anna is no token")))
    assert known(busy).frozen_at == NOON
    assert known(busy).note.endswith("any more: 401: *** is no token")


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        (Transient("asleep"), 60),
        (Unsure("what was that"), 60),
        (NetworkError("hm"), 60),
        (RateLimited("slow down", retry_after_s=900), 900),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, NetworkError) else "",
)
def test_a_network_that_cannot_tell_is_asked_again_later(error, wait_s, busy):
    pin(busy, at=NOON - days(1))
    mirror = actor(busy, error)
    assert not ask(busy, mirror)
    assert known(busy).frozen_at is None
    assert known(busy).resting_until == NOON + timedelta(seconds=wait_s)
    assert known(busy).note == str(error)
    mirror.answer = ANNA
    assert not ask(busy, mirror, NOON + timedelta(seconds=wait_s - 1))
    assert mirror.asked == 1
    assert ask(busy, mirror, NOON + timedelta(seconds=wait_s))


def test_the_house_carries_the_pins_and_every_approval_binds_them(busy):
    [mine] = with_pins(busy.house, {}).accounts
    assert mine.platform_id is None
    [mine] = with_pins(house(accounts=(mine,)), {ID: known(busy)}).accounts
    assert mine.platform_id == "7"
    moved = house(accounts=(replace(mine, network="linkedin"),))
    assert with_pins(moved, {ID: known(busy)}).accounts[0].platform_id is None
    with busy.store.read() as tx:
        bound = tx.exec_driver_sql("SELECT platform_id FROM decisions").scalar_one()
    assert bound == "7"


@pytest.fixture
def pinned(day: Day) -> Callable[[], Known]:
    pin(day)
    return lambda: known(day)


def test_the_first_reason_to_freeze_stays_until_a_human_has_looked(day, pinned):
    with day.store.write() as tx:
        accounts.freeze(tx, ID, NOON, "the first")
        accounts.freeze(tx, ID, NOON + hours(1), "the second")
        accounts.rest(tx, ID, NOON + hours(1), "a rest")
        accounts.freeze(tx, "nobody", NOON, "there is no such account")
    assert (pinned().frozen_at, pinned().note, pinned().resting_until) == (NOON, "the first", None)
    with day.store.write() as tx:
        accounts.thaw(tx, ID)
        accounts.rest(tx, ID, NOON + hours(1), "x" * 1000)
    assert pinned().frozen_at is None
    assert (pinned().resting_until, len(pinned().note)) == (NOON + hours(1), 500)
