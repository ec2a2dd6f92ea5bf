"""Twenty secrets are planted, everything goes wrong, and then they are looked for everywhere."""

import base64
import io
import json
import logging
import random
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from netbot import app, clock, engine, log
from netbot.cli.main import run
from netbot.config import names
from netbot.daemon.worker import Worker
from netbot.model import Identity, NetworkError, Transient
from netbot.network import Network
from netbot.store import accounts, houses, sources
from tests.acting import MISHAPS, NETWORK, Gossip, gossip

#: What makes a secret hard to recognise once somebody has written it in another way.
TAILS = (
    "",
    "/with+slashes/and==",
    " two words apart",
    "&<tags>\"quoted\"'twice'",
    "-äöü-ßé-Ñ",
    "-\N{GRINNING FACE}-\u4e2d\u6587",
    "%2Fnot%20encoded%25",
    "\\back\\slashes\\n",
    "?token=inside&key=too#part",
    ".-_~" * 5,
    ":colons::and;semi;colons,",
    "{json: [1, 2]}",
    "$HOME`id`!|",
    "x" * 3000,
    "\ttab",
    "=" * 12,
    "@at@signs",
    "(a|b)*+?[c]^$",
)

SPHERES = ("professional", "private", "choir", "side-work")


def canaries() -> list[str]:
    """Twenty, none like another, each with a core that nobody else would write."""
    chance = random.Random(29)
    cores = [f"canary{chance.randrange(10**15):015d}" for _ in range(20)]
    odd = [core + tail for core, tail in zip(cores, TAILS, strict=False)]
    return [
        *odd,
        f"https://anna:{cores[-2]}@feeds.example/private.xml",
        f"Bearer {cores[-1]}",
    ]


def core(secret: str) -> str:
    start = secret.index("canary")
    return secret[start : start + 21]


