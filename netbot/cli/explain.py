"""``netbot rules explain``: what today's rules say of a post, link by link."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import clock
from netbot.app import wire
from netbot.cli.paint import bold, fold, paint_measures, paint_score, paint_taste
from netbot.cli.place import HomeOption, JsonOption, Place, SphereOption, add, place, texts_of
from netbot.model import Context, Ruling, StoredPost, UnknownId, Verdict
from netbot.text import VERBS, Texts, mark

if TYPE_CHECKING:
    from netbot.app import Sphere

RULINGS = {
    Ruling.REFUSE: mark("refused"),
    Ruling.SKIP: mark("left out"),
    Ruling.ASK: mark("asks you"),
    Ruling.PASS: mark("passes"),
}
LINKS = {
    "nonsense": mark("nonsense"),
    "moment": mark("moment"),
    "values": mark("values"),
    "client": mark("for this client"),
    "dosage": mark("dosage"),
    "policy": mark("networks"),
}
BECAUSE = {
    "dosage": mark("you have been in touch {acts} times within {days} days: enough for now"),
    "policy": mark("no network and no account of yours allows an act here"),
}


HOLDS = {
    "client": mark("everything public for this client rests for a while"),
    "post": mark("only this post is left alone"),
}


def register(group: typer.Typer) -> None:
    """Add this command."""
    add(group, explain)


def explain(
    post: Annotated[
        str, typer.Argument(help="A card, such as professional-17, or the address of a post.")
    ],
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a stored post by today's rules, and say which spoke."""
    from netbot import engine, rules

    here = place(home, sphere, as_json=as_json)
    for name in _spheres_of(post, here):
        with here.open(name) as opened:
            found = _find(post, opened)
            if found is None:
                continue
            context = _context(found, opened)
            verdict = rules.judge(found.post, opened.rules, context)
            inactive = [rule.name for rule in opened.rules.inactive]
            (taste,) = engine.explain_order(opened.store, [found])
            lines = [
                _paint(found, verdict, context, texts_of(opened)),
                *paint_taste(taste, opened.house, texts_of(opened)),
                *_paint_inactive(inactive, texts_of(opened)),
            ]
            value = _value(found, verdict, name, inactive) | {"taste": list(map(asdict, taste))}
            here.answer(value, "\n".join(lines))
            return
    raise UnknownId(post, f"no stored post stands at {post}: name a card, such as professional-17")


def _spheres_of(post: str, here: Place) -> tuple[str, ...]:
    """Where to look: a card's id names its sphere, an address can stand in any."""
    return here.spheres if _is_address(post) else (here.sphere_of(post),)


def _is_address(post: str) -> bool:
    return "://" in post


def _find(post: str, opened: "Sphere") -> StoredPost | None:
    from netbot.store import posts, suggestions

    with opened.store.read() as tx:
        if _is_address(post):
            return posts.at_url(tx, post)
        return suggestions.get(tx, opened.name, post).post


def _context(found: StoredPost, opened: "Sphere") -> Context:
    """All that is known besides the post."""
    from netbot.engine.choices import offer
    from netbot.engine.judging import context_of
    from netbot.engine.suggest import MEMORY
    from netbot.store import posts, touches

    now, client = clock.now(), opened.house.client(found.client)
    with opened.store.read() as tx:
        known = context_of(tx, opened.rules, client, found, now)
        tellers = posts.tellers(tx, found.story)
        recent = touches.times(tx, since=now - MEMORY, thanks=False).get(found.client, ())
    choices = offer(tellers, client, opened.house, opened.policy, ()) if client else ()
    allowed = frozenset(choice.verb for choice in choices)
    return replace(known, recent=tuple(recent), allowed=allowed)


def _value(found: StoredPost, verdict: Verdict, sphere: str, inactive: list[str]) -> dict[str, Any]:
    return {
        "version": wire.VERSION,
        "sphere": sphere,
        "client": found.client,
        "url": found.post.url,
        "title": found.post.title,
        "verdict": verdict.ruling.value,
        "link": verdict.link,
        "links": [
            {
                "link": each.link,
                "verdict": each.ruling.value,
                "because": each.because,
                "rules": [wire.reason(one) for one in verdict.reasons if one.link == each.link],
            }
            for each in verdict.trace
        ],
        "inactive": inactive,
        "holds": _held(verdict),
        "suggest": list(verdict.suggest),
        "score": {"total": verdict.score.total, "parts": dict(verdict.score.parts)},
    }


def _held(verdict: Verdict) -> str | None:
    """What rests, if anything: the whole client before the one post."""
    return min((each.holds for each in verdict.reasons if each.holds), default=None)


def _paint(found: StoredPost, verdict: Verdict, context: Context, texts: Texts) -> str:
    _ = texts.get
    lines = [*map(bold, fold(found.post.title)), found.post.url, ""]
    for each in verdict.trace:
        lines.append(f"{_(LINKS[each.link])}: {_(RULINGS[each.ruling])}")
        if each.because:
            lines += fold(_(BECAUSE[each.link]).format(**_dose(context)), "  ")
        for reason in verdict.reasons:
            if reason.link == each.link:
                quote = f" „{' '.join(reason.matched.split())}“" if reason.matched else ""
                lines += fold(f"{reason.file}:{reason.line} {reason.rule}{quote}", "  ")
                lines += fold(reason.because, "    ")
                if reason.holds:
                    lines += fold(_(HOLDS[reason.holds]), "    ")
                for measured in paint_measures(reason, texts):
                    lines += fold(measured, "    ")
    lines += ["", bold(f"→ {_(RULINGS[verdict.ruling])}")]
    if verdict.suggest:
        verbs = ", ".join(_(VERBS[verb]) for verb in verdict.suggest)
        lines.append(f"{_('Suggestion:')} {verbs}")
    if verdict.score.parts:
        lines.append(f"{_('Score:')} {paint_score(verdict.score, texts)}")
    return "\n".join(lines)


def _paint_inactive(names: list[str], texts: Texts) -> list[str]:
    """The rules that could not speak, so that nobody takes their silence for a verdict."""
    said = texts.get("Inactive without the extra “semantic”: {rules}")
    return fold(said.format(rules=", ".join(names))) if names else []


def _dose(context: Context) -> dict[str, int]:
    """How often within how many days."""
    since = context.now - timedelta(days=context.dose.days)
    return {"acts": sum(at > since for at in context.recent), "days": context.dose.days}
