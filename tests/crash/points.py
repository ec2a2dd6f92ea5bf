"""Where netbot may die: the crash points, as they stand in its source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import netbot


def names_in(source: str) -> Iterator[str]:
    """The names of the crash points in a module's source, in order.

    A name that is not a plain string, or stands in two places, could be missed: ``ValueError``.
    """
    seen: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("crash_point"):
            match node.args:
                case [ast.Constant(value=str(name))] if name not in seen:
                    seen.add(name)
                    yield name
                case _:
                    raise ValueError(f"line {node.lineno}: a crash point needs a name of its own")


def everywhere() -> tuple[str, ...]:
    """All crash points of netbot, in alphabetical order."""
    files = sorted(Path(netbot.__file__).parent.rglob("*.py"))
    names = [name for file in files for name in names_in(file.read_text(encoding="utf-8"))]
    if len(names) != len(set(names)):
        raise ValueError("two modules give their crash points the same name")
    return tuple(sorted(names))
