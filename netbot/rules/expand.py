"""The forms in which rule words occur: a program of its own, because the dictionaries are heavy.

``python -m netbot.rules.expand`` reads ``{"words": [...], "compounds": [...]}`` and writes
``{word: {"forms": [[form, language, sense], ...], "parts": {form: [[...], [...]]},
"splits": {particle: [form, ...]}}}``. A form has a language when the other one knows the same
letters as another word (English ``war``, German ``war``), and a sense when not all that is
written so is meant: ``noun`` (die Sucht, not: wer sucht), ``nominal`` (Verbotenes, not:
ausgezeichnete Qualität). ``parts`` are the forms with which a compound may begin or end, each
with the words that only look as if they began or ended with it (``Waffel``; ``Sekunde``).
``splits`` are the forms of a verb that leave their particle at the end (``beutet … aus``).
"""

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from netbot.rules import verbs
from netbot.rules.dictionaries import Dictionaries, Reading, capital, load_dictionaries
from netbot.rules.parts import OPEN_REST, SHORTEST_PART, Part, find_parts

_UMLAUTS = str.maketrans({"a": "ä", "o": "ö", "u": "ü"})
_SPELLED = {"ae": "ä", "oe": "ö", "ue": "ü"}
_GENDER_SIGNS = ("*", ":", "_", "/", "·", "/-")
_GENDER_ENDINGS = ("in", "innen")
_PERSON_ENDINGS = ("er", "ist", "or", "ent", "ant", "eur", "oge")
_NO_GENITIVE = re.compile(r".*([sßxzaeiou]|ung|heit|keit|schaft|ion|tät|in)")
_SHORTEST_HEAD = 4  # letters of the known word at the end of an unknown one


@dataclass(slots=True)
class Word:
    """A rule word on its way to its forms."""

    readings: list[Reading]
    own: set[str] = field(default_factory=set)  # forms that need no dictionary
    forms: dict[str, tuple[str, str]] = field(default_factory=dict)  # form -> language, sense
    splits: dict[str, set[str]] = field(default_factory=dict)  # particle -> forms without it


def expand(
    words: Iterable[str], compounds: Iterable[str], dictionaries: Dictionaries
) -> dict[str, Any]:
    """What the program writes, for these words; ``compounds`` is a part of them.

    Whatever a word's answer takes from the dictionaries it asks for itself: no word's answer
    depends on the others, and ``wordbook`` may ask for each one alone.
    """
    read = {word: _read(word, dictionaries) for word in words}
    wanted = {
        (each.language, name)
        for word in read.values()
        for each in word.readings
        for name in (
            each.lemma,
            each.spelling,
            _base(each, dictionaries),
            _base(_as(each, each.spelling), dictionaries),
        )
    }
    inverted = dictionaries.invert(wanted)
    for word in read.values():
        _fill(word, inverted, dictionaries)
    asked = {name: [form.lower() for form in read[name].forms] for name in compounds}
    parts = find_parts({form for forms in asked.values() for form in forms}, dictionaries)
    return {name: _answer(word, asked.get(name, ()), parts) for name, word in read.items()}


def _answer(word: Word, asked: Collection[str], parts: Mapping[str, Part]) -> dict[str, Any]:
    closed = sorted({(name, "", "") for form in asked for name in parts[form].compounds})
    return {
        "forms": [*((form, *kind) for form, kind in sorted(word.forms.items())), *closed],
        "parts": {
            form: parts[form].misleading(set(asked))
            for form in asked
            if len(form) >= OPEN_REST and form.isalpha()
        },
        "splits": {particle: sorted(forms) for particle, forms in word.splits.items()},
    }


def _base(reading: Reading, dictionaries: Dictionaries) -> str:
    """The German verb without its prefix; else the lemma."""
    parted = verbs.part(reading.lemma, dictionaries.lemma) if reading.language == "de" else None
    return parted.base if parted else reading.lemma


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
    for cut in range(SHORTEST_PART, len(text) - _SHORTEST_HEAD + 1):
        found = dictionaries.read(capital(text[cut:].lower()), ("de",))
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
    if reading.language != "de":
        return
    if not lemma[:1].isupper():
        verb = verbs.verb_of(lemma, dictionaries.lemma)
        yield from (_as(reading, verb) for verb in [verb] if verb)
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
    """Put together all forms of a word, and which of them not everybody may read so."""
    word.readings = [own for each in word.readings for own in _own(each, inverted)]
    lemmas = {each.lemma.lower() for each in word.readings}
    for each in word.readings:
        known = inverted.get((each.language, each.lemma), ())
        forms = dict.fromkeys((form for form in known if each.lemma != f"{form}e"), "")
        if each.language == "de":
            forms |= _complete(each, forms, inverted, dictionaries)
            _split(word, each, inverted, dictionaries)
        forms.setdefault(each.spelling, "")
        for form, sense in forms.items():
            only = dictionaries.is_other_word(form, each.language, lemmas) and not each.before
            whole = each.before + form.lower() if each.before else form
            twin = not each.before and dictionaries.has_small_twin(form, each.lemma)
            kind = (each.language if only else "", "noun" if twin else sense)
            word.forms[whole] = _either(word.forms.get(whole, kind), kind)
    for each in word.readings:
        if dictionaries.is_person(each.lemma):
            word.own |= _gendered(each.lemma[:-2])
    for form in word.own - word.forms.keys():
        word.forms[form] = ("", "")


