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

_NUMBER = re.compile(r"\d+")

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

    Titles are compared; where they hold other numbers, they are two issues, not one story.
    """
    from rapidfuzz import fuzz

    for candidate in candidates:
        if abs(_when(post, now) - _when(candidate.post, candidate.first_seen_at)) > SAME_STORY:
            continue
        mine, theirs = _gist(post), _gist(candidate.post)
        telling = min(len(mine), len(theirs)) >= TELLING_TITLE
        same_issue = sorted(_NUMBER.findall(mine)) == sorted(_NUMBER.findall(theirs))
        if telling and same_issue and fuzz.token_sort_ratio(mine, theirs) >= ALIKE:
            return candidate.story
    return None


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
    return " ".join((post.title or post.text[:200]).casefold().split())
