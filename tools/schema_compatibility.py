"""The gate of the event schemas: says how a newer JSON Schema refuses or loses what an older one allowed; nothing else.

The rule (architecture.md "How data moves"): consumers read every past shape. So a field may be added when it is optional, and
what a field takes may grow; a field is never removed, renamed, narrowed, made required, or given another default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]

_FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("pattern", "format", "multipleOf", "uniqueItems")
_ABSENT = object()


def breaks(old: Schema, new: Schema) -> list[str]:
    """What a reader of `new` would refuse or miss of documents that `old` allowed, one sentence each; empty: compatible."""
    return list(_Comparison(old, new).schemas(old, new, "$"))


def missing(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """The events that are there no more, one sentence each."""
    return [f"{name}: the event is gone" for name in sorted(set(old) - set(new))]


class _Comparison:
    """One pair of documents; each side's `$ref` is looked up in its own `$defs`."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old.get("$defs", {})
        self._new = new.get("$defs", {})

    def schemas(self, old: Schema | bool, new: Schema | bool, path: str) -> Iterable[str]:
        before, after = _resolved(old, self._old), _resolved(new, self._new)
        choices = _alternatives(after)
        for alternative in _alternatives(before):
            yield from self._accepted(_resolved(alternative, self._old), choices, path)

    def _accepted(self, old: Schema, choices: list[Any], path: str) -> list[str]:
        """Nothing when one of `choices` takes all of `old`; else what the nearest of them lacks."""
        refusals = [list(self._single(old, _resolved(choice, self._new), path)) for choice in choices]
        if not all(refusals):
            return []
        alike = [
            refusal
            for refusal, choice in zip(refusals, choices, strict=True)
            if _resolved(choice, self._new).get("type") == old.get("type")
        ]
        return min(alike or refusals, key=len)

    def _single(self, old: Schema, new: Schema, path: str) -> Iterable[str]:
        if "type" in new and not _type_taken(old.get("type"), new["type"]):
            yield f"{path}: was {_name(old)}, now only {_name(new)}"
            return
        yield from _values(old, new, path)
        yield from _limits(old, new, path)
        yield from self._object(old, new, path)
        yield from self._array(old, new, path)

    def _object(self, old: Schema, new: Schema, path: str) -> Iterable[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name not in after:
                yield f"{path}.{name}: the field is gone"
                continue
            yield from self.schemas(schema, after[name], f"{path}.{name}")
            yield from _default(schema, after[name], f"{path}.{name}")
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{path}.{name}: " + ("the field became required" if name in before else "a new field is required")
        yield from self._others(old, new, path)

    def _others(self, old: Schema, new: Schema, path: str) -> Iterable[str]:
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if after is True or before is False:
            return
        if after is False or before is True:
            yield f"{path}: further fields are refused or narrower now"
            return
        yield from self.schemas(before, after, f"{path}.*")

    def _array(self, old: Schema, new: Schema, path: str) -> Iterable[str]:
        before, after = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(before) != len(after):
            yield f"{path}: had {len(before)} places, now {len(after)}"
        for place, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from self.schemas(one, other, f"{path}[{place}]")
        if "items" in new:
            yield from self.schemas(old.get("items", True), new["items"], f"{path}[]")


def _resolved(schema: Any, definitions: Mapping[str, Schema]) -> Schema:
    if schema is True:
        return {}
    if schema is False:
        return {"not": {}}
    while "$ref" in schema:
        found = definitions[schema["$ref"].rsplit("/", 1)[-1]]
        schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    resolved: Schema = schema
    return resolved


def _alternatives(schema: Schema) -> list[Any]:
    choices: list[Any] = list(schema.get("anyOf") or schema.get("oneOf") or [schema])
    return choices


def _type_taken(old: str | None, new: str) -> bool:
    return old == new or (old, new) == ("integer", "number")


def _name(schema: Schema) -> str:
    return str(schema.get("type", "anything"))


def _values(old: Schema, new: Schema, path: str) -> Iterable[str]:
    before, after = _listed(old), _listed(new)
    if after is None:
        return
    if before is None:
        yield f"{path}: any {_name(old)} was allowed, now only {sorted(map(str, after))}"
    elif lost := [value for value in before if value not in after]:
        yield f"{path}: {', '.join(map(repr, lost))} is allowed no more"


def _listed(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _limits(old: Schema, new: Schema, path: str) -> Iterable[str]:
    for key in _FLOORS:
        if key in new and (key not in old or new[key] > old[key]):
            yield f"{path}: {key} is {new[key]} now"
    for key in _CEILINGS:
        if key in new and (key not in old or new[key] < old[key]):
            yield f"{path}: {key} is {new[key]} now"
    for key in _EXACT:
        if key in new and new[key] != old.get(key):
            yield f"{path}: {key} is {new[key]} now"


def _default(old: Schema, new: Schema, path: str) -> Iterable[str]:
    before, after = old.get("default", _ABSENT), new.get("default", _ABSENT)
    if before is not _ABSENT and before != after:
        yield f"{path}: what an absent field means changed"
