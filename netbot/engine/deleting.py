"""How one takes away by hand what was done by mistake: the steps on each network. Pure."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from netbot.model import Account, Choice, Verb
from netbot.text import mark

BE_THERE = mark("Open it as {handle}: nobody else can delete it.")
OWN_POST = mark("Find your own post, open the menu with the three dots and choose “Delete”.")
OWN_ANSWER = mark("Find your words below the post, open the menu beside them and choose “Delete”.")
OWN_SITE = mark("Delete it on your own site; your site tells theirs.")
BY_THE_SITE = mark(
    "Write to those who run the site: name the page and the time, and ask them to delete it. What "
    "still awaits their approval is never seen."
)
_LIKE = mark("Open the post and press “Like” once more.")
_HEART = mark("Open the post and press the heart once more.")
_ARROWS = mark("Open the post, press the two arrows and undo it there.")
_MESSAGE = mark(
    "Open the chat, hold the message and delete it for everybody, as long as that is offered."
)
_SOON = mark(
    "Find it there and press “delete”: that is offered for a short while only, and no longer once "
    "somebody has answered."
)

#: Where the general words do not fit, by what was done and where.
_SPECIAL: Mapping[Verb, Mapping[str, str]] = {
    Verb.LIKE: {
        **dict.fromkeys(("bluesky", "devto", "instagram", "substack", "threads", "x"), _HEART),
        "github": mark("Open the project and press “Starred”, so that it says “Star” again."),
        "hackernews": mark("Open the page and press “unvote”, as long as that is offered."),
        "mastodon": mark("Open the post and press the star once more."),
        "medium": mark("Open the post, open the menu with the three dots and undo the applause."),
        "reddit": mark("Open the post and press the arrow that points up once more."),
        "webmention": OWN_SITE,
        "youtube": mark("Open the film and press the raised thumb once more."),
    },
    Verb.SHARE: {
        **dict.fromkeys(("bluesky", "mastodon", "substack", "threads", "x"), _ARROWS),
        "webmention": OWN_SITE,
    },
    Verb.COMMENT: {"hackernews": _SOON, "webmention": OWN_SITE},
    Verb.RECOMMEND: {},
}
_GENERAL: Mapping[Verb, str] = {
    Verb.LIKE: _LIKE,
    Verb.SHARE: OWN_POST,
    Verb.COMMENT: OWN_ANSWER,
    Verb.RECOMMEND: OWN_POST,
}

#: What was passed on there from elsewhere is no post like others.
_PASSED_ON: Mapping[str, str] = {
    **dict.fromkeys(("telegram", "threema", "whatsapp"), _MESSAGE),
    "hackernews": _SOON,
    "mail": mark("A mail cannot be called back: write once more to those who got it."),
}

#: Where one finds one's own posts; ``{name}`` is the handle as it stands in an address.
_OWN_PAGES: Mapping[str, str] = {
    "bluesky": "https://bsky.app/profile/{name}",
    "facebook": "https://www.facebook.com/me",
    "hackernews": "https://news.ycombinator.com/submitted?id={name}",
    "linkedin": "https://www.linkedin.com/in/me/recent-activity/all/",
    "mastodon": "https://{server}/@{name}",
    "reddit": "https://www.reddit.com/user/me/",
    "threads": "https://www.threads.com/@{name}",
    "x": "https://x.com/{name}",
    "xing": "https://www.xing.com/profile",
}


def steps(choice: Choice, *, stands_there: bool) -> tuple[str, ...]:
    """What to do, in order: texts to translate, then to fill in with ``handle``.

    ``stands_there`` says whether the act is about a post of its own network.
    """
    if choice.is_final:
        return (BY_THE_SITE,)
    passed_on = {} if stands_there else _PASSED_ON
    special = _SPECIAL[choice.verb] if stands_there or choice.verb is not Verb.SHARE else {}
    way = passed_on.get(choice.network) or special.get(choice.network) or _GENERAL[choice.verb]
    return (BE_THERE, way) if choice.account else (way,)


def own_page(choice: Choice, account: Account | None, *, stands_there: bool) -> str:
    """Where what was done by hand is to be found: there, or among one's own posts; "" for nowhere.

    The address is made of the network's own and the handle; nothing of a post stands in it.
    """
    is_own = choice.verb is Verb.RECOMMEND or (choice.verb is Verb.SHARE and not stands_there)
    if not is_own:
        return choice.target_url
    name, _, server = (account.handle if account else "").strip("@").partition("@")
    if account is not None and account.server:
        server = urlsplit(account.server).netloc
    page = _OWN_PAGES.get(choice.network, "")
    if not page or not (server or "{server}" not in page) or not (name or "{name}" not in page):
        return ""
    return page.format(name=quote(name, safe=""), server=quote(server, safe=".:"))
