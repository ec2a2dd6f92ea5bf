"""Whether the spheres are disjoint: no handle in two, no source in two unless both are meant."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from netbot.config.addresses import handle_key, source_key
from netbot.config.views import Name, SourceView, SphereView
from netbot.model import Problem
from netbot.yamlfile import did_you_mean

Key = tuple[str, str]


def check_wall(views: Sequence[SphereView]) -> Iterator[Problem]:
    """Errors between spheres, each at the later of two places."""
    yield from _check_handles(views)
    yield from _check_sources(views)
    spheres = [view.sphere for view in views]
    for view in views:
        for source in _sources(view):
            for name in source.also_in:
                yield from _check_also_in(view, name, spheres)


def _check_handles(views: Sequence[SphereView]) -> Iterator[Problem]:
    first: dict[Key, tuple[SphereView, Name]] = {}
    for view in views:
        for account in view.accounts:
            if not (account.network and account.handle):
                continue
            key = handle_key(account.network.text, account.handle.text)
            there, name = first.setdefault(key, (view, account.handle))
            if there is not view:
                yield view.problem(
                    account.handle,
                    f"the handle “{account.handle.text}” also stands in {there.where(name)}:"
                    " an account belongs to one sphere, take it out of the other",
                )


def _check_sources(views: Sequence[SphereView]) -> Iterator[Problem]:
    places: dict[Key, dict[str, tuple[SphereView, SourceView, Name]]] = defaultdict(dict)
    for view in views:
        for source in _sources(view):
            if source.address:
                key = source_key(source.network.text, source.address.text)
                places[key].setdefault(view.sphere, (view, source, source.address))
    for spheres in places.values():
        for (there, other, name), (view, source, address) in combinations(spheres.values(), 2):
            if not (_admits(other, view) or _admits(source, there)):
                yield view.problem(
                    address,
                    f"this source also stands in {there.where(name)}: if both spheres are to"
                    f" watch it, write {{network: {source.network.text}, address: …,"
                    f" also_in: [{there.sphere}]}}",
                )


def _admits(source: SourceView, view: SphereView) -> bool:
    return any(name.text == view.sphere for name in source.also_in)


def _check_also_in(view: SphereView, name: Name, spheres: Sequence[str]) -> Iterator[Problem]:
    others = [sphere for sphere in spheres if sphere != view.sphere]
    if name.text == view.sphere:
        yield view.problem(name, f"“{name.text}” is this sphere: name the other one")
    elif name.text not in others:
        hint = did_you_mean(name.text, others)
        yield view.problem(name, f"there is no sphere “{name.text}”.{hint}")


def _sources(view: SphereView) -> Iterator[SourceView]:
    for client in view.clients:
        yield from client.sources
