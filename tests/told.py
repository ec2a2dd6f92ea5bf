"""The demo's story, told without a network: posts as a network would bring them.

``tell`` fills a home with it, or with posts of a test's own.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from netbot import app, engine
from netbot.demo import home as demo_home
from netbot.demo import story
from netbot.model import Post, Source
from netbot.network import Batch, Network

#: The sources of a home filled by ``tell`` stand here; nothing ever asks for them.
BLOGS = "https://blogs.example"
NOW = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)


class Told(Network):
    """Shows each source the posts of the blog that its address names."""

    NETWORKS: ClassVar[tuple[str, ...]] = ("web",)

    def __init__(self, posts: Mapping[str, Iterable[Post]]) -> None:
        self.posts = posts

    def fetch(self, source: Source, cursor: str) -> Batch:
        blog = urlsplit(source.address).path.split("/")[1]
        return Batch(posts=tuple(self.posts.get(blog, ())), cursor=cursor)


def story_posts(now: datetime, passed: int) -> dict[str, list[Post]]:
    """The posts of the demo that can be seen after pass 1 or 2, by blog."""
    seen: dict[str, list[Post]] = {name: [] for name in story.blogs()}
    for told in story.posts(now):
        if told.passed <= passed:
            blog = story.blogs()[told.blog]
            seen[told.blog].append(
                post(
                    blog=told.blog,
                    slug=told.slug,
                    title=told.title,
                    text="\n\n".join(told.paragraphs),
                    language=blog.language,
                    at=told.published_at,
                )
            )
    return seen


def post(
    *, blog: str, slug: str, title: str, text: str, language: str | None, at: datetime
) -> Post:
    """A post on a site of its own."""
    url = f"https://{blog}.example/{slug}"
    return Post(
        network="web",
        url=url,
        title=title,
        text=text,
        keys=(f"url:{url}",),
        author="",
        language=language,
        published_at=at,
    )


def write_home(home: Path, language: str) -> None:
    """The configuration and values of the demo."""
    demo_home.write_home(home, BLOGS, language=language)


def show(home: Path, posts: Mapping[str, Iterable[Post]], now: datetime) -> None:
    """Let every sphere look at its sources."""
    for name in app.sphere_names(home):
        with app.open_sphere(home, name, now, fresh=True) as sphere:
            engine.watch(sphere.store, {"web": Told(posts)}, sphere.desk, now)


def tell(home: Path, language: str, now: datetime = NOW) -> None:
    """A home that has seen the demo's whole story: first what stood there, then what was new."""
    write_home(home, language)
    show(home, story_posts(now, 1), now - timedelta(hours=2))
    show(home, story_posts(now, 2), now - timedelta(minutes=30))
