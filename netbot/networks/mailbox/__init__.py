"""Newsletters and notification mails as posts: from an IMAP folder, and from dropped files."""

from netbot.networks.mailbox.port import Mailbox

__all__ = ["Mailbox"]
