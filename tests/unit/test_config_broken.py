"""Every broken configuration of ``config/broken.yaml``: each problem named at its exact place."""

from pathlib import Path

import pytest

from netbot import config, yamlfile
from netbot.model import ConfigError

CASES = yamlfile.load(Path(__file__).parent / "config" / "broken.yaml").data
NETWORKS = ("linkedin", "mastodon", "web", "x")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_problem_is_named_at_its_place(case, tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    for name, text in case["files"].items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path, networks=NETWORKS, environ={})
    found = [str(problem) for problem in caught.value.problems]
    assert len(found) == len(case["expect"]), "\n".join(found)
    for expected, problem in zip(case["expect"], found, strict=True):
        place, _, words = expected.partition(": ")
        assert problem.startswith(f"{place}: ")
        assert words in problem.removeprefix(f"{place}: ")


def test_there_are_enough_cases_and_no_two_of_one_name():
    names = {case["name"] for case in CASES}
    assert len(names) == len(CASES) >= 45


def test_no_problem_repeats_a_secret(tmp_path):
    case = next(case for case in CASES if case["name"] == "secrets among the settings")
    (tmp_path / "config").mkdir()
    for name, text in case["files"].items():
        (tmp_path / "config" / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path, networks=NETWORKS, environ={})
    assert "hunter2" not in str(caught.value)
    assert "0123456789abcdef" not in str(caught.value)
