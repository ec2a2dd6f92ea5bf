"""Reddit: read as feeds without a key; with one, watched and acted upon by the library praw."""

from netbot.networks.reddit.port import Reddit

__all__ = ["Reddit"]
