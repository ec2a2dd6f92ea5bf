"""From the files of a home to a configuration, or to every problem in them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from netbot import yamlfile
from netbot.config import names
from netbot.config.checks import CLOSED_NETWORKS, check_sphere, warn_sphere
from netbot.config.leaks import find_leaks
from netbot.config.shapes import (
    AccountPart,
    ClientPart,
    DigestPart,
    DiskPart,
    HandlePart,
    NetbotFile,
    QueuePart,
    RulesPart,
    SourcePart,
    SphereFile,
    WatchPart,
    WebPart,
)
from netbot.config.values import Config, Web
from netbot.config.views import SphereView, view_sphere
from netbot.config.wall import check_wall
from netbot.model import (
    Account,
    Client,
    ClientStatus,
    ConfigError,
    Digest,
    House,
    Problem,
    Source,
)

#: Words that stand for something else in commands, paths and addresses.
RESERVED = frozenset(
    {
        *("add", "api", "door", "feeds", "login", "logout", "set-up", "static"),
        *("queue", "watch", "web", "digest", "home", "config", "claims", "netbot"),
    }
)
#: Sources outside ``allow_hosts`` are never asked more often, in seconds.
POLITE_INTERVAL_S = 1800

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what is wrong with it."""

    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    views: list[SphereView] = field(default_factory=list)
    netbot: NetbotFile = field(default_factory=NetbotFile)
    spheres: dict[str, SphereFile] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)

    def read_netbot(self, path: Path) -> None:
        document = self._read(path)
        if document is None:
            return
        shape = self._shape(document, NetbotFile, None)
        self.netbot = shape or self.netbot
        watch = self.netbot.watch or WatchPart()
        if watch.min_interval_s < POLITE_INTERVAL_S and not watch.allow_hosts:
            message = f"below {POLITE_INTERVAL_S} s this holds for hosts in allow_hosts only"
            self.warnings.append(document.problem(("watch", "min_interval_s"), message))

    def read_sphere(self, path: Path, networks: Collection[str]) -> None:
        sphere = path.stem
        document = self._read(path)
        if document is None:
            return
        view = view_sphere(sphere, document)
        self.views.append(view)
        shape = self._shape(document, SphereFile, sphere)
        self.problems = _without_echoes(self.problems, check_sphere(view, networks))
        if shape is not None:
            self.spheres[sphere] = shape
            self.warnings += warn_sphere(view)

    def _read(self, path: Path) -> yamlfile.Document | None:
        name = f"config/{path.name}"
        try:
            document = yamlfile.load(path, name=name)
        except ConfigError as error:
            self.problems += error.problems
            return None
        self.files[name] = document.sha256
        return document

    def _shape(self, document: yamlfile.Document, model: type[M], sphere: str | None) -> M | None:
        shape, problems = yamlfile.validate(document, model)
        # a secret is told as such, not as an unknown key too
        self.problems += _without_echoes(list(find_leaks(document, sphere)), problems)
        return shape


def _without_echoes(told: list[Problem], more: Iterable[Problem]) -> list[Problem]:
    """Both together, but what stands where something has been told already is left out."""
    places = {_order(problem) for problem in told}
    return told + [problem for problem in more if _order(problem) not in places]


def load_home(home: Path, networks: Collection[str], environ: Mapping[str, str]) -> Config:
    """Every file of ``home/config`` as one configuration.

    Raises ``ConfigError`` with all problems of all files.
    """
    reading = _Reading()
    folder = home / "config"
    paths = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    spheres = []
    for path in (each for each in paths if _is_ours(each)):
        message = _misnamed(path)
        if message:
            reading.problems.append(_at_top(f"config/{path.name}", message))
        elif path.name == "netbot.yaml":
            reading.read_netbot(path)
        else:
            spheres.append(path)
    for path in spheres:
        reading.read_sphere(path, networks)
    if not spheres:
        message = "there is no sphere here, such as config/professional.yaml: run `netbot init`"
        reading.problems.append(_at_top("config", message))
    reading.problems += check_wall(reading.views)
    if reading.problems:
        raise ConfigError(*dict.fromkeys(sorted(reading.problems, key=_order)))
    return _config(reading, environ)


def _is_ours(path: Path) -> bool:
    return not path.name.startswith(".") and not path.stem.endswith(".example")


def _misnamed(path: Path) -> str | None:
    """What to do about a file's name, or None when it is fine."""
    if path.suffix != ".yaml":
        return f"rename it to {path.stem}.yaml"
    if path.stem == "netbot":
        return None
    if not names.is_sphere(path.stem):
        return "a sphere's name has small letters, digits and hyphens only: rename this file"
    if path.stem in RESERVED:
        return f"“{path.stem}” cannot be a sphere's name: rename this file"
    return None


