"""What was found at an address, until the form that shows it comes back."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from netbot.model import Source
from netbot.network import Batch

#: How many are kept at a time; each may be as large as a feed.
KEPT = 8

#: For how long; afterwards the place is looked at anew, as any source that is due.
FRESH = timedelta(hours=1)

Place = tuple[str, str, str]  # sphere, network, address


@dataclass(frozen=True, slots=True, kw_only=True)
class _Find:
    place: Place
    batch: Batch
    at: datetime


class Finds:
    """Batches by a name that only the form knows; nothing is lost when they are forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Find] = OrderedDict()
        self._lock = Lock()

    def keep(self, sphere: str, source: Source, batch: Batch | None, now: datetime) -> str:
        """Keep what a place showed; "" when it showed nothing."""
        if batch is None:
            return ""
        name = secrets.token_urlsafe(12)
        place = sphere, source.network, source.address
        with self._lock:
            self._kept[name] = _Find(place=place, batch=batch, at=now)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return name

    def get(self, name: str, sphere: str, source: Source, now: datetime) -> Batch | None:
        """What that very place of that sphere showed lately."""
        with self._lock:
            find = self._kept.get(name)
        if find is None or find.place != (sphere, source.network, source.address):
            return None
        return find.batch if now - find.at < FRESH else None
