"""Changing and taking out single things in a YAML text that people write by hand.

Only the lines of what differs are touched: every other one stays as it is, with its comments and
spaces. The comments on top of what is taken out go with it. Whatever is found to read differently
afterwards than was wanted is not written.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from netbot.model import ConfigError
from netbot.yamlfile import Document, loads
from netbot.yamlfile.differing import Path, Step, differ, drop, put, same
from netbot.yamlfile.outline import Entry, Unclear, Value, outline
from netbot.yamlfile.patching import BOM, Patch, line_after, line_start, past_comments
from netbot.yamlfile.rendering import block, flow, pair


def change(text: str, path: Sequence[str | int], value: object, *, name: str) -> str:
    """``text`` with ``value`` at ``path``: keys, and indices of list entries, from the root.

    Of a list or mapping only what differs is touched. Missing keys are added, with the mappings on
    the way. New lists get a line for each value, new tuples stand in one. Raises ``ConfigError``,
    with the lines to write by hand where that cannot be done safely, and when there is no such
    entry to change.
    """
    bare = text.removeprefix(BOM)
    document = loads(bare, name=name)
    try:
        wanted = put(document.data, tuple(path), value)
    except LookupError:
        raise _nothing(document, path) from None
    by_hand = pair(str(path[-1]), value, 2) if isinstance(path[-1], str) else block(value, 2)
    advice = f"cannot be changed safely; write this yourself:\n{by_hand}"
    return text[: len(text) - len(bare)] + _rewrite(bare, document, wanted, path, advice)


def remove(text: str, path: Sequence[str | int], *, name: str) -> str:
    """``text`` without the key or list entry at ``path``, and without the comments on top of it.

    The last entry leaves an empty list or mapping behind. Raises ``ConfigError`` when nothing
    stands there, or when it cannot be taken out safely.
    """
    bare = text.removeprefix(BOM)
    document = loads(bare, name=name)
    try:
        wanted = drop(document.data, tuple(path))
    except LookupError:
        raise _nothing(document, path) from None
    advice = "cannot be taken out safely: do it yourself"
    return text[: len(text) - len(bare)] + _rewrite(bare, document, wanted, path, advice)


def entry_path(document: Document, section: str, id: str, *, key: str = "id") -> Path:
    """Where in the list ``section`` the entry stands whose ``key`` is ``id``.

    Raises ``ConfigError`` when there is none.
    """
    data = document.data if isinstance(document.data, dict) else {}
    entries = data.get(section)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and entry.get(key) == id:
            return section, index
    raise ConfigError(document.problem((section,), f"“{section}” has no entry with {key} {id}"))


def _nothing(document: Document, path: Sequence[str | int]) -> ConfigError:
    shown = ".".join(str(part) for part in path)
    return ConfigError(document.problem(path, f"there is no “{shown}” to change here"))


def _rewrite(
    text: str, document: Document, wanted: object, path: Sequence[str | int], advice: str
) -> str:
    """One difference after the other, until the text says what is wanted."""
    data = document.data
    while (step := differ({} if data is None else data, wanted)) is not None:
        try:
            text = next(_ways(text, step, step.take(data)))
        except (StopIteration, Unclear):
            key = next((part for part in reversed(path) if isinstance(part, str)), "")
            raise ConfigError(document.problem(path, f"“{key}” {advice}", key=True)) from None
        data = loads(text, name=document.name).data
    return text


def _ways(text: str, step: Step, aim: object) -> Iterator[str]:
    """The text after that step, the best looking first; only what reads as it must."""
    new_line = "\r\n" if "\r\n" in text else "\n"
    for patch in _patches(text, step):
        changed = patch.apply(text, new_line)
        with suppress(ConfigError):
            if same(loads(changed, name="").data or {}, aim or {}):
                yield changed


def _patches(text: str, step: Step) -> Iterator[Patch]:
    root = outline(text)
    if root is None:
        yield _first(text, step)
        return
    *way, key = step.path
    holder, inside = root, root.flow
    for part in way:
        holder = _entry(holder, part).value
        inside = inside or holder.flow
    if step.kind == "add":
        adding = _add_within if inside else _add_below
        yield from adding(text, holder, step)
    elif step.kind == "put":
        yield from _put(text, holder, _entry(holder, key), step.value, inside=inside)
    elif inside:
        yield from _drop_within(text, holder, _entry(holder, key))
    else:
        yield from _drop_lines(text, holder, _entry(holder, key), is_root=not way)


def _entry(holder: Value, key: str | int) -> Entry:
    found = next((each for each in holder.entries if each.key == key), None)
    if found is None:
        raise Unclear
    return found


def _first(text: str, step: Step) -> Patch:
    """Nothing but comments yet; ``...`` stays the end."""
    end = re.search(r"^\.\.\.(?=\s|\Z)", text, re.MULTILINE)
    at = end.start() if end else len(text)
    gap = "\n" if text[:at].strip() else ""
    return Patch(at, gap + pair(str(step.path[0]), step.value, 0))


def _add_within(_text: str, holder: Value, step: Step) -> Iterator[Patch]:
    """Between brackets."""
    key = step.path[-1]
    new = flow({key: step.value})[1:-1] if isinstance(key, str) else flow(step.value)
    if not holder.entries:
        yield Patch(holder.start + 1, new)
    elif isinstance(key, int) and key < len(holder.entries):
        yield Patch(holder.entries[key].start, f"{new}, ")
    else:
        yield Patch(holder.entries[-1].end, f", {new}")


def _add_below(text: str, holder: Value, step: Step) -> Iterator[Patch]:
    """In lines of its own, after the others and the comments that belong to them."""
    key, column = step.path[-1], holder.column
    if isinstance(key, str):
        lines, following = pair(key, step.value, column), None
    else:
        lines = block(step.value, column, gap=_gap(holder))
        following = holder.entries[key] if key < len(holder.entries) else None
    apart = _stand_apart(text, holder)
    if following is not None:
        yield Patch(_top(text, following.start, column), f"{lines}\n" if apart else lines)
        return
    lines = f"\n{lines}" if apart else lines
    here = line_after(text, holder.end)
    yield Patch(past_comments(text, here, max(column - 1, 0)), lines)
    yield Patch(here, lines)
    yield Patch(len(text), lines)


def _gap(holder: Value) -> int:
    """How far the entries of a list stand to the right of their dashes."""
    first = holder.entries[-1]
    return max(first.value.start - first.start, 2) if first.value.start > first.after else 2


def _stand_apart(text: str, holder: Value) -> bool:
    """Whether there are blank lines between the entries."""
    if len(holder.entries) < 2:
        return False
    top = _top(text, holder.entries[-1].start, holder.column)
    return top > 0 and not text[line_start(text, top - 1) : top].strip()


def _top(text: str, index: int, column: int) -> int:
    """Where the line at ``index`` begins, or the comments that stand right on top of it."""
    top = line_start(text, index)
    while top > 0:
        above = line_start(text, top - 1)
        if not text.startswith(" " * column + "#", above):
            break
        top = above
    return top


def _put(text: str, holder: Value, entry: Entry, value: object, *, inside: bool) -> Iterator[Patch]:
    old = entry.value
    if inside or not value or not isinstance(value, list | dict):
        yield from _put_inline(text, entry, flow(value, quote=old.style))
    elif isinstance(entry.key, int):
        lines = block(value, holder.column, gap=_gap(holder)).strip()
        yield Patch(old.end, lines, entry.start, old.end)
    else:
        lines = pair(entry.key, value, holder.column)
        start = entry.after
        if old.kind != "scalar" and not old.flow and "\n" in text[start : old.start]:
            start = line_start(text, old.start)  # what is said beside the key and below it stays
        here = line_after(text, max(old.end, start))
        end = old.end if text[old.end : here].strip() else here
        yield Patch(here, lines[lines.index("\n") + 1 :], start, end)


def _put_inline(text: str, entry: Entry, new: str) -> Iterator[Patch]:
    old = entry.value
    if old.start == old.end:
        yield Patch(entry.after, f" {new}")
    elif old.kind == "scalar" or old.flow or "\n" not in text[entry.after : old.start]:
        yield Patch(old.end, new, old.start, old.end)
    beside = text[entry.after : text.find("\n", entry.after)].rstrip()
    yield Patch(old.end, f" {new}{beside}", entry.after, old.end)


def _drop_within(text: str, holder: Value, entry: Entry) -> Iterator[Patch]:
    """Between brackets: with its line, where it has one to itself."""
    index = holder.entries.index(entry)
    last = index + 1 == len(holder.entries)
    start, end = line_start(text, entry.start), line_after(text, entry.end)
    alone = re.compile(r"[ \t]*,?[ \t]*(#[^\n]*)?\r?\n")
    if not text[start : entry.start].strip() and alone.fullmatch(text, entry.end, end):
        yield Patch(end, "", start, end)
    if not last:
        start, end = entry.start, holder.entries[index + 1].start
    elif index:
        start, end = holder.entries[index - 1].end, entry.end
    else:
        start, end = entry.start, entry.end
    yield Patch(end, "", start, end)


def _drop_lines(text: str, holder: Value, entry: Entry, *, is_root: bool) -> Iterator[Patch]:
    """With all its lines, the comments on top of it, and one of the blank lines around it."""
    index = holder.entries.index(entry)
    if text[line_start(text, entry.start) : entry.start].strip():
        yield from _drop_beside(text, holder, index)
        return
    start = _top(text, entry.start, holder.column)
    if is_root and not text[:start].strip():
        start = line_start(text, entry.start)  # the words at the top speak of the whole file
    below = line_after(text, entry.end)
    inside = re.compile(rf"(?:[ ]{{{holder.column + 1},}}#[^\n]*(?:\n|\Z))*").match(text, below)
    end = inside.end() if inside else below
    if _is_blank_before(text, start) and (end == len(text) or _blank_after(text, end)):
        above = line_start(text, start - 1)
        yield Patch(end, "", above, end)
    elif index == 0 and (blank := _blank_after(text, end)):
        yield Patch(blank, "", start, blank)
    yield Patch(end, "", start, end)


def _drop_beside(text: str, holder: Value, index: int) -> Iterator[Patch]:
    """It shares its line with a dash, such as the first key of an entry: the next one moves up."""
    entry = holder.entries[index]
    following = holder.entries[index + 1] if index + 1 < len(holder.entries) else None
    if following and not text[entry.end : following.start].strip():
        yield Patch(following.start, "", entry.start, following.start)
    yield Patch(entry.end, "", len(text[: entry.start].rstrip(" ")), entry.end)


def _is_blank_before(text: str, index: int) -> bool:
    return index > 0 and not text[line_start(text, index - 1) : index].strip()


def _blank_after(text: str, index: int) -> int:
    """Where a blank line at ``index`` ends; 0 when there is none."""
    blank = re.compile(r"[ \t]*\r?\n").match(text, index)
    return blank.end() if blank else 0