def _at_top(file: str, message: str) -> Problem:
    return Problem(file=file, line=1, column=1, message=message)


def _order(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column


def _config(reading: _Reading, environ: Mapping[str, str]) -> Config:
    houses = {name: _house(name, reading.netbot, shape) for name, shape in reading.spheres.items()}
    return Config(
        houses=houses,
        web=_web(reading.netbot),
        files=reading.files,
        warnings=(*reading.warnings, *_strangers(houses, environ)),
    )


def _strangers(houses: Mapping[str, House], environ: Mapping[str, str]) -> Iterator[Problem]:
    """Secrets in the environment that no account will ever ask for."""
    known = {
        names.variable(house.sphere, name)
        for house in houses.values()
        for name in (*(account.id for account in house.accounts), *names.of_digest(house.digest))
    }
    for name in sorted(environ):
        if names.ANY_VARIABLE.fullmatch(name) and name.removesuffix("_FILE") not in known:
            yield _at_top("environment", f"{name} belongs to no account: check sphere and id in it")


def _house(sphere: str, netbot: NetbotFile, shape: SphereFile) -> House:
    queue, watch = netbot.queue or QueuePart(), netbot.watch or WatchPart()
    disk = netbot.disk or DiskPart()
    return House(
        sphere=sphere,
        language=netbot.language,
        time_zone=netbot.time_zone,
        daily_limit=queue.daily_limit,
        undo_window_s=queue.undo_window_s,
        **({"opens_at": shape.digest.at} if shape.digest else {}),
        quiet_hours=(quiet.start, quiet.end) if (quiet := queue.quiet_hours) else None,
        peace_days=queue.peace_days,
        min_interval_s=watch.min_interval_s,
        allow_hosts=watch.allow_hosts or (),
        watch_free_mb=disk.watch_free_mb,
        act_free_mb=disk.act_free_mb,
        shipped_rules=(netbot.rules or RulesPart()).shipped,
        digest=_digest(shape.digest, netbot),
        keys=_keys(netbot),
        accounts=tuple(_account(part) for part in shape.accounts or ()),
        clients=tuple(_client(part) for part in shape.clients or ()),
    )


def _web(netbot: NetbotFile) -> Web:
    web = netbot.web or WebPart()
    return Web(host=web.host, port=web.port, base_url=web.base_url)


def _keys(netbot: NetbotFile) -> dict[str, str] | None:
    keys = (netbot.web or WebPart()).keys
    if isinstance(keys, bool):
        return {} if keys else None
    return keys.own


def _digest(part: DigestPart | None, netbot: NetbotFile) -> Digest | None:
    if part is None:
        return None
    sender = part.sender or part.to
    web = _web(netbot)
    return Digest(
        to=part.to,
        sender=sender,
        server=part.server,
        user=part.user,
        notify=part.notify or (),
        front=web.front,
        opens_elsewhere=web.base_url is not None,
    )


def _account(part: AccountPart) -> Account:
    account = Account(
        id=part.id,
        network=part.network,
        handle=part.handle,
        server=part.server,
        opener=part.opener,
    )
    if part.budget_usd is None:
        return account
    return replace(account, budget_micros=round(part.budget_usd * 1_000_000))


def _client(part: ClientPart) -> Client:
    return Client(
        id=part.id,
        name=part.name,
        language=part.language,
        tags=part.tags or (),
        cadence_days=part.cadence_days,
        accounts=part.accounts or (),
        verbs=part.verbs or (),
        sources=tuple(_source(part, each) for each in part.sources or ()),
        handles=tuple(_handle(part.id, each) for each in part.handles or ()),
        since=None if part.since is None else str(part.since),
        status=part.status or ClientStatus.ACTIVE,
    )


def _handle(client: str, part: str | HandlePart) -> Source:
    if isinstance(part, str):
        return Source(client=client, network="web", address=part)
    return Source(client=client, network=part.network, address=part.handle)


def _source(client: ClientPart, part: str | SourcePart) -> Source:
    if isinstance(part, str):
        return Source(client=client.id, network="web", address=part)
    by_hand = client.look_in_days if part.network in CLOSED_NETWORKS else None
    address = part.address
    if part.network == "mailbox" and address.strip().lower() in CLOSED_NETWORKS:
        address = f"{address.strip().lower()}: {client.name}"  # mails that name the client
    return Source(
        client=client.id,
        network=part.network,
        address=address,
        look_in_days=part.look_in_days or by_hand,
    )
