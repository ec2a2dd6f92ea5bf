"""Addresses in mails that count clicks, or that tell who is reading."""

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from netbot.feedparse.identity import is_tracking

# What mailing services put before the address that is meant.
_COUNTERS = re.compile(
    r"(?:^|\.)(?:list-manage\d*\.com|sendibt\d*\.com|sendgrid\.net|mjt\.lu|hubspotlinks\.com"
    r"|rs6\.net|createsend\d*\.com|mailerlite\.com|mlsend\.com|awstrack\.me|exacttarget\.com)$"
    r"|^(?:click|clicks|links?|trk|track|tracking|t|r|go|lnk|newslettertrack)\d*\.[^.]+\."
)
_COUNTING_PATH = re.compile(
    r"/(?:track/click|tr/cl|ls/click|wf/click|lnk|clicks?|redirect|redir|tc?/c|c|cl|cts|mk/cl)(?:/|$)",
    re.IGNORECASE,
)
_PAGE = re.compile(r"/(?:mailing|m|mk/mr|archive|view|online|webversion|newsletter|campaigns?)/")
_SERVICES = re.compile(
    r"(?:^|\.)(?:emailsys\d\w*\.net|rapidmail\.\w+|cleverreach\.com|crsend\.com|eu-1\.crsend\.com"
    r"|sp1-brevo\.net|brevo\.com|sendinblue\.com|klick-?tipp\.\w+|inxmail\.\w+)$"
)
# Pages of mailing services that add who is reading (mailchimp.com/help, "e" and "UNIQID").
_PERSONAL = ("e", "uniqid", "subscriber", "subscriber_id", "email", "mail", "recipient", "hash")
# Networks whose notification mails carry the reader in every address.
_NETWORKS = {
    "linkedin.com": (),
    "xing.com": (),
    "instagram.com": (),
    "facebook.com": ("story_fbid", "id", "fbid", "v", "set"),
}


def is_detour(url: str) -> bool:
    """Whether an address only leads past a counter to another one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _COUNTERS.search(host):
        return not _PAGE.match(parts.path)
    return bool(_COUNTING_PATH.match(parts.path) and (_SERVICES.search(host) or parts.query))


def without_reader(url: str) -> str:
    """The address without what tells who is reading; the page is the same."""
    if not url:
        return ""
    parts = urlsplit(url)
    home = home_of(parts.hostname or "")
    if home:
        return _bare(url, home)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in _PERSONAL and not is_tracking(f"{name}={value}")
    ]
    if len(kept) == len(parse_qsl(parts.query, keep_blank_values=True)):
        return url
    return parts._replace(query=urlencode(kept)).geturl()


def home_of(host: str) -> str:
    """The network on which a host stands, "" for none."""
    return next((each for each in _NETWORKS if host == each or host.endswith(f".{each}")), "")


def _bare(url: str, home: str) -> str:
    parts = urlsplit(url)
    path, query = parts.path, parts.query
    if home == "facebook.com" and path.rstrip("/") == "/n":  # /n/?name/posts/1&mid=…
        path, _, query = unquote(query.partition("&")[0]).partition("?")
        path = f"/{path.lstrip('/')}"
    if home == "linkedin.com":
        path = path.removeprefix("/comm")
    kept = [pair for pair in parse_qsl(query) if pair[0] in _NETWORKS[home]]
    return parts._replace(path=path, query=urlencode(kept), fragment="").geturl()
