"""The problems lane and a client's last posts, on a real home."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.engine import Approve
from netbot.model import Post
from netbot.store import sources
from netbot.text import translator
from netbot.web import create
from tests import told
from tests.caller import PORT, Answer, Caller
from tests.house import BLOG, SECOND, Shelf, days, post

NOW = told.NOW
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'"
SPHERE = f"""
accounts:
  - {{id: anna-web, network: web, handle: Anna Muster}}
clients:
  - {{id: acme, name: "ACME <b>GmbH</b>", sources: ["{BLOG}", "{SECOND}"]}}
  - {{id: quiet, name: Quiet, sources: ["https://quiet.example/feed"]}}
"""
RULE = """
never:
  - name: war
    when: {words: [Rüstung]}
    because: nothing for war
    examples: {refuse: [Neue Rüstung.], pass: [Neue Möbel.]}
"""


class Desk:
    """A home whose feeds show what a test says, its page, and somebody who looks at it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.shelf = Shelf()
        self.now = NOW
        for address in (BLOG, SECOND, "https://quiet.example/feed"):
            self.shelf.show(address)
        self.caller = Caller(create(home, port=PORT, clock=lambda: self.now))

    def sphere(self) -> app.Sphere:
        return app.open_sphere(self.home, "professional", self.now)

    def watch(self, *shown: Post, address: str = BLOG) -> None:
        self.shelf.show(address, *shown)
        with self.sphere() as sphere:
            engine.watch(sphere.store, {"web": self.shelf}, sphere.desk, self.now)

    def flood(self) -> None:
        """Twelve posts at once, after a first look at an empty feed: they are set aside."""
        self.now = NOW - days(1)
        self.watch()
        self.now = NOW
        self.watch(*(post(f"p{n}", published_at=NOW - days(n / 4)) for n in range(12)))

    def cards(self) -> list[str]:
        with self.sphere() as sphere:
            found = engine.queue(sphere.store, sphere.house, self.now, everything=True)
            return [card.id for card in found.cards]

    def approve(self, card: str) -> None:
        with self.sphere() as sphere:
            engine.decide(sphere.store, sphere.hall, card, Approve(text="Schön!"), self.now)

    def today(self) -> Answer:
        return self.caller.get("/professional")

    def client(self, name: str = "acme") -> Answer:
        return self.caller.get(f"/professional/clients/{name}")

    def state(self) -> bytes:
        with self.sphere() as sphere:
            problems = engine.problems(sphere.store, sphere.house, self.now)
        return repr((problems, self.cards())).encode()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose rules have been read once: their words need not be looked up again."""
    home = tmp_path_factory.mktemp("built")
    for name in ("config", "rules"):
        (home / name).mkdir()
    (home / "config/netbot.yaml").write_text("language: en\nrules: {shipped: false}\n")
    (home / "config/professional.yaml").write_text(SPHERE)
    (home / "rules/values.yaml").write_text(RULE)
    with app.open_sphere(home, "professional", NOW) as sphere:
        assert sphere.rules
    return home


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Desk:
    home = tmp_path / "home"
    shutil.copytree(built, home)
    return Desk(home)


def lane(page: Answer) -> str:
    """What the problems lane says; "" when there is none."""
    return page.text.partition(" Problems ")[2].partition(" Keys ")[0]


def test_without_problems_there_is_no_lane(desk: Desk):
    desk.watch(post("new"))
    assert "Problems" not in desk.today().text
    assert 'class="lane"' not in desk.today().body


def test_posts_set_aside_are_asked_about_with_buttons_and_no_command(desk: Desk):
    desk.flood()
    page = desk.today()
    said = lane(page)
    assert said.startswith(f"ACME <b>GmbH</b> {BLOG} shows 12 posts at once")
    assert said.endswith("say what they are. These are new These are old")
    assert "netbot source settle" not in page.text
    assert "/professional/clients/acme" in [link["href"] for link in page.page.links]
    labels = {facts.get("aria-labelledby") for _, facts in page.page.tags}
    assert {"problems", "trouble-1"} <= labels & {facts.get("id") for _, facts in page.page.tags}


@pytest.mark.parametrize(
    ("are", "cards", "said"),
    [("new", 12, "settled, 12 new suggestions"), ("old", 0, "settled, 0 new suggestions")],
)
def test_one_press_settles_it(desk: Desk, are: str, cards: int, said: str):
    desk.flood()
    page = desk.today()
    answer = desk.caller.send(page.form("/settle"), are=are)
    assert (answer.status, answer.headers["location"]) == (303, f"/professional?settled={cards}")
    after = desk.caller.follow(answer)
    assert f'<p role="status">{said}</p>' in after.body
    assert not lane(after)
    assert len(desk.cards()) == cards
    again = desk.caller.send(page.form("/settle"), are=are)
    assert again.status == 409
    assert "it was given already" in again.text
    assert len(desk.cards()) == cards


@pytest.mark.parametrize("are", ["", "both", "New"])
def test_an_answer_that_is_none_settles_nothing(desk: Desk, are: str):
    desk.flood()
    answer = desk.caller.send(desk.today().form("/settle"), are=are)
    assert answer.status == 422
    assert "Say whether they are new or old." in answer.text
    assert lane(answer)


def test_a_source_that_there_is_not_cannot_be_settled(desk: Desk):
    desk.flood()
    form = desk.today().form("/settle")
    for number, status in ((99, 409), (2**63, 404)):
        form.action = f"/professional/sources/{number}/settle"
        assert desk.caller.send(form, are="new").status == status
    assert desk.cards() == []


@pytest.mark.parametrize("told_settled", ["", "x", "-1", "1234567", "<b>", "１２"])
def test_a_status_line_tells_plain_numbers_only(desk: Desk, told_settled: str):
    body = desk.caller.get(f"/professional?settled={told_settled}").body
    assert '<p role="status"></p>' in body


def test_other_problems_say_what_mends_them(desk: Desk):
    desk.watch()
    with desk.sphere() as sphere, sphere.store.write() as tx:
        (first, *_) = sources.everything(tx)
        sources.fail(
            tx,
            first.id,
            error=HOSTILE,
            failures=3,
            next_check=desk.now,
            failing_since=NOW - days(3),
        )
    page = desk.today()
    assert HOSTILE in lane(page)
    assert "Open the address in a browser" in lane(page)
    assert not [form for form in page.page.forms if form.action.endswith("/settle")]


def test_the_last_five_posts_stand_with_what_the_rules_say_today(desk: Desk):
    old = [post(f"n{n}", published_at=NOW - days(400 + n)) for n in range(6)]
    arms = post("arms", title="Rüstung", published_at=NOW - days(300))
    desk.watch(arms, *old)
    page = desk.client()
    found = page.text.partition(" Last posts ")[2]
    titles = ["Rüstung", *(f"Neues aus der Werkstatt: n{n}" for n in range(4))]
    places = [found.index(f"{title} ↗") for title in titles]
    assert places == sorted(places)
    assert "against my values: nothing for war" in found
    assert found.count("Queue it") == 5
    assert "n4" not in found
    assert "No post yet." in desk.client("quiet").text


def test_a_story_told_twice_is_shown_once(desk: Desk):
    desk.watch(post("twice"), post("other"))
    desk.now += timedelta(days=2)
    desk.watch(post("twice"), address=SECOND)
    assert desk.client().text.count("Neues aus der Werkstatt: twice") == 1


def test_posts_without_a_date_keep_the_order_of_their_feed(desk: Desk):
    desk.watch(*(post(name, published_at=None) for name in ("newest", "middle", "oldest")))
    found = desk.client().text.partition(" Last posts ")[2]
    places = [found.index(f"{name} ↗") for name in ("newest", "middle", "oldest")]
    assert places == sorted(places)


def test_an_old_post_is_queued_by_hand_once(desk: Desk):
    desk.watch(post("old", published_at=NOW - days(400)))
    assert desk.cards() == []
    page = desk.client()
    answer = desk.caller.send(page.form("/queue"))
    (card,) = desk.cards()
    number = card.rpartition("-")[2]
    assert answer.status == 303
    assert answer.headers["location"] == f"/professional/clients/acme?after={number}"
    after = desk.caller.follow(answer)
    assert '<p role="status">waits for you, 1 left</p>' in after.body
    assert not [form for form in after.page.forms if form.action.endswith("/queue")]
    assert f"/professional/cards/{number}" in [link["href"] for link in after.page.links]
    desk.caller.send(page.form("/queue"))
    assert desk.cards() == [card]


def test_what_cannot_be_queued_says_why(desk: Desk):
    desk.watch(post("arms", title="Rüstung"))
    answer = desk.caller.send(desk.client().form("/queue"))
    assert answer.status == 409
    assert "is against your rule war (rules/values.yaml:" in answer.text
    assert desk.cards() == []


def test_an_approved_post_shows_its_card_instead_of_a_button(desk: Desk):
    desk.watch(post("old", published_at=NOW - days(400)))
    form = desk.client().form("/queue")
    desk.caller.send(form)
    desk.approve(desk.cards()[0])
    page = desk.client()
    assert not [form for form in page.page.forms if form.action.endswith("/queue")]
    assert "approved" in page.text.partition(" Last posts ")[2]
    answer = desk.caller.send(form)
    assert answer.status == 409
    assert "you have approved it already" in answer.text


def test_a_card_past_its_time_can_be_wished_for_again(desk: Desk):
    desk.watch(post("new"))
    assert not [form for form in desk.client().page.forms if form.action.endswith("/queue")]
    desk.now += days(60)
    desk.caller.send(desk.client().form("/queue"))
    assert len(desk.cards()) == 1


@pytest.mark.parametrize(
    "path",
    ["quiet/posts/1", "acme/posts/99", "nobody/posts/1", "acme/posts/x", f"acme/posts/{2**63}"],
)
def test_only_a_clients_own_posts_are_queued_from_its_page(desk: Desk, path: str):
    desk.watch(post("old", published_at=NOW - days(400)))
    form = desk.client().form("/queue")
    form.action = f"/professional/clients/{path}/queue"
    assert desk.caller.send(form).status == 404
    assert desk.cards() == []


def test_a_client_no_longer_configured_has_no_posts_to_queue(desk: Desk):
    desk.watch(post("old", published_at=NOW - days(400)))
    desk.caller.send(form := desk.client().form("/queue"))
    config = desk.home / "config/professional.yaml"
    config.write_text(config.read_text().replace("id: acme", "id: other"))
    app.open_sphere(desk.home, "professional", desk.now, fresh=True).close()
    assert desk.client().status == 404
    assert desk.caller.send(form).status == 404


def test_rules_that_cannot_be_read_leave_the_contacts_readable(desk: Desk):
    desk.watch(post("new"))
    (desk.home / "rules/values.yaml").write_text("rules: [")
    page = desk.client()
    assert page.status == 200
    assert "rules/values.yaml" in page.text
    assert "No contact noted yet" in page.text


def test_a_form_that_is_not_ours_changes_nothing(desk: Desk):
    desk.flood()
    forms = [desk.today().form("/settle"), desk.client().form("/queue")]
    before = desk.state()
    for form, said in zip(forms, ("Today", "Last posts"), strict=True):
        answer = desk.caller.send(form, are="new", token="guessed")
        assert answer.status == 403
        assert "Please press the button again." in answer.text
        assert said in answer.text
        for site in ("cross-site", "same-site"):
            headers = {"sec-fetch-site": site, "origin": "https://evil.example"}
            answer = desk.caller.ask("POST", form.action, fields=form.fields, headers=headers)
            assert answer.status == 403
        assert desk.caller.get(form.action).status == 405
    for form in forms:
        desk.caller.cookies.clear()
        assert desk.caller.send(form, are="new").status == 403
    assert desk.state() == before


def test_looking_changes_nothing(desk: Desk):
    desk.flood()
    before = desk.state()
    for _ in range(2):
        desk.today()
        desk.client()
    assert desk.state() == before


def test_hostile_words_are_only_words(desk: Desk):
    hostile = post(
        "x", title=HOSTILE, url="javascript:alert(1)", language='en" onload="alert(3)',
        published_at=NOW - days(400),
    )  # fmt: skip
    desk.watch(hostile)
    page = desk.client()
    assert HOSTILE in page.text
    for tag, facts in page.page.tags:
        assert tag not in {"img", "b", "style"}
        assert not [name for name in facts if name.startswith("on") or name == "style"]
        assert "alert" not in facts.get("href", "") + facts.get("lang", "")


def test_it_reads_in_german(desk: Desk):
    german = translator("de")
    config = desk.home / "config/netbot.yaml"
    config.write_text(config.read_text().replace("language: en", "language: de"))
    app.open_sphere(desk.home, "professional", desk.now, fresh=True).close()
    desk.flood()
    today, client = desk.today(), desk.client()
    for page, words in (
        (today, ("Problems", "These are new", "These are old")),
        (client, ("Last posts", "Queue it", "fine")),
    ):
        assert all(german.get(word) in page.text for word in words)
    after = desk.caller.follow(desk.caller.send(today.form("/settle"), are="new"))
    said = german.plural("settled, {n} new suggestion", "settled, {n} new suggestions", 12)
    assert said.format(n=12) in after.text
