"""Several commands at once on one home: every card is decided once."""

import subprocess
import sys

from netbot import app, clock
from netbot.model import ActionState, SuggestionState
from netbot.store import acts, suggestions

HANDS = 4
WAITING = SuggestionState.WAITING
SPY = """
import sys
from netbot.cli.main import run
home, way, *ids = sys.argv[1:]
rest = {"approve": ["--text", f"Von {way}."], "skip": ["--why", "other"]}[way]
print("ready", flush=True)
sys.stdin.readline()
print(*(run([way, id, *rest, "--home", home, "--json"]) for id in ids), file=sys.stderr)
"""


def start(home, way, ids):
    return subprocess.Popen(
        [sys.executable, "-c", SPY, str(home), way, *ids],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def decide_at_once(home, ids):
    """The exit codes of every process, card by card."""
    hands = [start(home, ("approve", "skip")[n % 2], ids) for n in range(HANDS)]
    for hand in hands:
        assert hand.stdout is not None
        assert hand.stdout.readline() == "ready\n"
    for hand in hands:
        assert hand.stdin is not None
        hand.stdin.write("go\n")
        hand.stdin.flush()
    codes = []
    for hand in hands:
        _, said = hand.communicate(timeout=60)
        codes.append([int(code) for code in said.splitlines()[-1].split()])
    return list(zip(*codes, strict=True))


def test_one_hand_wins_each_card_and_the_others_are_refused(netbot):
    ids = [item["id"] for item in netbot("queue", "--json").json["items"]][::2]
    assert len(ids) == 6
    codes = decide_at_once(netbot.home, ids)
    assert [sorted(each) for each in codes] == [[0] + [5] * (HANDS - 1)] * len(ids)
    approved = 0
    for name in ("professional", "private"):
        with app.open_sphere(netbot.home, name, clock.now()) as sphere:
            with sphere.store.read() as tx:
                outbox = acts.count(tx)
                cards = suggestions.count(tx)
                integrity = tx.exec_driver_sql("PRAGMA integrity_check").scalar_one()
                decisions = tx.exec_driver_sql(
                    "SELECT count(*), count(DISTINCT suggestion_id) FROM decisions"
                ).one()
        assert integrity == "ok"
        assert decisions[0] == decisions[1] == sum(cards.values()) - cards[WAITING]
        assert set(outbox) <= {ActionState.PENDING}
        approved += sum(outbox.values())
    winners = sum(code == 0 for each in codes for code in each[::2])
    assert approved == winners
    left = {item["id"] for item in netbot("queue", "--json").json["items"]}
    assert left.isdisjoint(ids)


def test_a_home_opened_for_the_first_time_by_several(anew):
    anew("init")
    with (anew.home / "config" / "netbot.yaml").open("a", encoding="utf-8") as file:
        file.write("rules: {shipped: false}\n")
    command = [sys.executable, "-m", "netbot", "queue", "--json", "--home", str(anew.home)]
    opening = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [(*process.communicate(timeout=60), process.returncode) for process in opening]
    assert {(err, code) for _, err, code in said} == {("", 0)}
    assert len({out for out, _, _ in said}) == 1
