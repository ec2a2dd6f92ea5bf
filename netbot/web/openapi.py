"""What the API is, for programs that make programs: an OpenAPI 3.1 document."""

from collections.abc import Mapping
from typing import Any

from netbot import __version__
from netbot.model import (
    ActionState,
    Channel,
    ClientStatus,
    EngagementKind,
    Ruling,
    SuggestionState,
    Verb,
)

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
PERHAPS_TEXT: Schema = {"type": ["string", "null"]}
TIME: Schema = {"type": "string", "format": "date-time"}
PERHAPS_TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}


def document(sphere: str, address: str) -> dict[str, Any]:
    """The description of the API at that address, for one sphere."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "netbot",
            "version": __version__,
            "description": "Read one sphere, and propose posts. Nothing here decides: that is the"
            " human's alone.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": address}],
        "security": [{"token": []}],
        "paths": {
            "/openapi.json": _get("describe", "This document.", {"type": "object"}),
            f"/{sphere}/queue": _get(
                "queue", "The cards of today, best first.", _ref("Queue"), _ALL
            ),
            f"/{sphere}/cards/{{id}}": _get("card", "One card in full.", _ref("Card"), _ID, 404),
            f"/{sphere}/clients": _get(
                "clients", "The clients, and when each last heard from you.", _ref("Clients")
            ),
            f"/{sphere}/outbox": _get(
                "outbox", "What was approved and is not over.", _ref("Outbox")
            ),
            f"/{sphere}/propose": {"post": _PROPOSE},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


_ALL: Schema = {
    "name": "all",
    "in": "query",
    "description": "1: also the cards beyond the daily limit.",
    "schema": {"type": "string", "enum": ["1"]},
}
_ID: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "A card, such as professional-17.",
    "schema": TEXT,
}
_SAID = {
    400: "The body is no JSON object of texts.",
    401: "There was no good token.",
    403: "The token opens something else.",
    404: "There is no such card.",
    409: "A rule of the house forbids it.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The proposal makes no sense as it is.",
    429: "Too many tokens that are none; Retry-After says how long to wait.",
    503: "The sphere cannot be opened now.",
}
_ALWAYS = (401, 403, 429, 503)


def _get(
    name: str, summary: str, gives: Schema, parameter: Schema | None = None, *further: int
) -> Schema:
    operation: Schema = {
        "operationId": name,
        "summary": summary,
        "responses": {"200": _answer("So it stands.", gives), **_failures(*_ALWAYS, *further)},
    }
    return {"get": operation | ({"parameters": [parameter]} if parameter else {})}


def _answer(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _failures(*statuses: int) -> Schema:
    return {str(each): _answer(_SAID[each], _ref("Error")) for each in sorted(statuses)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_PROPOSE: Schema = {
    "operationId": "propose",
    "summary": "Queue a post that you found; the human decides about it.",
    "description": "netbot does not open the address. The same story again is the same card.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _ref("Proposal")}},
    },
    "responses": {
        "201": _answer("Its card waits.", _ref("Proposed")),
        **_failures(*_ALWAYS, 400, 409, 413, 415, 422),
    },
}


def _object(properties: Mapping[str, Schema], *optional: str) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _enum(words: Any) -> Schema:
    return {"type": "string", "enum": [each.value for each in words]}


def _perhaps(name: str) -> Schema:
    return {"anyOf": [_ref(name), {"type": "null"}]}


def _schemas() -> Schema:
    place: Schema = {
        "verb": _enum(Verb),
        "target_url": TEXT,
        "account": PERHAPS_TEXT,
        "channel": _enum(Channel),
        "network": TEXT,
    }
    item: Schema = {
        "id": TEXT,
        "sphere": TEXT,
        "client": TEXT,
        "client_name": TEXT,
        **place,
        "title": TEXT,
        "excerpt": TEXT,
        "language": PERHAPS_TEXT,
        "published_at": PERHAPS_TIME,
        "draft": TEXT,
        "verdict": _enum(Ruling),
        "why": _list(_ref("Reason")),
        "score": _object(
            {"total": NUMBER, "parts": {"type": "object", "additionalProperties": NUMBER}}
        ),
        "state": _enum(SuggestionState),
        "alternatives": _list(_object(place)),
        "favours": _list(_ref("Favour")),
        "created_at": TIME,
        "expires_at": TIME,
        "snoozed_until": PERHAPS_TIME,
    }
    whole = {"text": TEXT, "taste": _list(_ref("Taste")), "action": _perhaps("Act")}
    acts = _list(_ref("Act"))
    return {
        "Queue": _object(
            {"version": WHOLE, "items": _list(_ref("Item")), "paused": _perhaps("Pause")}
        ),
        "Item": _object(item),
        "Card": _object(item | whole),
        "Clients": _object({"version": WHOLE, "items": _list(_ref("Client"))}),
        "Outbox": _object(
            {"version": WHOLE, "waiting": acts, "by_hand": acts, "later": acts, "troubles": acts}
        ),
        "Proposal": _object(
            {"url": TEXT, "client": TEXT, "title": TEXT, "text": TEXT}, "client", "title", "text"
        ),
        "Proposed": _object({"version": WHOLE, "item": _ref("Item")}),
        "Error": _object({"error": TEXT}),
        **_small_schemas(),
    }


def _small_schemas() -> Schema:
    return {
        "Reason": _object(
            {
                "rule": TEXT,
                "file": TEXT,
                "line": WHOLE,
                "matched": TEXT,
                "because": TEXT,
                "measured": _list({"type": "object"}),
            },
            "measured",
        ),
        "Favour": _object(
            {
                "kind": _enum(EngagementKind),
                "at": TIME,
                "url": TEXT,
                "object_url": PERHAPS_TEXT,
                "text": TEXT,
            }
        ),
        "Taste": {"type": "object"},
        "Pause": _object({"since": PERHAPS_TIME, "why": TEXT, "restored": TRUTH}),
        "Client": _object(
            {
                "sphere": TEXT,
                "id": TEXT,
                "name": TEXT,
                "status": _enum(ClientStatus),
                "last_touch": PERHAPS_TIME,
            }
        ),
        "Act": _object(
            {
                "id": TEXT,
                "client": TEXT,
                "verb": _enum(Verb),
                "network": TEXT,
                "account": PERHAPS_TEXT,
                "channel": _enum(Channel),
                "target_url": TEXT,
                "text": TEXT,
                "state": _enum(ActionState),
                "approval_hash": TEXT,
                "not_before": TIME,
                "expires_at": TIME,
                "take_back": TRUTH,
                "note": PERHAPS_TEXT,
            }
        ),
    }
