"""The stand-ins for X and Reddit, steered by another process as the tests of whole daemons do."""

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from netbot.demo import journal
from netbot.demo.reddit import RedditServer
from netbot.demo.standin import StandIn
from netbot.demo.x import XServer

KEY = {"client_id": "app", "client_secret": "s", "refresh_token": "r"}


def steer(server: StandIn, command: str, **facts: Any) -> Any:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("POST", f"/_control/{command}", body=json.dumps(facts))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def done(server: StandIn, command: str, **facts: Any) -> Any:
    status, told = steer(server, command, **facts)
    assert status == 200
    return told.get("result")


def test_x_is_steered(tmp_path: Path):
    with XServer(journal=tmp_path / "journal") as server:
        done(server, "add_account", name="studio", token="t")
        done(server, "add_app", token="bearer")
        first = done(server, "publish", name="acme", text="Hallo @studio")
        second = done(server, "edit", id=first, text="Hallo, @studio!")
        assert done(server, "address", id=second) == f"https://x.com/acme/status/{second}"
        done(server, "by_hand", name="anna", verb="repost", id=second)
        assert server.memory.reposted(server.memory.admit("anna"), server.memory.post(first))
        done(server, "by_hand", name="anna", verb="unrepost", id=second)
        done(server, "set_limit", micros=5)
        done(server, "set_lag", reads=2)
        done(server, "remove", id=first)
        done(server, "revoke", token="t")
        assert (server.memory.limit_micros, server.memory.lag) == (5, 2)
        steer(server, "fault", mishap="stall", seconds=1)
        assert server.faults.left == 1
        steer(server, "clear")
        assert server.faults.left == 0
        assert steer(server, "journal", kind="written") == (200, [])
        assert steer(server, "stop")[0] == 404
        assert journal.read(tmp_path / "journal") == []
        assert server.counts() == {}


def test_reddit_is_steered():
    with RedditServer() as server:
        done(server, "add_account", name="studio", key=KEY)
        post = done(server, "publish", name="acme", title="Ein Fall", text="Aus der Praxis.")
        answer = done(server, "comment", name="anna", parent=post, text="Danke!")
        done(server, "write_to", name="studio", about=post)
        done(server, "by_hand", name="anna", direction=1, about=post)
        done(server, "edit", name=post, text="Neu gefasst.")
        done(server, "lock", name=post)
        done(server, "set_lag", reads=2)
        assert done(server, "address", name=answer).startswith("https://www.reddit.com/r/")
        done(server, "remove", name=answer)
        done(server, "revoke")
        assert server.memory.live(post).locked
        assert steer(server, "shutdown")[0] == 404
