"""Rules by forms: seen as sentences, made, tried, changed, taken out and put back."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from netbot import app, rules
from netbot.model import House, SuggestionState
from netbot.store import suggestions
from netbot.text import translator
from netbot.web import create
from netbot.web.rulesaid import say
from tests import told
from tests.caller import PORT, Answer, Caller

VALUES = """\
# what I stand for
never:
  # games of chance
  - name: gambling   # since 2019
    conviction: No gambling.
    when: {phrase: [casino, lottery, q1, q2, q3, q4, q5, q6]}
    unless: {phrase: prevention}
    because: "advertises “{match}”"
    expires: 2036-01-01
hesitate:
  - {name: machines, when: {all: [{phrase: AI}, {length: "> 5"}]}, because: hm}
"""
MINE = """\
# mine
never:
  # hands off
  - name: party   # and why
    when:
      phrase: [party]
    because: no parties   # really
  - name: fair
    for: {clients: [penhallow-reed]}
    when: {phrase: [fair]}
    because: no fairs
"""
POSTS = {
    "penhallow-reed": (
        "The Old Weir House opens its doors",
        "A fair in the village",
        "Otters at the weir",
        "Bridges for otters",
    )
}


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told")
    told.write_home(home, "en")
    file = home / "config" / "netbot.yaml"
    file.write_text(file.read_text("utf-8") + "\nrules: {shipped: false}\n", "utf-8")
    (home / "rules" / "values.yaml").write_text(VALUES, "utf-8")
    (home / "rules" / "professional").mkdir()
    (home / "rules" / "professional" / "mine.yaml").write_text(MINE, "utf-8")
    for hours in (2, 1):
        at = told.NOW - timedelta(hours=hours)
        shown = {
            blog: [
                told.post(blog=blog, slug=str(n), title=title, text=title, language="en", at=at)
                for n, title in enumerate(titles if hours == 1 else ())
            ]
            for blog, titles in POSTS.items()
        }
        told.show(home, shown, at)
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(told_home, tmp_path / "home")


@pytest.fixture
def mine(home: Path) -> Path:
    return home / "rules" / "professional" / "mine.yaml"


@pytest.fixture
def caller(home: Path) -> Caller:
    return Caller(create(home, port=PORT, clock=lambda: told.NOW))


def open_form(caller: Caller, at: str = "new") -> Answer:
    return caller.get(f"/professional/rules/{at}")


def fill(caller: Caller, at: str = "new", **fields: str) -> Answer:
    ending = "/make" if at == "new" else "/change"
    return caller.send(open_form(caller, at).form(ending), **fields)


def card(home: Path, title: str) -> str:
    with app.open_sphere(home, "professional", told.NOW) as sphere, sphere.store.read() as tx:
        found = suggestions.open_cards(tx, "professional")
    return next(c.id for c in found if c.post.post.title == title).rpartition("-")[2]


def state(home: Path, number: str) -> SuggestionState:
    with app.open_sphere(home, "professional", told.NOW) as sphere, sphere.store.read() as tx:
        return suggestions.get(tx, "professional", f"professional-{number}").state


def test_each_rule_is_a_sentence_with_its_place_and_how_often_it_spoke(caller):
    page = caller.get("/professional/rules")
    for words in (
        "Rules tried on the last 4 posts",
        "Never No suggestion of any kind.",
        "No gambling. If “casino”, “lottery”, “q1”, “q2”, “q3”, “q4” or 2 more,",
        "unless “prevention”",
        "rule gambling in rules/values.yaml:4 · has not spoken",
        "no fairs If “fair”, only for Penhallow & Reed Architects",
        "rule fair in rules/professional/mine.yaml:8 · spoke once",
        "hm If “AI” and length > 5",
        "Glad The card comes earlier. No rule yet.",
    ):
        assert words in page.text, (words, page.text)
    assert "come with netbot" not in page.text
    assert "Nonsense" not in page.text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("when: {phrase: x, in: title}", "if “x” in title"),
        ("when: {exact: [x, y]}", "if “x” or “y”"),
        ("when: {regex: 'a+b'}", "if the pattern a+b"),
        ("when: {about: t}", "if it sounds like t"),
        ("when: {duplicate: true}", "if it was published before"),
        ("when: {duplicate: false, kind: [reply, share]}", "if kind reply, share and it is new"),
        ("when: {score: {spam: '> 0.5', bait: '> 0.6'}}", "if spam > 0.5 and bait > 0.6"),
        ("when: {phrase: x, none: [{phrase: y}]}", "if “x” and not: “y”"),
        ("when: {phrase: x, unless: {phrase: y}}", "if “x” and not: “y”"),
        ("when: {any: [{phrase: x}, {links: '> 3'}]}", "if “x” or links > 3"),
        ("when: {phrase: x}, unless: {phrase: y, near: 4}", "if “x”, unless “y” within 4 words"),
        ("when: {kind: [share, reply, original]}, for: {tags: [key]}", "every post, only for key"),
    ],
)
def test_every_condition_has_its_words(tmp_path, body, says):
    text = f"topics: {{t: {{like: [z]}}}}\nhesitate: [{{name: a, {body}, because: b}}]\n"
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(text, "utf-8")
    (rule,) = rules.load(home=tmp_path, sphere=None, shipped=False).rules
    assert say(rule, House(sphere="private"), translator("en")) == says


def test_a_new_rule_is_tried_first_and_saved_then(caller, home, mine):
    shown = fill(caller, words="“otters”", because="again “{match}”", speaks="Many otters")
    assert shown.status == 200
    assert "Of the last 4 posts 2 would come out otherwise." in shown.text
    assert "Otters at the weir ↗ fine → against my values · Otters" in shown.text
    assert mine.read_text("utf-8") == MINE
    saved = caller.send(shown.form("/rules/make"), do="save")
    assert saved.headers["location"] == "/professional/rules?saved=otters#rule-otters"
    assert "Saved: otters holds from now on." in caller.follow(saved).text
    added = MINE + (
        "  - name: otters\n    when:\n      phrase: [otters]\n    because: again “{match}”\n"
        "    examples:\n      refuse:\n        - Many otters\n"
    )
    assert mine.read_text("utf-8") == added


def test_the_first_rule_makes_the_file(caller, home, mine):
    mine.unlink()
    shown = fill(caller, words="“otters”", because="no", section="hesitate")
    caller.send(shown.form("/rules/make"), do="save")
    assert mine.read_text("utf-8").startswith("hesitate:\n  - name: otters\n")


def test_only_what_was_changed_differs_in_the_file(caller, mine):
    page = open_form(caller, "named/party").form("/named/party/change")
    assert (page.fields["words"], page.fields["because"]) == ("“party”", "no parties")
    shown = caller.send(page, words="“party”, “ball”", clients="penhallow & reed architects")
    assert "None of the last 4 posts would come out otherwise." in shown.text
    caller.send(shown.form("/named/party/change"), do="save")
    assert mine.read_text("utf-8") == MINE.replace("[party]", "[party, ball]").replace(
        "   # really\n", "   # really\n    for:\n      clients: [penhallow-reed]\n"
    )


def test_a_rule_moves_to_another_group(caller, mine):
    shown = fill(caller, "named/fair", section="champion", because="")
    caller.send(shown.form("/named/fair/change"), do="save", **{"suggest-share": "on"})
    assert mine.read_text("utf-8").endswith(
        "    because: no parties   # really\n\nchampion:\n  - name: fair\n    for:\n"
        "      clients:\n        - penhallow-reed\n    when:\n      phrase:\n        - fair\n"
        "    suggest: [share]\n"
    )


def test_what_a_form_does_not_show_is_said_and_kept(caller, home):
    page = open_form(caller, "named/gambling")
    assert "It also says, and keeps: expires: 2036-01-01." in page.text
    assert "It will stand in rules/values.yaml." in page.text
    shown = caller.send(page.form("/named/gambling/change"), because="no")
    caller.send(shown.form("/named/gambling/change"), do="save")
    values = (home / "rules" / "values.yaml").read_text("utf-8")
    assert values == VALUES.replace('"advertises “{match}”"', '"no"')


def test_a_rule_that_asks_for_more_than_words_is_for_the_text(caller):
    page = open_form(caller, "named/machines")
    assert "This rule asks for more than words" in page.text
    assert "/professional/rules/text?file=rules/values.yaml" in page.body
    form = open_form(caller).form("/rules/make")
    form.action = "/professional/rules/named/machines/change"
    assert caller.send(form, words="“x”", because="y").status == 409


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"words": "", "because": "x"}, "Name at least one word, or a client."),
        ({"words": "“x”", "because": ""}, "Say why: that is what the card tells you."),
        ({"clients": "Nobody", "because": "x"}, "There is no client Nobody here."),
        (
            {"words": "“x”", "because": "x", "speaks": "nothing"},
            "The rule does not judge its own examples so",
        ),
        ({"words": "“ - ”", "because": "x"}, "needs at least one character"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(caller, mine, fields, says):
    shown = fill(caller, do="save", conviction="I “stand” <here>", **fields)
    assert shown.status == 422
    assert says in shown.text
    typed = shown.form("/rules/make").fields
    assert typed["conviction"] == "I “stand” <here>"
    assert mine.read_text("utf-8") == MINE


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(caller, mine):
    shown = fill(caller, words="“otters”", because="no otters")
    theirs = MINE.replace("no fairs", "none at all")
    mine.write_text(theirs, "utf-8")
    refused = caller.send(shown.form("/rules/make"), do="save")
    assert refused.status == 409
    assert "Somebody has changed the file since you opened this page." in refused.text
    assert mine.read_text("utf-8") == theirs
    form = refused.form("/rules/make")
    assert (form.fields["words"], form.fields["because"]) == ("“otters”", "no otters")
    assert caller.send(form, do="save").status == 303
    assert mine.read_text("utf-8").startswith(theirs)


def test_a_rule_that_has_gone_can_be_saved_as_a_new_one(caller, mine):
    form = open_form(caller, "named/fair").form("/named/fair/change")
    mine.write_text("never: []\n", "utf-8")
    kept = caller.send(form, because="still none", do="save")
    assert kept.status == 409
    assert "can be saved as a new rule" in kept.text
    assert caller.send(kept.form("/rules/make"), do="save").status == 303
    assert "because: still none" in mine.read_text("utf-8")


def test_a_rule_is_taken_out_and_put_back(caller, mine):
    asked = open_form(caller, "named/party/remove")
    assert "Remove the rule party? " in asked.text
    assert mine.read_text("utf-8") == MINE
    gone = caller.send(asked.form("/drop"))
    assert "The rule party is gone." in gone.text
    start, end = MINE.index("  # hands off"), MINE.index("  - name: fair")
    assert mine.read_text("utf-8") == MINE[:start] + MINE[end:]
    assert caller.send(gone.form("/rules/write")).status == 303
    assert mine.read_text("utf-8") == MINE
    again = caller.send(asked.form("/drop"))
    assert again.status == 200
    stale = caller.send(gone.form("/rules/write"), seen="0")
    assert stale.status == 409


def test_a_file_that_has_changed_loses_no_rule_unasked(caller, mine):
    form = open_form(caller, "named/party/remove").form("/drop")
    mine.write_text(MINE + "# more\n", "utf-8")
    assert caller.send(form).status == 409
    assert mine.read_text("utf-8") == MINE + "# more\n"


def test_what_is_written_too_strangely_stays_as_it_is(caller, mine):
    strange = "? never\n: - {name: odd, when: {phrase: x}, because: y}\n"
    mine.write_text(strange, "utf-8")
    refused = caller.send(open_form(caller, "named/odd/remove").form("/drop"))
    assert (refused.status, "cannot be taken out safely" in refused.text) == (409, True)
    refused = fill(caller, "named/odd", because="z")
    assert (refused.status, "write this yourself" in refused.text) == (422, True)
    assert mine.read_text("utf-8") == strange


def test_the_text_is_saved_when_every_rule_in_it_can_be_used(caller, mine):
    page = open_form(caller, "text")
    form = page.form("/rules/write")
    assert form.fields["text"] == MINE
    bad = caller.send(form, text="never:\r\n  - name: Party\r\n    when: {phrase: x}\r\n")
    assert bad.status == 422
    assert "line 2, column 11 : “name” must be written in small letters" in bad.text
    assert "- name: Party" in bad.text
    assert (
        bad.form("/rules/write").fields["text"]
        == "never:\n  - name: Party\n    when: {phrase: x}\n"
    )
    twice = caller.send(
        form, text=MINE + "hesitate: [{name: party, when: {phrase: y}, because: z}]"
    )
    assert "stands at rules/professional/mine.yaml:4 already" in twice.text
    assert mine.read_text("utf-8") == MINE
    good = caller.send(form, text="# all gone\r\nnever: []")
    assert good.headers["location"].startswith("/professional/rules/text?file=")
    assert "Saved." in caller.follow(good).text
    assert mine.read_text("utf-8") == "# all gone\nnever: []\n"


def test_two_texts_stand_side_by_side_when_both_were_changed(caller, mine):
    form = open_form(caller, "text").form("/rules/write")
    mine.write_text("# theirs\n", "utf-8")
    both = caller.send(form, text="# ours\n")
    assert both.status == 409
    assert "Both texts stand here" in both.text
    assert "# ours" in both.body
    assert "# theirs" in both.body
    assert mine.read_text("utf-8") == "# theirs\n"
    caller.send(both.form("/rules/write"))
    assert mine.read_text("utf-8") == "# ours\n"


def test_a_text_keeps_its_line_ends(caller, mine):
    mine.write_bytes(MINE.replace("\n", "\r\n").encode())
    form = open_form(caller, "text").form("/rules/write")
    caller.send(form, text=MINE.replace("\n", "\r\n"))
    assert mine.read_bytes() == MINE.replace("\n", "\r\n").encode()


def test_a_file_that_no_page_can_show_is_for_an_editor(caller, mine):
    mine.write_bytes(b"# \xff\n")
    page = open_form(caller, "text")
    assert "change it in an editor" in page.text
    assert page.status == 200
    mine.write_text("# x\n" * 20_000, "utf-8")
    assert "change it in an editor" in open_form(caller, "text").text


def test_only_the_rule_files_of_the_sphere_are_shown(caller):
    for file in ("config/professional.yaml", "../x.yaml", "rules/private/mine.yaml"):
        assert caller.get(f"/professional/rules/text?file={file}").status == 404
    for at in ("named/nobody", "named/nobody/remove", "new?card=999"):
        assert open_form(caller, at).status == 404


def test_broken_rules_are_named_and_lead_to_the_text(caller, home, mine):
    mine.write_text("never: [\n", "utf-8")
    page = caller.get("/professional/rules")
    assert "rules/professional/mine.yaml:1:8: this bracket is never closed" in page.text
    assert "/professional/rules/text?file=rules/professional/mine.yaml" in page.body
    refused = fill(caller, words="“x”", because="y")
    assert (refused.status, "never closed" in refused.text) == (422, True)
    form = open_form(caller, "text").form("/rules/write")
    assert caller.send(form, text=MINE).status == 303


def test_a_form_of_another_process_saves_nothing_and_keeps_what_was_typed(caller, home, mine):
    forms = [
        (open_form(caller).form("/rules/make"), {"words": "“x”", "because": "y"}, "words"),
        (open_form(caller, "named/fair").form("/named/fair/change"), {"because": "z"}, "because"),
        (open_form(caller, "text").form("/rules/write"), {"text": "# x\n"}, "text"),
        (open_form(caller, "named/fair/remove").form("/drop"), {}, ""),
    ]
    anew = Caller(create(home, port=PORT, clock=lambda: told.NOW))
    for form, changes, field in forms:
        answer = anew.send(form, **changes)
        assert answer.status == 403
        assert "netbot was started anew" in answer.text
        if field:
            ending = form.action.rpartition("/rules/")[2]
            assert answer.form(ending).fields[field] == changes[field]
    form = forms[0][0]
    form.action = "/professional/rules/named/machines/change"
    assert anew.send(form).status == 403
    assert mine.read_text("utf-8") == MINE


def test_after_a_skip_against_ones_values_a_rule_is_offered(caller, home):
    number = card(home, "Otters at the weir")
    page = caller.get(f"/professional/cards/{number}")
    after = caller.follow(caller.send(page.form("/skip"), why="values"))
    assert "Make a rule of it" in after.text
    form = caller.get(f"/professional/rules/new?card={number}").form("/rules/make")
    assert form.fields["speaks"] == "Otters at the weir"
    offers = {value for name, value in form.fields.items() if name.startswith("offer-")}
    assert {"Otters", "weir"} <= offers
    chosen = caller.send(form, **{"word-1": "“weir”"}, because="no")
    assert chosen.form("/rules/make").fields["words"] == "“weir”"


def test_no_rule_is_offered_after_other_skips(caller, home):
    page = caller.get(f"/professional/cards/{card(home, 'Otters at the weir')}")
    after = caller.follow(caller.send(page.form("/skip"), why="too-often"))
    assert "Make a rule of it" not in after.text


def test_never_again_makes_a_rule_of_the_topic_and_skips_what_waits_of_it(caller, home, mine):
    number, other = card(home, "Otters at the weir"), card(home, "Bridges for otters")
    page = caller.get(f"/professional/cards/{number}")
    after = caller.follow(caller.send(page.form("/never"), what="topic"))
    assert "See the new rule" in after.text
    assert mine.read_text("utf-8").startswith(MINE + "  - name: otters\n")
    assert (state(home, number), state(home, other)) == (SuggestionState.SKIPPED,) * 2
    assert "you said “never again” to “{match}”" in open_form(caller, "named/otters").body
    again = caller.send(page.form("/never"), what="topic")
    assert (again.status, "no longer waits" in again.text) == (409, True)


def test_never_again_for_a_client(caller, home, mine):
    page = caller.get(f"/professional/cards/{card(home, 'Otters at the weir')}")
    caller.send(page.form("/never"), what="client")
    assert (
        "Every post, only for Penhallow & Reed Architects" in caller.get("/professional/rules").text
    )
    form = open_form(caller, "named/penhallow-reed").form("/named/penhallow-reed/change")
    assert form.fields["words"] == ""
    assert form.fields["clients"] == "Penhallow & Reed Architects"
    assert caller.send(form, because="so it is").status == 200
