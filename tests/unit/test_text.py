import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from netbot.text import Texts, mark, translator


@pytest.fixture
def locale(tmp_path):
    catalogue = Catalog(locale="de")
    catalogue.add("Later", "Später")
    catalogue.add(("{n} card", "{n} cards"), ("{n} Karte", "{n} Karten"))
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "netbot.mo").open("wb") as file:
        write_mo(file, catalogue)
    return tmp_path


@pytest.mark.parametrize("language", ["de", "de-AT", "de_CH"])
def test_german_in_all_its_countries(locale, language):
    texts = Texts(language, locale)
    assert texts.language == language
    assert texts.get("Later") == "Später"
    assert [texts.plural("{n} card", "{n} cards", n).format(n=n) for n in (0, 1, 2)] == [
        "0 Karten",
        "1 Karte",
        "2 Karten",
    ]


@pytest.mark.parametrize("language", ["en", "fr", "en-GB"])
def test_every_other_language_reads_english(locale, language):
    texts = Texts(language, locale)
    assert texts.get("Later") == "Later"
    assert texts.plural("{n} card", "{n} cards", 1) == "{n} card"
    assert texts.plural("{n} card", "{n} cards", 2) == "{n} cards"


def test_a_missing_translation_falls_back_to_english_and_nothing_stays_nothing(locale):
    texts = Texts("de", locale)
    assert texts.get("Not translated") == "Not translated"
    assert texts.get("") == ""


def test_a_language_is_read_once():
    assert translator("de") is translator("de")
    assert translator("de") is not translator("en")


def test_a_marked_message_is_the_message():
    assert mark("Later") == "Later"
