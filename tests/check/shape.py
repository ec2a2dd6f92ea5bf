"""Prints the size and shape of the source and fails where it outgrows the plan.

Run as a program: ``python -m tests.check.shape``.
"""

import ast
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import grimp

from tests.check import tree

MEDIAN, P95, LONGEST = 8, 40, 60  # lines of a function
FILE = 400  # lines of a file
TICK_JOBS = {"netbot.daemon": 2}  # the two jobs that log whatever fails, count it and go on
LEAST_TESTS = 0.8  # lines of tests for each line of source

BROAD = {"Exception", "BaseException"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function of the source and how many lines it has, its docstring included."""

    file: Path
    line: int
    name: str
    lines: int


def functions(file: Path, module: ast.Module) -> Iterator[Function]:
    """Every function and method of a module, inner ones too."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Function(file=file, line=node.lineno, name=node.name, lines=lines)


def broad_excepts(module: ast.Module) -> int:
    """How many handlers and ``suppress`` calls of a module catch everything."""
    caught: list[ast.expr | None] = []
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            caught.append(node.type)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught.extend(node.args)
    return sum(kind is None or bool(BROAD & set(_names(kind))) for kind in caught)


def _names(kind: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(kind) if isinstance(node, ast.Name))


def percentile(sizes: Iterable[int], share: float) -> int:
    """The size that ``share`` of them do not exceed (nearest rank)."""
    ordered = sorted(sizes)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def import_cycle(imports: dict[str, set[str]]) -> list[str]:
    """One ring of modules that import each other, or nothing."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def imports_of_netbot() -> dict[str, set[str]]:
    """Which module of netbot imports which, also inside functions."""
    graph = grimp.build_graph("netbot", cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


def written_lines(under: str) -> int:
    """Lines of Python below a folder that are not blank."""
    return sum(
        bool(line.strip())
        for path in tree.files(".py", under=under)
        for line in tree.text(path).splitlines()
    )


def judge_functions(found: list[Function]) -> Iterator[str]:
    """Print the figures of functions; yield what is wrong with them."""
    sizes = [function.lines for function in found]
    longest = max(found, key=lambda function: function.lines)
    figures = {"median": median(sizes), "p95": percentile(sizes, 0.95), "longest": longest.lines}
    print(
        f"functions: {len(found)}; " + ", ".join(f"{k} {v:g}" for k, v in figures.items()), end=""
    )
    print(f" ({longest.file}:{longest.line} {longest.name})")
    for (name, figure), limit in zip(figures.items(), (MEDIAN, P95, LONGEST), strict=True):
        if figure > limit:
            yield f"function {name} is {figure:g} lines, more than {limit}"


def judge_files(sources: Iterable[Path]) -> Iterator[str]:
    """Print the longest file; yield each that is too long."""
    sizes = {path: len(tree.text(path).splitlines()) for path in sources}
    longest = max(sizes, key=lambda path: sizes[path])
    print(f"files: {len(sizes)}; longest {sizes[longest]} lines ({longest})")
    for path, size in sizes.items():
        if size > FILE:
            yield f"{path} has {size} lines, more than {FILE}"


def judge_excepts(sources: Iterable[Path]) -> Iterator[str]:
    """Print broad handlers by module; yield those outside the tick jobs."""
    counts: dict[str, int] = {}
    for path in sources:
        room = ".".join(path.with_suffix("").parts[:2])
        counts[room] = counts.get(room, 0) + broad_excepts(tree.syntax(path))
    found = {room: count for room, count in counts.items() if count}
    print("broad excepts:", ", ".join(f"{k} {v}" for k, v in found.items()) or "none")
    for room, count in found.items():
        if count > TICK_JOBS.get(room, 0):
            yield f"{room} has {count} broad excepts, more than {TICK_JOBS.get(room, 0)}"


def judge_cycles() -> Iterator[str]:
    """Print whether modules import each other in a ring; yield the ring."""
    ring = import_cycle(imports_of_netbot())
    print("import cycles:", " -> ".join(ring) or "none")
    if ring:
        yield "import cycle: " + " -> ".join(ring)


def judge_tests() -> Iterator[str]:
    """Print tests : source; yield when there is too little of the first."""
    tests, source = written_lines("tests"), written_lines("netbot")
    print(f"tests : source = {tests} : {source} lines = {tests / source:.2f} : 1")
    if tests < LEAST_TESTS * source:
        yield f"fewer than {LEAST_TESTS} lines of tests for a line of source"


def main() -> int:
    """Print every figure, then what breaks a limit; 1 when anything does."""
    sources = tree.files(".py", under="netbot")
    found = [function for path in sources for function in functions(path, tree.syntax(path))]
    problems = [
        *judge_functions(found),
        *judge_files(sources),
        *judge_excepts(sources),
        *judge_cycles(),
        *judge_tests(),
    ]
    for problem in problems:
        print("too much:", problem, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
