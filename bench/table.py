"""One measure is one line; and how processor time is taken."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A quantity of netbot's beside another's."""

    quantity: str
    netbot: str
    beside: str  # the peer or the floor, with its figure
    value: float  # what the target speaks of: a ratio, or milliseconds
    unit: str
    target: float | None  # None where there is none
    at_least: bool = False  # whether more is better

    @property
    def verdict(self) -> str:
        """Whether the target is met, or how far it is."""
        if self.target is None:
            return ""
        share = self.target / self.value if self.at_least else self.value / self.target
        return "met" if share <= 1 else f"missed by {share:.2g} times"

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as it is shown."""
        sign = ">=" if self.at_least else "<="
        target = "" if self.target is None else f"{sign} {self.target:g}{self.unit}"
        value = f"{self.value:.3g}{self.unit}"
        return self.quantity, self.netbot, self.beside, value, target, self.verdict


HEAD = ("quantity", "netbot", "beside", "figure", "target", "")


def lines(rows: Sequence[Row]) -> list[str]:
    """The table as text."""
    cells = [HEAD, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def cpu_s(work: Callable[[], object], *, rounds: int = 3) -> float:
    """Processor seconds of this process and of children that ended meanwhile; best of some."""
    return min(_once(work) for _ in range(rounds))


def program_ms(arguments: Sequence[str], *, folder: Path, rounds: int = 7) -> float:
    """Processor milliseconds of a Python program from start to end; best of some."""

    def run() -> None:
        subprocess.run(
            [sys.executable, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )

    return min(_children_s(run) for _ in range(rounds)) * 1000


def _once(work: Callable[[], object]) -> float:
    before = time.process_time()
    children = _children_s(work)
    return time.process_time() - before + children


def _children_s(work: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
