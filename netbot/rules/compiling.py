"""From what a file says to rules that can be asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from math import prod
from typing import Any

from netbot.model import Ruling, Verb
from netbot.rules.comparing import Comparison, Measure, compare
from netbot.rules.conditions import All, AnyOf, Condition, Fact, Matches, Measured, Not, Words
from netbot.rules.folding import fold
from netbot.rules.matcher import READ_BY_DEFAULT, Matcher, Use
from netbot.rules.patterns import compile_pattern
from netbot.rules.reading import Reading
from netbot.rules.schema import Conditions, Moment, Praise, Scope, listed
from netbot.rules.wordbook import Forms, Part, Wordbook

#: Variants of one entry of several words; beyond, the first words count as written only.
MAX_VARIANTS = 4096

#: Section of a file -> link of the chain, and what its rules say.
SECTIONS = {
    "nonsense": ("nonsense", Ruling.SKIP),
    "moment": ("moment", Ruling.SKIP),
    "never": ("values", Ruling.REFUSE),
    "hesitate": ("values", Ruling.ASK),
    "champion": ("values", Ruling.PASS),
}

#: A topic is met from here on, on the scale of whoever compares meanings.
ABOUT = Comparison(">=", 0.5)

_COUNTS = ("length", "links", "hashtags", "mentions", "emoji", "media")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A post to try a rule on."""

    wanted: str  # refuse, skip, ask, pass, or endorse for a champion rule that has to speak
    title: str
    text: str
    line: int
    facts: Mapping[str, Any] = field(default_factory=dict)  # further attributes of the post


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """For whom a rule speaks: folded names, None where everybody is meant."""

    clients: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    networks: frozenset[str] | None = None
    accounts: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, ready to be asked."""

    name: str
    file: str
    line: int
    section: str  # a key of SECTIONS
    written: Praise  # as the file has it
    needs: frozenset[str]  # names of what has to be known besides the post; else it is inactive
    when: Condition
    unless: Condition | None
    near: bool  # distances matter: every anchor is asked for itself
    scope: Audience
    because: str
    conviction: str
    suggest: tuple[Verb, ...]
    expires: date | None
    examples: tuple[Example, ...]

    @property
    def link(self) -> str:
        """The link of the chain in which the rule speaks."""
        link = SECTIONS[self.section][0]
        for_some = self.scope.clients is not None or self.scope.tags is not None
        return "client" if link == "values" and for_some else link

    @property
    def holds(self) -> str:
        """What a rule of ``moment`` makes rest: client or post; of other rules ""."""
        return self.written.holds if isinstance(self.written, Moment) else ""

    @property
    def ruling(self) -> Ruling:
        """What the rule says when it speaks."""
        return SECTIONS[self.section][1]


def words_of(rule: Praise) -> tuple[set[str], set[str]]:
    """The single words whose forms are needed, and those of them that may stand in compounds."""
    words: set[str] = set()
    compounds: set[str] = set()
    for conditions in [each for top in rule.parts() for each in top.walk()]:
        entries = [_split(entry) for entry in listed(conditions.words)]
        words.update(word for entry in entries for word in entry)
        if conditions.compounds:
            compounds.update(entry[0] for entry in entries if len(entry) == 1)
    return words, compounds


def needs_of(rule: Praise) -> frozenset[str]:
    """What has to be known besides the post before the rule can be asked."""
    needs: set[str] = set()
    for conditions in [each for top in rule.parts() for each in top.walk()]:
        measured = [*_topics(conditions), *_scores(conditions)]
        needs.update(each.name for each in measured)
        if conditions.duplicate is not None:
            needs.add("seen")
    return frozenset(needs)


def narrow(scope: Scope | None) -> Audience:
    """The audience that a rule names under ``for``."""
    given = scope.model_dump(exclude_none=True) if scope else {}
    return Audience(**{key: frozenset(map(fold, listed(names))) for key, names in given.items()})


class Compiler:
    """Turns conditions into objects and writes their words down in one matcher."""

    def __init__(self, wordbook: Wordbook) -> None:
        self._wordbook = wordbook
        self._askers: dict[tuple[str, str, frozenset[str]], int] = {}
        self.matcher = Matcher()

    def compile(self, conditions: Conditions) -> Condition:
        """Everything that the mapping names has to hold."""
        parts = [
            *self._texts(conditions),
            *_facts(conditions),
            *_measured(conditions),
            *self._groups(conditions),
        ]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _groups(self, conditions: Conditions) -> Iterator[Condition]:
        yield from map(self.compile, conditions.all or ())
        if conditions.any:
            yield AnyOf(tuple(map(self.compile, conditions.any)))
        yield from (Not(self.compile(each)) for each in conditions.none or ())
        if conditions.unless:
            yield Not(self.compile(conditions.unless))

    def _texts(self, conditions: Conditions) -> Iterator[Condition]:
        fields = listed(conditions.within) or READ_BY_DEFAULT
        places = frozenset(fields)
        if conditions.words is not None:
            kind = "compounds" if conditions.compounds else "words"
            yield self._found(kind, listed(conditions.words), places, conditions.near)
        for entries in (conditions.phrase, conditions.exact):
            if entries is not None:
                yield self._found("exact", listed(entries), places, conditions.near)
        if conditions.regex is not None:
            found = tuple(
                Matches(
                    each, self.matcher.add_pattern(each, fields), tuple(fields), conditions.near
                )
                for each in map(compile_pattern, listed(conditions.regex))
            )
            yield AnyOf(found) if len(found) > 1 else found[0]

    def _found(
        self, kind: str, entries: Sequence[str], fields: frozenset[str], near: int | None
    ) -> Condition:
        return Words(frozenset(self._asker(kind, entry, fields) for entry in entries), near)

    def _asker(self, kind: str, entry: str, fields: frozenset[str]) -> int:
        """The number of an entry, however many conditions ask for it."""
        key = (kind, entry, fields)
        if key not in self._askers:
            use = Use(len(self._askers), fields)
            self._askers[key] = use.asker
            words = _split(entry)
            if kind == "exact":
                self.matcher.add(fold(entry).strip(), use)
            elif len(words) == 1:
                self._single(self._wordbook[words[0]], use, compounds=kind == "compounds")
            else:
                self._several(words, use, compounds=kind == "compounds")
        return self._askers[key]

    def _single(self, forms: Forms, use: Use, *, compounds: bool) -> None:
        parts = {part.form: part for part in forms.parts} if compounds else {}
        for form, kind in forms.kinds.items():
            limited = use._replace(language=kind.language, sense=kind.sense)
            self.matcher.add(form, limited._replace(part=parts.get(form)))
        for particle, apart in forms.splits.items():
            for form in apart:
                self.matcher.add(form, use._replace(language="de", particle=particle))

    def _several(self, entry: Sequence[str], use: Use, *, compounds: bool) -> None:
        """Several words, each in every form, apart (online casino) or as one (Onlinecasino)."""
        choices = [list(self._wordbook[word].kinds) for word in entry]
        for index, word in enumerate(entry):
            if prod(map(len, choices)) > MAX_VARIANTS:
                choices[index] = [fold(word)]
        for variant in product(*choices):
            joined = "".join(variant)
            self.matcher.add(" ".join(variant), use)
            self.matcher.add(joined, use._replace(part=Part(joined)) if compounds else use)


def _split(entry: str) -> list[str]:
    """The words of an entry as written; hyphens separate like spaces."""
    return [word for piece in entry.split() for word in piece.split("-") if fold(word).strip()]


def _facts(conditions: Conditions) -> Iterator[Condition]:
    yield from _names(conditions)
    if conditions.age is not None:
        age = compare(conditions.age, Measure.AGE)
        yield Fact(lambda reading: reading.age_s is not None and age.holds(reading.age_s))
    if conditions.capitals is not None:
        share = compare(conditions.capitals, Measure.SHARE)
        yield Fact(lambda reading: share.holds(reading.capitals))
    if conditions.duplicate is not None:
        wanted = conditions.duplicate
        yield Fact(lambda reading: reading.duplicate is wanted)
    for name in _COUNTS:
        written = getattr(conditions, name)
        if written is not None:
            yield _count(name, written)


def _measured(conditions: Conditions) -> Iterator[Condition]:
    topics = tuple(_topics(conditions))
    if topics:
        yield AnyOf(topics)
    yield from _scores(conditions)


def _topics(conditions: Conditions) -> Iterator[Measured]:
    yield from (Measured(f"about {name}", ABOUT) for name in listed(conditions.about))


def _scores(conditions: Conditions) -> Iterator[Measured]:
    written = conditions.score.model_dump(exclude_none=True) if conditions.score else {}
    yield from (Measured(name, compare(each, Measure.SHARE)) for name, each in written.items())


def _count(name: str, written: str | float) -> Condition:
    comparison = compare(written, Measure.COUNT)
    return Fact(lambda reading: comparison.holds(getattr(reading, name)))


def _names(conditions: Conditions) -> Iterator[Condition]:
    """Conditions that name things; capitals do not matter."""
    known: dict[str, Callable[[Reading], list[str]]] = {
        "author": lambda reading: [reading.post.author],
        "source": lambda reading: [source.address for source in reading.sources],
        "network": lambda reading: [reading.post.network],
        "domain": lambda reading: _with_parents(reading.host),
        "language": lambda reading: [reading.language],
        "kind": lambda reading: [reading.post.kind],
    }
    for name, ask in known.items():
        if wanted := frozenset(map(fold, listed(getattr(conditions, name)))):
            yield _named(wanted, ask)


def _named(wanted: frozenset[str], ask: Callable[[Reading], list[str]]) -> Condition:
    return Fact(lambda reading: not wanted.isdisjoint(map(fold, ask(reading))))


def _with_parents(host: str) -> list[str]:
    """``shop.acme.example`` is also ``acme.example``."""
    labels = host.split(".")
    return [".".join(labels[index:]) for index in range(len(labels))]
