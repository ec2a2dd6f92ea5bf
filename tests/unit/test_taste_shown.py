"""What was learned is told in words wherever a card is shown."""

import pytest

from netbot import app, clock, engine
from netbot.engine import Approve
from netbot.model import Measure, Reason, Ruling, Verdict
from netbot.web import create
from tests.caller import PORT, Caller
from tests.filling import fill

WORKSHOP = "In der Werkstatt,"
SAID = "you approved 6 of 6 posts with “Werkstatt”"
RATED = Verdict(
    ruling=Ruling.ASK,
    link="values",
    reasons=(
        Reason(
            rule="golf",
            file="rules/golf.yaml",
            line=4,
            matched="",
            because="Golf?",
            ruling=Ruling.ASK,
            link="values",
            measured=(
                Measure(name="about golf", score=0.71, threshold=">= 0.5", nearest="Loch in eins"),
                Measure(name="bait", score=0.9, threshold="> 0.8"),
            ),
        ),
    ),
)


def page(home):
    return Caller(create(home, port=PORT, clock=clock.now))


@pytest.fixture
def waiting(netbot):
    """A card like six that were approved."""
    fill(netbot.home, [f"{WORKSHOP} {n}" for n in range(6)], Approve(text="Schön."))
    (card,) = fill(netbot.home, [f"{WORKSHOP} am Ende"], None)
    with app.open_sphere(netbot.home, "private", clock.now()) as opened:
        assert engine.learn_order(opened.store) > 0
    return card


def test_the_terminal_says_what_was_counted(netbot, waiting):
    told = netbot("show", waiting, "--json").json
    assert told["score"]["parts"]["liked"] > 0
    assert told["score"]["total"] == round(sum(told["score"]["parts"].values()), 2)
    because = {"kind": "word", "what": "Werkstatt", "approved": 6, "decided": 6}
    assert because in netbot("rules", "explain", waiting, "--json").json["taste"]
    for command in (("show", waiting), ("rules", "explain", waiting)):
        assert SAID in netbot(*command).out


def test_the_page_says_what_was_counted(netbot, waiting):
    number = waiting.rpartition("-")[2]
    for address in ("/private?all=1", f"/private/cards/{number}"):
        shown = page(netbot.home).get(address).text
        assert SAID in shown
        assert "like what you approved before" in shown
        assert "you approved 6 of 6 posts by " in shown


def test_a_learned_score_stands_beside_its_rule(netbot):
    (card,) = fill(netbot.home, ["Ein Tag auf dem Platz"], None, verdict=RATED)
    shown = netbot("show", card).out
    assert "about golf: 0.71 (>= 0.5), nearest example: “Loch in eins”" in shown
    assert "bait: 0.9 (> 0.8)" in shown
    (why,) = netbot("show", card, "--json").json["why"]
    assert [each["name"] for each in why["measured"]] == ["about golf", "bait"]
    text = page(netbot.home).get(f"/private/cards/{card.rpartition('-')[2]}").text
    assert "about golf: 0.71 (>= 0.5), nearest example: Loch in eins" in text


def test_explain_names_what_a_score_said(netbot):
    rule = "{name: kind, when: {score: {kindness: '> 0.5'}}, because: nett}"
    file = netbot.home / "rules" / "kind.yaml"
    file.write_text(f"champion: [{rule}]\n", encoding="utf-8")
    (card,) = fill(netbot.home, ["Danke euch, wir freuen uns, herzlich willkommen!"], None)
    assert "kindness: " in netbot("rules", "explain", card).out


def test_the_page_names_rules_that_cannot_speak(netbot):
    rule = "{name: on-the-green, when: {about: golf}, because: b}"
    file = netbot.home / "rules" / "golf.yaml"
    file.write_text(f"topics: {{golf: {{like: [x]}}}}\nhesitate: [{rule}]\n", encoding="utf-8")
    (card,) = fill(netbot.home, ["Ein Tag auf dem Platz"], None)
    path = f"/private/cards/{card.rpartition('-')[2]}"
    assert "Inactive without the extra “semantic”: on-the-green" in page(netbot.home).get(path).text
