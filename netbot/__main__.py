"""``python -m netbot`` and the command ``netbot``."""

import sys


def main() -> None:
    """Run one command and leave with its exit code (0 ok … 5 refused by policy)."""
    from netbot.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
