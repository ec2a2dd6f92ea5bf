"""``netbot rules lint|try|stats|new|test``: what rules do with the posts that are stored."""

from datetime import UTC, date, datetime

import pytest

from netbot import rules
from netbot.model import Account, Client, Context, House, Post, UsageError
from netbot.rules.linting import ENOUGH_POSTS, lint
from netbot.rules.proposing import propose_rule

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
HOUSE = House(
    sphere="private",
    clients=(Client(id="acme", name="ACME", tags=("key",)),),
    accounts=(Account(id="me", network="web", handle="I"),),
)
FINE = "examples: {ask: [x]}, because: b"


def load(folder, text):
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "a.yaml").write_text(text, encoding="utf-8")
    return rules.load(home=folder, sphere=None, shipped=False)


def remarks(loaded, posts=(), house=HOUSE):
    return lint(loaded, house=house, posts=posts, today=TODAY)


def hesitate(*bodies):
    lines = [f"  - {{name: r{index}, {FINE}, {body}}}\n" for index, body in enumerate(bodies)]
    return "hesitate:\n" + "".join(lines)


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ("when: {phrase: x}", None, ""),
        ("when: {phrase: x}, expires: 2026-11-20", "expired", "2026-11-20"),
        ("when: {phrase: x}, expires: 2026-11-21", None, ""),
        ("when: {score: {spam: '> 0.5'}}", None, ""),
        ("when: {duplicate: true}", None, ""),
        ("when: {phrase: x}, for: {clients: [nobody]}", "dead", "client “nobody”"),
        ("when: {phrase: x}, for: {clients: [Acme, nobody]}", None, ""),
        ("when: {phrase: x}, for: {tags: [rare]}", "dead", "tag “rare”"),
        ("when: {phrase: x}, for: {accounts: [you]}", "dead", "account “you”"),
        ("when: {phrase: x}, unless: {phrase: [x, y]}", "dead", "“x” is asked for"),
        ("when: {phrase: x, unless: {phrase: x}}", "dead", "“x” is asked for"),
        ("when: {phrase: [x, z], none: [{phrase: x}]}", None, ""),
        ("when: {phrase: x}, unless: {phrase: x, kind: reply}", None, ""),
        ("when: {kind: reply, all: [{kind: share}]}", "dead", "“kind”"),
        ("when: {kind: reply, all: [{kind: [share, reply]}]}", None, ""),
        ("when: {regex: '[A-z]+x'}", "regex", "A-Za-z"),
        ("when: {regex: 'acme.de'}", "regex", "any character"),
        ("when: {regex: 'acme\\.de'}", None, ""),
        ("when: {regex: '.*gratis'}", "regex", "finds it all"),
        ("when: {regex: '(a|)b'}", "regex", "alternatives"),
        ("when: {regex: '(?i)ab'}", "regex", "nearly everywhere"),
        ("when: {any: [{regex: 'gratis'}]}", None, ""),
    ],
)
def test_one_rule_alone(tmp_path, body, kind, says):
    found = remarks(load(tmp_path, hesitate(body)))
    assert [each.kind for each in found] == ([kind] if kind else [])
    assert all(says in each.what.format(**each.facts) for each in found)


def test_a_rule_without_examples(tmp_path):
    loaded = load(tmp_path, "never:\n  - {name: a, when: {phrase: x}, because: b}\n")
    assert [(each.kind, each.rule.line) for each in remarks(loaded, house=None)] == [
        ("examples", 2)
    ]


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        ("when: {phrase: [x, y]}", "when: {phrase: x}", ["r1"]),
        ("when: {phrase: x}", "when: {phrase: [x, y]}", ["r0"]),
        ("when: {phrase: x}", "when: {phrase: x}", ["r1"]),
        ("when: {phrase: [x, y]}", "when: {all: [{phrase: x}, {kind: reply}]}", ["r1"]),
        ("when: {phrase: [x, y]}", "when: {any: [{phrase: x}, {exact: y}]}", ["r1"]),
        ("when: {phrase: [x, y]}", "when: {any: [{phrase: x}, {kind: reply}]}", []),
        ("when: {phrase: [x, y], kind: reply}", "when: {phrase: x}", []),
        ("when: {phrase: [x, y]}, unless: {phrase: z}", "when: {phrase: x}", []),
        ("when: {phrase: x}", "when: {phrase: y}", []),
        ("when: {phrase: x, in: title}", "when: {phrase: x, in: title}", []),
    ],
)
def test_rules_in_the_shadow_of_others(tmp_path, first, second, shadowed):
    found = remarks(load(tmp_path, hesitate(first, second)))
    assert [each.rule.name for each in found if each.kind == "shadowed"] == shadowed


