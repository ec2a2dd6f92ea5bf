"""Thank-yous at the terminal: by hand, in the queue, and what looking once tells of hearing."""

from datetime import timedelta

import pytest

from netbot import app, clock
from netbot.cli.hearing import tell_heard
from netbot.cli.review import Session
from netbot.engine import Heard
from netbot.engine.thanks import receive, weigh
from netbot.model import Account, Engagement, EngagementKind, Identity, Verb
from netbot.network import Access
from netbot.store import accounts, hearings, suggestions
from netbot.text import translator
from tests.unit.conftest import Commands

STUDIO = Account(id="studio", network="mastodon", handle="@studio@a.example", platform_id="7")


def favour(netbot: Commands, client: str, ref: str = "1", text: str = "") -> str:
    """A client passes on a post of mine, or answers it; the card's id."""
    now = clock.now()
    with app.open_sphere(netbot.home, "professional", now) as sphere:
        known = sphere.house.client(client)
        assert known is not None
        done = Engagement(
            id=ref,
            kind=EngagementKind.REPLY if text else EngagementKind.SHARE,
            at=now,
            handle="@them@a.example",
            who_url="https://a.example/@them",
            object_url="https://a.example/@studio/1",
            text=text,
        )
        told = weigh(sphere.desk, STUDIO, known, done, now)
        with sphere.store.write() as tx:
            receive(tx, sphere.name, sphere.desk, [told], now)
            card = suggestions.open_thanks(tx, sphere.name, client)
    assert card is not None
    return card.id


def someone(netbot: Commands) -> str:
    items = netbot("queue", "--sphere", "professional", "--json").json["items"]
    return next(str(item["client"]) for item in items if item["verb"] != "gesture")


def test_a_thank_you_stands_first_and_says_what_for(netbot):
    client = someone(netbot)
    card = favour(netbot, client, text="Das hilft uns sehr.")
    gesture, item = netbot("queue", "--sphere", "professional", "--json").json["items"][:2]
    assert gesture["verb"] == "gesture"
    assert (item["id"], item["verb"], item["channel"]) == (card, "thank", "handoff")
    [done] = item["favours"]
    assert (done["kind"], done["object_url"], done["text"]) == (
        "reply",
        "https://a.example/@studio/1",
        "Das hilft uns sehr.",
    )
    assert "answered a post of yours" in netbot("queue", "--sphere", "professional").out
    shown = netbot("show", card).out
    assert "answered a post of yours: https://a.example/@studio/1" in " ".join(shown.split())
    assert "Das hilft uns sehr." in shown
    assert "← an answer" in shown


def test_from_a_favour_to_done(netbot):
    card = favour(netbot, someone(netbot))
    assert "approved. Next" in netbot("approve", card).out
    [act] = netbot("perform", "--once", "--json").json["items"]
    assert (act["verb"], act["handoff"]["url"]) == ("thank", "https://a.example/@them")
    assert netbot("done", card).out == f"{card}: done.\n"
    assert "→ thank:" in netbot("show", card).out


def test_one_thanks_for_a_card_or_a_client(netbot):
    item = netbot("queue", "--sphere", "professional", "--json").json["items"][1]
    told = netbot("thank", item["id"], "--json").json
    assert (told["verb"], told["client"]) == ("thank", item["client"])
    assert told["draft"].count("[…]") == 1
    again = netbot("thank", item["client"])
    assert again.out == f"{told['id']} waits in the queue.\n"
    assert netbot("queue").out.count(told["id"]) == 1
    assert "Thank " in netbot("show", told["id"]).out
    assert netbot("thank", "nobody").code == 2


def test_a_client_of_two_spheres_is_thanked_in_the_one_that_is_named(netbot):
    client = someone(netbot)
    config = netbot.home / "config" / "private.yaml"
    text = config.read_text(encoding="utf-8").replace(
        "clients:\n", f"clients:\n  - {{id: {client}, name: Zweimal}}\n"
    )
    config.write_text(text, encoding="utf-8")
    netbot("watch", "--once")
    told = netbot("thank", client)
    assert told.code == 2
    assert "--sphere" in told.err
    assert netbot("thank", client, "--sphere", "professional").code == 0


def test_at_the_terminal_one_key_thanks(netbot):
    with app.open_sphere(netbot.home, "professional", clock.now()) as sphere:
        keys = iter("jtq")
        session = Session(
            sphere=sphere, texts=translator("en"), read_key=lambda: next(keys), elapsed_s=lambda: 0
        )
        assert session.run() is False
        with sphere.store.read() as tx:
            newest = tx.exec_driver_sql("SELECT MAX(id) FROM suggestions").scalar()
            card = suggestions.get(tx, sphere.name, f"{sphere.name}-{newest}")
    assert card.choice.verb is Verb.THANK


def test_looking_once_asks_who_was_nice(netbot):
    told = netbot("watch", "--once", "--sphere", "professional", "--json").json["spheres"][0]
    assert told["heard"] == {"asked": 0, "kept": 0, "suggested": 0, "errors": {}}


def test_what_was_heard_is_told():
    heard = Heard(asked=1, kept=2, cards=1, errors={"studio": "no route"})
    assert list(tell_heard(heard, translator("en"))) == [
        "  1 account asked, 2 kindnesses of clients, 1 thank-you",
        "  studio",
        "    no route",
    ]
    assert list(tell_heard(Heard(), translator("en"))) == []


def test_an_account_that_stays_deaf_stands_in_the_status(netbot):
    now = clock.now()
    with app.open_sphere(netbot.home, "professional", now) as sphere:
        mine = sphere.house.accounts[0]
        access = Access(sphere=sphere.name, account=mine, secret="x")
        with sphere.store.write() as tx:
            accounts.pin(tx, mine, Identity(platform_id="7", handle=mine.handle), access.mark, now)
            begun = hearings.begin(tx, mine.id, "7", now, now)
            hearings.fail(tx, begun, now, now + timedelta(days=1), "no route")
    told = netbot("status", "--sphere", "professional")
    assert "Nobody can hear since" in told.out
    assert "no route" in told.out
    [unheard] = netbot("status", "--sphere", "professional", "--json").json["spheres"][0]["unheard"]
    assert (unheard["id"], unheard["note"]) == (mine.id, "no route")


@pytest.mark.parametrize(
    ("handles", "says"),
    [
        ("[acme]", "a profile must begin with https://"),
        ("[{network: mastodn, handle: x}]", "unknown network"),
        ("[{network: mastodon}]", "handle"),
    ],
)
def test_handles_that_lead_nowhere_are_told(netbot, handles, says):
    config = netbot.home / "config" / "professional.yaml"
    text = config.read_text(encoding="utf-8").replace(
        "clients:\n", f"clients:\n  - {{id: odd, name: Odd, handles: {handles}}}\n"
    )
    config.write_text(text, encoding="utf-8")
    told = netbot("check")
    assert told.code == 2
    assert says in told.err


def test_nobody_prefers_thanks_for_posts(netbot):
    config = netbot.home / "config" / "professional.yaml"
    text = config.read_text(encoding="utf-8").replace(
        "clients:\n", "clients:\n  - {id: odd, name: Odd, verbs: [thank]}\n"
    )
    config.write_text(text, encoding="utf-8")
    (netbot.home / "rules" / "odd.yaml").write_text(
        "champion:\n  - {name: odd, when: {words: x}, suggest: [thank]}\n", encoding="utf-8"
    )
    assert "thanks are for what clients do for you" in netbot("check").err
    assert "nothing to thank for" in netbot("rules", "lint").err
