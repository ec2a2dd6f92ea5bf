"""Shows that the contracts of pyproject.toml notice what they are for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.check import tree

WRONG = {
    "helpers.py": "",
    "store/peek.py": "from netbot import rules",
    "engine/send.py": "def send():\n    from netbot.networks import handoff",
    "networks/twin.py": "from netbot.networks import handoff",
    "web/dial.py": "def dial():\n    import aiohttp",
    "web/steal.py": "def steal():\n    from netbot.config.secrets import Secrets",
}


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    house = tmp_path_factory.mktemp("house")
    for path in tree.files(".py", under="netbot"):
        (house / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree.ROOT / path, house / path)
    shutil.copy(tree.ROOT / "pyproject.toml", house)
    for name, source in WRONG.items():
        (house / "netbot" / name).write_text(f'"""Wrong."""\n{source}\n')
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "broken",
    [
        "netbot.helpers",
        "netbot.store.peek -> netbot.rules",
        "netbot.engine.send -> netbot.networks.handoff",
        "netbot.networks.twin -> netbot.networks.handoff",
        "netbot.web.dial -> aiohttp",
        "netbot.web.steal -> netbot.config.secrets",
    ],
)
def test_what_breaks_the_plan_is_named(verdict, broken):
    assert broken in verdict
