"""Making, using and removing passkeys: two steps each, a question and what the device answers."""

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from netbot import log
from netbot.model import UsageError
from netbot.text import mark
from netbot.web.login import OLD_FORM, TOO_MANY, Room, browser_name, deed
from netbot.web.passkeys import ASK_LASTS, Place, Question
from netbot.web.visit import LARGEST, Site

NOT_OURS = mark("That passkey does not open this page. The password does.")
NOT_MADE = mark("That passkey could not be kept. Please try again.")
NONE_HERE = mark("No passkey opens this page at this address. The password does.")
NOT_HERE = mark("Passkeys do not work at this address.")
NAMELESS = mark("Name the passkey, in a few words.")


def routes(site: Site) -> list[BaseRoute]:
    """The addresses of this part."""
    return [
        Route("/login/passkey/ask", deed(site, ask), methods=["POST"]),
        Route("/login/passkey", deed(site, enter), methods=["POST"]),
        Route("/door/passkeys/ask", deed(site, ask_for_new), methods=["POST"]),
        Route("/door/passkeys", deed(site, add), methods=["POST"]),
        Route("/door/passkeys/{id:int}/remove", deed(site, remove), methods=["POST"]),
    ]


def ask(room: Room) -> Response:
    """The question for whoever wants to come in."""
    if not room.is_ours():
        return _decline(room, 403, OLD_FORM)
    place = _open_place(room)
    if place is None:
        return _decline(room, 422, NONE_HERE)
    if room.site.lock.wait_s(room.browser):
        return _decline(room, 429, TOO_MANY)
    return _hand_out(room, room.site.passkeys.ask(place))


def enter(room: Room) -> Response:
    """Let somebody in whose device has answered."""
    if not room.is_ours():
        return room.show(403, problem=OLD_FORM)
    if _open_place(room) is None:
        return room.show(422, problem=NONE_HERE)
    lock, name = room.site.lock, room.request.headers.get("user-agent", "")
    wait_s = lock.wait_s(room.browser)
    if wait_s:
        return room.show_wait(wait_s)
    answer, ticket = room.form.get("credential", ""), _ticket(room)
    key = lock.enter_otherwise(lambda: room.site.passkeys.opens(answer, ticket), room.browser, name)
    log.info("login" if key else "login refused", browser=browser_name(name), by="passkey")
    return room.lead_in(key) if key else room.show(401, problem=NOT_OURS)


def ask_for_new(room: Room) -> Response:
    """The question for whoever is in and gives the password once more."""
    if room.session is None or not room.is_ours():
        return _decline(room, 403, OLD_FORM)
    if room.place is None or not room.site.passkeys.is_installed:
        return _decline(room, 422, NOT_HERE)
    fault = room.doubt()
    if fault:
        return _decline(room, 401, fault)
    name, session = room.form.get("name", ""), room.session.sha256
    try:
        return _hand_out(room, room.site.passkeys.ask_for_new(room.place, name, session))
    except UsageError:
        return _decline(room, 422, NAMELESS)


def add(room: Room) -> Response:
    """Keep what the device has made."""
    if room.session is None or not room.is_ours():
        return room.show_door(403, problem=OLD_FORM)
    if not room.site.passkeys.is_installed:
        return room.show_door(422, problem=NOT_HERE)
    answer, session = room.form.get("credential", ""), room.session.sha256
    if not room.site.passkeys.add(answer, _ticket(room), session):
        return room.show_door(422, problem=NOT_MADE)
    log.info("passkey added", browser=browser_name(room.request.headers.get("user-agent", "")))
    return RedirectResponse(f"{room.site.root}/door", 303)


def remove(room: Room) -> Response:
    """Let a passkey open nothing any more; one that is gone already is fine too."""
    if room.session is None or not room.is_ours():
        return room.show_door(403, problem=OLD_FORM)
    if room.site.passkeys.remove(min(room.request.path_params["id"], LARGEST)):
        log.info("passkey removed")
    return RedirectResponse(f"{room.site.root}/door", 303)


def _open_place(room: Room) -> Place | None:
    """Where this browser is, if a passkey opens there."""
    return room.place if room.site.passkeys.open_at(room.place) else None


def _hand_out(room: Room, question: Question) -> Response:
    answer = Response(question.options, media_type="application/json")
    lasts_s = int(ASK_LASTS.total_seconds())
    room.site.keep(
        answer, room.site.passkey_cookie, question.ticket, samesite="strict", max_age=lasts_s
    )
    return answer


def _ticket(room: Room) -> str:
    return room.request.cookies.get(room.site.passkey_cookie, "")


def _decline(room: Room, status: int, problem: str) -> Response:
    return JSONResponse({"problem": room.texts.get(problem)}, status)
