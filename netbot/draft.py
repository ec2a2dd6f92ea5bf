"""Drafts: a modest frame around the one sentence that only the human can write.

A frame says nothing that is not known: it names the post and leaves a gap. Good sentences are
the human's; a text with a gap in it cannot be approved.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType

from netbot.model import Client, EngagementKind, Post, Verb

#: Stands where the human's own sentence belongs.
GAP = "[…]"

#: Longer titles are cut at a word: a draft names the post, it does not repeat it.
MAX_TITLE = 80

_MASTODON_AUTHOR = re.compile(r"https?://(?P<host>[^/?#]+)/(?:@|users/)(?P<user>[\w.-]+)/")
_GAPS = re.compile(r"\[\s*(?:…|\.\.\.)\s*\]")
_QUOTES = re.compile('[„“”"«»]')
_WORD = re.compile(r"[^\W\d_]+")

#: Small words that one of the two languages has and the other has not.
_SMALL_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "de": "aber auch auf aus bei das dem den der des ein eine einen einer für haben ich im ist "
        "mit nicht noch sich sie sind über und uns unser unsere von vom wir wird zu zum zur",
        "en": "and are as at been for from has have how is it its of on or our that the their they "
        "this to us we were which will with you your",
    }
)

_QUOTED = MappingProxyType({"de": ("„{}“", "‚{}‘"), "en": ("“{}”", "‘{}’")})

_FRAMES: Mapping[tuple[Verb, str], tuple[str, ...]] = MappingProxyType(
    {
        (Verb.COMMENT, "de"): (
            "Danke für den Einblick. […]",
            "{title}: gern gelesen. […]",
            "Bei {title} bin ich an einer Stelle hängen geblieben: […]",
            "Gern gelesen, vor allem […].",
            "Zu {title} eine Frage: […]",
        ),
        (Verb.COMMENT, "en"): (
            "Thank you for writing this up. […]",
            "{title}: I enjoyed reading this. […]",
            "One thing in {title} stayed with me: […]",
            "I enjoyed reading this, […] above all.",
            "A question about {title}: […]",
        ),
        (Verb.RECOMMEND, "de"): (
            "Lesetipp: {title} von {client}. […]",
            "{client} schreibt über {title}. Lesenswert, weil […].",
            "Gerade bei {client} gelesen: {title}. […]",
        ),
        (Verb.RECOMMEND, "en"): (
            "Worth reading: {title} by {client}. […]",
            "{client} on {title}. Worth your time because […].",
            "Just read at {client}: {title}. […]",
        ),
    }
)

_UNTITLED: Mapping[tuple[Verb, str], tuple[str, ...]] = MappingProxyType(
    {
        (Verb.COMMENT, "de"): ("Danke für den Einblick. […]", "Gern gelesen, vor allem […]."),
        (Verb.COMMENT, "en"): (
            "Thank you for writing this up. […]",
            "I enjoyed reading this, […] above all.",
        ),
        (Verb.RECOMMEND, "de"): ("Lesetipp von {client}: […]",),
        (Verb.RECOMMEND, "en"): ("Worth reading, from {client}: […]",),
    }
)

_FAVOURS: Mapping[str, Mapping[EngagementKind, str]] = MappingProxyType(
    {
        "de": {
            EngagementKind.SHARE: "fürs Weitergeben meines Beitrags",
            EngagementKind.REPLY: "für die Antwort auf meinen Beitrag",
            EngagementKind.MENTION: "für die Erwähnung",
        },
        "en": {
            EngagementKind.SHARE: "for passing on my post",
            EngagementKind.REPLY: "for answering my post",
            EngagementKind.MENTION: "for mentioning me",
        },
    }
)
_AND = MappingProxyType({"de": "und", "en": "and"})
_THANKS = MappingProxyType(
    {
        "de": "Herzlichen Dank {favours}. Darüber habe ich mich sehr gefreut.",
        "en": "Thank you {favours}. I was very glad about it.",
    }
)

_MISTAKES: Mapping[str, Mapping[Verb, str]] = MappingProxyType(
    {
        "de": {
            Verb.LIKE: "mein „Gefällt mir“ zu {title}",
            Verb.SHARE: "mein Weitergeben von {title}",
            Verb.COMMENT: "mein Kommentar zu {title}",
            Verb.RECOMMEND: "mein Hinweis auf {title}",
            Verb.GESTURE: "meine Nachricht",
            Verb.THANK: "meine Nachricht",
        },
        "en": {
            Verb.LIKE: "my like for {title}",
            Verb.SHARE: "my passing on {title}",
            Verb.COMMENT: "my comment on {title}",
            Verb.RECOMMEND: "my post about {title}",
            Verb.GESTURE: "my message",
            Verb.THANK: "my message",
        },
    }
)
_SORRY = MappingProxyType(
    {
        "de": "Guten Tag, {what} war ein Versehen: […]. Das tut mir leid.",
        "en": "Hello, {what} was a mistake: […]. I am sorry about that.",
    }
)
_SOME_POST = MappingProxyType({"de": "Ihrem Beitrag", "en": "your post"})


#: Where a post that recommends another carries its link in its own words.
_LINKS_IN_TEXT = ("mastodon", "x")


def frame(verb: Verb, post: Post, client: Client, *, language: str) -> str:
    """The draft of ``verb``, with a gap; "" for verbs without words.

    ``language`` is what ``language_of`` says; anything but German is written in English. The same
    post gets the same frame every time, another post probably another one.
    """
    title = _short(post.title)
    spoken = "de" if _base(language) == "de" else "en"
    frames = (_FRAMES if title else _UNTITLED).get((verb, spoken), ("",))
    choice = frames[_number(post) % len(frames)]
    words = choice.format(title=_quote(title, spoken), client=_one_line(client.name))
    return _addressed(verb, post, words) if post.network in _LINKS_IN_TEXT else words


def _addressed(verb: Verb, post: Post, words: str) -> str:
    """There a link stands in the text itself; on Mastodon only who is named hears of an answer."""
    author = _MASTODON_AUTHOR.match(post.url)
    if verb is Verb.COMMENT and author and post.network == "mastodon":
        return f"@{author['user']}@{author['host']} {words}"
    if verb is Verb.RECOMMEND and post.url:
        return f"{words}\n\n{post.url}"
    return words


def thanks(favours: Iterable[EngagementKind], *, language: str) -> str:
    """A word of thanks that names what they did; with a gap where nothing of that is known."""
    spoken = "de" if _base(language) == "de" else "en"
    named = [_FAVOURS[spoken][kind] for kind in favours] or [GAP]
    several = f" {_AND[spoken]} ".join(filter(None, (", ".join(named[:-1]), named[-1])))
    return _THANKS[spoken].format(favours=several)


def apology(verb: Verb, title: str, *, language: str) -> str:
    """A word to the client about an act that was a mistake; with a gap for how it came to be."""
    spoken = "de" if _base(language) == "de" else "en"
    short = _short(title)
    what = _MISTAKES[spoken][verb].format(
        title=_quote(short, spoken) if short else _SOME_POST[spoken]
    )
    return _SORRY[spoken].format(what=what)


def has_gap(text: str) -> bool:
    """Whether a sentence of the human's own is still missing."""
    return _GAPS.search(text) is not None


