"""The border that text crosses once: what no database can keep is refused before any route sees it (ADR 0136).

That is NUL, which PostgreSQL's text refuses, and half of a surrogate pair, which no UTF-8 can say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from rapport_chassis.http.problem_response import problem_response
from rapport_chassis.peers import Asgi
from rapport_chassis.problems import FieldError, Invalid, NotFound, Problem

CODE: Final = "unstorable_text"
_SUSPECT: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_NUL: Final = "\x00"


class TextBorder:
    """ASGI middleware: 422 with the field's place for a JSON body or a query, 404 for a path, that holds such text."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_address(scope)
            if _is_json(scope):
                receive = await _checked_body(receive)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _check_address(scope: Any) -> None:
    if _NUL in scope["path"]:
        raise NotFound
    query: bytes = scope["query_string"]
    if b"%00" in query or b"\x00" in query:
        raise _refused([name for name, value in parse_qsl(query.decode("latin-1")) if _NUL in value] or ["query"])


def _is_json(scope: Any) -> bool:
    return any(name == b"content-type" and b"json" in value.lower() for name, value in scope["headers"])


async def _checked_body(receive: Any) -> Any:
    """A `receive` that brings the body again, which was read and holds nothing unstorable. Raises `Invalid`."""
    messages = []
    more = True
    while more:
        messages.append(await receive())
        more = messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False)
    _check_json(b"".join(one.get("body", b"") for one in messages))
    again = iter(messages)

    async def repeated() -> Any:
        known = next(again, None)
        return await receive() if known is None else known

    return repeated


def _check_json(body: bytes) -> None:
    if not _SUSPECT.search(body):
        return
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return  # no JSON: the route says so in its own words
    if places := list(dict.fromkeys(_places(document))):
        raise _refused(places)


def _places(document: Any) -> Iterator[str]:
    """Where in the document; a key that cannot be kept is told as its parent."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str):
            if _UNSTORABLE.search(value):
                yield place or "body"
        elif isinstance(value, list):
            waiting += [(_below(place, number), each) for number, each in enumerate(value)]
        elif isinstance(value, dict):
            if any(_UNSTORABLE.search(name) for name in value):
                yield place or "body"
            else:
                waiting += [(_below(place, name), each) for name, each in value.items()]


def _below(place: str, name: str | int) -> str:
    return f"{place}.{name}" if place else str(name)


def _refused(places: list[str]) -> Invalid:
    detail = "This text holds a character that cannot be kept (NUL, or half of one beyond the basic plane)."
    errors = [FieldError(place, CODE, detail) for place in sorted(places)]
    return Invalid(f"{errors[0].field}: {detail}", *errors)
