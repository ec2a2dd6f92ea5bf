"""When an approved act has to wait."""

from dataclasses import replace

import pytest

from netbot.engine import gate
from netbot.engine.gate import Wait, find_wait
from netbot.model import Action, ActionState, Channel, Choice, Verb
from netbot.store.accounts import Known
from netbot.store.performed import Performed
from tests.actor import STUDIO, open_policy
from tests.house import NOON, days, hours, house

KNOWN = Known(
    id="studio",
    network="mastodon",
    platform_id="7",
    handle="@studio@a.example",
    secret_mark="",
    checked_at=NOON,
    resting_until=None,
    frozen_at=None,
    note="",
)
LIKE = Action(
    id=1,
    suggestion="professional-1",
    client="acme",
    choice=Choice(
        verb=Verb.LIKE,
        target_url="https://a.example/1",
        account="studio",
        network="mastodon",
        channel=Channel.API,
    ),
    text="",
    approval_hash="",
    post_sha="",
    key="0" * 32,
    state=ActionState.PENDING,
    created_at=NOON,
    not_before=NOON,
    expires_at=NOON + days(2),
    changed_at=NOON,
)


def done(at, **facts):
    values = {
        "account": "studio",
        "network": "mastodon",
        "client": "other",
        "verb": Verb.LIKE,
        "at": at,
        "cost_micros": 0,
    }
    return Performed(**(values | facts))


def state(*performed, accounts=(STUDIO,), known=KNOWN, quiet=None, house_facts=None, **policy):
    return gate.State(
        house=house(accounts=accounts, **(house_facts or {})),
        policy={"mastodon": open_policy(**policy)},
        known={"studio": known} if known else {},
        quiet=quiet or {},
        performed=performed,
    )


def test_nothing_against_it():
    assert find_wait(LIKE, state(), NOON) is None


@pytest.mark.parametrize(
    "unknown",
    [
        state(accounts=()),
        state(accounts=(replace(STUDIO, platform_id=None),)),
        state(known=None),
        state(known=replace(KNOWN, platform_id="8")),
        replace(state(), policy={}),
    ],
)
def test_nobody_acts_whom_nobody_knows(unknown):
    assert find_wait(LIKE, unknown, NOON) == Wait(NOON + gate.AGAIN, gate.NO_ACCOUNT)


def test_a_frozen_account_waits_for_the_human():
    frozen = replace(KNOWN, frozen_at=NOON, resting_until=NOON + days(1))
    assert find_wait(LIKE, state(known=frozen), NOON) == Wait(NOON + gate.AGAIN, gate.FROZEN)


def test_an_account_rests_as_long_as_it_was_told():
    resting = state(known=replace(KNOWN, resting_until=NOON + hours(3)))
    assert find_wait(LIKE, resting, NOON) == Wait(NOON + hours(3), gate.RESTING)
    assert find_wait(LIKE, resting, NOON + hours(3)) is None


def test_a_client_in_peace_is_left_in_peace():
    held = state(quiet={"acme": NOON + days(14)})
    assert find_wait(LIKE, held, NOON) == Wait(NOON + days(14), gate.IN_PEACE)
    assert find_wait(replace(LIKE, client="other"), held, NOON) is None


def test_quiet_hours_reach_over_midnight():
    night = state(house_facts={"quiet_hours": ("22:00", "07:00")})
    for at, wakes in ((NOON + hours(11), NOON + hours(19)), (NOON + hours(18), NOON + hours(19))):
        assert find_wait(LIKE, night, at) == Wait(wakes, gate.QUIET)
    assert find_wait(LIKE, night, NOON) is None
    never = state(house_facts={"quiet_hours": ("22:00", "22:00")})
    assert find_wait(LIKE, never, NOON + hours(11)) is None


def test_acts_keep_their_distance_unevenly():
    busy = state(done(NOON), gap_s=60)
    regular, late = LIKE, replace(LIKE, key="ffff" + "0" * 28)
    assert find_wait(regular, busy, NOON) == Wait(NOON + hours(1 / 60), gate.SPACING)
    assert find_wait(late, busy, NOON) == Wait(NOON + hours(1.5 / 60), gate.SPACING)
    assert find_wait(regular, busy, NOON + hours(1 / 60)) is None


def test_another_account_is_no_reason_to_wait():
    busy = state(done(NOON, account="other"), gap_s=60, caps={Verb.LIKE: 1})
    assert find_wait(LIKE, busy, NOON) is None


def test_the_cap_of_a_verb_is_a_rolling_day():
    busy = state(done(NOON - hours(23)), done(NOON - hours(5)), caps={Verb.LIKE: 2, Verb.SHARE: 9})
    assert find_wait(LIKE, busy, NOON) == Wait(NOON + hours(1), gate.CAP)
    assert find_wait(LIKE, busy, NOON + hours(1)) is None
    share = replace(LIKE, choice=replace(LIKE.choice, verb=Verb.SHARE))
    assert find_wait(share, busy, NOON) is None


def test_more_than_the_cap_waits_for_as_many_to_leave_the_window():
    busy = state(*(done(NOON - hours(n)) for n in (4, 3, 2, 1)), caps={Verb.LIKE: 2})
    assert find_wait(LIKE, busy, NOON) == Wait(NOON + hours(22), gate.CAP)


def test_a_client_has_a_cap_of_its_own_for_as_many_days():
    mine = done(NOON - days(6), client="acme", verb=Verb.COMMENT, account="another")
    busy = state(mine, per_client=1, per_client_days=7)
    assert find_wait(LIKE, busy, NOON) == Wait(NOON + days(1), gate.CLIENT_CAP)
    assert find_wait(replace(LIKE, client="other"), busy, NOON) is None


def test_money_is_refused_before_the_call():
    paid = {"cost_micros": {Verb.LIKE: 4_000_000}}
    spent = [done(NOON - days(n), cost_micros=4_000_000) for n in (20, 3)]
    assert find_wait(LIKE, state(*spent, **paid), NOON) == Wait(NOON + days(10), gate.MONEY)
    assert find_wait(LIKE, state(spent[0], **paid), NOON) is None


def test_what_costs_more_than_there_is_never_leaves():
    poor = state(accounts=(replace(STUDIO, budget_micros=1),), cost_micros={Verb.LIKE: 2})
    assert find_wait(LIKE, poor, NOON) == Wait(NOON + gate.AGAIN, gate.MONEY)


def test_a_clock_that_was_set_back_neither_frees_nor_blocks_for_ever():
    ahead = state(done(NOON + hours(5)), gap_s=60, caps={Verb.LIKE: 1})
    assert find_wait(LIKE, ahead, NOON) == Wait(NOON + days(1), gate.CAP)
    wrong = state(done(NOON + days(3650)), gap_s=60, caps={Verb.LIKE: 1})
    assert find_wait(LIKE, wrong, NOON) is None


def test_of_several_reasons_the_longest_counts():
    busy = state(
        done(NOON), gap_s=60, caps={Verb.LIKE: 1}, known=replace(KNOWN, resting_until=NOON)
    )
    assert find_wait(LIKE, busy, NOON) == Wait(NOON + days(1), gate.CAP)
