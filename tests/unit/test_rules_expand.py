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
}
ENGLISH = {"war": "war", "wars": "war", "award": "award"}


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
