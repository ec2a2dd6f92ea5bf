"""The rules of the house that no other tool watches."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.check import tree

TOP = {
    *("netbot", "config", "rules", "tests", "bench", "docs", ".ci", ".gitignore", ".dockerignore"),
    *("Dockerfile", "compose.yaml", "Makefile", "pyproject.toml", "LICENSE", ".npmrc"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    *("requirements.lock", "requirements-build.lock", "requirements-dev.lock"),
    "requirements-peers.lock",
    *("package.json", "package-lock.json"),
}
LARGEST_BYTES = 600_000
GENERATED = {".mo", ".pyc", ".db", ".sqlite", ".log", ".whl", ".gz", ".zip", ".orig", ".rej"}

MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:root|work|Users)/|(?<![\w.])/hom[e]/(?!netbot\b)")
REGISTRY = re.compile(r"--(?:extra-)?index-url|\"resolved\": *\"http|https?://\S*(?:pypi|npmjs)")
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b|raise NotImplementedErro[r]$", re.MULTILINE)
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[opsru]_\w{36}|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-\d+"
    r"|\bsk-[A-Za-z0-9]{20}|\beyJ[\w-]{20,}\.eyJ|\bnpm_\w{36}|\bpypi-\w{40}"
)
# Dotted names that no test may use: what it shows would not be shown.
NO_TEST_USES = re.compile(
    r"time\Wsleep|monkeypatch\Wset(?:attr|item)|pytest\W(?:mark\W)?(?:skip\w*|xfail|import\Wrskip)"
    r"|unittest\Wmock(?:\W.*)?|mocker\W.*"
)


def dotted_names(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every attribute and import of a module."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def uses(pattern: re.Pattern[str], under: str) -> list[str]:
    """Places of Python files below a folder where a dotted name matches as a whole."""
    return [
        f"{path}:{line} {name}"
        for path in tree.files(".py", under=under)
        for line, name in dotted_names(tree.syntax(path))
        if pattern.fullmatch(name)
    ]


def places(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    """file:line of every match in the texts of the tree."""
    return [
        f"{path}:{number}"
        for path in tree.files(*suffixes)
        for number, line in enumerate(tree.text(path).splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_top_of_the_tree_holds_only_what_belongs_there():
    assert {path.parts[0] for path in tree.files()} <= TOP


def test_no_file_names_a_machine_it_was_written_on():
    assert places(MACHINE_PATH) == []


def test_no_file_names_a_registry():
    assert places(REGISTRY, ".lock", ".json", ".toml", ".npmrc", ".yaml", "") == []


def test_no_file_holds_a_secret():
    assert places(SECRET) == []


def test_nothing_is_left_for_later():
    assert places(UNFINISHED, ".py") == []


def test_no_file_is_large():
    sizes = {path: (tree.ROOT / path).stat().st_size for path in tree.files()}
    assert {path: size for path, size in sizes.items() if size > LARGEST_BYTES} == {}


def test_nothing_generated_is_kept():
    assert [path for path in tree.files() if path.suffix in GENERATED] == []


def test_every_module_says_what_it_is():
    silent = [p for p in tree.files(".py", under="netbot") if not ast.get_docstring(tree.syntax(p))]
    assert silent == []


def test_nothing_sleeps_in_the_dark():
    assert uses(re.compile(r"time\Wsleep"), "netbot") == []


def test_tests_neither_patch_nor_skip_nor_sleep():
    assert uses(NO_TEST_USES, "tests") == []


def test_every_test_asserts_something():
    asserts = re.compile(r"\bassert\b|\braises\(|\bassert_|\bexpect")
    idle = [
        f"{path}:{node.lineno} {node.name}"
        for path in tree.files(".py", under="tests")
        for node in ast.walk(tree.syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not asserts.search(ast.unparse(node))
    ]
    assert idle == []


def test_tests_have_names_of_their_own():
    names = [path.name for path in tree.files(".py", under="tests") if path.stem != "conftest"]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        (MACHINE_PATH, "open('/ho" + "me/anna/x')", "HOME=/home/netbot"),
        (MACHINE_PATH, "cd /ro" + "ot/x", "https://x.example/work/1"),
        (REGISTRY, "--index" + "-url https://x.example", "--no-emit-index-url"),
        (SECRET, "gh" + "p_" + "a" * 36, "ghost_writer"),
        (UNFINISHED, "# TO" + "DO later", "# todo lists"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern, bad, good):
    assert pattern.search(bad)
    assert not pattern.search(good)


def test_a_dotted_name_is_found_however_it_is_imported():
    module = ast.parse("from time import sleep\nimport time\ntime.sleep(1)\n")
    found = [name for _, name in dotted_names(module) if NO_TEST_USES.fullmatch(name)]
    assert found == ["time.sleep", "time.sleep"]
