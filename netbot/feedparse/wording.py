"""Whether two texts say the same: one as it was written, one as a network shows it."""

import html
import re
import unicodedata

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_MARKS = re.compile(r"[\W_]+")
_MENTION = re.compile(r"@(\w[\w.-]*)@[\w.-]+(?::\d+)?")


def folded(text: str) -> str:
    """Letters and digits without links and servers; of a text without any, what it has.

    Networks wrap and shorten links, hide the server in mentions, trim blanks and escape marks.
    """
    bare = _MENTION.sub(r"@\1", _LINK.sub("", unescaped(text)))
    bare = unicodedata.normalize("NFC", "".join(bare.split()))
    return _MARKS.sub("", bare) or bare


def unescaped(text: str) -> str:
    """Without any layer of escaping."""
    for _ in range(3):
        text = html.unescape(text)
    return text
