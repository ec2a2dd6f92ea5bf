"""netbot: be nice to the people you work for; every single act decided by you."""

__version__ = "0.1.0"
