"""Debian's Chromium, as tests and pictures use it, and the page served beside it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from socket import create_server

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from netbot.web import create

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-gpu",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Decisions in the first moments of a page are ignored; a person takes longer to read."""
    page.locator("html.js").wait_for(state="attached")
    left = "TOO_SOON_MS - (performance.now() - shownAt) + 1"
    page.evaluate(f"new Promise((done) => setTimeout(done, {left}))")


@contextmanager
def served(home: Path, clock: Callable[[], datetime], port: int = 0) -> Iterator[str]:
    """The page of a home at an address of its own, in a thread; on a port that is free for 0."""
    with create_server(("127.0.0.1", port)) as listener:
        port = listener.getsockname()[1]
        app = create(home, port=port, clock=clock)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()