def _own(reading: Reading, inverted: Mapping[tuple[str, str], list[str]]) -> list[Reading]:
    """A form of another word that has forms itself, is read as both; a noun only as itself.

    ``ausgezeichnet`` belongs to auszeichnen, too; but ``Sekte`` is no bottle of Sekt.
    """
    if reading.lemma == reading.spelling or (reading.language, reading.spelling) not in inverted:
        return [reading]
    own = reading._replace(lemma=reading.spelling)
    return [own] if reading.spelling[:1].isupper() else [reading, own]


def _either(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str]:
    """What holds for a form that two readings have: only the limits that both set."""
    return (one[0] if one[0] == other[0] else "", one[1] if one[1] == other[1] else "")


def _complete(
    reading: Reading,
    forms: Iterable[str],
    inverted: Mapping[tuple[str, str], list[str]],
    dictionaries: Dictionaries,
) -> dict[str, str]:
    """Regular German forms that the dictionary happens to lack, with their senses."""
    lemma = reading.lemma
    if lemma[:1].isupper():
        regular = () if _NO_GENITIVE.fullmatch(lemma) else (lemma + "s", lemma + "es")
        return dict.fromkeys(regular, "")
    if lemma.endswith("n"):
        return _conjugate(lemma, forms, inverted, dictionaries)
    return dict.fromkeys(_inflect(lemma), "") if len(lemma) > OPEN_REST else {}


def _inflect(adjective: str) -> set[str]:
    return verbs.decline(adjective.removesuffix("e"))


def _conjugate(
    verb: str,
    forms: Iterable[str],
    inverted: Mapping[tuple[str, str], list[str]],
    dictionaries: Dictionaries,
) -> dict[str, str]:
    weak = verbs.weak(verb)
    parted = verbs.part(verb, dictionaries.lemma)
    base_forms = inverted.get(("de", parted.base), ()) if parted else ()
    past = verbs.participles(verb, parted, base_forms, dictionaries.lemma)
    made = dict.fromkeys(weak | past, "")
    for participle, endings in verbs.declined({*forms, *made}, dictionaries.knows):
        adjective = verbs.has_become_adjective(participle, dictionaries.lemma)
        made |= dict.fromkeys(endings - weak, "nominal" if adjective else "")
    return made


def _split(
    word: Word,
    reading: Reading,
    inverted: Mapping[tuple[str, str], list[str]],
    dictionaries: Dictionaries,
) -> None:
    parted = verbs.part(reading.lemma, dictionaries.lemma)
    if parted and parted.separable and not reading.before:
        apart = verbs.finite(parted.base, inverted.get(("de", parted.base), ()))
        word.splits.setdefault(parted.prefix, set()).update(apart)


def _gendered(stem: str) -> set[str]:
    """Kund*in, Kund:innen and so on; in Kunden*innen stands Kunden, which matches by itself."""
    signed = {stem + sign + ending for sign in _GENDER_SIGNS for ending in _GENDER_ENDINGS}
    return signed | {f"{stem}(in)", f"{stem}(innen)", f"{stem}(inn)en"}


def _spellings(word: str) -> list[str]:
    """As written, with umlauts for ae, oe, ue, and with a capital."""
    umlauts = word
    for written, letter in _SPELLED.items():
        umlauts = umlauts.replace(written, letter)
        umlauts = umlauts.replace(capital(written), letter.upper())
    capitals = [capital(each.lower()) for each in (word, umlauts)]
    return list(dict.fromkeys((word, umlauts, *capitals)))


def main() -> None:
    """Answer one request on standard input."""
    request = json.load(sys.stdin.buffer)
    answer = expand(request["words"], request["compounds"], load_dictionaries())
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
