"""Thank-yous on the page: their lane, what they are for, asking for one, and who is not heard."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.engine.thanks import receive, weigh
from netbot.model import Account, Engagement, EngagementKind, Suggestion, Verb
from netbot.store import hearings, suggestions
from netbot.web import create
from tests import told
from tests.caller import PORT, Caller

NOW = told.NOW
STUDIO = Account(id="studio", network="mastodon", handle="@studio@a.example", platform_id="7")


@pytest.fixture(scope="module")
def thankful_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("thankful")
    told.tell(home, "en")
    return home


class Desk:
    """A home, its page, and a client who was kind."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.caller = Caller(create(home, port=PORT, clock=lambda: NOW))

    def sphere(self) -> app.Sphere:
        return app.open_sphere(self.home, "professional", NOW)

    def cards(self) -> tuple[Suggestion, ...]:
        with self.sphere() as sphere:
            return engine.queue(sphere.store, sphere.house, NOW, everything=True).cards

    def public(self) -> Suggestion:
        return next(card for card in self.cards() if card.choice.verb is Verb.COMMENT)

    def favour(self, kind: EngagementKind = EngagementKind.SHARE, text: str = "") -> str:
        """The number of the card."""
        done = Engagement(
            id=kind.value,
            kind=kind,
            at=NOW,
            handle="@them@a.example",
            who_url="https://a.example/@them",
            object_url="https://a.example/@studio/1",
            text=text,
        )
        with self.sphere() as sphere:
            client = sphere.house.client(self.public().client)
            assert client is not None
            heard = [weigh(sphere.desk, STUDIO, client, done, NOW)]
            with sphere.store.write() as tx:
                receive(tx, sphere.name, sphere.desk, heard, NOW)
                card = suggestions.open_thanks(tx, sphere.name, client.id)
        assert card is not None
        return card.id.rpartition("-")[2]


@pytest.fixture
def desk(thankful_home: Path, tmp_path: Path) -> Desk:
    home = tmp_path / "home"
    shutil.copytree(thankful_home, home)
    return Desk(home)


def test_thank_yous_have_a_lane_before_what_clients_publish(desk):
    assert "Thank-yous" not in desk.caller.get("/professional?all=1").text
    desk.favour()
    page = desk.caller.get("/professional?all=1").text
    assert page.index("Thank-yous") < page.index("passed on a post of yours")
    assert page.index("passed on a post of yours") < page.index("React to clients")
    assert page.index("React to clients") < page.index("Old Weir House")
    assert page.count("React to clients") == 1


def test_a_card_lists_what_it_thanks_for(desk):
    number = desk.favour(EngagementKind.REPLY, "This is of great help.")
    desk.favour(EngagementKind.SHARE)
    page = desk.caller.get(f"/professional/cards/{number}")
    for words in (
        "answered a post of yours",
        "passed on a post of yours",
        "This is of great help.",
        "Why: they were kind to you",
        "You write to them yourself; netbot sends nothing · stays between you and them",
    ):
        assert words in page.text, words
    assert 'href="https://a.example/@studio/1"' in page.body
    assert page.form("/approve").fields["text"].startswith("Thank you for answering my post and")
    assert not [form for form in page.page.forms if form.action.endswith("/thank")]


def test_it_is_done_by_hand(desk):
    number = desk.favour()
    form = desk.caller.get(f"/professional/cards/{number}").form("/approve")
    slip = desk.caller.follow(desk.caller.send(form, text="Thank you, that was kind."))
    assert 'href="https://a.example/@them"' in slip.body
    assert "passed on a post of yours" in slip.text
    desk.caller.follow(desk.caller.send(slip.form("/done")))
    client = desk.caller.get(f"/professional/clients/{desk.public().client}").text
    assert "from you:" in client
    assert "Thank you, that was kind." in client
    assert "passed on a post of yours" in client


def test_one_press_thanks_for_a_card_and_another_finds_the_same(desk):
    public = desk.public()
    number = public.id.rpartition("-")[2]
    form = desk.caller.get(f"/professional/cards/{number}").form("/thank")
    first = desk.caller.send(form)
    page = desk.caller.follow(first)
    assert "Why: you wished for it" in page.text
    assert "A gap is left for a sentence of your own." in page.text
    form = desk.caller.get(f"/professional/clients/{public.client}").form("/thank")
    assert desk.caller.send(form).headers["location"] == first.headers["location"]


def test_nobody_is_thanked_who_is_left_in_peace(desk):
    public = desk.public()
    number = public.id.rpartition("-")[2]
    on_card = desk.caller.get(f"/professional/cards/{number}").form("/thank")
    on_client = desk.caller.get(f"/professional/clients/{public.client}").form("/thank")
    with desk.sphere() as sphere:
        engine.leave_in_peace(sphere.store, public.client, NOW + timedelta(days=3), NOW)
    for form in (on_card, on_client):
        answer = desk.caller.send(form)
        assert answer.status == 409
        assert "left in peace" in answer.text
    page = desk.caller.get(f"/professional/clients/{public.client}").page
    assert not [form for form in page.forms if form.action.endswith("/thank")]


def test_an_account_that_is_not_heard_is_a_problem(desk):
    with desk.sphere() as sphere, sphere.store.write() as tx:
        mine = sphere.house.accounts[0]
        begun = hearings.begin(tx, mine.id, "7", NOW, NOW)
        hearings.fail(tx, begun, NOW, NOW + timedelta(days=1), "no route")
    page = desk.caller.get("/professional").text
    assert "Nobody can hear since" in page
    assert "no route" in page
