"""Taking nodes out of a page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode


def prune(nodes: "Iterable[LexborNode]") -> None:
    """Take these out, each with all that it holds.

    One that another of them holds goes with that one: the library frees it then, and must not be
    asked for it again.
    """
    doomed = {node.mem_id: node for node in nodes}
    roots = [node for node in doomed.values() if not _is_held(node, doomed)]
    for node in roots:
        node.decompose()


def _is_held(node: "LexborNode", doomed: "dict[int, LexborNode]") -> bool:
    step = node.parent
    while step is not None:
        if step.mem_id in doomed:
            return True
        step = step.parent
    return False
