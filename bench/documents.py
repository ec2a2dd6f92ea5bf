"""Feeds to be read: the shapes of our samples, with other posts in them, the same for one seed.

The gate of the fast path was built on the samples as they are, so it knows these shapes; it has
never seen these documents. Half of the shapes were written when the gate stood.
"""

import html
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

UNIT = Path(__file__).parents[1] / "tests" / "unit"
#: What was built by hand to be broken, or is JSON, which feedparser does not read.
ODD = ("ill-formed.xml", "php-warning.xml", "utf16.xml")
FOLDERS = (UNIT / "feeds", UNIT / "parity" / "unseen")

_POST = re.compile(r"<(?:item|entry)[ >].*?</(?:item|entry)>", re.DOTALL)
_ID = re.compile(r"(<(?:guid|id)\b[^>]*>\s*(?:<!\[CDATA\[)?[^<\]]+|\brdf:about=\"[^\"]+)")
_LINK = re.compile(r"(<link\b[^>]*?\bhref=[\"'][^\"'?#]+|<link>\s*(?:<!\[CDATA\[)?[^<\]?#]+)")
_TITLE = re.compile(r"(<title\b[^>]*>)(.*?)(?=</title>)", re.DOTALL)
_BODY = re.compile(
    r"(<(description|content:encoded|summary|content)\b[^>]*>)(.*?)(?=</\2>)", re.DOTALL
)
_MAIL_DATE = re.compile(r"(<pubDate>)[^<]+")
_ISO_DATE = re.compile(r"(<(?:dc:)?(?:published|updated|modified|issued|created|date)>)[^<]+")
_WORD = re.compile(r"[A-Za-zÄÖÜäöüß]{3,}")
_MARK = "posts stand here"

