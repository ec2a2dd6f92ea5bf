"""Whether a value is as a JSON Schema says, for the part of the language that our schemas use."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_KNOWN = {
    *("type", "properties", "required", "additionalProperties", "items"),
    *("enum", "format", "anyOf", "$ref"),
}


def faults(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str = "$"
) -> list[str]:
    """What does not fit, each with its place; a word of a schema that is not known here is one."""
    return list(_faults(value, schema, root, at))


def _faults(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str
) -> Iterator[str]:
    yield from (f"{at}: {word} is not known" for word in schema.keys() - _KNOWN)
    if "$ref" in schema:
        yield from _faults(value, _resolve(schema["$ref"], root), root, at)
    if "anyOf" in schema and all(faults(value, each, root, at) for each in schema["anyOf"]):
        yield f"{at}: fits none of them"
    kinds = schema.get("type", [])
    names = [kinds] if isinstance(kinds, str) else kinds
    if names and not any(_is(value, name) for name in names):
        yield f"{at}: is no {' or '.join(names)} but {value!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not listed"
    if schema.get("format") == "date-time" and isinstance(value, str):
        assert datetime.fromisoformat(value).tzinfo, at
    if isinstance(value, dict):
        yield from _in_object(value, schema, root, at)
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _faults(each, schema.get("items", {}), root, f"{at}[{number}]")


def _in_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: str
) -> Iterator[str]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    yield from (
        f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value
    )
    for name, each in value.items():
        if name in properties:
            yield from _faults(each, properties[name], root, f"{at}.{name}")
        elif others is False:
            yield f"{at}: {name} is not told of"
        else:
            yield from _faults(each, others, root, f"{at}.{name}")


def _is(value: Any, name: str) -> bool:
    return isinstance(value, _KINDS[name]) and (name == "boolean" or not isinstance(value, bool))


def _resolve(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found
