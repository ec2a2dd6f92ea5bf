"""From rule files to ``Rules``; everything wrong in any of them is told at once."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from netbot import yamlfile
from netbot.model import ConfigError, Problem
from netbot.rules.compiling import SECTIONS, Compiler, Example, Rule, narrow, needs_of, words_of
from netbot.rules.conditions import Key, keys
from netbot.rules.files import SHIPPED, read_file, shipped_folder
from netbot.rules.lists import NamedList, check_lists, lists_of, spread
from netbot.rules.matcher import Matcher
from netbot.rules.measuring import untold
from netbot.rules.reading import Reading
from netbot.rules.schema import ExamplePost, Praise, RuleFile, Topic, listed
from netbot.rules.topics import Topics
from netbot.rules.wordbook import FILE_NAME, look_up


@dataclass(frozen=True)
class Rules:
    """All rules that hold in one sphere."""

    digest: str  # SHA-256 over the names and bytes of the files, hex
    rules: tuple[Rule, ...]
    matcher: Matcher
    topics: Mapping[str, Topic] = field(default_factory=dict)
    lists: tuple[NamedList, ...] = ()

    @property
    def inactive(self) -> tuple[Rule, ...]:
        """Rules that ask for what this installation cannot tell; they never speak."""
        return tuple(rule for rule in self.rules if untold(rule.needs))

    @cached_property
    def mute_without_history(self) -> tuple[str, ...]:
        """Names of the rules that cannot speak where nobody knows what was published before."""
        return tuple(rule.name for rule in self.rules if untold(rule.needs, has_history=False))

    @cached_property
    def asks_for_history(self) -> bool:
        """Whether any rule asks for what was published before."""
        return any("seen" in rule.needs for rule in self.rules)

    def worth_asking(self, reading: Reading) -> Iterator[Rule]:
        """The rules that can speak at all, given the words of the post."""
        seen = set(self._always)
        for key in reading.keys:
            seen.update(self._by_key.get(key, ()))
        return (self.rules[index] for index in sorted(seen))

    @cached_property
    def _by_key(self) -> Mapping[Key, list[int]]:
        by_key: dict[Key, list[int]] = {}
        for index, rule in enumerate(self.rules):
            for key in keys(rule.when) or ():
                by_key.setdefault(key, []).append(index)
        return by_key

    @cached_property
    def _always(self) -> tuple[int, ...]:
        return tuple(i for i, rule in enumerate(self.rules) if keys(rule.when) is None)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A rule as its file has it, and where."""

    document: yamlfile.Document
    section: str
    index: int
    written: Praise


