"""A real WordPress on 127.0.0.1: Debian's package, on SQLite, behind PHP's own server.

What it is made of lies in ``build/peers``; ``make wordpress`` puts it there.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from io import BytesIO
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
PARTS = ROOT / "build" / "peers"
SITE = Path(__file__).with_name("site")
SQLITE = "@wp-playground/cli"  # the package that carries the SQLite integration

WAIT_S = 30
_ASKED = re.compile(r"\[(\d{3})\]: (?:\(null\) )?([A-Z]+) (\S+)")


@dataclass(frozen=True)
class Written:
    """A post as the blog has it."""

    id: int
    link: str


@dataclass(frozen=True)
class Reply:
    """What came back for a plain request."""

    status: int
    headers: Mapping[str, str]
    body: str


class WordPress:
    """A blog of its own in ``folder``; up while it is entered."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "usr/share/wordpress"
        self.port = _free_port()
        self.home = f"http://127.0.0.1:{self.port}"
        _unpack(folder, self.site)
        self.passwords: dict[str, str] = json.loads(self._php("install.php"))
        self._log = _Log()
        self._server: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [*_PHP, "-S", f"127.0.0.1:{self.port}", "-t", str(self.site)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self._environ | {"PHP_CLI_SERVER_WORKERS": "3"},
            text=True,
            start_new_session=True,  # its workers end with it
        )
        assert self._server.stderr is not None
        self._log.read(self._server.stderr)
        self._log.wait_for(lambda: self._log.started)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGTERM)
        self._server.wait(timeout=WAIT_S)
        self._log.close()

    def publish(self, title: str, text: str) -> Written:
        """Write a post; it stands in the feed at once."""
        made = self._rest("POST", "posts", {"title": title, "content": text, "status": "publish"})
        return Written(id=made["id"], link=made["link"])

    def edit(self, post: Written, **fields: str) -> None:
        """Change a post: ``title``, ``content``."""
        self._rest("POST", f"posts/{post.id}", fields)

    def delete(self, post: Written) -> None:
        """Take a post out for good."""
        self._rest("DELETE", f"posts/{post.id}&force=true")

    def clear(self) -> None:
        """Take everything out."""
        for post in self._rest("GET", "posts&per_page=100"):
            self.delete(Written(id=post["id"], link=post["link"]))

    def ask(self, address: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask an address of the blog as anybody would."""
        parts = urlsplit(address)
        answer = self._send("GET", f"{parts.path}?{parts.query}".rstrip("?"), headers or {})
        return Reply(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            body=answer.read().decode(),
        )

    def answers(self, path: str, count: int) -> list[int]:
        """The status of each GET of ``path`` so far, as soon as there are ``count``."""
        self._log.wait_for(lambda: len(self._log.asked.get(path, [])) >= count)
        return list(self._log.asked[path])

    @property
    def _environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PEER_URL": self.home}

    def _php(self, script: str) -> str:
        run = subprocess.run(
            [*_PHP, str(self.site / script)],
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def rest(
        self,
        method: str,
        route: str,
        fields: Mapping[str, Any] | None = None,
        as_user: str = "anna",
    ) -> tuple[int, Any]:
        """Ask the API; status and answer."""
        login = f"{as_user}:{self.passwords[as_user]}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(login).decode()}",
            "Content-Type": "application/json",
        }
        path = f"/?rest_route=/wp/v2/{route}"
        answer = self._send(method, path, headers, json.dumps(fields) if fields else None)
        return answer.status, json.loads(answer.read())

    def _rest(self, method: str, route: str, fields: Mapping[str, str] | None = None) -> Any:
        status, told = self.rest(method, route, fields)
        assert status in {200, 201}, (status, told)
        return told

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None = None
    ) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        connection.request(method, path, body, dict(headers) | {"Connection": "close"})
        return connection.getresponse()


_PHP = ("php", "-d", "sendmail_path=/bin/true", "-d", "display_errors=stderr")


@dataclass
class _Log:
    """What the server writes: that it is up, and how it answered."""

    started: bool = False
    asked: dict[str, list[int]] = field(default_factory=dict)
    _news: Condition = field(default_factory=Condition)
    _reader: Thread | None = None
    _stream: Any = None

    def read(self, stream: Any) -> None:
        self._stream = stream
        self._reader = Thread(target=self._read, name="wordpress", daemon=True)
        self._reader.start()

    def wait_for(self, what: Any) -> None:
        with self._news:
            assert self._news.wait_for(what, timeout=WAIT_S), "the blog is silent"

    def close(self) -> None:
        assert self._reader is not None
        self._reader.join()
        self._stream.close()

    def _read(self) -> None:
        for line in self._stream:
            asked = _ASKED.search(line)
            with self._news:
                self.started = self.started or "started" in line
                if asked and asked[2] == "GET":
                    self.asked.setdefault(asked[3], []).append(int(asked[1]))
                self._news.notify_all()


def _unpack(folder: Path, site: Path) -> None:
    for package in sorted(PARTS.glob("wordpress*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)
    assert (site / "wp-load.php").exists(), "run `make wordpress` first"
    content = site / "wp-content"
    _unpack_sqlite(content / "plugins/sqlite-database-integration", content / "db.php")
    (content / "mu-plugins").mkdir()
    (content / "database").mkdir()
    shutil.copy(SITE / "clock.php", content / "mu-plugins")
    for name in ("wp-config.php", "install.php"):
        shutil.copy(SITE / name, site)


def _unpack_sqlite(plugin: Path, drop_in: Path) -> None:
    with zipfile.ZipFile(BytesIO(_sqlite_zip())) as archive:
        archive.extractall(plugin.parent)
    (plugin.parent / "plugin-sqlite-database-integration").rename(plugin)
    text = (plugin / "db.copy").read_text(encoding="utf-8")
    text = text.replace("{SQLITE_IMPLEMENTATION_FOLDER_PATH}", str(plugin))
    drop_in.write_text(text.replace("{SQLITE_PLUGIN}", f"{plugin.name}/load.php"), encoding="utf-8")
    # It is newer than this WordPress, where the class above shows the same attribute to its heirs.
    driver = plugin / "wp-includes/sqlite/class-wp-sqlite-db.php"
    source, seen = re.subn(
        r"private (\$allow_unsafe_unquoted_parameters)",
        r"protected \1",
        driver.read_text(encoding="utf-8"),
    )
    assert seen == 1
    driver.write_text(source, encoding="utf-8")


def _sqlite_zip() -> bytes:
    """Out of the npm package, which must be the one that ``package-lock.json`` pins."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    pinned = lock["packages"][f"node_modules/{SQLITE}"]
    package = (PARTS / f"wp-playground-cli-{pinned['version']}.tgz").read_bytes()
    digest = base64.b64encode(hashlib.sha512(package).digest()).decode()
    assert pinned["integrity"] == f"sha512-{digest}", "not the package that is pinned"
    with tarfile.open(fileobj=BytesIO(package)) as archive:
        file = archive.extractfile("package/sqlite-database-integration.zip")
        assert file is not None
        return file.read()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