def test_a_stricter_rule_shadows_and_a_milder_one_does_not(tmp_path):
    told = "examples: {pass: [z]}, because: b"
    text = f"never:\n  - {{name: n, when: {{phrase: [x, y]}}, {told}}}\n" + hesitate(
        "when: {phrase: x}", "when: {phrase: [x, y, z]}"
    )
    found = {(each.kind, each.rule.name) for each in remarks(load(tmp_path, text))}
    assert found == {("shadowed", "r0")}


def test_praise_that_a_refusal_drowns(tmp_path):
    told = "examples: {pass: [z]}, because: b"
    text = (
        f"champion:\n  - {{name: c, when: {{phrase: [prize, x]}}, {told}}}\n"
        f"never:\n  - {{name: n, when: {{phrase: [Prize, y]}}, {told}}}\n"
    )
    (found,) = remarks(load(tmp_path, text))
    assert (found.kind, found.rule.name, found.facts["entry"]) == ("contradiction", "c", "prize")


def test_words_that_nobody_writes(tmp_path):
    text = hesitate(
        "when: {words: [Kunde, Blorpse], compounds: true}",
        "when: {any: [{phrase: nie gesagt}, {regex: 'k.nd', in: text}, {regex: zzz}]}",
    )
    loaded = load(tmp_path, text)
    post = Post(network="web", url="", title="", text="Neukunden", keys=("k",))
    posts = [(post, Context(now=NOW))] * ENOUGH_POSTS
    found = [each.facts["entry"] for each in remarks(loaded, posts) if each.kind == "unseen"]
    assert found == ["Blorpse", "nie gesagt", "zzz"]
    assert not remarks(loaded, posts[1:])


def test_lists_that_nobody_asks_for_or_that_say_things_twice(tmp_path):
    text = "lists:\n  used: [x, y, x]\n  idle: [z]\n" + hesitate("when: {phrase: [a, $used]}")
    found = [
        (each.kind, each.rule.name, each.rule.line, each.facts)
        for each in remarks(load(tmp_path, text))
    ]
    assert found == [("list", "used", 2, {"entry": "x"}), ("list", "idle", 3, {})]


def test_lint_names_the_place_and_exits_with_3(netbot):
    file = netbot.home / "rules" / "private" / "mine.yaml"
    file.parent.mkdir()
    file.write_text("never:\n  - {name: a, when: {phrase: x}, because: b}\n", encoding="utf-8")
    told = netbot("rules", "lint", "--sphere", "private")
    assert told.code == 3
    assert "rules/private/mine.yaml:2: a has no examples: add" in told.out
    items = netbot("rules", "lint", "--sphere", "private", "--json").json["items"]
    place = ("examples", "private", "rules/private/mine.yaml", 2)
    assert place in [(each["kind"], each["sphere"], each["file"], each["line"]) for each in items]


def test_without_own_rules_the_shipped_ones_are_looked_at(tmp_path):
    shipped = rules.load(home=None, sphere=None)
    assert {each.rule.file.partition("/")[0] for each in remarks(shipped)} <= {"shipped"}


def test_try_shows_what_a_file_would_change(netbot, tmp_path):
    file = tmp_path / "new.yaml"
    file.write_text("never:\n  - {name: heating, when: {phrase: Heizung}, because: b}\n", "utf-8")
    told = netbot("rules", "try", str(file), "--since", "30d", "--sphere", "private", "--json").json
    (sphere,) = told["spheres"]
    assert sphere["posts"] > len(sphere["changes"]) > 0
    change = sphere["changes"][0]
    assert (change["before"]["verdict"], change["after"]["verdict"]) == ("pass", "refuse")
    assert change["rules"][0]["rule"] == "heating"
    shown = netbot("rules", "try", str(file), "--sphere", "private").out
    assert "would change" in shown
    assert "passes → refused" in shown
    assert " heating „Heizung“" in shown
    file.write_text("never:\n  - {name: none, when: {length: '= 1'}, because: b}\n", "utf-8")
    assert "would change: 0" in netbot("rules", "try", str(file), "--sphere", "private").out
    facts = "never:\n  - {name: long, when: {length: '> 1'}, because: b}\n"
    file.write_text(facts, "utf-8")
    assert " long\n" in netbot("rules", "try", str(file), "--sphere", "private").out


