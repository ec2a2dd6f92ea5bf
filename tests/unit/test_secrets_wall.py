"""Nobody opens secrets but the worker and the errands that need them."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator

from tests.check import tree
from tests.unit.test_cli_shape import COMMANDS

#: The functions that may open a sphere with its secrets. All of them run in a cleaned process.
MAY = {
    ("netbot/daemon/worker.py", "work"),
    ("netbot/cli/acts.py", "perform_here"),
    ("netbot/cli/accounts.py", "check_here"),
    ("netbot/cli/accountadd.py", "_open_cleaned"),
    ("netbot/cli/mail.py", "digest_here"),
    ("netbot/cli/runs.py", "watch_here"),
}

#: What needs a terminal, keeps going, or is the cleaned process itself.
ELSEWHERE = {"demo", "demo serve", "errand", "review", "run", "web", "worker"}

#: How the others are called; a command that is not here is called with nothing.
ARGUMENTS = {
    "account add": ["linkedin", "--handle", "nora", "--sphere", "private"],
    "account check": ["studio", "--yes"],
    "approve": ["professional-1", "--text", "Schön."],
    "client add": ["http://127.0.0.1:9/", "--sphere", "professional"],
    "client peace": ["brueckentext", "--end"],
    "client show": ["brueckentext"],
    "client status": ["brueckentext"],
    "done": ["professional-1"],
    "false-alarm": ["professional-1"],
    "not-done": ["professional-1"],
    "oops": ["professional-1"],
    "note": ["professional-1", "--had-contact"],
    "perform": ["--once", "--sphere", "private"],
    "restore": ["none.zip"],
    "rules explain": ["professional-1"],
    "rules new": ["Jetzt *Kaffeefahrt* buchen.", "--sphere", "professional"],
    "rules try": ["none.yaml", "--sphere", "professional"],
    "rules judge": ["--sphere", "professional"],
    "show": ["professional-1"],
    "skip": ["professional-2", "--why", "other"],
    "snooze": ["professional-3", "--until", "3d"],
    "source settle": ["http://127.0.0.1:9/", "--new"],
    "thank": ["brueckentext"],
    "undo": ["professional-2"],
    "watch": ["--once", "--sphere", "private"],
}

SPY = """
import json, os, re, sys
from pathlib import Path
from netbot.cli.main import run
from tests.caller import PORT, Caller

home, ways = sys.argv[1], json.loads(sys.argv[2])
opened = []

def notice(event, facts):
    if event == "open" and str(facts[0]).startswith(home + "/secrets/"):
        opened.append(facts[0])

sys.addaudithook(notice)
sys.stdin = open(os.devnull)
for way in ways:
    code = run(way)
    print(code, *way, file=sys.stderr)

from netbot.web import create
caller = Caller(create(Path(home), port=PORT))
todo, seen = ["/"], set()

def is_new(path):
    kind = re.sub("[0-9]+", "N", path)  # one card is as good as another
    new = path.startswith("/") and kind not in seen
    seen.add(kind)
    return new

while todo:
    path = todo.pop()
    if not is_new(path):
        continue
    answer = caller.get(path)
    todo += [link["href"] for link in answer.page.links]
    todo += [answer.headers["location"]] if "location" in answer.headers else []
    for form in answer.page.forms:
        if is_new(form.action):
            caller.send(form)
print(len(seen), "pages and deeds", file=sys.stderr)
open(home + "/secrets/professional/studio.token").close()
assert opened == [home + "/secrets/professional/studio.token"], opened
assert "netbot.config.secrets" not in sys.modules
"""


def calls(path: str) -> Iterator[tuple[str, ast.Call]]:
    """Each call in a file, with the function that it stands in."""

    def visit(node: ast.AST, function: str) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield function, child
            inner = child.name if isinstance(child, ast.FunctionDef) else function
            yield from visit(child, inner)

    yield from visit(ast.parse((tree.ROOT / path).read_text(encoding="utf-8")), "")


def test_only_cleaned_processes_open_a_sphere_with_its_secrets():
    found, blurred = set(), set()
    for path in tree.files(".py", under="netbot"):
        for function, call in calls(str(path)):
            if not ast.unparse(call.func).endswith("open_sphere"):
                continue
            asked = {word.arg: word.value for word in call.keywords}
            if "secrets" in asked:
                found.add((str(path), function))
            if None in asked or len(call.args) > 3:
                blurred.add((str(path), function))
    assert found == MAY
    assert blurred == set()


def test_no_command_and_no_page_opens_a_secret(netbot):
    token = netbot.home / "secrets" / "professional" / "studio.token"
    token.parent.mkdir(parents=True, exist_ok=True)
    token.write_text("a-secret-that-nobody-reads", encoding="utf-8")
    token.chmod(0o600)
    leading = {name.split()[0] for name in COMMANDS if " " in name}
    names = sorted(COMMANDS.keys() - ELSEWHERE - leading)
    assert {*ARGUMENTS} <= {*names}
    ways = [[*name.split(), *ARGUMENTS.get(name, [])] for name in names]
    told = subprocess.run(
        [sys.executable, "-c", SPY, str(netbot.home), json.dumps(ways)],
        cwd=netbot.home.parent,  # where a backup may lie
        env=os.environ | {"NETBOT_HOME": str(netbot.home), "PYTHONPATH": str(tree.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    ended = dict.fromkeys(names, 0) | {
        "account check": 1,  # its server is nowhere
        "doctor": 3,
        "client add": 1,  # nobody answers there
        "init": 2,  # there is one
        "health": 1,
        "false-alarm": 5,  # it is no moment for tact
        "not-done": 5,  # it is done
        "propose": 2,  # nothing is proposed
        "restore": 2,  # there is no such file
        "rules try": 2,
        "source settle": 2,
        "watch": 4,
    }
    for name, way in zip(names, ways, strict=True):
        told_so = [line for line in told.stderr.splitlines() if line[2:] == " ".join(way)]
        assert told_so == [f"{ended[name]} {' '.join(way)}"]
    assert int(told.stderr.rpartition(" pages and deeds")[0].split()[-1]) > 15
