"""The forms in which rule words occur: a program of its own, because the dictionaries are heavy.

``python -m netbot.rules.expand`` reads ``{"words": [...], "compounds": [...]}`` and writes
``{word: {"forms": [[form, language], ...], "parts": {form: [[...], [...]]}}}``. A form has a
language when the other one knows the same letters as another word (English ``war``, German
``war``). ``parts`` are the forms with which a compound may begin or end, each with the words
that only look as if they began or ended with it (``Waffel``; ``Sekunde``).
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Dictionary = Mapping[str, str]  # form -> lemma

_UMLAUTS = str.maketrans({"a": "ä", "o": "ö", "u": "ü"})
_SPELLED = {"ae": "ä", "oe": "ö", "ue": "ü"}
_GENDER_SIGNS = ("*", ":", "_", "/", "·", "/-")
_PERSON_ENDINGS = ("er", "ist", "or", "ent", "ant", "eur", "oge")
_PARTICIPLE = re.compile(r"(\w*ge\w+|(be|ver|er|ent|zer|miss)\w+|\w+ier)(t|en)")
_WEAK_VERB = ("t", "te", "ten")
_ADJECTIVE = ("e", "em", "en", "er", "es")
_NO_GENITIVE = re.compile(r".*([sßxzaeiou]|ung|heit|keit|schaft|ion|tät|in)")
_LINKS = ("", "s", "es", "n", "en", "er", "e")
_SHORTEST_HEAD = 4  # letters of the known word at the end of an unknown one
_SHORTEST_PART = 3  # letters of a rule word in a compound, and of the known word beside it
_OPEN_REST = 4  # from so many letters on the matcher takes an unknown word beside it


class Reading(NamedTuple):
    """One way to read a rule word."""

    language: str
    spelling: str  # as the dictionary writes it
    lemma: str
    before: str = ""  # what stands before, where only the end is known


@dataclass(slots=True)
class Word:
    """A rule word on its way to its forms."""

    readings: list[Reading]
    own: set[str] = field(default_factory=set)  # forms that need no dictionary
    forms: dict[str, str] = field(default_factory=dict)  # form -> language, or "" for any


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
        return [each for each in found if each.lemma == each.spelling] or found

    def knows(self, word: str) -> bool:
        """Whether German has the word, as a noun or otherwise."""
        german = self._by_language["de"]
        return word in german or _capital(word) in german

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
            for spelling in (form, _capital(form))
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


def expand(
    words: Iterable[str], compounds: Iterable[str], dictionaries: Dictionaries
) -> dict[str, Any]:
    """What the program writes, for these words; ``compounds`` is a part of them."""
    read = {word: _read(word, dictionaries) for word in words}
    wanted = {
        (each.language, name)
        for word in read.values()
        for each in word.readings
        for name in (each.lemma, each.spelling)
    }
    inverted = dictionaries.invert(wanted)
    for word in read.values():
        _fill(word, inverted, dictionaries)
    asked = {name: [form.lower() for form in read[name].forms] for name in compounds}
    parts = _parts({form for forms in asked.values() for form in forms}, dictionaries)
    return {name: _answer(word, asked.get(name, ()), parts) for name, word in read.items()}


def _answer(word: Word, asked: Iterable[str], parts: Mapping[str, "Part"]) -> dict[str, Any]:
    closed = [(name, "") for form in asked for name in parts[form].compounds]
    return {
        "forms": [*sorted(word.forms.items()), *closed],
        "parts": {
            form: [parts[form].false_starts, parts[form].false_ends]
            for form in asked
            if len(form) >= _OPEN_REST and form.isalpha()
        },
    }


def _read(text: str, dictionaries: Dictionaries) -> Word:
    readings = _readings(text, dictionaries)
    word = Word(readings, {text})
    if not readings:
        word.own |= _guess_endings(text)
        if text.endswith(_PERSON_ENDINGS):
            word.own |= {text + "in", text + "innen"}
    partners = [partner for each in readings for partner in _partners(each, dictionaries)]
    word.readings = [*readings, *partners]
    return word


def _readings(text: str, dictionaries: Dictionaries) -> list[Reading]:
    """As written; else with umlauts or a capital; else by its end, or in small letters."""
    for spelling in _spellings(text):
        if found := dictionaries.read(spelling):
            return found
    if text[:1].isupper():
        english = dictionaries.read(text.lower(), ("en",))
        return english or _read_head(text, dictionaries) or dictionaries.read(text.lower())
    return _read_head(text, dictionaries)


def _read_head(text: str, dictionaries: Dictionaries) -> list[Reading]:
    """The longest German noun at the end of an unknown word: Frei|spiele."""
    for cut in range(_SHORTEST_PART, len(text) - _SHORTEST_HEAD + 1):
        found = dictionaries.read(_capital(text[cut:].lower()), ("de",))
        if found:
            return [found[0]._replace(before=text[:cut])]
    return []


def _guess_endings(text: str) -> set[str]:
    """Regular German and English endings for a word that nobody knows."""
    if text.endswith("e"):
        endings: tuple[str, ...] = ("n", "r", "m", "s", "d")
    elif text.endswith("y"):
        return {text + "s", text[:-1] + "ies"}
    else:
        endings = ("s", "es", "e", "en", "er", "ern", "em", "n")
    return {text + ending for ending in endings}


def _partners(reading: Reading, dictionaries: Dictionaries) -> Iterator[Reading]:
    """The other gender of a German word for a person."""
    lemma = reading.lemma
    if reading.language != "de" or not lemma[:1].isupper():
        return
    if lemma.endswith("in") and dictionaries.is_person(lemma):
        others = [lemma[:-2], lemma[:-2] + "e"]
        yield from (_as(reading, name) for name in others if dictionaries.is_noun(name))
    else:
        feminines = [stem + "in" for stem in _stems(lemma)]
        yield from (_as(reading, name) for name in feminines if dictionaries.is_person(name))


def _stems(lemma: str) -> Iterator[str]:
    """What stands before -in: Kund|in, Ärzt|in."""
    stem = lemma.removesuffix("e")
    yield stem
    for index in [i for i, letter in enumerate(stem) if letter.lower() in "aou"]:
        umlaut = stem[index].lower().translate(_UMLAUTS)
        changed = stem[:index] + (umlaut.upper() if stem[index].isupper() else umlaut)
        yield changed + stem[index + 1 :]


def _as(reading: Reading, lemma: str) -> Reading:
    return reading._replace(spelling=lemma, lemma=lemma)


def _fill(
    word: Word, inverted: Mapping[tuple[str, str], list[str]], dictionaries: Dictionaries
) -> None:
    """Put together all forms of a word, and which of them only one language may read."""
    lemmas = {each.lemma.lower() for each in word.readings}
    for each in word.readings:
        forms = {*inverted.get((each.language, each.lemma), ()), each.spelling}
        forms.update(inverted.get((each.language, each.spelling), ()))
        if each.language == "de":
            forms |= _complete(each.lemma, forms, dictionaries)
        for form in forms:
            only = dictionaries.is_other_word(form, each.language, lemmas) and not each.before
            whole = each.before + form.lower() if each.before else form
            word.forms[whole] = each.language if only else ""
    for each in word.readings:
        if dictionaries.is_person(each.lemma):
            word.own |= _gendered(each.lemma[:-2])
    for form in word.own - word.forms.keys():
        word.forms[form] = ""


def _complete(lemma: str, forms: set[str], dictionaries: Dictionaries) -> set[str]:
    """Regular German forms that the dictionary happens to lack."""
    if lemma[:1].isupper():
        return set() if _NO_GENITIVE.fullmatch(lemma) else {lemma + "s", lemma + "es"}
    if lemma.endswith("n"):
        stem = lemma.removesuffix("n").removesuffix("e")
        weak = {stem + ending for ending in _WEAK_VERB}
        inflected = [_inflect(form) for form in forms | weak if _PARTICIPLE.fullmatch(form)]
        known = [five for five in inflected if any(map(dictionaries.knows, five))]
        return weak.union(*known)
    return _inflect(lemma.removesuffix("e")) if len(lemma) > _OPEN_REST else set()


def _inflect(adjective: str) -> set[str]:
    return {adjective + ending for ending in _ADJECTIVE}


def _gendered(stem: str) -> set[str]:
    """Kund*in, Kund:innen and so on; in Kunden*innen stands Kunden, which matches by itself."""
    return {stem + sign + ending for sign in _GENDER_SIGNS for ending in ("in", "innen")}


@dataclass(slots=True)
class Part:
    """What the dictionary says of longer words with one form at an end."""

    compounds: list[str] = field(default_factory=list)  # too short for the matcher to tell
    false_starts: list[str] = field(default_factory=list)  # begin so, mean something else
    false_ends: list[str] = field(default_factory=list)  # end so, mean something else


def _parts(forms: set[str], dictionaries: Dictionaries) -> dict[str, Part]:
    parts = {form: Part() for form in forms}
    long_enough = [form for form in forms if len(form) >= _SHORTEST_PART]
    starts, ends = ({form[:3] for form in long_enough}, {form[-3:] for form in long_enough})
    lengths = sorted({len(form) for form in long_enough})
    for word in dictionaries.german() if lengths else ():
        small = word.lower()
        if small[:3] in starts or small[-3:] in ends:
            for length in (each for each in lengths if each < len(small)):
                if end := parts.get(small[-length:]):
                    _note_end(end, word, length, dictionaries)
                if start := parts.get(small[:length]):
                    _note_start(start, word, length, dictionaries)
    for part in parts.values():
        part.false_starts = list(_shortest(part.false_starts, str.startswith, forms))
        part.false_ends = list(_shortest(part.false_ends, str.endswith, forms))
    return parts


def _note_start(part: Part, word: str, length: int, dictionaries: Dictionaries) -> None:
    rests = [word[length:].removeprefix(link) for link in _LINKS]
    if not any(_is_made_of_words(rest, dictionaries) for rest in rests):
        part.false_starts.append(word.lower())
    elif _is_short_noun(word, length, rests, dictionaries):
        part.compounds.append(word.lower())


def _note_end(part: Part, word: str, length: int, dictionaries: Dictionaries) -> None:
    rest = word[:-length].lower()
    rests = [rest.removesuffix(link) for link in _LINKS]
    known = any(len(each) >= _SHORTEST_PART and dictionaries.knows(each) for each in rests)
    if not known and len(rest) < _OPEN_REST:
        part.false_ends.append(word.lower())
    elif _is_short_noun(word, length, rests, dictionaries):
        part.compounds.append(word.lower())


def _is_made_of_words(rest: str, dictionaries: Dictionaries) -> bool:
    """Whether it is a known word, or two with or without a link between."""
    if len(rest) < _SHORTEST_PART:
        return False
    if dictionaries.knows(rest):
        return True
    cuts = range(_OPEN_REST, len(rest) - _OPEN_REST + 1)
    return any(
        dictionaries.knows(rest[cut:])
        and any(dictionaries.knows(rest[:cut].removesuffix(link)) for link in _LINKS)
        for cut in cuts
    )


def _is_short_noun(word: str, length: int, rests: list[str], dictionaries: Dictionaries) -> bool:
    """Whether it is a compound with a piece so short that the matcher cannot judge it."""
    if min(length, len(word) - length) >= _OPEN_REST or not word[:1].isupper():
        return False
    return any(len(rest) >= _SHORTEST_PART and dictionaries.knows(rest) for rest in rests)


def _shortest(
    words: Iterable[str], covers: Callable[[str, str], bool], forms: set[str]
) -> Iterator[str]:
    """The words that no shorter one of them begins (or ends) already."""
    kept: list[str] = []
    for word in sorted(set(words) - forms, key=len):
        if not any(covers(word, shorter) for shorter in kept):
            kept.append(word)
            yield word


def _spellings(word: str) -> list[str]:
    """As written, with umlauts for ae, oe, ue, and with a capital."""
    umlauts = word
    for written, letter in _SPELLED.items():
        umlauts = umlauts.replace(written, letter)
        umlauts = umlauts.replace(_capital(written), letter.upper())
    capitals = [_capital(each.lower()) for each in (word, umlauts)]
    return list(dict.fromkeys((word, umlauts, *capitals)))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def load_dictionaries() -> Dictionaries:
    """Takes about a second and 150 MB."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    factory = DefaultDictionaryFactory()
    return Dictionaries({name: factory.get_dictionary(name) for name in ("de", "en")})


def main() -> None:
    """Answer one request on standard input."""
    request = json.load(sys.stdin.buffer)
    answer = expand(request["words"], request["compounds"], load_dictionaries())
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