def traces(secret: str) -> set[bytes]:
    """What gives a secret away: its core in the clear, and at each place inside base64."""
    raw = core(secret).encode()
    found = {raw, quote(core(secret)).encode(), quote(secret, safe="").encode(), secret.encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        found.add(text[(0, 2, 3)[shift] : (shift + len(raw)) * 8 // 6])
    return found


def leaks(secrets: list[str], *places: bytes) -> set[str]:
    return {
        f"{core(secret)} as {trace!r}"
        for secret in secrets
        for trace in traces(secret)
        for place in places
        if trace in place
    }


@pytest.fixture
def as_before() -> Iterator[None]:
    """Logging and the last words of crashes, as they were."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    root.handlers[:], root.level = kept[0], kept[1]
    sys.excepthook, threading.excepthook, sys.unraisablehook = kept[2:]
    logging.captureWarnings(capture=False)


@pytest.fixture
def server() -> Iterator[Gossip]:
    with gossip() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, server: Gossip) -> Path:
    """Four spheres with five accounts each; a secret for each, in one of three places."""
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    write(home, "netbot", {"rules": {"shipped": False}})
    for sphere in SPHERES:
        mine = []
        for name, secret in planted(sphere).items():
            handle = server.admit(name, secret, f"id-{name}")
            mine.append({"id": name, "network": NETWORK, "handle": handle})
            for file in files(sphere, name):
                path = home / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(secret, encoding="utf-8")
                path.chmod(0o600)
        write(home, sphere, {"accounts": mine})
    return home


def write(home: Path, name: str, content: object) -> None:
    (home / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


def planted(sphere: str) -> dict[str, str]:
    """The five secrets of a sphere, by account."""
    first = 5 * SPHERES.index(sphere)
    return {f"{sphere}-{n}": secret for n, secret in enumerate(canaries()[first : first + 5])}


def files(sphere: str, account: str) -> list[str]:
    """The account's file, for those whose secret does not stand in a variable."""
    number = int(account[-1])
    return [[], [names.file(sphere, account)], [f"elsewhere/{account}"]][number % 3]


def variables(sphere: str) -> dict[str, str]:
    """What stands in the environment of the sphere's processes."""
    found = {}
    for account, secret in planted(sphere).items():
        variable = names.variable(sphere, account)
        match int(account[-1]) % 3:
            case 0:
                found[variable] = secret
            case 2:
                [found[f"{variable}_FILE"]] = files(sphere, account)
    return found


def errand(home: Path, sphere: str, name: str) -> Any:
    run(["errand", name, "--home", str(home), "--sphere", sphere])


def go_through(sphere: app.Sphere, server: Gossip) -> None:
    """The flows in which a token is used, with every mishap; errors are kept as they would be."""
    worker = Worker(sphere)
    worker.watch()
    worker.perform()
    for mishap in MISHAPS:
        server.mishap = mishap
        for name, actor in sphere.actors.items():
            assert actor.access is not None
            try:
                actor.identify()
            except NetworkError as error:
                keep(sphere, name, error)
                log.error("asked in vain", cause=error, account=name, access=actor.access)
    server.mishap = ""
    for job in ("watch", "perform"):
        worker._tick(job, lambda _now: crash(sphere))


def crash(sphere: app.Sphere) -> str:
    held = [sphere.secrets.get(account.id) for account in sphere.house.accounts]
    raise RuntimeError(f"in the middle of {held}", *held)


def keep(sphere: app.Sphere, name: str, error: NetworkError) -> None:
    """As the engine writes down what went wrong with an account, a source or a job."""
    now = clock.now()
    with sphere.store.write() as tx:
        mine = sphere.house.account(name)
        assert mine is not None
        accounts.pin(tx, mine, Identity(platform_id="1", handle="x"), "", now)
        accounts.rest(tx, name, now, str(error))
        accounts.freeze(tx, name, now, str(error))
        sources.align(tx, [], now)
        houses.beat(tx, f"{name} {type(error).__name__}"[:40], now, ok=False, note=str(error))


@pytest.mark.usefixtures("as_before")
def test_no_planted_secret_turns_up_anywhere(home, server, capsys, monkeypatch):
    secrets, said = canaries(), io.StringIO()
    assert len(set(map(core, secrets))) == 20
    for sphere in SPHERES:
        with monkeypatch.context() as environ:
            for name, value in variables(sphere).items():
                environ.setenv(name, value)
            log.configure("debug", stream=said)
            with app.open_sphere(home, sphere, clock.now(), secrets=True) as opened:
                assert len(opened.actors) == 5
                go_through(opened, server)
            for mishap in ("", *MISHAPS):
                server.mishap = mishap
                errand(home, sphere, "account-check")
                errand(home, sphere, "perform")
                log.redact_crashes()
                sys.excepthook(ValueError, ValueError(*server.asked[-5:]), None)
    for sphere in SPHERES:
        for command in ("status", "account list"):
            run([*command.split(), "--home", str(home), "--sphere", sphere, "--json"])
    assert set(server.asked) == set(secrets)
    printed = "".join(capsys.readouterr())
    kept = [path.read_bytes() for path in (home / "data").rglob("*") if path.is_file()]
    assert len(kept) > 8
    assert leaks(secrets, said.getvalue().encode(), printed.encode(), *kept) == set()
    for expected in ("urllib3", "asked in vain", "in the middle of", "Traceback"):
        assert expected in said.getvalue()
    assert said.getvalue().count(log.MASK) > 400
    assert "is no token" in printed
    assert "ValueError: " in printed


def test_the_search_finds_what_leaks():
    [secret, *_] = canaries()
    for raw in (
        secret.encode(),
        b"x" + base64.b64encode(b"user:" + secret.encode()) + b"y",
        quote(f"a {secret}").encode(),
    ):
        assert leaks([secret], raw)
    assert not leaks([secret], b"nothing")


def test_an_error_of_a_source_is_masked_before_it_is_kept(home, monkeypatch):
    log.hide("a-secret-in-a-feed")
    write(home, "choir", {"clients": [{"id": "a", "name": "A", "sources": ["http://127.0.0.1/"]}]})
    error = Transient("a-secret-in-a-feed is nobody's")
    with app.open_sphere(home, "choir", clock.now(), fresh=True) as opened:

        class Deaf(Network):
            NETWORKS = ("web",)

            def fetch(self, source: Any, cursor: str) -> Any:
                raise error

        engine.watch(opened.store, {"web": Deaf()}, opened.desk, clock.now())
        with opened.store.read() as tx:
            [watched] = sources.everything(tx)
    assert watched.last_error == "*** is nobody's"
