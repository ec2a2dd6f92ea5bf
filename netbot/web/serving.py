"""Serving the page until the process is told to end."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn

from netbot import log
from netbot.daemon.stop import SUPERVISOR
from netbot.model import UsageError
from netbot.web.app import create

#: How long answers under way may take at the end, in seconds.
FAREWELL_S = 5

#: How often the process makes sure that its supervisor still lives, in seconds.
LOOK_UP_S = 1


def serve(
    home: Path,
    host: str,
    port: int,
    *,
    base_url: str | None = None,
    ready: Callable[[str], object] | None = None,
) -> None:
    """Serve the page of a home until SIGTERM or Ctrl+C; port 0 takes a free one.

    ``base_url`` is the page's address as seen from outside; ``ready`` is called with the address
    once it answers. Raises ``UsageError`` for a host that others could reach, or a taken port.
    """
    address = _loopback(host)
    supervisor = os.environ.get(SUPERVISOR)
    if supervisor:
        log.configure(process="web")
    with _listen(address, port) as listener:
        bound: int = listener.getsockname()[1]
        settings = uvicorn.Config(
            create(home, port=bound, base_url=base_url),
            access_log=False,
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=FAREWELL_S,
            ws="none",
        )
        if ready:
            name = f"[{address}]" if ":" in address else address
            ready(f"http://{name}:{bound}/")
        server = uvicorn.Server(settings)
        if supervisor:
            threading.Thread(target=_end_with, args=(int(supervisor), server), daemon=True).start()
        _run(server, listener)


def _loopback(host: str) -> str:
    """``host`` as an address of this machine, one of those that the guard knows."""
    address = {"localhost": "127.0.0.1", "[::1]": "::1"}.get(host, host)
    if address not in {"127.0.0.1", "::1"}:
        raise UsageError(
            "the page asks for no password yet, so only this machine may reach it: "
            f"use 127.0.0.1, not “{host}”"
        )
    return address


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"cannot serve at port {port} ({error.strerror}): end what listens there, "
            "or choose another with web.port in config/netbot.yaml"
        ) from error


def _end_with(supervisor: int, server: uvicorn.Server) -> None:
    """Nobody would end this process any more, and the port is needed by the next one."""
    pause = threading.Event()
    while os.getppid() == supervisor:
        pause.wait(LOOK_UP_S)
    server.should_exit = True


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    """Uvicorn raises SIGTERM anew when it has ended; by then it has done what we want of it."""
    if threading.current_thread() is threading.main_thread():

        def stop(*_: object) -> None:
            server.should_exit = True

        signal.signal(signal.SIGTERM, stop)
    server.run([listener])
