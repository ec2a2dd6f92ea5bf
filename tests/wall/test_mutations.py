"""Each of the wall's checks is there for something: without it the tests turn red.

A copy of the package loses one check, and the tests named beside it are run on that copy. What
they would not notice, nobody would.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.check.tree import ROOT


@dataclass(frozen=True, slots=True)
class Mutation:
    """One check taken out."""

    name: str
    file: str
    old: str
    new: str
    tests: str  # a file of tests/unit
    only: str = ""  # of these, the tests with this in their names


GATE = "netbot/network.py"
MUTATIONS = (
    # the port: the last gate before the call
    Mutation(
        "sphere of the act",
        GATE,
        'if action.suggestion.rpartition("-")[0] != access.sphere:',
        "if False:",
        "test_network.py",
    ),
    Mutation(
        "account of the act",
        GATE,
        "if choice.account != account.id:",
        "if False:",
        "test_network.py",
    ),
    Mutation(
        "network of the act",
        GATE,
        "if choice.network != account.network or choice.network not in self.NETWORKS:",
        "if False:",
        "test_network.py",
    ),
    Mutation(
        "channel and verb",
        GATE,
        "if choice.channel is not Channel.API or choice.verb not in able:",
        "if False:",
        "test_network.py",
    ),
    Mutation(
        "state of the act",
        GATE,
        "if action.state is not state:",
        "if False:",
        "test_network.py",
    ),
    Mutation(
        "whoami against the pin",
        GATE,
        "if self._known_as.platform_id != account.platform_id:",
        "if False:",
        "test_network.py",
    ),
    Mutation(
        "approved bytes",
        GATE,
        "if bound != action.approval_hash:",
        "if False:",
        "test_network.py",
    ),
    # one sphere, one database
    Mutation(
        "owner of the database",
        "netbot/store/__init__.py",
        "if owner != self.sphere:",
        "if False:",
        "test_store.py",
        "sphere or another or belongs",
    ),
    Mutation(
        "frozen account of an act",
        "netbot/store/triggers.py",
        '        "account_id",\n        "network",\n        "channel",\n        "target_sha",',
        '        "network",\n        "channel",\n        "target_sha",',
        "test_engine_sending.py",
        "never_changes",
    ),
    # one object, one sphere
    Mutation(
        "claim of another sphere",
        "netbot/claims.py",
        "if not hmac.compare_digest(",
        "if False and not hmac.compare_digest(",
        "test_claims.py",
    ),
    Mutation(
        "claim before the decision",
        "netbot/engine/decide.py",
        "hall.claims.take(choice.target_url)",
        "pass",
        "test_engine_decide.py",
        "another_sphere",
    ),
    # no default account
    Mutation(
        "of several accounts nobody chooses",
        "netbot/engine/choices.py",
        "return candidates[0] if len(candidates) == 1 else None",
        "return candidates[0] if candidates else None",
        "test_engine_watch.py",
        "account",
    ),
    # whoami
    Mutation(
        "pin in the gate of the outbox",
        "netbot/engine/gate.py",
        "if known is None or known.platform_id != account.platform_id:",
        "if known is None:",
        "test_engine_gate.py",
    ),
    Mutation(
        "vouching",
        "netbot/engine/accounts.py",
        "return identity is not None and identity.platform_id == known.platform_id",
        "return identity is not None",
        "test_engine_accounts.py",
    ),
    # secrets and surroundings
    Mutation(
        "environment of a child",
        "netbot/daemon/child.py",
        "if name.startswith(mine)}",
        "}",
        "test_daemon_parts.py",
        "knows_nothing",
    ),
    Mutation(
        "home of a child",
        "netbot/daemon/child.py",
        "| dict.fromkeys(AT_HOME, str(folder))",
        "| {name: environ[name] for name in AT_HOME if name in environ}",
        "test_daemon_parts.py",
        "knows_nothing",
    ),
    Mutation(
        "links out of a sphere's secrets",
        "netbot/config/secrets.py",
        "if (strays and not real.is_relative_to(shared / self.sphere)) or (",
        "if (",
        "test_secrets.py",
    ),
    Mutation(
        "opened without secrets",
        "netbot/app/sphere.py",
        "held = _open_secrets(home, name) if secrets else None",
        "held = _open_secrets(home, name)",
        "test_app_actors.py",
        "without_its_secrets",
    ),
    # disjoint by check
    Mutation(
        "a handle in two spheres",
        "netbot/config/wall.py",
        "yield from _check_handles(views)",
        "yield from ()",
        "test_config.py",
    ),
    Mutation(
        "a source in two spheres",
        "netbot/config/wall.py",
        "yield from _check_sources(views)",
        "yield from ()",
        "test_config.py",
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_without_this_check_the_suite_turns_red(tmp_path: Path, mutation: Mutation):
    shutil.copytree(ROOT / "netbot", tmp_path / "netbot", ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("tests", "rules", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    file = tmp_path / mutation.file
    source = file.read_text(encoding="utf-8")
    assert source.count(mutation.old) == 1, "the check is worded differently now"
    file.write_text(source.replace(mutation.old, mutation.new), encoding="utf-8")
    select = ["-k", mutation.only] if mutation.only else []
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-qx", f"tests/unit/{mutation.tests}", *select],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 1, ended.stdout[-2000:]
