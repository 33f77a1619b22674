"""One request for every operation of the merged OpenAPI document: real ids in its path, a body that its schema takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

PREFIX = "/api/v1"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Request:
    """What is sent for an operation. `names` are the parameters of its path."""

    method: str
    template: str
    path: str
    names: frozenset[str]
    public: bool
    params: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    upload: bool = False

    @property
    def operation(self) -> str:
        """As a person names it."""
        return f"{self.method} {self.template}"

    @property
    def said(self) -> str:
        """Everything that the request itself tells."""
        return f"{self.path} {self.params} {self.body}"

    async def by(self, client: httpx.AsyncClient, headers: Mapping[str, str]) -> tuple[int, str]:
        """Send it: status and text. Of a stream only the status is waited for."""
        more: dict[str, Any] = {"files": {"file": ("a.csv", b"name\nx\n", "text/csv")}} if self.upload else {}
        if self.body is not None:
            more["json"] = self.body
        send = client.build_request(self.method, self.path, params=self.params, headers=dict(headers), **more)
        answer = await client.send(send, stream=True)
        try:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                return answer.status_code, ""
            return answer.status_code, (await answer.aread()).decode("utf-8", "replace")
        finally:
            await answer.aclose()


def every_request(document: dict[str, Any], ids: Mapping[str, str], values: Mapping[str, Any]) -> Iterator[Request]:
    """A request an operation. `ids` fill paths, `values` the members of bodies and the parameters by name."""
    for template, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                yield _request(document, template, method, operations[method], ids, values)


def _request(
    document: dict[str, Any],
    template: str,
    method: str,
    operation: dict[str, Any],
    ids: Mapping[str, str],
    values: Mapping[str, Any],
) -> Request:
    parameters = [_resolved(document, one) for one in operation.get("parameters", [])]
    names = frozenset(one["name"] for one in parameters if one["in"] == "path")
    path = template.removeprefix(PREFIX)
    for name in names:
        path = path.replace(f"{{{name}}}", ids[name])
    asked = {
        one["name"]: values[one["name"]] if one["name"] in values else sample(document, one["schema"], values)
        for one in parameters
        if one["in"] == "query" and (one.get("required") or one["name"] in values)
    }
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    body = None if schema is None else sample(document, schema, values)
    public = operation.get("security") == []
    return Request(method.upper(), template, path, names, public, asked, body, upload="multipart/form-data" in content)


def sample(document: dict[str, Any], schema: dict[str, Any], values: Mapping[str, Any]) -> Any:
    """A small value of a schema: what it requires, and the members that `values` names."""
    schema = _resolved(document, schema)
    if "const" in schema or "enum" in schema:
        return schema.get("const", next(iter(schema.get("enum", [None]))))
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return sample(document, schema[several][0], values)
    kind = schema.get("type")
    if kind == "object":
        required = set(schema.get("required", []))
        return {
            name: values[name] if name in values else sample(document, one, values)
            for name, one in schema.get("properties", {}).items()
            if name in required or name in values
        }
    if kind == "array":
        return [sample(document, schema.get("items", {}), values) for _ in range(schema.get("minItems", 0))]
    simple = {"integer": int(schema.get("minimum", 1)), "number": 1.0, "boolean": True, "null": None}
    return simple[kind] if kind in simple else "x" * max(2, schema.get("minLength", 2))


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


__all__ = ("Request", "every_request", "sample")
