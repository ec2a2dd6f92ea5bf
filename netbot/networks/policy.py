"""What each network lets one person do: the table in ``policy.yaml``."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, Field, RootModel

from netbot import yamlfile
from netbot.model import About, Channel, ConfigError, Verb
from netbot.network import NetworkPolicy

_FILE = Path(__file__).with_name("policy.yaml")
_Sentence = Annotated[str, Field(min_length=1)]


_Count = Annotated[int, Field(gt=0)]


class _PerClient(BaseModel):
    acts: _Count
    days: _Count


class _Entry(BaseModel):
    verbs: dict[Verb, Channel]
    link: Channel
    about: About = About.OWN
    text_limit: _Count | None
    summoned: dict[Verb, Channel] = {}
    quote: Channel | None = None
    caps: dict[Verb, _Count] = {}
    gap_s: Annotated[int, Field(ge=0)] = 0
    per_client: _PerClient | None = None
    undo: tuple[Verb, ...] = ()
    cost_usd: dict[Verb, Annotated[float, Field(ge=0)]] = {}
    why: _Sentence
    source: _Sentence
    checked_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class _Table(RootModel[dict[str, _Entry]]):
    """One entry a network."""


@cache
def load() -> Mapping[str, NetworkPolicy]:
    """The policies by network name, read once a process."""
    return read(_FILE)


def read(path: Path) -> Mapping[str, NetworkPolicy]:
    """The policies in one file; raises ``ConfigError`` with every problem in it."""
    table, problems = yamlfile.validate(yamlfile.load(path, name=path.name), _Table)
    if table is None:
        raise ConfigError(*problems)
    return MappingProxyType({name: _policy(name, entry) for name, entry in table.root.items()})


def _policy(name: str, entry: _Entry) -> NetworkPolicy:
    return NetworkPolicy(
        network=name,
        verbs=MappingProxyType(entry.verbs),
        link=entry.link,
        about=entry.about,
        text_limit=entry.text_limit,
        summoned=MappingProxyType(entry.summoned),
        quote=entry.quote,
        caps=MappingProxyType(entry.caps),
        gap_s=entry.gap_s,
        per_client=entry.per_client.acts if entry.per_client else None,
        per_client_days=entry.per_client.days if entry.per_client else 1,
        undo=entry.undo,
        cost_micros=MappingProxyType(
            {verb: round(usd * 1_000_000) for verb, usd in entry.cost_usd.items()}
        ),
        why=entry.why,
        source=entry.source,
        checked_on=entry.checked_on,
    )
