"""What a form changes: decisions about cards, and what became of acts by hand."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote

from starlette.responses import Response

from netbot import app, engine
from netbot.clock import parse_until
from netbot.engine import Approve, FalseAlarm, Intent, Skip, Snooze, Undo
from netbot.model import (
    ActionState,
    Channel,
    NetbotError,
    PolicyRefused,
    Refused,
    SkipReason,
    UsageError,
)
from netbot.store import Store
from netbot.web import outbox, pages
from netbot.web.cards import Face, closed, explain, face
from netbot.web.visit import Visit

#: What the server thinks of an answer that the house refuses.
CONFLICT, UNFIT = 409, 422


def approve(visit: Visit) -> Response:
    """Yes to one listed act, in the words of the box."""
    key, text = visit.form.get("act", ""), _typed(visit)
    shown = face(visit, *visit.card(), key=key, text=text)
    if shown.is_open and (shown.chosen.key != key or shown.seen != visit.form.get("seen")):
        _ = visit.texts.get
        problem = _("The card has changed since you opened it. Look again before you decide.")
        return pages.card(visit, key=key, text=text, problem=problem, status=CONFLICT)
    ahead, choice = _ahead(visit), shown.chosen.choice
    said = _said(shown)
    intent = Approve(
        verb=choice.verb, target_url=choice.target_url, account=choice.account, text=said
    )
    try:
        engine.decide(visit.sphere.store, visit.sphere.hall, visit.id, intent, visit.now)
    except (PolicyRefused, UsageError) as error:
        problem = explain(visit, face(visit, *visit.card(), key=key, text=said), error)
        status = UNFIT if shown.is_open else CONFLICT
        return pages.card(visit, key=key, text=text, problem=problem, status=status)
    if choice.channel is Channel.HANDOFF:
        return _hand_off(visit)
    return _onward(visit, ahead)


def skip(visit: Visit) -> Response:
    """No, with the reason that the button names."""
    reason = visit.form.get("why", "")
    if reason not in set(SkipReason):
        return _refuse(visit, visit.texts.get("Say why, so that netbot learns from it."))
    also = "&against=1" if reason == SkipReason.VALUES else ""
    return _decide(visit, Skip(reason=SkipReason(reason)), also=also)


def never(visit: Visit) -> Response:
    """No, and nothing like it again: neither of the topic nor, if that is meant, the client."""
    ahead, is_client = _ahead(visit), visit.form.get("what") == "client"
    try:
        done = app.never(visit.sphere, visit.id, visit.now, client=is_client)
    except NetbotError as error:
        return _refuse(visit, visit.explain(error), CONFLICT)
    return _onward(visit, ahead, also=f"&ruled={quote(done.rule['name'])}")


def snooze(visit: Visit) -> Response:
    """Later: tomorrow, on a weekday, in some days or on a date."""
    until = visit.form.get("until", "")
    wanted = visit.form.get("date", "") if until == "date" else until
    try:
        at = parse_until(wanted, visit.now, visit.sphere.house.time_zone)
    except UsageError:
        at = visit.now
    if at <= visit.now:
        problem = visit.texts.get("Choose a day that is still to come.")
        return outbox.slip(visit, problem=problem, status=UNFIT)
    if not outbox.round_of(visit):
        return _decide(visit, Snooze(until=at))

    def put_off(store: Store, id: str, now: datetime) -> object:
        return engine.decide(store, visit.sphere.hall, id, Snooze(until=at), now)

    return _close(visit, put_off)


def undo(visit: Visit) -> Response:
    """Take the last decision back; onward to where the card stands then."""
    try:
        engine.decide(visit.sphere.store, visit.sphere.hall, visit.id, Undo(), visit.now)
    except (PolicyRefused, UsageError) as error:
        return pages.card(visit, problem=visit.explain(error), status=CONFLICT)
    _card, action = visit.card()
    if action is not None and action.state is ActionState.HANDED_OFF:
        return visit.go(f"/outbox/{_number(visit)}")
    return visit.go(f"/cards/{_number(visit)}")


def false_alarm(visit: Visit) -> Response:
    """No moment for tact: the other cards come back."""
    return _decide(visit, FalseAlarm())


def begin(visit: Visit) -> Response:
    """Take an approved act in hand."""
    return _hand_off(visit)


def begin_round(visit: Visit) -> Response:
    """One act by hand after the other, beginning with the oldest."""
    return _take_next(visit, len(_by_hand(visit)))


def done(visit: Visit) -> Response:
    """The user has done it."""
    return _close(visit, engine.confirm)


def not_done(visit: Visit) -> Response:
    """The user has not done it and will not."""
    return _close(visit, engine.decline)


def keep(visit: Visit) -> Response:
    """A form that is not of this process: nothing is decided, and no word is lost."""
    typed = _typed(visit) if "text" in visit.form else None
    problem = stale(visit)
    return pages.card(visit, key=visit.form.get("act", ""), text=typed, problem=problem, status=403)


def keep_slip(visit: Visit) -> Response:
    """The same for acts by hand."""
    return outbox.slip(visit, problem=stale(visit), status=403)


def stale(visit: Visit) -> str:
    """Why a form that is not of this process was not heard."""
    _ = visit.texts.get
    return _("netbot was started anew since you opened this page. Please press the button again.")


def _typed(visit: Visit) -> str:
    """Browsers send line ends as two characters; the user typed one."""
    return visit.form.get("text", "").replace("\r\n", "\n")


def _said(shown: Face) -> str:
    """The words that go along: none with an act without words, nor a draft made for another."""
    untouched = shown.text.strip() == shown.card.draft.strip() != shown.chosen.draft.strip()
    return "" if untouched or shown.chosen.words == "none" else shown.text


def _decide(visit: Visit, intent: Intent, *, also: str = "") -> Response:
    ahead = _ahead(visit)
    try:
        engine.decide(visit.sphere.store, visit.sphere.hall, visit.id, intent, visit.now)
    except (PolicyRefused, UsageError):
        return _refuse(visit, closed(visit, face(visit, *visit.card())), CONFLICT)
    return _onward(visit, ahead, also=also)


def _refuse(visit: Visit, problem: str, status: int = UNFIT) -> Response:
    return pages.card(visit, problem=problem, status=status)


def _hand_off(visit: Visit) -> Response:
    """The slip says it when the address is not to be trusted."""
    try:
        with suppress(Refused):
            engine.hand_off(visit.sphere.store, visit.sphere.hall, visit.id, visit.now)
    except PolicyRefused as error:
        return outbox.slip(visit, problem=visit.explain(error), status=CONFLICT)
    return visit.go(f"/outbox/{_number(visit)}")


def _close(visit: Visit, closing: Callable[[Store, str, datetime], object]) -> Response:
    try:
        closing(visit.sphere.store, visit.id, visit.now)
    except NetbotError as error:
        return outbox.slip(visit, problem=visit.explain(error), status=CONFLICT)
    return _next_slip(visit) if outbox.round_of(visit) else _onward(visit, [])


def _next_slip(visit: Visit) -> Response:
    """The next of the round; after the last one, onward to what else there is."""
    if _by_hand(visit):
        return _take_next(visit, outbox.round_of(visit), after=f"&after={_number(visit)}")
    return _onward(visit, [])


def _take_next(visit: Visit, total: int, *, after: str = "") -> Response:
    """The oldest act by hand, taken in hand; its slip says it when that was refused."""
    due = _by_hand(visit)
    if not due:
        return visit.go("/outbox")
    with suppress(Refused, PolicyRefused):
        engine.hand_off(visit.sphere.store, visit.sphere.hall, due[0], visit.now)
    return visit.go(f"/outbox/{due[0].rpartition('-')[2]}?round={total}{after}")


def _by_hand(visit: Visit) -> list[str]:
    """The cards whose acts the user does by hand, now; the oldest first."""
    due = engine.handed_off(visit.sphere.store, visit.sphere.house, visit.now)
    return [action.suggestion for action in due]


def _ahead(visit: Visit) -> list[str]:
    """The cards in the order in which the user comes to them, from this one on."""
    ids = visit.line(everything=True)
    here = ids.index(visit.id) if visit.id in ids else 0
    return ids[here:] + ids[:here]


def _onward(visit: Visit, ahead: list[str], *, also: str = "") -> Response:
    """To the next card of today, or to what is left to be done by hand.

    ``also`` is what the address tells besides the card that was decided.
    """
    waiting = visit.line()
    after = f"?after={_number(visit)}{also}"
    if not waiting and _by_hand(visit):
        return visit.go(f"/outbox{after}")
    following = [card for card in ahead if card in waiting] or waiting
    if following[:1] == waiting[:1]:  # at the top already, and so is what has just been done
        return visit.go(after)
    return visit.go(f"{after}#card-{following[0].rpartition('-')[2]}")


def _number(visit: Visit) -> int:
    number: int = visit.request.path_params["n"]
    return number
