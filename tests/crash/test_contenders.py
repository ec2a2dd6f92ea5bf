"""One executor: whoever is stopped, woken or killed, and whoever else wants to act meanwhile."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from threading import Event

import pytest

from netbot import engine
from netbot.engine import Approve, Undo
from netbot.model import ActionState, StoreError, Verb
from netbot.store import Store, acts
from tests.crash.plans import CARD, HOUSE, POLICY, POST, SPHERE, STUDIO, furnish
from tests.crash.sleeper import WITHIN_S
from tests.house import NOON, hours
from tests.plaza import Square, plaza

RUNS = 50
SHARES = 2


def test_of_several_processes_none_acts_twice(soak, tmp_path):
    seed, runs = int.from_bytes(os.urandom(4)), RUNS * soak
    files = [tmp_path / f"share-{first}.json" for first in range(SHARES)]
    shares = []
    for first, file in enumerate(files):
        told = [str(number) for number in (seed, first, SHARES, runs // SHARES)]
        with file.open("w") as out:
            command = [sys.executable, "-m", "tests.crash.contenders", *told]
            shares.append(subprocess.Popen(command, stdout=out))
    codes = [share.wait() for share in shares]
    done = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    did = sum((Counter(run["did"]) for run in done), Counter())

    replay = f"replay: python -m tests.crash.contenders {seed} NUMBER"
    assert [run for run in done if run["wrong"]] == [], replay
    assert (len(done), codes) == (runs, [0] * SHARES), replay
    assert did["requests"] > runs, did
    assert did["stop"] > runs, did
    assert did["replace"] > runs, did


@pytest.fixture
def square():
    with Square() as running:
        running.open("here", post=POST, changes={}, changed_from=1, faults={})
        yield running


@pytest.fixture
def store(tmp_path):
    with Store(f"sqlite:///{tmp_path / 'netbot.db'}", SPHERE) as store:
        furnish(store)
        yield store


NOTED = {"do": "sending is committed", "undo": "undoing is committed"}
HALL = engine.Hall(house=HOUSE, policy=POLICY, handoffs={})


def send(store: Store, square: Square, hour: float) -> None:
    actor = plaza(STUDIO, port=square.port, town="here")
    actor.identify()
    with store.alone("executor", wait=False):
        engine.send(store, HALL, {STUDIO.id: actor}, NOON + hours(hour))


def stop_at(point: str, store: Store, square: Square) -> subprocess.Popen[bytes]:
    """An executor that has been stopped there."""
    file = str(store.engine.url.database)
    command = [sys.executable, "-m", "tests.crash.sleeper", file, str(square.port), point]
    process = subprocess.Popen(command)
    stopped = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    assert stopped is not None
    assert stopped.si_code == os.CLD_STOPPED
    return process


def latest(store: Store) -> tuple[ActionState, str]:
    with store.read() as tx:
        action = acts.latest(tx, SPHERE, CARD)
    assert action is not None
    return action.state, action.note


@pytest.mark.parametrize(
    ("op", "state"), [("do", ActionState.UNSURE), ("undo", ActionState.UNDO_UNSURE)]
)
@pytest.mark.parametrize("wakes", [True, False])
def test_who_slept_between_note_and_call_does_not_call(store, square, op, state, wakes):
    engine.decide(store, HALL, CARD, Approve(verb=Verb.LIKE), NOON)
    if op == "undo":
        send(store, square, 0.5)
        engine.decide(store, HALL, CARD, Undo(), NOON + hours(0.5))
    process = stop_at(NOTED[op], store, square)
    with pytest.raises(StoreError, match="executor is taken"):
        send(store, square, 1)
    if wakes:
        Event().wait(2 * WITHIN_S)
        process.send_signal(signal.SIGCONT)
        assert process.wait() == 0
        found, note = latest(store)
        assert found is state
        assert "too much time" in note
    else:
        process.kill()
        process.wait()
        send(store, square, 1)
        assert latest(store)[0] is state
    for hour in (2, 3, 4, 5, 6):
        send(store, square, hour)
    assert op not in square.tell("here")["asked"]
    assert [action.state for action in engine.troubles(store)] == [state]
