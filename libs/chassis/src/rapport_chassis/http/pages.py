"""Keyset pages: `?limit=&after=` → `{"items", "next"}`; a cursor is opaque to clients and checked when it comes back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from fastapi import Query

from rapport_chassis.problems import FieldError, Invalid

Limit = Annotated[int, Query(ge=1, le=500, description="how many items at most")]
After = Annotated[str | None, Query(max_length=2_000, description="`next` of the page before")]


def page(items: Sequence[Any], next_: str | None) -> dict[str, Any]:
    """The body of a list's answer."""
    return {"items": list(items), "next": next_}


def encode_cursor(*parts: Any) -> str:
    """An opaque cursor of JSON values."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(cursor: str, *types: type) -> list[Any]:
    """The parts of a cursor, each of its type. Raises `Invalid` 422 `validation_failed` for one that is not ours."""
    try:
        said = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        parts = orjson.loads(said)
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error
    if not isinstance(parts, list) or len(parts) != len(types) or b"\\u0000" in said:  # no key of ours holds NUL
        raise _not_ours()
    if not all(isinstance(part, type_) for part, type_ in zip(parts, types, strict=True)):
        raise _not_ours()
    return parts


def _not_ours() -> Invalid:
    detail = "“after” must be the “next” of a page."
    return Invalid(detail, FieldError("after", "cursor", detail))
