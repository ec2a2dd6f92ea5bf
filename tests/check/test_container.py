"""What can be said of the container without an engine: its files are read, not run.

``tests/processes/test_container_steps.py`` runs the build stage's steps on this machine. Neither
shows that the base image can be had, that the second stage's user and folders come out as written,
that limits, capabilities and the read-only root of compose.yaml are enforced, or that an engine's
health check and networks behave: that takes an engine.
"""

import json
import re

import pytest
from ruamel.yaml import YAML

from tests.check import tree
from tests.check.dockerfile import DOCKERFILE, IGNORE, Instruction, ignored, instructions

LAST = max(step.stage for step in DOCKERFILE)
HOME = "/home/netbot"
VOLUMES = [f"{HOME}/{name}" for name in ("config", "rules", "secrets", "data")]


def steps(word: str, stage: int | None = None) -> list[Instruction]:
    return [s for s in DOCKERFILE if s.word == word and stage in (None, s.stage)]


@pytest.fixture(scope="module")
def service():
    return YAML(typ="safe").load((tree.ROOT / "compose.yaml").read_text())["services"]["netbot"]


def test_both_stages_start_from_the_same_pinned_slim_python():
    bases = {step.rest.split()[0] for step in steps("FROM")}
    assert len(steps("FROM")) == 2
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases.pop())


def test_what_runs_is_a_fixed_user_who_is_not_root():
    (user,) = steps("USER", LAST)
    assert user.rest == "10001:10001"
    assert DOCKERFILE.index(user) > DOCKERFILE.index(steps("RUN", LAST)[-1])


def test_packages_are_installed_by_hash_or_from_what_was_built():
    installs = [part for s in steps("RUN") for part in s.rest.split("&&") if "pip install" in part]
    assert installs
    assert all("--require-hashes" in part or "--no-index" in part for part in installs)


def test_the_image_knows_how_to_start_stop_and_feel():
    assert json.loads(steps("ENTRYPOINT", LAST)[0].rest) == ["netbot"]
    assert json.loads(steps("CMD", LAST)[0].rest) == ["run"]
    assert steps("STOPSIGNAL", LAST)[0].rest == "SIGTERM"
    assert steps("HEALTHCHECK", LAST)[0].rest.endswith('CMD ["netbot", "health"]')
    assert json.loads(steps("VOLUME", LAST)[0].rest) == VOLUMES
    assert f"NETBOT_HOME={HOME}" in steps("ENV", LAST)[0].rest


def test_nothing_is_fetched_by_address_and_no_secret_is_built_in():
    assert steps("ADD") == []
    assert steps("ARG") == []
    text = " ".join(step.rest for step in DOCKERFILE)
    assert not re.search(r"https?://|curl|wget|(?i:token|password)=", text)


def test_what_is_copied_exists_and_reaches_the_build():
    sources = [p for s in steps("COPY") if "from" not in s.options for p in s.paths[:-1]]
    assert "netbot" in sources
    assert [path for path in sources if not (tree.ROOT / path).exists()] == []
    assert [path for path in sources if ignored(path, IGNORE)] == []
    assert not any(ignored(str(p), IGNORE) for p in tree.files(".py", under="netbot"))


@pytest.mark.parametrize(
    "path",
    [
        *(".git/config", ".venv/bin/python", "data/private/netbot.db", "secrets/private/a.token"),
        *("config/private.yaml", "rules/private/mine.yaml", "rules/mine.yaml", "tests/conftest.py"),
        "netbot/store/__pycache__/schema.cpython-311.pyc",
    ],
)
def test_what_is_personal_or_not_needed_stays_out_of_the_build(path):
    assert ignored(path, IGNORE)


def test_compose_gives_the_service_no_more_than_it_needs(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "privileged" not in service
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 256
    assert service["mem_limit"] == "1g"
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]


def test_compose_stops_later_than_netbot_needs_and_opens_no_port(service):
    assert int(service["stop_grace_period"].removesuffix("s")) > 20
    assert "ports" not in service
    assert service["network_mode"] == "host"


def test_compose_mounts_exactly_the_volumes_of_the_image(service):
    assert sorted(mount.split(":")[1] for mount in service["volumes"]) == sorted(VOLUMES)


def test_a_dockerfile_is_read_with_its_stages_comments_and_continued_lines():
    text = "FROM a AS x\n# no\nRUN one \\\n    && two\n\nFROM b\nCOPY --from=x /a /b\n"
    assert [(s.stage, s.word, s.rest) for s in instructions(text)] == [
        (0, "FROM", "a AS x"),
        (0, "RUN", "one && two"),
        (1, "FROM", "b"),
        (1, "COPY", "--from=x /a /b"),
    ]
    assert instructions(text)[-1].options == {"from": "x"}
    assert instructions(text)[-1].paths == ["/a", "/b"]


def test_the_last_pattern_that_fits_decides():
    patterns = "*\n!netbot\n!rules/a.yaml\n**/__pycache__\n"
    assert not ignored("netbot/x/y.py", patterns)
    assert not ignored("rules/a.yaml", patterns)
    assert ignored("rules/b.yaml", patterns)
    assert ignored("netbot/x/__pycache__/y.pyc", patterns)
