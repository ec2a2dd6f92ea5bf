"""Which networks there are: found by looking into ``netbot.networks``, with nothing to register."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from netbot.network import Guide, Network, NetworkPolicy


def load_policy() -> Mapping[str, NetworkPolicy]:
    """What each network allows, by network name."""
    from netbot.networks import policy

    return policy.load()


def acting_networks() -> Mapping[str, type[Network]]:
    """Who performs anything, by network name."""
    return {name: kind for kind in all_kinds() if kind.VERBS for name in kind.NETWORKS}


def watching_networks() -> Mapping[str, type[Network]]:
    """Who looks at sources, by network name."""
    watchers = (kind for kind in all_kinds() if kind.fetch is not Network.fetch)
    return {name: kind for kind in watchers for name in kind.NETWORKS}


def keyed_networks() -> Mapping[str, type[Network]]:
    """Who can do more with the secret of an account than without, by network name."""
    keyed = (kind for kind in all_kinds() if kind.VERBS or kind.WATCHES_BY_ACCOUNT)
    return {name: kind for kind in keyed for name in kind.NETWORKS}


def guide_to(network: str) -> Guide:
    """How the human lets netbot in on that network."""
    kind = keyed_networks().get(network)
    return kind.ASKS if kind else Guide()


def grants_by_code(network: str) -> bool:
    """Whether that network hands out secrets against a code."""
    kind = acting_networks().get(network)
    return kind is not None and kind.authorise is not Network.authorise


@cache
def all_kinds() -> tuple[type[Network], ...]:
    """Every network's class, as it lies among the networks."""
    from netbot import networks

    found: dict[type[Network], None] = {}
    for part in pkgutil.iter_modules(networks.__path__, f"{networks.__name__}."):
        for kind in vars(importlib.import_module(part.name)).values():
            if isinstance(kind, type) and issubclass(kind, Network) and kind is not Network:
                found[kind] = None
    return tuple(found)
