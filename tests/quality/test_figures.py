"""What `make quality` counts with: averages, answers, simulated users."""

import pytest

from tests.quality import deciders, peers, public, sets


def test_averages_of_a_list_that_is_always_right():
    assert public.averages([(True, True), (False, False)]) == (100, 100)


def test_averages_by_hand():
    pairs = [(True, True), (True, False), (False, False), (False, False)]
    official, macro = public.averages(pairs)
    # precision 1 and 2/3, recall 1/2 and 1; F of the means 5/6 and 3/4; F of each 2/3 and 4/5
    assert official == pytest.approx(100 * 2 * (5 / 6) * (3 / 4) / (5 / 6 + 3 / 4))
    assert macro == pytest.approx(100 * (2 / 3 + 4 / 5) / 2)
    assert public.accuracy(pairs) == 75


def test_averages_of_a_judge_that_says_one_thing():
    assert public.averages([(True, True), (False, True)])[1] == pytest.approx(100 / 3)


def test_without_the_sets_the_program_says_what_it_needs(monkeypatch, tmp_path):
    monkeypatch.delenv(public.VARIABLE, raising=False)
    with pytest.raises(SystemExit, match="NETBOT_DATASETS names no folder"):
        public.folder()
    monkeypatch.setenv(public.VARIABLE, str(tmp_path))
    assert public.folder() == tmp_path


def test_a_list_of_words_finds_its_words():
    assert peers.word_list([("Du Idiot!", True), ("Guten Tag", False)], "insult") == [
        (True, True),
        (False, False),
    ]


def test_decisions_bring_what_a_user_likes_to_the_front():
    posts = [*sets.read_set("ordinary"), *sets.read_set("ordinary-set-aside")]
    told = deciders.stories([0.0] * len(posts))
    curve = deciders.curve(told)
    assert tuple(curve) == deciders.STEPS
    assert curve[200] > curve[0]
