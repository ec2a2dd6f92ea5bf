"""The HTML of a mail: its visible words, its first headline and its links."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from netbot.feedparse.plain import absolute, to_line, to_text
from netbot.feedparse.pruning import prune
from netbot.feedparse.segments import celled

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_LONGEST = 1024**2
_UNSEEN = "script,style,title,template,noscript,svg,form,[hidden]"
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|$)"
    r"|max-height\s*:\s*0(?:px)?\s*(?:;|$)",
    re.IGNORECASE,
)
_LARGE = re.compile(r"font-size\s*:\s*(?:[2-6]\d(?:\.\d+)?px|1[5-9]pt|[2-4]\dpt)", re.IGNORECASE)
_HEADLINES = ("h1", "h2", "h3", "h4")
_BLOCKS = ("td", "th", "p", "div", "li", "center", "section", "table", "tr")
_LONGEST_FOOTER = 900  # characters of a block that is about the subscription
_ENOUGH_WORDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A link of a mail."""

    url: str
    words: str = ""  # its own
    around: str = ""  # of the block in which it stands
    is_headline: bool = False
    leaves: bool = False  # ends or changes the subscription


@dataclass(slots=True)
class Seen:
    """What there is to read."""

    text: str = ""
    headline: str = ""
    language: str | None = None
    anchors: list[Anchor] = field(default_factory=list)


def read_markup(source: str, *, leave: re.Pattern[str], online: re.Pattern[str]) -> Seen:
    """Read the HTML of a mail; blocks about the subscription and its display are no text."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(source[:_LONGEST])
    prune(tree.css(_UNSEEN))
    styled = (node for node in tree.css("[style]") if node.tag not in {"html", "body"})
    prune(each for each in styled if _HIDDEN.search(each.attributes.get("style") or ""))
    anchors = [_anchor(node, leave) for node in tree.css("a[href]")]
    headline = _headline(tree)
    prune(
        _block(node, _LONGEST_FOOTER)
        for node in tree.css("a[href]")
        if _is_about_itself(node, leave, online)
    )
    body = tree.body
    return Seen(
        text=to_text(celled(body.html or "")) if body else "",
        headline=headline,
        language=_language(tree),
        anchors=[each for each in anchors if each.url],
    )


def _anchor(node: "LexborNode", leave: re.Pattern[str]) -> Anchor:
    href, words = (node.attributes.get("href") or "").strip(), _words(node)
    around = _words(_block(node, 10_000, least=_ENOUGH_WORDS))
    return Anchor(
        url=absolute(href, ""),
        words=words,
        around=around,
        is_headline=bool(words) and _is_headline(node),
        leaves=bool(leave.search(words) or leave.search(href)),
    )


def _is_headline(node: "LexborNode") -> bool:
    """Whether a link stands in, or holds, a headline: by name, or by size as mails write it."""
    step: LexborNode | None = node
    for _ in range(4):
        if step is None or step.tag in {"td", "table", "body"}:
            break
        if step.tag in _HEADLINES or _LARGE.search(step.attributes.get("style") or ""):
            return True
        step = step.parent
    return bool(node.css_first("h1,h2,h3,h4"))


def _headline(tree: "LexborHTMLParser") -> str:
    found = tree.css_first("h1") or tree.css_first("h2")
    return to_line(found.html or "") if found else ""


def _is_about_itself(node: "LexborNode", leave: re.Pattern[str], online: re.Pattern[str]) -> bool:
    words, href = _words(node), node.attributes.get("href") or ""
    if leave.search(words) or leave.search(href):
        return True
    around = _words(_block(node, 300))
    return bool(online.search(words) or (len(around) < 300 and online.search(around)))


def _block(node: "LexborNode", longest: int, *, least: int = 0) -> "LexborNode":
    """The block around a link, not longer than that; with ``least`` the first that says so much."""
    block, step = node, node.parent
    while step is not None and step.tag not in {"body", "html"}:
        size = len(_words(step))
        if size > longest:
            break
        if step.tag in _BLOCKS:
            block = step
            if least and size >= least:
                break
            if not least and step.tag != "tr":
                break
        step = step.parent
    return block


def _words(node: "LexborNode") -> str:
    return " ".join(node.text(separator=" ").split())


def _language(tree: "LexborHTMLParser") -> str | None:
    root = tree.css_first("html")
    declared = (root.attributes.get("lang") or "") if root else ""
    return declared if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", declared) else None
