"""The command line as a whole: its commands, and how every run ends."""

import sys
from collections.abc import Sequence

import typer

from netbot import __version__
from netbot.cli import acts, cards, demo, homes, review, rules, runs, sources
from netbot.cli.place import move_behind
from netbot.model import NetbotError

app = typer.Typer(
    name="netbot",
    help="Be nice to the people you work for. You decide every single act.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for part in (homes, runs, cards, acts, review, demo):
    part.register(app)
app.add_typer(rules.app, name="rules", help="Judge posts by your rules.")
app.add_typer(sources.app, name="source", help="Places where clients publish: what ails them.")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"netbot {__version__}")
        raise typer.Exit


@app.callback()
def _netbot(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    pass


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code.

    0 ok, 1 failure, 2 usage or invalid configuration, 3 findings, 4 partial, 5 refused by policy.
    """
    try:
        code = app(move_behind(arguments), prog_name="netbot", standalone_mode=False)
    except NetbotError as error:
        typer.echo(f"netbot: {error}", err=True)
        return error.exit_code
    except typer.TyperException as error:
        typer.echo(error.format_message(), err=True)
        return getattr(error, "exit_code", 2)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("netbot: interrupted", err=True)
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0
