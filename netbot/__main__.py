"""``python -m netbot`` and the command ``netbot``."""

import gc
import sys
from io import TextIOWrapper


def main() -> None:
    """Run one command and leave with its exit code (0 ok … 5 refused by policy)."""
    gc.set_threshold(50_000)  # hardly anything that imports make is garbage; looking costs 50 ms
    from netbot.cli.main import run

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # not every terminal can show “these quotes”
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
