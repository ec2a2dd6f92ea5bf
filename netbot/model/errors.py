"""The errors that netbot raises on purpose.

The error tree (``exit_code`` is what a command returns)::

    NetbotError                    1  something went wrong
    ├── UsageError                 2  the call does not make sense as it is
    │   ├── ConfigError            2  files that cannot be used, each problem with its place
    │   └── UnknownId              2  no such suggestion, client or sphere here
    ├── PolicyRefused              5  a rule of the house forbids it
    ├── StoreError                 1  the database cannot be used
    │   └── Damaged                1  its file does not hold what was written
    └── NetworkError               1  a source or network did not answer as hoped
        ├── RateLimited            1  it asked us to wait
        ├── Gone                   1  it is there no more
        ├── Refused                1  it, or our own guard, said no
        │   └── Barred             1  it no longer takes this account's word
        ├── Transient              1  it may work later
        └── Unsure                 1  nobody knows whether it has happened
"""

from collections.abc import Callable
from dataclasses import dataclass


class Term(str):
    """A word within a sentence that has another one in other languages."""

    __slots__ = ()


class NetbotError(Exception):
    """Base of every error that netbot raises on purpose; its text tells the user what to do.

    ``facts`` fill in the braces of ``message``, which is English.
    """

    exit_code = 1
    language = ""  # of who reads it, where that is known

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message.format(**facts) if facts else message)
        self.message, self.facts = message, facts

    def told(self, get: Callable[[str], str]) -> str:
        """What is wrong in another language; ``get`` knows its sentences and words."""
        facts = {
            name: get(fact) if isinstance(fact, Term) else fact for name, fact in self.facts.items()
        }
        return get(self.message).format(**facts) if facts else get(self.message)


class UsageError(NetbotError):
    """The call does not make sense as it is."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in one place of a file; ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ConfigError(UsageError):
    """Files that cannot be used; ``problems`` holds every one found in the run."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class UnknownId(UsageError):
    """There is no such suggestion, client, account or sphere; ``id`` is what was asked for."""

    def __init__(self, id: str, message: str, **facts: object) -> None:
        super().__init__(message, **facts)
        self.id = id


class PolicyRefused(NetbotError):
    """A rule of the house forbids it: a gap in the text, a wrong state, an expired approval."""

    exit_code = 5


class StoreError(NetbotError):
    """The database cannot be used: another sphere's, newer than this program, damaged."""


class Damaged(StoreError):
    """The database's file does not hold what was written: a backup must take its place."""


class NetworkError(NetbotError):
    """A source or network did not answer as hoped."""


class RateLimited(NetworkError):
    """The other side asked us to wait; ``retry_after_s`` is how long, in seconds."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Gone(NetworkError):
    """The other side says that it is there no more (410)."""


class Refused(NetworkError):
    """The other side, or our own guard or limits, said no; asking again will not help."""


class Barred(Refused):
    """The other side no longer takes this account's word: a wrong token, a block (401, 403)."""


class Transient(NetworkError):
    """It may work later: time-outs, resets, 5xx, a name that does not resolve.

    Of a write it says more: the other side surely has not got it.
    """


class Unsure(NetworkError):
    """A write left, and nobody knows whether it has happened: the answer was lost or makes no
    sense. It is never sent again by itself.
    """
