"""Cards, slips and timelines as text for a terminal."""

import os
import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import typer

from netbot.app.wire import excerpt
from netbot.model import (
    SITES,
    Action,
    ActionState,
    Channel,
    Choice,
    Handoff,
    House,
    Reason,
    Refused,
    Ruling,
    Score,
    Suggestion,
    SuggestionState,
    Touch,
    Verb,
)
from netbot.network import NetworkPolicy
from netbot.text import (
    FAVOURS,
    KINDS,
    LANES,
    LIKING,
    LOOK_IN,
    PARTS,
    SPHERES,
    STATES,
    THANKS,
    VERBS,
    Texts,
)

if TYPE_CHECKING:
    from netbot.engine import Queue
    from netbot.rules.ranking import Because

#: Longer lines are hard to read, however wide the terminal is; in characters.
WIDEST = 88

#: How much of a post ``show`` prints, in characters.
WHOLE = 4000


def bold(text: str) -> str:
    """Heavier, where a terminal shows it and NO_COLOR does not forbid it."""
    return text if os.environ.get("NO_COLOR") else typer.style(text, bold=True)


def dim(text: str) -> str:
    """Lighter, where a terminal shows it and NO_COLOR does not forbid it."""
    return text if os.environ.get("NO_COLOR") else typer.style(text, dim=True)


def fold(text: str, indent: str = "") -> list[str]:
    """The text in lines that fit the terminal; addresses stay whole."""
    width = max(40, min(WIDEST, shutil.get_terminal_size().columns))
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of a table as lines, its columns as wide as their longest word."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def paint_queue(queue: "Queue", house: House, texts: Texts) -> str:
    """One sphere's queue: a heading and a few lines a card."""
    _ = texts.get
    heading = f"{sphere_name(house.sphere, texts)} · " + texts.plural(
        "{n} card", "{n} cards", len(queue.cards)
    ).format(n=len(queue.cards))
    lines = [bold(heading), ""]
    if not queue.cards:
        lines += ["  " + _("All caught up. An empty day is a good day."), ""]
    for card in queue.cards:
        lines += [*paint_line(card, house, texts), ""]
    if queue.more:
        more = texts.plural(
            "{n} more waits for another day", "{n} more wait for another day", queue.more
        )
        lines += [f"  {more.format(n=queue.more)}.", ""]
    return "\n".join(lines)


def paint_line(card: Suggestion, house: House, texts: Texts) -> Iterator[str]:
    """A card in brief."""
    _ = texts.get
    first, *rest = fold(f"{card.id}  {_heading(card, house, texts)}", "  ")
    yield first.replace(card.id, bold(card.id), 1)
    yield from rest
    when = local_time(card.post.post.published_at or card.post.first_seen_at, house)
    yield from fold(f"{client_name(card.client, house)} · {when}", "    ")
    yield from fold(f"{_('Suggestion:')} {describe(card.choice, house, texts)}", "    ")
    if card.choice.verb is Verb.GESTURE and not card.choice.is_look_in:
        yield from map(dim, fold(_("a moment for tact"), "    "))
    for reason in card.verdict.reasons[:1]:
        yield from map(dim, fold(because(reason), "    "))


def paint_card(
    card: Suggestion,
    house: House,
    action: Action | None,
    timeline: Sequence[Touch],
    texts: Texts,
    *,
    taste: Sequence["Because"] = (),
    whole: bool = False,
    policy: Mapping[str, NetworkPolicy] | None = None,
) -> str:
    """A card in full; of the post the beginning, or with ``whole`` all but what is endless.

    With ``policy`` it says what each act costs.
    """
    _ = texts.get
    post, is_thanks = card.post.post, card.choice.verb is Verb.THANK
    lines = [
        bold(client_name(card.client, house)),
        *fold(f"{sphere_name(house.sphere, texts)} · {describe(card.choice, house, texts)}"),
        f"{local_time(post.published_at or card.post.first_seen_at, house)} · {post.url}",
        *(fold(_("Public, and cannot be taken back.")) if card.choice.is_final else []),
        "",
        *map(bold, fold(_heading(card, house, texts) if is_thanks else post.title)),
        *_paint_favours(card, house, texts),
        *(_paint_text(post.text) if whole else fold(excerpt(post.text))),
        "",
    ]
    if card.verdict.ruling is Ruling.ASK:
        lines += fold(_("A rule hesitates: look before you decide."))
    if card.draft:
        lines += [_("Draft:"), textwrap.indent(card.draft, "  "), ""]
    if card.choice.verb is Verb.GESTURE and not card.choice.is_look_in:
        lines += fold(f"{_('Why:')} {_('a moment for tact')}")
        lines += fold(
            _("No such moment? {command}").format(command=f"netbot false-alarm {card.id}")
        )
    for reason in card.verdict.reasons:
        lines += fold(f"{_('Why:')} {because(reason)}")
        for measured in paint_measures(reason, texts):
            lines += fold(measured, "  ")
    lines += fold(f"{_('Score:')} {paint_score(card.score, texts)}")
    lines += paint_taste(taste, house, texts)
    lines += _paint_alternatives(card, house, texts, options=whole)
    lines += _paint_costs(card, policy or {}, texts)
    lines += [paint_touch(touch, house, texts) for touch in timeline]
    lines.append(tell(card, action, house, texts))
    return "\n".join(lines)


