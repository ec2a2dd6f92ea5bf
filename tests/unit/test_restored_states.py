"""Backup, destroy, restore, in every state that an act can be in: nothing leaves until a resume."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from netbot import app, engine
from netbot.engine import Approve, Undo
from netbot.model import Action, ActionState, Channel, Receipt, Refused, Sight, Unsure, Verb
from netbot.ops.backup import back_up
from netbot.ops.restore import restore
from netbot.store import acts
from tests.actor import ActingDay, open_policy
from tests.house import NOON, hours

LATER = NOON + hours(0.1)
ID = "professional-1"


class Death(BaseException):
    """The process dies right here."""


def die() -> None:
    raise Death


def send(day: ActingDay) -> None:
    with suppress(Death):
        day.send(LATER)
    day.stage.in_call, day.stage.ending = lambda: None, None


def lose(day: ActingDay) -> None:
    day.stage.ending = Unsure("the answer was lost")
    send(day)


def refuse(day: ActingDay) -> None:
    day.stage.ending, day.stage.applied = Refused("no"), False
    send(day)
    day.stage.applied = True


def kill(day: ActingDay) -> None:
    day.stage.in_call = die
    send(day)


def undo(day: ActingDay) -> None:
    day.decide(ID, Undo(), LATER)


def begin(day: ActingDay) -> None:
    engine.hand_off(day.store, day.hall, ID, LATER)


def say_done(day: ActingDay) -> None:
    engine.confirm(day.store, ID, LATER)


def say_not_done(day: ActingDay) -> None:
    engine.decline(day.store, ID, LATER)


S = ActionState
WAYS: dict[ActionState, tuple[Callable[[ActingDay], None], ...]] = {
    S.PENDING: (),
    S.WITHDRAWN: (undo,),
    S.SENDING: (kill,),
    S.SENT: (send,),
    S.FAILED: (refuse,),
    S.UNSURE: (lose,),
    S.UNDOING: (send, undo, kill),
    S.UNDONE: (send, undo, send),
    S.UNDO_UNSURE: (send, undo, lose),
    S.HANDED_OFF: (begin,),
    S.CONFIRMED: (begin, say_done),
    S.DECLINED: (begin, say_not_done),
}
BY_HAND = (S.HANDED_OFF, S.CONFIRMED, S.DECLINED)
KNOWN_NO_MORE = {S.SENDING: S.UNSURE, S.UNDOING: S.UNDO_UNSURE}


@pytest.fixture
def day(values, tmp_path):
    made = ActingDay(values)
    made.stage.sight = lambda action: Sight(target="1", done=standing(made, action))
    yield made
    made.store.close()


def standing(day: ActingDay, action: Action) -> Receipt | None:
    ref = f"r{action.id}"
    return Receipt(ref=ref) if ref in day.stage.stands else None


def lay(day: ActingDay, state: ActionState, home: Path) -> Path:
    """A home on the disk whose one act is in that state."""
    if state in BY_HAND:
        day.policy = {"mastodon": open_policy(verbs={Verb.LIKE: Channel.HANDOFF})}
    day.tell("a")
    day.decide(ID, Approve(verb=Verb.LIKE), NOON)
    for step in WAYS[state]:
        step(day)
    (home / "config").mkdir(parents=True)
    (home / "config" / "professional.yaml").write_text("clients: []\n")
    (home / "data" / "professional").mkdir(parents=True)
    memory = day.store.engine.raw_connection().driver_connection
    with closing(sqlite3.connect(home / "data" / "professional" / "netbot.db")) as file:
        memory.backup(file)  # type: ignore[union-attr]
    assert look(home).state is state
    return home


def look(home: Path) -> Action:
    with app.open_sphere(home, "professional", NOON) as sphere, sphere.store.read() as tx:
        found = acts.latest(tx, "professional", ID)
    assert found is not None
    return found


def live(day: ActingDay, home: Path, now) -> list[str]:
    """One round of a home's worker; what it called the network for."""
    before = len(day.stage.calls)
    with app.open_sphere(home, "professional", now) as sphere:
        hall = replace(sphere.hall, house=day.house, policy=day.policy)
        engine.settle(sphere.store, now)
        engine.send(sphere.store, hall, {"studio": day.stage}, now)
    return day.stage.calls[before:]


