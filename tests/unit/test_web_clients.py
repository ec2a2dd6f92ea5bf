"""All clients at a glance, and what a sphere without any shows."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from netbot import app
from netbot.cli.main import run
from netbot.model import Direction, Touch
from netbot.store import touches
from netbot.web import clients, create
from tests import told
from tests.caller import PORT, Answer, Caller


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told")
    told.tell(home, "en")
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(told_home, tmp_path / "home")


def look(home: Path, path: str = "/professional/clients") -> Answer:
    return Caller(create(home, port=PORT, clock=lambda: told.NOW)).get(path)


def names(answer: Answer) -> list[str]:
    """The clients shown, by id, in their order."""
    ways = [link["href"] for link in answer.page.links]
    shown = [way.rpartition("/clients/")[2] for way in ways if "/clients/" in way]
    return [each for each in shown if each != "new"]


def touch(home: Path, client: str, days: int, direction: Direction = Direction.OUT) -> None:
    at = told.NOW - timedelta(days=days)
    contact = Touch(client=client, at=at, direction=direction, kind="reply")
    with app.open_sphere(home, "professional", told.NOW) as sphere, sphere.store.write() as tx:
        touches.add(tx, "professional", contact)


def change(home: Path, old: str, new: str) -> None:
    file = home / "config" / "professional.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    app.open_sphere(home, "professional", told.NOW, fresh=True).close()


def test_who_fell_silent_comes_first_and_who_was_never_met_last(home: Path):
    touch(home, "papiermond", 40)
    touch(home, "papiermond", 90, Direction.IN)
    touch(home, "brueckentext", 60)
    touch(home, "brueckentext", 50, Direction.IN)
    touch(home, "quillmoor", 50)
    page = look(home)
    assert names(page) == [
        "brueckentext",
        "papiermond",
        "quillmoor",
        "erlengrund",
        "penhallow-reed",
    ]
    assert "last word from them 2 months ago" in page.text
    assert "last word from you 1 month ago" in page.text
    late = [facts for _, facts in page.page.tags if facts.get("class") == "late"]
    assert len(late) == 2
    assert "since 2019 · no contact noted yet · a word every 45 days · sources well" in page.text
    assert "2 cards wait" in page.text
    assert "5 clients" in page.text


def test_by_name_and_by_words_of_name_and_tags(home: Path):
    assert names(look(home, "/professional/clients?by=name")) == [
        "brueckentext",
        "papiermond",
        "erlengrund",
        "penhallow-reed",
        "quillmoor",
    ]
    found = look(home, "/professional/clients?by=name&q=REED+key-client")
    assert names(found) == ["penhallow-reed"]
    (sifting,) = [form for form in found.page.questions if form.action.endswith("/clients")]
    assert sifting.fields == {"q": "REED key-client", "by": "name"}
    nobody = look(home, "/professional/clients?q=%3Cb%3E")
    assert "Nobody here is called so." in nobody.text
    assert "<b>" not in nobody.body


def test_whoever_has_ended_comes_last_and_is_called_so(home: Path):
    change(home, "- id: brueckentext", "- id: brueckentext\n    status: ended")
    page = look(home)
    assert names(page)[-1] == "brueckentext"
    assert "ended · since 2017" in page.text


def test_sources_are_told_in_a_word(home: Path):
    change(home, "  - id: quillmoor", "  - {id: far, name: Far}\n\n  - id: quillmoor")
    assert "no contact noted yet · nothing is watched" in look(home).text
    profile = "{network: linkedin, address: 'https://www.linkedin.com/in/x', look_in_days: 9}"
    change(home, "name: Far}", f"name: Far, sources: [{profile}]}}")
    assert "you look in yourself" in look(home).text
    change(home, profile, "'https://far.example/feed'")
    assert "not looked at yet" in look(home).text
    with app.open_sphere(home, "professional", told.NOW) as sphere, sphere.store.write() as tx:
        tx.exec_driver_sql("UPDATE sources SET gone_at = tried_at WHERE client_id = 'quillmoor'")
    assert "a source is gone" in look(home).text


def test_a_contact_is_noted_in_the_list_and_leads_back_to_it(home: Path):
    caller = Caller(create(home, port=PORT, clock=lambda: told.NOW))
    listed = caller.get("/professional/clients?by=name&q=e")
    done = caller.send(listed.form("/papiermond/contact"), day="yesterday", note="by phone")
    assert done.headers["location"] == "/professional/clients?noted=1&q=e&by=name"
    back = caller.follow(done)
    assert "Noted: you were in touch with" in back.text
    assert names(back) == names(listed)
    assert "last word from you 1 day ago" in back.text
    undone = caller.send(back.form("/contacts/1/undo"))
    assert undone.headers["location"] == "/professional/clients?noted=1"
    assert "No longer noted" in caller.follow(undone).text


def test_many_clients_stand_on_several_pages(home: Path):
    more = "".join(f"  - {{id: more-{n}, name: More {n:03}}}\n" for n in range(clients.SHOWN))
    change(home, "  - id: quillmoor", f"{more}\n  - id: quillmoor")
    first = look(home, "/professional/clients?by=name")
    assert len(names(first)) == clients.SHOWN
    onward = next(link["href"] for link in first.page.links if "from=" in link["href"])
    rest = look(home, onward)
    assert len(names(rest)) == 5
    assert not [link for link in rest.page.links if "from=" in link["href"]]
    assert len(names(look(home, "/professional/clients?from=x"))) == clients.SHOWN
    assert look(home, "/professional/clients?from=" + 5000 * "9").status == 200


def test_a_new_home_leads_to_its_first_client(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LANGUAGE", "en")
    assert run(["init", "--home", str(tmp_path / "new")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Add a client at http://127.0.0.1:8470/, or here: netbot client add ADDRESS" in said
    home = tmp_path / "new"
    assert look(home, "/").headers["location"] == "/professional"
    today = look(home, "/professional")
    assert "Whom do you want to be nice to?" in today.text
    assert "netbot demo" in today.text
    assert today.form("/clients/new/find")
    empty = look(home)
    assert "Nobody is here yet." in empty.text
    assert "/professional/clients/new" in [link["href"] for link in empty.page.links]
    assert "No account yet" in look(home, "/private/accounts").text


def test_a_home_with_clients_has_an_ordinary_empty_day(home: Path):
    assert "Whom do you want to be nice to?" not in look(home, "/private").text