def lane_of(card: Suggestion) -> str:
    """Among what a card stands in the queue."""
    if card.choice.verb is Verb.THANK:
        return LANES["thank"]
    personal = card.choice.verb is Verb.GESTURE and not card.choice.is_look_in
    return LANES["moment" if personal else "react"]


def _heading(card: Suggestion, house: House, texts: Texts) -> str:
    """The post's title or beginning; of a thank-you what it is for."""
    post = card.post.post
    title = post.title or excerpt(post.text)
    if card.choice.verb is not Verb.THANK:
        return title
    name = client_name(card.client, house)
    if not card.favours:
        return texts.get(THANKS).format(client=name)
    return texts.get(FAVOURS[card.favours[-1].kind.value]).format(client=name)


def _paint_favours(card: Suggestion, house: House, texts: Texts) -> Iterator[str]:
    name = client_name(card.client, house)
    for each in card.favours:
        done = texts.get(FAVOURS[each.kind.value]).format(client=name)
        yield from fold(f"{local_time(each.at, house)} {done}: {each.object_url or each.url}", "  ")


def _paint_text(text: str) -> Iterator[str]:
    shown = text if len(text) <= WHOLE else text[:WHOLE].rsplit(" ", 1)[0] + " …"
    for line in shown.splitlines():
        yield from fold(line) or [""]


def _paint_alternatives(
    card: Suggestion, house: House, texts: Texts, *, options: bool
) -> list[str]:
    """What else could be approved; with ``options``, how ``netbot approve`` is told so."""
    _ = texts.get
    lines: list[str] = []
    for choice in card.alternatives:
        lines += fold(f"{_('Or:')} {describe(choice, house, texts)}")
        if options:
            lines.append(f"  --verb {choice.verb}" + _rest_of_options(choice, card.choice))
    return lines


def _paint_costs(
    card: Suggestion, policy: Mapping[str, NetworkPolicy], texts: Texts
) -> Iterator[str]:
    """What the network asks for an act that netbot itself sends."""
    from netbot.engine import dollars

    _ = texts.get
    for choice in (card.choice, *card.alternatives):
        entry = policy.get(choice.network)
        cost = entry.cost_micros.get(choice.verb, 0) if entry else 0
        if cost and choice.channel is Channel.API:
            line = _("Costs {price} on {network}: {verb}").format(
                price=dollars(cost), network=choice.network, verb=_(VERBS[choice.verb.value])
            )
            yield from fold(line)


def _rest_of_options(choice: Choice, preferred: Choice) -> str:
    account = f" --account {choice.account}" if choice.account else ""
    elsewhere = choice.target_url != preferred.target_url
    return account + (f" --target {choice.target_url}" if elsewhere else "")


def paint_slip(action: Action, handoff: Handoff | Refused, house: House, texts: Texts) -> str:
    """What the human needs to act in the own browser, or why netbot gives no address."""
    _ = texts.get
    lines = [bold(f"{action.suggestion} · {describe(action.choice, house, texts)}")]
    if isinstance(handoff, Refused):
        lines.append(f"  {handoff}")
    else:
        lines += _paint_handoff(handoff, _)
    account = house.account(action.choice.account)
    if account and account.opener:
        lines += fold(
            _("You are logged in with it in: {opener}").format(opener=account.opener), "  "
        )
    lines.append(
        "  " + _("Then: netbot done {id}, or netbot not-done {id}").format(id=action.suggestion)
    )
    return "\n".join(lines)


