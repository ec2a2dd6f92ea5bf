"""The morning mail: what waits today, at the hour of the house. No link in it decides anything."""

from netbot.digest.composing import compose
from netbot.digest.morning import send_due
from netbot.digest.posting import NotSent, post

__all__ = ["NotSent", "compose", "post", "send_due"]