def load_rules(
    *,
    home: Path | None,
    sphere: str | None,
    shipped: bool,
    cache: Path | None,
    extra: Path | None = None,
    without: Path | None = None,
) -> Rules:
    """See ``netbot.rules.load``."""
    left_out = without.resolve() if without else None
    layers = [
        [(name, path) for name, path in layer if path.resolve() != left_out]
        for layer in _layers(home, sphere, shipped=shipped)
    ]
    layers.append([(str(extra), extra)] if extra else [])
    digest = hashlib.sha256()
    for name, path in (each for layer in layers for each in layer):
        digest.update(f"{name}\0".encode() + _bytes(path))
    shelf = _Shelf(digest.hexdigest(), layers, cache)
    rules, needed = _load(shelf)
    if cache is not None and not (cache / FILE_NAME).exists():  # other processes will need it
        _pass_on(shelf, needed)
    return rules


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Files to be read; two with the same content under the same names are the same."""

    digest: str
    layers: Sequence[Sequence[tuple[str, Path]]] = field(compare=False)
    cache: Path | None = field(compare=False)


#: Words whose forms are needed, and those of them that may stand inside longer ones.
_Words = tuple[set[str], set[str]]


@lru_cache(maxsize=4)
def _load(shelf: _Shelf) -> tuple[Rules, _Words]:
    """A process that is asked for the same rules again, page by page, has them at hand."""
    problems: list[Problem] = []
    drafts: dict[str, _Draft] = {}
    topics = Topics()
    found: list[NamedList] = []
    for layer in shelf.layers:
        own: dict[str, _Draft] = {}
        for name, path in layer:
            found += _read_file(path, name, shelf.cache, own=own, topics=topics, problems=problems)
        drafts |= own
    problems += topics.problems()
    if problems:
        raise ConfigError(*problems)
    needed = _words_of(drafts.values())
    compiler = Compiler(look_up(*needed, shelf.cache))
    rules = tuple(_rule(draft, compiler) for draft in drafts.values())
    matcher = compiler.matcher.close()
    return Rules(shelf.digest, rules, matcher, topics.known, tuple(found)), needed


def _pass_on(shelf: _Shelf, needed: _Words) -> None:
    """Lay beside a sphere's data what another sphere's rules have taught this process."""
    for name, path in (each for layer in shelf.layers for each in layer):
        if path.parent == shipped_folder():
            read_file(path, name, shelf.cache)
    look_up(*needed, shelf.cache)


def _layers(
    home: Path | None, sphere: str | None, *, shipped: bool
) -> Iterator[list[tuple[str, Path]]]:
    """Files with the names they are called by; a later layer replaces rules of earlier ones."""
    folder = shipped_folder()
    if shipped:
        yield [(f"shipped/{name}", folder / name) for name in SHIPPED]
    if home is None:
        return
    own = home / "rules"
    known = {(folder / name).resolve() for name in SHIPPED}
    yield [(f"rules/{p.name}", p) for p in _files(own) if p.resolve() not in known]
    if sphere is not None:
        yield [(f"rules/{sphere}/{p.name}", p) for p in _files(own / sphere)]


def _files(folder: Path) -> list[Path]:
    found = folder.glob("*.yaml") if folder.is_dir() else ()
    return sorted(path for path in found if not path.name.endswith(".example.yaml"))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _read_file(
    path: Path,
    name: str,
    cache: Path | None,
    *,
    own: dict[str, _Draft],
    topics: Topics,
    problems: list[Problem],
) -> list[NamedList]:
    """Add the rules and topics of a file, and what is wrong with it; returns its lists."""
    try:
        document = read_file(path, name, cache)
    except ConfigError as error:
        problems.extend(error.problems)
        return []
    file, found = yamlfile.validate(document, RuleFile)
    problems.extend([*found, *check_lists(document)])
    topics.take(document, file)
    taken: dict[str, str] = {each: _place(draft) for each, draft in own.items()}
    problems.extend(_duplicates(document, taken))
    if file is None or problems:
        return []
    named = {each.name: each.entries for each in lists_of(document)}
    for section in SECTIONS:
        for index, written in enumerate(getattr(file, section) or ()):
            filled = spread(written, named)
            own[written.name] = _Draft(document, section, index, filled)
    return list(lists_of(document))


def _duplicates(document: yamlfile.Document, taken: dict[str, str]) -> Iterator[Problem]:
    """Names that stand twice, found even where the rest of the file cannot be used."""
    for path, name in _names(document.data):
        if name in taken:
            message = f"a rule “{name}” stands at {taken[name]} already: choose another name"
            yield document.problem(path, message)
        else:
            line, _ = document.place(path)
            taken[name] = f"{document.name}:{line}"


def _names(data: Any) -> Iterator[tuple[list[str | int], str]]:
    for section in SECTIONS if isinstance(data, dict) else ():
        rules = data.get(section)
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, dict) and isinstance(rule.get("name"), str):
                yield [section, index, "name"], rule["name"]


def _place(draft: _Draft) -> str:
    line, _ = draft.document.place([draft.section, draft.index, "name"])
    return f"{draft.document.name}:{line}"


def _words_of(drafts: Iterable[_Draft]) -> _Words:
    words: set[str] = set()
    compounds: set[str] = set()
    for draft in drafts:
        more, open_ones = words_of(draft.written)
        words |= more
        compounds |= open_ones
    return words, compounds


def _rule(draft: _Draft, compiler: Compiler) -> Rule:
    written = draft.written
    line, _ = draft.document.place([draft.section, draft.index])
    return Rule(
        name=written.name,
        file=draft.document.name,
        line=line,
        section=draft.section,
        written=written,
        needs=needs_of(written),
        when=compiler.compile(written.when),
        unless=compiler.compile(written.unless) if written.unless else None,
        near=written.has_near(),
        scope=narrow(written.scope),
        because=written.because,
        conviction=written.conviction,
        suggest=listed(written.suggest),
        expires=written.expires,
        examples=tuple(_examples(draft)),
    )


def _examples(draft: _Draft) -> Iterator[Example]:
    written = draft.written.examples.model_dump(by_alias=True)
    for wanted, posts in written.items():
        for index, given in enumerate(posts):
            path: list[str | int] = [draft.section, draft.index, "examples", wanted, index]
            line, _ = draft.document.place(path)
            post = {"text": given} if isinstance(given, str) else given
            facts = ExamplePost(**post).model_dump(exclude={"title", "text"})
            yield Example(
                wanted=wanted,
                title=post.get("title", ""),
                text=post["text"],
                line=line,
                facts=facts,
            )
