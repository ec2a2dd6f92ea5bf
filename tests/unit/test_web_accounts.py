"""My accounts at a glance: what each may do, as whom, and what holds it back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.demo.blogserver import BlogServer
from netbot.engine import Approve
from netbot.model import Identity
from netbot.store import accounts, expenses
from netbot.web import create
from tests import told
from tests.caller import PORT, Caller
from tests.newhome import NOW, SPHERE, NewHome

MORE = """\
accounts:
  - {id: studio, network: mastodon, handle: "@studio@social.example"}
  - {id: my-x, network: x, handle: "@anna"}
  - {id: parrot, network: linkedin, handle: anna-muster}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NewHome]:
    with BlogServer() as blog:
        desk = NewHome(tmp_path, blog)
        desk.write("config/professional.yaml", SPHERE.replace("accounts:\n", MORE))
        app.open_sphere(tmp_path, "professional", NOW, fresh=True).close()
        yield desk


def pin(desk: NewHome, id: str, name: str) -> None:
    with desk.open() as sphere, sphere.store.write() as tx:
        account = sphere.house.account(id)
        assert account is not None
        accounts.pin(tx, account, Identity(platform_id="77", handle=name), "mark", NOW)


def test_an_account_that_nobody_confirmed_acts_by_hand(desk: NewHome):
    page = desk.get("/accounts")
    assert "@studio@social.example Mastodon · studio" in page.text
    assert "You, in your browser: like, share, comment, recommend" in page.text
    assert "netbot, after your yes" not in page.text
    command = "netbot account add mastodon --handle @studio@social.example --sphere professional"
    assert command in page.text
    assert "account add linkedin --handle" not in page.text
    assert "netbot account add mastodon --sphere professional" in page.text
    assert "never typed into this page" in page.text


def test_a_confirmed_account_says_as_whom_it_acts(desk: NewHome):
    pin(desk, "studio", "@studio@social.example")
    page = desk.get("/accounts").text
    assert "netbot, after your yes: like, share, comment, recommend" in page
    assert "Confirmed as @studio@social.example (77), today 08:30" in page
    with desk.open() as sphere, sphere.store.write() as tx:
        accounts.rest(tx, "studio", NOW + timedelta(hours=2), "It asked for a pause.")
    assert "rests until today 10:30: It asked for a pause." in desk.get("/accounts").text


def test_a_frozen_account_says_why_and_what_mends_it(desk: NewHome):
    pin(desk, "studio", "@studio@social.example")
    with desk.open() as sphere, sphere.store.write() as tx:
        accounts.freeze(tx, "studio", NOW, "Its secret is for somebody else.")
    page = desk.get("/accounts").text
    assert "Frozen today 08:30: it sends nothing until you have looked." in page
    assert "Its secret is for somebody else." in page
    assert "netbot account check studio --sphere professional" in page


def test_money_is_told_where_a_network_takes_some(desk: NewHome):
    assert desk.get("/accounts").text.count("spent in 30 days") == 1
    with desk.open() as sphere, sphere.store.write() as tx:
        expenses.add(tx, "my-x", NOW.date(), 250_000)
    assert "$0.25 of $10.00 spent in 30 days" in desk.get("/accounts").text


def test_the_last_act_is_told(tmp_path: Path):
    told.tell(tmp_path, "en")
    with app.open_sphere(tmp_path, "professional", told.NOW) as sphere:
        cards = engine.queue(sphere.store, sphere.house, told.NOW, everything=True).cards
        card = next(each for each in cards if each.choice.account == "nora-web")
        engine.decide(sphere.store, sphere.hall, card.id, Approve(text="Schön."), told.NOW)
        engine.confirm(sphere.store, card.id, told.NOW)
    caller = Caller(create(tmp_path, port=PORT, clock=lambda: told.NOW))
    page = caller.get("/professional/accounts").text
    assert page.count("last act today 09:15") == 1