def test_every_state_is_tried():
    assert set(WAYS) == set(ActionState)


@pytest.mark.parametrize("old", ["destroyed", "still running"])
@pytest.mark.parametrize("state", ActionState)
def test_a_restored_home_does_nothing_until_it_is_resumed(state, old, day, tmp_path):
    home, new = lay(day, state, tmp_path / "old"), tmp_path / "new"
    back_up(home, tmp_path / "backup.zip", LATER)
    if old == "destroyed":
        shutil.rmtree(home)
    told = restore(tmp_path / "backup.zip", new, LATER)
    assert (told.unsure, told.pending) == (state in KNOWN_NO_MORE, state is S.PENDING)
    assert look(new).state is KNOWN_NO_MORE.get(state, state)
    lives = []
    for passed in (0, 0.1, 1, 24, 47, 49, 72):
        now = LATER + hours(passed)
        if old == "still running":
            lives += live(day, home, now)
        stands = dict(day.stage.stands)
        assert live(day, new, now) == []
        assert day.stage.stands == stands
    leaves = state is S.PENDING and old == "still running"
    assert lives == (["like professional-1"] if leaves else [])
    assert app.paused(new) is not None
    if state is S.PENDING:  # the approval has expired meanwhile
        assert look(new).state is S.WITHDRAWN


@pytest.mark.parametrize("old", ["destroyed", "still running"])
def test_what_was_approved_leaves_once_after_the_resume(old, day, tmp_path):
    home, new = lay(day, S.PENDING, tmp_path / "old"), tmp_path / "new"
    back_up(home, tmp_path / "backup.zip", LATER)
    restore(tmp_path / "backup.zip", new, LATER)
    if old == "still running":
        assert live(day, home, LATER) == ["like professional-1"]
    shutil.rmtree(home)
    app.resume(new, old_is_off=True)
    live(day, new, LATER + hours(1))
    live(day, new, LATER + hours(2))
    assert day.stage.calls == ["like professional-1"]
    assert look(new).state is S.SENT


def test_a_pause_holds_what_is_due_and_a_resume_lets_it_go(day, tmp_path):
    home = lay(day, S.PENDING, tmp_path / "home")
    app.pause(home, "", LATER)
    assert live(day, home, LATER) == live(day, home, LATER + hours(1)) == []
    assert look(home).state is S.PENDING
    app.resume(home)
    assert live(day, home, LATER + hours(2)) == ["like professional-1"]


def test_a_pause_that_comes_at_the_last_moment_is_heard(day, tmp_path):
    """Between the look at the post and the call."""
    home = lay(day, S.PENDING, tmp_path / "home")

    def stop(action: Action) -> Sight:
        app.pause(home, "", LATER)
        return Sight(target="1")

    day.stage.sight = stop
    assert live(day, home, LATER) == []
    assert look(home).state in {S.PENDING, S.FAILED}


def test_without_room_nothing_leaves(day, tmp_path):
    home = lay(day, S.PENDING, tmp_path / "home")
    (home / "config" / "netbot.yaml").write_text("disk: {act_free_mb: 1000000000}\n")
    with app.open_sphere(home, "professional", LATER, fresh=True) as sphere:
        assert "nothing leaves below 1000000000: make room" in sphere.hindrance()
    assert live(day, home, LATER) == []


def test_with_a_damaged_database_nothing_leaves(day, tmp_path):
    home = lay(day, S.PENDING, tmp_path / "home")
    (home / "data" / "professional" / "damaged").write_text("page 7")
    assert live(day, home, LATER) == []
    (home / "data" / "professional" / "damaged").unlink()
    assert live(day, home, LATER) == ["like professional-1"]
