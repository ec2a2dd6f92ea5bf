"""Hearing who was nice to me: whose doings are kept, how often an account is asked, and errors."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from netbot.engine import Heard, deaf_accounts, follow_clock, hear
from netbot.engine.hear import EVERY_S, client_of
from netbot.model import (
    Barred,
    Client,
    ClientStatus,
    EngagementKind,
    Identity,
    NetworkError,
    RateLimited,
    Source,
    Transient,
)
from netbot.network import Access
from netbot.rules.loading import Rules
from netbot.store import accounts, hearings
from netbot.store.hearings import Hearing
from tests.actor import STUDIO, TOOTER, Stage
from tests.ears import Ears, ListeningDay, done
from tests.house import NOON, days, hours, house

EVERY = timedelta(seconds=EVERY_S)
KIND = EngagementKind


@pytest.fixture
def listen(values: Rules) -> Iterator[Callable[..., ListeningDay]]:
    made: list[ListeningDay] = []

    def make(**facts: Any) -> ListeningDay:
        made.append(ListeningDay(values, **facts))
        return made[-1]

    yield make
    for day in made:
        day.store.close()


@pytest.fixture
def day(listen: Callable[..., ListeningDay]) -> ListeningDay:
    return listen().begun()


def hearing(day: ListeningDay) -> Hearing:
    with day.store.read() as tx:
        return hearings.load(tx)["studio"]


def test_what_a_client_did_is_a_contact_on_their_timeline(day):
    heard = day.hear(
        NOON, *(done(kind.value, kind, at=NOON - hours(0.5)) for kind in EngagementKind)
    )
    assert (heard.asked, heard.kept, heard.errors) == (1, 5, {})
    assert set(day.contacts()) == {
        ("in", "like", ""),
        ("in", "share", ""),
        ("in", "follow", ""),
        ("in", "reply", "Das hilft uns sehr."),
        ("in", "mention", "Das hilft uns sehr."),
    }


def test_what_was_heard_twice_is_one(day):
    day.hear(NOON, done("1"), done("1"))
    again = day.hear(NOON + EVERY, done("2", at=NOON + hours(0.2)))
    assert day.ears.asked[-1] < NOON  # the network told the first of them again
    assert again.kept == 1
    assert len(day.contacts()) == 2


def test_of_strangers_nothing_is_written_down(day):
    facts: dict[str, Any] = {
        "handle": "@qwertz@b.example",
        "who_url": "https://b.example/@qwertz",
        "name": "Berta Fremd",
    }
    told = (done(kind.value, kind, **facts) for kind in EngagementKind)
    heard = day.hear(NOON, *told, done("known"))
    assert heard.kept == 1
    held = day.everything().casefold()
    assert "acme" in held
    assert not any(word in held for word in ("qwertz", "b.example", "berta", "fremd"))


def test_nothing_older_than_the_first_question_is_kept(day):
    heard = day.hear(NOON, done("old", at=NOON - hours(1.01)), done("new", at=NOON - hours(0.99)))
    assert heard.kept == 1
    assert day.refs("old", "new") == {"new"}
    assert day.ears.asked == [NOON - hours(1)] * 2


def test_the_clock_of_the_network_may_be_ahead(day):
    day.hear(NOON, done("1", at=NOON + hours(2)))
    [card] = day.cards()
    assert card.favours[0].at == NOON


def test_an_account_is_asked_at_a_calm_pace_whoever_asks(day):
    begun = NOON - hours(1)
    assert hearing(day).next_at == begun + EVERY
    assert day.hear(begun + EVERY - timedelta(seconds=1)) == Heard()
    assert day.hear(begun + EVERY) == Heard(asked=1)
    assert day.hear(begun + EVERY) == Heard()
    assert day.hear(begun + days(2)) == Heard(asked=1)
    assert day.ears.asked[-1] == begun  # what was told late is heard as well


def test_what_lies_long_back_is_not_asked_again(day):
    for day_after in range(3):
        day.hear(NOON + days(day_after))
    assert day.ears.asked[-1] == NOON + days(1) - hours(6)


def test_on_the_own_machine_it_is_as_often_as_sources_are_looked_at(listen):
    own = replace(STUDIO, server="http://127.0.0.1:4000")
    day = listen(accounts=(own,), allow_hosts=("127.0.0.1",), min_interval_s=1).begun()
    assert day.hear(NOON - hours(1) + timedelta(seconds=1)) == Heard(asked=1)


def test_one_account_at_a_time_the_one_that_has_waited_longest(listen):
    other = replace(STUDIO, id="other", platform_id="8")
    day = listen(accounts=(STUDIO, other))
    with day.store.write() as tx:
        accounts.pin(tx, other, Identity(platform_id="8", handle="@o@a.example"), "m", NOON)
    access = Access(sphere="professional", account=other, secret="other")
    ears = {"studio": day.ears, "other": Ears(access, platform_id="8")}
    for second in range(4):
        hear(day.store, day.desk, ears, NOON + timedelta(seconds=second), most=1)
    assert [len(each.asked) for each in ears.values()] == [1, 1]
    late = NOON + EVERY + timedelta(seconds=9)
    hear(day.store, day.desk, ears, late, most=1)
    assert [len(each.asked) for each in ears.values()] == [2, 1]


def test_who_cannot_hear_or_is_not_confirmed_is_not_asked(listen):
    day = listen()
    stage = Stage(Access(sphere="professional", account=STUDIO, secret="s3cret"))
    assert hear(day.store, day.desk, {"studio": stage}, NOON) == Heard()
    day.house = replace(day.house, accounts=())
    assert day.hear() == Heard()
    with day.store.write() as tx:
        tx.exec_driver_sql("UPDATE accounts SET platform_id = NULL")
    day.house = replace(day.house, accounts=(STUDIO,))
    assert day.hear() == Heard()
    with day.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM accounts")
    assert day.hear() == Heard()
    assert day.ears.asked == []


def test_a_frozen_account_is_left_alone(day):
    with day.store.write() as tx:
        accounts.freeze(tx, "studio", NOON, "look")
    assert day.hear(NOON) == Heard()
    assert len(day.ears.asked) == 1


def test_nobody_hears_with_the_secret_of_another(listen):
    """What another account is told belongs to another sphere, perhaps."""
    day = listen()
    day.ears.platform_id = "8"
    heard = day.hear(NOON, done("1"))
    assert heard.errors == {
        "studio": "its secret is for @studio@a.example (8), not for @studio@a.example (7)"
    }
    assert day.ears.asked == []
    assert day.contacts() == []


def test_an_account_that_is_confirmed_as_another_begins_anew(day):
    now = NOON + timedelta(seconds=1)
    day.hear(NOON - hours(0.4), done("1", at=NOON - hours(0.5)))
    other = replace(STUDIO, platform_id="9")
    day.house = replace(day.house, accounts=(other,))
    day.ears = Ears(Access(sphere="professional", account=other, secret="x"), platform_id="9")
    with day.store.write() as tx:
        accounts.pin(tx, other, Identity(platform_id="9", handle="@studio@a.example"), "m", now)
    assert day.hear(now, done("2", at=NOON)) == Heard(asked=1)
    assert (hearing(day).platform_id, hearing(day).since) == ("9", now)


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (Transient("no route"), 2 * EVERY),
        (Barred("no such scope"), 2 * EVERY),
        (RateLimited("later", retry_after_s=7200), timedelta(seconds=7200)),
        (RateLimited("later", retry_after_s=5), 2 * EVERY),
        (RateLimited("never", retry_after_s=10**9), days(7)),
    ],
)
def test_who_does_not_answer_is_given_time(day, error, wait):
    day.ears.deaf = error
    assert day.hear(NOON) == Heard(asked=1, errors={"studio": str(error)})
    assert hearing(day).next_at == NOON + wait
    assert day.hear(NOON + wait - timedelta(seconds=1)) == Heard()
    day.ears.deaf = None
    assert day.hear(NOON + wait, done("1", at=NOON)).kept == 1
    assert (hearing(day).failures, hearing(day).last_error) == (0, "")
    with day.store.read() as tx:
        assert accounts.load(tx)["studio"].frozen_at is None  # what it may still do, it does


def test_who_fails_again_and_again_is_asked_once_a_day(day):
    day.ears.deaf = Transient("no route")
    now = NOON
    for _ in range(9):
        assert day.hear(now).asked == 1
        now = hearing(day).next_at
    assert hearing(day).failures == 9
    assert hearing(day).failing_since == NOON
    assert day.hear(now).asked == 1
    assert hearing(day).next_at == now + days(1)


def test_an_account_that_stays_deaf_is_a_problem(day):
    day.hear(NOON - hours(0.5))
    day.ears.deaf = Transient("no route")
    day.hear(NOON)
    assert deaf_accounts(day.store, day.house, NOON + hours(23)) == []
    [problem] = deaf_accounts(day.store, day.house, NOON + days(1))
    assert (problem.account, problem.since, problem.note) == ("studio", NOON, "no route")
    assert "{account}" in problem.what
    assert problem.mend.format(**problem.facts).endswith("netbot account check studio")
    assert deaf_accounts(day.store, replace(day.house, accounts=()), NOON + days(1)) == []


def test_who_never_answered_is_told_at_once(listen):
    day = listen()
    day.ears.deaf = Transient("no route")
    day.hear(NOON)
    [problem] = deaf_accounts(day.store, day.house, NOON)
    assert problem.note == "no route"


def test_a_network_that_does_not_say_who_we_are_is_not_asked_what_others_did(listen):
    class Silent(Ears):
        def whoami(self) -> Identity:
            raise RateLimited("not so fast", retry_after_s=60)

    day = listen()
    access = Access(sphere="professional", account=STUDIO, secret="s3cret")
    day.ears = Silent(access)
    assert day.hear(NOON) == Heard(asked=1, errors={"studio": "not so fast"})
    assert hearing(day).next_at == NOON + 2 * EVERY


def test_plans_move_along_with_the_clock(day):
    follow_clock(day.store, hours(5))
    assert hearing(day).next_at == NOON - hours(1) + EVERY + hours(5)


def test_a_plan_of_a_wrong_clock_keeps_nobody_from_asking(day):
    with day.store.write() as tx:
        hearings.reserve(tx, "studio", NOON + days(300))
    assert day.hear(NOON).asked == 1


def known_by(*handles: str, **facts: Any) -> Client:
    places = tuple(Source(client="acme", network="mastodon", address=each) for each in handles)
    return Client(**({"id": "acme", "name": "ACME", "handles": places} | facts))


@pytest.mark.parametrize(
    "written",
    [
        "@acme@a.example",
        "acme@a.example",
        "@ACME@A.example ",
        "https://a.example/@acme",
        "http://www.a.example/@acme/#top",
        "https://a.example/@acme.rss",
    ],
)
def test_a_client_is_recognised_by_name_or_page(written):
    assert client_of(house(known_by(written)), STUDIO, done("1")) is not None


def test_a_source_says_who_it_is_as_well():
    assert client_of(house(TOOTER), STUDIO, done("1")) == TOOTER


@pytest.mark.parametrize("written", ["@acme@b.example", "acme", "https://a.example/@acme2", "@"])
def test_nobody_else_is_taken_for_a_client(written):
    assert client_of(house(known_by(written)), STUDIO, done("1")) is None


def test_a_bare_name_counts_on_its_own_network_only():
    x = replace(STUDIO, network="x")
    elsewhere = (Source(client="acme", network="reddit", address="acme"),)
    here = (Source(client="acme", network="x", address="@acme"),)
    bare = done("1", handle="acme", who_url="")
    assert client_of(house(known_by(handles=elsewhere)), x, bare) is None
    assert client_of(house(known_by(handles=here)), x, bare) is not None
    assert client_of(house(known_by(handles=here)), x, done("1", handle="", who_url="")) is None


def test_with_whom_it_has_ended_is_nobody_we_know():
    ended = (ClientStatus.ENDED, ClientStatus.IN_MEMORIAM)
    for status in ClientStatus:
        found = client_of(house(replace(TOOTER, status=status)), STUDIO, done("1"))
        assert (found is None) == (status in ended)


def test_the_error_of_a_network_hides_secrets(day):
    day.ears.deaf = NetworkError("Authorization: Bearer abcdefghijklmnop")
    day.hear(NOON)
    assert "abcdefghijklmnop" not in hearing(day).last_error