def test_a_file_of_the_home_is_tried_against_the_home_without_it(netbot):
    file = netbot.home / "rules" / "values.yaml"
    told = netbot("rules", "try", str(file), "--json").json
    changed = [change for sphere in told["spheres"] for change in sphere["changes"]]
    assert {each["file"] for change in changed for each in change["rules"]} == {str(file)}


@pytest.mark.parametrize("arguments", [("nowhere.yaml",), (__file__, "--since", "soon")])
def test_what_cannot_be_tried(netbot, arguments):
    assert netbot("rules", "try", *arguments).code == 2


def test_stats_count_who_spoke(netbot):
    told = netbot("rules", "stats", "--sphere", "professional", "--json").json
    (sphere,) = told["spheres"]
    counts = {each["rule"]: (each["spoke"], each["stood"]) for each in sphere["rules"]}
    assert counts["bereavement"][0] >= 1
    spoken = [each["spoke"] for each in sphere["rules"]]
    assert spoken == sorted(spoken, reverse=True)
    shown = netbot("rules", "stats", "--sphere", "professional").out
    assert "never spoke." in shown
    assert "bereavement" in shown


def test_new_proposes_and_writes(netbot):
    mine = netbot.home / "rules" / "private" / "mine.yaml"
    text = "Jetzt *Kaffeefahrt* nach Bad Muster buchen!"
    shown = netbot("rules", "new", text, "--sphere", "private", "--section", "never")
    assert shown.out.startswith("never:\n  - name: kaffeefahrt\n    when:\n      words:\n")
    assert not mine.exists()
    options = ("--sphere", "private", "--section", "never", "--write", "--because", "Werbung")
    told = netbot("rules", "new", text, *options)
    assert told.out.endswith("Written into rules/private/mine.yaml.\n")
    mine.write_text("# mine\n" + mine.read_text("utf-8"), "utf-8")
    again = netbot("rules", "new", text, *options, "--json").json
    assert (again["written"], again["rule"]["name"]) == (True, "kaffeefahrt-2")
    assert mine.read_text("utf-8").startswith("# mine\nnever:\n")
    assert mine.read_text("utf-8").count("because: Werbung") == 2
    assert netbot("rules", "test", "--sphere", "private").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ein Text",), "name the sphere"),
        (("*a b c d e*", "--sphere", "private"), "take “phrase”"),
        (("?!", "--sphere", "private"), "*stars*"),
        (("Wort", "--sphere", "private", "--section", "nevr"), "no section nevr"),
        (("Wort", "--sphere", "private", "--name", "bereavement"), "is there already"),
    ],
)
def test_new_says_what_is_wrong_and_writes_nothing(netbot, arguments, says):
    told = netbot("rules", "new", *arguments, "--write")
    assert (told.code, told.out) == (2, "")
    assert says in told.err
    assert not (netbot.home / "rules" / "private").exists()


def test_words_are_chosen_where_none_are_marked():
    def words(text):
        rule = propose_rule(text, section="champion", name="a", because=None, taken=())
        assert "because" not in rule
        return rule["when"]["words"]

    assert words("Wir feiern das Firmenjubiläum mit Kuchen und Ehrengästen") == [
        "Firmenjubiläum",
        "Ehrengästen",
        "Kuchen",
    ]
    assert words("alles klein geschrieben") == ["geschrieben", "alles", "klein"]
    assert words("*so  viel* und *so viel*") == ["so viel"]


def test_a_name_is_made_of_letters_that_names_may_have():
    rule = propose_rule("*Größe & Mehr*", section="never", name=None, because=None, taken=())
    assert (rule["name"], rule["because"]) == ("groesse-mehr", "„{match}“")
    with pytest.raises(UsageError):
        propose_rule("Wort", section="topics", name=None, because=None, taken=())


def test_test_answers_in_json_too(netbot):
    told = netbot("rules", "test", "--json").json
    assert (told["items"], told["inactive"]) == ([], [])
    assert told["examples"] > told["rules"] > 0
