"""X: watched and acted upon with the key of an account, by the library tweepy; each call costs."""

from netbot.networks.x.port import X

__all__ = ["X"]
