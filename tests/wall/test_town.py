"""Whatever a restless owner does to a home, no act leaves with a token of another sphere.

A failure names its seed: run it again alone with ``NETBOT_SEED=<seed> pytest tests/wall``.
"""

import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.wall.town import STEPS, Town

SOAK = int(os.environ.get("NETBOT_SOAK", "1"))
SEEDS = [int(os.environ["NETBOT_SEED"])] if "NETBOT_SEED" in os.environ else range(2 * SOAK)
COUNT = 2500


@pytest.mark.parametrize("seed", SEEDS)
def test_no_call_carries_a_token_of_another_sphere(tmp_path: Path, seed: int):
    done: Counter[str] = Counter()
    with ExitStack() as stack:
        town = Town(folder=tmp_path, draw=Random(seed), stack=stack)
        stack.callback(town.close)
        town.build()
        for _ in range(COUNT):
            (step,) = town.draw.choices(list(STEPS), list(STEPS.values()))
            step(town)
            done[step.__name__] += 1
        written = [entry for server in town.servers for entry in server.written()]
    assert set(done) == {step.__name__ for step in STEPS}
    assert len({entry["token"] for entry in written}) > 2
    assert len(written) > COUNT / 100, done
    print(f"seed {seed}: {len(written)} writes, {dict(done)}")  # noqa: T201
