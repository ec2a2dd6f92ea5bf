"""The outbox in a browser: what waits, what nobody knows, what failed, what was sent; and peace."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.engine import Approve
from netbot.model import (
    Action,
    Identity,
    NetbotError,
    Refused,
    Suggestion,
    Unsure,
    Verb,
)
from netbot.network import Access
from netbot.store import accounts, acts
from netbot.text import translator
from netbot.web import create
from tests import told
from tests.actor import STUDIO, TOOTS, Stage, open_policy, toot
from tests.caller import PORT, Answer, Caller
from tests.house import Shelf, days, hours

NOW = told.NOW
SPHERE = f"""
accounts:
  - {{id: studio, network: mastodon, handle: "@studio@a.example"}}
clients:
  - {{id: acme, name: ACME, sources: [{{network: mastodon, address: "{TOOTS}"}}]}}
  - {{id: calm, name: Calm, status: resting}}
"""
RULE = """
moment:
  - {name: bereavement, when: {phrase: verstorben}, because: "ein Todesfall"}
"""


class Desk:
    """A home whose client posts on a network that netbot acts on, its page, and a reader."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.now = NOW
        self.shelf = Shelf()
        self.stage = Stage(Access(sphere="professional", account=STUDIO, secret="s"))
        self.stage.identify()
        self.caller = Caller(create(home, port=PORT, clock=lambda: self.now))
        with self.sphere() as sphere, sphere.store.write() as tx:
            accounts.pin(tx, STUDIO, Identity(platform_id="7", handle="@studio"), "m", NOW)

    def sphere(self) -> app.Sphere:
        return app.open_sphere(self.home, "professional", self.now)

    def tell(self, *names: str, sad: str = "") -> list[Suggestion]:
        facts = {sad: {"text": "Unser Gründer ist verstorben."}}
        names = (*names, sad) if sad else names
        posts = (toot(name, published_at=self.now, **facts.get(name, {})) for name in names)
        self.shelf.show(TOOTS, *posts)
        with self.sphere() as sphere:
            house = replace(sphere.house, accounts=(STUDIO,))
            desk = replace(sphere.desk, house=house, policy={"mastodon": open_policy()})
            engine.watch(sphere.store, {"mastodon": self.shelf}, desk, self.now)
            found = engine.queue(sphere.store, sphere.house, self.now, everything=True)
        return list(found.cards)

    def hall(self, sphere: app.Sphere) -> engine.Hall:
        house = replace(sphere.house, accounts=(STUDIO,))
        return replace(sphere.hall, house=house, policy={"mastodon": open_policy()})

    def approve(self, card: Suggestion) -> None:
        with self.sphere() as sphere:
            engine.decide(sphere.store, self.hall(sphere), card.id, Approve(), self.now)

    def send(self, ending: NetbotError | None = None) -> None:
        """The undo window passes, and netbot sends."""
        self.now += hours(0.1)
        self.stage.ending = ending
        with self.sphere() as sphere:
            engine.send(sphere.store, self.hall(sphere), {"studio": self.stage}, self.now)

    def act(self, card: Suggestion) -> Action:
        with self.sphere() as sphere, sphere.store.read() as tx:
            found = acts.latest(tx, "professional", card.id)
        assert found is not None
        return found

    def outbox(self) -> Answer:
        return self.caller.get("/professional/outbox")

    def today(self) -> Answer:
        return self.caller.get("/professional")

    def client(self, name: str = "acme") -> Answer:
        return self.caller.get(f"/professional/clients/{name}")

    def press(self, page: Answer, ending: str, **changes: str) -> Answer:
        return self.caller.follow(self.caller.send(page.form(ending), **changes))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("built")
    for name in ("config", "rules"):
        (home / name).mkdir()
    settings = "language: en\ntime_zone: Europe/Berlin\nrules: {shipped: false}\n"
    (home / "config/netbot.yaml").write_text(settings)
    (home / "config/professional.yaml").write_text(SPHERE)
    (home / "rules/values.yaml").write_text(RULE)
    with app.open_sphere(home, "professional", NOW) as sphere:
        assert sphere.rules
    return home


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Desk:
    home = tmp_path / "home"
    shutil.copytree(built, home)
    desk = Desk(home)
    desk.now = NOW - days(30)
    desk.tell()
    desk.now = NOW
    return desk


