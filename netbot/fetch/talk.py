"""Conversations with the web: several questions in turn, many conversations side by side."""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from typing import TypeVar

from netbot.fetch.answers import Answer, Request
from netbot.fetch.client import Limits, fetch_all
from netbot.model import NetworkError

_Result = TypeVar("_Result")
_Name = TypeVar("_Name")

#: Yields what to ask, is sent the answer or thrown its error.
Talk = Generator[Request, Answer, _Result]


def hold(talk: Talk[_Result], *, allow_hosts: Sequence[str], limits: Limits | None) -> _Result:
    """Hold one conversation; raises the ``NetworkError`` that ends it."""
    [(_, result)] = hold_all([(None, talk)], allow_hosts=allow_hosts, limits=limits)
    if isinstance(result, NetworkError):
        raise result
    return result


def hold_all(
    talks: Sequence[tuple[_Name, Talk[_Result]]],
    *,
    allow_hosts: Sequence[str],
    limits: Limits | None,
) -> Iterator[tuple[_Name, _Result | NetworkError]]:
    """Hold all conversations side by side: all first questions, then all second ones.

    Each yields its name with its result, or its error, as soon as it is over.
    """
    asking = {}
    for name, talk in talks:
        step = _begin(talk)
        if isinstance(step, Request):
            asking[step] = (name, talk)
        else:
            yield name, step
    while asking:
        following = {}
        answers = fetch_all(tuple(asking), allow_hosts=allow_hosts, limits=limits)
        with contextlib.closing(answers):
            for request, answer in answers:
                name, talk = asking[request]
                step = go_on(talk, answer)
                if isinstance(step, Request):
                    following[step] = (name, talk)
                else:
                    yield name, step
        asking = following


def _begin(talk: Talk[_Result]) -> Request | _Result | NetworkError:
    """The first question of a conversation, or how it ends without any."""
    try:
        return next(talk)
    except StopIteration as end:
        result: _Result = end.value
        return result
    except NetworkError as error:
        return error


def go_on(talk: Talk[_Result], answer: Answer | NetworkError) -> Request | _Result | NetworkError:
    """Hand an answer to a conversation: its next question, its result, or its error."""
    try:
        if isinstance(answer, NetworkError):
            return talk.throw(answer)
        return talk.send(answer)
    except StopIteration as end:
        result: _Result = end.value
        return result
    except NetworkError as error:
        return error
