"""Acts by program, killed wherever netbot may die, on a network that fails in every way.

A run that goes wrong is named with its seed and its number; from the top of the tree
``python -m tests.crash.nursery SEED NUMBER`` lives it again and tells all that happens.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from netbot.model import Verb
from netbot.store import Store
from tests.crash import points
from tests.crash.lives import Life
from tests.crash.plans import POST, SPHERE, VERBS, Plan, furnish
from tests.crash.verdict import Verdict
from tests.house import NOON
from tests.plaza import Fault, Square

RUNS = 1_000
SHARES = 2  # processes that share the runs


def do_runs(seed: int, runs: int, folder: Path) -> list[dict[str, Any]]:
    """What each of so many runs told."""
    files = [folder / f"share-{first}.json" for first in range(SHARES)]
    shares = []
    for first, file in enumerate(files):
        told = [str(number) for number in (seed, first, SHARES, runs // SHARES)]
        with file.open("w") as out:
            command = [sys.executable, "-m", "tests.crash.nursery", *told]
            shares.append(subprocess.Popen(command, stdout=out))
    codes = [share.wait() for share in shares]
    runs_told = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert all(codes) == any(run["faults"] for run in runs_told), f"seed {seed}: {codes}"
    return runs_told


def test_wherever_netbot_dies_no_act_happens_twice_and_none_is_lost(soak, tmp_path):
    seed = int.from_bytes(os.urandom(4))
    runs = do_runs(seed, RUNS * soak, tmp_path)
    wrong = [(run["plan"]["number"], *run["faults"]) for run in runs if run["faults"]]
    struck = Counter(point for run in runs for point in run["struck"])

    assert wrong == [], f"replay: python -m tests.crash.nursery {seed} NUMBER"
    assert len(runs) == RUNS * soak
    assert set(struck) == set(points.everywhere()), f"seed {seed}: {struck}"
    assert {run["plan"]["fault"] for run in runs} == set(Fault)
    ends = Counter(run["end"] for run in runs)
    assert {"sent", "failed", "unsure", "withdrawn", "undone", "undo_unsure"} <= set(ends), ends


def smooth(verb: Verb) -> Plan:
    """Nothing goes wrong."""
    return Plan(
        number=0,
        point="",
        deaths=(),
        fault=Fault.OK,
        faults={},
        verb=verb,
        takes_back=False,
        changes={},
        changed_from=1,
        wavers=False,
        answers=True,
        hasty=False,
        again=False,
        pauses_at=0,
        gaps_s=(),
    )


@pytest.mark.parametrize("verb", VERBS)
def test_the_judge_sees_what_is_wrong(verb, tmp_path):
    """One smooth run, then lies about what the network counted."""
    with Square() as square, Store(f"sqlite:///{tmp_path / 'netbot.db'}", SPHERE) as store:
        furnish(store)
        square.open("here", post=POST, changes={}, changed_from=1, faults={})
        Life(
            plan=smooth(verb),
            store=store,
            port=square.port,
            town="here",
            now=NOON,
            tell=lambda _: None,
        ).live()
        told = square.tell("here")
        assert list(Verdict(store, told).faults()) == []
        asked = f"do {told['standing'][0]['target']}"
        twice = told | {"asked": told["asked"] | {asked: 2}}
        assert list(Verdict(store, twice).faults()) == ["2 requests to do for 1 acts that left"]
        doubled = told | {"standing": told["standing"] * 2}
        assert "it stands there 2 times" in Verdict(store, doubled).faults()
        lost = told | {"standing": []}
        assert list(Verdict(store, lost).faults()) == [
            "1 are sent and 0 doubtful, but 0 stand there"
        ]


def test_a_crash_point_that_could_be_missed_is_refused():
    assert list(points.names_in("crash_point('a')\ncrash.crash_point('b')")) == ["a", "b"]
    for source in ("crash_point(name)", "crash_point('a')\ncrash_point('a')", "crash_point()"):
        with pytest.raises(ValueError, match="needs a name of its own"):
            list(points.names_in(source))
