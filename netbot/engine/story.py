"""Which posts are new, which are known ones that changed, and which tell the same story. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from netbot.model import Post, StoredPost
from netbot.store import texts
from netbot.store.posts import Known

#: Two posts further apart than this are two stories, however alike.
SAME_STORY = timedelta(days=7)

#: Titles shorter than this say too little to recognise a story by.
TELLING_TITLE = 16

#: A title so long is recognised within a text.
QUOTABLE_TITLE = 24

#: What is longer does not just pass something on.
LONGEST_SHORT = 1_000

#: So much of two texts is compared, and so much there must be to compare.
LONGEST_OPENING, TELLING_TEXT = 300, 80

_NUMBER = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)|\s[–—|-]\s|\n|https?://")
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)

#: How alike (0-100) two titles, or two untitled texts, must be.
ALIKE = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What a batch holds, beside what is known."""

    new: tuple[Post, ...]
    changed: tuple[tuple[Known, Post], ...]  # known posts that read differently now
    keys: Mapping[str, int]  # identities to learn: key -> id of a known post


def sort(shown: Sequence[Post], known: Mapping[str, Known]) -> Sorted:
    """Tell new posts from known ones by their identities, the strongest first.

    A post whose id changed but whose address or text is known is that known post. When two posts
    of a batch lead to the same known one, the stronger identity has it; the other is a copy and
    not new.
    """
    owners = _assign(shown, known)
    new, changed, keys = [], [], {}
    for place, post in enumerate(shown):
        owner = owners.get(place)
        if owner is None:
            if not any(key in known for key in post.keys):
                new.append(post)
            continue
        keys.update({key: owner.post_id for key in post.keys if key not in known})
        if _differs(owner, post):
            changed.append((owner, post))
    return Sorted(new=tuple(new), changed=tuple(changed), keys=keys)


def find(post: Post, now: datetime, candidates: Sequence[StoredPost]) -> int | None:
    """The story that a new post tells, if one of the client's other posts tells it too.

    Titles are compared, and texts; a short post tells the story to which its one link leads.
    Where titles hold other numbers, they are two issues, not one story.
    """
    for candidate in candidates:
        apart = abs(_when(post, now) - _when(candidate.post, candidate.first_seen_at))
        if apart <= SAME_STORY and _is_same(post, candidate.post):
            return candidate.story
    return None


def _is_same(mine: Post, theirs: Post) -> bool:
    return (
        _have_like_titles(mine, theirs)
        or _is_told_by(mine, theirs)
        or _is_told_by(theirs, mine)
        or _have_like_texts(mine, theirs)
        or bool(_only_link(mine) and _only_link(mine) == _only_link(theirs))
    )


def _have_like_titles(mine: Post, theirs: Post) -> bool:
    from rapidfuzz import fuzz

    one, other = _gist(mine), _gist(theirs)
    telling = min(len(one), len(other)) >= TELLING_TITLE
    same_issue = sorted(_NUMBER.findall(one)) == sorted(_NUMBER.findall(other))
    return telling and same_issue and fuzz.token_sort_ratio(one, other) >= ALIKE


def _is_told_by(story: Post, short: Post) -> bool:
    """Whether an untitled post passes the story on: by its link, or with its title."""
    from rapidfuzz import fuzz

    from netbot.feedparse.identity import canonical

    if short.title:
        return False
    if _only_link(short) and _only_link(short) == canonical(story.url):
        return True
    title, text = _flat(story.title or _opening(story.text)), _flat(short.text[:LONGEST_SHORT])
    if len(title) < QUOTABLE_TITLE or not set(_NUMBER.findall(title)) <= set(_NUMBER.findall(text)):
        return False
    return len(text) >= len(title) and fuzz.partial_ratio(title, text) >= ALIKE


def _have_like_texts(mine: Post, theirs: Post) -> bool:
    from rapidfuzz import fuzz

    one, other = (_flat(_URL.sub("", post.text)) for post in (mine, theirs))
    length = min(len(one), len(other), LONGEST_OPENING)
    if length < TELLING_TEXT:
        return False
    one, other = one[:length], other[:length]
    same_issue = sorted(_NUMBER.findall(one)) == sorted(_NUMBER.findall(other))
    return same_issue and fuzz.ratio(one, other) >= ALIKE


def _only_link(post: Post) -> str:
    """Where a short untitled post leads, in one spelling; "" when it leads to several or none."""
    from netbot.feedparse.identity import canonical

    if post.title or len(post.text) > LONGEST_SHORT:
        return ""
    found = {canonical(url.rstrip(".,;:!?)")) for url in _URL.findall(post.text)} - {""}
    return found.pop() if len(found) == 1 else ""


def _assign(shown: Sequence[Post], known: Mapping[str, Known]) -> dict[int, Known]:
    depth = max((len(post.keys) for post in shown), default=0)
    owners: dict[int, Known] = {}
    taken: set[int] = set()
    for rank in range(depth):
        for place, post in enumerate(shown):
            if place in owners or rank >= len(post.keys):
                continue
            owner = known.get(post.keys[rank])
            if owner is not None and owner.post_id not in taken:
                owners[place] = owner
                taken.add(owner.post_id)
    return owners


def _differs(owner: Known, post: Post) -> bool:
    return (owner.title_sha, owner.body_sha) != (
        texts.sha256(post.title),
        texts.sha256(post.text),
    )


def _when(post: Post, seen: datetime) -> datetime:
    return post.published_at or seen


def _gist(post: Post) -> str:
    return _flat(post.title or post.text[:200])


def _opening(text: str) -> str:
    """The first sentence of an untitled post, which serves as its headline."""
    return _SENTENCE_END.split(text.strip(), maxsplit=1)[0]


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
