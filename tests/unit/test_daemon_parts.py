"""The parts of the daemon, each in this very process; tests/processes has the whole."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from netbot import app, clock
from netbot.daemon.child import AT_HOME, environment, make_empty
from netbot.daemon.clockstep import ClockStep
from netbot.daemon.stop import SUPERVISOR, Stop
from netbot.daemon.supervisor import Child
from netbot.daemon.worker import Worker, find_faults
from netbot.demo.blogserver import BlogServer
from netbot.model import Source
from netbot.store import houses, sources
from netbot.store.houses import Heartbeat
from tests.processes.running import ROOT, Home, course, wait_for

STUBBORN = """
import pathlib, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path("deaf").touch()
signal.pause()
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    (tmp_path / "config").mkdir()
    (tmp_path / "rules").mkdir()
    netbot = json.dumps({"rules": {"shipped": False}})
    (tmp_path / "config" / "netbot.yaml").write_text(netbot, encoding="utf-8")
    (tmp_path / "config" / "professional.yaml").write_text("clients: []\n", encoding="utf-8")
    with app.open_sphere(tmp_path, "professional", clock.now(), secrets=True) as sphere:
        yield Worker(sphere)


def beat(worker: Worker, job: str) -> Heartbeat:
    with worker.sphere.store.read() as tx:
        return {each.job: each for each in houses.pulse(tx)}[job]


def test_health_tells_of_silence_and_failure(worker):
    now = clock.now()
    assert len(find_faults(worker.sphere, now)) == 2
    worker.watch()
    worker.perform()
    assert find_faults(worker.sphere, now) == []
    [fault] = find_faults(worker.sphere, now + timedelta(minutes=2))
    assert "the perform job has been silent since" in fault
    with worker.sphere.store.write() as tx:
        houses.beat(tx, "watch", now, ok=False, note="no air")
    assert find_faults(worker.sphere, now) == ["professional: the watch job reports: no air"]


def test_a_job_that_goes_on_as_before_spares_the_disk(worker):
    worker.perform()
    first = beat(worker, "perform")
    worker.perform()
    assert beat(worker, "perform") == first


def test_an_expected_failure_is_told_in_its_own_words(worker):
    rules = worker.sphere.home / "rules" / "values.yaml"
    rules.write_text("nevr: []\n", encoding="utf-8")
    worker.watch()
    assert beat(worker, "watch").note.startswith("rules/values.yaml:1:1: ")
    rules.write_text("never: []\n# mended\n", encoding="utf-8")
    worker.watch()
    assert beat(worker, "watch").ok


def test_a_broken_configuration_leaves_the_good_one_at_work(worker):
    worker.watch()
    config = worker.sphere.home / "config" / "professional.yaml"
    config.write_text("clients: [\n", encoding="utf-8")
    for _ in range(2):
        worker.watch()
        assert beat(worker, "watch").note.startswith("the last good configuration stays")
    assert worker.sphere.house.clients == ()


def test_an_unexpected_failure_does_not_end_the_worker(worker):
    with worker.sphere.store.write() as tx:
        sources.align(tx, [Source(client="x", network="web", address="y")], clock.now())
        tx.exec_driver_sql("UPDATE sources SET next_check = 'soon'")
    worker.watch()
    assert beat(worker, "watch").note.startswith("ValueError: ")


def test_plans_move_with_a_clock_that_was_set(worker):
    now = clock.now()
    with worker.sphere.store.write() as tx:
        sources.align(tx, [Source(client="x", network="web", address="y")], now)
    worker._clock = ClockStep(now - timedelta(days=1))
    worker._follow_clock(now)
    worker._follow_clock(clock.now())
    with worker.sphere.store.read() as tx:
        (moved,) = sources.everything(tx)
    assert moved.next_check is not None
    assert timedelta(hours=23) < moved.next_check - now < timedelta(hours=25)


def test_a_clock_that_was_set_while_nobody_worked_is_noticed(worker):
    now = clock.now()
    with worker.sphere.store.write() as tx:
        sources.align(tx, [Source(client="x", network="web", address="y")], now)
        houses.keep_clocks(tx, ClockStep(now - timedelta(days=1)).mark)
    anew = Worker(worker.sphere)
    anew._follow_clock(now)
    with worker.sphere.store.read() as tx:
        (moved,) = sources.everything(tx)
        assert houses.clocks(tx) == anew._clock.mark
    assert moved.next_check is not None
    assert timedelta(hours=23) < moved.next_check - now < timedelta(hours=25)


