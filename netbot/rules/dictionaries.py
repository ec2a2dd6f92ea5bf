"""German and English words, asked from form to lemma and back; loaded by the child alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

Dictionary = Mapping[str, str]  # form -> lemma


class Reading(NamedTuple):
    """One way to read a rule word."""

    language: str
    spelling: str  # as the dictionary writes it
    lemma: str
    before: str = ""  # what stands before, where only the end is known


class Dictionaries:
    """German and English, asked from form to lemma and back."""

    def __init__(self, by_language: Mapping[str, Dictionary]) -> None:
        self._by_language = by_language

    def read(self, spelling: str, languages: Iterable[str] = ("de", "en")) -> list[Reading]:
        """How exactly these letters can be read; where they are a lemma, only as that."""
        found = [
            Reading(language, spelling, lemma)
            for language in languages
            if (lemma := self._by_language[language].get(spelling))
        ]
        return [each for each in map(_as_noun, found) if each.lemma == each.spelling] or found

    def lemma(self, form: str) -> str | None:
        """The basic form of a German word, None when nobody knows it."""
        return self._by_language["de"].get(form)

    def has_small_twin(self, form: str, lemma: str) -> bool:
        """Whether a noun's letters, written small, are a word of another stem.

        ``sucht`` (suchen) and ``weg`` are; ``wetten`` belongs to Wette, and ``krieg`` to kriegen,
        which nobody writes.
        """
        small = self.lemma(form.lower())
        if small is None or not lemma[:1].isupper():
            return False
        stem, own = small.removesuffix("n").removesuffix("e"), lemma.lower().removesuffix("e")
        return not small.endswith("n") or not stem.endswith(own)

    def knows(self, word: str) -> bool:
        """Whether German has the word, as a noun or otherwise."""
        german = self._by_language["de"]
        return word in german or capital(word) in german

    def is_noun(self, word: str) -> bool:
        """Whether German has it as a noun in its basic form."""
        return self._by_language["de"].get(word) == word

    def is_person(self, feminine: str) -> bool:
        """Whether it is a woman: ``Kundin``, not ``Termin``."""
        return self._by_language["de"].get(feminine + "nen") == feminine

    def is_other_word(self, form: str, language: str, lemmas: set[str]) -> bool:
        """Whether another language knows these letters as a word that is not meant."""
        others = [forms for name, forms in self._by_language.items() if name != language]
        known = {
            forms.get(spelling, "").lower()
            for forms in others
            for spelling in (form, capital(form))
        } - {""}
        return bool(known) and not known & lemmas

    def invert(self, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """All forms of the (language, lemma) that are wanted."""
        inverted: dict[tuple[str, str], list[str]] = defaultdict(list)
        for language, forms in self._by_language.items():
            lemmas = {lemma for name, lemma in wanted if name == language}
            get = forms.get
            for form in forms if lemmas else ():
                lemma = get(form)
                if lemma in lemmas:
                    inverted[language, lemma].append(form)
        return inverted

    def german(self) -> Iterator[str]:
        """Every German form."""
        return iter(self._by_language["de"])


def _as_noun(reading: Reading) -> Reading:
    """English ``gambling`` is what goes on, and not somebody who gambled."""
    if reading.language == "en" and reading.spelling.endswith("ing"):
        return reading._replace(lemma=reading.spelling)
    return reading


def capital(word: str) -> str:
    """``Wort`` from ``wort``."""
    return word[:1].upper() + word[1:]


def load_dictionaries() -> Dictionaries:
    """Takes about a second and 150 MB."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    factory = DefaultDictionaryFactory()
    return Dictionaries({name: factory.get_dictionary(name) for name in ("de", "en")})
