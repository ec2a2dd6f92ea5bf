"""Stored posts judged once more: what another rule file would change, and which rules speak."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from netbot.model import Context, Post, Reason, Ruling, Verdict
from netbot.rules.chain import STRICTNESS
from netbot.rules.compiling import Rule
from netbot.rules.judging import judge_post
from netbot.rules.loading import Rules

Judged = tuple[Post, Context]


@dataclass(frozen=True, slots=True)
class Change:
    """A post that other rules judge otherwise."""

    post: Post
    before: Verdict
    after: Verdict

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What speaks for the new verdict, and did not before."""
        known = {(each.rule, each.file) for each in self.before.reasons}
        return tuple(each for each in self.after.reasons if (each.rule, each.file) not in known)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a rule spoke, and how often its verdict was the one that stood."""

    rule: Rule
    spoke: int
    stood: int


def replay(posts: Iterable[Judged], before: Rules, after: Rules) -> list[Change]:
    """The posts whose verdict, link or proposals would be others."""
    changes = []
    for post, context in posts:
        old, new = judge_post(post, before, context), judge_post(post, after, context)
        if _outcome(old) != _outcome(new):
            changes.append(Change(post, old, new))
    return changes


def tally(posts: Iterable[Judged], rules: Rules) -> list[Tally]:
    """For every rule how often it spoke, the busiest first."""
    spoke: Counter[str] = Counter()
    stood: Counter[str] = Counter()
    for post, context in posts:
        verdict = judge_post(post, rules, context)
        spoke.update(reason.rule for reason in verdict.reasons)
        stood.update(reason.rule for reason in verdict.reasons if reason.ruling is verdict.ruling)
    found = [Tally(rule, spoke[rule.name], stood[rule.name]) for rule in rules.rules]
    return sorted(found, key=lambda each: (-each.spoke, each.rule.file, each.rule.line))


def by_ruling(changes: Sequence[Change]) -> list[Change]:
    """The changes that matter most first: what is newly refused, down to what newly passes."""
    return sorted(changes, key=lambda each: -STRICTNESS[each.after.ruling])


def _outcome(verdict: Verdict) -> tuple[Ruling, str | None, tuple[str, ...], float]:
    return verdict.ruling, verdict.link, verdict.suggest, verdict.score.total
