r"""The documentation as it is written: its pages, fenced blocks, remarks, headings and links.

What a reader does not see says how a block is tried (``tests.docs.stage`` carries it out)::

    <!-- test: run COMMAND -->    run it, unseen, where the blocks run
    <!-- test: blogs -->          from here on the sample blogs answer at their .example addresses
    <!-- test: save -->           the YAML block that follows is put into the home
    <!-- test: exits 2 -->        the last command of the block that follows ends so
    <!-- not run: REASON -->      the block that follows is only read
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.check import tree

_FENCE = re.compile(r"```(\w*)\s*")
_REMARK = re.compile(r"<!-- (test|not run): (.*?) -->")
_HEADING = re.compile(r"(#{1,6}) (.+)")
_LINK = re.compile(
    r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"|!\[[^\]]*\]\(([^)\s]+)\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """An instruction for the test."""

    page: Path
    line: int
    kind: str  # "test" or "not run"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block, and the remarks that stand between it and the block before."""

    page: Path
    line: int  # of its first line of text, from 1
    language: str
    text: str
    remarks: tuple[Remark, ...] = ()

    @property
    def place(self) -> str:
        """Where a failure is to be mended."""
        return f"{self.page}:{self.line}"

    @property
    def file(self) -> str:
        """The file that a first line such as ``# config/private.yaml`` names; "" without one."""
        first = self.text.partition("\n")[0]
        named = re.fullmatch(r"# ([\w./~-]+\.(?:yaml|service|py))", first)
        return named[1] if named else ""

    def told(self, instruction: str) -> str | None:
        """What a remark such as ``exits`` adds; None when the block has no such remark."""
        for remark in self.remarks:
            word, _, rest = remark.text.partition(" ")
            if remark.kind == "test" and word == instruction:
                return rest
        return None

    @property
    def not_run(self) -> str:
        """Why it is only read; "" for one that runs."""
        return next((remark.text for remark in self.remarks if remark.kind == "not run"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and everything below it up to the next one."""

    level: int
    title: str
    text: str


def pages() -> list[Path]:
    """Every page that users read, relative to the root; only what git would see."""
    return [Path("README.md"), *tree.files(".md", under="docs")]


@cache
def read(page: Path) -> str:
    """A page's text."""
    return (tree.ROOT / page).read_text(encoding="utf-8")


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page in order."""
    remarks: list[Remark] = []
    lines = iter(enumerate(read(page).splitlines(), 1))
    for number, line in lines:
        remarks += (
            Remark(page=page, line=number, kind=found[1], text=found[2])
            for found in _REMARK.finditer(line)
        )
        fence = _FENCE.fullmatch(line.strip())
        if fence:
            inner = []
            for _, text in lines:
                if text.strip() == "```":
                    break
                inner.append(text)
            yield Block(
                page=page,
                line=number + 1,
                language=fence[1],
                text="\n".join(inner) + "\n",
                remarks=tuple(remarks),
            )
            remarks = []


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


def without_output(text: str) -> str:
    """A text whose console blocks hold commands only."""

    def commands(block: re.Match[str]) -> str:
        return "\n".join(re.findall(r"^\$ .*", block[0], re.MULTILINE))

    return re.sub(r"^```console.*?^```$", commands, text, flags=re.MULTILINE | re.DOTALL)


def sections(page: Path) -> list[Section]:
    """The headings of a page with what stands below each, fenced blocks included."""
    found: list[tuple[int, str, list[str]]] = []
    fenced = False
    for line in read(page).splitlines():
        fenced ^= line.startswith("```")
        heading = None if fenced else _HEADING.fullmatch(line)
        if heading:
            found.append((len(heading[1]), heading[2], []))
        elif found:
            found[-1][2].append(line)
    return [Section(level=level, title=title, text="\n".join(text)) for level, title, text in found]


def links(page: Path) -> list[str]:
    """Every address that a page links to or shows."""
    return [one for found in _LINK.findall(prose(page)) for one in found if one]


def anchor(title: str) -> str:
    """The name that the heading gets when the page is shown on the web."""
    kept = re.sub(r"[^\w\- ]", "", title.casefold())
    return kept.strip().replace(" ", "-")
