from datetime import UTC, datetime, timedelta, timezone

import pytest

from netbot.clock import day_bounds, now, parse_until
from netbot.model import (
    Account,
    Client,
    ConfigError,
    House,
    NetbotError,
    Post,
    Problem,
    RateLimited,
    Ruling,
    UnknownId,
    UsageError,
    require_utc,
)
from tests.house import NOON, post


def test_naive_and_foreign_times_are_refused():
    with pytest.raises(ValueError, match="published_at"):
        post("x", published_at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="at must be an aware UTC time"):
        require_utc(at=NOON.astimezone(timezone(timedelta(hours=1))))
    require_utc(at=None)


def test_rulings_are_ordered_by_strictness():
    ordered = sorted(Ruling, key=lambda ruling: ruling.strictness)
    assert ordered == [Ruling.PASS, Ruling.ASK, Ruling.SKIP, Ruling.REFUSE]


def test_errors_say_what_scripts_need():
    problem = Problem(file="config/private.yaml", line=3, column=7, message="is missing")
    assert str(ConfigError(problem)) == "config/private.yaml:3:7: is missing"
    assert ConfigError(problem).problems == (problem,)
    assert ConfigError(problem).exit_code == UsageError.exit_code == 2
    assert UnknownId("x-1", "no such card").id == "x-1"
    assert RateLimited("slow down", retry_after_s=60).retry_after_s == 60
    assert NetbotError.exit_code == 1


def test_a_house_finds_its_clients_and_accounts():
    house = House(
        sphere="private",
        accounts=(Account(id="me", network="web", handle="Me"),),
        clients=(Client(id="choir", name="Choir"),),
    )
    assert house.client("choir") == house.clients[0]
    assert house.client("nobody") is None
    assert house.account("me") == house.accounts[0]
    assert house.account(None) is None


def test_the_present_is_aware():
    assert now().tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        (datetime(2026, 11, 23, 11, tzinfo=UTC), 24),
        (datetime(2026, 10, 25, 11, tzinfo=UTC), 25),  # summer time ends
        (datetime(2026, 3, 29, 11, tzinfo=UTC), 23),  # summer time begins
    ],
)
def test_a_local_day_is_as_long_as_it_is(moment: datetime, hours: int):
    start, end = day_bounds(moment, "Europe/Berlin")
    assert start <= moment < end
    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("tomorrow", "2026-11-24"),
        ("Morgen", "2026-11-24"),
        ("3d", "2026-11-26"),
        ("3t", "2026-11-26"),
        ("monday", "2026-11-30"),  # NOON is a Monday: the next one is meant
        ("Dienstag", "2026-11-24"),
        ("2026-12-24", "2026-12-24"),
    ],
)
def test_dates_are_understood_in_both_languages(text: str, date: str):
    until = parse_until(text, NOON, "Europe/Berlin")
    assert until == datetime.fromisoformat(f"{date}T00:00:00+01:00")
    assert until.tzinfo is UTC


def test_what_is_no_date_is_said():
    with pytest.raises(UsageError, match="“someday” is no date: write 2026-12-24"):
        parse_until("someday", NOON, "Europe/Berlin")


def test_a_post_is_what_it_was_given():
    given = Post(network="web", url="", title="", text="Hallo", keys=("hash:1",))
    assert (given.kind, given.links, given.published_at) == ("original", 0, None)
