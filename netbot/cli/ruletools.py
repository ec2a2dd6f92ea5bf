"""``netbot rules lint|try|stats|new``: what rules do with the posts that are stored."""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import app, clock
from netbot.app import wire
from netbot.cli.explain import RULINGS
from netbot.cli.paint import align, bold, fold
from netbot.cli.place import HomeOption, JsonOption, SphereOption, add, place, texts_of
from netbot.model import Context, Post, UsageError, Verdict
from netbot.text import Texts

if TYPE_CHECKING:
    from netbot.app import Sphere
    from netbot.rules.linting import Lint
    from netbot.rules.loading import Rules
    from netbot.rules.replaying import Change, Tally

EXIT_FINDINGS = 3

_SINCE = re.compile(r"(\d{1,4})\s*([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}

SinceOption = Annotated[
    str, typer.Option("--since", help="How far back to look, such as 12h, 30d or 8w.")
]


def register(group: typer.Typer) -> None:
    """Add these commands."""
    for command, name in ((lint, "lint"), (try_file, "try"), (stats, "stats")):
        add(group, command, name)


def lint(
    home: HomeOption = None,
    sphere: SphereOption = None,
    since: SinceOption = "52w",
    as_json: JsonOption = False,
) -> None:
    """Look for rules that are hardly meant as they stand. Exit 3 when there are any."""
    from netbot.rules import linting

    here = place(home, sphere, as_json=as_json)
    items: list[dict[str, Any]] = []
    lines: list[str] = []
    for opened in here.each():
        found = linting.lint(
            opened.rules,
            house=opened.house,
            posts=stored(opened, since),
            today=clock.now().date(),
            cache=app.data_folder(here.home, opened.name),
        )
        items += [{"sphere": opened.name} | _lint_to_json(each) for each in found]
        lines += [_tell_lint(each, texts_of(opened)) for each in found]
    here.answer({"version": wire.VERSION, "items": items}, "\n".join(lines))
    if items:
        raise typer.Exit(EXIT_FINDINGS)


def try_file(
    file: Annotated[Path, typer.Argument(help="A file of rules, in the home or elsewhere.")],
    home: HomeOption = None,
    sphere: SphereOption = None,
    since: SinceOption = "30d",
    as_json: JsonOption = False,
) -> None:
    """Show what a rule file would change on the posts of the last days."""
    from netbot import rules
    from netbot.rules.replaying import by_ruling, replay

    if not file.is_file():
        raise UsageError(f"{file} is no file: name the file with the rules to try")
    here = place(home, sphere, as_json=as_json)
    value: list[dict[str, Any]] = []
    lines: list[str] = []
    for opened in here.each():
        load = partial(
            rules.load,
            home=here.home,
            sphere=opened.name,
            shipped=opened.house.shipped_rules,
            without=file,
        )
        after, before = load(extra=file), load()
        posts = stored(opened, since, after)
        changes = by_ruling(replay(posts, before, after))
        value.append(
            {
                "sphere": opened.name,
                "posts": len(posts),
                "changes": [change_to_json(each) for each in changes],
            }
        )
        lines += _tell_changes(changes, len(posts), opened)
    here.answer({"version": wire.VERSION, "spheres": value}, "\n".join(lines))


def stats(
    home: HomeOption = None,
    sphere: SphereOption = None,
    since: SinceOption = "52w",
    as_json: JsonOption = False,
) -> None:
    """Count how often each rule spoke on the stored posts."""
    from netbot.rules.replaying import tally

    here = place(home, sphere, as_json=as_json)
    value: list[dict[str, Any]] = []
    lines: list[str] = []
    for opened in here.each():
        posts = stored(opened, since)
        found = tally(posts, opened.rules)
        value.append(
            {
                "sphere": opened.name,
                "posts": len(posts),
                "rules": [_tally_to_json(each) for each in found],
            }
        )
        lines += _tell_tally(found, len(posts), texts_of(opened))
    here.answer({"version": wire.VERSION, "spheres": value}, "\n".join(lines))


def stored(
    opened: "Sphere", since: str, rules: "Rules | None" = None
) -> list[tuple[Post, Context]]:
    """Every post of the clients first seen since then, as it was judged at that time.

    ``rules`` are those that shall judge it, if not the sphere's. Raises ``UsageError`` for a time
    that cannot be read.
    """
    from netbot.engine.judging import find_seen
    from netbot.store import posts

    start = clock.now() - _span(since)
    with opened.store.read() as tx:
        found = [
            (client, each)
            for client in opened.house.clients
            for each in posts.recent(tx, client.id, since=start)
        ]
        asked = [(each.post, each.id, each.first_seen_at) for _, each in found]
        seen = find_seen(tx, rules or opened.rules, asked)
    return [
        (each.post, Context(now=each.first_seen_at, client=client, source=each.source, seen=known))
        for (client, each), known in zip(found, seen, strict=True)
    ]


def _span(since: str) -> timedelta:
    match = _SINCE.fullmatch(since.strip())
    if match is None:
        raise UsageError(f"--since {since} cannot be read: write it like 12h, 30d or 8w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _lint_to_json(each: "Lint") -> dict[str, Any]:
    return {
        "kind": each.kind,
        "rule": each.rule.name,
        "file": each.rule.file,
        "line": each.rule.line,
        "what": each.what.format(**each.facts),
    }


def _tell_lint(each: "Lint", texts: Texts) -> str:
    facts = {
        name: texts.get(str(fact)) if name in {"kind", "why"} else fact
        for name, fact in each.facts.items()
    }
    what = texts.get(each.what).format(**facts)
    return f"{each.rule.file}:{each.rule.line}: {each.rule.name} {what}"


def change_to_json(change: "Change") -> dict[str, Any]:
    """A post that other rules judge otherwise."""
    return {
        "url": change.post.url,
        "title": change.post.title,
        "before": _outcome(change.before),
        "after": _outcome(change.after),
        "rules": [wire.reason(each) for each in change.reasons],
    }


def _outcome(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.ruling.value,
        "link": verdict.link,
        "suggest": list(verdict.suggest),
        "score": verdict.score.total,
    }


def _tell_changes(changes: Sequence["Change"], posts: int, opened: "Sphere") -> list[str]:
    texts = texts_of(opened)
    _ = texts.get
    head = _("of {posts} posts would change: {n}").format(n=len(changes), posts=posts)
    lines = [f"{opened.name}: {head}"]
    for change in changes:
        before, after = _(RULINGS[change.before.ruling]), _(RULINGS[change.after.ruling])
        lines += ["", bold(f"{before} → {after}"), *fold(name_post(change.post), "  ")]
        for reason in change.reasons:
            quote = f" „{' '.join(reason.matched.split())}“" if reason.matched else ""
            lines += fold(f"{reason.file}:{reason.line} {reason.rule}{quote}", "    ")
    return lines


def name_post(post: Post) -> str:
    """Its title, else its beginning, else where it stands."""
    return post.title or wire.excerpt(post.text) or post.url


def _tally_to_json(each: "Tally") -> dict[str, Any]:
    from netbot.rules.measuring import untold

    return {
        "rule": each.rule.name,
        "file": each.rule.file,
        "line": each.rule.line,
        "section": each.rule.section,
        "spoke": each.spoke,
        "stood": each.stood,
        "active": not untold(each.rule.needs),
    }


def _tell_tally(found: Sequence["Tally"], posts: int, texts: Texts) -> list[str]:
    spoke = [each for each in found if each.spoke]
    head = texts.plural("{n} post, {rules} rules", "{n} posts, {rules} rules", posts)
    mute = len(found) - len(spoke)
    silent = texts.plural("{n} rule never spoke.", "{n} rules never spoke.", mute)
    rows = [
        [str(each.spoke), str(each.stood), each.rule.name, f"{each.rule.file}:{each.rule.line}"]
        for each in spoke
    ]
    return [
        head.format(n=posts, rules=len(found)),
        *align([[texts.get("spoke"), texts.get("decided"), texts.get("rule"), ""], *rows]),
        silent.format(n=mute),
    ]
