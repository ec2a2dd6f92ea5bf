"""What accounts pay for asking, besides what they pay for acting."""

from dataclasses import replace

import pytest

from netbot.engine import AccountPurse, Approve, decide, dollars, gate
from netbot.engine.choices import offer
from netbot.engine.gate import find_wait
from netbot.engine.purse import LATER
from netbot.model import Account, Channel, RateLimited, StoredPost, Verb
from netbot.store import Store, acts, expenses
from tests.actor import STUDIO, ActingDay, open_policy
from tests.house import ACME, NOON, SITE, days, house, post
from tests.unit.test_engine_gate import LIKE, done, state

CENT = 10_000


@pytest.fixture
def purse() -> AccountPurse:
    account = replace(STUDIO, budget_micros=10 * CENT)
    return AccountPurse(Store("sqlite://", "professional"), account, now=lambda: NOON)


def paid(purse: AccountPurse) -> int:
    with purse._store.read() as tx:
        return expenses.after(tx, (NOON - days(30)).date()).get("studio", 0)


def test_money_is_set_aside_before_and_given_back_after(purse):
    purse.take(6 * CENT)
    purse.take(3 * CENT)
    purse.give_back(2 * CENT)
    purse.give_back(0)
    assert paid(purse) == 7 * CENT


def test_what_is_not_there_is_refused_and_not_charged(purse):
    purse.take(9 * CENT)
    with pytest.raises(RateLimited, match=r"studio is spent for now: \$0\.01 of \$0\.10") as caught:
        purse.take(2 * CENT)
    assert caught.value.retry_after_s == LATER.total_seconds()
    assert paid(purse) == 9 * CENT
    purse.take(CENT)


def test_days_leave_the_window(purse):
    with purse._store.write() as tx:
        expenses.add(tx, "studio", (NOON - days(31)).date(), 100 * CENT)
        expenses.add(tx, "studio", (NOON - days(29)).date(), 4 * CENT)
        expenses.add(tx, "another", NOON.date(), 100 * CENT)
    purse.take(6 * CENT)
    with pytest.raises(RateLimited):
        purse.take(1)


def test_acts_and_reading_share_one_budget(values):
    day = ActingDay(values)
    day.policy = {"mastodon": open_policy(cost_micros={Verb.LIKE: 6 * CENT})}
    [card] = day.tell("a")
    decide(day.store, day.hall, card.id, Approve(verb=Verb.LIKE, text=None), NOON)
    account = replace(STUDIO, budget_micros=10 * CENT)
    purse = AccountPurse(day.store, account, now=lambda: NOON + days(1))
    day.send(NOON + days(1))
    with pytest.raises(RateLimited):
        purse.take(5 * CENT)
    purse.take(4 * CENT)
    day.store.close()


def test_what_was_read_counts_when_an_act_would_leave():
    costs = {"cost_micros": {Verb.LIKE: 4_000_000}}
    rich = state(done(NOON - days(3), cost_micros=4_000_000), **costs)
    assert find_wait(LIKE, rich, NOON) is None
    poorer = replace(rich, expenses={"studio": 3_000_000})
    assert find_wait(LIKE, poorer, NOON) == gate.Wait(NOON + days(27), gate.MONEY)
    free = replace(state(), expenses={"studio": 30_000_000})
    assert find_wait(LIKE, free, NOON) is None


def test_sums_are_written_as_people_write_them():
    assert [dollars(micros) for micros in (200_000, 15_000, -5, 10_000_000)] == [
        "$0.20",
        "$0.015",
        "$0.00",
        "$10.00",
    ]


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("Was meint @studio dazu?", Channel.API),
        ("@Studio: was meinst du?", Channel.API),
        ("Was meint studio dazu?", Channel.HANDOFF),
        ("Was meint @studio_2 dazu?", Channel.HANDOFF),
        ("Post an info@studio", Channel.HANDOFF),
    ],
)
def test_who_is_called_by_name_may_answer_by_program(text, channel):
    policy = {
        "x": replace(
            open_policy(network="x"),
            verbs={Verb.COMMENT: Channel.HANDOFF},
            summoned={Verb.COMMENT: Channel.API},
        )
    }
    mine = Account(id="studio", network="x", handle="@studio", platform_id="7")
    shown = post("a", network="x", url="https://x.com/acme/status/1", text=text)
    teller = StoredPost(id=1, client="acme", source=SITE, story=1, first_seen_at=NOON, post=shown)
    [choice] = offer([teller], ACME, house(accounts=(mine,)), policy, ())
    assert (choice.verb, choice.channel) == (Verb.COMMENT, channel)
    unpinned = replace(mine, platform_id=None)
    [by_hand] = offer([teller], ACME, house(accounts=(unpinned,)), policy, ())
    assert by_hand.channel is Channel.HANDOFF


def test_words_beside_a_share_make_a_quote_of_it_for_the_human(values):
    day = ActingDay(values)
    day.policy = {"mastodon": open_policy(quote=Channel.HANDOFF)}
    [card] = day.tell("a")
    decided = decide(
        day.store, day.hall, card.id, Approve(verb=Verb.SHARE, text="Sehr lesenswert!"), NOON
    )
    assert decided.state == "approved"
    assert day.send(NOON + days(1)).sent == 0
    with day.store.read() as tx:
        act = acts.latest(tx, "professional", card.id)
    assert act is not None
    assert (act.choice.channel, act.text) == (Channel.HANDOFF, "Sehr lesenswert!")
    day.store.close()
