"""What people read, in their language: English in the source, German from ``locale/``.

Messages are found by the names of these calls, so that none can be forgotten::

    texts = translator("de")
    texts.get("Nothing to do today.")   # or _ = texts.get, then _("…")
    texts.plural("{n} card", "{n} cards", n).format(n=n)
    WORDS = {"like": mark("Like")}      # translated later: _(WORDS["like"])

Templates get ``_`` and ``ngettext`` (``texts.get`` and ``texts.plural``).
"""

import gettext
from functools import lru_cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


class Texts:
    """Everything that netbot says, in one language; English where a translation is missing."""

    def __init__(self, language: str, directory: Path = LOCALE) -> None:
        self.language = language  # BCP 47, as asked for
        self._catalogue = gettext.translation(
            "netbot", directory, [language.replace("-", "_")], fallback=True
        )

    def get(self, message: str) -> str:
        """The message in this language."""
        return self._catalogue.gettext(message) if message else ""

    def plural(self, one: str, many: str, n: int) -> str:
        """The form of the message that fits ``n`` things; fill in the number afterwards."""
        return self._catalogue.ngettext(one, many, n)


@lru_cache
def translator(language: str) -> Texts:
    """The texts of a language such as ``de`` or ``de-AT``, read once a process."""
    return Texts(language)


def mark(message: str) -> str:
    """The message as it is; the name says that it is translated where it is shown."""
    return message


#: What people read for the words of ``netbot.model``; translated where they are shown.
VERBS = {
    "like": mark("like"),
    "share": mark("share"),
    "comment": mark("comment"),
    "recommend": mark("recommend"),
    "gesture": mark("write personally"),
    "thank": mark("thank"),
}
LOOK_IN = mark("look in yourself")
#: What a contact was: an act of mine, what a client did, or what the human says there was.
KINDS = VERBS | {
    "reply": mark("an answer"),
    "mention": mark("a mention"),
    "follow": mark("follows you"),
    "apology": mark("an apology"),
    "contact": mark("a personal word"),
}
FAVOURS = {
    "share": mark("{client} passed on a post of yours"),
    "reply": mark("{client} answered a post of yours"),
    "mention": mark("{client} mentioned you"),
}
THANKS = mark("Thank {client} in person")
STATES = {
    "waiting": mark("waits for you"),
    "approved": mark("approved"),
    "skipped": mark("skipped"),
    "snoozed": mark("comes back later"),
    "expired": mark("expired"),
    "superseded": mark("overtaken"),
    "pending": mark("approved, not begun"),
    "handed_off": mark("in your hands"),
    "confirmed": mark("done"),
    "declined": mark("not done"),
    "withdrawn": mark("withdrawn"),
    "sending": mark("leaving now"),
    "sent": mark("sent"),
    "failed": mark("not sent"),
    "unsure": mark("nobody knows whether it arrived"),
    "undoing": mark("being taken back"),
    "undone": mark("taken back"),
    "undo_unsure": mark("nobody knows whether it is gone"),
}
OUTCOMES = {
    "approved": mark("approved"),
    "skipped": mark("skipped"),
    "snoozed": mark("put off"),
    "undone": mark("decision taken back"),
}
FACES = {"page": mark("on the page"), "terminal": mark("in the terminal")}
AMENDS = {
    "deleted": mark("you deleted it there"),
    "apologised": mark("you apologised"),
    "noted": mark("you noted"),
}
STATUSES = {
    "active": mark("Watched; what deserves a word is suggested."),
    "resting": mark("Resting: watched, and nothing is suggested."),
    "ended": mark("Ended: no longer watched, and nothing is suggested."),
    "in_memoriam": mark("In memoriam: no longer watched, and nothing ever comes up again."),
}
#: What a token opens.
RIGHTS = {
    "read": mark("read the queue, clients and outbox"),
    "propose": mark("read, and propose posts"),
    "feed": mark("the queue as a feed, and dates as a calendar"),
}
REASONS = {
    "nonsense": mark("nonsense"),
    "values": mark("against my values"),
    "moment": mark("not the moment"),
    "too-often": mark("too often"),
    "wrong-account": mark("wrong account"),
    "other": mark("other"),
}
VERDICTS = {
    "refuse": mark("against my values"),
    "skip": mark("left alone"),
    "ask": mark("a rule hesitates"),
    "pass": mark("fine"),
}
#: Words of the program as errors put them into their sentences (``netbot.model.Term``).
TERMS = (
    *(mark("waiting"), mark("snoozed"), mark("superseded"), mark("pending"), mark("handed_off")),
    *(mark("sending"), mark("failed"), mark("unsure"), mark("confirmed"), mark("declined")),
    *(mark("withdrawn"), mark("undoing"), mark("undone"), mark("undo_unsure"), mark("gesture")),
    *(mark("resting"), mark("ended"), mark("in_memoriam")),
)
SPHERES = {"professional": mark("Professional"), "private": mark("Private")}
PARTS = {
    "fresh": mark("fresh"),
    "tone": mark("its tone"),
    "liked": mark("like what you approved before"),
    "due": mark("a word is due"),
    "often": mark("heard from you lately"),
    "folded": mark("a rule hesitates"),
    "moment": mark("a moment for tact"),
    "wish": mark("your own wish"),
    "favours": mark("was kind to you"),
}
LANES = {
    "moment": mark("A moment for tact"),
    "thank": mark("Thank-yous"),
    "react": mark("React to clients"),
}
#: What was decided about posts like one, by what they share with it.
LIKING = {
    "word": mark("you approved {approved} of {decided} posts with “{what}”"),
    "client": mark("you approved {approved} of {decided} posts by {what}"),
}
