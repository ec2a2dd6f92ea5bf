"""What the worker does for its database: checks, copies, and stopping before harm is done."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from netbot import app, clock
from netbot.daemon.worker import CHECK_EVERY_S, Worker, find_faults, work
from netbot.model import Damaged
from netbot.ops import damage
from netbot.store import houses, texts
from tests.nowhere import no_file_grows
from tests.unit.test_ops_daily import flip


def configure(home: Path, **more: object) -> None:
    (home / "config").mkdir(exist_ok=True)
    netbot = json.dumps({"rules": {"shipped": False}} | more)
    (home / "config" / "netbot.yaml").write_text(netbot, encoding="utf-8")
    (home / "config" / "professional.yaml").write_text("clients: []\n", encoding="utf-8")


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    configure(tmp_path)
    with app.open_sphere(tmp_path, "professional", clock.now(), secrets=True) as sphere:
        with sphere.store.write() as tx:
            texts.put(tx, "acme", ["Grüße"], clock.now())
        yield Worker(sphere)


def notes(worker: Worker) -> dict[str, str]:
    with worker.sphere.store.read() as tx:
        return {each.job: each.note for each in houses.pulse(tx)}


def copied(worker: Worker) -> list[str]:
    return sorted(path.name for path in (worker.sphere.folder / "backups").glob("*.db"))


def spoil(worker: Worker) -> None:
    """The disk loses a page that nobody remembers."""
    worker.sphere.store.engine.dispose()
    flip(worker.sphere.folder / "netbot.db")


def test_the_first_look_of_a_day_makes_a_copy(worker):
    worker.watch()
    worker.watch()
    assert copied(worker) == [f"{clock.now().date()}.db"]
    assert notes(worker)["watch"] == ""


def test_a_copy_that_cannot_be_made_is_told_and_watching_goes_on(worker):
    (worker.sphere.folder / "backups").write_text("in the way")
    worker.watch()
    assert notes(worker)["watch"].startswith("no copy of the database could be made")
    assert "reread" in notes(worker)


def test_with_little_room_nobody_watches(worker):
    configure(worker.sphere.home, disk={"watch_free_mb": 10**9})
    worker.watch()
    worker.perform()
    assert "no source is looked at below 1000000000: make room" in notes(worker)["watch"]
    assert notes(worker)["perform"] == ""
    assert "reread" not in notes(worker)
    assert len(worker.sphere.alarms()) == 1


def test_with_less_room_nobody_acts(worker):
    configure(worker.sphere.home, disk={"watch_free_mb": 0, "act_free_mb": 10**9})
    worker.watch()
    worker.perform()
    assert "nothing leaves below 1000000000: make room" in notes(worker)["perform"]
    assert find_faults(worker.sphere, clock.now()) != []
    configure(worker.sphere.home)
    worker.watch()
    worker.perform()
    assert find_faults(worker.sphere, clock.now()) == []


def test_a_heartbeat_that_cannot_be_written_ends_nobody(worker, caplog):
    with no_file_grows():
        worker.perform()
    assert "no heartbeat" in caplog.text
    worker.perform()
    assert notes(worker)["perform"] == ""


def test_a_damaged_database_is_found_before_anything_is_done(worker):
    worker.watch()
    (copy,) = copied(worker)
    spoil(worker)
    with pytest.raises(Damaged, match=f"stop netbot and put .*{copy} in its place"):
        Worker(worker.sphere).check()
    assert find_faults(worker.sphere, clock.now())[0].startswith("professional: ")
    assert worker.sphere.hindrance() == damage.find(worker.sphere.folder)


def test_damage_is_looked_for_every_week(worker):
    worker.watch()
    spoil(worker)
    worker.watch()
    assert worker.broken == ""
    worker._check_at -= CHECK_EVERY_S
    worker.watch()
    assert "is damaged, netbot no longer works on it" in worker.broken
    before = (worker.sphere.folder / "netbot.db").read_bytes()
    worker.watch()
    worker.perform()
    assert (worker.sphere.folder / "netbot.db").read_bytes() == before


def test_damage_that_a_job_runs_into_ends_the_work(worker):
    spoil(worker)
    worker._check_at = float("inf")
    worker._tick("watch", lambda _now: read_it(worker))
    assert worker.broken == damage.find(worker.sphere.folder)
    assert "there is no copy of it" in worker.broken


def read_it(worker: Worker) -> str:
    with worker.sphere.store.read() as tx:
        texts.get(tx, "acme", [texts.sha256("Grüße")])
    raise AssertionError("nobody noticed")


def test_damage_found_while_copying_is_no_matter_of_course(worker):
    spoil(worker)
    worker._check_at = float("inf")
    worker.watch()
    assert worker.broken != ""
    assert copied(worker) == []


@pytest.mark.parametrize("how", ["a page", "everything"])
def test_a_worker_does_not_start_on_a_damaged_database(how, tmp_path):
    configure(tmp_path)
    with app.open_sphere(tmp_path, "professional", clock.now()) as sphere:
        folder = sphere.folder
    if how == "a page":
        flip(folder / "netbot.db")
    else:
        (folder / "netbot.db").write_text("shopping list\n" * 999)
    with pytest.raises(SystemExit, match="1"):
        work(tmp_path, "professional")
    assert "is damaged" in damage.find(folder)


def test_a_mended_database_is_worked_on_again(worker):
    folder = worker.sphere.folder
    damage.note(folder, "page 7")
    worker.check()
    assert damage.find(folder) == ""
    assert find_faults(worker.sphere, clock.now() + timedelta(days=1)) != []
