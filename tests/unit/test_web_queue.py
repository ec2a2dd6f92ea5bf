"""The day on the page: contacts, search, news, the round by hand, keys, and the way in."""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.engine import Approve
from netbot.keys import KEYS
from netbot.store import touches
from netbot.web import create
from netbot.web.visit import LARGEST
from tests import fifteen, told
from tests.caller import PORT, Answer, Caller

HERE = "/professional"


class Day:
    """A home with fifteen cards, its page, and somebody who looks at it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.at = told.NOW
        self.caller = Caller(create(home, port=PORT, clock=self.now))

    def now(self) -> datetime:
        return self.at

    def get(self, path: str = "") -> Answer:
        return self.caller.get(HERE + path)

    def press(self, answer: Answer, ending: str, **fields: str) -> Answer:
        return self.caller.follow(self.caller.send(answer.form(ending), **fields))

    def open(self) -> app.Sphere:
        return app.open_sphere(self.home, "professional", self.at)

    def contacts(self, client: str) -> list[tuple[str, str]]:
        with self.open() as sphere, sphere.store.read() as tx:
            found = touches.of_client(tx, "professional", client, limit=9)
        return [(f"{touch.at:%Y-%m-%d %H:%M}", touch.text) for touch in found]

    def take_in_hand(self, *cards: int) -> None:
        with self.open() as sphere:
            for number in cards:
                card = f"professional-{number}"
                engine.decide(sphere.store, sphere.hall, card, Approve(), self.at)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("morning") / "home"
    fifteen.tell(home, "en")
    return home


@pytest.fixture
def day(morning: Path, tmp_path: Path) -> Day:
    return Day(shutil.copytree(morning, tmp_path / "home"))


def test_a_contact_is_noted_from_its_card_and_taken_back(day: Day):
    answer = day.caller.send(
        day.get().form("/cards/4/contact"), day="yesterday", note="  Tea at the fair "
    )
    assert answer.headers["location"].endswith("#card-4")
    page = day.caller.follow(answer)
    assert "Noted: you were in touch with Client 03 & Söhne on 19 November 2026." in page.text
    assert day.contacts("client-3") == [("2026-11-19 11:00", "Tea at the fair")]
    assert "a personal word Tea at the fair" in page.text
    page = day.press(page, "/contacts/1/undo")
    assert "No longer noted: Client 03 & Söhne, 19 November 2026." in page.text
    assert day.contacts("client-3") == []


def test_a_contact_is_noted_on_the_page_of_a_client(day: Day):
    page = day.press(day.get("/clients/quiet"), "/contact", day="date", date="2026-11-02")
    assert "in touch with Quiet Client on 2 November 2026" in page.text
    assert day.contacts("quiet") == [("2026-11-02 11:00", "")]
    page = day.press(page, "/undo")
    assert page.text.count("Quiet Client") >= 2
    assert "No contact noted yet." in page.text


def test_a_closed_card_still_takes_a_contact(day: Day):
    form = day.get("/cards/1").form("/contact")
    day.press(day.get("/cards/1"), "/skip", why="other")
    answer = day.caller.send(form, day="today")
    assert answer.headers["location"] == f"{HERE}/cards/1?noted=1"
    assert day.contacts("client-0") == [(f"{day.at:%Y-%m-%d %H:%M}", "")]


@pytest.mark.parametrize("when", [{}, {"day": "tomorrow"}, {"day": "date", "date": "2026-11-21"}])
@pytest.mark.parametrize("page", ["/cards/4", "/clients/client-3"])
def test_a_day_that_was_not_is_no_contact(day: Day, page: str, when: dict[str, str]):
    answer = day.caller.send(day.get(page).form("/contact"), **when)
    assert (answer.status, day.contacts("client-3")) == (422, [])
    assert "Say on which day it was" in answer.text


def test_contacts_with_nobody_and_contacts_that_are_none(day: Day):
    form = day.get("/clients/quiet").form("/contact")
    form.action = f"{HERE}/clients/nobody/contact"
    assert day.caller.send(form, day="today").status == 404
    form.action = f"{HERE}/contacts/7/undo"
    assert day.caller.send(form).status == 404
    form.action = f"{HERE}/contacts/{LARGEST + 1}/undo"
    assert day.caller.send(form).status == 404
    for number in ("7", "x", "0", "9" * 9):
        assert "Noted" not in day.get(f"?noted={number}").text


def test_what_is_not_our_form_notes_nothing(day: Day):
    for page in ("/cards/4", "/clients/client-3"):
        form = day.get(page).form("/contact")
        form.fields["token"] = "guessed"
        assert day.caller.send(form, day="today").status == 403
    form.action = f"{HERE}/outbox/round"
    assert day.caller.send(form).status == 403
    assert day.contacts("client-3") == []


def test_search_leads_to_cards_and_clients(day: Day):
    found = day.get("/search?q=S%C3%96HNE+harbour")
    links = [link["href"] for link in found.page.links]
    assert f"{HERE}/cards/2" in links
    assert not [link for link in links if link.startswith(f"{HERE}/clients/")]
    found = day.get("/search?q=quiet")
    assert f"{HERE}/clients/quiet" in [link["href"] for link in found.page.links]
    assert "Nothing found" in day.get("/search?q=nowhere").text
    assert "Nothing found" not in day.get("/search").text
    [asking] = [form for form in found.page.questions if form.action == f"{HERE}/search"]
    assert asking.fields == {"q": "quiet"}


def test_news_tell_what_changed_and_nothing_else(day: Day):
    first = day.get("/news")
    told_first = json.loads(first.body)
    assert told_first["tabs"] == {"professional": 15}
    assert (len(told_first["cards"]), told_first["outgoing"]) == (15, "Outbox")
    tag = first.headers["etag"]
    again = day.caller.get(f"{HERE}/news", **{"if-none-match": tag})
    assert (again.status, again.body) == (304, "")
    day.take_in_hand(1, 10)
    now = day.caller.get(f"{HERE}/news", **{"if-none-match": tag})
    told_now = json.loads(now.body)
    assert told_now["outgoing"] == "1 waits · 1 to do by hand"
    assert set(told_first["cards"]) - set(told_now["cards"]) == {1, 10}
    assert told_now["pulse"] > told_first["pulse"]
    facts = dict(next(facts for _, facts in day.get().page.tags if "data-news" in facts))
    assert facts["data-news"] == f"{HERE}/news"
    assert facts["data-pulse"] == str(told_now["pulse"])


def test_one_act_by_hand_after_the_other(day: Day):
    day.take_in_hand(10, 11, 12)
    page = day.press(day.get("/outbox"), "/outbox/round")
    assert "By hand 1 of 3" in page.text
    assert "You are logged in with it in: Firefox, profile Studio" in page.text
    assert [link["href"] for link in page.page.links if "open" in link.get("class", "")] == [
        "https://x.com/intent/like?tweet_id=1009"
    ]
    page = day.press(page, "/done")
    assert "2 of 3" in page.text
    assert "done, 12 left" in page.text
    refused = day.caller.send(page.form("/snooze"), until="date", date="2026-11-01")
    assert refused.status == 422
    assert "Choose a day that is still to come." in refused.text
    assert "2 of 3" in refused.text
    page = day.press(page, "/snooze", until="tomorrow")
    assert "3 of 3" in page.text
    answer = day.caller.send(page.form("/not-done"))
    assert answer.headers["location"] == f"{HERE}?after=12"
    outbox = day.get("/outbox")
    assert "Again tomorrow 00:00." in outbox.text
    assert f"{HERE}/outbox/11" in [link["href"] for link in outbox.page.links]


def test_a_round_of_nothing_and_a_press_too_many(day: Day):
    day.take_in_hand(10, 11)
    form = day.get("/outbox").form("/outbox/round")
    first = day.press(day.get("/outbox"), "/outbox/round")
    day.press(first, "/done")
    late = day.caller.send(first.form("/snooze"), until="tomorrow")
    assert (late.status, "is approved already" in late.text) == (409, True)
    for number in (10, 11):
        with day.open() as sphere:
            engine.decide(
                sphere.store, sphere.hall, f"professional-{number}", engine.Undo(), day.at
            )
        day.at += timedelta(minutes=1)
    with day.open() as sphere:
        engine.decline(sphere.store, "professional-10", day.at)
    assert day.caller.send(form).headers["location"] == f"{HERE}/outbox"


def test_later_outside_of_a_round_leads_to_the_next_card(day: Day):
    day.take_in_hand(10)
    slip = day.press(day.get("/outbox/10"), "/begin")
    answer = day.caller.send(slip.form("/snooze"), until="monday")
    assert answer.headers["location"].startswith(f"{HERE}?after=10")
    assert "Again 23 November, 00:00." in day.get("/outbox").text


def keys_in(answer: Answer) -> dict[str, str]:
    body = next(facts for tag, facts in answer.page.tags if tag == "body")
    told: dict[str, str] = json.loads(body["data-keys"])
    return told


def test_the_page_obeys_the_keys_of_the_house(day: Day):
    assert keys_in(day.get()) == {key: key for key in KEYS.values()}
    settings = day.home / "config" / "netbot.yaml"
    plain = settings.read_text()
    settings.write_text(plain + "web: {keys: {approve: y}}\n")
    app.open_sphere(day.home, "professional", day.at, fresh=True).close()
    page = day.get()
    assert keys_in(page)["y"] == "a"
    assert "a" not in keys_in(page)
    assert "Approve y" in page.text
    settings.write_text(plain + "web: {keys: false}\n")
    app.open_sphere(day.home, "professional", day.at, fresh=True).close()
    page = day.get()
    assert keys_in(page) == {}
    assert "kbd" not in [tag for tag, _ in page.page.tags]


@pytest.mark.parametrize("root", ["", "/netbot"])
def test_the_page_can_be_installed_and_shared_to(day: Day, root: str):
    base = f"https://studio.example{root}" if root else None
    caller = Caller(create(day.home, port=PORT, base_url=base, clock=day.now))
    [link] = [link["href"] for link in caller.get(HERE).page.links if link.get("rel") == "manifest"]
    assert link == f"{root}/manifest.webmanifest"
    answer = caller.get(link)
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = json.loads(answer.body)
    assert (manifest["start_url"], manifest["scope"]) == (f"{root}/", f"{root}/")
    assert manifest["share_target"]["action"] == f"{root}/add"
    static = Path("netbot/web/static")
    for icon in manifest["icons"]:
        assert icon["src"].startswith(f"{root}/static/")
        picture = (static / icon["src"].rpartition("/")[2]).read_bytes()
        if icon["type"] == "image/png":
            size = int.from_bytes(picture[16:20], "big")
            assert icon["sizes"] == f"{size}x{size}"
            assert len(picture) < 20_000


def test_what_a_phone_shares_may_hold_its_address_in_the_text(day: Day):
    shared = "text=Look%3A+https%3A%2F%2Fclient-12.example%2Fnews%2F99+%21&title=A+mill"
    answer = day.caller.get(f"/add?{shared}")
    form = day.caller.follow(answer).form("/add")
    assert form.fields["url"] == "https://client-12.example/news/99"
    assert form.fields["client"] == "client-12"
    without = day.caller.follow(day.caller.get("/add?text=no+address"))
    assert without.form("/add").fields["url"] == ""
