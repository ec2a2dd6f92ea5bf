"""Runs the build stage of the Dockerfile on this machine, below a folder of its own.

Its COPY and RUN lines are carried out as they are written, with the image's absolute paths moved
into that folder; then the installed command is used as the image would use it. Not shown, because
no engine runs here: the base image itself, the second stage's user and folders, and everything that
an engine enforces. tests/check/test_container.py reads those lines.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.check import tree
from tests.check.dockerfile import DOCKERFILE, IGNORE, ignored

MOVED = re.compile(r"(?<![\w.])/(?=(?:opt|src|home/netbot)\b)")
ENV = dict(
    re.findall(r"(\w+)=(\S+)", " ".join(s.rest for s in DOCKERFILE if s.word == "ENV" and s.stage))
)


def copy(sources: list[str], target: Path) -> None:
    for source in sources:
        for path in tree.files(under=source):
            if not ignored(str(path), IGNORE):
                relative = path.relative_to(source) if (tree.ROOT / source).is_dir() else path.name
                (target / relative).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(tree.ROOT / path, target / relative)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("image")
    (root / "opt").mkdir()
    workdir = root / "src"
    for step in (step for step in DOCKERFILE if step.stage == 0):
        if step.word == "COPY":
            copy(step.paths[:-1], workdir / step.paths[-1])
        elif step.word == "RUN":
            command = MOVED.sub(f"{root}/", step.rest)
            done = subprocess.run(
                ["sh", "-ec", command], cwd=workdir, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def home(image) -> Iterator[Path]:
    home = image / "home" / "netbot"
    for name in ("config", "rules", "secrets", "data"):
        (home / name).mkdir(parents=True)
    yield home
    shutil.rmtree(home)


def run(image: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {key: MOVED.sub(f"{image}/", value) for key, value in ENV.items()}
    env["PATH"] = env["PATH"].replace("$PATH", os.environ["PATH"])
    return subprocess.run(
        ["netbot", *arguments], cwd=home, env=env, capture_output=True, text=True, check=False
    )


def contents(root: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def test_the_wheel_holds_what_netbot_reads_at_run_time(image):
    (package,) = (image / "opt/netbot/lib").glob("python3.*/site-packages/netbot")
    held = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert {
        "networks/policy.yaml",
        "rules/shipped/moment.yaml",
        "rules/shipped/nonsense.yaml",
        "locale/de/LC_MESSAGES/netbot.mo",
        "py.typed",
    } <= held
    data = {
        str(path.relative_to("netbot"))
        for path in tree.files(under="netbot")
        if path.suffix != ".po" and path.name != "build.py"
    }
    assert data <= held
    assert "locale/build.py" not in held


def test_the_command_starts_and_writes_only_into_its_volumes(image, home):
    before = contents(image)

    version = run(image, home, "--help")
    begun = run(image, home, "init")
    checked = run(image, home, "check")

    assert version.returncode == 0, version.stderr
    assert begun.returncode == 0, begun.stderr
    assert checked.returncode == 0, checked.stderr
    changed = {path for path, time in contents(image).items() if before.get(path) != time}
    volumes = [home / name for name in ("config", "rules", "secrets", "data")]
    assert [path for path in changed if not any(path.is_relative_to(v) for v in volumes)] == []


def test_an_image_without_configuration_says_what_to_do(image, home):
    lost = run(image, home, "run")
    assert lost.returncode == 2
    assert "netbot init" in lost.stderr
    assert "Traceback" not in lost.stderr