def language_of(post: Post, client: Client, default: str) -> str:
    """``de`` or ``en``: as declared by the post, else as configured, else by its small words."""
    for declared in (post.language, client.language):
        if declared and _base(declared) in _SMALL_WORDS:
            return _base(declared)
    words = _WORD.findall(f"{post.title} {post.text[:2_000]}".casefold())
    german, english = (_hits(words, language) for language in ("de", "en"))
    if german == english:
        return "de" if _base(default) == "de" else "en"
    return "de" if german > english else "en"


def _base(language: str) -> str:
    """``de`` of ``de-AT``."""
    return re.split("[-_]", language, maxsplit=1)[0].lower()


def _hits(words: Sequence[str], language: str) -> int:
    few = frozenset(_SMALL_WORDS[language].split())
    return sum(word in few for word in words)


def _number(post: Post) -> int:
    identity = post.url or post.keys[0]
    return int.from_bytes(sha256(identity.encode()).digest()[:8], "big")


def _one_line(text: str) -> str:
    """The text without marks that stay unseen or change direction, its spaces single."""
    seen = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return " ".join("".join(max(one, " ") for one in seen).split())


def _short(title: str) -> str:
    """The title as one names it in passing: one line, no gap, no shouting at its end."""
    plain = _one_line(_GAPS.sub("", title)).rstrip(" .!:")
    if len(plain) <= MAX_TITLE:
        return plain
    return plain[: MAX_TITLE - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def _quote(title: str, language: str) -> str:
    """The title in quotation marks; those within it become single ones, in turn."""
    outer, inner = _QUOTED[language]
    opening, closing = inner.split("{}")
    parts = _QUOTES.split(title)
    marks = [opening if index % 2 == 0 else closing for index in range(len(parts) - 1)]
    return outer.format(
        "".join(part + mark for part, mark in zip(parts, [*marks, ""], strict=True))
    )
