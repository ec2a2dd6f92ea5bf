"""The Model Context Protocol: a language model reads one sphere and proposes; it never decides."""

from netbot.mcp.server import serve

__all__ = ["serve"]
