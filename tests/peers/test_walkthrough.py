"""The walk-through in docs/networks.md: its blocks, in a copy of netbot, on a real Isso."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netbot.networks import policy
from tests.check.tree import ROOT
from tests.docs import pages
from tests.docs.pages import Block
from tests.peers.programs import BIN

PAGE = Path("docs/networks.md")


def block(file: str, holding: str = "") -> Block:
    """The one block of the page that is this file."""
    [found] = [one for one in pages.blocks(PAGE) if one.file == file and holding in one.text]
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of netbot to which the network was added as the page says."""
    assert BIN.exists(), "run `make pypeers` first"
    leave = shutil.ignore_patterns("__pycache__", "models", "static", "templates")
    shutil.copytree(ROOT / "netbot", tmp_path / "netbot", ignore=leave)
    for part in ("networks", "peers"):
        shutil.copytree(ROOT / "tests" / part, tmp_path / "tests" / part, ignore=leave)
    for file in ("tests/house.py", "tests/mastodons.py", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "build").symlink_to(BIN.parents[1])
    for file in ("netbot/networks/isso.py", "tests/networks/test_isso.py"):
        (tmp_path / file).write_text(block(file).text, encoding="utf-8")
    with (tmp_path / "netbot/networks/policy.yaml").open("a", encoding="utf-8") as table:
        table.write(f"\n{block('policy.yaml', 'isso:').text}\n")
    return tmp_path


def run(folder: Path, *command: str) -> str:
    """What a command says there; it must end well."""
    environ = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_network_is_one_file_one_test_and_one_entry(copy):
    assert "isso" in policy.read(copy / "netbot/networks/policy.yaml")
    run(copy, "ruff", "check", "netbot/networks/isso.py", "tests/networks/test_isso.py")
    files = ("tests/networks/test_isso.py", "tests/networks/test_contract.py")
    chosen = "test_isso or every_file or every_name or is_promised or fills_in"
    said = run(copy, "pytest", "-v", "-n0", *files, "-k", chosen)
    assert said.count("test_isso.py::") == 3
