"""Shared by the tests that read feeds for a long time."""

from tests.unit.conftest import make_day, values

__all__ = ["make_day", "values"]
