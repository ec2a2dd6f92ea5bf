"""Rules: what a person's values say of a post, with the rule, its place and the words it found.

The chain runs nonsense, moment, values, client, dosage, policy; every link speaks, and the
strictest ruling stands.
Heavy parts are imported when rules are loaded, so that the child that makes word forms
stays small.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netbot.model import Context, Post, Verdict

if TYPE_CHECKING:
    from netbot.rules.judging import Finding as Finding
    from netbot.rules.loading import Rules as Rules

__all__ = ["examples", "file_schema", "judge", "judge_line", "load", "moderate"]


def load(
    *,
    home: Path | None,
    sphere: str | None,
    shipped: bool = True,
    cache: Path | None = None,
    extra: Path | None = None,
    without: Path | None = None,
) -> "Rules":
    """Read the shipped rules, those of the home and those of one sphere in it.

    A later layer replaces rules of the same name; a file given as ``extra`` is the last, and the
    file ``without`` counts as not there. ``cache`` is a folder where the forms of the
    words are remembered; without one, each load takes some seconds.

    Raises ``ConfigError`` with every problem of every file, ``NetbotError`` when the child fails.
    """
    from netbot.rules.loading import load_rules

    return load_rules(
        home=home, sphere=sphere, shipped=shipped, cache=cache, extra=extra, without=without
    )


def file_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for editors."""
    from netbot.rules.schema import RuleFile

    return RuleFile.model_json_schema()


def judge(post: Post, rules: "Rules", context: Context) -> Verdict:
    """What the rules say of the post. Neither the order of rules nor any clock matters."""
    from netbot.rules.judging import judge_post

    return judge_post(post, rules, context)


def moderate(verdict: Verdict, context: Context) -> Verdict:
    """The verdict with dosage and policy asked again, of what is known by now."""
    from netbot.rules.chain import moderate as ask_again

    return ask_again(verdict, context)


def examples(rules: "Rules") -> "list[Finding]":
    """Every example that its own rule does not judge as the file says."""
    from netbot.rules.judging import failing_examples

    return list(failing_examples(rules))


def judge_line(line: str, rules: "Rules", now: datetime) -> dict[str, Any]:
    """Judge one JSON object; a line that cannot be used gives ``{"id", "error"}``."""
    from netbot.rules.lines import judge_json

    return judge_json(line, rules, now)
