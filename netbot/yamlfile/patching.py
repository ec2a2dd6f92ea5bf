"""Where new lines go in a YAML text, and old ones leave it."""

import re
from dataclasses import dataclass

BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Patch:
    """New text for the characters from ``start`` to ``end``, then lines put in at ``at``."""

    at: int
    lines: str
    start: int = 0
    end: int = 0

    def apply(self, text: str, new_line: str) -> str:
        """The text after it, its new lines ending like the old ones."""
        before = text[: self.start] + text[self.end : self.at]
        if "\n" in self.lines and before and not before.endswith("\n"):
            before += new_line
        return before + self.lines.replace("\n", new_line) + text[self.at :]


def line_start(text: str, index: int) -> int:
    """Where the line begins in which ``index`` is."""
    return text.rfind("\n", 0, index) + 1


def line_after(text: str, index: int) -> int:
    """Where the line after the one that ends, or is passed, at ``index`` begins."""
    index = len(text[:index].rstrip())
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def past_comments(text: str, index: int, column: int) -> int:
    """Past comment lines that follow directly; those on top of the next key stay with it."""
    comments = re.compile(r"(?:[ \t]*#[^\n]*(?:\n|\Z))*").match(text, index)
    end = comments.end() if comments else index
    if re.compile(r"[ \t\r]*(?:\n|\Z)").match(text, end):
        return end
    indented = re.compile(rf"(?:[ ]{{{column + 1},}}#[^\n]*\n)*").match(text, index)
    return indented.end() if indented else index
