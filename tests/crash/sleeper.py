"""A process that is stopped at one crash point: ``python -m tests.crash.sleeper DB PORT POINT``.

It does one round, in which an act may leave only within ``WITHIN_S`` of its note.
"""

import os
import signal
import sys
from functools import partial

from netbot import engine
from netbot.store import Store
from tests.crash.lives import strike_at
from tests.crash.plans import HOUSE, POLICY, SPHERE, STUDIO
from tests.house import NOON, hours
from tests.plaza import plaza

WITHIN_S = 0.5


def main(file: str, port: str, point: str) -> None:
    """One round, as far as it gets."""
    hall = engine.Hall(house=HOUSE, policy=POLICY, handoffs={})
    actor = plaza(STUDIO, port=int(port), town="here")
    actor.identify()
    strike_at(point, 1, partial(os.kill, os.getpid(), signal.SIGSTOP))
    with Store(f"sqlite:///{file}", SPHERE) as store, store.alone("executor", wait=False):
        engine.send(store, hall, {STUDIO.id: actor}, NOON + hours(1), within_s=WITHIN_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
