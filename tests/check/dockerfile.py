"""Reads the Dockerfile and .dockerignore, as far as ours use them."""

import re
import shlex
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tests.check import tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction, its lines joined."""

    stage: int  # from 0
    word: str  # FROM, RUN, …
    rest: str

    @property
    def options(self) -> dict[str, str]:
        """``--from=build`` and the like."""
        return dict(re.findall(r"(?:^|\s)--(\w[\w-]*)=(\S+)", self.rest))

    @property
    def paths(self) -> list[str]:
        """The words that are not options: of a COPY its sources and target."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]


def instructions(text: str) -> list[Instruction]:
    """Every instruction of a Dockerfile, in order."""
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found: list[Instruction] = []
    stage = -1
    for line in re.sub(r"\\\n\s*", "", bare).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            stage += word == "FROM"
            found.append(Instruction(stage=stage, word=word, rest=rest.strip()))
    return found


def ignored(path: str, patterns: str) -> bool:
    """Whether .dockerignore keeps a path out of the build: the last pattern that fits decides."""
    out = False
    parts = Path(path).parts
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    for line in patterns.splitlines():
        pattern = line.strip().lstrip("!").removeprefix("**/")
        if not pattern or pattern.startswith("#"):
            continue
        deep = line.strip().lstrip("!").startswith("**/")
        names = [Path(name).name for name in above] if deep else above
        if any(fnmatch(name, pattern) and name.count("/") == pattern.count("/") for name in names):
            out = not line.startswith("!")
    return out


DOCKERFILE = instructions(tree.text(Path("Dockerfile")))
IGNORE = tree.text(Path(".dockerignore"))
