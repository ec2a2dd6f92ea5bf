"""``netbot rules learn``: rules that your own decisions suggest."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot.app import wire
from netbot.app.rulebook import TRIED, Rulebook, file_of
from netbot.cli.paint import bold, client_name, fold
from netbot.cli.place import HomeOption, JsonOption, SphereOption, add, place, texts_of
from netbot.cli.ruletools import change_to_json, name_post
from netbot.text import Texts, mark

if TYPE_CHECKING:
    from netbot.app import Sphere
    from netbot.rules.learning import Decided, Lesson
    from netbot.rules.replaying import Change, Judged

SAID = {
    (False, ""): mark("You skipped {n} of {n} posts with “{word}”"),
    (False, "client"): mark("You skipped {n} of {n} posts by {client} with “{word}”"),
    (True, ""): mark("You approved {n} of {n} posts with “{word}”"),
    (True, "client"): mark("You approved {n} of {n} posts by {client} with “{word}”"),
}
BECAUSE = {
    False: mark("you skipped {n} of {n} posts like this (“{match}”)"),
    True: mark("you approved {n} of {n} posts like this (“{match}”)"),
}

WriteOption = Annotated[
    bool, typer.Option("--write", help="Write them into mine.yaml of the sphere's rules.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A lesson, its rule, and what it would change."""

    lesson: "Lesson"
    rule: dict[str, Any]
    changes: Sequence["Change"] = ()


def register(group: typer.Typer) -> None:
    """Add this command."""
    add(group, learn)


def learn(
    home: HomeOption = None,
    sphere: SphereOption = None,
    write: WriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Propose rules from your decisions, with what they would change."""
    here = place(home, sphere, as_json=as_json)
    value: list[dict[str, Any]] = []
    pages: list[str] = []
    for opened in here.each():
        texts = texts_of(opened)
        found, decided = _propose(opened, texts)
        written = bool(write and found)
        if written:
            book = Rulebook.open(opened)
            book.save(_insert(book.text, found, book.name))
        value.append(
            {
                "sphere": opened.name,
                "decisions": decided,
                "items": [_to_json(each) for each in found],
                "file": file_of(opened.name),
                "written": written,
            }
        )
        pages.append(_paint(found, decided, opened, written=written))
    here.answer({"version": wire.VERSION, "spheres": value}, "\n".join(pages))


def _propose(opened: "Sphere", texts: Texts) -> tuple[list[Proposal], int]:
    """What is worth proposing, and from how many decisions."""
    from netbot.engine.lessons import decisions, newest
    from netbot.rules.learning import find_lessons

    decided = decisions(opened.store, opened.desk)
    posts = newest(opened.store, opened.desk, limit=TRIED)
    lessons = find_lessons(decided, [post for post, _ in posts], opened.rules)
    asked = [Proposal(lesson=each, rule=each.rule(_because(each, texts))) for each in lessons]
    sound = _without_contradiction(asked, decided) if asked else []
    return (_with_changes(opened, sound, posts) if sound else []), len(decided)


def _without_contradiction(
    asked: Sequence[Proposal], decided: "Sequence[Decided]"
) -> list[Proposal]:
    """Those that agree with every decision and find their own examples."""
    from netbot import rules
    from netbot.rules.learning import contradicting

    with tempfile.TemporaryDirectory(prefix="netbot-") as folder:
        draft = Path(folder) / "learned.yaml"
        draft.write_text(_insert("", asked, draft.name), encoding="utf-8")
        alone = rules.load(home=None, sphere=None, shipped=False, extra=draft)
    bad = contradicting([each.lesson for each in asked], decided, alone)
    bad |= {finding.rule for finding in rules.examples(alone)}
    return [each for each in asked if each.lesson.name not in bad]


def _with_changes(
    opened: "Sphere", sound: Sequence[Proposal], posts: "Sequence[Judged]"
) -> list[Proposal]:
    """The same, each with the posts that would come out otherwise."""
    from netbot.rules.replaying import replay

    book = Rulebook.open(opened)
    after = book.load(_insert(book.text, sound, book.name))
    changes = replay(posts, opened.rules, after)
    return [
        replace(each, changes=[c for c in changes if _spoke(each.lesson.name, c)]) for each in sound
    ]


def _spoke(name: str, change: "Change") -> bool:
    return any(reason.rule == name for reason in change.reasons)


def _insert(text: str, found: Sequence[Proposal], name: str) -> str:
    from netbot.yamlfile.writing import insert

    for each in found:
        text = insert(text, each.lesson.section, each.rule, name=name)
    return text


def _because(lesson: "Lesson", texts: Texts) -> str:
    said = texts.get(BECAUSE[lesson.is_praise])
    return said.format(n=len(lesson.decided), match="{match}")


def _to_json(found: Proposal) -> dict[str, Any]:
    lesson = found.lesson
    return {
        "section": lesson.section,
        "rule": found.rule,
        "word": lesson.word,
        "client": lesson.client or None,
        "approved": len(lesson.decided) if lesson.is_praise else 0,
        "decided": len(lesson.decided),
        "posts": TRIED,
        "changes": [change_to_json(each) for each in found.changes],
    }


def _paint(found: Sequence[Proposal], decided: int, opened: "Sphere", *, written: bool) -> str:
    texts = texts_of(opened)
    _ = texts.get
    head = texts.plural("{n} decision", "{n} decisions", decided).format(n=decided)
    lines = [f"{opened.name}: {head}"]
    if not found:
        lines += fold(_("Nothing to propose: no word is always skipped or always approved yet."))
    for each in found:
        lesson = each.lesson
        said = _(SAID[lesson.is_praise, "client" if lesson.client else ""])
        client = client_name(lesson.client, opened.house)
        facts = {"n": len(lesson.decided), "word": lesson.word, "client": client}
        lines += ["", *map(bold, fold(said.format(**facts)))]
        lines += _insert("", [each], "new").splitlines()
        lines += fold(
            _("Of the last {posts} posts it would change: {n}").format(
                posts=TRIED, n=len(each.changes)
            )
        )
        for change in each.changes:
            lines += fold(name_post(change.post), "  ")
    if written:
        lines += ["", _("Written into {file}.").format(file=file_of(opened.name))]
    elif found:
        lines += ["", _("Nothing was written; --write does.")]
    return "\n".join(lines)
