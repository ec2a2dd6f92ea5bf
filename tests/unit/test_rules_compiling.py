"""Entries of several words, whose forms multiply."""

from netbot.rules.compiling import MAX_VARIANTS, Compiler
from netbot.rules.schema import Conditions
from netbot.rules.wordbook import Forms, Kind


def wordbook(words, count):
    return {
        word: Forms({f"{word}{i}": Kind() for i in range(count)} | {word: Kind()}) for word in words
    }


def variants(entry, count):
    compiler = Compiler(wordbook(entry.split(), count))
    compiler.compile(Conditions(words=entry))
    return {form for head in compiler.matcher._heads.values() for form in head.uses}


def test_every_word_is_inflected():
    found = variants("new book", 3)
    assert {"new book", "new1 book2", "new2book0"} <= found
    assert len(found) == 2 * 4 * 4


def test_too_many_variants_leave_the_first_words_as_written():
    found = variants("one two three", 40)
    assert "one two7 three39" in found
    assert "one1 two7 three39" not in found
    assert len(found) <= 2 * MAX_VARIANTS
