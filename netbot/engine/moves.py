"""Which sources of a client lead to one and the same place. Pure."""

from collections.abc import Iterable

from netbot.store.sources import Watched


def twin(watched: Watched, place: str, others: Iterable[Watched]) -> int | None:
    """The source that is watched at that place already, if another one of the client is.

    It is asked on behalf of both. Sources of two clients stay two: their posts belong to
    different people.
    """
    wanted = _spelled(place)
    for other in others:
        places = {_spelled(other.source.address), _spelled(other.place)} - {""}
        if _may_stand_in(other, watched) and wanted in places:
            return other.id
    return None


def _may_stand_in(other: Watched, watched: Watched) -> bool:
    same = other.source.client == watched.source.client and other.id != watched.id
    alive = other.configured and other.gone_at is None and other.merged_into is None
    return same and alive and other.source.network == watched.source.network


def _spelled(address: str) -> str:
    """One spelling for the same address; "" for none."""
    from netbot.feedparse.identity import canonical

    return canonical(address if "://" in address else f"https://{address}") if address else ""