def test_a_damaged_database_is_told(worker):
    with worker.sphere.store.write() as tx:
        tx.exec_driver_sql("DROP TABLE suggestions")
    worker.perform()
    assert "no such table: suggestions" in beat(worker, "perform").note


def test_a_card_goes_with_its_post(tmp_path):
    with BlogServer() as blog:
        home = Home(tmp_path / "home", blog)
        home.add_sphere("professional", acme=["/feed.json"])
        items = [course(1), course(2)]
        for number, item in enumerate(items):
            item["url"] = blog.url(f"/{number}")
            blog.put(f"/{number}", b"<p>here</p>", content_type="text/html")
        feed = {"version": "https://jsonfeed.org/version/1.1", "items": items}
        blog.put("/feed.json", json.dumps(feed).encode(), content_type="application/feed+json")
        with app.open_sphere(home.folder, "professional", clock.now()) as sphere:
            worker = Worker(sphere)
            worker.watch()
            assert len(home.queue().cards) == 2
            blog.remove("/1")
            worker.watch()
            assert len(home.queue().cards) == 2
            with sphere.store.write() as tx:
                houses.beat(tx, "reread", clock.now() - timedelta(hours=25), ok=True)
            worker.watch()
    assert [card.choice.target_url for card in home.queue().cards] == [blog.url("/0")]


def live_and_die(child: Child) -> None:
    child.keep_alive()
    assert child.process is not None
    child.process.wait()


def test_a_child_that_keeps_dying_is_started_ever_later(tmp_path):
    child = Child(name="x", command=[sys.executable, "-c", ""], folder=tmp_path, sphere=None)
    pauses = []
    for _ in range(3):
        child.start_at = 0
        live_and_die(child)
        child.keep_alive()
        pauses.append(round(child.start_at - monotonic()))
    assert pauses == [1, 2, 4]
    child.end()
    child.bury(monotonic())


def test_a_child_that_lived_long_may_come_back_at_once(tmp_path):
    child = Child(name="x", command=[sys.executable, "-c", ""], folder=tmp_path, sphere=None)
    child.deaths = 9
    live_and_die(child)
    child.started_at -= 61
    child.keep_alive()
    assert child.deaths == 1


def test_a_child_that_will_not_end_is_killed(tmp_path):
    child = Child(name="x", command=[sys.executable, "-c", STUBBORN], folder=tmp_path, sphere=None)
    child.keep_alive()
    wait_for((tmp_path / "deaf").exists, "a child that hears no SIGTERM")
    child.keep_alive()
    child.end()
    child.bury(monotonic() + 0.1)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_knows_nothing_that_is_not_its_own(tmp_path):
    strange = [
        *("USER", "HOME", "XDG_CONFIG_HOME", "NETRC", "SSH_AUTH_SOCK", "PYTHONSTARTUP"),
        *("http_proxy", "HTTPS_PROXY", "ALL_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE"),
        *("praw_site", "praw_password", "AWS_SECRET_ACCESS_KEY", "DBUS_SESSION_BUS_ADDRESS"),
        *("NETBOT_HOME", "NETBOT_SIDE__X__TOKEN", "NETBOT_SIDE_WORK_2__X__TOKEN"),
        *("NETBOT_PRIVATE__X__TOKEN_FILE", "NETBOT_SIDE_WORK_TOKEN"),
    ]
    mine = {"NETBOT_SIDE_WORK__X__TOKEN": "a", "NETBOT_SIDE_WORK__Y__TOKEN_FILE": "b"}
    ours = dict.fromkeys(strange, "not yours") | mine | {"PATH": "/bin"}
    told = environment("side-work", ours, tmp_path)
    given = {"PATH": "/bin", "PYTHONPATH": str(ROOT), SUPERVISOR: str(os.getpid())}
    assert told == given | mine | dict.fromkeys(AT_HOME, str(tmp_path))
    assert environment(None, ours, tmp_path) == given | dict.fromkeys(AT_HOME, str(tmp_path))


def test_nobody_puts_anything_where_a_child_is_at_home(tmp_path):
    folder = tmp_path / "data" / "professional" / "empty"
    for _ in range(2):
        make_empty(folder)
    assert folder.stat().st_mode & 0o777 == 0o500


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait(number):
    stop = Stop({})
    assert not stop.wait(0)
    os.kill(os.getpid(), number)
    assert stop.wait(10)


@pytest.mark.usefixtures("handlers")
def test_the_death_of_the_supervisor_ends_the_wait():
    assert not Stop({SUPERVISOR: str(os.getppid())}).wait(0)
    assert Stop({SUPERVISOR: "1000000000"}).wait(0)
