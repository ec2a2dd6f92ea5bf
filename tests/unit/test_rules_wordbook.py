"""Word forms: asked of the child once, remembered, and asked again when the memory is bad."""

import subprocess
import sys

import pytest

from netbot.model import NetbotError
from netbot.rules import remembering, wordbook

WORDS = ["Kunde", "war"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache") / "new"
    wordbook.look_up(WORDS, ["Kunde"], folder)
    return folder


def test_forms_are_folded_and_remembered(cache):
    book = wordbook.look_up(WORDS, ["Kunde"], cache)
    assert {"kunde", "kundin", "kund*innen"} <= book["Kunde"].kinds.keys()
    assert book["war"].kinds["war"].language == "en"
    parts = {part.form: part for part in book["Kunde"].parts}
    assert "sekunde" in parts["kunde"].false_ends
    assert [file.name for file in cache.iterdir()] == [wordbook.FILE_NAME]


def test_memory_is_used_only_for_the_same_words(cache):
    entry = {"forms": [["planted", "", ""]], "parts": {}, "splits": {}}
    planted = {"Kunde +": entry, "war -": entry}
    remembering.remember(cache, wordbook.FILE_NAME, wordbook._digest(), planted)
    assert list(wordbook.look_up(WORDS, ["Kunde"], cache)["Kunde"].kinds) == ["planted"]
    assert "kunde" in wordbook.look_up(["Kunde"], [], cache)["Kunde"].kinds


def test_one_more_word_is_asked_for_alone(cache):
    code = (
        "import sys; from pathlib import Path; from netbot.rules import wordbook;"
        "wordbook._ask_child = lambda request: sys.exit(str(request));"
        "wordbook.look_up(['Kunde', 'war', 'Garten'], ['Kunde'], Path(sys.argv[1]))"
    )
    wordbook.look_up(WORDS, ["Kunde"], cache)
    command = [sys.executable, "-c", code, str(cache)]
    asked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert asked.stderr.strip() == str({"words": ["Garten"], "compounds": []})


def test_each_word_is_answered_for_itself():
    words = ["Kunde", "Urkunde", "bauen"]
    whole = wordbook._ask_child({"words": words, "compounds": words})
    alone = wordbook._ask_child({"words": ["Kunde"], "compounds": ["Kunde"]})
    assert alone["Kunde"] == whole["Kunde"]
    assert "urkunde" in whole["Kunde"]["parts"]["kunde"][1]


def test_damaged_memory_is_replaced(cache):
    first = wordbook.look_up(["Kunde"], [], cache)
    file = cache / wordbook.FILE_NAME
    file.write_text(file.read_text().replace("Kunden", "Kunten"))
    assert wordbook.look_up(["Kunde"], [], cache) == first


def test_no_words_need_no_child(tmp_path):
    assert wordbook.look_up([], [], tmp_path) == {}
    assert not list(tmp_path.iterdir())


def test_where_nothing_can_be_written_the_forms_come_all_the_same(tmp_path):
    (tmp_path / "file").write_text("")
    assert wordbook.look_up(["Kunde"], [], tmp_path / "file")["Kunde"].kinds


def test_form_of_two_readings_has_the_limits_of_both():
    written = [["war", "en", ""], ["WAR", "", "noun"], ["Weg", "de", "noun"], ["weg", "de", ""]]
    forms = wordbook._forms({"forms": written, "parts": {}, "splits": {"zurück": ["über"]}})
    assert forms.kinds == {"war": ("", ""), "weg": ("de", "")}
    assert forms.splits == {"zurueck": ("ueber",)}


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_child_that_fails_is_told(python):
    with pytest.raises(NetbotError, match="install netbot anew"):
        wordbook._ask_child({"words": [], "compounds": []}, python)


def test_child_says_what_went_wrong():
    with pytest.raises(NetbotError, match="KeyError"):
        wordbook._ask_child({})


def test_asking_the_child_does_not_load_the_dictionaries(cache):
    code = (
        "import sys; from pathlib import Path; from netbot.rules import remembering, wordbook;"
        "wordbook.look_up(['Kunde'], [], Path(sys.argv[1])); sys.exit('simplemma' in sys.modules)"
    )
    asked = subprocess.run([sys.executable, "-c", code, str(cache)], check=False)
    assert asked.returncode == 0
