"""What belongs to each of several headlines of one kind."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MOST_SIBLINGS = 60
_CELL_END = re.compile(r"</t[dh]>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Segment:
    """A headline and the nodes that belong to it, the headline's own among them."""

    headline: "LexborNode"
    nodes: "tuple[LexborNode, ...]"

    @property
    def html(self) -> str:
        """All of it as markup; each cell of a table has a line of its own."""
        whole = "\n".join(node.html or "" for node in self.nodes)
        return celled(f"<table>{whole}</table>" if self.nodes[0].tag in {"tr", "td"} else whole)

    @property
    def anchor(self) -> str:
        """The name by which an address can point here."""
        for node in (self.headline, *self.nodes, *self.css("a[id],a[name]")):
            name = node.attributes.get("id") or ""
            if node.tag == "a":
                name = name or node.attributes.get("name") or ""
            if name:
                return name
        return ""

    def css(self, selector: str) -> "Iterator[LexborNode]":
        """The nodes in it that fit."""
        for node in self.nodes:
            yield from node.css(selector)

    def links(self) -> "list[LexborNode]":
        """Every link in it, and the one in which it stands as a whole."""
        around = _around(self.headline)
        inside = list(self.css("a[href]"))
        return [around, *inside] if around is not None else inside

    def is_of_headline(self, link: "LexborNode") -> bool:
        """Whether the headline is in that link, or the link in the headline."""
        around = _around(self.headline)
        if around is not None and around.mem_id == link.mem_id:
            return True
        return any(node.mem_id == link.mem_id for node in self.headline.css("a[href]"))


def celled(markup: str) -> str:
    """Markup whose cells do not run into each other when they become text."""
    return _CELL_END.sub(r"<br>\g<0>", markup)


def segments(headlines: "Sequence[LexborNode]") -> list[Segment]:
    """Each headline with its box, or with what follows it where several share one box."""
    counts = _counts(headlines)
    found = []
    for headline in headlines:
        box = _box(headline, counts)
        nodes = (box, *_following(box, counts)) if _is_flat(box) else (box,)
        found.append(Segment(headline, nodes))
    return found


def _counts(headlines: "Sequence[LexborNode]") -> dict[int, int]:
    """How many of the headlines each node on their ways holds."""
    counts: dict[int, int] = {}
    for headline in headlines:
        step: LexborNode | None = headline
        while step is not None:
            counts[step.mem_id] = counts.get(step.mem_id, 0) + 1
            step = step.parent
    return counts


def _box(headline: "LexborNode", counts: dict[int, int]) -> "LexborNode":
    """The largest node around a headline that holds no other one."""
    box = headline
    while (
        box.parent is not None
        and counts[box.parent.mem_id] == 1
        and box.parent.tag not in {"body", "html", "main"}
    ):
        box = box.parent
    return box


def _is_flat(box: "LexborNode") -> bool:
    """Whether its neighbours may belong to it: in such boxes headlines follow each other."""
    return box.tag not in {"article", "li", "tr", "td", "section"} and box.parent is not None


def _following(box: "LexborNode", counts: dict[int, int]) -> "Iterator[LexborNode]":
    """The neighbours up to the next headline, of this kind or of a higher one."""
    step, seen = box.next, 0
    while step is not None and step.mem_id not in counts and seen < _MOST_SIBLINGS:
        if _opens(step, box):
            return
        if step.is_element_node or step.is_text_node:
            yield step
        step, seen = step.next, seen + 1


def _opens(step: "LexborNode", box: "LexborNode") -> bool:
    """Whether something else begins here: a rule across the page, or a headline of some rank."""
    tags = ("h1", "h2", "h3", "h4", "h5", "h6")
    if step.tag in tags:
        return box.tag not in tags or (step.tag or "") <= (box.tag or "")
    return step.tag in {"footer", "nav"}


def _around(node: "LexborNode") -> "LexborNode | None":
    """The link in which a node stands."""
    step: LexborNode | None = node
    while step is not None:
        if step.tag == "a" and step.attributes.get("href"):
            return step
        step = step.parent
    return None
