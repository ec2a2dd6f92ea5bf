"""``netbot rules new``: a rule made from a text."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot.app import wire
from netbot.cli.place import HomeOption, JsonOption, Place, SphereOption, add, place, texts_of
from netbot.model import ConfigError, UsageError

if TYPE_CHECKING:
    from netbot.rules.loading import Rules

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
    from netbot.rules.proposing import propose_rule

    here = place(home, sphere, as_json=as_json)
    if len(here.spheres) > 1:
        raise UsageError("name the sphere it is for, such as --sphere professional")
    (own,) = here.spheres
    with here.open(own) as opened:
        taken = [rule.name for rule in opened.rules.rules]
        rule = propose_rule(text, section=section, name=name, because=because, taken=taken)
        if name in taken:
            raise UsageError(f"a rule {name} is there already: choose another --name")
        shown, whole = _written(here, own, section, rule)
        _check(here, opened.house.shipped_rules, own, rule["name"], whole)
        if write:
            save(here.home / file_of(own), whole)
        said = texts_of(opened).get("Written into {file}.").format(file=file_of(own))
    value = {"version": wire.VERSION, "section": section, "rule": rule, "file": file_of(own)}
    here.answer(value | {"written": write}, f"{shown}\n{said}" if write else shown.rstrip())


def file_of(sphere: str) -> str:
    """Where learned and proposed rules of a sphere stand."""
    return f"rules/{sphere}/mine.yaml"


def _written(here: Place, sphere: str, section: str, rule: dict[str, Any]) -> tuple[str, str]:
    """The rule as a file of its own, and the whole file with it. Raises ``ConfigError``."""
    from netbot.yamlfile.writing import insert

    path = here.home / file_of(sphere)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    return insert("", section, rule, name="new"), insert(old, section, rule, name=file_of(sphere))


def _check(here: Place, shipped: bool, sphere: str, name: str, whole: str) -> None:
    """Raises ``ConfigError`` for a rule with a mistake, ``UsageError`` for one that is deaf."""
    from netbot import rules, yamlfile
    from netbot.rules.schema import RuleFile

    file = file_of(sphere)
    _, problems = yamlfile.validate(yamlfile.loads(whole, name=file), RuleFile)
    if problems:
        raise ConfigError(*problems)
    loaded = load_with(here, shipped, sphere, whole)
    deaf = [finding for finding in rules.examples(loaded) if finding.rule == name]
    if deaf:
        raise UsageError(f"the rule would not find its own text ({deaf[0].got}): mark other words")


def load_with(here: Place, shipped: bool, sphere: str, whole: str) -> "Rules":
    """The rules of a sphere as if its file said this."""
    from netbot import rules

    with tempfile.TemporaryDirectory(prefix="netbot-") as folder:
        draft = Path(folder) / "mine.yaml"
        draft.write_text(whole, encoding="utf-8")
        return rules.load(
            home=here.home,
            sphere=sphere,
            shipped=shipped,
            cache=None,
            extra=draft,
            without=here.home / file_of(sphere),
        )


def save(path: Path, whole: str) -> None:
    """Write the whole file, whether there was one or not."""
    from netbot.yamlfile.writing import Editing

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    Editing.begin(path, name=path.name).save(whole)
