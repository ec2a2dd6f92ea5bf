"""Places at which a test lets the process die, to show that nothing is lost or done twice there.

Outside tests a crash point does nothing.
"""

from collections.abc import Callable

_strike: Callable[[str], None] | None = None


def crash_point(name: str) -> None:
    """Mark a place between two steps of which only one may have happened."""
    if _strike is not None:
        _strike(name)


def arm(strike: Callable[[str], None] | None) -> None:
    """Have ``strike`` called with the name of each crash point that is passed; None: disarm."""
    global _strike  # noqa: PLW0603
    _strike = strike
