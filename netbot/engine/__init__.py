"""The three verbs: watch, decide, perform. Plain functions of store and time."""

from netbot.engine.decide import Approve, Hall, Intent, Skip, Snooze, Undo, decide
from netbot.engine.perform import confirm, decline, hand_off, perform, settle
from netbot.engine.propose import propose, take_up
from netbot.engine.queue import Queue, handed_off, queue
from netbot.engine.suggest import Desk
from netbot.engine.vanish import vanish
from netbot.engine.watch import Report, watch

__all__ = [
    "Approve",
    "Desk",
    "Hall",
    "Intent",
    "Queue",
    "Report",
    "Skip",
    "Snooze",
    "Undo",
    "confirm",
    "decide",
    "decline",
    "hand_off",
    "handed_off",
    "perform",
    "propose",
    "queue",
    "settle",
    "take_up",
    "vanish",
    "watch",
]