def test_an_empty_outbox_says_so(desk: Desk):
    page = desk.outbox()
    assert "Nothing waits, neither to be sent nor to be done by hand." in page.text
    assert "Sent in the last 30 days" not in page.text


def test_what_waits_is_counted_listed_and_called_back(desk: Desk):
    first, second = desk.tell("a", "b")
    desk.approve(first)
    desk.approve(second)
    assert "Outbox 2 wait" not in desk.today().text
    assert "2 wait" in desk.today().text
    page = desk.outbox()
    assert "like as @studio@a.example on Mastodon" in page.text
    assert "Leaves today 09:16." in page.text
    card = desk.press(page, "/undo")
    assert card.form("/approve")
    assert "1 waits" in desk.outbox().text
    assert desk.stage.calls == []


def test_an_act_that_is_due_leaves_when_netbot_runs(desk: Desk):
    (card,) = desk.tell("a")
    desk.approve(card)
    desk.now += hours(1)
    assert "Leaves in a moment, as long as netbot runs." in desk.outbox().text


def test_what_has_to_wait_says_for_what_and_until_when(desk: Desk):
    (card,) = desk.tell("a")
    desk.approve(card)
    act = desk.act(card)
    with desk.sphere() as sphere, sphere.store.write() as tx:
        acts.postpone(tx, act, desk.now + hours(2), engine.gate.SPACING, desk.now)
    said = "It keeps its distance from the act before. Next try: today 11:15."
    assert said in desk.outbox().text


@pytest.mark.parametrize(("button", "after"), [("/done", "sent"), ("/not-done", "not sent")])
def test_what_nobody_knows_is_settled_by_a_look(desk: Desk, button: str, after: str):
    (card,) = desk.tell("a")
    desk.approve(card)
    desk.send(Unsure("the answer was lost"))
    for page in (desk.today(), desk.outbox()):
        assert "nobody knows whether it arrived" in page.text
        assert "the answer was lost" in page.text
        assert [link for link in page.page.links if "a.example/@acme/a" in link["href"]]
    assert f"{after}, all caught up" in desk.press(desk.today(), button).text
    lane = desk.today().text.partition(" Problems ")[2]
    assert ("Decide again" in lane) == (button == "/not-done")


def test_an_unknown_take_back_is_asked_for_the_other_way_round(desk: Desk):
    (card,) = desk.tell("a")
    desk.approve(card)
    desk.send()
    act = desk.act(card)
    with desk.sphere() as sphere, sphere.store.write() as tx:
        acts.want_back(tx, act, desk.now)
    assert "It is being taken back." in desk.outbox().text
    desk.send(Unsure("the answer was lost"))
    page = desk.outbox()
    assert "nobody knows whether it is gone" in page.text
    gone = page.form("/done")
    assert "taken back, all caught up" in desk.caller.follow(desk.caller.send(gone)).text


def test_what_failed_says_why_and_is_decided_again(desk: Desk):
    (card,) = desk.tell("a")
    desk.approve(card)
    desk.send(Refused("the post takes no likes"))
    for page in (desk.today(), desk.outbox()):
        assert "not sent today 09:21" in page.text
        assert "the post takes no likes" in page.text
    again = desk.press(desk.outbox(), "/undo")
    assert again.form("/approve")
    assert "Problems" not in desk.today().text


def test_what_was_sent_is_listed_for_thirty_days_with_its_place(desk: Desk):
    (card,) = desk.tell("a")
    desk.approve(card)
    desk.send()
    page = desk.outbox()
    assert "sent today 09:21 · your yes: today 09:15" in page.text
    assert [link for link in page.page.links if link["href"].startswith("https://a.example/r")]
    with desk.sphere() as sphere:
        can = Verb.LIKE in sphere.policy["mastodon"].undo
    assert ("Take back" in page.text) == can
    assert ("netbot cannot take this back; you can delete it there." in page.text) != can
    desk.now += days(31)
    assert "sent today" not in desk.outbox().text


def test_an_account_that_is_frozen_is_a_problem(desk: Desk):
    with desk.sphere() as sphere, sphere.store.write() as tx:
        accounts.freeze(tx, "studio", NOW, "401: the token is not known")
    lane = desk.today().text.partition(" Problems ")[2]
    assert "@studio@a.example This account sends nothing until you have looked." in lane
    assert "401: the token is not known" in lane
    assert "netbot account check studio" in lane


