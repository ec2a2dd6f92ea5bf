"""Runs every measure, or those that are named, and prints one table: ``make bench``."""

import platform
import sys

from bench import deciding, parsing, starting, storing, table, words

MEASURES = {
    "parsing": parsing.measure,
    "starting": starting.measure,
    "words": words.measure,
    "storing": storing.measure,
    "deciding": deciding.measure,
}


def main(names: list[str]) -> int:
    """Report; 0 whether or not targets are met, 2 for a name that no measure has."""
    if unknown := [name for name in names if name not in MEASURES]:
        print(f"no measure is called {unknown[0]}; there are {', '.join(MEASURES)}")
        return 2
    rows: list[table.Row] = []
    for name in names or MEASURES:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += MEASURES[name]()
    print(f"Processor time, best of some; in Chromium, time. Python {platform.python_version()}")
    print("\n".join(table.lines(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
