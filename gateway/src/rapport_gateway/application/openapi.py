"""One OpenAPI 3.1 document of all services: public paths only, one name each, problems and security said once (G2)."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rapport_gateway.application.openapi_own import OWN_PATHS, OWN_SCHEMAS, PROBLEMS
from rapport_gateway.domain.routing import PREFIX, WEBHOOKS, Routes

Document = dict[str, Any]
_VERBS = ("get", "put", "post", "delete", "patch", "head", "options")
_SHARED = ("/jobs", "/parked-messages")
_WRITES = ("put", "post", "delete", "patch")


def merged(documents: Mapping[str, Document], routes: Routes) -> Document:
    """The public document from each service's own (by service name); a path that the gateway does not route is left out."""
    out: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Rapport",
            "version": "1",
            "description": "The public API of Rapport, merged over its services.",
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}, {"bearer": []}],
        "paths": {},
        "components": {
            "schemas": copy.deepcopy(OWN_SCHEMAS),
            "responses": {"Problem": PROBLEMS},
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }
    for service, document in documents.items():
        _take(out, service, copy.deepcopy(document), routes)
    for path, item in OWN_PATHS.items():
        out["paths"].setdefault(path, {}).update(copy.deepcopy(item))
    _finish(out, routes)
    return out


_SECURITY_SCHEMES: Document = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "rapport_session",
        "description": "set by POST /auth/sign-in",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "`csrf_token` of the sign-in or of GET /auth/me; on writes with a session cookie",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "an API key of POST /api-keys"},
}


def _take(out: Document, service: str, document: Document, routes: Routes) -> None:
    renamed = _merge_schemas(out["components"]["schemas"], service, document.get("components", {}).get("schemas", {}))
    for path, item in document.get("paths", {}).items():
        public = _public_path(service, path, item, routes)
        if public is None or public in out["paths"]:
            continue
        out["paths"][public] = _with_refs(item, renamed)


def _public_path(service: str, path: str, item: Document, routes: Routes) -> str | None:
    if path.startswith("/webhooks/"):
        return path if service == WEBHOOKS.service else None
    if path.startswith(_SHARED):
        return f"{PREFIX}{path}"
    filled = re.sub(r"\{[^}]*\}", "x", path)
    found = [rule for verb in _VERBS if verb in item and (rule := routes.find(verb.upper(), filled))]
    return f"{PREFIX}{path}" if found and all(rule.service == service for rule in found) else None


def _merge_schemas(known: Document, service: str, schemas: Document) -> dict[str, str]:
    """Add `schemas`; of two different ones with one name the second gets its service's name before. old name → new."""
    dropped = {"HTTPValidationError", "ValidationError"}
    taken = {name: schema for name, schema in schemas.items() if name not in dropped}
    renamed = {
        name: f"{service.capitalize()}{name}" if name in known and known[name] != schema else name
        for name, schema in taken.items()
    }
    known.update({renamed[name]: _with_refs(schema, renamed) for name, schema in taken.items()})
    return renamed


def _with_refs(node: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            key: _ref(value, renamed) if key == "$ref" else _with_refs(value, renamed) for key, value in node.items()
        }
    if isinstance(node, list):
        return [_with_refs(one, renamed) for one in node]
    return node


def _ref(value: Any, renamed: Mapping[str, str]) -> Any:
    prefix = "#/components/schemas/"
    if not isinstance(value, str) or not value.startswith(prefix):
        return value
    name = value.removeprefix(prefix)
    return prefix + renamed.get(name, name)


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """`(verb, path, operation)` of a document."""
    for path, item in document["paths"].items():
        for verb in _VERBS:
            if verb in item:
                yield verb, path, item[verb]


def _finish(out: Document, routes: Routes) -> None:
    named: set[str] = set()
    for verb, path, operation in operations(out):
        operation["operationId"] = _operation_id(operation.get("operationId", ""), verb, path, named)
        _describe_refusals(operation)
        _describe_headers(operation, verb)
        _describe_security(operation, verb, path, routes)
    out["paths"] = dict(sorted(out["paths"].items()))
    out["components"]["schemas"] = dict(sorted(out["components"]["schemas"].items()))


def _operation_id(generated: str, verb: str, path: str, named: set[str]) -> str:
    """The function's name, which FastAPI follows with path and verb; path and verb as well when another has it."""
    bare = path.removeprefix(PREFIX)
    tail = re.sub(r"\W", "_", f"{bare}") + f"_{verb}"
    name = generated.removesuffix(tail) or tail.strip("_")
    if name in named:
        name = f"{name}{tail}"
    while name in named:
        name += "_"
    named.add(name)
    return name


def _describe_refusals(operation: Document) -> None:
    responses: Document = operation.setdefault("responses", {})
    responses.pop("422", None)
    for status in ("4XX", "5XX"):
        responses[status] = {"$ref": "#/components/responses/Problem"}


def _describe_headers(operation: Document, verb: str) -> None:
    """The services take these themselves, so that their own words are said when one is missing: here they are as meant."""
    parameters: list[Document] = operation.get("parameters", [])
    operation["parameters"] = [one for one in parameters if verb == "post" or one.get("name") != "Idempotency-Key"]
    for one in parameters:
        if one.get("name") == "If-Match":
            one |= {"required": True, "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'}}


def methods_at(document: Document, path: str) -> list[str]:
    """The methods that the document knows for a path as it was asked (RFC 9110: what `Allow` says), upper case."""
    fitting: dict[str, set[str]] = {}
    for verb, template, _ in operations(document):
        if re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)), path):
            fitting.setdefault(template, set()).add(verb.upper())
    if not fitting:
        return []
    # `/users/{id}` fits `/users/1:verb` too: the template that says most of the path is meant
    return sorted(fitting[max(fitting, key=lambda template: len(re.sub(r"\{[^}]*\}", "", template)))])


def _describe_security(operation: Document, verb: str, path: str, routes: Routes) -> None:
    if not path.startswith(PREFIX):
        operation["security"] = []
        return
    rule = routes.find(verb.upper(), re.sub(r"\{[^}]*\}", "x", path.removeprefix(PREFIX)))
    if rule is not None and rule.public:
        operation["security"] = []
    elif verb in _WRITES:
        operation["security"] = [{"session": [], "csrf": []}, {"bearer": []}]