def test_a_moment_for_tact_leaves_one_card_and_lets_nothing_go(desk: Desk):
    approved, *others = desk.tell(*"abcde")
    assert len(others) == 4
    desk.approve(approved)
    desk.now += hours(1)
    (gesture,) = desk.tell(*"abcde", sad="s")
    desk.send()
    assert desk.stage.calls == []
    page = desk.today()
    assert "1 card" in page.text
    assert "Why: a moment for tact" in page.text
    assert "ACME is left in peace until 4 December 2026" in page.text
    assert "The client is left in peace for now." in desk.outbox().text
    number = gesture.id.rpartition("-")[2]
    closely = desk.caller.get(f"/professional/cards/{number}").text
    assert "rule bereavement in rules/values.yaml:3 · found: verstorben" in closely
    assert "Until 4 December 2026 nothing public is suggested for them" in closely


def test_what_failed_for_a_client_in_peace_can_wait(desk: Desk):
    (card,) = desk.tell("a")
    desk.approve(card)
    desk.send(Refused("the post takes no likes"))
    desk.now += hours(1)
    desk.tell("a", sad="s")
    assert "the post takes no likes" not in desk.today().text
    assert "the post takes no likes" in desk.outbox().text


def test_a_false_alarm_brings_all_back(desk: Desk):
    desk.tell("a", "b")
    desk.now += hours(1)
    desk.tell("a", "b", sad="s")
    after = desk.press(desk.today(), "/false-alarm")
    assert "skipped, 2 left" in after.text
    assert "left in peace" not in after.text


def test_to_rest_closes_the_card_and_keeps_the_peace(desk: Desk):
    desk.tell("a")
    desk.now += hours(1)
    desk.tell("a", sad="s")
    after = desk.press(desk.today(), "/skip")
    assert "skipped, all caught up" in after.text
    assert "ACME is left in peace until 4 December 2026" in after.text
    ended = desk.press(desk.client(), "/peace", peace="end")
    assert "Left in peace" not in ended.text
    assert "1 card" in desk.today().text


def test_a_false_alarm_about_no_moment_is_refused(desk: Desk):
    (card,) = desk.tell("a")
    form = desk.today().form("/skip")
    wrong = replace(form, action=form.action.replace("/skip", "/false-alarm"))
    assert desk.caller.send(wrong).status == 409
    assert [each.id for each in desk.tell("a")] == [card.id]


def test_anybody_can_be_left_in_peace_by_hand(desk: Desk):
    desk.tell("a")
    held = desk.press(desk.client(), "/peace", peace="begin")
    assert "Left in peace until 4 December 2026: nothing public is suggested" in held.text
    assert "1 card" not in desk.today().text
    unsaid = desk.caller.send(held.form("/peace"), peace="perhaps")
    assert (unsaid.status, "Say whether" in unsaid.text) == (422, True)


def test_nobody_unknown_is_left_in_peace(desk: Desk):
    form = desk.client().form("/peace")
    unknown = replace(form, action=form.action.replace("acme", "nobody"))
    assert desk.caller.send(unknown, peace="begin").status == 404


def test_a_client_who_rests_says_so(desk: Desk):
    assert "Resting: watched, and nothing is suggested." in desk.client("calm").text


def test_without_rules_a_personal_card_shows_what_it_kept(desk: Desk):
    (gesture,) = desk.tell(sad="s")
    (desk.home / "rules/values.yaml").write_text("moment: 7\n")
    page = desk.caller.get(f"/professional/cards/{gesture.id.rpartition('-')[2]}")
    assert (page.status, "Why: a moment for tact" in page.text) == (200, True)


def test_the_outbox_speaks_german(desk: Desk):
    (card,) = desk.tell("a")
    desk.approve(card)
    settings = desk.home / "config/netbot.yaml"
    settings.write_text(settings.read_text().replace("language: en", "language: de"))
    app.open_sphere(desk.home, "professional", desk.now, fresh=True).close()
    page = desk.outbox().text
    for english in ("Outbox", "Call back", "Waiting"):
        assert translator("de").get(english) in page
    assert "Geht heute 09:16 hinaus." in page
