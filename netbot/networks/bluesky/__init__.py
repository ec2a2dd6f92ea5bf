"""Bluesky: watched without an account, acted upon with an app password, by the library atproto."""

from netbot.networks.bluesky.port import Bluesky

__all__ = ["Bluesky"]
