"""What a language model can do here: read, and propose. There is nothing that decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from netbot import app
from netbot.app import reading, wire
from netbot.model import NetbotError

#: JSON's names for the kinds of argument that there are.
KINDS: Mapping[str, type] = {"string": str, "boolean": bool}

Run = Callable[[app.Sphere, datetime, Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One thing that can be asked for."""

    name: str
    title: str
    description: str
    run: Run
    takes: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # name -> kind, what it is
    needs: tuple[str, ...] = ()  # which of them must be there
    writes: bool = False

    def as_json(self) -> dict[str, Any]:
        """As ``tools/list`` tells of it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": {
                    name: {"type": kind, "description": what}
                    for name, (kind, what) in self.takes.items()
                },
                "required": list(self.needs),
                "additionalProperties": False,
            },
            "annotations": {
                "readOnlyHint": not self.writes,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }


def call(
    tool: Tool, given: Any, home: Path, sphere: str, now: datetime
) -> tuple[dict[str, Any] | str, bool]:
    """What a tool answers, and whether it went wrong: then with a sentence, for a better try.

    The sphere is opened for this call alone, without its secrets.
    """
    fault = _find_fault(tool, given)
    if fault:
        return fault, True
    try:
        with app.open_sphere(home, sphere, now) as opened:
            return tool.run(opened, now, given), False
    except NetbotError as error:
        return str(error), True


def _find_fault(tool: Tool, given: Any) -> str:
    if not isinstance(given, dict):
        return "arguments must be an object"
    for name in tool.needs:
        if name not in given:
            return f"“{name}” is missing"
    for name, value in given.items():
        if name not in tool.takes:
            return f"“{name}” is unknown to {tool.name}"
        kind = tool.takes[name][0]
        if not isinstance(value, KINDS[kind]):
            return f"“{name}” must be a {kind}"
    return ""


def _queue(sphere: app.Sphere, now: datetime, given: Mapping[str, Any]) -> dict[str, Any]:
    return reading.queue(sphere, now, everything=given.get("all", False))


def _card(sphere: app.Sphere, _now: datetime, given: Mapping[str, Any]) -> dict[str, Any]:
    return reading.card(sphere, given["id"])


def _clients(sphere: app.Sphere, _now: datetime, _given: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": wire.VERSION, "items": reading.clients(sphere)}


def _outbox(sphere: app.Sphere, now: datetime, _given: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": wire.VERSION, **reading.outbox(sphere, now)}


def _propose(sphere: app.Sphere, now: datetime, given: Mapping[str, Any]) -> dict[str, Any]:
    return reading.wish(sphere, now, **given)


TOOLS = (
    Tool(
        name="read_queue",
        title="Read the queue",
        description="The cards that wait for the human today, best first, with the reasons.",
        run=_queue,
        takes={"all": ("boolean", "Also the cards beyond the daily limit.")},
    ),
    Tool(
        name="show_card",
        title="Show a card",
        description="One card in full: the post's text, the draft, why it is there.",
        run=_card,
        takes={"id": ("string", "The card's id, such as professional-17.")},
        needs=("id",),
    ),
    Tool(
        name="list_clients",
        title="List the clients",
        description="The clients of this sphere, and when each last heard from the human.",
        run=_clients,
    ),
    Tool(
        name="read_outbox",
        title="Read the outbox",
        description="What the human approved that is not over: waiting, by hand, in trouble.",
        run=_outbox,
    ),
    Tool(
        name="propose_post",
        title="Propose a post",
        description="Queue a post that deserves a kind word. That approves nothing: its card"
        " waits for the human. netbot does not open the address.",
        run=_propose,
        takes={
            "url": ("string", "The post's address."),
            "client": ("string", "Whose it is, by id, where the address does not tell."),
            "title": ("string", "Its title."),
            "text": ("string", "What it says, for the human's rules."),
        },
        needs=("url",),
        writes=True,
    ),
)
