"""P10: commands that a person waits for."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row, program_ms

TARGETS_MS = {"--help": 120.0, "queue": 350.0}
ROOT = Path(__file__).parents[1]


def measure() -> Iterator[Row]:
    """``netbot --help`` and ``netbot queue``, beside an interpreter that does nothing."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        program_ms(["-m", "netbot", "init", "--home", str(home)], folder=ROOT, rounds=1)
        floor = program_ms(["-c", "pass"], folder=ROOT)
        for command, target in TARGETS_MS.items():
            place = ["--home", str(home)] if command == "queue" else []
            ours = program_ms(["-m", "netbot", command, *place], folder=ROOT)
            yield Row(
                quantity=f"P10 netbot {command}",
                netbot=f"{ours:.0f} ms",
                beside=f"bare interpreter (floor) {floor:.0f} ms",
                value=ours,
                unit=" ms",
                target=target,
            )
