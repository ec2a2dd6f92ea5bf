"""A client's page: contacts in both directions, cadence, sources, accounts and tags."""

from pathlib import Path

import pytest

from netbot.model import Direction, Engagement, EngagementKind, Touch
from netbot.store import engagements, sources, touches
from tests.bureau import NOW, WORDS, Bureau
from tests.house import days, hours


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "home")


def reach_out(bureau: Bureau, ago_days: float) -> None:
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        at = NOW - days(ago_days)
        mine = Touch(client="acme", at=at, direction=Direction.OUT, kind="comment")
        touches.add(tx, "professional", mine)


def test_accounts_tags_and_cadence_are_told(bureau):
    page = bureau.get("/clients/acme")
    assert "a word every 30 days" in page.text
    assert "You speak with them as Anna Muster (website), anna-muster (LinkedIn)" in page.text
    assert "key-client" in page.text
    assert "due since" not in page.text
    assert "No contact noted yet." in page.text
    assert "a word every" not in bureau.get("/clients/other").text


@pytest.mark.parametrize(
    ("ago", "said"),
    [(10, "the next by 10 December 2026"), (40, "due since 10 November 2026")],
)
def test_when_the_next_word_is_due(bureau, ago, said):
    reach_out(bureau, ago)
    assert said in bureau.get("/clients/acme").text


def test_both_directions_stand_in_one_timeline(bureau):
    (card,) = bureau.tell("a")
    bureau.done(card)
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        for number, kind in enumerate((EngagementKind.SHARE, EngagementKind.FOLLOW)):
            at = NOW - hours(number + 1)
            touch = Touch(client="acme", at=at, direction=Direction.IN, kind=kind.value, text="Ja!")
            engagement = Engagement(
                id=f"e{number}", kind=kind, at=at, handle="@a", url="https://a.example/e"
            )
            engagements.keep(tx, "s", engagement, touches.add(tx, "professional", touch))
    page = bureau.get("/clients/acme")
    assert f"from you: comment {WORDS}" in page.text
    assert "ACME <b>GmbH</b> passed on a post of yours" in page.text
    assert "from them: follows you" in page.text
    links = [link["href"] for link in page.page.links]
    assert links.count("https://a.example/e") == 2
    assert links.count("/professional/outbox/1/oops") == 1
    assert page.body.count('role="img"') == 1
    assert "From you: 1, above the line. From them: 2, below it." in page.text


def test_few_contacts_are_told_in_a_word(bureau):
    reach_out(bureau, 10)
    page = bureau.get("/clients/acme")
    assert "Too few contacts in the last twelve months for a picture." in page.text
    assert 'role="img"' not in page.body


def test_their_sources_stand_there_with_their_state(bureau):
    bureau.tell("a")
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        sources.set_aside(tx, 1, NOW)
        sources.fail(
            tx, 2, next_check=NOW + hours(3), error="no route", failures=1, failing_since=NOW
        )
    page = bureau.get("/clients/acme")
    assert "website · asks you something" in page.text
    assert "The last look failed: no route" in page.text
    assert "next look today 12:15" in page.text
    assert "other.example" not in page.text
    after = bureau.press(page, "/sources/1/settle", are="old")
    assert after.status == 200
    assert "asks you something" not in bureau.get("/clients/acme").text


def test_a_client_of_old_keeps_the_timeline(bureau):
    with bureau.sphere() as sphere, sphere.store.write() as tx:
        old = Touch(client="gone", at=NOW, direction=Direction.OUT, kind="like")
        touches.add(tx, "professional", old)
    page = bureau.get("/clients/gone")
    assert "from you: like" in page.text
    assert "You speak with them" not in page.text
    assert "Sources" not in [link.get("id") for link in page.page.links]
    assert bureau.get("/clients/nobody").status == 404
