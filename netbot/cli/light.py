"""Commands whose options are read without pydantic.

typer has pydantic convert every value, and importing that takes longer than all else that a
command such as ``queue`` does. Text, paths and listed words are converted here; numbers and
whatever else there is stay typer's.
"""

from enum import Enum
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption


class LightOption(TyperOption):
    """An option of a light command."""

    def process_value(self, ctx: Any, value: Any) -> Any:
        """The converted value. Raises ``typer.BadParameter``."""
        if _is_plain(self, value):
            plain = _convert(self, value)
            return self.callback(ctx, self, plain) if self.callback else plain
        return super().process_value(ctx, value)


class LightArgument(TyperArgument):
    """An argument of a light command."""

    def process_value(self, ctx: Any, value: Any) -> Any:
        """The converted value. Raises ``typer.BadParameter``."""
        if _is_plain(self, value):
            return _convert(self, value)
        return super().process_value(ctx, value)


class LightCommand(TyperCommand):
    """A command that reads its options and arguments lightly: ``command(cls=LightCommand)``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options and arguments, typer's own such as ``--help`` included."""
        return _lighten(super().get_params(ctx))


class LightGroup(TyperGroup):
    """The same for a group of commands: ``Typer(cls=LightGroup)``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options and arguments, typer's own such as ``--help`` included."""
        return _lighten(super().get_params(ctx))


def _lighten(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if type(parameter) is TyperOption:
            parameter.__class__ = LightOption
        elif type(parameter) is TyperArgument:
            parameter.__class__ = LightArgument
    return parameters


def _is_plain(parameter: LightOption | LightArgument, value: Any) -> bool:
    if parameter.multiple or parameter.nargs != 1:
        return False
    if value is None:
        return not parameter.required
    kind = parameter.type_descriptor.annotation
    return isinstance(value, str) and isinstance(kind, type) and issubclass(kind, str | Path | Enum)


def _convert(parameter: LightOption | LightArgument, value: str | None) -> Any:
    kind = parameter.type_descriptor.annotation
    if value is None or not isinstance(kind, type):
        return value
    try:
        return kind(value)
    except ValueError:
        words = ", ".join(parameter.type_descriptor.choices or ())
        message = f"“{value}” is none of {words}"
        raise typer.BadParameter(message, param_hint=parameter.opts) from None
