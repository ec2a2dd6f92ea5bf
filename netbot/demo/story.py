"""The story that the demo tells: five invented clients, a band of friends, and their blogs.

The texts stand in ``blogs/``, one file a blog. What is told relative to now keeps its order and
its ids whenever it is told again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from netbot import yamlfile
from netbot.demo import pages, shapes
from netbot.model import ConfigError, require_utc

_FOLDER = Path(__file__).with_name("blogs")

#: What is served under one path: content type and body.
Document = tuple[str, bytes]

Kind = Literal[
    "everyday",  # worth reading, nothing more
    "good-news",  # something went well
    "milestone",  # a number to be proud of
    "award",  # others are proud of them
    "new-book",
    "job-ad",
    "spam",  # a giveaway
    "nonsense",  # bait for clicks
    "death",  # no moment for public words
    "against-values",  # refused by the sample values
    "near-miss",  # has the refused word and is its opposite
    "hesitate",  # worth a second thought
    "two-sources",  # the same story on two sites
    "private-trap",  # a client's name in a friend's words
]
_Text = Annotated[str, Field(min_length=1)]


class _Told(BaseModel):
    """One post as its file tells it; one that ``repeats`` another has no words of its own."""

    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    seen: Literal["seed", "new"]
    hours_ago: Annotated[float, Field(gt=0)]
    kind: Kind
    title: str = ""
    author: str = ""
    text: str = ""
    repeats: str | None = None


class _File(BaseModel):
    """One blog's file."""

    client: _Text
    sphere: Literal["professional", "private"]
    name: _Text
    tagline: _Text
    language: Literal["de", "en"]
    shape: shapes.Shape
    accent: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    posts: list[_Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One post of the story, dated."""

    blog: str  # id of the blog
    slug: str
    title: str
    author: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    passed: int  # 1: stood there before netbot looked; 2: came afterwards
    kind: Kind

    @property
    def path(self) -> str:
        """Where the post stands on the server."""
        return f"/{self.blog}/{self.slug}"


@cache
def blogs() -> Mapping[str, shapes.Blog]:
    """The blogs by id, which is also the first part of their paths."""
    return {name: _blog(name, file) for name, file in _files().items()}


def posts(now: datetime) -> tuple[Telling, ...]:
    """The whole story, newest first, dated relative to ``now``."""
    require_utc(now=now)
    told = [_date(blog, post, now) for blog, file in _files().items() for post in file.posts]
    return tuple(sorted(told, key=lambda post: post.published_at, reverse=True))


def documents(now: datetime, base_url: str, passed: int) -> Mapping[str, Document]:
    """Everything that the blogs serve after pass 1 or 2, by path: feeds, front pages, posts."""
    base_url = base_url.rstrip("/")
    shown = [post for post in posts(now) if post.passed <= passed]
    served: dict[str, Document] = {}
    for blog in blogs().values():
        entries = [_entry(post, base_url) for post in shown if post.blog == blog.id]
        served |= _serve(blog, entries, base_url)
    return served


def _serve(
    blog: shapes.Blog, entries: list[shapes.Entry], base_url: str
) -> Iterator[tuple[str, Document]]:
    yield blog.feed_path, shapes.feed(blog, entries, base_url)
    yield blog.path, pages.front(blog, entries, base_url)
    for entry in entries:
        yield entry.url.removeprefix(base_url), pages.post(blog, entry)


@cache
def _files() -> Mapping[str, _File]:
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.yaml"))}


def _read(path: Path) -> _File:
    file, problems = yamlfile.validate(yamlfile.load(path, name=path.name), _File)
    if file is None:
        raise ConfigError(*problems)
    return file


def _blog(id: str, file: _File) -> shapes.Blog:
    return shapes.Blog(
        id=id,
        client=file.client,
        sphere=file.sphere,
        name=file.name,
        tagline=file.tagline,
        language=file.language,
        shape=file.shape,
        accent=file.accent,
    )


def _date(blog: str, told: _Told, now: datetime) -> Telling:
    words = _find(told.repeats) if told.repeats else told
    return Telling(
        blog=blog,
        slug=told.slug,
        title=words.title,
        author=words.author,
        paragraphs=tuple(" ".join(part.split()) for part in words.text.strip().split("\n\n")),
        published_at=(now - timedelta(hours=told.hours_ago)).replace(microsecond=0),
        passed=1 if told.seen == "seed" else 2,
        kind=told.kind,
    )


def _find(place: str) -> _Told:
    """The post at ``blog/slug``."""
    blog, _, slug = place.partition("/")
    return next(told for told in _files()[blog].posts if told.slug == slug)


def _entry(post: Telling, base_url: str) -> shapes.Entry:
    return shapes.Entry(
        id=f"tag:{post.blog}.example,2026:{post.slug}",
        url=base_url + post.path,
        title=post.title,
        author=post.author,
        paragraphs=post.paragraphs,
        published_at=post.published_at,
    )
