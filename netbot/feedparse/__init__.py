"""Bytes into entries, in a child process that may die of them without harm to anybody."""

from netbot.feedparse.document import Document, Entry, FeedLink, Letter, MailLink, Permission
from netbot.feedparse.parser import Parser

__all__ = ["Document", "Entry", "FeedLink", "Letter", "MailLink", "Parser", "Permission"]
