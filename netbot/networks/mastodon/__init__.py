"""Mastodon: watched without an account, acted upon with a token, by the library Mastodon.py."""

from netbot.networks.mastodon.port import Mastodon

__all__ = ["Mastodon"]
