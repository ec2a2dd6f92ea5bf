"""The three verbs: watch, decide, perform. Plain functions of store and time."""

from netbot.engine.accounts import AccountProblem, frozen_accounts, vouch, with_pins
from netbot.engine.choices import voices
from netbot.engine.contact import contact, last_contact, note_contact, undo_contact
from netbot.engine.decide import (
    Approve,
    FalseAlarm,
    Hall,
    Intent,
    Skip,
    Snooze,
    Undo,
    decide,
    release,
)
from netbot.engine.find import Found, find
from netbot.engine.health import (
    Condition,
    ProblemKind,
    SourceHealth,
    SourceProblem,
    check_up,
    problems,
)
from netbot.engine.hear import Heard, deaf_accounts, hear
from netbot.engine.latest import Latest, latest, trace
from netbot.engine.morning import open_day
from netbot.engine.oops import HELPS, Help, Remedy, correct, remedy
from netbot.engine.peace import (
    end_peace,
    hold_of,
    leave_in_peace,
    left_in_peace,
    quiet_now,
)
from netbot.engine.perform import confirm, decline, hand_off, perform, settle
from netbot.engine.propose import owners, propose, propose_address, take_up
from netbot.engine.purse import AccountPurse, dollars, spent
from netbot.engine.quarantine import settle_source
from netbot.engine.queue import (
    KEPT,
    Queue,
    done_by_hand,
    handed_off,
    held,
    outbox,
    put_off,
    queue,
    sent,
    troubles,
)
from netbot.engine.sending import Actors, Dispatch, recover, send
from netbot.engine.suggest import Desk
from netbot.engine.taste import PART, explain_order, learn_order, see, taste
from netbot.engine.thanks import thank
from netbot.engine.vanish import vanish
from netbot.engine.watch import Report, follow_clock, watch

__all__ = [
    "HELPS",
    "KEPT",
    "PART",
    "AccountProblem",
    "AccountPurse",
    "Actors",
    "Approve",
    "Condition",
    "Desk",
    "Dispatch",
    "FalseAlarm",
    "Found",
    "Hall",
    "Heard",
    "Help",
    "Intent",
    "Latest",
    "ProblemKind",
    "Queue",
    "Remedy",
    "Report",
    "Skip",
    "Snooze",
    "SourceHealth",
    "SourceProblem",
    "Undo",
    "check_up",
    "confirm",
    "contact",
    "correct",
    "deaf_accounts",
    "decide",
    "decline",
    "dollars",
    "done_by_hand",
    "end_peace",
    "explain_order",
    "find",
    "follow_clock",
    "frozen_accounts",
    "hand_off",
    "handed_off",
    "hear",
    "held",
    "hold_of",
    "last_contact",
    "latest",
    "learn_order",
    "leave_in_peace",
    "left_in_peace",
    "note_contact",
    "open_day",
    "outbox",
    "owners",
    "perform",
    "problems",
    "propose",
    "propose_address",
    "put_off",
    "queue",
    "quiet_now",
    "recover",
    "release",
    "remedy",
    "see",
    "send",
    "sent",
    "settle",
    "settle_source",
    "spent",
    "take_up",
    "taste",
    "thank",
    "trace",
    "troubles",
    "undo_contact",
    "vanish",
    "voices",
    "vouch",
    "watch",
    "with_pins",
]
