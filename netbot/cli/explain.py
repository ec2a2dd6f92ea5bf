"""``netbot rules explain``: what today's rules say of a post, link by link."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import clock
from netbot.cli import wire
from netbot.cli.paint import bold, fold, paint_score
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
LINKS = {"nonsense": mark("nonsense"), "moment": mark("moment"), "values": mark("values")}


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
    from netbot import rules

    here = place(home, sphere, as_json=as_json)
    for name in _spheres_of(post, here):
        with here.open(name) as opened:
            found = _find(post, opened)
            if found is None:
                continue
            context = Context(now=clock.now(), client=opened.house.client(found.client))
            verdict = rules.judge(found.post, opened.rules, context)
            here.answer(_value(found, verdict, name), _paint(found, verdict, texts_of(opened)))
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


def _rulings(verdict: Verdict) -> dict[str, Ruling]:
    """What each link of the chain says by itself."""
    rulings = dict.fromkeys(LINKS, Ruling.PASS)
    for reason in verdict.reasons:
        rulings[reason.link] = max(
            rulings[reason.link], reason.ruling, key=lambda ruling: ruling.strictness
        )
    return rulings


def _value(found: StoredPost, verdict: Verdict, sphere: str) -> dict[str, Any]:
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
                "link": link,
                "verdict": ruling.value,
                "rules": [wire.reason(each) for each in verdict.reasons if each.link == link],
            }
            for link, ruling in _rulings(verdict).items()
        ],
        "suggest": list(verdict.suggest),
        "score": {"total": verdict.score.total, "parts": dict(verdict.score.parts)},
    }


def _paint(found: StoredPost, verdict: Verdict, texts: Texts) -> str:
    _ = texts.get
    lines = [*map(bold, fold(found.post.title)), found.post.url, ""]
    for link, ruling in _rulings(verdict).items():
        lines.append(f"{_(LINKS[link])}: {_(RULINGS[ruling])}")
        for reason in verdict.reasons:
            if reason.link == link:
                quote = f" „{' '.join(reason.matched.split())}“" if reason.matched else ""
                lines += fold(f"{reason.file}:{reason.line} {reason.rule}{quote}", "  ")
                lines += fold(reason.because, "    ")
    lines += ["", bold(f"→ {_(RULINGS[verdict.ruling])}")]
    if verdict.suggest:
        verbs = ", ".join(_(VERBS[verb]) for verb in verdict.suggest)
        lines.append(f"{_('Suggestion:')} {verbs}")
    if verdict.score.parts:
        lines.append(f"{_('Score:')} {paint_score(verdict.score, texts)}")
    return "\n".join(lines)
