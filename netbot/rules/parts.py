"""Rule words inside longer words: what the dictionary says of words that begin or end with them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from netbot.rules.dictionaries import Dictionaries

OPEN_REST = 4  # from so many letters on the matcher takes an unknown word beside a rule word
SHORTEST_PART = 3  # letters of a rule word in a compound, and of the known word beside it
_LINKS = ("", "s", "es", "n", "en", "er", "e")


@dataclass(slots=True)
class Part:
    """What the dictionary says of longer words with one form at an end."""

    compounds: list[str] = field(default_factory=list)  # too short for the matcher to tell
    false_starts: list[str] = field(default_factory=list)  # begin so, mean something else
    false_ends: list[str] = field(default_factory=list)  # end so, mean something else

    def misleading(self, own: set[str]) -> list[list[str]]:
        """The shortest of the words that only begin or end so; forms of the word itself do not."""
        starts = _shortest(self.false_starts, str.startswith, own)
        return [list(starts), list(_shortest(self.false_ends, str.endswith, own))]


def find_parts(forms: set[str], dictionaries: Dictionaries) -> dict[str, Part]:
    """For each form what begins or ends with it, and is a compound of it or is not."""
    parts = {form: Part() for form in forms}
    long_enough = [form for form in forms if len(form) >= SHORTEST_PART]
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
    return parts


def _note_start(part: Part, word: str, length: int, dictionaries: Dictionaries) -> None:
    if len(word) - length < OPEN_REST and dictionaries.lemma(word) != word and word.islower():
        return  # kriegst: too short to be taken for a compound, and none begins with it
    rests = [word[length:].removeprefix(link) for link in _LINKS]
    if not any(_is_made_of_words(rest, dictionaries) for rest in rests):
        part.false_starts.append(word.lower())
    elif _is_short_noun(word, length, rests, dictionaries):
        part.compounds.append(word.lower())


def _note_end(part: Part, word: str, length: int, dictionaries: Dictionaries) -> None:
    rest = word[:-length].lower()
    rests = [rest.removesuffix(link) for link in _LINKS]
    if not any(_is_made_of_words(each, dictionaries) for each in rests):
        part.false_ends.append(word.lower())
    elif _is_short_noun(word, length, rests, dictionaries):
        part.compounds.append(word.lower())


def _is_made_of_words(rest: str, dictionaries: Dictionaries) -> bool:
    """Whether it is a known word, or two with or without a link between."""
    if len(rest) < SHORTEST_PART:
        return False
    if dictionaries.knows(rest):
        return True
    cuts = range(OPEN_REST, len(rest) - OPEN_REST + 1)
    return any(
        dictionaries.knows(rest[cut:])
        and any(dictionaries.knows(rest[:cut].removesuffix(link)) for link in _LINKS)
        for cut in cuts
    )


def _is_short_noun(word: str, length: int, rests: list[str], dictionaries: Dictionaries) -> bool:
    """Whether it is a compound with a piece so short that the matcher cannot judge it."""
    if min(length, len(word) - length) >= OPEN_REST or not word[:1].isupper():
        return False
    return any(len(rest) >= SHORTEST_PART and dictionaries.knows(rest) for rest in rests)


def _shortest(
    words: Iterable[str], covers: Callable[[str, str], bool], own: set[str]
) -> Iterator[str]:
    """The words that no shorter one of them begins (or ends) already."""
    kept: list[str] = []
    for word in sorted(sorted(set(words) - own), key=len):
        if not any(covers(word, shorter) for shorter in kept):
            kept.append(word)
            yield word
