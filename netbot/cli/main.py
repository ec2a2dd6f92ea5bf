"""The command line as a whole: its commands, and how every run ends."""

import os
import sys
from collections.abc import Sequence

import typer

from netbot import __version__, log
from netbot.cli import (
    accountadd,
    accounts,
    acts,
    adding,
    cards,
    clientstatus,
    demo,
    doctor,
    errands,
    explain,
    homes,
    journal,
    keeping,
    mail,
    mcp,
    never,
    notes,
    oops,
    proposing,
    review,
    rulelearn,
    rulenew,
    rules,
    ruletools,
    runs,
    sources,
    tokens,
)
from netbot.cli.light import LightGroup
from netbot.cli.place import move_behind
from netbot.model import NetbotError
from netbot.text import translator

app = typer.Typer(
    name="netbot",
    cls=LightGroup,
    help="Be nice to the people you work for. You decide every single act.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for part in (
    homes,
    adding,
    clientstatus,
    accounts,
    accountadd,
    proposing,
    runs,
    cards,
    never,
    acts,
    notes,
    review,
):
    part.register(app)
for part in (journal, oops, keeping, mail, doctor, demo, mcp, errands):
    part.register(app)
for part in (explain, ruletools, rulenew, rulelearn):
    part.register(rules.app)
app.add_typer(rules.app, name="rules", help="Judge posts by your rules.")
app.add_typer(tokens.group, name="token", help="Let programs read or propose; none can approve.")
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
        sys.stdout.flush()
    except NetbotError as error:
        said = error.told(translator(error.language or "en").get)
        typer.echo(f"netbot: {log.redact(said)}", err=True)
        return error.exit_code
    except typer.TyperException as error:
        typer.echo(_tell(error), err=True)
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("netbot: interrupted", err=True)
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough, as `| head` does
        _let_go_of_output()
        return 1
    except OSError as error:
        typer.echo(f"netbot: {error.filename or 'output'}: {error.strerror or error}", err=True)
        if error.filename is None:
            _let_go_of_output()
        return 1
    return code if isinstance(code, int) else 0


def _tell(error: typer.TyperException) -> str:
    """What is wrong with the call, and where to read how it is meant."""
    context, message = getattr(error, "ctx", None), error.format_message()
    if context and message == context.get_help():  # a group was called without a command
        return message
    path = context.command_path if context else "netbot"
    return f"netbot: {message}\nSee: {path} --help"


def _let_go_of_output() -> None:
    """Python flushes standard output when it ends; what cannot be written goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
