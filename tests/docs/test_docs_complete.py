"""Whether the documentation says everything it has to, and nothing that is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from netbot import config
from netbot.cli.main import app
from netbot.networks import policy
from tests.check import tree
from tests.docs import pages, policytable

GUIDE, ANLEITUNG = Path("docs/guide.md"), Path("docs/de/anleitung.md")
README, LIESMICH = Path("README.md"), Path("docs/de/README.md")
GUARANTEES = Path("docs/guarantees.md")

TEST = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")


def command_names() -> set[str]:
    """Every command that is not hidden, such as ``client list``."""
    return set(_commands(typer.main.get_command(app), ()))


def _commands(command: Any, above: tuple[str, ...]) -> Iterator[str]:
    for name, inner in getattr(command, "commands", {}).items():
        path = (*above, name)
        if not inner.hidden and not (
            hasattr(inner, "commands") and not inner.invoke_without_command
        ):
            yield " ".join(path)
        yield from _commands(inner, path)


def commands_in(text: str) -> set[str]:
    """The commands that a text mentions, in prose or in a block."""
    joined = " ".join(text.split())
    return {
        name for name in command_names() if re.search(rf"netbot (?:--\S+ \S+ )*{name}\b", joined)
    }


def keys_of(schema: dict[str, Any]) -> set[str]:
    """Every key that a JSON Schema knows, at whatever depth."""
    parts = [schema, *schema.get("$defs", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}


def rows(section: str) -> dict[str, list[str]]:
    """The rows of a guarantees' table by number: promise and whatever stands beside it."""
    (found,) = (one for one in pages.sections(GUARANTEES) if one.title == section)
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in found.text.splitlines()
        if re.match(r"\| G\d+ ", line)
    ]
    return {row[0]: row[1:] for row in cells}


def named_in(path: str) -> set[str]:
    """The names of the test functions in a file."""
    tree_of_file = tree.syntax(Path(path))
    return {node.name for node in ast.walk(tree_of_file) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", [GUIDE, ANLEITUNG], ids=str)
def test_every_command_is_in_the_guide(page):
    assert command_names() - commands_in(pages.read(page)) == set()


@pytest.mark.parametrize("page", pages.pages(), ids=str)
def test_no_page_names_a_command_that_is_not_there(page):
    known = {name.split()[0] for name in command_names()} | {"--home"}
    shell = [block.text for block in pages.blocks(page) if block.language in {"sh", "console"}]
    typed = re.findall(r"^(?:\$ )?netbot (\S+)", "\n".join(shell), re.MULTILINE)
    named = re.findall(r"`netbot ([\w-]+)", pages.prose(page))
    assert {*typed, *named} - known == set()


@pytest.mark.parametrize("page", [GUIDE, ANLEITUNG], ids=str)
def test_every_key_is_in_the_guide(page):
    keys = set().union(*map(keys_of, config.schema().values()))
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([\w.\[\]]+)`", pages.read(page)))))
    assert keys - named == set()


@pytest.mark.parametrize(("english", "german"), [(GUIDE, ANLEITUNG), (README, LIESMICH)], ids=str)
def test_german_has_the_same_sections(english, german):
    def shape(page: Path) -> list[tuple[int, list[str]]]:
        return [
            (one.level, sorted(commands_in(pages.without_output(one.text))))
            for one in pages.sections(page)
        ]

    assert shape(german) == shape(english)


def test_links_lead_somewhere():
    lost = [
        f"{page}: {link}"
        for page in pages.pages()
        for link in pages.links(page)
        if not link.startswith(("http://", "https://")) and not leads_somewhere(page, link)
    ]
    assert lost == []


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether a link's file exists, with the heading it names; pictures are made by a program."""
    target, _, heading = link.partition("#")
    path = (tree.ROOT / page.parent / target).resolve() if target else tree.ROOT / page
    if not path.exists():
        return path.parent == tree.ROOT / "docs" / "pictures" and path.name in PICTURES
    titles = pages.sections(path.relative_to(tree.ROOT)) if heading else []
    return not heading or heading in {pages.anchor(one.title) for one in titles}


PICTURES = {
    f"queue-{screen}-{light}.png" for screen in ("desktop", "phone") for light in ("light", "dark")
}


def test_every_page_is_reached_from_the_first():
    seen, ahead = set(), [README]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        linked = [(tree.ROOT / page.parent / link.partition("#")[0]) for link in pages.links(page)]
        inner = {one.resolve().relative_to(tree.ROOT) for one in linked if one.suffix == ".md"}
        ahead += [one for one in inner & set(pages.pages()) if one not in seen]
    assert set(pages.pages()) - seen == set()


@pytest.mark.parametrize("page", policytable.PAGES, ids=lambda page: page.name)
def test_the_table_of_networks_is_that_of_the_policy(page):
    text = page.read_text(encoding="utf-8")
    rows = policytable.PAGES[page](policy.load())
    assert text == policytable.placed(text, rows), "run: python -m tests.docs.policytable"


def test_every_promise_stands_once():
    numbers = [number for section in SECTIONS for number in rows(section)]
    assert sorted(numbers) == sorted(f"G{n}" for n in range(1, 34))


SECTIONS = ("Kept", "In part", "Not yet")


def test_what_is_kept_has_a_test_and_a_figure():
    bare = [
        n for n, (_, shown, figure) in rows("Kept").items() if not TEST.search(shown) or not figure
    ]
    assert bare == []


def test_what_is_kept_in_part_has_a_test_and_says_what_is_missing():
    bare = [
        n for n, (_, shown, lack) in rows("In part").items() if not TEST.search(shown) or not lack
    ]
    assert bare == []


def test_what_is_not_yet_names_no_test():
    assert [n for n, cells in rows("Not yet").items() if TEST.search(" ".join(cells))] == []


def test_every_test_that_a_page_names_exists():
    named = [found for page in pages.pages() for found in TEST.findall(pages.read(page))]
    gone = [
        f"{path}::{name}"
        for path, name in named
        if not (tree.ROOT / path).is_file() or name not in named_in(path)
    ]
    assert named
    assert gone == []
