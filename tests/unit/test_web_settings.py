"""Settings on forms: only what was changed is written, and it holds at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from netbot import app
from netbot.demo.blogserver import BlogServer
from tests.caller import Answer, Form
from tests.newhome import NOW, SPHERE, NewHome

HOME = "config/netbot.yaml"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NewHome]:
    with BlogServer() as blog:
        yield NewHome(tmp_path, blog)


def form(answer: Answer, part: str) -> Form:
    return next(each for each in answer.page.forms if each.fields.get("part") == part)


def save(desk: NewHome, part: str, **typed: str) -> Answer:
    return desk.caller.send(form(desk.get("/settings"), part), **typed)


def test_only_what_was_changed_is_written_and_it_holds_at_once_everywhere(desk: NewHome):
    desk.write("config/private.yaml", "clients:\n")
    app.open_sphere(desk.home, "private", NOW).close()
    before = desk.read(HOME)
    shown = form(desk.get("/settings"), "home").fields
    assert (shown["daily_limit"], shown["undo_window_s"]) == ("5", "60")
    answer = save(desk, "home", daily_limit="3", language="de")
    assert answer.headers["location"] == "/professional/settings?saved=home#home"
    assert desk.read(HOME) == before.replace("limit: 5 ", "limit: 3 ").replace(": en ", ": de ")
    assert "Einstellungen" in desk.caller.follow(answer).text
    for name in ("professional", "private"):
        with app.open_sphere(desk.home, name, NOW) as sphere:
            assert (sphere.house.daily_limit, sphere.house.language) == (3, "de")


def test_a_form_without_a_change_writes_nothing(desk: NewHome):
    before = desk.read(HOME)
    assert save(desk, "home").status == 303
    assert save(desk, "mail").status == 303
    assert (desk.read(HOME), desk.read()) == (before, SPHERE)


def test_quiet_hours_come_and_go_as_a_pair(desk: NewHome):
    before = desk.read(HOME)
    assert save(desk, "home", quiet_from="22:00", quiet_until="07:00").status == 303
    with desk.open() as sphere:
        assert sphere.house.quiet_hours == ("22:00", "07:00")
    answer = save(desk, "home", quiet_from="")
    assert answer.status == 422
    assert "Say both when they begin and when they end" in answer.text
    assert save(desk, "home", quiet_from="", quiet_until="").status == 303
    assert desk.read(HOME) == before


def test_the_morning_mail_comes_and_goes(desk: NewHome):
    assert save(desk, "mail", to="anna@example.com", server="smtp.example.com:465").status == 303
    with desk.open() as sphere:
        digest = sphere.house.digest
        assert digest is not None
        assert (digest.to, digest.server) == ("anna@example.com", "smtp.example.com:465")
        assert sphere.house.opens_at == "08:00"
    assert desk.read().startswith(SPHERE)
    assert save(desk, "mail", at="06:30", server="").status == 303
    with desk.open() as sphere:
        assert sphere.house.opens_at == "06:30"
        assert sphere.house.digest is not None
        assert sphere.house.digest.server == ""
    assert save(desk, "mail", at="").status == 422
    assert save(desk, "mail", to="").status == 303
    assert desk.read() == SPHERE


def test_notifications_come_and_go_with_the_mail_and_without_it(desk: NewHome):
    assert save(desk, "mail", notify="phone, desk,", at="07:00").status == 303
    with desk.open() as sphere:
        digest = sphere.house.digest
        assert digest is not None
        assert (digest.to, digest.notify, sphere.house.opens_at) == ("", ("phone", "desk"), "07:00")
    assert save(desk, "mail", to="anna@example.com").status == 303
    assert save(desk, "mail", to="", at="06:00").status == 303
    with desk.open() as sphere:
        digest = sphere.house.digest
        assert digest is not None
        assert (digest.to, digest.notify, sphere.house.opens_at) == ("", ("phone", "desk"), "06:00")
    assert save(desk, "mail", at="").status == 422
    assert save(desk, "mail", notify="jsons://phone.example/x").status == 409
    assert save(desk, "mail", notify="").status == 303
    assert desk.read() == SPHERE


@pytest.mark.parametrize(
    ("part", "field", "typed", "said"),
    [
        ("home", "time_zone", "Berlin", "Write a time zone such as Europe/Berlin."),
        ("home", "daily_limit", "51", "Write a whole number from 0 to 50."),
        ("home", "undo_window_s", "soon", "Write a whole number from 0 to 86400."),
        ("home", "peace_days", "", "Write a whole number from 0 to 365."),
    ],
)
def test_what_cannot_be_comes_back_as_it_was_typed(
    desk: NewHome, part: str, field: str, typed: str, said: str
):
    before = desk.read(HOME)
    answer = save(desk, part, **{field: typed})
    assert answer.status == 422
    assert said in answer.text
    assert form(answer, part).fields[field] == typed
    assert desk.read(HOME) == before


def test_what_check_would_refuse_is_not_written(desk: NewHome):
    answer = save(desk, "mail", to="anna")
    assert answer.status == 409
    assert "must be a mail address such as anna@example.com" in answer.text
    assert form(answer, "mail").fields["to"] == "anna"
    assert desk.read() == SPHERE


def test_a_change_on_disk_is_never_overwritten(desk: NewHome):
    old = form(desk.get("/settings"), "home")
    theirs = desk.read(HOME).replace("limit: 5", "limit: 9") + "# von Hand\n"
    desk.write(HOME, theirs)
    answer = desk.caller.send(old, daily_limit="3", peace_days="21")
    assert answer.status == 409
    assert "The file was changed meanwhile" in answer.text
    assert "In the file by now: 9" in answer.text
    assert desk.read(HOME) == theirs
    again = form(answer, "home")
    assert (again.fields["daily_limit"], again.fields["peace_days"]) == ("3", "21")
    assert desk.caller.send(again).status == 303
    with desk.open() as sphere:
        assert (sphere.house.daily_limit, sphere.house.peace_days) == (3, 21)
    assert desk.read(HOME).endswith("# von Hand\n")


def test_a_form_of_another_process_changes_nothing_and_loses_no_word(desk: NewHome):
    before = desk.read(HOME)
    answer = desk.caller.send(
        form(desk.get("/settings"), "home"), token="stale", daily_limit="3", part="nonsense"
    )
    assert answer.status == 403
    assert form(answer, "home").fields["daily_limit"] == "3"
    assert desk.read(HOME) == before


def test_files_with_errors_are_told(desk: NewHome):
    desk.write(HOME, "nobody: 1\n")
    assert "config/netbot.yaml:1" in desk.get("/settings").text
    (desk.home / HOME).unlink()
    answer = save(desk, "home", daily_limit="3")
    assert answer.status == 409
    assert "config/netbot.yaml cannot be read" in answer.text
