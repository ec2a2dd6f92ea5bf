"""Cards, slips and timelines as text for a terminal."""

import textwrap
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from netbot.cli.wire import excerpt
from netbot.engine import Queue
from netbot.model import (
    Action,
    ActionState,
    Choice,
    Handoff,
    House,
    Reason,
    Ruling,
    Suggestion,
    SuggestionState,
    Touch,
    Verb,
)
from netbot.text import PARTS, SPHERES, STATES, VERBS, Texts

WIDTH = 88


def bold(text: str) -> str:
    """Heavier, where a terminal shows it."""
    return typer.style(text, bold=True)


def dim(text: str) -> str:
    """Lighter, where a terminal shows it."""
    return typer.style(text, dim=True)


def paint_queue(queue: Queue, house: House, texts: Texts) -> str:
    """One sphere's queue: a heading and three lines a card."""
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
        lines += ["  " + _("{n} more wait for another day.").format(n=queue.more), ""]
    return "\n".join(lines)


def paint_line(card: Suggestion, house: House, texts: Texts) -> list[str]:
    """A card in brief."""
    _ = texts.get
    title = card.post.post.title or excerpt(card.post.post.text)
    when = local_time(card.post.post.published_at or card.post.first_seen_at, house)
    act = f"{_('Suggestion:')} {describe(card.choice, house, texts)}"
    return [
        f"  {bold(card.id)}  {title}",
        f"    {client_name(card.client, house)} · {when} · {act}",
        *(f"    {dim(because(reason))}" for reason in card.verdict.reasons[:1]),
    ]


def paint_card(
    card: Suggestion,
    house: House,
    action: Action | None,
    timeline: Sequence[Touch],
    texts: Texts,
) -> str:
    """A card in full."""
    _ = texts.get
    post = card.post.post
    lines = [
        bold(f"{client_name(card.client, house)}"),
        f"{sphere_name(house.sphere, texts)} · {describe(card.choice, house, texts)}",
        f"{local_time(post.published_at or card.post.first_seen_at, house)} · {post.url}",
        "",
        bold(post.title) if post.title else "",
        textwrap.fill(excerpt(post.text), WIDTH),
        "",
    ]
    if card.verdict.ruling is Ruling.ASK:
        lines.append(_("A rule hesitates: look before you decide."))
    if card.draft:
        lines += [_("Draft:"), textwrap.indent(card.draft, "  "), ""]
    lines += [f"{_('Why:')} {because(reason)}" for reason in card.verdict.reasons]
    lines.append(f"{_('Score:')} {paint_score(card, texts)}")
    if card.alternatives:
        others = ", ".join(describe(choice, house, texts) for choice in card.alternatives)
        lines.append(f"{_('Or:')} {others}")
    lines += [paint_touch(touch, texts) for touch in timeline]
    lines.append(tell(card, action, texts))
    return "\n".join(lines)


def paint_slip(action: Action, handoff: Handoff, house: House, texts: Texts) -> str:
    """What the human needs to act in the own browser."""
    _ = texts.get
    lines = [
        bold(f"{action.suggestion} · {describe(action.choice, house, texts)}"),
        f"  {_('Open:')} {handoff.url}",
    ]
    if handoff.text:
        hint = _("The address carries the text.") if handoff.prefilled else _("Paste this text:")
        lines += [f"  {hint}", textwrap.indent(handoff.text, "    ")]
    lines.append(
        "  " + _("Then: netbot done {id}, or netbot not-done {id}").format(id=action.suggestion)
    )
    return "\n".join(lines)


def paint_touch(touch: Touch, texts: Texts) -> str:
    """One contact in a line."""
    kind = texts.get(VERBS.get(touch.kind, touch.kind))
    arrow = "→" if touch.direction.value == "out" else "←"
    return f"  {touch.at:%Y-%m-%d} {arrow} {kind}" + (f": {touch.text}" if touch.text else "")


def paint_score(card: Suggestion, texts: Texts) -> str:
    """The score and its parts."""
    parts = ", ".join(
        f"{texts.get(PARTS.get(name, name))} {value:+g}" for name, value in card.score.parts.items()
    )
    return f"{card.score.total:g} ({parts})"


def describe(choice: Choice, house: House, texts: Texts) -> str:
    """An act in words: what, as whom, where."""
    _ = texts.get
    verb = _(VERBS[choice.verb.value])
    account = house.account(choice.account)
    if choice.verb is Verb.GESTURE or account is None:
        return verb
    return _("{verb} as {handle} on {network}").format(
        verb=verb, handle=account.handle, network=choice.network
    )


def because(reason: Reason) -> str:
    """A rule's sentence and where the rule stands."""
    sentence = reason.because or reason.rule
    return f"{sentence} ({reason.rule}, {reason.file}:{reason.line})"


def tell(card: Suggestion, action: Action | None, texts: Texts) -> str:
    """What has become of a card, and what comes next."""
    _ = texts.get
    state = _(STATES[card.state.value])
    if card.state is SuggestionState.APPROVED and action is not None:
        if action.state is ActionState.PENDING:
            return f"{card.id}: {state}. " + _("Next: netbot perform --once, in your own browser.")
        state = _(STATES[action.state.value])
    return f"{card.id}: {state}."


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
