"""The gateway's own paths and the shape of problems, for the merged OpenAPI document."""

from __future__ import annotations

from typing import Any

from rapport_gateway.domain.changes import TOPIC_WORDS, TYPES
from rapport_gateway.domain.routing import PREFIX, SERVICES

_TEXT = {"type": "string"}


def _json(schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _reads(name: str, words: str, schema: dict[str, Any], tag: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    responses = {"200": _json(schema, "what there is")}
    operation = {"operationId": name, "summary": words, "tags": [tag], "parameters": list(parameters)}
    return {"get": operation | {"responses": responses}}


def _query(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": words}


def _list_of(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next", "missing"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": ["string", "null"]},
            "missing": {"type": "array", "items": _TEXT, "description": "services that do not answer now"},
        },
    }


_LIMIT = _query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, "how many items at most")
_AFTER = _query("after", {"type": "string", "maxLength": 2000}, "`next` of the page before")
_TOPICS = _query(
    "topics",
    {"type": "string", "examples": ["customers,jobs"]},
    f"comma-separated, of {', '.join(sorted(TOPIC_WORDS))}; all when left out",
)
_ANY_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": True}

PROBLEMS = {
    "description": "a problem document (RFC 9457) with a stable `code`",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}

OWN_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "a stable word", "examples": ["not_found"]},
            "detail": {"type": "string", "description": "a sentence for a person"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemField"}},
            "current": {"description": "what it is now, with 412 `stale_version`"},
        },
    },
    "ProblemField": {
        "type": "object",
        "required": ["field", "code", "detail"],
        "properties": {"field": _TEXT, "code": _TEXT, "detail": _TEXT},
    },
    "Job": {
        "type": "object",
        "required": ["id", "kind", "state", "progress", "result", "error", "version"],
        "properties": {
            "id": _TEXT,
            "kind": _TEXT,
            "state": {"enum": ["queued", "running", "paused", "done", "failed", "cancelled"]},
            "progress": {
                "type": "object",
                "required": ["done", "total"],
                "properties": {"done": {"type": "integer"}, "total": {"type": ["integer", "null"]}},
            },
            "result": {"type": ["object", "null"]},
            "error": {"type": ["object", "null"]},
            "created_by": {"type": ["string", "null"]},
            "created_at": {"type": "string", "format": "date-time"},
            "updated_at": {"type": "string", "format": "date-time"},
            "version": {"type": "integer"},
        },
    },
    "System": {
        "type": "object",
        "required": ["gateway", "services"],
        "properties": {
            "gateway": _ANY_OBJECT,
            "services": {
                "type": "object",
                "description": "by name: `ok`, outbox, parked messages, lag of each consumer",
                "properties": dict.fromkeys(SERVICES, _ANY_OBJECT),
            },
        },
    },
}

_LIVE_WORDS = (
    f"Server-sent events. `event: change` with `{{type, id, version}}` (types {', '.join(TYPES)}; id `*`: many changed), "
    "`event: job` with the job, `event: reset` after a gap: reload what you show."
)
_LIVE: dict[str, Any] = {
    "get": {
        "operationId": "live",
        "summary": "Changes as they happen",
        "description": _LIVE_WORDS,
        "tags": ["live"],
        "parameters": [_TOPICS],
        "responses": {"200": {"description": "an endless stream", "content": {"text/event-stream": {"schema": _TEXT}}}},
    }
}

OWN_PATHS: dict[str, Any] = {
    f"{PREFIX}/jobs": _reads(
        "list_jobs",
        "Jobs of all services, newest first: one's own, everybody's with `system.view`",
        _list_of({"$ref": "#/components/schemas/Job"}),
        "jobs",
        _LIMIT,
        _AFTER,
    ),
    f"{PREFIX}/parked-messages": _reads(
        "list_parked_messages",
        "Messages that failed for good and wait for a person, of all services",
        _list_of(_ANY_OBJECT),
        "operation",
        _LIMIT,
        _AFTER,
    ),
    f"{PREFIX}/system": _reads("system", "How the services are", {"$ref": "#/components/schemas/System"}, "operation"),
    f"{PREFIX}/live": _LIVE,
}
