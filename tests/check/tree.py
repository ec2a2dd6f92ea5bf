"""The files of the tree, as git sees them: what is committed or would be."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files(*suffixes: str, under: str = "") -> tuple[Path, ...]:
    """Paths relative to the root, of these suffixes (all when none is named), below a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", under or "."],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    paths = {Path(name) for name in listed if name and (ROOT / name).is_file()}
    return tuple(sorted(path for path in paths if not suffixes or path.suffix in suffixes))


@cache
def text(path: Path) -> str:
    """The text of a file; "" for one that is not UTF-8."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def syntax(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text(path), str(path))
