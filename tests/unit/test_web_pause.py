"""Stopping everything, and going on, from the page."""

import shutil
from pathlib import Path

import pytest

from netbot import app, pause
from netbot.pause import Pause
from netbot.web import create
from tests import told
from tests.caller import PORT, Caller


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home: Path = tmp_path_factory.mktemp("told")
    told.tell(home, "de")
    return home


@pytest.fixture
def home(told_home, tmp_path):
    return shutil.copytree(told_home, tmp_path / "home")


@pytest.fixture
def caller(home):
    return Caller(create(home, port=PORT, clock=lambda: told.NOW))


def test_one_press_stops_everything_in_all_spheres(caller, home):
    today = caller.get("/professional")
    assert "Alles anhalten" in today.text
    assert "Angehalten" not in today.text
    stopped = caller.follow(caller.send(today.form("/professional/pause")))
    assert app.paused(home) == Pause(since=told.NOW)
    assert "Angehalten seit heute 09:15: Nichts geht hinaus." in stopped.text
    for page in ("/professional", "/private", "/professional/outbox"):
        answer = caller.get(page)
        assert "Angehalten seit" in answer.text
        assert "Alles anhalten" not in answer.text
    assert "Angehalten" not in caller.follow(caller.send(stopped.form("/resume"))).text
    assert app.paused(home) is None


def test_the_pause_stands_on_a_cards_page_with_its_reason(caller, home):
    app.pause(home, "<b>Urlaub</b>", told.NOW)
    page = caller.get("/professional")
    assert "<b>Urlaub</b>" in page.text
    number = page.form("/approve").action.split("/")[-2]
    assert "Angehalten seit" in caller.get(f"/professional/cards/{number}").text


def test_a_flag_without_words_shows_as_well(caller, home):
    (home / "data" / "pause").touch()
    assert "Angehalten: Nichts geht hinaus." in caller.get("/private").text


def test_a_home_from_a_backup_goes_on_when_the_old_one_is_said_to_be_off(caller, home):
    pause.begin(home, Pause(since=told.NOW, former_home="old"))
    page = caller.get("/professional")
    refused = caller.send(page.form("/resume"), old="")
    assert refused.status == 422
    assert "Sag erst, dass das alte Zuhause aus ist" in refused.text
    assert app.paused(home) is not None
    caller.follow(caller.send(page.form("/resume"), old="off"))
    assert app.paused(home) is None


@pytest.mark.parametrize("ending", ["/pause", "/resume"])
def test_a_form_that_is_not_ours_changes_nothing(caller, home, ending):
    if ending == "/resume":
        app.pause(home, "", told.NOW)
    before = app.paused(home)
    form = caller.get("/professional").form(ending)
    assert caller.send(form, token="another").status == 403
    assert caller.ask("GET", form.action).status in {404, 405}
    assert caller.ask("POST", form.action, headers={"origin": "https://evil.example"}).status == 403
    assert app.paused(home) == before


def test_what_ails_the_disk_stands_on_top(caller, home):
    (home / "data" / "professional" / "damaged").write_text("Die Platte stirbt.")
    assert "Die Platte stirbt." in caller.get("/professional").text
    assert "Die Platte stirbt." not in caller.get("/private").text
