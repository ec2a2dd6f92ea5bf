"""``netbot never``: a rule made of one card, so that nothing like it comes again."""

from typing import Annotated, Any

import typer

from netbot import app, clock
from netbot.app import wire
from netbot.cli.paint import fold
from netbot.cli.place import HomeOption, IdArgument, JsonOption, SphereOption, add, place, texts_of
from netbot.cli.ruletools import change_to_json, name_post
from netbot.text import Texts


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, never)


def never(
    id: IdArgument,
    client: Annotated[
        bool, typer.Option("--client/--topic", help="Its whole client, or its topic (default).")
    ] = False,
    words: Annotated[
        str | None, typer.Option("--words", help="Words of the topic, with commas between them.")
    ] = None,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Skip a card, and refuse its topic or client from now on."""
    here = place(home, sphere, as_json=as_json)
    with here.open_of(id) as opened:
        asked = [words] if words else []
        done = app.never(opened, id, clock.now(), client=client, words=asked)
        value: dict[str, Any] = {
            "version": wire.VERSION,
            "section": "never",
            "rule": done.rule,
            "file": done.file,
            "posts": done.trial.posts,
            "changes": [change_to_json(each) for each in done.trial.changes],
            "skipped": list(done.skipped),
        }
        here.answer(value, "\n".join(tell(done, texts_of(opened))))


def tell(done: app.Never, texts: Texts) -> list[str]:
    """What was done, and how to take it back."""
    from netbot.yamlfile.writing import insert

    _ = texts.get
    lines = insert("", "never", done.rule, name="new").splitlines()
    lines.append(_("Written into {file}.").format(file=done.file))
    lines += fold(
        _("Of the last {posts} posts it would change: {n}").format(
            posts=done.trial.posts, n=len(done.trial.changes)
        )
    )
    for change in done.trial.changes:
        lines += fold(name_post(change.post), "  ")
    lines += fold(_("Skipped: {ids}").format(ids=", ".join(done.skipped)))
    back = _("Not meant so? Take the rule out of {file}, and {command} brings the card back.")
    return [*lines, *fold(back.format(file=done.file, command=f"netbot undo {done.skipped[0]}"))]
