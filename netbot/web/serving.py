"""Serving the page until the process is told to end."""

import gc
import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import uvicorn

from netbot import app, clock, log
from netbot.daemon.stop import SUPERVISOR
from netbot.model import UsageError
from netbot.text import mark
from netbot.web.app import create
from netbot.web.lock import Lock

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
    ready: Callable[[str, str], object] | None = None,
    now: Callable[[], datetime] = clock.now,
) -> None:
    """Serve the page of a home until SIGTERM or Ctrl+C; port 0 takes a free one.

    ``base_url`` is the page's address as seen from outside. ``ready`` is called with the address
    once it answers, and with the one at which a password must be set first, "" when none must.
    Raises ``UsageError`` for a host that others could reach without TLS, or a taken port.
    """
    address = {"localhost": "127.0.0.1", "[::1]": "::1"}.get(host, host)
    alone = address in {"127.0.0.1", "::1"}
    if not alone and not (base_url or "").startswith("https://"):
        raise UsageError(
            mark(
                "others could read along at {host}: put a proxy with TLS before it and name its"
                " address as web.base_url (https://…) in config/netbot.yaml, or use 127.0.0.1"
            ),
            host=host,
        )
    supervisor = os.environ.get(SUPERVISOR)
    if supervisor:
        log.configure(process="web")
    with _listen(address, port) as listener:
        bound: int = listener.getsockname()[1]
        lock = Lock(app.data_folder(home) / "web.db", must=not alone, now=now)
        settings = uvicorn.Config(
            create(home, port=bound, base_url=base_url, lock=lock, clock=now),
            access_log=False,
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=FAREWELL_S,
            ws="none",
        )
        if ready:
            front = _front(address, bound, base_url)
            needs_one = lock.must and not lock.has_password
            ready(front, f"{front}set-up/{lock.link()}" if needs_one else "")
        server = uvicorn.Server(settings)
        if supervisor:
            threading.Thread(target=_end_with, args=(int(supervisor), server), daemon=True).start()
        gc.freeze()  # what is here now stays: looking through it again and again held requests up
        _run(server, listener)


def set_up(home: Path, host: str, port: int, base_url: str | None) -> str:
    """The address at which a password can be set, once; an older one is void."""
    lock = Lock(app.data_folder(home) / "web.db", must=True, now=clock.now)
    try:
        return f"{_front(host, port, base_url)}set-up/{lock.link()}"
    finally:
        lock.close()


def _front(host: str, port: int, base_url: str | None) -> str:
    """The front page: as seen from outside, if that is known."""
    if base_url:
        return f"{base_url.rstrip('/')}/"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            mark(
                "cannot serve at port {port} ({error}): end what listens there, or choose "
                "another with web.port in config/netbot.yaml"
            ),
            port=port,
            error=error.strerror,
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
