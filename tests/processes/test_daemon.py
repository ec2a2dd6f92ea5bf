"""``netbot run`` as a user starts it: real processes, a real home, a server that can be seen."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from netbot.cli.main import run
from netbot.demo.blogserver import BlogServer
from tests.processes.running import PATIENCE_S, ROOT, Daemon, Home, course, wait_for

FEED = "/feed.json"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with BlogServer() as blog:
        home = Home(tmp_path / "home", blog)
        home.add_sphere("professional", acme=[FEED])
        home.publish(FEED, 1)
        yield home


def wait_until_healthy(home: Home, sphere: str = "professional") -> None:
    wait_for(lambda: not home.faults(sphere), "both jobs' heartbeat")


def get_page(port: int) -> str:
    page = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        page.request("GET", "/professional")
        return page.getresponse().read().decode()
    except ConnectionRefusedError:
        return ""
    finally:
        page.close()


def wait_for_post(home: Home, number: int) -> None:
    wait_for(lambda: course(number)["url"] in home.stored("acme"), f"course {number}")


def test_it_brings_new_posts_to_the_queue_until_it_is_told_to_end(home):
    command = ("health", "--home", str(home.folder))
    assert run(command) == 1
    with Daemon(home, "run", "--no-web") as daemon:
        wait_until_healthy(home)
        assert run(command) == 0
        home.publish(FEED, 2, 1)
        wait_for_post(home, 2)
        code, took_s = daemon.end()
    assert code == 0
    assert took_s < 20
    told = {card.post.post.title for card in home.queue().cards}
    assert told == {"Neuer Kurs 1", "Neuer Kurs 2"}
    assert daemon.says(event="watched", new=1, suggested=1)
    assert daemon.said()[-1]["event"] == "stopped"


def test_it_serves_the_page_too(home):
    with Daemon(home, "run") as daemon:
        wait_until_healthy(home)
        shown = wait_for(lambda: get_page(home.port), "the page")
        code, took_s = daemon.end()
    assert "Neuer Kurs 1" in shown
    assert (code, took_s < 20) == (0, True)


def test_a_worker_knows_its_own_secrets_only(home):
    home.add_sphere("private", friend=["/friend.json"])
    secrets = {
        "NETBOT_PROFESSIONAL__ANNA_PROFESSIONAL__TOKEN": "mine",
        "NETBOT_PRIVATE__ANNA_PRIVATE__TOKEN": "not-mine",
        "SOME_SECRET": "nobodys",
    }
    with Daemon(home, "run", "--no-web", **secrets) as daemon:
        wait_until_healthy(home)
        worker = daemon.child("worker", "professional")
        parser = daemon.child("netbot.feedparse")
        known = {
            name: Path(f"/proc/{pid}/environ").read_bytes().decode()
            for name, pid in {"worker": worker, "parser": parser}.items()
        }
        place = Path(f"/proc/{worker}/cwd").readlink()
    assert "=mine" in known["worker"]
    assert "=mine" not in known["parser"]
    for environ in known.values():
        assert "not-mine" not in environ
        assert "nobodys" not in environ
    assert place == home.folder / "data" / "professional" / "empty"
    assert list(place.iterdir()) == []


def test_a_broken_edit_keeps_the_last_good_configuration_and_is_told(home, capsys):
    good = (home.folder / "config" / "professional.yaml").read_text(encoding="utf-8")
    with Daemon(home, "run", "--no-web"):
        wait_until_healthy(home)
        home.write("professional", good.replace('"clients"', '"cleints"'))
        wait_for(home.faults, "the fault")
        home.publish(FEED, 2, 1)
        wait_for_post(home, 2)
        assert run(["health", "--home", str(home.folder)]) == 1
        assert run(["status", "--home", str(home.folder)]) == 0
        told = capsys.readouterr().out
        home.add_sphere("professional", acme=[FEED], beta=["/beta.json"])
        home.publish("/beta.json", 7)
        wait_for(lambda: home.stored("beta"), "the new client's posts")
        wait_until_healthy(home)
    assert told.count("config/professional.yaml:1:") == 2
    assert told.count("cleints") == 2


def test_a_worker_that_dies_is_started_again(home):
    with Daemon(home, "run", "--no-web") as daemon:
        wait_until_healthy(home)
        first = daemon.child("worker", "professional")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: daemon.child("worker", "professional") not in {None, first}, "another")
        home.publish(FEED, 2, 1)
        wait_for_post(home, 2)
        assert daemon.says(event="ended", child="worker professional", code=-signal.SIGKILL)
        assert daemon.end()[0] == 0


def test_a_second_daemon_on_one_home_stands_back(home):
    with Daemon(home, "run", "--no-web"):
        wait_until_healthy(home)
        with Daemon(home, "run", "--no-web") as second:
            wait_for(lambda: second.says(event="cannot work"), "its refusal")
            home.publish(FEED, 2, 1)
            wait_for_post(home, 2)
            assert (
                "another netbot is already at work" in second.says(event="cannot work")[0]["error"]
            )
            assert not second.says(event="watched")
            assert second.end()[0] == 0
        assert home.faults() == []
    assert home.stored("acme") == [course(1)["url"], course(2)["url"]]
    assert len(home.queue().cards) == 2


def test_a_worker_whose_supervisor_was_killed_makes_room(home):
    with Daemon(home, "run", "--no-web") as killed:
        wait_until_healthy(home)
        killed.process.kill()
        with Daemon(home, "run", "--no-web") as heir:
            home.publish(FEED, 2, 1)
            wait_for(lambda: heir.says(event="watched"), "a look of the next worker")
            wait_for_post(home, 2)
            assert killed.processes() == {}


def test_after_a_pause_it_catches_up_once(home):
    with Daemon(home, "run", "--no-web") as daemon:
        wait_until_healthy(home)
        worker = daemon.child("worker", "professional")
        assert worker is not None
        os.kill(worker, signal.SIGSTOP)
        home.publish(FEED, *range(1, 13))
        asked = len(home.blog.requests)
        threading.Event().wait(4)  # four looks are missed
        assert len(home.blog.requests) == asked
        os.kill(worker, signal.SIGCONT)
        wait_for_post(home, 12)
        assert len(home.blog.requests) - asked <= 2
        assert daemon.end()[0] == 0
    queue = home.queue()
    assert (len(queue.cards), queue.more) == (5, 7)


def test_a_server_that_never_answers_does_not_keep_it(home):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/feed"
        home.add_sphere("professional", acme=[address])
        with Daemon(home, "run", "--no-web") as daemon:
            caller, _ = silent.accept()
            code, took_s = daemon.end()
            caller.close()
    assert (code, took_s < 20) == (0, True)
    assert daemon.says(event="a look was cut short")


def test_a_page_without_its_supervisor_makes_room(home):
    lonely = os.environ | {"NETBOT_SUPERVISOR": str(os.getppid()), "PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", "netbot", "web", "--home", str(home.folder), "--port", "0")
    with subprocess.Popen(command, env=lonely, stdout=subprocess.PIPE) as page:
        assert page.wait(PATIENCE_S) == 0
