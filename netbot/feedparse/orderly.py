"""HTML that is in order, into text without a parser: most of what editors write is.

Everything that a browser would rearrange, repair or hide is left to the cleaner.
"""

import re

from netbot.feedparse.letters import is_visible

#: What opens and closes a paragraph, and what a line; the tables and lists of terms of the
#: cleaner's are missing here, because browsers move what stands in them.
_PARAGRAPHS = ("blockquote", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "ul")
_LINES = ("article", "div", "figcaption", "hr", "li", "section")
_WORDS = (
    *("a", "abbr", "b", "cite", "code", "del", "em", "i", "img", "ins", "mark", "q", "s", "small"),
    *("span", "strong", "sub", "sup", "time", "u"),
)
# What stands for marks until the white space is mended: visible, and in hardly any text.
_PARAGRAPH, _LINE, _BREAK = "␌", "␊", "␋"
_STANDS_FOR = (
    dict.fromkeys(_WORDS, "")
    | dict.fromkeys(_LINES, _LINE)
    | dict.fromkeys(_PARAGRAPHS, _PARAGRAPH)
)
_EMPTY = frozenset(("br", "hr", "img"))
# In these a block would end them.
_FLAT = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre"))
_BLOCKS = frozenset((*_PARAGRAPHS, *_LINES))
_DEEPEST = 50

_SIGNS = {name: sign for each, sign in _STANDS_FOR.items() for name in (each, f"/{each}")} | {
    "br": _BREAK
}
# In the values of attributes neither "<" nor ">", so there is no doubt about where a mark ends.
_TAG = re.compile(
    r"<(/?[a-z][a-z0-9]{0,9})(?:[ \n/][^<>\"'=]*+(?:=(?:\"[^\"<>]*+\"|'[^'<>]*+')[^<>\"'=]*+)*+)?>"
)
_ODD = ("<", "\ufeff", _PARAGRAPH, _LINE, _BREAK)
# Characters by name or number about which browsers and Python agree, and no white space.
_ODD_ENTITY = re.compile(
    r"&(?!(?:amp|lt|gt|quot|nbsp|[aouAOU]uml|szlig|[aeiou](?:acute|grave|circ)|ccedil|[mn]dash"
    r"|hellip|[lr][ds]quo|[bs]bquo|bdquo|[lr]aquo|euro|copy|reg|trade|middot|bull"
    r"|#(?:0?3[489]|1[6-9]\d|[2-9]\d\d|[1-4]\d{3}|820[3-9]|82[12]\d|8230|8[3-9]\d\d));)"
)


def breaks(source: str) -> str | None:
    """Marks of orderly HTML as breaks: form feeds for paragraphs, line feeds for lines.

    Entities stay as they are, among them "&nbsp;"; there is no other white space left but single
    spaces. None when the cleaner should look at it.
    """
    parts = _TAG.split(source)
    names = parts[1::2]
    if not _SIGNS.keys() >= set(names) or not _are_nested(names):
        return None
    words = "\n".join(parts[::2])  # apart, lest two pieces become an entity
    if any(odd in words for odd in _ODD) or ("&" in words and _ODD_ENTITY.search(words)):
        return None
    parts[1::2] = map(_SIGNS.__getitem__, names)
    text = "".join(parts).replace("\n", " ")
    if not is_visible(text):
        return None
    if "  " in text:
        text = " ".join(text.split())
    if _BREAK in text:  # two of them make a paragraph
        text = text.replace(f"{_BREAK} {_BREAK}", "\f").replace(_BREAK * 2, "\f")
    return text.replace(_BREAK, "\n").replace(_LINE, "\n").replace(_PARAGRAPH, "\f")


def _are_nested(names: list[str]) -> bool:
    """Whether a browser would leave every mark where it stands; some may stay open at the end."""
    path: list[str] = []
    flat = 0  # of the path, those in which no block may stand
    for name in names:
        if name[0] == "/":
            if not path or path.pop() != name[1:]:
                return False
            flat -= name[1:] in _FLAT
            continue
        if (flat and name in _BLOCKS) or (name == "li" and path[-1:] not in (["ul"], ["ol"])):
            return False
        if name in _EMPTY:
            continue
        if (name == "a" and "a" in path) or len(path) == _DEEPEST:
            return False
        path.append(name)
        flat += name in _FLAT
    return True
