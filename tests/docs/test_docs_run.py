"""Every shell and YAML block of the documentation, played as a reader would."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from netbot.demo.blogserver import BlogServer
from tests.docs import pages, reading
from tests.docs.pages import Block
from tests.docs.stage import Stage, agrees, commands, speak_german

SHELL = ("sh", "console")


@pytest.fixture(scope="session")
def server() -> Iterator[BlogServer]:
    with BlogServer() as running:
        yield running


@pytest.fixture(scope="session")
def played(server: BlogServer, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, list[str]]:
    """What went wrong on each page; the pages are played side by side."""
    speak_german()
    remembered: dict[str, bytes] = {}

    def play_page(page: Path, folder: Path) -> list[str]:
        stage = Stage(folder, server, remembered)
        wrong: list[str] = []
        for number, block in enumerate(pages.blocks(page)):
            try:
                wrong += try_block(stage, block, folder / f"block-{number}")
            except OSError as error:  # most often the echo of a block that failed before
                wrong.append(f"{block.place}: {error}")
        return wrong

    shown = pages.pages()
    folders = [tmp_path_factory.mktemp(page.stem) for page in shown]
    with ThreadPoolExecutor(os.cpu_count()) as players:
        return dict(zip(shown, players.map(play_page, shown, folders), strict=True))


@pytest.fixture
def stage(tmp_path: Path, server: BlogServer) -> Stage:
    return Stage(tmp_path, server, {})


def prepare(stage: Stage, block: Block) -> list[str]:
    """What remarks before a block ask for, unseen."""
    wrong = []
    for remark in block.remarks:
        word, _, rest = remark.text.partition(" ")
        if remark.kind == "test" and word == "blogs":
            stage.open_blogs()
        elif remark.kind == "test" and word == "run":
            code, printed = stage.run(rest, strict=True)
            wrong += [f"{remark.page}:{remark.line}: {printed}"] if code else []
    return wrong


def play(stage: Stage, block: Block) -> list[str]:
    """Run a shell block; what went otherwise than it says."""
    expected = int(block.told("exits") or 0)
    if block.language == "sh":
        code, printed = stage.run(block.text, strict=True)
        return [] if code == expected else [f"{block.place}: ended with {code}:\n{printed}"]
    wrong = []
    steps = commands(block.text)
    for number, (command, said) in enumerate(steps, 1):
        code, printed = stage.run(command, strict=False)
        if code != (expected if number == len(steps) else 0):
            wrong.append(f"{block.place}: ended with {code}: {command}{printed}")
        elif not agrees(said, printed):
            wrong.append(f"{block.place}: {command}says:\n{said}\nbut prints:\n{printed}")
    return wrong


def try_block(stage: Stage, block: Block, folder: Path) -> list[str]:
    """Whatever fits the block: run it, save it, or read it."""
    wrong = prepare(stage, block)
    if block.language in SHELL and block.not_run:
        return wrong + syntax_errors(block)
    if block.language in SHELL:
        return wrong + play(stage, block)
    if block.language == "text":
        return wrong
    if block.told("save") is not None:
        stage.save(block)
    return wrong + [f"{block.place}: {fault}" for fault in reading.faults(block, folder)]


def syntax_errors(block: Block) -> list[str]:
    """What the shell itself says of a block that is not run."""
    console = block.language == "console"
    script = "".join(line for line, _ in commands(block.text)) if console else block.text
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    return [f"{block.place}: {done.stderr}"] if done.returncode else []


@pytest.mark.parametrize("page", pages.pages(), ids=str)
def test_a_page_does_what_it_says(page, played):
    assert not played[page], "\n\n".join(played[page])


def rule_blocks() -> list[Block]:
    every = [block for page in pages.pages() for block in pages.blocks(page)]
    return [block for block in every if block.file.startswith("rules/")]


def test_rules_and_their_examples_are_as_they_say(tmp_path):
    assert rule_blocks()
    assert reading.faults_of_rules(rule_blocks(), tmp_path) == []


def test_a_rule_whose_example_fails_is_found(tmp_path):
    text = 'never: [{name: a, when: {phrase: b}, because: c, examples: {refuse: ["d"]}}]'
    broken = block("yaml", "# rules/values.yaml", text)
    assert len(reading.faults_of_rules([broken], tmp_path)) == 1


def test_a_rule_that_is_none_is_found(tmp_path):
    broken = block("yaml", "# rules/values.yaml", "never: [{name: a, when: {phrase: b}}]")
    assert "because" in "".join(reading.faults_of_rules([broken], tmp_path))


def test_what_is_not_run_has_a_reason():
    silent = [
        block.place
        for page in pages.pages()
        for block in pages.blocks(page)
        for remark in block.remarks
        if remark.kind == "not run" and len(remark.text) < 10
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("two cards\n", "two cards\n"),
        ("wrote …/netbot.yaml\n", "wrote /somewhere/netbot.yaml\n"),
        ("first\n…\nlast\n", "first\na\nb\nlast\n"),
        ("first\n…\nlast\n", "first\nlast\n"),
        ("seen 2026-11-21 08:00\n", "seen 2027-01-02 21:45\n"),
    ],
)
def test_a_page_may_leave_out_what_differs(said, printed):
    assert agrees(said, printed)


@pytest.mark.parametrize(
    ("said", "printed"),
    [("two cards\n", "three cards\n"), ("first\n", "first\nsecond\n"), ("a…c\n", "a\nc\n")],
)
def test_a_page_may_not_say_what_is_not_so(said, printed):
    assert not agrees(said, printed)


def block(language: str, *lines: str) -> Block:
    return Block(page=Path("a.md"), line=1, language=language, text="\n".join(lines) + "\n")


@pytest.mark.parametrize(
    "broken",
    [
        block("yaml", "clients:"),
        block("yaml", "# config/professional.yaml", "client:"),
        block("yaml", "# config/netbot.yaml", "languge: de"),
        block("yaml", "# rules/values.yaml", "never: ["),
        block("yaml", "# compose.yaml", "services: {}"),
        block("yaml", "# policy.yaml", "web: {}"),
        block("ini", "[Service]", "ExecStart=somethingelse"),
        block("", "anything"),
    ],
    ids=lambda one: one.text,
)
def test_a_broken_block_is_found(broken, tmp_path):
    assert reading.faults(broken, tmp_path)


def test_a_command_that_fails_or_says_something_else_is_found(stage):
    assert play(stage, block("sh", "false", "true"))
    assert play(stage, block("console", "$ echo one", "two"))
    assert play(stage, block("console", "$ exit 3"))
    assert not play(stage, block("console", "$ echo one; echo two", "one", "…"))


def test_a_command_of_several_lines_is_one():
    assert commands("$ echo a \\\n> b\na b\n> c\n") == [("echo a \\\nb\n", "a b\n> c\n")]
