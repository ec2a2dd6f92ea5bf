"""The morning mail and its notifications: what waits today, at the hour of the house.

No link in them decides anything.
"""

from netbot.digest.composing import compose
from netbot.digest.morning import send_due
from netbot.digest.notifying import notify, summarise
from netbot.digest.posting import NotSent, post

__all__ = ["NotSent", "compose", "notify", "post", "send_due", "summarise"]