def _paint_handoff(handoff: Handoff, _: Callable[[str], str]) -> list[str]:
    lines = [f"  {_('Open:')} {handoff.url}"]
    if handoff.text:
        hint = _("The address carries the text.") if handoff.prefilled else _("Paste this text:")
        lines += [f"  {hint}", textwrap.indent(handoff.text, "    ")]
    return lines


def paint_touch(touch: Touch, house: House, texts: Texts) -> str:
    """One contact in a line."""
    kind = texts.get(KINDS.get(touch.kind, touch.kind))
    arrow = "→" if touch.direction.value == "out" else "←"
    text = f": {excerpt(touch.text)}" if touch.text else ""
    return f"  {local_time(touch.at, house)} {arrow} {kind}{text}"


def paint_score(score: Score, texts: Texts) -> str:
    """The score and its parts."""
    parts = ", ".join(
        f"{texts.get(PARTS.get(name, name))} {value:+g}" for name, value in score.parts.items()
    )
    return f"{score.total:g} ({parts})"


def paint_measures(reason: Reason, texts: Texts) -> Iterator[str]:
    """What was learned and made a rule speak: score, threshold and nearest example."""
    _ = texts.get
    for each in reason.measured:
        told = f"{each.name}: {each.score:g} ({each.threshold})"
        yield f"{told}, {_('nearest example:')} “{each.nearest}”" if each.nearest else told


def paint_taste(taste: Sequence["Because"], house: House, texts: Texts) -> list[str]:
    """What was decided about posts like this one."""
    lines: list[str] = []
    for each in taste:
        what = client_name(each.what, house) if each.kind == "client" else each.what
        said = texts.get(LIKING[each.kind])
        told = said.format(approved=each.approved, decided=each.decided, what=what)
        lines += fold(told, "  ")
    return lines


def describe(choice: Choice, house: House, texts: Texts) -> str:
    """An act in words: what, as whom, where."""
    _ = texts.get
    verb = _(LOOK_IN if choice.is_look_in else VERBS[choice.verb.value])
    account = house.account(choice.account)
    if choice.verb is Verb.GESTURE or account is None:
        return verb
    site = _host(choice.target_url) if choice.network in SITES else ""
    return _("{verb} as {handle} on {network}").format(
        verb=verb, handle=account.handle, network=site or choice.network
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # no address that a browser would take either
        return ""


def because(reason: Reason) -> str:
    """A rule's sentence and where the rule stands."""
    sentence = reason.because or reason.rule
    return f"{sentence} ({reason.rule}, {reason.file}:{reason.line})"


def tell(card: Suggestion, action: Action | None, house: House, texts: Texts) -> str:
    """What has become of a card, and what comes next."""
    _ = texts.get
    state = _(STATES[card.state.value])
    if card.snoozed_until:
        return f"{card.id}: {state} ({local_time(card.snoozed_until, house)})."
    if card.state is SuggestionState.APPROVED and action is not None:
        if action.choice.channel is Channel.API:
            return _tell_sending(card, action, house, texts)
        if action.state is ActionState.PENDING:
            return f"{card.id}: {state}. " + _("Next: netbot perform --once, in your own browser.")
        state = _(STATES[action.state.value])
    return f"{card.id}: {state}."


def _tell_sending(card: Suggestion, action: Action, house: House, texts: Texts) -> str:
    """What has become of an act that netbot does itself."""
    _ = texts.get
    note = f" {_(action.note)}" if action.note else ""
    if action.state is ActionState.PENDING:
        time = local_time(action.not_before, house)
        after = _("It leaves {time}; until then: netbot undo {id}").format(time=time, id=card.id)
        return f"{card.id}: {_(STATES[card.state.value])}. {after}{note}"
    return f"{card.id}: {_(STATES[action.state.value])}.{note}"


def tell_act(action: Action, texts: Texts) -> str:
    """What has become of an act."""
    return f"{action.suggestion}: {texts.get(STATES[action.state.value])}."


def client_name(id: str, house: House) -> str:
    """The client's name, or the id of one no longer configured."""
    client = house.client(id)
    return client.name if client else id


def sphere_name(sphere: str, texts: Texts) -> str:
    """The sphere's name for people."""
    return texts.get(SPHERES.get(sphere, sphere))


def local_time(at: datetime, house: House) -> str:
    """Date and time where the user lives."""
    return f"{at.astimezone(ZoneInfo(house.time_zone)):%Y-%m-%d %H:%M}"
