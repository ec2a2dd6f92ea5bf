"""Wiring: opens ONE sphere of a home and gives its floors to each other."""

from netbot.app.finding import network_of, owners, propose, resolve
from netbot.app.homes import (
    data_folder,
    example_values,
    fingerprint,
    has_rules,
    load_rules,
    pause,
    paused,
    read_config,
    require_sphere,
    resume,
    sphere_names,
    sphere_of,
)
from netbot.app.networks import (
    acting_networks,
    grants_by_code,
    guide_to,
    keyed_networks,
    load_policy,
    watching_networks,
)
from netbot.app.never import Never, never
from netbot.app.sphere import (
    Sphere,
    open_sphere,
    remember,
)

__all__ = [
    "Never",
    "Sphere",
    "acting_networks",
    "data_folder",
    "example_values",
    "fingerprint",
    "grants_by_code",
    "guide_to",
    "has_rules",
    "keyed_networks",
    "load_policy",
    "load_rules",
    "network_of",
    "never",
    "open_sphere",
    "owners",
    "pause",
    "paused",
    "propose",
    "read_config",
    "remember",
    "require_sphere",
    "resolve",
    "resume",
    "sphere_names",
    "sphere_of",
    "watching_networks",
]
