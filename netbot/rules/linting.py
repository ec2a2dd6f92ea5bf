"""What is allowed in rules, and yet is hardly meant."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path

from netbot.model import House
from netbot.rules.chain import STRICTNESS
from netbot.rules.compiling import Compiler, Rule, words_of
from netbot.rules.conditions import Condition, holds
from netbot.rules.folding import fold
from netbot.rules.lists import NamedList
from netbot.rules.loading import Rules
from netbot.rules.measuring import untold
from netbot.rules.reading import Reading
from netbot.rules.replaying import Judged
from netbot.rules.schema import Conditions, listed
from netbot.rules.wordbook import look_up
from netbot.text import mark

#: With fewer posts than that, a word without a match says nothing.
ENOUGH_POSTS = 50

NO_EXAMPLES = mark("has no examples: add one text that it must find, and one that it must not")
EXPIRED = mark("has expired on {day}: take it out, or give it another day")
INACTIVE = mark("is inactive: “{needs}” needs the extra “semantic”, pip install 'netbot[semantic]'")
UNKNOWN = mark("can never speak: no {kind} “{name}” is configured")
EXCUSED = mark("can never speak: “{entry}” is asked for and excused at once")
IMPOSSIBLE = mark("can never speak: “{key}” cannot be two things at once")
SHADOWED = mark("is shadowed: all that it finds, {other} ({place}) finds with no milder verdict")
UNHEARD = mark("praises in vain: “{entry}” makes {other} ({place}) refuse or leave out the post")
REGEX = mark("has a suspicious expression “{source}”: {why}")
UNUSED = mark("is a list that no rule of its file asks for: take it out")
DOUBLED = mark("is a list that names “{entry}” twice")
UNSEEN = mark("“{entry}” stands in none of the last {count} posts")

_SUSPICIOUS = (
    (re.compile(r"\[[^\]]*A-z"), mark("A-z holds signs too; write A-Za-z")),
    (re.compile(r"\w\.(?:de|com|org|net|at|ch|eu)\b"), mark("a dot is any character; write \\.")),
    (
        re.compile(r"^(?:\(\?\w+\))?\.[*+]|\.[*+]$"),
        mark("what begins or ends with .* finds it all"),
    ),
    (re.compile(r"\|\||\(\||\|\)|^\||\|$"), mark("one of the alternatives is empty")),
    (re.compile(r"^(?:\(\?\w+\))?[^\\]?.?$"), mark("so little stands nearly everywhere")),
)
_SINGLE = ("kind", "language", "network")  # of which a post has one


@dataclass(frozen=True, slots=True)
class Lint:
    """One remark about a rule or a list; ``what`` is a template that ``facts`` fill in."""

    kind: str  # examples, expired, inactive, dead, shadowed, contradiction, regex, list or unseen
    rule: Rule | NamedList
    what: str
    facts: dict[str, str | int] = field(default_factory=dict)


def lint(
    rules: Rules,
    *,
    house: House | None,
    posts: Sequence[Judged],
    today: date,
    cache: Path | None = None,
) -> list[Lint]:
    """Every remark about the rules of a home; about the shipped ones, where there are no others.

    ``house``: who may be named; ``posts``: among which words are looked for; ``cache`` as in
    ``netbot.rules.load``.
    """
    own = [rule for rule in rules.rules if not rule.file.startswith("shipped/")]
    found: list[Lint] = []
    for rule in own or rules.rules:
        found += _of_one(rule, house, today)
        found += _beside_others(rule, rules.rules)
    lists = [each for each in rules.lists if not each.file.startswith("shipped/")]
    found += [lint for each in (lists if own else rules.lists) for lint in _of_list(each)]
    if len(posts) >= ENOUGH_POSTS:
        found += _unseen(own, posts, cache)
    return sorted(found, key=lambda each: (each.rule.file, each.rule.line))


def _of_one(rule: Rule, house: House | None, today: date) -> Iterator[Lint]:
    if not rule.examples:
        yield Lint("examples", rule, NO_EXAMPLES)
    if rule.expires and rule.expires < today:
        yield Lint("expired", rule, EXPIRED, {"day": rule.expires.isoformat()})
    if missing := untold(rule.needs):
        yield Lint("inactive", rule, INACTIVE, {"needs": ", ".join(sorted(missing))})
    if house:
        yield from _unknown_names(rule, house)
    yield from _impossible(rule)
    for conditions in _all_conditions(rule):
        for source in listed(conditions.regex):
            for pattern, why in _SUSPICIOUS:
                if pattern.search(source):
                    yield Lint("regex", rule, REGEX, {"source": source, "why": why})


def _of_list(named: NamedList) -> Iterator[Lint]:
    if not named.used:
        yield Lint("list", named, UNUSED)
    for entry, count in Counter(named.entries).items():
        if count > 1:
            yield Lint("list", named, DOUBLED, {"entry": entry})


def _unknown_names(rule: Rule, house: House) -> Iterator[Lint]:
    """Clients, tags and accounts that the configuration does not have."""
    scope, clients = rule.scope, house.clients
    named = (
        (mark("client"), scope.clients, {client.id for client in clients}),
        (mark("tag"), scope.tags, {tag for client in clients for tag in client.tags}),
        (mark("account"), scope.accounts, {account.id for account in house.accounts}),
    )
    for kind, wanted, names in named:
        if wanted and wanted.isdisjoint(map(fold, names)):
            facts: dict[str, str | int] = {"kind": kind, "name": ", ".join(sorted(wanted))}
            yield Lint("dead", rule, UNKNOWN, facts)


def _impossible(rule: Rule) -> Iterator[Lint]:
    """What is asked for and ruled out, or asked to be two things."""
    when, unless = rule.written.when, rule.written.unless
    wanted = _required_entries(when)
    ruled_out = [each for each in (unless, when.unless, *(when.none or ())) if each]
    for conditions in ruled_out:
        if conditions.given() <= {"words", "phrase", "exact"}:
            rest = wanted - _entries(conditions)
            if wanted and not rest:
                yield Lint("dead", rule, EXCUSED, {"entry": min(wanted)})
    asked = [when, *(when.all or ())]
    for key in _SINGLE:
        named = [set(listed(getattr(each, key))) for each in asked if getattr(each, key)]
        if any(one.isdisjoint(other) for one, other in product(named, named)):
            yield Lint("dead", rule, IMPOSSIBLE, {"key": key})


def _beside_others(rule: Rule, others: Iterable[Rule]) -> Iterator[Lint]:
    """What other rules make superfluous, or drown."""
    for other in others:
        if other is rule or not _speaks_always(other):
            continue
        facts: dict[str, str | int] = {"other": other.name, "place": f"{other.file}:{other.line}"}
        mine, theirs = _required_entries(rule.written.when), _entries(other.written.when)
        if not mine:
            continue
        stricter = STRICTNESS[other.ruling] - STRICTNESS[rule.ruling]
        if rule.section == "champion" and other.ruling.value in {"refuse", "skip"}:
            for entry in sorted(mine & theirs):
                yield Lint("contradiction", rule, UNHEARD, facts | {"entry": entry})
        elif mine <= theirs and (stricter > 0 or (stricter == 0 and _is_later(rule, other))):
            yield Lint("shadowed", rule, SHADOWED, facts)


def _is_later(rule: Rule, other: Rule) -> bool:
    """Of two that find the same, the later one is superfluous, and a wider one shadows both."""
    mine, theirs = _entries(rule.written.when), _entries(other.written.when)
    same = mine == theirs
    return not same or (rule.file, rule.line) > (other.file, other.line)


def _speaks_always(rule: Rule) -> bool:
    """Whether it needs nothing but one of its words, anywhere it may be."""
    given = rule.written.when.given()
    free = rule.written.scope is None and rule.expires is None and rule.unless is None
    return free and given <= {"words", "phrase", "exact"} and len(given) == 1


def _required_entries(conditions: Conditions) -> set[str]:
    """Words of which one has to be found; empty where that cannot be told from the file."""
    entries = _entries(conditions)
    if entries:
        return entries
    inner = [_required_entries(each) for each in conditions.all or ()]
    alternatives = [_required_entries(each) for each in conditions.any or ()]
    if alternatives and all(alternatives):
        inner.append(set().union(*alternatives))
    return min((each for each in inner if each), key=len, default=set())


def _entries(conditions: Conditions) -> set[str]:
    """What one mapping asks for by itself, where it asks in one way only."""
    ways = [each for each in (conditions.words, conditions.phrase, conditions.exact) if each]
    if len(ways) != 1 or conditions.within or conditions.regex:
        return set()
    return {fold(entry).strip() for entry in listed(ways[0])}


def _all_conditions(rule: Rule) -> Iterator[Conditions]:
    for part in rule.written.parts():
        yield from part.walk()


def _unseen(rules: Sequence[Rule], posts: Sequence[Judged], cache: Path | None) -> Iterator[Lint]:
    """Entries of the rules' lists that stand in no post."""
    needed = [words_of(rule.written) for rule in rules]
    words = set().union(*(words for words, _ in needed))
    compounds = set().union(*(compounds for _, compounds in needed))
    compiler = Compiler(look_up(words, compounds, cache))
    asked = [
        (rule, entry, compiler.compile(alone)) for rule in rules for entry, alone in _alone(rule)
    ]
    matcher = compiler.matcher.close()
    unseen: list[tuple[Rule, str, Condition]] = asked
    for post, context in posts:
        reading = Reading(post, context, matcher)
        unseen = [each for each in unseen if not holds(each[2], reading, None)]
    for rule, entry, _ in unseen:
        yield Lint("unseen", rule, UNSEEN, {"entry": entry, "count": len(posts)})


def _alone(rule: Rule) -> Iterator[tuple[str, Conditions]]:
    """Every entry of a rule's ``when`` as conditions of its own."""
    for conditions in rule.written.when.walk():
        for key in ("words", "phrase", "exact", "regex"):
            for entry in listed(getattr(conditions, key)):
                longer = conditions.compounds if key == "words" else None
                given = {key: entry, "within": conditions.within, "compounds": longer}
                yield entry, Conditions.model_construct().model_copy(update=given)
