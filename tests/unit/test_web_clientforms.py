"""A client added and changed on forms: what is asked, what is written, what stays."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from netbot import engine
from netbot.demo.blogserver import BlogServer
from netbot.model import Source
from netbot.network import Batch
from netbot.store import sources
from netbot.web.finds import FRESH, KEPT, Finds
from tests.newhome import NOW, SPHERE, NewHome, page

LIST = b"""<html><head><title>News</title></head><body><main><h1>News</h1><ul>
<li><h2><a href="/news/1">The first piece of news</a></h2><p>Long ago.</p></li>
<li><h2><a href="/news/2">The second piece of news</a></h2><p>Lately.</p></li>
<li><h2><a href="/news/3">The third piece of news</a></h2><p>Now.</p></li>
</ul></main></body></html>"""


@pytest.fixture
def blog() -> Iterator[BlogServer]:
    with BlogServer() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, blog: BlogServer) -> NewHome:
    return NewHome(tmp_path, blog)


def asked(desk: NewHome) -> list[str]:
    return [request.path for request in desk.blog.requests]


def test_reading_the_form_asks_nobody(desk: NewHome):
    answer = desk.get(f"/clients/new?address={desk.blog.url('/')}")
    assert answer.form("/find").fields["address"] == desk.blog.url("/")
    assert asked(desk) == []


def test_from_an_address_to_a_client_who_is_watched(desk: NewHome):
    found = desk.find(desk.blog.url("/"))
    assert "Neue Räume" in found.text
    assert "21 November 2026 · fine" in found.text
    assert "left alone: a raffle" in found.text
    form = found.form("/clients/new")
    assert (form.fields["name"], form.fields["language"]) == ("Studio Ährenkranz", "de")
    assert desk.read() == SPHERE
    told = {"since": "2019", "cadence_days": "45", "tags": "key, druck", "language": "de-AT"}
    answer = desk.caller.send(form, **told)
    assert answer.headers["location"] == "/professional/clients/studio-aehrenkranz"
    assert desk.read() == SPHERE + (
        "  - id: studio-aehrenkranz\n"
        "    name: Studio Ährenkranz\n"
        "    language: de-AT\n"
        "    tags: [key, druck]\n"
        "    cadence_days: 45\n"
        "    since: 2019\n"
        "    sources:\n"
        f"      - {desk.blog.url('/feed')}\n"
    )
    assert asked(desk) == ["/", "/feed"]
    with desk.open() as sphere:
        assert [client.id for client in sphere.house.clients] == ["acme", "studio-aehrenkranz"]
        cards = engine.queue(sphere.store, sphere.house, NOW).cards
        with sphere.store.read() as tx:
            seen = {each.source.client: each.seeded_at for each in sources.everything(tx)}
    assert [card.post.post.title for card in cards] == ["Neue Räume"]
    assert seen["studio-aehrenkranz"] == NOW
    client = desk.caller.follow(answer)
    assert "Neue Räume" in client.text


def test_what_was_found_is_forgotten_after_a_while_and_the_client_kept(desk: NewHome):
    form = desk.find(desk.blog.url("/feed")).form("/clients/new")
    assert desk.caller.send(form, find="of-another-process").status == 303
    with desk.open() as sphere, sphere.store.read() as tx:
        assert "studio-aehrenkranz" not in {each.source.client for each in sources.everything(tx)}
    assert "- id: studio-aehrenkranz" in desk.read()


def test_what_is_kept_is_little_short_and_for_its_place_alone():
    finds, batch = Finds(), Batch(posts=(), cursor="")
    source = Source(client="", network="web", address="https://acme.example/feed.xml")
    first = finds.keep("professional", source, batch, NOW)
    assert finds.get(first, "professional", source, NOW) is batch
    assert finds.get(first, "private", source, NOW) is None
    assert finds.get(first, "professional", replace(source, network="page"), NOW) is None
    assert finds.get(first, "professional", source, NOW + FRESH) is None
    for _ in range(KEPT):
        finds.keep("professional", source, batch, NOW)
    assert finds.get(first, "professional", source, NOW) is None
    assert finds.keep("professional", source, None, NOW) == ""


def test_of_several_feeds_one_is_chosen(desk: NewHome):
    desk.blog.put("/", page("/feed", "/jobs"), content_type="text/html")
    several = desk.find(desk.blog.url("/"))
    assert "There are several. Which one?" in several.text
    picks = [facts["value"] for tag, facts in several.page.tags if facts.get("name") == "way"]
    assert picks == [f"web {desk.blog.url('/feed')}", f"web {desk.blog.url('/jobs')}"]
    found = desk.caller.send(several.form("/find"), way=picks[0])
    assert found.form("/clients/new").fields["address"] == desk.blog.url("/feed")


def test_without_a_feed_there_are_other_ways(desk: NewHome):
    desk.blog.put("/", page(), content_type="text/html")
    desk.blog.remove("/feed")
    stuck = desk.find(desk.blog.url("/"))
    assert "There is no feed. How shall netbot hear of them?" in stuck.text
    form = stuck.form("/find")

    empty = desk.caller.send(form, way="page")
    assert empty.status == 409
    assert '"page" checked' in empty.body
    desk.blog.put("/", LIST, content_type="text/html")
    watched = desk.caller.send(form, way="page")
    assert "The second piece of news" in watched.text
    assert "This page is watched for new entries:" in watched.text
    mailed = desk.caller.send(form, way="mail", sender="news@acme.example")
    assert "Their newsletter is read, from: news@acme.example" in mailed.text
    looked = desk.caller.send(form, way="hand", days="21")
    assert "You look there yourself every 21 days:" in looked.text
    assert desk.caller.send(looked.form("/clients/new"), name="Kern").status == 303
    assert desk.read().endswith(
        "  - id: kern\n    name: Kern\n    sources:\n      - network: web\n"
        f"        address: {desk.blog.url('/')}\n        look_in_days: 21\n"
    )


def test_where_netbot_never_looks_the_human_does(desk: NewHome):
    found = desk.find("https://www.linkedin.com/in/mira-kern")
    assert "You look there yourself every 14 days:" in found.text
    form = found.form("/clients/new")
    assert form.fields["name"] == "mira-kern"
    assert desk.caller.send(form, name="Mira Kern", status="").status == 303
    assert "      - network: linkedin\n" in desk.read()
    assert asked(desk) == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"address": " "}, "Paste an address first."),
        ({"way": "mail", "sender": ""}, "Say who sends their newsletter."),
        ({"way": "hand", "days": "0"}, "Say after how many days you look there again"),
        ({"way": "hand", "days": "366"}, "Say after how many days you look there again"),
    ],
)
def test_what_is_missing_is_asked_for(desk: NewHome, sent: dict[str, str], said: str):
    answer = desk.find(**({"address": desk.blog.url("/")} | sent))
    assert (answer.status, asked(desk)) == (422, [])
    assert said in answer.text
    assert answer.form("/find").fields["address"] == sent.get("address", desk.blog.url("/")).strip()


def test_a_site_that_does_not_answer_is_told_and_other_ways_are_offered(desk: NewHome):
    answer = desk.find(desk.blog.url("/nowhere"))
    assert answer.status == 409
    assert "is not found (404)" in answer.text
    assert "Look there myself, and be reminded" in answer.text
    assert answer.form("/find").fields["address"] == desk.blog.url("/nowhere")


def test_this_machine_is_out_of_reach_unless_it_is_allowed(desk: NewHome):
    answer = desk.find("http://127.0.0.1:9/")
    assert answer.status == 409
    assert "127.0.0.1" in answer.text
    assert asked(desk) == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", " ", "Give them a name."),
        ("language", "Deutsch", "Write a code such as de, en or de-AT."),
        ("since", "long ago", "Write a year or a date"),
        ("cadence_days", "0", "Write a whole number of days"),
        ("status", "gone", "Choose one of these."),
    ],
)
def test_what_cannot_be_comes_back_as_it_was_typed(
    desk: NewHome, field: str, typed: str, said: str
):
    form = desk.find(desk.blog.url("/")).form("/clients/new")
    answer = desk.caller.send(form, **({"tags": "mein, Wort"} | {field: typed}))
    again = answer.form("/clients/new")
    assert answer.status == 422
    if field != "status":
        assert said in answer.text
        assert f'aria-describedby="wrong-{field}' in answer.body
    assert again.fields[field] == typed.strip() or field == "status"
    assert again.fields["tags"] == "mein, Wort"
    assert "Neue Räume" in answer.text
    assert desk.read() == SPHERE
    assert asked(desk) == ["/", "/feed"]


def test_a_source_that_is_there_already_is_told_before_anything_is_typed(desk: NewHome):
    form = desk.find(desk.blog.url("/")).form("/clients/new")
    desk.caller.send(form)
    desk.blog.put("/other", page("/feed"), content_type="text/html")
    again = desk.find(desk.blog.url("/other"))
    assert "“studio-aehrenkranz” has this source already" in again.text
    before = desk.read()
    refused = desk.caller.send(again.form("/clients/new"), name="Noch jemand")
    assert refused.status == 409
    assert "has this source already" in refused.text
    assert refused.form("/clients/new").fields["name"] == "Noch jemand"
    assert desk.read() == before


def test_what_may_not_be_meant_is_hinted_at(desk: NewHome):
    desk.write("config/professional.yaml", "clients:\n")
    assert "nothing can be commented for" in desk.find(desk.blog.url("/")).text


def test_rules_with_errors_keep_everything_as_it_is(desk: NewHome):
    form = desk.find(desk.blog.url("/")).form("/clients/new")
    desk.write("rules/values.yaml", "nonsense: 7\n")
    assert desk.find(desk.blog.url("/")).status == 409
    answer = desk.caller.send(form, name="Trotzdem")
    assert answer.status == 409
    assert "rules/values.yaml" in answer.text or "must be" in answer.text
    assert desk.read() == SPHERE


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("/clients/new", "/clients/new/find"),
        ("/clients/acme/sources", "/clients/acme/sources/find"),
        ("/clients/acme/edit", "/clients/acme/edit"),
        ("/clients/acme/edit", "/clients/acme/sources/remove"),
    ],
)
def test_a_form_of_another_process_changes_nothing_and_loses_no_word(
    desk: NewHome, path: str, ending: str
):
    form = desk.get(path).form(ending)
    answer = desk.caller.send(form, token="stale", address="https://x.example", name="Anders")
    assert answer.status == 403
    typed = answer.form(ending).fields
    assert typed.get("address", "https://x.example") == "https://x.example"
    assert typed.get("name", "Anders") == "Anders"
    assert (desk.read(), asked(desk)) == (SPHERE, [])


def test_what_was_found_is_kept_when_its_form_is_of_another_process(desk: NewHome):
    for where in ("/clients/new", "/clients/acme/sources"):
        find = desk.get(where).form(f"{where}/find")
        form = desk.caller.send(find, address=desk.blog.url("/")).form(where)
        answer = desk.caller.send(form, token="stale", since="2020")
        assert answer.status == 403
        assert answer.form(where).fields["address"] == desk.blog.url("/feed")
        assert "Neue Räume" in answer.text
    assert desk.read() == SPHERE


def test_only_what_was_changed_is_changed_in_the_file(desk: NewHome):
    form = desk.get("/clients/acme/edit").form("/clients/acme/edit")
    assert form.fields["name"] == "ACME Übersetzer GmbH"
    answer = desk.caller.send(form, cadence_days="30", status="resting", tags="key")
    assert answer.headers["location"] == "/professional/clients/acme"
    expected = SPHERE.replace("cadence_days: 60 ", "cadence_days: 30 ")
    lines = set(desk.read().splitlines()) ^ set(expected.splitlines())
    assert lines == {"    status: resting", "    tags: [key]"}
    assert "Resting: watched, and nothing is suggested." in desk.caller.follow(answer).text

    form = desk.get("/clients/acme/edit").form("/clients/acme/edit")
    desk.caller.send(form, cadence_days="60", status="active", tags="")
    assert desk.read() == SPHERE


def test_a_form_without_a_change_writes_nothing(desk: NewHome):
    before = (desk.home / "config/professional.yaml").stat()
    form = desk.get("/clients/acme/edit").form("/clients/acme/edit")
    assert desk.caller.send(form).status == 303
    assert (desk.home / "config/professional.yaml").stat().st_mtime_ns == before.st_mtime_ns


def test_a_change_on_disk_is_never_overwritten_and_shown_beside_the_own_words(desk: NewHome):
    form = desk.get("/clients/acme/edit").form("/clients/acme/edit")
    theirs = "# von Hand\n" + SPHERE.replace("GmbH", "KG").replace("60", "90")
    desk.write("config/professional.yaml", theirs)
    answer = desk.caller.send(form, cadence_days="30", since="2018")
    assert answer.status == 409
    assert desk.read() == theirs
    assert (
        "The file was changed meanwhile, by you in an editor or in another window." in answer.text
    )
    assert "In the file by now: 90" in answer.text
    again = answer.form("/clients/acme/edit")
    assert again.fields["name"] == "ACME Übersetzer KG"
    assert (again.fields["cadence_days"], again.fields["since"]) == ("30", "2018")
    assert desk.caller.send(again).status == 303
    assert desk.read() == theirs.replace("90", "30") + "    since: 2018\n"


def test_wrong_facts_of_a_client_come_back(desk: NewHome):
    form = desk.get("/clients/acme/edit").form("/clients/acme/edit")
    for was in ("[1]", "no sheet"):
        answer = desk.caller.send(form, name="", since="2018", was=was)
        assert answer.status == 422
    assert "Give them a name." in answer.text
    assert answer.form("/clients/acme/edit").fields["since"] == "2018"
    assert "In the file by now" not in answer.text


def test_files_with_errors_are_told_and_nothing_is_written(desk: NewHome):
    broken = SPHERE + "nobody: 1\n"
    desk.write("config/professional.yaml", broken)
    shown = desk.get("/clients/acme/edit")
    assert "config/professional.yaml:13" in shown.text
    answer = desk.caller.send(shown.form("/clients/acme/edit"), name="Neu")
    assert answer.status == 409
    assert answer.form("/clients/acme/edit").fields["name"] == "Neu"
    assert desk.read() == broken


def test_one_more_source_is_watched_at_once(desk: NewHome):
    find = desk.get("/clients/acme/sources").form("/find")
    found = desk.caller.send(find, address=desk.blog.url("/"))
    answer = desk.caller.send(found.form("/clients/acme/sources"))
    assert answer.headers["location"] == "/professional/clients/acme/edit#sources"
    assert desk.read() == SPHERE + f"      - {desk.blog.url('/feed')}\n"
    assert desk.blog.url("/feed") in desk.caller.follow(answer).text
    with desk.open() as sphere:
        cards = engine.queue(sphere.store, sphere.house, NOW).cards
    assert [(card.client, card.post.post.title) for card in cards] == [("acme", "Neue Räume")]
    again = desk.caller.send(find, address=desk.blog.url("/feed"))
    assert "has this source twice" in again.text
    assert desk.caller.send(again.form("/clients/acme/sources")).status == 409


def test_whoever_has_ended_is_not_looked_at(desk: NewHome):
    form = desk.get("/clients/acme/edit").form("/clients/acme/edit")
    desk.caller.send(form, status="ended")
    find = desk.get("/clients/acme/sources").form("/find")
    found = desk.caller.send(find, address=desk.blog.url("/"))
    assert desk.caller.send(found.form("/clients/acme/sources")).status == 303
    with desk.open() as sphere:
        assert engine.queue(sphere.store, sphere.house, NOW).cards == ()


def test_a_source_is_taken_out_with_its_line_only(desk: NewHome):
    shown = desk.get("/clients/acme/edit")
    removals = [form for form in shown.page.forms if form.action.endswith("/remove")]
    assert [form.fields["n"] for form in removals] == ["0", "1"]
    assert desk.caller.send(removals[1]).status == 303
    *kept, _last = SPHERE.splitlines(keepends=True)
    assert desk.read() == "".join(kept)
    outdated = desk.caller.send(removals[0])
    assert outdated.status == 409
    assert "The file was changed meanwhile" in outdated.text
    (left,) = [f for f in outdated.page.forms if f.action.endswith("/remove")]
    assert desk.caller.send(left, n="7").status == 409
    assert desk.caller.send(left, n="x").status == 409
    assert desk.caller.send(left).status == 303
    assert "Nothing is watched." in desk.get("/clients/acme/edit").text


@pytest.mark.parametrize(
    "path", ["/clients/nobody/edit", "/clients/nobody/sources", "/clients/nobody"]
)
def test_nobody_has_no_form(desk: NewHome, path: str):
    assert desk.get(path).status == 404


def everything(desk: NewHome) -> dict[str, str]:
    """Every word of the home's files and databases."""
    said = {}
    for path in sorted(desk.home.rglob("*")):
        if path.suffix == ".yaml":
            said[path.name] = path.read_text(encoding="utf-8")
        elif path.suffix == ".db":
            with closing(sqlite3.connect(path)) as database:
                said[str(path)] = "\n".join(database.iterdump())
    return said


def test_reading_changes_nothing_and_asks_nobody(desk: NewHome):
    before = everything(desk)
    address = f"?address={desk.blog.url('/')}"
    for path in (
        f"/clients/new{address}",
        f"/clients/acme/sources{address}",
        "/clients/acme/edit",
        "/clients?q=a&by=name",
        "/accounts",
        "/settings",
    ):
        assert desk.get(path).status == 200, path
    for path in ("/clients/new/find", "/clients/acme/sources/find", "/clients/acme/sources/remove"):
        assert desk.get(path).status == 405, path
    assert everything(desk) == before
    assert asked(desk) == []
