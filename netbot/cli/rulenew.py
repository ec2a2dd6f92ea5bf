"""``netbot rules new``: a rule made from a text."""

from typing import Annotated

import typer

from netbot.app import wire
from netbot.cli.place import HomeOption, JsonOption, SphereOption, add, place, texts_of
from netbot.model import UsageError

TextArgument = Annotated[
    str, typer.Argument(help="A text it must find; put *stars* around the words that count.")
]
SectionOption = Annotated[
    str, typer.Option("--section", help="never, hesitate, champion, nonsense or moment.")
]
WriteOption = Annotated[
    bool, typer.Option("--write", help="Write it into mine.yaml of the sphere's rules.")
]


def register(group: typer.Typer) -> None:
    """Add this command."""
    add(group, new)


def new(
    text: TextArgument,
    home: HomeOption = None,
    sphere: SphereOption = None,
    section: SectionOption = "hesitate",
    name: Annotated[str | None, typer.Option("--name", help="Its name, else made up.")] = None,
    because: Annotated[str | None, typer.Option("--because", help="What the card says.")] = None,
    write: WriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Propose a rule from a text, which becomes its example."""
    from netbot.app.rulebook import Rulebook, require_heard
    from netbot.rules.proposing import propose_rule
    from netbot.yamlfile.writing import insert

    here = place(home, sphere, as_json=as_json)
    if len(here.spheres) > 1:
        raise UsageError("name the sphere it is for, such as --sphere professional")
    (own,) = here.spheres
    with here.open(own) as opened:
        taken = [rule.name for rule in opened.rules.rules]
        rule = propose_rule(text, section=section, name=name, because=because, taken=taken)
        if name in taken:
            raise UsageError(f"a rule {name} is there already: choose another --name")
        book = Rulebook.open(opened)
        whole = book.insert(section, rule)
        require_heard(book.load(whole), rule["name"])
        if write:
            book.save(whole)
        said = texts_of(opened).get("Written into {file}.").format(file=book.name)
    shown = insert("", section, rule, name="new")
    value = {"version": wire.VERSION, "section": section, "rule": rule, "file": book.name}
    here.answer(value | {"written": write}, f"{shown}\n{said}" if write else shown.rstrip())
