"""Contacts that netbot had no part in: the human says that there was one, and it counts."""

from datetime import datetime

from netbot.model import CONTACT, Direction, House, Touch, UnknownId, UsageError
from netbot.store import Store, touches
from netbot.text import mark


def note_contact(
    store: Store, house: House, client: str, at: datetime, now: datetime, *, text: str = ""
) -> int:
    """Remember that the human was in touch with a client. Returns the contact's number.

    Dose and cadence take it for what it is: a word of mine. Raises ``UnknownId`` for a client who
    is not in the configuration, ``UsageError`` for a time that is still to come.
    """
    if house.client(client) is None:
        raise UnknownId(
            client, mark("there is no client {client} in the configuration"), client=client
        )
    if at > now:
        raise UsageError(
            mark("a contact that is still to come cannot be noted: name a day that was")
        )
    said = " ".join(text.split())
    touch = Touch(client=client, at=at, direction=Direction.OUT, kind=CONTACT, text=said)
    with store.write() as tx:
        return touches.add(tx, store.sphere, touch)


def contact(store: Store, number: int) -> tuple[Touch, bool]:
    """A contact that the human noted, and whether it still counts. Raises ``UnknownId``."""
    with store.read() as tx:
        found = touches.noted(tx, store.sphere, number)
    if found is None:
        raise UnknownId(str(number), mark("no contact {number} was noted here"), number=number)
    return found


def last_contact(store: Store, client: str) -> int:
    """The number of the contact with a client that was noted last. Raises ``UsageError``."""
    with store.read() as tx:
        number = touches.last_noted(tx, client)
    if number is None:
        raise UsageError(
            mark("no contact with {client} was noted: there is nothing to undo"), client=client
        )
    return number


def undo_contact(store: Store, number: int, now: datetime) -> Touch:
    """It was a mistake: the contact counts no more; once is enough. Raises ``UnknownId``."""
    touch, counts = contact(store, number)
    if counts:
        with store.write() as tx:
            touches.take_back(tx, number, now)
    return touch
