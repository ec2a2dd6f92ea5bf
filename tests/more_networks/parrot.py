"""One more network, found where the others lie."""

from tests.acting import Parrot

__all__ = ["Parrot"]
