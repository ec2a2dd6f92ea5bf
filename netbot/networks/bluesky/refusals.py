"""What the network refuses by a name of its own, and we can mend or read."""

from netbot.model import Refused, Transient


class Stale(Transient):
    """The token is no longer good; the request was not carried out."""


class Missing(Refused):
    """There is no record of that name."""
