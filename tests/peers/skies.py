"""A whole Bluesky network on 127.0.0.1: npm's @atproto/dev-env on PostgreSQL and Redis.

What it is made of lies in ``build/bluesky``; ``make bluesky`` puts it there.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from select import select
from time import monotonic
from types import TracebackType
from typing import Any, Self

from atproto_client import Client

ROOT = Path(__file__).parents[2]
PARTS = ROOT / "build" / "bluesky"
SCRIPTS = Path(__file__).with_name("atmosphere")

WAIT_S = 60
PASSWORD = "a-password-of-nobody"


class Skies:
    """A network of its own; up while it is entered."""

    pds: str  # where accounts live
    appview: str  # where everybody reads

    def __enter__(self) -> Self:
        assert (PARTS / ".installed").exists(), "run `make bluesky` first"
        with ExitStack() as undo:
            folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="netbot-")))
            folder.chmod(0o755)
            database, memory = _free_ports(2)
            undo.callback(_end, _start_postgres(folder / "postgres", database))
            undo.callback(_end, _start_redis(folder, memory))
            _wait_for(database, memory)
            network = _start_network(folder, database, memory)
            undo.callback(_end, network)
            told = json.loads(_line_of(network))
            self.pds, self.appview = told["pds"], told["appview"]
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    def join(self, name: str) -> Any:
        """A new member, as the library sees it; the handle is ``name.test``."""
        api = Client(self.pds)
        self._undo.callback(api.request.close)
        api.com.atproto.server.create_account(
            {"handle": f"{name}.test", "email": f"{name}@acme.example", "password": PASSWORD}
        )
        api.login(f"{name}.test", PASSWORD, fetch_bsky_profile=False)
        return api

    def page(self, uri: str) -> str:
        """The address of a post."""
        _, _, did, _, rkey = uri.split("/")
        return f"{self.appview}/profile/{did}/post/{rkey}"


def _start_postgres(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """PostgreSQL refuses to be root's: then it is that of its own user."""
    who: dict[str, Any] = {"cwd": "/", "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        who |= {"user": "postgres", "extra_groups": []}
    data, programs = str(folder / "data"), _postgres_programs()
    init = [
        str(programs / "initdb"),
        "--auth=trust",
        "--no-sync",
        "--username=postgres",
        "--pgdata",
        data,
    ]
    subprocess.run(init, check=True, **who)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "fsync": "off"}
    options = [f"--{name}={value}" for name, value in settings.items()]
    command = [str(programs / "postgres"), "-D", data, "-p", str(port), *options]
    run: subprocess.Popen[bytes] = subprocess.Popen(command, stderr=subprocess.DEVNULL, **who)
    return run


def _postgres_programs() -> Path:
    """Debian keeps them in a folder of each version, beside every path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    place = str(found[-1]) if found else shutil.which("initdb")
    assert place, "run `make bluesky` first"
    return Path(place).parent


def _start_redis(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The server is the same program as the checker of its files, called by another name."""
    program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    assert program, "run `make bluesky` first"
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    return subprocess.Popen(
        ["redis-server", *options],
        executable=program,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _start_network(folder: Path, database: int, memory: int) -> subprocess.Popen[bytes]:
    program = ["node", "--no-deprecation", "--require", str(SCRIPTS / "loopback.cjs")]
    return subprocess.Popen(
        [*program, str(SCRIPTS / "network.cjs"), *map(str, _free_ports(4))],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "NODE_PATH": str(PARTS / "node_modules"),
            "DB_POSTGRES_URL": f"postgres://postgres@127.0.0.1:{database}/postgres",
            "REDIS_HOST": f"127.0.0.1:{memory}",
            "LOG_ENABLED": "false",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )


def _line_of(run: subprocess.Popen[bytes]) -> bytes:
    """The first line that a program says; an error when it says nothing for too long."""
    assert run.stdout is not None
    ready, _, _ = select([run.stdout], [], [], WAIT_S)
    line = run.stdout.readline() if ready else b""
    assert line, "the network does not come up"
    return line


def _wait_for(*ports: int) -> None:
    """Until somebody listens at each."""
    began = monotonic()
    waiting = list(ports)
    while waiting:
        assert monotonic() < began + WAIT_S, f"nobody listens at {waiting}"
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", waiting[0])) == 0:
                waiting.pop(0)


def _end(run: subprocess.Popen[bytes]) -> None:
    run.terminate()
    try:
        run.wait(timeout=WAIT_S)
    finally:
        run.kill()
    if run.stdout is not None:
        run.stdout.close()


def _free_ports(count: int) -> Sequence[int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
