"""Text as Mastodon shows it: what somebody typed, as HTML."""

import html
import re
from collections.abc import Callable, Sequence

_TOKEN = re.compile(
    r"(?P<link>https?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?<![\w/])@(?P<user>\w+)(?:@(?P<host>[\w.-]+\w(?::\d+)?))?"
    r"|(?<![\w&/])#(?P<tag>\w*[^\W\d]\w*)"
)
_SHOWN = 30  # characters of a link that are not hidden


def to_html(text: str, base: str, mentions: Callable[[str, str], str | None]) -> str:
    """Paragraphs, breaks, links, mentions and hashtags, as in ``status.content``.

    ``mentions(user, host)`` is the address of a person's page, or None for a stranger.
    """

    def mark(match: re.Match[str]) -> str:
        if match["link"]:
            return _link(match["link"])
        if match["tag"]:
            return _hashtag(match["tag"], base)
        page = mentions(match["user"], match["host"] or "")
        return _mention(match["user"], page) if page else html.escape(match[0])

    paragraphs = re.split(r"\n{2,}", text.strip().replace("\r\n", "\n"))
    return "".join(f"<p>{_marked(each, mark)}</p>" for each in paragraphs)


def names(text: str) -> Sequence[tuple[str, str]]:
    """Whom a text mentions, as (user, host); the host is "" on the writer's own server."""
    found = [(match["user"], match["host"] or "") for match in _TOKEN.finditer(text)]
    return [(user, host) for user, host in dict.fromkeys(found) if user]


def tags(text: str) -> Sequence[str]:
    """The hashtags of a text, in small letters."""
    return [match["tag"].lower() for match in _TOKEN.finditer(text) if match["tag"]]


def _marked(paragraph: str, mark: Callable[[re.Match[str]], str]) -> str:
    parts, end = [], 0
    for match in _TOKEN.finditer(paragraph):
        parts += [html.escape(paragraph[end : match.start()]), mark(match)]
        end = match.end()
    return "".join([*parts, html.escape(paragraph[end:])]).replace("\n", "<br />")


def _link(url: str) -> str:
    scheme, _, rest = url.partition("://")
    shown, hidden = rest[:_SHOWN], rest[_SHOWN:]
    kind = "ellipsis" if hidden else ""
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span>'
        f'<span class="{kind}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )


def _mention(user: str, page: str) -> str:
    return (
        f'<span class="h-card" translate="no"><a href="{html.escape(page)}" class="u-url mention">'
        f"@<span>{html.escape(user)}</span></a></span>"
    )


def _hashtag(tag: str, base: str) -> str:
    return (
        f'<a href="{base}/tags/{html.escape(tag.lower())}" class="mention hashtag" rel="tag">'
        f"#<span>{html.escape(tag)}</span></a>"
    )


def counted(text: str) -> str:
    """The text as its length is counted: every link 23, a mention without its server."""
    return _TOKEN.sub(_counted, text)


def _counted(match: re.Match[str]) -> str:
    if match["link"]:
        return "x" * 23
    return f"@{match['user']}" if match["user"] else match[0]
