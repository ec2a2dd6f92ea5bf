"""Blocks that are no commands: files that users are to write, read by whoever would read them."""

import configparser
import json
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from netbot import app, rules, yamlfile
from netbot.model import ConfigError
from netbot.networks import policy
from tests.check.tree import ROOT
from tests.docs.pages import Block


def faults(block: Block, folder: Path) -> list[str]:
    """What is wrong with the file in a block; ``folder`` is empty and may be written to."""
    match block.language:
        case "yaml":
            return _of_yaml(block, folder)
        case "ini":
            return _of_unit(block)
        case "json":
            json.loads(block.text)
            return []
        case "python":
            return _of_python(block)
        case _:
            return ["a fenced block needs a language: sh, console, yaml, ini, json or text"]


def _of_yaml(block: Block, folder: Path) -> list[str]:
    where = block.file.partition("/")[0]
    path = folder / (block.file or "nameless.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, encoding="utf-8")
    try:
        match where:
            case "compose.yaml":
                same = _plain(path) == _plain(ROOT / "compose.yaml")
                return [] if same else ["says something else than the repository's compose.yaml"]
            case "policy.yaml":
                policy.read(path)
            case "config":
                (path.parent / "professional.yaml").touch()
                app.read_config(folder)
            case "rules":
                yamlfile.load(path)  # the rules of all pages are tried together, further on
            case _:
                return ["a YAML block begins with the name of its file, as # rules/values.yaml"]
    except ConfigError as error:
        return [str(error)]
    return []


def _plain(path: Path) -> Any:
    return yamlfile.load(path).data


def _of_python(block: Block) -> list[str]:
    try:
        compile(block.text, block.file or "<block>", "exec")
    except SyntaxError as error:
        return [str(error)]
    return [] if block.file else ["a Python block begins with the name of its file"]


def faults_of_rules(blocks: Iterable[Block], home: Path) -> list[str]:
    """What is wrong with rules, and with their examples.

    They are read as one home, so that the forms of their words are made once; ``home`` is empty.
    """
    (home / "rules").mkdir()
    for block in blocks:
        name = f"{block.page}:{block.line}".replace("/", "-")
        (home / "rules" / f"{name}.yaml").write_text(block.text, encoding="utf-8")
    try:
        loaded = rules.load(home=home, sphere=None, shipped=False)
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return [str(finding) for finding in rules.examples(loaded)]


def _of_unit(block: Block) -> list[str]:
    """A unit of systemd: the parts it needs, and a command of ours that exists."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block.text)
    missing = {"Unit", "Service", "Install"} - set(unit.sections())
    started = shlex.split(unit["Service"]["ExecStart"])
    wrong = [] if Path(started[0]).name == "netbot" else ["does not start netbot"]
    return [*wrong, *(f"lacks [{section}]" for section in sorted(missing))]
