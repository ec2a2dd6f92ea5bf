"""``netbot rules explain``: today's rules on a stored post."""

from datetime import timedelta

from netbot import app, clock
from netbot.model import Direction, Touch
from netbot.store import suggestions, touches


def link(value, name):
    return next(each for each in value["links"] if each["link"] == name)


def test_each_link_of_the_chain_speaks(netbot):
    told = netbot("rules", "explain", "professional-9", "--json").json
    assert (told["verdict"], told["link"], told["suggest"]) == ("skip", "moment", ["gesture"])
    links = ["nonsense", "moment", "values", "client", "dosage", "policy"]
    assert [each["link"] for each in told["links"]] == links
    passed = {"verdict": "pass", "because": "", "rules": []}
    assert link(told, "nonsense") == {"link": "nonsense"} | passed
    assert told["inactive"] == []
    moment = link(told, "moment")
    assert moment["verdict"] == "skip"
    assert moment["rules"][0]["rule"] == "bereavement"
    assert moment["rules"][0]["file"] == "shipped/moment.yaml"
    assert moment["rules"][0]["matched"] == "nehmen Abschied von"


def test_for_people(netbot):
    told = netbot("rules", "explain", "professional-9").out
    assert "\nnonsense: passes\nmoment: left out\n" in told
    assert " bereavement „nehmen Abschied von“\n" in told
    assert told.endswith("→ left out\nSuggestion: write personally\n")
    endorsed = netbot("rules", "explain", "professional-10").out
    assert "→ passes\nSuggestion: share\nScore: 1 (open-position +1)\n" in endorsed


def test_by_the_rules_of_now(netbot):
    before = netbot("show", "private-1", "--json").json
    rule = "never:\n  - {name: heating, when: {phrase: Heizung}, because: 'zu „{match}“'}\n"
    folder = netbot.home / "rules" / "private"
    folder.mkdir()
    (folder / "mine.yaml").write_text(rule, encoding="utf-8")
    told = netbot("rules", "explain", "private-1", "--json").json
    assert (told["verdict"], told["link"]) == ("refuse", "values")
    spoke = link(told, "values")["rules"][0]
    assert (spoke["file"], spoke["line"], spoke["matched"]) == (
        "rules/private/mine.yaml",
        2,
        "Heizung",
    )
    assert spoke["because"] == "zu „Heizung“"
    assert netbot("show", "private-1", "--json").json == before


def test_a_post_that_never_became_a_card_by_its_address(netbot):
    address = netbot("show", "private-2", "--json").json["target_url"]
    by_address = netbot("rules", "explain", address, "--json")
    assert by_address.out == netbot("rules", "explain", "private-2", "--json").out
    other = netbot("rules", "explain", address, "--sphere", "professional")
    assert (other.code, other.out) == (2, "")
    assert f"no stored post stands at {address}" in other.err


def test_what_is_neither_a_card_nor_an_address(netbot):
    for post in ("wurst", "private-99", "https://nowhere.example/"):
        told = netbot("rules", "explain", post)
        assert (told.code, told.out) == (2, "")
        assert post in told.err


def test_a_mistake_in_a_rule_is_told_with_its_place(netbot):
    (netbot.home / "rules" / "values.yaml").write_text("nevr: []\n", encoding="utf-8")
    told = netbot("rules", "explain", "private-1")
    assert told.code == 2
    assert "rules/values.yaml:1:1: " in told.err


def test_how_often_i_was_in_touch_counts(netbot):
    with app.open_sphere(netbot.home, "private", clock.now()) as sphere:
        with sphere.store.write() as tx:
            client = suggestions.get(tx, "private", "private-1").client
            for _ in range(3):
                at = clock.now() - timedelta(hours=1)
                touch = Touch(client=client, at=at, direction=Direction.OUT, kind="like")
                touches.add(tx, "private", touch)
    told = netbot("rules", "explain", "private-1")
    assert "\ndosage: left out\n  you have been in touch 3 times within 7 days" in told.out
    assert link(netbot("rules", "explain", "private-1", "--json").json, "dosage")["because"]
