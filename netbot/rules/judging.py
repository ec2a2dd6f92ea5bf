"""What the rules say of a post, and why: a function of its arguments and of nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from netbot.model import Context, Measure, Post, Reason, Ruling, Score, Verb, Verdict
from netbot.rules.chain import LINKS, STRICTNESS, decide, trace
from netbot.rules.compiling import Example, Rule
from netbot.rules.conditions import anchors, holds, measured
from netbot.rules.folding import fold
from netbot.rules.loading import Rules
from netbot.rules.measuring import untold
from netbot.rules.reading import Reading

POINTS = 1.0  # for each champion rule that speaks


@dataclass(frozen=True, slots=True)
class Heard:
    """A rule that spoke, and what it found; "" when it asked for no words."""

    rule: Rule
    matched: str
    measured: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An example that its rule does not judge as it should."""

    rule: str
    file: str
    line: int
    wanted: str
    got: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}"
        return f"{place}: {self.rule}: should give {self.wanted}, gives {self.got}: “{self.text}”"


def judge_post(post: Post, rules: Rules, context: Context) -> Verdict:
    """See ``netbot.rules.judge``."""
    return judge_reading(Reading(post, context, rules.matcher, rules.topics), rules)


def judge_reading(reading: Reading, rules: Rules) -> Verdict:
    """What the rules say of a post that is being read."""
    context = reading.context
    heard = [
        Heard(rule, matched, _measure(rule, reading))
        for rule in rules.worth_asking(reading)
        if _applies(rule, reading) and (matched := ask(rule, reading)) is not None
    ]
    heard.sort(key=lambda h: (-STRICTNESS[h.rule.ruling], LINKS.index(h.rule.link), h.rule.name))
    reasons = tuple(map(_reason, heard))
    links = trace(reasons, context)
    ruling, link = decide(links)
    proposed = _suggest(heard, ruling, link)
    return Verdict(
        ruling=ruling,
        link=link,
        reasons=reasons,
        suggest=tuple(verb.value for verb in proposed if _is_allowed(verb, context)),
        score=_score(heard, ruling),
        trace=links,
    )


def ask(rule: Rule, reading: Reading) -> str | None:
    """What the rule found in the post; None when it stays silent."""
    found = anchors(rule.when, reading)
    for anchor in found if rule.near else [found[0] if found else None]:
        excused = rule.unless is not None and holds(rule.unless, reading, anchor)
        if holds(rule.when, reading, anchor) and not excused:
            return reading.quote(anchor) if anchor else ""
    return None


def failing_examples(rules: Rules) -> Iterator[Finding]:
    """See ``netbot.rules.examples``."""
    for rule in rules.rules:
        for example in () if untold(rule.needs, has_history=False) else rule.examples:
            got = _try(rule, example, rules)
            if got != example.wanted:
                yield Finding(
                    rule=rule.name,
                    file=rule.file,
                    line=example.line,
                    wanted=example.wanted,
                    got=got,
                    text=example.text or example.title,
                )


def _try(rule: Rule, example: Example, rules: Rules) -> str:
    """What this rule alone makes of the example, whomever it is for and whenever it ends."""
    now = datetime.now(UTC)
    post = Post(
        keys=("example:",),
        title=example.title,
        text=example.text,
        published_at=now,
        **example.facts,
    )
    spoke = ask(rule, Reading(post, Context(now=now), rules.matcher, rules.topics)) is not None
    if spoke and example.wanted == "endorse" and rule.section == "champion":
        return "endorse"
    return str(rule.ruling if spoke else Ruling.PASS)


def _applies(rule: Rule, reading: Reading) -> bool:
    context, scope = reading.context, rule.scope
    if rule.expires and context.now.date() > rule.expires:
        return False
    if rule.needs and not rule.needs <= reading.known:
        return False
    client, account = context.client, context.account
    return (
        _fits(scope.clients, [client.id] if client else [])
        and _fits(scope.tags, client.tags if client else ())
        and _fits(scope.networks, [reading.post.network])
        and _fits(scope.accounts, [account.id] if account else [])
    )


def _fits(wanted: frozenset[str] | None, given: Iterable[str]) -> bool:
    return wanted is None or not wanted.isdisjoint(map(fold, given))


def _measure(rule: Rule, reading: Reading) -> tuple[Measure, ...]:
    """Every learned score that made it speak, with the threshold that it passed."""
    found = measured(rule.when, reading) if rule.needs else ()
    return tuple(
        Measure(
            name=each.name,
            score=round(reading.scores[each.name], 2),
            threshold=str(each.comparison),
            nearest=reading.nearest(each.name),
        )
        for each in found
    )


def _reason(heard: Heard) -> Reason:
    rule = heard.rule
    return Reason(
        rule=rule.name,
        file=rule.file,
        line=rule.line,
        matched=heard.matched,
        because=rule.because.replace("{match}", " ".join(heard.matched.split())),
        ruling=rule.ruling,
        link=rule.link,
        conviction=rule.conviction,
        holds=rule.holds,
        measured=heard.measured,
    )


def _is_allowed(verb: Verb, context: Context) -> bool:
    return verb is Verb.GESTURE or context.allowed is None or verb in context.allowed


def _suggest(heard: list[Heard], ruling: Ruling, link: str | None) -> list[Verb]:
    """A gesture where only the moment is wrong; else what rules propose, best place first."""
    if link == "moment" and ruling is Ruling.SKIP:
        return [Verb.GESTURE]
    if STRICTNESS[ruling] > STRICTNESS[Ruling.ASK]:
        return []
    places: dict[Verb, list[int]] = defaultdict(list)
    for each in heard:
        for place, verb in enumerate(each.rule.suggest):
            places[verb].append(place)
    order = list(Verb)
    return sorted(places, key=lambda v: (min(places[v]), -len(places[v]), order.index(v)))


def _score(heard: list[Heard], ruling: Ruling) -> Score:
    if STRICTNESS[ruling] > STRICTNESS[Ruling.ASK]:
        return Score()
    parts = {h.rule.name: POINTS for h in heard if h.rule.section == "champion"}
    return Score(total=float(sum(parts.values())), parts=parts)
