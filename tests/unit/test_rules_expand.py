"""How the child makes forms, on a dictionary small enough to see through."""

import pytest

from netbot.rules.dictionaries import Dictionaries
from netbot.rules.expand import expand

GERMAN = {
    "Kunde": "Kunde",
    "Kunden": "Kunde",
    "Kundin": "Kundin",
    "Kundinnen": "Kundin",
    "Urkunde": "Urkunde",
    "Neukunde": "Neukunde",
    "Kundenstamm": "Kundenstamm",
    "Kundendienstbüro": "Kundendienstbüro",
    "Kundelei": "Kundelei",
    "Kundeleien": "Kundelei",
    "kundeab": "kundeab",
    "neu": "neu",
    "Stamm": "Stamm",
    "Dienst": "Dienst",
    "Büro": "Büro",
    "Spiel": "Spiel",
    "Spiele": "Spiel",
    "war": "sein",
    "loben": "loben",
    "gelobt": "loben",
    "gelobter": "gelobt",
    "Weib": "Weib",
    "kriegst": "kriegen",
    "kriegen": "kriegen",
    "Krieg": "Krieg",
    "beuten": "beuten",
    "beutet": "beuten",
    "beutend": "beuten",
    "ausbeuten": "ausbeuten",
    "auszubeuten": "ausbeuten",
    "ausgebeutet": "ausgebeutet",
    "sterben": "sterben",
    "starb": "sterben",
    "gestorben": "sterben",
    "versterben": "versterben",
    "verstorben": "verstorben",
    "verstorbene": "verstorben",
    "setzen": "setzen",
    "übersetzen": "übersetzen",
    "überzusetzen": "übersetzen",
    "übersetzter": "übersetzt",
    "zeichnen": "zeichnen",
    "gezeichnet": "zeichnen",
    "auszeichnen": "auszeichnen",
    "auszuzeichnen": "auszeichnen",
    "ausgezeichnet": "auszeichnen",
    "ausgezeichnete": "auszeichnen",
    "ausgezeichneter": "ausgezeichnet",
    "ausgezeichnetere": "ausgezeichnet",
    "bekannt": "bekannt",
    "bekanntere": "bekannt",
    "Sucht": "Sucht",
    "sucht": "suchen",
    "Weg": "Weg",
    "weg": "weg",
    "Wette": "Wette",
    "Wetten": "Wette",
    "wetten": "wetten",
    "Sekt": "Sekt",
    "Sekte": "Sekt",
    "Sekten": "Sekte",
}
ENGLISH = {"war": "war", "wars": "war", "award": "award", "gambling": "gamble", "gamble": "gamble"}


def forms(word, compounds=False):
    dictionaries = Dictionaries({"de": GERMAN, "en": ENGLISH})
    return expand([word], [word] if compounds else [], dictionaries)[word]


@pytest.mark.parametrize(
    ("word", "has", "lacks"),
    [
        ("Kunde", {"Kunden", "Kundinnen", "Kund:innen"}, {"Kundes"}),
        ("Kundin", {"Kunde", "Kundin", "Kund*in"}, {"Kundins"}),
        ("kunde", {"Kunden", "kunde"}, set()),
        ("Freispiel", {"Freispiele", "Freispiels"}, set()),
        ("loben", {"gelobt", "gelobten", "lobte"}, {"lobtem"}),
        ("Award", {"award"}, set()),
        ("Bueros", {"Bueros"}, set()),
        ("Buero", {"Büro"}, set()),
        ("Unsagbar", {"Unsagbaren"}, set()),
        ("Zmurke", {"Zmurken"}, {"Zmurkeen"}),
        ("Frobber", {"Frobberin", "Frobbern"}, set()),
        ("frobbery", {"frobberies"}, {"frobberyen"}),
        ("Weib", {"Weibes"}, {"Weibin"}),
    ],
)
def test_forms(word, has, lacks):
    found = {form for form, *_ in forms(word)["forms"]}
    assert has <= found
    assert not lacks & found


def test_same_letters_in_the_other_language_are_another_word():
    languages = {form: language for form, language, _ in forms("war")["forms"]}
    assert languages["war"] == "en"
    assert languages["wars"] == ""


def test_compounds_and_what_only_looks_like_one():
    found = forms("Kunde", compounds=True)
    assert ("neukunde", "", "") in found["forms"]
    assert found["parts"]["kunde"] == [["kundeab", "kundelei"], ["urkunde"]]
    assert found["parts"]["kunden"] == [[], []]


def test_without_compounds_there_are_no_parts():
    assert forms("Kunde")["parts"] == {}


def senses(word):
    return {form: sense for form, _, sense in forms(word)["forms"]}


def test_verbs_that_come_apart_leave_their_particle_behind():
    assert set(forms("ausbeuten")["splits"]["aus"]) == {"beuten", "beutet", "beutete", "beuteten"}
    assert forms("übersetzen")["splits"] == {}
    assert forms("sterben")["splits"] == {}


def test_participles_belong_to_their_verbs():
    assert "ausgebeutet" in senses("ausbeuten")
    assert {"verstorben", "verstorbene"} <= senses("versterben").keys()
    assert "versterben" in senses("verstorben")
    assert "bekennen" not in senses("bekannt")


def test_a_participle_that_is_compared_is_an_adjective():
    assert senses("auszeichnen")["ausgezeichnete"] == "nominal"
    assert senses("auszeichnen")["ausgezeichnet"] == ""
    assert senses("ausgezeichnet")["ausgezeichnete"] == ""


def test_nouns_with_a_small_twin_need_their_capital():
    assert senses("Sucht")["Sucht"] == "noun"
    assert senses("Weg")["Weg"] == "noun"
    assert set(senses("Wette").values()) == {""}
    assert set(senses("Krieg").values()) == {""}


def test_a_noun_with_forms_of_its_own_is_no_form_of_another():
    assert senses("Sekte").keys() >= {"Sekte", "Sekten"}
    assert "Sekt" not in senses("Sekte")


def test_what_goes_on_is_not_who_did_it():
    assert senses("gambling") == {"gambling": ""}
    assert "gambling" in senses("gamble")


def test_a_form_too_short_for_a_compound_is_no_false_start():
    starts, ends = forms("Krieg", compounds=True)["parts"]["krieg"]
    assert "kriegst" not in starts
    assert ends == []