_NEWEST = datetime(2026, 11, 20, 9, tzinfo=UTC)
_MOST_POSTS = 60
# Characters of a body; the mean is that of feeds in the wild which carry whole posts.
_SHORTEST, _LONGEST = 120, 36_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one program writes its feeds."""

    name: str
    frame: str  # everything but the posts
    posts: Sequence[str]
    encoding: str


def shapes() -> list[Shape]:
    """Every sample that is XML, by name."""
    files = [path for folder in FOLDERS for path in sorted(folder.iterdir())]
    xml = [path for path in files if path.suffix not in (".yaml", ".json")]
    return [_shape(path) for path in xml if path.name not in ODD]


def documents(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """``count`` feeds with the names of their shapes; each shape comes as often as any other."""
    known = shapes()
    words = sorted(
        {word for shape in known for post in shape.posts for word in _WORD.findall(post)}
    )
    for number in range(count):
        shape = known[number % len(known)]
        chance = random.Random(f"{seed}-{number}")
        yield shape.name, _document(shape, _Writer(chance, words), chance)


def _shape(path: Path) -> Shape:
    body = path.read_bytes()
    encoding = "utf-8"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = body.decode(encoding)
    posts = _POST.findall(text)
    first, last = text.index(posts[0]), text.rindex(posts[-1]) + len(posts[-1])
    frame = f"{text[:first]}{_MARK}{text[last:]}"
    return Shape(name=path.name, frame=frame, posts=posts, encoding=encoding)


def _document(shape: Shape, writer: "_Writer", chance: random.Random) -> bytes:
    count = chance.randint(1, _MOST_POSTS)
    posts = [_post(chance.choice(shape.posts), writer, number) for number in range(count)]
    return shape.frame.replace(_MARK, "\n".join(posts)).encode(shape.encoding, "replace")


def _post(pattern: str, writer: "_Writer", number: int) -> str:
    """Another post of the same make."""
    date = _NEWEST - timedelta(hours=7 * number, seconds=writer.chance.randint(0, 9999))
    slug = f"-{number}-{writer.chance.randint(0, 10**6)}"
    post = _ID.sub(rf"\g<1>{slug}", pattern)
    post = _LINK.sub(rf"\g<1>{slug}", post)
    post = _TITLE.sub(lambda found: found[1] + _as(found[2], writer.title()), post)
    post = _BODY.sub(lambda found: found[1] + _as_body(found, writer), post)
    post = _MAIL_DATE.sub(rf"\g<1>{format_datetime(date)}", post)
    return _ISO_DATE.sub(rf"\g<1>{date.isoformat()}", post)


def _as_body(found: re.Match[str], writer: "_Writer") -> str:
    if "xhtml" in found[1]:
        return f'<div xmlns="http://www.w3.org/1999/xhtml">{writer.text()}</div>'
    is_excerpt = found[2] in ("summary", "description") and "<content" in found.string
    return _as(found[3], writer.text() if is_excerpt else writer.markup())


def _as(pattern: str, text: str) -> str:
    """The text in a section or escaped, as the pattern has it."""
    return f"<![CDATA[{text}]]>" if "<![CDATA[" in pattern else html.escape(text, quote=False)


class _Writer:
    """Writes posts of words that stand in the samples."""

    def __init__(self, chance: random.Random, words: Sequence[str]) -> None:
        self.chance = chance
        self._words = words

    def title(self) -> str:
        return " ".join(self.chance.choices(self._words, k=self.chance.randint(2, 9)))

    def text(self) -> str:
        """One or two sentences without any mark."""
        return self._sentences(self.chance.randint(1, 2))

    def markup(self) -> str:
        """HTML as editors write it; short posts are as frequent as long ones are rare."""
        share = self.chance.random()
        size = _SHORTEST * (_LONGEST / _SHORTEST) ** share
        parts: list[str] = []
        while sum(map(len, parts)) < size:
            part = self.chance.choices(self._PARTS, weights=(8, 4, 2, 1, 1, 2))[0]
            parts.append(part(self))
        return "\n".join(parts)

    def _sentences(self, count: int) -> str:
        chosen = (
            self.chance.choices(self._words, k=self.chance.randint(5, 18)) for _ in range(count)
        )
        return " ".join(f"{' '.join(words).capitalize()}." for words in chosen)

    def _address(self) -> str:
        site, number = self.chance.randint(1, 99), self.chance.randint(1, 9999)
        return f"https://site-{site}.example/2026/{number}/"

    def _paragraph(self) -> str:
        return f"<p>{self._sentences(self.chance.randint(1, 5))}</p>"

    def _linked(self) -> str:
        inner = f'<a href="{self._address()}" target="_blank" rel="noopener">{self.title()}</a>'
        strong = f"<strong>{self.title()}</strong>&nbsp;&#8211; {self.text()}"
        return f"<p>{self._sentences(1)} {inner}, {strong}</p>"

    def _picture(self) -> str:
        """As WordPress writes it."""
        file = f"{self._address()}photo"
        sizes = ", ".join(f"{file}-{width}.jpg {width}w" for width in (300, 768, 1024))
        image = (
            f'<img loading="lazy" decoding="async" width="1024" height="683" src="{file}.jpg"'
            f' alt="{self.title()}" class="wp-image-4711" srcset="{sizes}"'
            ' sizes="auto, (max-width: 1024px) 100vw, 1024px" />'
        )
        caption = f'<figcaption class="wp-element-caption">{self.title()}</figcaption>'
        return f'<figure class="wp-block-image size-large">{image}{caption}</figure>'

    def _list(self) -> str:
        lines = (f"<li><em>{self.title()}</em></li>" for _ in range(self.chance.randint(2, 6)))
        heading = f'<h2 class="wp-block-heading">{self.title()}</h2>'
        return f'{heading}<ul class="wp-block-list">{"".join(lines)}</ul>'

    def _quote(self) -> str:
        inner = f"<p>{self._sentences(2)}<br />{self.title()}</p>"
        return f'<blockquote class="wp-block-quote">{inner}</blockquote>'

    def _styled(self) -> str:
        """As it comes out of a word processor."""
        style = "font-family: verdana, sans-serif; font-size: 12pt; line-height: 1.5"
        inner = f'<span style="{style}">{self._sentences(2)}</span>'
        return f'<div class="separator" style="clear: both; text-align: left;">{inner}</div><br />'

    _PARTS: tuple[Callable[["_Writer"], str], ...] = (
        _paragraph,
        _linked,
        _picture,
        _list,
        _quote,
        _styled,
    )
