"""``netbot rules``: judge posts by the rules, and try the rules on their own examples."""

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from netbot import clock
from netbot.app.wire import VERSION
from netbot.cli.place import to_json
from netbot.model import UsageError

if TYPE_CHECKING:
    from netbot.rules.judging import Finding
    from netbot.rules.loading import Rules

app = typer.Typer(help="Judge posts by the rules, and test the rules.", no_args_is_help=True)

EXIT_FINDINGS = 3
EXIT_BAD_LINES = 4

Home = Annotated[
    Path | None,
    typer.Option(envvar="NETBOT_HOME", help="Home whose rules count too.", file_okay=False),
]
Sphere = Annotated[str | None, typer.Option(help="Sphere of the home whose rules count too.")]


@app.command()
def judge(
    file: Annotated[str, typer.Argument(help="One JSON object a line; - is standard input.")] = "-",
    home: Home = None,
    sphere: Sphere = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Judge each line of a file."""
    from netbot.rules import judge_line

    bad = 0
    with _opened(file) as lines:
        rules, now = _load(home, sphere), clock.now()
        for said in inactive_lines(rules):
            typer.echo(f"netbot: {said}", err=True)
        for line in lines:
            answer = judge_line(line.decode(errors="replace").rstrip("\r\n"), rules, now)
            bad += "error" in answer
            text = json.dumps(answer, ensure_ascii=False) if as_json else _told(answer)
            typer.echo(text.encode(errors="replace"))
    if bad:
        raise typer.Exit(EXIT_BAD_LINES)


@app.command("test")
def try_examples(
    home: Home = None,
    sphere: Sphere = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Try every rule on the examples that stand with it."""
    from netbot.rules import examples

    rules = _load(home, sphere)
    findings = examples(rules)
    count = sum(len(rule.examples) for rule in rules.rules)
    if as_json:
        _answer_tried(rules, findings, count)
    else:
        for finding in findings:
            typer.echo(str(finding))
        for line in inactive_lines(rules):
            typer.echo(line)
        told = f"{count} examples of {len(rules.rules)} rules"
        typer.echo(f"{told}, {len(findings)} not as they should.")
    if findings:
        raise typer.Exit(EXIT_FINDINGS)


def _answer_tried(rules: "Rules", findings: "list[Finding]", count: int) -> None:
    value = {
        "version": VERSION,
        "rules": len(rules.rules),
        "examples": count,
        "inactive": [rule.name for rule in rules.inactive],
        "items": [asdict(finding) for finding in findings],
    }
    typer.echo(to_json(value))


def inactive_lines(rules: "Rules") -> list[str]:
    """Every rule that cannot speak in this installation, and what would let it."""
    remedy = "needs the extra semantic: pip install 'netbot[semantic]'"
    return [f"{each.file}:{each.line}: {each.name}: inactive, {remedy}" for each in rules.inactive]


def _load(home: Path | None, sphere: str | None) -> "Rules":
    from netbot.rules import load

    if sphere is not None and home is None:
        raise UsageError("--sphere needs --home DIR: only a home has spheres")
    if home is not None and not home.is_dir():
        raise UsageError(f"{home} is no folder: give an existing one with --home")
    return load(home=home, sphere=sphere, cache=_cache(home, sphere))


def _cache(home: Path | None, sphere: str | None) -> Path | None:
    """The sphere's data folder, where there is one already: judging makes no folders."""
    folder = home / "data" / (sphere or "") if home else None
    return folder if folder and folder.is_dir() else None


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    if file == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _told(answer: dict[str, Any]) -> str:
    """One answer for people."""
    if "error" in answer:
        return f"{answer['id'] or '?'}: error: {answer['error']}"
    reasons = [f"{r['because'] or r['rule']} ({r['file']}:{r['line']})" for r in answer["rules"]]
    return ": ".join([str(answer["id"] or "-"), "; ".join([answer["verdict"], *reasons])])
