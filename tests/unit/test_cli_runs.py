"""Watching once, and asking how it goes."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

from netbot import app, clock
from netbot.store import houses


def beat(home, *, age_s=0, ok=True, note=""):
    now = clock.now()
    for name in app.sphere_names(home):
        with app.open_sphere(home, name, now) as sphere, sphere.store.write() as tx:
            for job in ("watch", "perform"):
                houses.beat(tx, job, now - timedelta(seconds=age_s), ok=ok, note=note)


def test_sources_that_cannot_be_reached_are_told_and_exit_4(netbot):
    told = netbot("watch", "--once", "--sphere", "private")
    assert told.code == 4
    summary, address, *error = told.out.splitlines()
    assert summary == "Private: 1 source looked at, 0 new posts, 0 suggestions"
    assert address.startswith("  http://127.0.0.1:")
    assert address.strip() not in "\n".join(error)
    status = netbot("status", "--sphere", "private").out
    assert "    ! cannot be reached" in status
    value = netbot("status", "--sphere", "private", "--json").json["spheres"][0]
    assert value["sources"][0]["failures"] == 1
    assert value["queue"] == {"today": 2, "more": 0}


def test_the_blogs_of_a_demo_come_back(netbot):
    command = [sys.executable, "-u", "-m", "netbot", "demo", "serve", "--home", str(netbot.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as serving:
        assert serving.stdout is not None
        address = serving.stdout.readline().split()[-1]
        told = netbot("watch", "--once", "--json")
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(20) == 0
    assert told.code == 0
    looked = {sphere["sphere"]: sphere for sphere in told.json["spheres"]}
    assert looked["professional"]["looked"] == 6
    assert all(sphere["errors"] == {} for sphere in looked.values())
    again = netbot("status", "--json").json["spheres"][0]["sources"][0]["address"]
    assert again.startswith(address)


def test_status_has_columns_and_says_what_is_missing(netbot):
    lines = netbot("status").out.splitlines()
    assert lines[0] == "Professional · 10 cards wait"
    heading = next(line for line in lines if "last seen" in line)
    row = next(line for line in lines if "brueckentext" in line)
    assert heading.index("client") == row.index("brueckentext")
    assert heading.index("source") == row.index("http://")
    assert "  The daemon has never run here: netbot run" in lines
    beat(netbot.home, ok=False, note="configuration: wrong")
    assert "· configuration: wrong" in netbot("status").out
    beat(netbot.home)
    assert "· well" in netbot("status").out


def test_health_is_an_exit_code(netbot):
    never = netbot("health")
    assert never.code == 1
    assert "has never run; start `netbot run`" in never.out
    beat(netbot.home)
    assert netbot("health") == type(never)(0, "healthy\n", "")
    told = {"healthy": True, "faults": [], "paused": None}
    assert netbot("health", "--json").json == told
    beat(netbot.home, age_s=3600)
    assert netbot("health", "--sphere", "private").code == 1


def test_the_page_is_served_to_this_machine_only(netbot):
    told = netbot("web", "--host", "192.0.2.1")
    assert (told.code, told.out) == (2, "")
    assert "others could read along" in told.err


def test_a_demo_leaves_other_homes_alone(anew):
    anew("init")
    for way in (["demo", "--exit"], ["demo", "serve"]):
        told = anew(*way)
        assert (told.code, told.out) == (2, "")


def test_a_demo_finds_another_port_for_its_page(netbot):
    usual = app.read_config(netbot.home).web.port
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else has it: as good
            taken.bind(("127.0.0.1", usual))
            taken.listen()
        assert netbot("demo", "--exit").code == 0
    assert app.read_config(netbot.home).web.port != usual
