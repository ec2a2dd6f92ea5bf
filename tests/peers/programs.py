"""Peers that are programs of their own; ``make pypeers`` puts them into ``build/pypeers``."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

BIN = Path(__file__).parents[2] / "build" / "pypeers" / "bin"
WAIT_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str | Path], port: int) -> Iterator[None]:
    """Run a server until the end of the block; it listens on ``port`` when the block begins."""
    assert BIN.exists(), "run `make pypeers` first"
    run = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(run, port)
        yield
    finally:
        run.terminate()
        run.wait(timeout=WAIT_S)


def _wait_for(run: "subprocess.Popen[bytes]", port: int) -> None:
    began = monotonic()
    while monotonic() < began + WAIT_S and run.poll() is None:
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise TimeoutError(f"{run.args!r} does not answer")
