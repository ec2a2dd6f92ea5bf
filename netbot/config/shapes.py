"""What may stand in ``netbot.yaml`` and in a sphere's file: keys, types and bounds."""

import re
from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from netbot.config.names import MAIL, is_account
from netbot.keys import twice
from netbot.model import ClientStatus, Verb
from netbot.yamlfile import did_you_mean


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(value, available_timezones())
        raise ValueError(f"must be a time zone such as Europe/Berlin.{hint}") from None
    return value


def _id(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", value):
        slug = re.sub(r"[^a-z0-9]+", "-", value.casefold()).strip("-") or "acme"
        raise ValueError(f"may hold small letters, digits and hyphens only, such as “{slug}”")
    return value


def _client_id(value: str) -> str:
    if value == "new":
        raise ValueError("is the address of the form for somebody new: choose another")
    return _id(value)


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise ValueError("must be a language code such as de, en or de-AT")
    return value


def _since(value: int | str) -> int | str:
    if not re.fullmatch(r"(19|20)[0-9]{2}(-[0-9]{2}){0,2}", str(value)):
        raise ValueError("must be a year or a date, such as 2019 or 2019-04-01")
    return value


def _time(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError('must be a time of day such as "08:00"')
    return value


def _mail(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise ValueError("must be a mail address such as anna@example.com")
    return value


def _allowed_host(value: str) -> str:
    try:
        parts = urlsplit(f"//{value}" if value.count(":") < 2 or "[" in value else f"//[{value}]")
        good = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or re.search(r"[\s/?#@*]", value):
        raise ValueError("must be a host or host:port such as 127.0.0.1:8000, without http://")
    return value


def _host(value: str) -> str:
    try:
        ip_address("127.0.0.1" if value == "localhost" else value)
    except ValueError:
        told = "must be an address of this machine such as 127.0.0.1 or 0.0.0.0"
        raise ValueError(told) from None
    return value


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


def _web_address(value: str) -> str:
    if not is_web_address(value):
        raise ValueError("must be an address that begins with http:// or https://")
    return value


def _server(value: str) -> str:
    if re.fullmatch(r"imaps?://[^\s/?#@]+(/[^\s?#]*)?", value):
        return value
    if not is_web_address(value) or urlsplit(value).path.strip("/") or urlsplit(value).query:
        raise ValueError("must be a server's address such as https://social.example, no page of it")
    return value


def is_web_address(value: str) -> bool:
    """Whether this is an http(s) address with a host."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", value)
    )


def _account_id(value: str) -> str:
    if not is_account(value):
        slug = re.sub(r"[^a-z0-9]+", "-", value.casefold()).strip("-") or "studio"
        raise ValueError(
            "may hold small letters, digits and single hyphens between them only, such as"
            f" “{slug}”: its secret is named by it"
        )
    if value == MAIL:
        raise ValueError("is the name of the mail server's password: choose another")
    return value


def _notify_id(value: str) -> str:
    if not is_account(value) or value == MAIL:
        told = "must be a name that you choose, such as phone; its address is a secret in a file"
        raise ValueError(f"{told} of its own, secrets/SPHERE/phone.token")
    return value


def _key(value: str) -> str:
    if len(value) != 1 or not value.isprintable() or value.isspace() or value == "q":
        raise ValueError('must be one character such as "a"; q quits, and a digit needs quotes')
    return value


def _for_posts(value: Verb) -> Verb:
    if value is Verb.THANK:
        raise ValueError("thanks are for what clients do for you: netbot proposes them by itself")
    return value


Text = Annotated[str, Field(min_length=1)]
PublicVerb = Annotated[Verb, AfterValidator(_for_posts)]
ClientId = Annotated[str, AfterValidator(_client_id)]
AccountId = Annotated[str, AfterValidator(_account_id)]
Key = Annotated[str, AfterValidator(_key)]


class _Part(BaseModel):
    """Docstrings below an attribute become its description in the JSON Schema."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )


class HoursPart(_Part):
    """Hours of the day, in the house's time zone; they may reach over midnight."""

    start: Annotated[str, AfterValidator(_time)]
    """HH:MM, in quotes."""
    end: Annotated[str, AfterValidator(_time)]
    """HH:MM, in quotes."""


class QueuePart(_Part):
    """How much is put before the human."""

    daily_limit: Annotated[int, Field(ge=0, le=50)] = 5
    """Cards a day and sphere; decided ones count."""
    undo_window_s: Annotated[int, Field(ge=0, le=86_400)] = 60
    """Seconds that an approved act waits before netbot sends it."""
    quiet_hours: HoursPart | None = None
    """When netbot sends nothing; what was approved waits until they end."""
    peace_days: Annotated[int, Field(ge=0, le=365)] = 14
    """Days for which a client is left in peace after a moment for tact, such as a death."""


class WatchPart(_Part):
    """How clients' sources are watched."""

    min_interval_s: Annotated[int, Field(ge=1)] = 3600
    """Seconds between two looks at one source; below 1800 only for allow_hosts."""
    allow_hosts: tuple[Annotated[str, AfterValidator(_allowed_host)], ...] | None = None
    """host or host:port in the own network that may be watched."""


class DiskPart(_Part):
    """How much room the disk must have."""

    watch_free_mb: Annotated[int, Field(ge=0)] = 200
    """MiB; with less netbot looks at no source."""
    act_free_mb: Annotated[int, Field(ge=0)] = 50
    """MiB; with less nothing leaves by program."""


class KeysPart(_Part):
    """Other keys than the usual ones, on the page and in `netbot review`."""

    next: Key | None = None
    """The next card; j if left out."""
    back: Key | None = None
    """The card before; k."""
    approve: Key | None = None
    """a"""
    edit: Key | None = None
    """e"""
    skip: Key | None = None
    """s"""
    later: Key | None = None
    """h"""
    never: Key | None = None
    """n"""
    thank: Key | None = None
    """t"""
    contact: Key | None = None
    """i"""
    open: Key | None = None
    """The original, or the page where you act; o."""
    why: Key | None = None
    """w"""
    undo: Key | None = None
    """z"""
    search: Key | None = None
    """/"""
    help: Key | None = None
    """?"""
    done: Key | None = None
    """What you did by hand; d."""
    not_done: Key | None = None
    """What you did not do; x."""

    @model_validator(mode="after")
    def _mean_one_thing(self) -> Self:
        found = twice(self.own)
        if found:
            raise ValueError(f"“{found}” would mean two things: give each its own key")
        return self

    @property
    def own(self) -> dict[str, str]:
        """The keys that are other than usual, by what they do."""
        return self.model_dump(exclude_none=True)


class WebPart(_Part):
    """Where the page with the queue is served."""

    base_url: Annotated[str, AfterValidator(_web_address)] | None = None
    """The page's address as seen from outside, for links in mails."""
    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    """Another than 127.0.0.1 can be reached by others: it needs base_url with https."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 8470
    keys: bool | KeysPart = True
    """false: single keys do nothing; or another key for what has one."""

    @field_validator("host")
    @classmethod
    def _read_by_nobody(cls, host: str, info: ValidationInfo) -> str:
        outside = info.data.get("base_url")
        if not _is_loopback(host) and not (outside or "").startswith("https://"):
            raise ValueError(
                "others could read along: put a proxy with TLS before it and name its address"
                " as base_url (https://…)"
            )
        return host


class RulesPart(_Part):
    """Which rules hold besides those in the folder rules."""

    shipped: bool = True
    """The rules against nonsense and for tact that come with netbot."""


class NetbotFile(_Part):
    """config/netbot.yaml: what holds for every sphere."""

    language: Literal["de", "en"] = "en"
    """Of the interface."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """IANA name; decides what today is."""
    queue: QueuePart | None = None
    watch: WatchPart | None = None
    disk: DiskPart | None = None
    web: WebPart | None = None
    rules: RulesPart | None = None


class DigestPart(_Part):
    """The morning mail, and who else is told that cards wait."""

    at: Annotated[str, AfterValidator(_time)]
    """HH:MM, in quotes."""
    to: Annotated[str, AfterValidator(_mail)] = ""
    """Left out: no mail, only notifications."""
    sender: Annotated[str, AfterValidator(_mail)] = ""
    """Left out: the same as to."""
    server: Annotated[str, AfterValidator(_allowed_host)] = ""
    """host or host:port that takes mail, such as smtp.example.com:465; without it none is sent."""
    user: str = ""
    """Who logs in there; the password is the sphere's secret smtp."""
    notify: tuple[Annotated[str, AfterValidator(_notify_id)], ...] | None = None
    """Names of secrets, each holding one address of Apprise: a short notification goes there."""

    @model_validator(mode="after")
    def _reaches_somebody(self) -> Self:
        if not self.to and not self.notify:
            raise ValueError("reaches nobody: say to whom (to), or name a notification (notify)")
        return self


class AccountPart(_Part):
    """One of my accounts; never its password or token."""

    id: AccountId
    """Chosen by me; names the account in this file and its secret."""
    network: Text
    """mastodon, linkedin, …; web for the name under which blogs are commented on, wordpress for a
    login on one site, webmention for a site of my own."""
    handle: Text
    """As the network writes it; shown on every card."""
    server: Annotated[str, AfterValidator(_server)] = ""
    """Where its API is, such as https://social.example; left out: the server in the handle. Of
    wordpress and webmention the site, of a mailbox its folder, such as
    imaps://mail.example/Newsletter."""
    budget_usd: Annotated[float, Field(ge=0, le=1000)] | None = None
    """What acts by API may cost in 30 days, where a network charges; 10 if left out."""
    opener: str = ""
    """Where you are logged in with it, such as Firefox, profile Studio; shown when you act."""


class SourcePart(_Part):
    """One place where a client publishes."""

    network: Text = "web"
    address: Text
    also_in: tuple[Text, ...] | None = None
    """Other spheres that may watch the same source."""
    look_in_days: Annotated[int, Field(ge=1, le=365)] | None = None
    """You look there yourself every so many days; a card opens it, netbot never does."""


class HandlePart(_Part):
    """One name under which a client is known on a network."""

    network: Text
    handle: Text


class ClientPart(_Part):
    """Somebody whom I work for."""

    id: ClientId
    name: Text
    language: Annotated[str, AfterValidator(_language)] | None = None
    """Of what they publish; left out: each post's own."""
    tags: tuple[Text, ...] | None = None
    cadence_days: Annotated[int, Field(ge=1)] | None = None
    """How often a sign of life is welcome."""
    look_in_days: Annotated[int, Field(ge=1, le=365)] | None = None
    """The same for each profile of theirs that no program may read."""
    since: Annotated[int | str, AfterValidator(_since)] | None = None
    """Year or date since when we work together."""
    accounts: tuple[Text, ...] | None = None
    """Ids of those of my accounts that may act for this client."""
    verbs: tuple[PublicVerb, ...] | None = None
    """What I like to do for them, best first."""
    status: ClientStatus | None = None
    """resting: watched, nothing is suggested; ended and in_memoriam: no longer watched."""
    sources: tuple[Text | SourcePart, ...] | None = None
    """Addresses of a site or feed, or {network, address}."""
    handles: tuple[Text | HandlePart, ...] | None = None
    """Where else they are at home: addresses of profiles, or {network, handle}; not watched."""


class SphereFile(_Part):
    """config/<sphere>.yaml: my accounts and my clients in one part of my life."""

    digest: DigestPart | None = None
    accounts: tuple[AccountPart, ...] | None = None
    clients: tuple[ClientPart, ...] | None = None

    @model_validator(mode="after")
    def _share_no_secret(self) -> Self:
        wanted = (self.digest and self.digest.notify) or ()
        for shared in {account.id for account in self.accounts or ()} & set(wanted):
            raise ValueError(f"“{shared}” is an account and stands in digest.notify: rename one")
        return self
