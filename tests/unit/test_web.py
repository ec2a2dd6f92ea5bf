"""The page, from the queue to what was done, on a real home."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.engine import Approve, Skip, Snooze
from netbot.model import SkipReason, Suggestion, Verb
from netbot.store import suggestions
from netbot.text import translator
from netbot.web import create
from netbot.web.guard import READING
from netbot.web.stamp import stamp
from tests import told
from tests.caller import PORT, Answer, Caller, Form

BENCH = "Eine Bank, auf der man einschläft, ist gelungen."


class Clock:
    """The time as a test sets it."""

    def __init__(self) -> None:
        self.now = told.NOW

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A home, its page, and somebody who looks at it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clock = Clock()
        self.caller = Caller(create(home, port=PORT, clock=self.clock))

    def today(self, sphere: str = "professional") -> Answer:
        return self.caller.get(f"/{sphere}")

    def sphere(self, name: str = "professional", *, fresh: bool = False) -> app.Sphere:
        return app.open_sphere(self.home, name, self.clock.now, fresh=fresh)

    def cards(self, name: str = "professional") -> tuple[Suggestion, ...]:
        with self.sphere(name) as sphere:
            return engine.queue(sphere.store, sphere.house, self.clock.now, everything=True).cards

    def card(self, verb: Verb = Verb.COMMENT) -> str:
        """The number of the best card of that kind."""
        return next(c for c in self.cards() if c.choice.verb is verb).id.rpartition("-")[2]

    def approve(self, number: str, text: str = BENCH, **changes: str) -> Answer:
        form = self.caller.get(f"/professional/cards/{number}").form("/approve")
        return self.caller.send(form, text=text, **changes)

    def press(self, answer: Answer, ending: str, **changes: str) -> Answer:
        """Send the form with that ending; the answer to where it leads."""
        return self.caller.follow(self.caller.send(answer.form(ending), **changes))

    def skip_all(self, name: str = "professional") -> None:
        with self.sphere(name) as sphere:
            for card in self.cards(name):
                skip = Skip(reason=SkipReason.OTHER)
                engine.decide(sphere.store, sphere.hall, card.id, skip, self.clock.now)

    def digest(self) -> str:
        """SHA-256 of everything that the databases hold."""
        digest = hashlib.sha256()
        for path in sorted(self.home.glob("data/*/netbot.db")):
            with closing(sqlite3.connect(path)) as database:
                digest.update("\n".join(database.iterdump()).encode())
        return digest.hexdigest()


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told")
    told.tell(home, "en")
    return home


@pytest.fixture
def desk(told_home: Path, tmp_path: Path) -> Desk:
    home = tmp_path / "home"
    shutil.copytree(told_home, home)
    return Desk(home)


def test_the_front_leads_to_the_first_sphere_with_cards(desk: Desk):
    assert desk.caller.get("/").headers["location"] == "/professional"
    desk.skip_all()
    assert desk.caller.get("/").headers["location"] == "/private"
    desk.skip_all("private")
    assert desk.caller.get("/").headers["location"] == "/professional"


def test_a_card_tells_all_that_one_needs_to_decide(desk: Desk):
    number = desk.card()
    page = desk.caller.get(f"/professional/cards/{number}")
    for words in (
        "Penhallow & Reed Architects · since 2019 · no contact noted yet",
        "Professional · as Nora Feldkamp on penhallow-reed.example · today 08:21",
        "The Old Weir House opens its doors",
        "Five years, two floods and one family of otters later",
        "A gap is left for a sentence of your own.",
        "Why: something has been finished",
        "rule finished-work in rules/values.yaml:",
        "found: opens its doors",
        "You do it yourself, in your browser · public, cannot be taken back",
        "share as nora-feldkamp-text on LinkedIn",
        "Approve",
        "against my values",
        "on Monday",
    ):
        assert words in page.text, words
    (original,) = [link for link in page.page.links if "original" in link.get("class", "")]
    assert original["href"] == "https://penhallow-reed.example/old-weir-house"
    assert original["target"] == "_blank"
    assert original["rel"] == "noopener noreferrer nofollow"
    assert "[…]" in page.form("/approve").fields["text"]


def test_today_holds_the_cards_of_one_sphere_and_no_word_of_the_other(desk: Desk):
    page = desk.today()
    assert len([tag for tag, _ in page.page.tags if tag == "article"]) == len(desk.cards())
    assert "Friday, 20 November · 10 cards" in page.text
    assert "Die Nachtkerzen" not in page.body
    assert "Die Nachtkerzen" in desk.today("private").body
    assert "Private 2" in page.text


def test_a_card_about_which_a_rule_hesitates_is_folded_until_it_is_opened(desk: Desk):
    folds = [facts for tag, facts in desk.today().page.tags if facts.get("class") == "fold"]
    card = next(c for c in desk.cards() if c.verdict.ruling == "ask")
    assert folds == [{"class": "fold"}]
    alone = desk.caller.get(f"/professional/cards/{card.id.rpartition('-')[2]}")
    assert "A rule hesitates:" in alone.text
    assert not [facts for _, facts in alone.page.tags if facts.get("class") == "fold"]


def test_from_a_card_to_what_was_done_and_back(desk: Desk):
    number = desk.card()
    slip = desk.caller.follow(desk.approve(number, f"  {BENCH}\r\nDanke."))
    assert "as Nora Feldkamp on penhallow-reed.example" in slip.text
    assert f"{BENCH}\nDanke.</textarea>" in slip.body
    (opens,) = [link for link in slip.page.links if "open" in link.get("class", "").split()]
    assert opens["href"] == "https://penhallow-reed.example/old-weir-house#respond"
    assert opens["rel"] == "noopener noreferrer"
    assert "1 to do by hand" in slip.text

    after = desk.press(slip, "/done")
    assert "done, 9 left" in after.text
    assert "to do by hand" not in after.text
    client = desk.caller.get("/professional/clients/penhallow-reed").text
    assert f"20 November 2026 from you: comment {BENCH} Danke." in client

    again = desk.press(after, "/undo")
    assert "Done" in again.text
    assert "No contact noted yet" in desk.caller.get("/professional/clients/penhallow-reed").text
    waiting = desk.press(again, "/undo")
    assert waiting.form("/approve").action == f"/professional/cards/{number}/approve"


def test_what_was_not_done_is_closed_and_can_be_taken_up_again(desk: Desk):
    slip = desk.caller.follow(desk.approve(desk.card()))
    after = desk.press(slip, "/not-done")
    assert "not done, 9 left" in after.text
    assert desk.press(after, "/undo").form("/approve")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Gern gelesen, […]", "A gap is left: your own sentence belongs where […] stands."),
        ("Gern [ ... ] gelesen", "A gap is left"),
        ("  ", "This needs a few words of yours."),
    ],
)
def test_a_text_that_is_not_finished_comes_back_as_it_was_typed(desk: Desk, text: str, said: str):
    before = desk.digest()
    answer = desk.approve(desk.card(), text)
    assert answer.status == 422
    assert said in answer.text
    assert answer.form("/approve").fields["text"] == text
    assert desk.digest() == before


def test_a_text_too_long_for_the_network_comes_back_with_the_act_still_chosen(desk: Desk):
    number = desk.card(Verb.SHARE)
    answer = desk.approve(number, "ja " * 200)
    assert answer.status == 422
    assert "The text is 600 characters long; Mastodon takes 500." in answer.text
    key = answer.form("/approve").fields["act"]
    assert f'<option value="{key}" selected' in answer.body
    assert "600 of 500 characters" in answer.text


def act(page: Answer, label: str) -> str:
    """The key of the option that reads so."""
    return next(
        facts["value"]
        for tag, facts in page.page.tags
        if tag == "option" and facts["data-acting"] == label
    )


def test_another_act_starts_without_the_words_drafted_for_the_first(desk: Desk):
    number = desk.card()
    page = desk.caller.get(f"/professional/cards/{number}")
    chosen = act(page, "as nora-feldkamp-text on LinkedIn")
    form = page.form("/approve")
    slip = desk.caller.follow(desk.caller.send(form, act=chosen))
    assert "as nora-feldkamp-text on LinkedIn" in slip.text
    assert "[…]" not in slip.body
    assert "linkedin.com/sharing" in slip.body


def test_a_personal_gesture_has_no_words_to_send(desk: Desk):
    number = desk.card(Verb.GESTURE)
    page = desk.caller.get(f"/professional/cards/{number}")
    assert "text" not in page.form("/approve").fields
    assert "A letter, a call or a visit; netbot sends nothing" in page.text
    slip = desk.caller.follow(desk.approve(number, "never sent"))
    assert "you yourself, in person" in slip.text
    assert "never sent" not in slip.body
    assert "done, 9 left" in desk.press(slip, "/done").text


def test_a_card_is_skipped_with_a_reason_and_only_with_one(desk: Desk):
    form = desk.today().form("/skip")
    unsaid = desk.caller.send(form, why="because")
    assert (unsaid.status, "Say why" in unsaid.text) == (422, True)
    after = desk.caller.follow(desk.caller.send(form, why="too-often"))
    assert "skipped, 9 left" in after.text
    assert desk.press(after, "/undo").form("/approve")


@pytest.mark.parametrize(
    ("pressed", "until"),
    [
        ({"until": "tomorrow"}, datetime(2026, 11, 20, 23, tzinfo=UTC)),
        ({"until": "monday"}, datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ({"until": "date", "date": "2026-12-24"}, datetime(2026, 12, 23, 23, tzinfo=UTC)),
    ],
)
def test_a_card_is_put_off(desk: Desk, pressed: dict[str, str], until: datetime):
    form = desk.today().form("/snooze")
    after = desk.caller.follow(desk.caller.send(form, **pressed))
    assert "comes back later, 9 left" in after.text
    with desk.sphere() as sphere, sphere.store.read() as tx:
        card = suggestions.get(tx, "professional", f"professional-{form.action.split('/')[3]}")
    assert card.snoozed_until == until


@pytest.mark.parametrize("date", ["2026-11-20", "1999-01-01", "", "<b>"])
def test_a_card_is_not_put_off_to_a_day_that_is_none(desk: Desk, date: str):
    answer = desk.caller.send(desk.today().form("/snooze"), until="date", date=date)
    assert answer.status == 422
    assert "Choose a day that is still to come." in answer.text


def test_the_next_card_follows_the_one_decided(desk: Desk):
    page = desk.today()
    skips = [form for form in page.page.forms if form.action.endswith("/skip")]
    third = skips[2].action.split("/")[3]
    answer = desk.caller.send(skips[1], why="other")
    assert answer.headers["location"].endswith(f"#card-{third}")
    last = desk.caller.send(skips[-1], why="other")
    assert "#" not in last.headers["location"]


def decided_elsewhere(desk: Desk, number: str) -> None:
    with desk.sphere() as sphere:
        skip = Skip(reason=SkipReason.OTHER)
        card = f"professional-{number}"
        engine.decide(sphere.store, sphere.hall, card, skip, desk.clock.now)


def test_a_card_decided_elsewhere_says_so_and_keeps_the_words(desk: Desk):
    number = desk.card()
    page = desk.caller.get(f"/professional/cards/{number}")
    decided_elsewhere(desk, number)
    answer = desk.caller.send(page.form("/approve"), text=BENCH)
    assert answer.status == 409
    assert "This card is closed already: skipped." in answer.text
    assert f"{BENCH}</textarea>" in answer.body
    for form in (page.form("/skip"), page.form("/snooze")):
        answer = desk.caller.send(form, why="other", until="tomorrow")
        assert (answer.status, answer.text.count("closed already")) == (409, 1)


def test_a_card_that_expired_meanwhile_cannot_be_approved(desk: Desk):
    page = desk.caller.get(f"/professional/cards/{desk.card()}")
    desk.clock.now += timedelta(days=30)
    answer = desk.caller.send(page.form("/approve"), text=BENCH)
    assert answer.status == 409
    assert "This card has expired; its moment has passed." in answer.text


@pytest.mark.parametrize("changed", ["act", "seen"])
def test_only_what_was_seen_can_be_approved(desk: Desk, changed: str):
    answer = desk.approve(desk.card(), BENCH, **{changed: "another"})
    assert answer.status == 409
    assert "The card has changed since you opened it." in answer.text
    assert answer.form("/approve").fields["text"] == BENCH


def test_an_account_taken_out_of_the_configuration_acts_no_more(desk: Desk):
    number = desk.card()
    config = desk.home / "config" / "professional.yaml"
    lines = config.read_text().splitlines(keepends=True)
    config.write_text("".join(line for line in lines if "id: nora-web" not in line))
    desk.sphere(fresh=True).close()
    answer = desk.approve(number)
    assert answer.status == 422
    assert "the account nora-web is no longer in the configuration" in answer.text


def test_a_page_from_before_a_new_start_decides_nothing_and_loses_no_word(desk: Desk):
    number = desk.card()
    page = desk.caller.get(f"/professional/cards/{number}")
    before = desk.digest()
    desk.caller.app = create(desk.home, port=PORT, clock=desk.clock)
    stale = desk.caller.send(page.form("/approve"), text=BENCH)
    assert stale.status == 403
    assert "netbot was started anew" in stale.text
    assert stale.form("/approve").fields["text"] == BENCH
    for form in (page.form("/skip"), page.form("/snooze")):
        assert desk.caller.send(form, why="other", until="tomorrow").status == 403
    assert desk.digest() == before
    slip = desk.caller.follow(desk.caller.send(stale.form("/approve")))
    assert BENCH in slip.body


def test_a_form_without_our_cookie_decides_nothing(desk: Desk):
    slip = desk.caller.follow(desk.approve(desk.card()))
    page = desk.caller.get(f"/professional/cards/{desk.card()}")
    before = desk.digest()
    for cookies in ({}, {f"netbot-{PORT}": "guessed"}):
        for form in (*page.page.forms, *slip.page.forms):
            desk.caller.cookies = dict(cookies)
            assert desk.caller.send(form, why="other", until="tomorrow", text="x").status == 403
    assert desk.digest() == before


def test_there_is_nothing_to_undo_before_a_decision(desk: Desk):
    page = desk.today()
    form = Form(page.form("/approve").action.replace("approve", "undo"), page.form("/skip").fields)
    answer = desk.caller.send(form)
    assert answer.status == 409
    assert "nothing to undo" in answer.text


def test_done_is_said_once(desk: Desk):
    slip = desk.caller.follow(desk.approve(desk.card()))
    desk.press(slip, "/done")
    for ending in ("/done", "/not-done"):
        answer = desk.caller.send(slip.form(ending))
        assert answer.status == 409
        assert "this act is confirmed already" in answer.text


def test_what_was_approved_elsewhere_is_taken_in_hand_by_a_click(desk: Desk):
    number = desk.card()
    with desk.sphere() as sphere:
        yes = Approve(text=BENCH)
        engine.decide(sphere.store, sphere.hall, f"professional-{number}", yes, desk.clock.now)
    page = desk.caller.get("/professional/outbox")
    assert BENCH not in page.body
    assert "approved, not begun" in desk.caller.get(f"/professional/cards/{number}").text
    slip = desk.press(page, "/begin")
    assert BENCH in slip.body
    desk.press(slip, "/done")
    late = desk.caller.send(page.form("/begin"))
    assert late.status == 409


def test_an_address_with_a_trick_in_it_is_shown_and_never_linked(desk: Desk):
    trick = "https://bank.example@evil.example/"
    post = told.post(
        blog="quillmoor", slug="x", title="A milestone of ours", text="An anniversary.",
        language="en", at=desk.clock.now,
    )  # fmt: skip
    changed = type(post)(
        network="web", url=trick, title=post.title, text=post.text, keys=("id:x",),
        published_at=post.published_at,
    )  # fmt: skip
    told.show(desk.home, {"quillmoor": [changed]}, desk.clock.now + timedelta(hours=2))
    card = next(c for c in desk.cards() if c.post.post.url == trick)
    number = card.id.rpartition("-")[2]
    slip = desk.caller.follow(desk.approve(number))
    for page in (slip, desk.caller.get(f"/professional/cards/{number}")):
        assert not [link for link in page.page.links if "evil" in link["href"]]
    assert f"leave it: {trick}" in slip.text
    assert "withdrawn, 10 left" in desk.press(slip, "/not-done").text


def test_slips_that_are_left_come_when_the_cards_are_done(desk: Desk):
    desk.approve(desk.card())
    first, *rest = desk.cards()
    page = desk.caller.get(f"/professional/cards/{first.id.rpartition('-')[2]}")
    with desk.sphere() as sphere:
        for card in rest:
            later = Snooze(until=desk.clock.now + timedelta(days=1))
            engine.decide(sphere.store, sphere.hall, card.id, later, desk.clock.now)
    after = desk.press(page, "/skip", why="other")
    assert "skipped, all caught up" in after.text
    assert "By hand" in after.text
    end = desk.press(after, "/done")
    assert "All caught up. See you tomorrow." in end.text
    assert (
        "Nothing waits, neither to be sent nor to be done by hand."
        in desk.caller.get("/professional/outbox").text
    )


def test_an_empty_day_says_when_netbot_looks_again(desk: Desk):
    desk.clock.now += timedelta(days=40)
    assert "Nothing waits for you here. An empty day is a good day." in desk.today().text
    assert "Next look: today 09:15" in desk.today().text


def test_cards_beyond_the_daily_limit_wait_behind_a_link(desk: Desk):
    settings = desk.home / "config" / "netbot.yaml"
    settings.write_text(settings.read_text().replace("daily_limit: 12", "daily_limit: 3"))
    desk.sphere(fresh=True).close()
    page = desk.today()
    assert "3 cards" in page.text
    assert "7 more wait for another day" in page.text
    assert "10 cards" in desk.caller.get("/professional?all=1").text


def test_a_configuration_that_was_read_anew_shows_at_once(desk: Desk):
    settings = desk.home / "config" / "netbot.yaml"
    settings.write_text(settings.read_text().replace("language: en", "language: de"))
    desk.sphere(fresh=True).close()
    german = translator("de")
    page = desk.today()
    assert '<html lang="de">' in page.body
    assert "Freitag, 20. November" in page.text
    for english in ("Today", "Approve", "Skip", "Later", "Professional"):
        assert german.get(english) in page.text
    decided = desk.press(page, "/skip", why="other")
    assert german.get("{n} left").format(n=9) in decided.text


def links(answer: Answer) -> list[str]:
    own = [link["href"] for link in answer.page.links if link["href"].startswith("/")]
    return [href.partition("#")[0] for href in own]


def test_reading_changes_nothing(desk: Desk):
    slip = desk.caller.follow(desk.approve(desk.card()))
    desk.press(desk.today(), "/skip", why="other")
    before = desk.digest()
    ahead, seen = ["/", *links(slip)], set[str]()
    while ahead:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = desk.caller.get(path)
        assert answer.status in {200, 307}
        assert desk.caller.ask("HEAD", path).status == answer.status
        for action in {form.action for form in answer.page.forms}:
            told = {desk.caller.ask(method, action).status for method in READING}
            assert told in ({405}, {200})  # a page that is its own form, or sifts
        ahead += links(answer)
        if answer.status == 307:
            ahead.append(answer.headers["location"])
    for card in desk.cards():
        desk.caller.get(f"/professional/cards/{card.id.rpartition('-')[2]}?after=1")
    assert len(seen) >= 10
    assert desk.digest() == before


@pytest.mark.parametrize(
    "path",
    [
        "/nobody",
        "/professional/cards/999",
        "/professional/clients/nobody",
        "/professional/x",
        "/a/b/c",
    ],
)
def test_what_does_not_exist_is_said_kindly(desk: Desk, path: str):
    answer = desk.caller.get(path)
    assert answer.status == 404
    assert "There is no such page here." in answer.text


def test_a_status_line_about_no_card_is_empty(desk: Desk):
    for after in ("999", "x", "<b>", "1&after=2"):
        page = desk.caller.get(f"/professional?after={after}")
        assert page.status == 200
    assert '<p role="status"></p>' in desk.caller.get("/professional?after=999").body


def test_a_database_that_cannot_be_used_is_an_error_with_a_sentence(desk: Desk):
    data = desk.home / "data"
    shutil.copy(data / "private" / "netbot.db", data / "professional" / "netbot.db")
    answer = desk.today()
    assert answer.status == 503
    assert "belongs to the sphere private" in answer.text


def test_hostile_words_are_only_words(desk: Desk):
    hostile = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'</textarea>"
    post = told.post(
        blog="quillmoor", slug="y", title=f"A milestone {hostile}", text=f"An award {hostile} " * 9,
        language='en" onload="alert(3)', at=desk.clock.now,
    )  # fmt: skip
    config = desk.home / "config" / "professional.yaml"
    quoted = hostile.replace("\\", "\\\\").replace('"', '\\"')
    named = config.read_text().replace("name: Quillmoor Software", f'name: "{quoted}"')
    config.write_text(named)
    told.show(desk.home, {"quillmoor": [post]}, desk.clock.now + timedelta(hours=2))
    card = next(c for c in desk.cards() if c.post.post.title == post.title)
    number = card.id.rpartition("-")[2]
    pages = [
        desk.today(),
        desk.approve(number, hostile + "[…]"),
        slip := desk.caller.follow(desk.approve(number, hostile)),
        desk.press(slip, "/done"),
        desk.caller.get("/professional/clients/quillmoor"),
        desk.caller.get(f"/professional/cards/{number}?after={number}&all=<script>"),
    ]
    for page in pages:
        for tag, facts in page.page.tags:
            assert tag not in {"img", "iframe", "object", "style"}
            assert tag != "script" or facts == {"src": f"/static/page.js?{stamp()}", "defer": ""}
            assert not [name for name in facts if name.startswith("on") or name == "style"]
            assert "alert" not in facts.get("lang", "")
    assert hostile in pages[4].text
